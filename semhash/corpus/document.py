"""One document, and one thing that could not become a document."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Document", "ReadAs", "Skip", "SkipReason", "Skipped"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus.

    Attributes
    ----------
    id : str
        Unique in its corpus: the path below the corpus root, or the row's ``id``, behind ``FILE#`` where another file
        has it, too.
    text : str
        What is shown of it and counted, a title that somebody gave it included.
    title : str
        Subject, first heading, or file name; shown with every hit.
    path : str
        The file it came from, relative to the corpus root, ``/`` between the parts.
    labels : tuple of str
        Subjects that a person gave it; seen in training only where supervision is asked for.
    split : str or None
        The part of the corpus it belongs to, such as ``train``.
    metadata : dict
        Any other fields, as JSON values.
    name_words : str
        The words of its file's name, which are counted and stand outside of the text; blank for what is one of many
        in a file. See `semhash.corpus.naming`.
    placed : bool
        Whether the id is only its place in its file, as that of a message of a mailbox: once the file changes, another
        document may be there.
    whole : str
        The id of the document that it is a passage of, where that is its own; else blank.
    headings : tuple of (str, str)
        Of its sections, in order: each as a line of the text, and as it is shown. Read where documents are split.
    """

    id: str
    text: str
    title: str
    path: str
    labels: tuple[str, ...] = ()
    split: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    name_words: str = field(default="", compare=False)
    placed: bool = field(default=False, compare=False)
    whole: str = field(default="", compare=False)
    headings: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def counted(self) -> str:
        """All whose words are counted: the text, and the words of the file's name where there is a text."""
        if not self.name_words or not self.text or self.text.isspace():
            return self.text
        return f"{self.text}\n{self.name_words}"


class SkipReason(StrEnum):
    """Why a file or a row did not become a document."""

    BINARY = "binary"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    TOO_LARGE = "too large"
    LINK_LOOP = "link loop"
    DUPLICATE_ID = "duplicate id"
    BROKEN_ROW = "broken row"
    HIDDEN = "hidden"
    NOT_A_FILE = "not a file"
    AN_INDEX = "an index"
    MISSING_EXTRA = "missing extra"
    NO_TEXT = "no text column"
    READ_AS_ONE = "read as one"
    QUOTE = "odd quotes"
    SHARED_ID = "id of two files"

    @property
    def is_remark(self) -> bool:
        """Whether nothing was left out for it: something was read otherwise than it stands there."""
        return self in {SkipReason.READ_AS_ONE, SkipReason.QUOTE, SkipReason.SHARED_ID}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the corpus that could not become a document.

    Attributes
    ----------
    path : str
        The file, relative to the corpus root; a row of JSONL is ``file:line``.
    reason : SkipReason
        The kind of obstacle, which summaries count.
    detail : str
        What was expected and what was found.
    """

    path: str
    reason: SkipReason
    detail: str


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file was made text, where that is to be told: it was guessed, or not all of it could be read.

    Attributes
    ----------
    path : str
        The file, relative to the corpus root.
    encoding : str
        Python's name of what it is in, or what of it is no UTF-8; empty where nothing fits.
    confidence : float or None
        How surely that is right, from 0 to 1; None where it was not guessed.
    n_replaced : int
        How many bytes, or pieces of characters, became U+FFFD.
    """

    path: str
    encoding: str
    confidence: float | None
    n_replaced: int


class Skip(Exception):
    """A reader cannot make a document of this file or row; it never leaves the corpus.

    Parameters
    ----------
    reason : SkipReason
        The kind of obstacle.
    detail : str
        What was expected and what was found.
    """

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
