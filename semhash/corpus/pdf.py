"""PDF, by pypdfium2: PDFium, the reader in Chromium, which takes what is damaged as it comes."""

from collections.abc import Iterator
from typing import Any

from semhash.corpus.decoding import unify_newlines, well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.extras import extra
from semhash.corpus.pdf_streams import check_streams
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

__all__ = ["Pdf"]

_HYPHEN = ("\ufffe\n", "\x02\n", "\ufffe", "\x02")  # what PDFium puts for a hyphen at the end of a line
_MAX_PAGES = 50_000  # a small file can say that it has the same page millions of times
_METADATA = {"Author": "author", "Subject": "subject", "Keywords": "keywords"}
_NO_TITLES = ("untitled", "microsoft word - ", "slide 1")


class Pdf:
    """Files that begin as PDF, whatever they are called. Pages are parted by form feeds."""

    name = "PDF"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the first bytes, which may stand behind some others, or by the suffix."""
        return b"%PDF-" in head[:1024] and (head.startswith(b"%PDF-") or name.lower().endswith(".pdf"))

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document; its metadata tell the number of ``pages``.

        Raises
        ------
        Skip
            It needs a password, or is damaged beyond reading, or holds more text than a file may.
        """
        pdfium = extra("pypdfium2", "PDF")
        check_streams(source.data())
        try:
            pdf = pdfium.PdfDocument(source.data())
        except pdfium.PdfiumError as error:
            raise Skip(SkipReason.UNREADABLE, f"expected a PDF, found {_trouble(str(error))}") from error
        try:
            text, pages = _text(pdf, source.config.max_bytes)
            found = pdf.get_metadata_dict(skip_empty=True)
        except pdfium.PdfiumError as error:
            raise Skip(SkipReason.UNREADABLE, f"expected a PDF, found {_trouble(str(error))}") from error
        finally:
            pdf.close()
        if not text.strip():
            raise Skip(
                SkipReason.EMPTY, f"expected text, found none on {pages:,} pages: perhaps they are pictures"
            )
        title = one_line(well_formed(found.get("Title", "")))
        title = "" if title.casefold().startswith(_NO_TITLES) else title
        metadata = {
            ours: one_line(well_formed(found[name])) for name, ours in _METADATA.items() if name in found
        }
        yield source.document(with_title(title, text), title, {"pages": pages, **metadata})


def _trouble(error: str) -> str:
    if "assword" in error:
        return "one that is encrypted and needs a password"
    if "ecurity" in error:
        return "one that is encrypted in an unknown way"
    return "one that is damaged"


def _text(pdf: Any, limit: int) -> tuple[str, int]:
    """Give the text of all pages, and their number."""
    pages: list[str] = []
    size = 0
    if len(pdf) > _MAX_PAGES:
        raise Skip(SkipReason.TOO_LARGE, f"expected at most {_MAX_PAGES:,} pages, found {len(pdf):,}")
    for number in range(len(pdf)):
        pages.append(_page(pdf, number))
        size += len(pages[-1])
        if size > limit:
            raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} characters, found more")
    return "\f".join(pages), len(pages)


def _page(pdf: Any, number: int) -> str:
    """Give the text of a page; that of one that is damaged is empty."""
    try:
        page = pdf[number]
    except extra("pypdfium2", "PDF").PdfiumError:
        return ""
    try:
        words = page.get_textpage()
        text = str(words.get_text_bounded())
        words.close()
    finally:
        page.close()
    text = unify_newlines(text)
    for hyphen in _HYPHEN:
        text = text.replace(hyphen, "")
    return well_formed(text).replace("\f", " ")
