"""What the commands that ask share: the text that is asked by, and a word where it is unlike all that was learned."""

import os
import sys
from typing import TYPE_CHECKING, Any

from .console import say

if TYPE_CHECKING:
    from semhash.learned.novelty import Novelty

__all__ = ["asked", "novelty_json", "say_unlike"]

_BEYOND = 0.9975  # of texts of its length: what is no remark on its own is left out
_MOST = 0.999


def asked(text: list[str]) -> str:
    """Join the words of the command line, or read the standard input; bytes that are no text become U+FFFD."""
    given = sys.stdin.buffer.read() if text == ["-"] else os.fsencode(" ".join(text))
    try:
        return given.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        from semhash.corpus.decoding import decode

        decoded = decode(given)
        return (given.decode("utf-8", "replace") if decoded is None else decoded.text).strip()


def say_unlike(novelty: "Novelty | None", quiet: bool) -> None:
    """Say that a text is unlike the documents that were learned from, if it is."""
    if novelty is None or not novelty.unlike:
        return
    why = f"{novelty.known:,} of its {novelty.words:,} words are in the vocabulary"
    if novelty.surprise > _BEYOND:
        share = min(novelty.surprise, _MOST)
        why = f"its words are expected less than those of {share:.1%} of texts of its length; {why}"
    say(
        f"this is unlike the documents that were learned from ({why}): hits may have little to do with it",
        quiet,
    )


def novelty_json(novelty: "Novelty | None") -> dict[str, Any] | None:
    """Give what JSON says of it: null where the index does not know, or no word is known."""
    if novelty is None:
        return None
    return {
        "percentile": round(novelty.percentile, 2),
        "unlike": novelty.unlike,
        "words": novelty.words,
        "known": novelty.known,
    }
