"""Documents as a catalogue gives them: whole, by name alone, as they are shown, and their codes."""

from dataclasses import dataclass, field
from typing import Any

from semhash.catalogue.passage import Passage
from semhash.catalogue.stored_text import StoredText

__all__ = ["CatalogueEntry", "DocumentCode", "DocumentHead", "ShownDocument"]


@dataclass(frozen=True, slots=True)
class DocumentCode:
    """What the encoder said of one document.

    Attributes
    ----------
    row : int
        The document's row.
    code : bytes
        Its code, packed as in `semhash.codes`.
    known_words : int
        How many words of its text are in the vocabulary; with none, it has no address.
    """

    row: int
    code: bytes
    known_words: int


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What names a document, without its text.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path : as in `semhash.corpus.Document`
        What was read.
    digest : bytes
        sha256 of its text.
    known_words : int
        How many words of its text are in the vocabulary; with none, it has no address.
    """

    row: int
    id: str
    title: str
    path: str
    digest: bytes
    known_words: int


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One document as the catalogue holds it.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path, split, metadata : as in `semhash.corpus.Document`
        What was read.
    labels : tuple of str
        Its labels, sorted.
    code : int
        Its code; bit i is ``(code >> i) & 1``.
    known_words : int
        How many words of its text are in the vocabulary.
    text : str or None
        Its text, None when texts are not stored.
    """

    row: int
    id: str
    title: str
    path: str
    split: str | None
    labels: tuple[str, ...]
    code: int
    known_words: int
    text: str | None = field(repr=False)
    metadata: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """What is shown of one document.

    Attributes
    ----------
    row : int
        Its place in the index's arrays.
    id, title, path, labels : as in `CatalogueEntry`
        What was read.
    text : StoredText or None
        The text, to be read; None where it was not asked for, or is not stored.
    passage : Passage or None
        Where in a longer document it stands; None for one that is whole.
    """

    row: int
    id: str
    title: str
    path: str
    labels: tuple[str, ...]
    text: StoredText | None = field(repr=False)
    passage: Passage | None = None

    @property
    def whole(self) -> str:
        """The id of the document that it is a passage of; its own where it is whole."""
        return self.id if self.passage is None else self.id.removesuffix(f"#{self.passage.number}")
