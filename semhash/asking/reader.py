"""From a text to what is asked: its signs read, who may be found, and words that no document has."""

from dataclasses import replace

from semhash.asking.filters import Filters, Passing
from semhash.asking.grammar import Parsed, may_have_operators, parse
from semhash.asking.questions import Asked, by_text
from semhash.asking.understood import Understood
from semhash.asking.where import Where, is_key
from semhash.opened_index import OpenedIndex

__all__ = ["QuestionReader"]

_LONG = 20  # words: who typed so many is not helped by a guess at one
_KEYS_KEPT = 1000
_NO_SIGNS = (
    'it is a sentence, so its signs (quotes, "-", "*", ":") are taken for text; they count in a question that does not '
    "end with a full stop"
)


class QuestionReader:
    """Reads questions to one index.

    Parameters
    ----------
    index : OpenedIndex
    """

    def __init__(self, index: OpenedIndex) -> None:
        self._index = index
        self._filters = Filters()
        self._keys: dict[str, bool] = {}

    def passing(self, where: Where | None) -> Passing | None:
        """Return what passes a filter; None where there is none.

        Raises
        ------
        ConfigError
            No document has a key or a value of it.
        """
        return self._filters.passing(self._index, where) if where else None

    def parsed(self, text: str, *, plain: bool = False) -> Parsed:
        """Take a question apart; all of it is words if `plain`."""
        return Parsed(text) if plain or not may_have_operators(text) else parse(text, self._is_key)

    def read(
        self,
        text: str,
        where: Where | None = None,
        *,
        plain: bool = False,
        exact: bool = False,
        suggests: bool = True,
    ) -> Understood:
        """Say what a text asks for.

        Parameters
        ----------
        text : str
        where : mapping of str to str or iterable of str, or None
            A filter beside those of the text: see `semhash.asking.where.select`.
        plain : bool
            Take all of the text for words.
        exact : bool
            Find words only as they are written.
        suggests : bool
            Suggest words also where some are known.

        Raises
        ------
        ConfigError
            No document has a key or a value of `where`.
        """
        passing, parsed = self.passing(where), self.parsed(text, plain=plain)
        if exact or not parsed.is_plain:
            from semhash.asking.restriction import restricted  # here, since most questions need none

            found = restricted(self._index, self._filters, text, parsed, passing, exact=exact)
        else:
            n_passing = None if passing is None else len(passing.rows)
            remarks = (_NO_SIGNS,) if parsed.signs_ignored else ()
            asked = by_text(self._index, text)
            found = Understood(asked, passing, n_passing, self._index, parsed, remarks=remarks)
        return found if exact or not found.asked.unknown else self._suggested(found, suggests=suggests)

    def of_document(self, asked: Asked, where: Where | None) -> Understood:
        """Say what a document of the index asks for, with a filter or none; as `read`."""
        passing = self.passing(where)
        n_passing = None if passing is None else len(passing.rows)
        return Understood(asked, passing, n_passing, self._index, Parsed(asked.question.name))

    def _is_key(self, name: str) -> bool:
        found = self._keys.get(name)
        if found is None:
            if len(self._keys) >= _KEYS_KEPT:
                self._keys.clear()
            found = self._keys[name] = is_key(self._index.catalogue, name)
        return found

    def _suggested(self, found: Understood, *, suggests: bool) -> Understood:
        """Suggest words for those that no document has, and look for them where nothing else is asked."""
        asked = found.asked
        alone = not len(asked.question.terms.indices) and not found.parsed.wanted.phrases
        if not alone and (not suggests or len(found.parsed.words.split()) > _LONG):
            return found
        from semhash.asking.suggestions import suggestions  # here, since few questions need it

        suggested = suggestions(self._index, asked.unknown)
        if suggested and alone:
            suggested = [replace(one, used=True) for one in suggested]
            instead = " ".join(one.instead[0] for one in suggested)
            asked = by_text(self._index, instead, name=asked.question.name)
        return replace(found, asked=asked, suggestions=tuple(suggested))
