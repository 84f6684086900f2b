"""What a question asks for, once it is read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semhash.asking.filters import Passing
from semhash.asking.grammar import Parsed
from semhash.asking.questions import Asked
from semhash.ranking.request import Parts

if TYPE_CHECKING:
    from semhash.asking.suggestions import Suggestion
    from semhash.asking.texts import PhraseFilter, Texts

__all__ = ["Understood"]


@dataclass(frozen=True, slots=True, eq=False)
class Understood:
    """What a question asks for.

    Attributes
    ----------
    asked : Asked
        What is ranked by.
    passing : Passing or None
        What may be found at all; None for everything.
    n_passing : int or None
        How many documents pass its filters, and those given beside it; None without any.
    parts : Parts
        What is ranked with.
    parsed : Parsed
        The question taken apart.
    keeps : PhraseFilter or None
        Says which documents hold its phrases; None where it has none.
    texts : Texts or None
        The texts that are read for it.
    suggestions : tuple of Suggestion
        Words for those that no document has.
    remarks : tuple of str
        What is to be told.
    """

    asked: Asked
    passing: Passing | None
    n_passing: int | None
    parts: Parts
    parsed: Parsed
    keeps: "PhraseFilter | None" = None
    texts: "Texts | None" = None
    suggestions: "tuple[Suggestion, ...]" = ()
    remarks: tuple[str, ...] = ()

    def told(self) -> tuple[str, ...]:
        """Return what is to be told once hits were looked for."""
        return self.remarks if self.texts is None else (*self.remarks, *self.texts.remarks())
