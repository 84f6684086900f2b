"""Plain text: whatever no other reader knows, if it is text at all."""

import re
from collections.abc import Iterator

from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.source import Source

__all__ = ["PlainText"]

_DRAWING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}(?:<!DOCTYPE svg[^>]{0,4000}>\s*)?"
    rb"(?:<!--.{0,2000}?-->\s*){0,5}<(?:\w+:)?svg\b",
    re.DOTALL,
)


class PlainText:
    """The last reader of the registry; a file is called by its name."""

    name = "plain text"

    def accepts(self, name: str, head: bytes) -> bool:
        """Take everything."""
        return True

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document.

        Raises
        ------
        Skip
            It is no text, or a drawing written down as text.
        """
        if _DRAWING.match(source.head):
            raise Skip(SkipReason.BINARY, "expected text, found an SVG image")
        yield source.document(source.text())
