"""Manual pages (roff with the macros of man(7) or mdoc(7)): their words, without running what renders them.

There is no kept library for this: groff and mandoc are programs, and doclifter is one as well. What is read here is
what pages are made of: headings, paragraphs, fonts, lists, tables; numbers, conditions and definitions are left out.
"""

import re
from collections.abc import Iterator

from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.roff import arguments, plain
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

__all__ = ["Man", "text_of_man"]

_SUFFIX = re.compile(r"\.(?:[0-9ln][a-z0-9]{0,8}|man|mdoc|roff)$", re.IGNORECASE)
_TITLE_MACRO = re.compile(rb"^[.'][ \t]*(?:TH|Dd|Dt)[ \t]+\S", re.MULTILINE)
_BEGINS = re.compile(
    rb"(?:(?:[.']\\?\"[^\n]*|[.']?[ \t]*|\.(?:tr|nr|ds|if)\b[^\n]*)\n){0,200}\.(?:TH|Dd|Dt)[ \t]+\S"
)
_REFERENCE = re.compile(r"\s*\.so[ \t]+(\S+)\s*")
_NAME = re.compile(r"\bNAME\n+(.+?)(?:\n\n|\Z)", re.DOTALL | re.IGNORECASE)

_BREAKS = frozenset(
    {"PP", "P", "LP", "HP", "Pp", "Lp", "sp", "bp", "RS", "RE", "Bl", "El", "Bd", "Ed", "TS", "TE"}
)
_LINES = frozenset({"br", "TP", "TQ", "IP", "It", "D1", "Dl", "SY", "YS"})
_HEADINGS = frozenset({"SH", "SS", "Sh", "Ss"})
_FONTS = frozenset({"B", "I", "SM", "SB", "R", "C", "CW", "UR", "MT", "URL", "OP", "Lk", "Mt", "DT", "MR"})
_PAIRS = frozenset({"BI", "BR", "IB", "IR", "RB", "RI", "CI", "IC", "CB", "BC", "RC", "CR"})
_TO_THE_END = {"de": "..", "de1": "..", "am": "..", "ig": "..", "EQ": ".EN", "PS": ".PE"}
# Of mdoc, those whose arguments are text, and what stands before and behind them.
_MDOC = {
    **dict.fromkeys(
        ("Ar Pa Em Sy Li Ic Cm Va Vt Fa Ft Tn Er Ev Ad An Do Dv Nd No Sx Ms Bf In Cd Rs Eo Ux Bx Nx Fx Ox Dx At Nm "
         "%A %B %D %I %J %N %O %P %R %T %U %V Ns Ap Xo Xc Ta").split(),
        ("", ""),
    ),
    "Fl": ("-", ""), "Op": ("[", "]"), "Oo": ("[", ""), "Oc": ("", "]"), "Dq": ("“", "”"), "Qq": ('"', '"'),
    "Sq": ("‘", "’"), "Ql": ("‘", "’"), "Pq": ("(", ")"), "Bq": ("[", "]"), "Brq": ("{", "}"), "Aq": ("<", ">"),
    "Fn": ("", "()"), "Fo": ("", "("), "Fc": (")", ""), "Xr": ("", ""),
}  # fmt: skip


