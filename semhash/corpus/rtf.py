"""Rich Text Format (Microsoft's specification 1.9.1): what a document says, notes and headers included.

The kept library for it, striprtf, has patterns that take quadratic time, leaves notes out, and tears characters above
U+FFFF apart; what is needed is one pass over the control words.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

__all__ = ["Rtf", "text_of_rtf"]

_TOKEN = re.compile(
    rb"\\(?:([A-Za-z]{1,32})(-?\d{1,10})?+ ?|'([0-9A-Fa-f]{2})|(.))|([{}])|[\r\n]++|([^\\{}\r\n]++)",
    re.DOTALL,
)
# Destinations whose text is none of the document's; one that begins with \* and is not known is none either.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet listtable listoverridetable rsidtbl generator info pict object objdata themedata "
    b"colorschememapping datastore latentstyles xmlnstbl mmathPr fldinst bkmkstart bkmkend filetbl revtbl template "
    b"pntext pn pnseclvl listtext atnid atnauthor atntime atndate atnref atrfstart atrfend tc xe rxe private "
    b"nonshppict sn sv ftnsep ftnsepc aftnsep aftnsepc panose fontemb objclass objname blipuid docvar formfield "
    b"datafield operator company creatim revtim printim buptim hlinkbase passwordhash wgrffmtfilter "
    b"nonesttables".split()
)
_HEARD = frozenset(b"shppict shptxt shpinst footnote annotation nesttableprops ud".split())  # behind \*
_ABOUT = {b"title": "title", b"author": "author", b"subject": "subject", b"keywords": "keywords"}
_NOTES = frozenset(
    b"footnote annotation header headerl headerr headerf footer footerl footerr footerf".split()
)
_BREAKS = {
    b"par": "\n", b"sect": "\n", b"page": "\n", b"line": "\n", b"row": "\n", b"nestrow": "\n", b"column": "\n",
    b"tab": "\t", b"cell": "\t", b"nestcell": "\t", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘",
    b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_SIGNS = {
    b"~": "\u00a0",
    b"_": "\u2011",
    b"-": "\u00ad",
    b"{": "{",
    b"}": "}",
    b"\\": "\\",
    b"\n": "\n",
    b"\r": "\n",
}
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES = {"cp65001": "utf-8", "cp936": "gb18030", "cp10000": "mac_roman"}
_SETS = {b"ansi": "cp1252", b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}


class Rtf:
    """Files that begin as RTF, whatever they are called."""

    name = "RTF"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the first bytes; mail programs and some others put blanks before them."""
        return head.lstrip().startswith(b"{\\rtf")

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document."""
        text, about = text_of_rtf(source.data())
        title = one_line(about.pop("title", ""))
        yield source.document(with_title(title, text), title, about)


@dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces."""

    out: list[str] | None  # where its text goes; None where it is no text
    encoding: str
    replaced: int = 1  # letters that stand for each \u, for readers that know no Unicode
    destination: bytes = b""
    starred: bool = False


def text_of_rtf(data: bytes) -> tuple[str, dict[str, str]]:
    """Give the text of a document in RTF, and what it says about itself.

    Parameters
    ----------
    data : bytes
        The document, however broken.

    Returns
    -------
    text : str
        Paragraphs on lines of their own; notes, headers and remarks stand behind the text.
    about : dict of str to str
        Its title, author, subject and keywords, those that there are.
    """
    document = _Document()
    at = 0
    while (token := _TOKEN.match(data, at)) and document.hear(token):
        at = token.end()
        if token[1] == b"bin":
            at += max(0, int(token[2] or 0))
    document.flush()
    found = {name: well_formed(_joined(pieces)).strip() for name, pieces in document.about.items()}
    text = _joined(document.body) + "\n" + _joined(document.notes)
    return well_formed(_tidy(text)), {name: value for name, value in found.items() if value}


class _Document:
    """What has been heard of a document."""

    def __init__(self) -> None:
        self.body: list[str] = []
        self.notes: list[str] = []
        self.about: dict[str, list[str]] = {name: [] for name in _ABOUT.values()}
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._pending = bytearray()  # bytes whose characters are not complete
        self._skip = 0  # letters that stand for a \\u before them
        self._group = _Group(self.body, self._encoding)
        self._groups: list[_Group] = []

    def hear(self, token: re.Match[bytes]) -> bool:
        """Hear one token; give False where the document has ended."""
        word, number, code, sign, brace, text = token.groups()
        if self._pending and code is None:
            self.flush()
        if brace:
            return self._brace(brace)
        if code is not None:
            if self._skip:
                self._skip -= 1
            else:
                self._pending.append(int(code, 16))
        elif text is not None:
            shown = text[self._skip :]
            self._skip = max(0, self._skip - len(text))
            self._pending += shown
            self.flush()
        elif sign is not None:
            self._sign(sign)
        elif word is not None:
            self._word(word, int(number) if number else None)
        return True

    def flush(self) -> None:
        """Write the bytes that wait."""
        if self._group.out is not None and self._pending:
            self._group.out.append(bytes(self._pending).decode(self._group.encoding, "replace"))
        self._pending.clear()

    def _brace(self, brace: bytes) -> bool:
        group = self._group
        if brace == b"{":
            self._groups.append(group)
            self._group = _Group(group.out, group.encoding, group.replaced, group.destination)
            return True
        if self._groups:
            self._group = self._groups.pop()
            if group.out is self.notes and self._group.out is not self.notes:
                self.notes.append("\n")
        return bool(self._groups)

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._group.starred = True
        elif self._group.out is not None:
            self._group.out.append(_SIGNS.get(sign, ""))

    def _word(self, word: bytes, number: int | None) -> None:
        """Do what a control word says."""
        group = self._group
        starred, group.starred = group.starred, False
        if word in _ABOUT and group.destination == b"info":
            group.out = self.about[_ABOUT[word]]
        elif word in _SILENT or (starred and word not in _HEARD):
            group.out, group.destination = None, word
        elif word in _NOTES and group.out is not None:
            group.out = self.notes
        elif word == b"u" and number is not None:
            if group.out is not None:
                group.out.append(chr(number % 65536))
            self._skip = group.replaced
        elif word == b"uc":
            group.replaced = min(max(number or 0, 0), 100)
        elif word in _BREAKS and group.out is not None:
            group.out.append(_BREAKS[word])
        else:
            self._hear_encoding(word, number)

    def _hear_encoding(self, word: bytes, number: int | None) -> None:
        group = self._group
        if word in _SETS or (word == b"ansicpg" and number):
            self._encoding = group.encoding = _known(_SETS.get(word) or f"cp{number}", self._encoding)
        elif word in (b"f", b"af"):
            self._font = number or 0
            if group.destination != b"fonttbl" and word == b"f":
                group.encoding = self._fonts.get(self._font, self._encoding)
        elif word == b"fcharset" and group.destination == b"fonttbl" and number:
            self._fonts[self._font] = _CHARSETS.get(number, self._encoding)
        elif word == b"plain":
            group.encoding = self._encoding


def _known(encoding: str, otherwise: str) -> str:
    try:
        return codecs.lookup(
            {"cp65001": "utf-8", "cp936": "gb18030", "cp10000": "mac_roman"}.get(encoding, encoding)
        ).name
    except LookupError:
        return otherwise


def _joined(pieces: list[str]) -> str:
    """Join what was written in halves: characters above U+FFFF are two words of RTF."""
    text = "".join(pieces)
    if any("\ud800" <= letter <= "\udfff" for letter in pieces if len(letter) == 1):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _tidy(text: str) -> str:
    lines = (line.strip(" \t") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
