"""HTML: a page's main text and its title, by selectolax (the Lexbor parser, which reads as browsers do)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semhash.corpus.beginning import beginning_of
from semhash.corpus.decoding import Decode, binary_kind, decode_alone, unify_newlines, well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.html_text import text_of_html
from semhash.corpus.nesting import too_nested
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = ["Html", "Page", "decode_page", "read_page"]

_SUFFIXES = (".html", ".htm", ".xhtml", ".xht", ".shtml")
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*+=\s*+[\"']?+\s*+([\w:.-]{2,40})", re.I
)
_DECLARED_WITHIN = 4096
# What is no text of the page: its machinery, what leads to other pages, and what tools put beside headings.
_JUNK = (
    "script,style,template,noscript,nav,footer,aside,iframe,object,svg,canvas,button,select,dialog,"
    "[hidden],[role=navigation],[role=search],[role=banner],[role=contentinfo],body>header,"
    "a.headerlink,.sphinxsidebar,div.related,.navheader,.navfooter,.docnav,.toc,#toc,.breadcrumb,.breadcrumbs"
)
_MAIN = ("main", "[role=main]", "article")
_BLOCKS = (
    "address,article,blockquote,br,caption,dd,details,div,dl,dt,fieldset,figcaption,figure,form,h1,h2,h3,h4,h5,h6,"
    "header,hr,legend,li,main,ol,option,p,pre,section,summary,table,td,th,tr,ul"
)
_BREAK = "\u2029"
_NO_TITLE = "<no title>"  # Sphinx says so
_ANCHORS = "¶§#\ufffd \u200b"
_ENOUGH = 0.2  # of the page's text must be in what is taken for its main part


@dataclass(frozen=True, slots=True)
class Page:
    """What is read of a page.

    Attributes
    ----------
    title : str
        One line; empty if it has none.
    text : str
        One block a line.
    headings : tuple of str
        Those of its lines that are headings.
    """

    title: str
    text: str
    headings: tuple[str, ...] = ()


class Html:
    """Files called ``.html`` and the like, or that begin as such."""

    name = "HTML"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by a doctype or the root element."""
        if name.lower().endswith(_SUFFIXES):
            return True
        begins = beginning_of(head)
        return "html" in (begins.doctype, begins.root)

    def read(self, source: Source) -> Iterator[Document]:
        """Give the page as one document."""
        page = read_page(decode_page(source.data(), source.decode))
        shown = f"\n{page.title}\n" in f"\n{page.text}\n"
        text = page.text if shown else with_title(page.title, page.text)
        yield source.document(text, page.title, None, lambda _: ((line, line) for line in page.headings))


def decode_page(data: bytes, decode: Decode = decode_alone) -> str:
    """Decode a page: UTF-8 if it is, else as it declares, else as any text.

    Parameters
    ----------
    data : bytes
        The page.
    decode : callable
        Makes text of it, and of the character set that it declares.

    Raises
    ------
    Skip
        It is binary.
    """
    kind = binary_kind(data)
    if kind is not None:
        raise Skip(SkipReason.BINARY, f"expected HTML, found {kind}")
    declared = _CHARSET.search(data[:_DECLARED_WITHIN])
    return well_formed(
        unify_newlines(decode(data, declared[1].decode("ascii", "replace") if declared else None))
    )


def read_page(html: str) -> Page:
    """Give a page's title and its main text.

    Parameters
    ----------
    html : str
        A page or a fragment, however broken. One that is nested beyond measure is read without regard to what
        is its main part.
    """
    if too_nested(html):
        return Page("", text_of_html(html))
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html.replace("\0", "\ufffd"))
    if tree.body is None:
        return Page("", text_of_html(html))
    titled = _title_of(tree)
    for node in tree.css(_JUNK):
        if node.tag not in ("html", "body"):
            node.decompose(recursive=True)
    main = _main_part(tree)
    heading = main.css_first("h1") or tree.body.css_first("h1")
    title = _chosen(titled, one_line(heading.text()).strip(_ANCHORS) if heading else "")
    headings = (" ".join(heading.text().split()) for heading in main.css("h1,h2,h3,h4,h5,h6"))
    found = tuple(filter(None, headings))
    return Page(title, _text(main), found)


def _title_of(tree: "LexborHTMLParser") -> str:
    title = tree.css_first("title")
    return one_line(title.text()) if title else ""


def _chosen(title: str, heading: str) -> str:
    """Take the first heading for the title where the page's title is that and the name of the site."""
    title = "" if title.startswith(_NO_TITLE) else title
    return heading if heading and (not title or heading.casefold() in title.casefold()) else title


def _main_part(tree: "LexborHTMLParser") -> "LexborNode":
    """Find the part that the page says is its main one, unless most of the text is elsewhere."""
    body = tree.body
    assert body is not None
    for selector in _MAIN:
        found = tree.css(selector)
        if len(found) == 1:
            whole = len(body.text())
            return found[0] if len(found[0].text()) >= _ENOUGH * whole else body
    return body


def _text(node: "LexborNode") -> str:
    for block in node.css(_BLOCKS):
        block.insert_before(_BREAK)
        block.insert_after(_BREAK)
    lines = (" ".join(line.split()) for line in node.text().split(_BREAK))
    return "\n".join(line for line in lines if line)
