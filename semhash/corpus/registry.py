"""Every reader, in the order in which they are asked. A new format is one file and one line here."""

from collections.abc import Iterator
from typing import Protocol

from semhash.corpus.archive import Archive
from semhash.corpus.document import Document, Skipped
from semhash.corpus.docx import Docx
from semhash.corpus.epub import Epub
from semhash.corpus.html import Html
from semhash.corpus.json_file import Json
from semhash.corpus.jsonl import JsonLines
from semhash.corpus.mail import Mail
from semhash.corpus.man import Man
from semhash.corpus.markdown import Markdown
from semhash.corpus.mbox import Mbox
from semhash.corpus.opendocument import OpenDocument
from semhash.corpus.pdf import Pdf
from semhash.corpus.plain import PlainText
from semhash.corpus.pptx import Pptx
from semhash.corpus.restructured import RestructuredText
from semhash.corpus.rtf import Rtf
from semhash.corpus.source import Source
from semhash.corpus.subtitles import Subtitles
from semhash.corpus.table import Table
from semhash.corpus.tex import Tex
from semhash.corpus.xlsx import Xlsx
from semhash.corpus.xml_file import PropertyList, Xml

__all__ = ["READERS", "Reader", "reader_for"]


class Reader(Protocol):
    """Makes documents of the files of one format.

    Attributes
    ----------
    name : str
        What the format is called in reports.
    """

    name: str

    def accepts(self, name: str, head: bytes) -> bool:
        """Say whether a file is of this format.

        Parameters
        ----------
        name : str
            The file, relative to the corpus root, without the ending that says that it is packed.
        head : bytes
            Its first bytes, `semhash.corpus.source.HEAD_BYTES` at most, unpacked.
        """

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give the documents of a file, in order.

        Empty documents and those whose id was met before need no care here: the corpus sorts them out.

        Parameters
        ----------
        source : Source
            The open file. A reader of many documents sets ``source.row`` to the one it is at.

        Raises
        ------
        semhash.corpus.source.Skip
            From here on the file cannot be read; documents given so far are good.
        """


_DOCUMENTS = (Pdf(), Epub(), OpenDocument(), Docx(), Pptx(), Xlsx())
_MARKUP = (PropertyList(), Xml(), Rtf(), Subtitles(), Tex(), Json())
_ATTACHED = (*_DOCUMENTS, *_MARKUP)  # what is read where it is attached to a message, too

READERS: tuple[Reader, ...] = (
    JsonLines(),
    Archive(lambda name, head: reader_for(name, head)),  # noqa: PLW0108, it is made below
    *_DOCUMENTS,
    Table(),
    Markdown(),
    RestructuredText(),
    Mbox(_ATTACHED),
    Mail(_ATTACHED),
    Html(),
    *_MARKUP,
    Man(),
    PlainText(),  # the last: it takes everything
)


def reader_for(name: str, head: bytes) -> Reader:
    """Choose the first reader that accepts a file."""
    return next(reader for reader in READERS if reader.accepts(name, head))
