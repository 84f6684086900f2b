"""Plain text: whatever no other reader knows, if it is text at all."""

from collections.abc import Iterator

from semhash.corpus.beginning import beginning_of
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.source import Source

__all__ = ["PlainText", "underlined"]

_TITLE_WITHIN = 2000  # characters
_RULE = 4  # signs at least, and how much longer or shorter than the title it may be


_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_ANEW = (
    "expected text, found an old Office document (.doc, .xls, .ppt, .msg) or one with a password; "
    "save it without one as .docx, .xlsx, .pptx or text"
)


class PlainText:
    """The last reader of the registry; a file is called by its underlined first line, or by its name."""

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
        if beginning_of(source.head).root == "svg":
            raise Skip(SkipReason.BINARY, "expected text, found an SVG image")
        if source.head.startswith(_OLD_OFFICE):
            raise Skip(SkipReason.BINARY, _SAVE_ANEW)
        text = source.text()
        yield source.document(text, underlined(text))


def underlined(text: str) -> str:
    """Give the first line that is not blank if a line of one sign, about as long, stands under it; else nothing."""
    first, _, rest = text[:_TITLE_WITHIN].lstrip().partition("\n")
    line = rest.partition("\n")[0].strip()
    title = first.strip()
    rule = len(line) >= _RULE and set(line) <= set("=-~*#^") and len(set(line)) == 1
    return title if rule and abs(len(line) - len(title)) <= _RULE else ""
