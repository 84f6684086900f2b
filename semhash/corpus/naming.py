"""The words of a file's name, which are counted with its text: people name files after what is in them."""

import re
import unicodedata
from urllib.parse import unquote

from semhash.corpus.unpacking import without_packing

__all__ = ["name_words"]

# Those that say what a file is, and nothing of what it is about. What follows another dot, as in "Mr.Darcy" or
# "release-2.1", is part of the name.
_SUFFIXES = frozenset(
    """
    adoc asc asciidoc bib brf cfg cls conf csv diff doc docm docx dot dotx dvi eml emlx epub fodt htm html ics ini
    ipynb json jsonl latex log markdown mbox mbx md mdown mdx me mht mhtml mkd mobi msg ndjson odf odp ods odt org
    ott pages patch pdf plist pod pot potx ppt pptm pptx properties ps qmd rmd roff rss rst rtf rtx sgm sgml srt ss
    sty svg sxw tab tar tex texi texinfo text tgz tmpl toml tsv txt vcf vtt wiki wpd xhtml xht xls xlsm xlsx xml yaml
    yml zip
    awk bash bat c cc clj cljs cmake cmd cpp cs css cxx dart el erl ex exs f f90 fs go gradle groovy h hh hpp hs hxx
    ipp java jl js jsx kt kts lhs lisp lua m mjs ml mli mm pas perl php pl pm proto ps1 py pyi pyx r rb rkt rs s sass
    sc scala scm scss sh sql swift tcl ts tsx v vb vhd vim vue zig zsh
    bak old orig tmp
    """.split()
)
_MAN_SECTION = re.compile(r"[1-9n]([a-z]|pm|perl|posix|ssl|tcl)?", re.IGNORECASE)
_NOT_TEXT = re.compile(r"\\x[0-9a-f]{2}")  # bytes of a name that are no UTF-8, as they are shown
# What programs call files: hashes, which stay whole, and UUIDs, whose five parts would only outweigh the text.
_HASH = re.compile(r"(?=.*[a-f])[0-9a-f]{8,}", re.IGNORECASE)
_ASCII_PIECE = re.compile("[A-Za-z0-9]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MAX_NAME = 300


def name_words(file_name: str) -> str:
    """Return the words of a file's name, a blank between them, each once.

    Parameters
    ----------
    file_name : str
        The last part of a path.

    Returns
    -------
    str
        Cut at all that is neither letter nor digit, between letters and digits, and where small letters turn into
        capitals: ``hindenburgContract2`` is ``hindenburgContract2 hindenburg Contract 2``, since either may be asked
        for. What the name ends in to say what the file is, and how it is packed, is none of them.
    """
    found: dict[str, str] = {}
    for piece in _pieces(_bare(file_name[:_MAX_NAME])):
        for word in (piece, *_parts(piece)):
            found.setdefault(word.lower(), word)
    return " ".join(word for word in found.values() if len(word) > 1 or not word.isascii())


def _bare(file_name: str) -> str:
    """Return a name without its suffixes, as plain text."""
    name = _NOT_TEXT.sub(" ", file_name)
    if "%" in name:  # as what was fetched from the web is called
        unquoted = unquote(name, errors="replace")
        name = name if "\ufffd" in unquoted else unquoted
    name = without_packing(unicodedata.normalize("NFC", name))
    stem, dot, suffix = name.rpartition(".")
    while dot and stem.strip(".") and (suffix.lower() in _SUFFIXES or _MAN_SECTION.fullmatch(suffix)):
        name = stem
        stem, dot, suffix = name.rpartition(".")
    return name


def _pieces(name: str) -> list[str]:
    """Return what stands between separators."""
    name = _UUID.sub(" ", name)
    if name.isascii():
        return _ASCII_PIECE.findall(name)
    return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in name).split()


def _parts(piece: str) -> list[str]:
    """Return the words that stand together in a piece: ``HTMLParser2`` is HTML, Parser and 2."""
    if piece.isdigit() or (piece.isalpha() and (piece[1:].islower() or piece.isupper())):
        return []  # as most are
    if _HASH.fullmatch(piece):
        return []
    parts = [""]
    for at, character in enumerate(piece):
        before, behind = piece[at - 1 : at], piece[at + 1 : at + 2]
        turns = bool(before) and (
            _kind(before) != _kind(character)
            or (character.isupper() and (before.islower() or (before.isupper() and behind.islower())))
        )
        if turns:
            parts.append("")
        parts[-1] += character
    return parts if len(parts) > 1 else []


def _kind(character: str) -> bool:
    """Tell digits from letters and the marks upon them."""
    return character.isdecimal()
