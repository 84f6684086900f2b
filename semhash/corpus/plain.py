"""Plain text: whatever no other reader knows, if it is text at all."""

from collections.abc import Iterator

from semhash.corpus.document import Document
from semhash.corpus.source import Source

__all__ = ["PlainText"]


class PlainText:
    """The last reader of the registry; a file is called by its name."""

    name = "plain text"

    def accepts(self, name: str, head: bytes) -> bool:
        """Take everything."""
        return True

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        yield source.document(source.text())
