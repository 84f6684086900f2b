"""Where in its document a passage stands, as the metadata of documents that were split have it."""

import json
from dataclasses import dataclass

__all__ = ["PASSAGE_FIELDS", "Passage", "passage_from"]

PASSAGE_FIELDS = ("passage", "passages", "start", "end", "page", "heading")
"""The fields of a document's metadata that say where in another it stands."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a longer document.

    Attributes
    ----------
    number, of : int
        Which passage it is, from 1, and of how many.
    start, end : int
        Where it begins and ends in the document's text, in characters.
    page : int or None
        The page that it begins on, from 1; None for a document without pages.
    heading : str or None
        The heading of the section that it begins in; None for a document without headings, or of an index that an
        earlier version made.
    """

    number: int
    of: int
    start: int
    end: int
    page: int | None = None
    heading: str | None = None


def passage_from(found: str | None) -> Passage | None:
    """Read the JSON list of the values of `PASSAGE_FIELDS`.

    Returns
    -------
    Passage or None
        None where they are not those of a passage: rows of JSONL may have fields of such names, too.

    Raises
    ------
    ValueError
        It is no JSON.
    """
    if found is None or found.startswith("[null"):
        return None
    number, of, start, end, page, heading = json.loads(found)
    if not all(type(value) is int for value in (number, of, start, end, page or 0)):
        return None
    return Passage(number, of, start, end, page, heading if isinstance(heading, str) else None)
