"""From a row of named fields to a document: what JSON lines and tables have in common."""

import math
from typing import Any

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.source import Source
from semhash.corpus.titles import first_line, one_line, with_title

__all__ = ["FIELDS", "MAX_DEPTH", "broken", "clean", "document_of", "kind_of_value"]

FIELDS = ("id", "text", "title", "labels", "split")
"""What a document takes from a row; other fields are its metadata."""

MAX_DEPTH = 100
"""Levels of nesting in a field."""


def document_of(row: dict[str, Any], source: Source, names: dict[str, str]) -> Document | None:
    """Make a document of a row; None if it is of another split than the one wanted.

    Parameters
    ----------
    row : dict
        Plain JSON values by field.
    source : Source
        The file, at this row.
    names : dict of str to str
        What the file calls each of `FIELDS`.

    Raises
    ------
    Skip
        A field is missing or of the wrong type.
    """
    split = _name(row, names["split"])
    if source.config.split is not None and split != source.config.split:
        return None
    text = _text(row, names["text"])
    title = one_line(_name(row, names["title"]) or "")
    others = {key: value for key, value in row.items() if key not in names.values()}
    name = _name(row, names["id"])
    return Document(
        id=name or source.where,
        text=with_title(title, text),
        title=title or first_line(text),
        path=source.name,
        labels=_labels(row, names["labels"]),
        split=split,
        metadata=clean(others),
        placed=not name,
    )


def broken(expected: str, found: str) -> Skip:
    """Give what is to be raised for a row that cannot be used."""
    return Skip(SkipReason.BROKEN_ROW, f"expected {expected}, found {found}")


def kind_of_value(value: object) -> str:
    """Say in words what JSON calls a value."""
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return kinds.get(type(value), "a number")


def _text(row: dict[str, Any], field: str) -> str:
    if field not in row:
        names = one_line(", ".join(map(repr, row))) or "no field"
        raise broken(f"a field {field!r} that holds the text (the option `fields` can name another)", names)
    if not isinstance(row[field], str):
        raise broken(f"a string in {field!r}", kind_of_value(row[field]))
    return well_formed(row[field])


def _name(row: dict[str, Any], field: str) -> str | None:
    """Read a short string; whole numbers are written out, null and blank are as good as missing."""
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise broken(f"a string in {field!r}", kind_of_value(value))
    name = well_formed(str(value))
    return name if name.strip() else None


def _labels(row: dict[str, Any], field: str) -> tuple[str, ...]:
    value = row.get(field)
    labels = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(labels, list):
        raise broken(f"a string or a list of strings in {field!r}", kind_of_value(value))
    wrong = next((label for label in labels if not isinstance(label, str)), "")
    if wrong != "":
        raise broken(f"a list of strings in {field!r}", f"{kind_of_value(wrong)} among them")
    return tuple(dict.fromkeys(well_formed(label) for label in labels if label.strip()))


def clean(value: Any, depth: int = 0) -> Any:
    """Keep to what any JSON reader takes: finite floats, 64-bit integers, strings of well-formed Unicode."""
    if depth > MAX_DEPTH:
        raise broken(f"at most {MAX_DEPTH} levels of nesting", "more")
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(key): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value
