"""What is said of the files and rows that were skipped."""

from collections.abc import Mapping

from .console import say

__all__ = ["say_skipped"]


def say_skipped(skipped: Mapping[str, int], which: str, quiet: bool) -> None:
    """Say how many were skipped and why, and once what to install where a package is missing.

    Parameters
    ----------
    skipped : mapping of str to int
        Their number, by reason.
    which : str
        The option that names the index, as it follows a command; empty where none is needed.
    quiet : bool
        Say nothing.
    """
    if not skipped:
        return
    from semhash.corpus.document import SkipReason
    from semhash.corpus.extras import INSTALL

    reasons = ", ".join(f"{n:,} {reason}" for reason, n in skipped.items())
    say(f"skipped {sum(skipped.values()):,}: {reasons}; see: semhash list --skipped{which}", quiet)
    missing = skipped.get(SkipReason.MISSING_EXTRA, 0)
    if missing:
        say(f"{missing:,} of them need packages that are not installed; install them with: {INSTALL}", quiet)
