r"""TeX and LaTeX: words and headings, without commands, formulae, drawings and what is for the printer.

The kept libraries either run TeX's macros or fail on commands such as ``\href`` with fewer arguments than they expect;
what is read here is one pass over what stands in the file, without running any of it.
"""

import re
import unicodedata
from collections.abc import Iterator

from semhash.corpus.document import Document
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

__all__ = ["Tex", "text_of_tex"]

_SUFFIXES = (".tex", ".ltx", ".latex", ".dtx", ".texi", ".texinfo")
_BEGINS = re.compile(
    rb"(?:%[^\n]*+\n|\s++)*+\\(?:documentclass|documentstyle|begin\{document\}|chapter\{|section\{)"
)
_TOKEN = re.compile(
    r"(?<!\\)%[^\n]*+\n?[ \t]*+"  # a remark, with the newline and what is indented below it
    r"|\\begin\{(?P<begin>[^{}\n]{1,60})\}|\\end\{(?P<end>[^{}\n]{1,60})\}"
    r"|\\(?P<name>[A-Za-z@]{1,60}+)\*?+|\\(?P<sign>.|\n)"
    r"|(?P<maths>\$\$?+)|(?P<brace>[{}])|(?P<rest>[^\\%${}]++)",
    re.DOTALL,
)
_MATHS = frozenset(
    "equation align alignat gather multline eqnarray math displaymath flalign subequations dmath split array".split()
)
_SILENT = _MATHS | frozenset(
    "tikzpicture pgfpicture picture pspicture thebibliography filecontents comment axis".split()
)
_VERBATIM = frozenset("verbatim lstlisting minted Verbatim alltt".split())
# Commands whose arguments, so many in braces, are no words; options in brackets never are.
_NO_WORDS = {
    **dict.fromkeys((
         "label ref eqref pageref autoref cref Cref nameref vref cite citep citet citealp citeauthor "
         "citeyear parencite textcite autocite footcite nocite usepackage RequirePackage documentclass "
         "documentstyle input include includeonly includegraphics bibliography bibliographystyle "
         "addbibresource graphicspath pagestyle thispagestyle vspace hspace hypersetup geometry "
         "newcounter newlength usetikzlibrary color pagecolor selectlanguage date hypertarget hyperlink "
         "url path index glossary setmainfont lstset tikzset pgfplotsset theoremstyle "
         "PassOptionsToPackage bibitem vskip linespread captionsetup ensuremath newtheorem href textcolor "
         "raisebox parbox scalebox def "
    ).split(), 1),
    **dict.fromkeys((
         "setcounter addtocounter setlength addtolength numberwithin rule fontsize DeclareMathOperator "
         "newcommand renewcommand providecommand multicolumn multirow resizebox "
    ).split(), 2),
    **dict.fromkeys("newenvironment renewenvironment".split(), 3),
}  # fmt: skip
_TABLES = frozenset("tabular tabularx tabulary longtable minipage wrapfigure multicols adjustbox".split())
_BLOCKS = frozenset(
    "par part chapter section subsection subsubsection paragraph item newline caption title author maketitle footnote "
    "thanks newpage clearpage bigskip medskip hline tabularnewline".split()
)
_HEADINGS = ("title", "chapter", "section")
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a", "k": "\u0328", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł",
    "L": "Ł",
    "i": "i", "j": "j", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "ng": "ŋ", "dots": "…",
    "ldots": "…", "textellipsis": "…",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "TeX": "TeX", "LaTeX": "LaTeX",
    "textendash": "–", "textemdash": "—", "textbackslash": "\\", "textquoteright": "’", "textasciitilde": "~",
    "textdegree": "°", "degree": "°", "quad": " ", "qquad": " ", "textbar": "|",
}  # fmt: skip
_SIGNS = {"%": "%", "&": "&", "$": "$", "#": "#", "_": "_", "{": "{", "}": "}", " ": " ", "\n": " ", ",": " ", ";": " ",
          ":": " ", "\\": "\n", "-": "", "/": "", "!": "", "@": ""}  # fmt: skip
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "), ("&", " "))