class Man:
    """Files called as manual pages are (``ls.1``) with the macro that names the page, or that begin with it."""

    name = "manual page"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the macro, which must come first where the name says nothing."""
        if _SUFFIX.search(name):
            return _TITLE_MACRO.search(head) is not None or head.lstrip().startswith(b".so ")
        return _BEGINS.match(head) is not None

    def read(self, source: Source) -> Iterator[Document]:
        """Give the page as one document, its title the line under NAME.

        Raises
        ------
        Skip
            It is but a reference to another page.
        """
        roff = source.text()
        elsewhere = _REFERENCE.fullmatch(roff)
        if elsewhere:
            raise Skip(SkipReason.EMPTY, f"expected text, found only a reference to {one_line(elsewhere[1])}")
        text, section = text_of_man(roff)
        name = _NAME.search(text)
        title = one_line(name[1]) if name else ""
        metadata = {"section": section} if section else {}
        yield source.document(with_title(title, text), title, metadata, lambda _: _headings(roff))


def _headings(roff: str) -> Iterator[tuple[str, str]]:
    """Give the headings of a page, each as its line in the text, and for people."""
    for line in roff.split("\n"):
        if line[1:3] in _HEADINGS and line[0] in ".'":
            shown = one_line(" ".join(map(plain, arguments(_macro(line)[1]))))
            if shown:
                yield shown, shown


def text_of_man(roff: str) -> tuple[str, str]:
    """Give the text of a manual page.

    Parameters
    ----------
    roff : str
        Its source.

    Returns
    -------
    text : str
        Headings and paragraphs, parted by blank lines.
    section : str
        Of the manual, such as ``3``; empty if it is not said.
    """
    page = _Page()
    until = ""
    depth = 0
    for line in roff.replace("\\\n", "").split("\n"):
        if until:
            until = "" if line.split("\\")[0].strip() == until else until
            continue
        if depth or line.startswith((".if", ".ie", ".el", "'if", "'ie", "'el", ".while")):
            depth = max(0, depth + line.count("\\{") - line.count("\\}"))
            continue
        if line[:1] in (".", "'"):
            name, rest = _macro(line)
            until = _TO_THE_END.get(name, "")
            if not until:
                page.macro(name, rest)
        elif page.formats:
            page.formats = not line.rstrip().endswith(".")
        else:
            page.add(plain(line.replace("\t", " ")) if line.strip() else "\n\n")
    return page.text(), page.section


def _macro(line: str) -> tuple[str, str]:
    name, _, rest = line[1:].lstrip().partition(" ")
    name, tab, more = name.partition("\t")
    return name, f"{more} {rest}" if tab else rest


class _Page:
    """A page as it is put together."""

    def __init__(self) -> None:
        self.section = ""
        self.formats = False  # within the lines that say how a table's columns look
        self._pieces: list[str] = []
        self._called = ""

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._pieces).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def add(self, text: str) -> None:
        self._pieces.append(text if text.endswith("\n") else f"{text}\n")

    def macro(self, name: str, rest: str) -> None:
        """Take a line that begins with a macro; what is not known has no text."""
        if name in _HEADINGS:
            self.add(f"\n\n{' '.join(map(plain, arguments(rest)))}\n")
        elif name in ("TH", "Dt"):
            words = arguments(rest)
            self.section = self.section or one_line(plain(words[1])) if len(words) > 1 else self.section
        elif name in _BREAKS:
            self.add("\n\n")
            self.formats = name == "TS"
        elif name in _PAIRS:
            self.add("".join(map(plain, arguments(rest))))
        elif name in _FONTS or (name == "IP" and rest):
            self.add(" ".join(map(plain, arguments(rest)[: 1 if name == "IP" else None])))
        elif name in _MDOC or name in _LINES:
            if name in _LINES:
                self.add("\n")
            self._mdoc(name, arguments(rest))
        elif name == "T&":
            self.formats = True

    def _mdoc(self, name: str, words: list[str]) -> None:
        if name == "Nm":
            self._called = self._called or " ".join(words[:1])
            words = words or [self._called]
        if name == "Xr" and len(words) > 1:
            words = [f"{words[0]}({words[1]})", *words[2:]]
        pieces = []
        before, behind = _MDOC.get(name, ("", ""))
        for word in words:
            if word in _MDOC:
                pieces.append(before + behind if word == words[0] else "")
                before, behind = _MDOC[word]
            else:
                pieces.append(f"{before}{plain(word)}")
                before = ""
        text = re.sub(r"(?<! ) ++([.,:;)\]!?])(?= |$)", r"\1", " ".join(filter(None, pieces)))
        self.add(f"{before if not pieces else ''}{text}{behind}")
