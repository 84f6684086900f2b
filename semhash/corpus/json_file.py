"""JSON: rows where the file holds some, the cells of a notebook, and else the words between its quotes."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, Skipped, SkipReason
from semhash.corpus.html_text import text_of_html
from semhash.corpus.markdown import first_heading
from semhash.corpus.plain import underlined
from semhash.corpus.rows import MAX_DEPTH, broken, document_of, kind_of_value, text_of_row
from semhash.corpus.source import Source
from semhash.corpus.titles import one_line, with_title

__all__ = ["Json", "strings_of"]

_SUFFIXES = (".json", ".jsonc", ".jsonld", ".geojson", ".ipynb", ".har", ".webmanifest", ".code-workspace")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:\[\s*+)?\{\s*+\"(?:[^\"\\\n]|\\.){0,200}+\"\s*+:")
# What people write into JSON, although it is none: remarks, and commas behind the last of a row.
_NOT_JSON = re.compile(
    r"(\"(?:[^\"\\]++|\\.)*+\"?)|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?|,(?=\s*+[}\]])", re.DOTALL
)
_SPACE = re.compile(r"\s*+")
_HOLD_ROWS = frozenset(
    {
        "data",
        "rows",
        "items",
        "results",
        "records",
        "documents",
        "docs",
        "articles",
        "entries",
        "posts",
        "messages",
    }
    | {"reviews", "comments", "questions", "hits", "values", "list"}
)
_LOOKED_AT = 100  # rows
_TITLES = ("title", "name", "headline", "subject")
_MAX_VALUES = 50_000_000
_END = object()
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


class Json:
    """Files called ``.json`` and the like, notebooks among them, or that begin as JSON does and are it."""

    name = "JSON"

    def accepts(self, name: str, head: bytes) -> bool:
        """Go by the suffix, or by an object at the beginning."""
        return name.lower().endswith(_SUFFIXES) or _BEGINS.match(head) is not None

    def read(self, source: Source) -> Iterator[Document | Skipped]:
        """Give a document for each row, or the file as one.

        Raises
        ------
        Skip
            It is called JSON and is none, or has numbers alone.
        """
        text = source.text()
        try:
            values = _parsed(text)
        except (ValueError, RecursionError) as error:
            if source.bare_name.lower().endswith(_SUFFIXES):
                raise _broken(error) from error
            yield source.document(text, underlined(text))
            return
        rows = values if len(values) > 1 else _rows(values[0], source.config.fields)
        if rows is not None:
            yield from _documents(rows, source)
        elif isinstance(values[0], dict) and isinstance(
            values[0].get("cells", values[0].get("worksheets")), list
        ):
            yield _notebook(values[0], source)
        else:
            yield _whole(values[0], source)


def _parsed(text: str) -> list[Any]:
    """Give what the file holds: one value, or several in a row, as in JSON lines by another name."""
    decoder = json.JSONDecoder(parse_int=_whole_number)
    try:
        return [decoder.decode(text)]
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data") or not isinstance(
            decoder.raw_decode(text.lstrip())[0], dict
        ):
            for _ in range(2):  # a comma may stand before a remark
                text = _NOT_JSON.sub(lambda found: found[1] or "", text)
            return [decoder.decode(text)]
    values, at = [], 0
    while at < len(text):
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
    return values


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits


def _broken(error: Exception) -> Skip:
    if isinstance(error, RecursionError):
        return Skip(SkipReason.UNREADABLE, f"expected JSON of at most {MAX_DEPTH} levels, found more")
    found = (
        f"{error.msg[0].lower()}{error.msg[1:]} at line {error.lineno}"
        if isinstance(error, json.JSONDecodeError)
        else str(error)
    )
    return Skip(SkipReason.UNREADABLE, f"expected JSON to its end, found: {found}")


def _rows(value: Any, given: Mapping[str, str]) -> list[Any] | None:
    """Find the rows: a list of objects that have a text, be it the file itself or one of its fields.

    Of fields that are called otherwise than what holds rows mostly is, and of an object alone, only a text by that very
    name counts: the description of a package or of a server is not all that the file says.
    """
    exactly = {"text": "text", **given}
    if isinstance(value, list):
        return value if _are_rows(value, given) else None
    if not isinstance(value, dict):
        return None
    found = [
        inner
        for name, inner in value.items()
        if isinstance(inner, list) and _are_rows(inner, given if name.lower() in _HOLD_ROWS else exactly)
    ]
    if found:
        return max(found, key=len)
    if _are_rows([value], exactly):
        return [value]
    if len(value) > 1 and _are_rows(list(value.values()), exactly):
        return [{"id": key, **inner} for key, inner in value.items()]
    return None


def _are_rows(values: list[Any], given: Mapping[str, str]) -> bool:
    objects = [value for value in values[:_LOOKED_AT] if isinstance(value, dict)]
    return len(objects) == len(values[:_LOOKED_AT]) > 0 and any(text_of_row(row, given) for row in objects)


def _documents(rows: list[Any], source: Source) -> Iterator[Document | Skipped]:
    for source.row, row in zip(count(1), rows, strict=False):
        try:
            if not isinstance(row, dict):
                raise broken("a JSON object", kind_of_value(row))
            document = document_of(row, source)
        except Skip as skip:
            yield Skipped(source.where, skip.reason, skip.detail)
        else:
            if document is not None:
                yield document


def _whole(value: Any, source: Source) -> Document:
    """Make one document of all strings, which stand on lines of their own; names of fields are none of its words."""
    title = ""
    if isinstance(value, dict):
        titles = (value[name] for name in _TITLES if isinstance(value.get(name), str))
        title = one_line(well_formed(next(titles, "")))
    return source.document(well_formed("\n".join(strings_of(value))), title)


def strings_of(value: Any, limit: int = _MAX_VALUES) -> Iterator[str]:
    """Walk the strings of a nested value, in order.

    Parameters
    ----------
    value : object
        Lists, dicts and what they hold.
    limit : int
        Values that are looked at.

    Raises
    ------
    Skip
        There are too many, as where a value is said to stand in many places.
    """
    open_values = [iter([value])]
    for _ in range(limit):
        inner = next(open_values[-1], _END)
        if inner is _END:
            open_values.pop()
            if not open_values:
                return
        elif isinstance(inner, str):
            yield text_of_html(inner) if _MARKUP.search(inner) else inner
        elif isinstance(inner, dict):
            open_values.append(iter(inner.values()))
        elif isinstance(inner, list):
            open_values.append(iter(inner))
    raise Skip(SkipReason.TOO_LARGE, f"expected at most {limit:,} values in a file, found more")


def _notebook(notebook: dict[str, Any], source: Source) -> Document:
    """Read the cells of a Jupyter notebook (nbformat 3 and 4): text, code, and what it printed; no pictures."""
    sheets = notebook.get("worksheets")
    cells = notebook.get("cells") or [
        cell for sheet in sheets or () if isinstance(sheet, dict) for cell in sheet.get("cells") or ()
    ]
    pieces: list[str] = []
    title = ""
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict):
            text = _lines(cell.get("source", cell.get("input")))
            if cell.get("cell_type") == "markdown":
                title = title or first_heading(text)
            elif cell.get("cell_type") == "heading":
                title = title or one_line(text)
            pieces += [text, *_outputs(cell.get("outputs"))]
    metadata = notebook.get("metadata")
    named = metadata.get("title") if isinstance(metadata, dict) else None
    named = one_line(well_formed(named)) if isinstance(named, str) else ""
    text = well_formed("\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()))
    return source.document(with_title(named, text), named or well_formed(title))


def _outputs(outputs: Any) -> Iterator[str]:
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict):
            data = output.get("data", output)
            shown = data.get("text/plain") if isinstance(data, dict) else None
            yield _lines(output.get("text", shown))
            yield _lines(output.get("traceback"))


def _lines(value: Any) -> str:
    """Join the lines of a cell, which are a string or a list of them."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""
