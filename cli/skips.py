"""What is said of files and rows that were skipped, or are odd, and of files whose encoding was guessed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .console import say

if TYPE_CHECKING:
    from semhash.corpus.document import ReadAs

__all__ = ["say_guessed", "say_skipped"]

_NAMED = 3
_UNSURE = 0.9


def say_skipped(
    skipped: Mapping[str, int], which: str, quiet: bool, remarks: Mapping[str, int] | None = None
) -> None:
    """Say how many were skipped and why, and once what to install where a package is missing.

    Parameters
    ----------
    skipped : mapping of str to int
        Their number, by reason.
    which : str
        The option that names the index, as it follows a command; empty where none is needed.
    quiet : bool
        Say nothing.
    remarks : mapping of str to int or None
        The number of files that something is to be said of though nothing was left out, by what it is.
    """
    if remarks:
        named = ", ".join(f"{n:,} of {what}" for what, n in remarks.items())
        say(f"remarks on {sum(remarks.values()):,}: {named}; see: semhash list --skipped{which}", quiet)
    if not skipped:
        return
    from semhash.corpus.document import SkipReason
    from semhash.corpus.extras import INSTALL

    reasons = ", ".join(f"{n:,} {reason}" for reason, n in skipped.items())
    say(f"skipped {sum(skipped.values()):,}: {reasons}; see: semhash list --skipped{which}", quiet)
    missing = skipped.get(SkipReason.MISSING_EXTRA, 0)
    if missing:
        say(f"{missing:,} of them need packages that are not installed; install them with: {INSTALL}", quiet)


def say_guessed(guessed: "Sequence[ReadAs]", which: str, quiet: bool) -> None:
    """Say what files were taken to be in, those that are least sure by name, and how much could not be read.

    Parameters
    ----------
    guessed : sequence of ReadAs
        The files, the least sure first.
    which : str
        The option that names the index, as it follows a command; empty where none is needed.
    quiet : bool
        Say nothing.
    """
    see = f"see: semhash list --guessed{which}"
    sure = [(told, told.confidence) for told in guessed if told.confidence is not None]
    if sure:
        counts = Counter(told.encoding or "none known" for told, _ in sure).most_common()
        kinds = ", ".join(f"{n:,} {encoding}" for encoding, n in counts)
        unsure = [f"{told.path} {how:.0%}" for told, how in sure if how < _UNSURE]
        more = f" and {len(unsure) - _NAMED:,} more" if len(unsure) > _NAMED else ""
        doubt = f"; least sure: {', '.join(unsure[:_NAMED])}{more}" if unsure else ""
        say(f"guessed the encoding of {len(sure):,}: {kinds}{doubt}; {see}, or say it with --encoding", quiet)
    replaced = [told for told in guessed if told.n_replaced]
    if replaced:
        n_bytes = sum(told.n_replaced for told in replaced)
        say(f"replaced what could not be decoded: {n_bytes:,} bytes, files: {len(replaced):,}; {see}", quiet)