class Tex:
    """Files called ``.tex`` and the like, or that begin as a document in LaTeX."""

    name = "TeX"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by the command that begins a document."""
        return name.lower().endswith(_SUFFIXES) or _BEGINS.match(head) is not None

    def read(self, source: Source) -> Iterator[Document]:
        """Give the file as one document, called by its title or its first heading."""
        text, title = text_of_tex(source.text())
        yield source.document(with_title(title, text), title)


def text_of_tex(tex: str) -> tuple[str, str]:
    """Give the text of a document in TeX, and its title.

    Parameters
    ----------
    tex : str
        Its source, however broken.
    """
    page = _Page(tex)
    while page.at < len(tex):
        page.step()
    return page.text(), next((page.headings[name] for name in _HEADINGS if page.headings.get(name)), "")


class _Page:
    """A document as it is put together, in one pass over its source."""

    def __init__(self, tex: str) -> None:
        self.at = 0
        self.headings: dict[str, str] = {}
        self._tex = tex
        self._pieces: list[str] = []
        self._groups: list[tuple[str, int]] = []  # what each open brace belongs to, and where its text begins
        self._closing = _pairs(tex)
        self._absent: set[str] = set()  # marks that are known not to come any more

    def text(self) -> str:
        """Give what there is, blank lines between paragraphs."""
        return _tidy("".join(self._pieces))

    def step(self) -> None:
        """Go on by one token."""
        token = _TOKEN.match(self._tex, self.at)
        if token is None:
            self.at += 1
            return
        self.at = token.end()
        if token["begin"]:
            self._begin(token["begin"].rstrip("*"))
        elif token["end"]:
            self._pieces.append("\n")
        elif token["name"]:
            self._command(token["name"])
        elif token["sign"]:
            self._sign(token["sign"])
        elif token["maths"]:
            self._past(token["maths"])
        elif token["brace"] == "{":
            self._groups.append(("", len(self._pieces)))
        elif token["brace"]:
            self._close()
        elif token["rest"]:
            self._pieces.append(token["rest"])

    def _begin(self, name: str) -> None:
        end = f"\\end{{{name}"
        self._pieces.append("\n")
        if name in _SILENT:
            self._past(end)
            self._past("}")
        elif name in _VERBATIM:
            self._options()
            start = self.at
            self._past(end)
            self._pieces.append(self._tex[start : max(start, self.at - len(end))])
            self._past("}")
        elif name in _TABLES:
            self._options()
            for _ in range(2 if name in ("tabularx", "tabulary", "wrapfigure") else 1):
                self._argument()
        else:
            self._options()

    def _command(self, name: str) -> None:
        if name in ("verb", "lstinline") and self.at < len(self._tex):
            mark, start = self._tex[self.at], self.at + 1
            self.at = start
            self._past("}" if mark == "{" else mark)
            self._pieces.append(self._tex[start : max(start, self.at - 1)])
        elif name in _ACCENTS and len(name) == 1 and self._tex[self.at : self.at + 1] in (" ", "{"):
            self._accent(_ACCENTS[name])
        elif name in _LETTERS:
            self._pieces.append(_LETTERS[name])
            self._blanks(empty=True)
        else:
            self._options()
            for _ in range(_NO_WORDS.get(name, 0)):
                self._argument()
                self._options()
            if name in _BLOCKS:
                self._pieces.append("\n\n" if name.endswith(("section", "chapter", "part", "par")) else "\n")
            if self._tex.startswith("{", self.at):
                self.at += 1
                self._groups.append((name, len(self._pieces)))
            else:
                self._blanks()

    def _close(self) -> None:
        name, start = self._groups.pop() if self._groups else ("", 0)
        if name in _HEADINGS and name not in self.headings:
            self.headings[name] = one_line(" ".join(_tidy("".join(self._pieces[start:])).split()))
        if name in _BLOCKS:
            self._pieces.append("\n")

    def _sign(self, sign: str) -> None:
        if sign in "([":
            self._past({"(": "\\)", "[": "\\]"}[sign])
        elif sign in _ACCENTS:
            self._accent(_ACCENTS[sign])
        else:
            self._pieces.append(_SIGNS.get(sign, ""))
            if sign == "\\":
                self._options()

    def _accent(self, mark: str) -> None:
        """Put an accent on the letter that follows, which may stand in braces or be the dotless i."""
        letter = _ACCENTED.match(self._tex, self.at)
        if letter:
            self.at = letter.end()
            base = next(filter(None, letter.groups()))
            self._pieces.append(unicodedata.normalize("NFC", base + mark))

    def _options(self) -> None:
        for _ in range(3):
            option = _OPTION.match(self._tex, self.at)
            self.at = option.end() if option else self.at

    def _argument(self) -> None:
        """Leave out an argument in braces, with what is nested in it."""
        blanks = _BLANKS.match(self._tex, self.at)
        start = blanks.end() if blanks else self.at
        if not self._tex.startswith("{", start):
            return
        self.at = self._closing.get(start, self.at)

    def _past(self, mark: str) -> None:
        """Go behind a mark; where it never comes, stay, so that no text is lost for one that was forgotten."""
        if mark in self._absent:
            return
        found = self._tex.find(mark, self.at)
        if found < 0:
            self._absent.add(mark)
        elif mark not in _IN_A_PARAGRAPH or self._tex.find("\n\n", self.at, found) < 0:
            self.at = found + len(mark)

    def _blanks(self, empty: bool = False) -> None:
        """Go behind the blanks that end a command's name, or the empty group that does."""
        if empty and self._tex.startswith("{}", self.at):
            self.at += 2
        elif self._pieces and self._pieces[-1][-1:].isalpha():
            self.at += self._tex.startswith(" ", self.at)


_ACCENTED = re.compile(r"[ ]?+(?:\{\\([ij])\s?\}|\\([ij])(?![A-Za-z])\s?|\{([^\W\d_])\}|([^\W\d_]))")
_OPTION = re.compile(r"[ \t]*+(?:\[[^\[\]{}]{0,400}(?:\{[^{}]{0,200}\}[^\[\]{}]{0,400}){0,20}\])")
_BLANKS = re.compile(r"\s{0,20}+")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_IN_A_PARAGRAPH = frozenset({"$", "\\)"})  # a blank line ends what was forgotten to be closed


def _pairs(tex: str) -> dict[int, int]:
    """Find where what each brace opens has ended, for those that are closed."""
    closing, open_at = {}, []
    for brace in _BRACE.finditer(tex):
        if brace[0] == "{":
            open_at.append(brace.start())
        elif brace[0] == "}" and open_at:
            closing[open_at.pop()] = brace.end()
    return closing


def _tidy(text: str) -> str:
    for signs, shown in _LIGATURES:
        text = text.replace(signs, shown)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}+", "\n\n", "\n".join(lines)).strip()
