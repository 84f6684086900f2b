r"""From a row of named fields to a document: what JSON lines and tables have in common.

A row's fields are found by the names that they commonly have, in capitals or not, or by those that the user gives
(``--field text=body``). A given name is first taken as it stands, whatever it holds; else as several with commas
between them, whose texts are joined (``title,abstract``); and each of those, where there is no field of that name, as
a path into nested values with dots between the steps (``body.text``, ``authors.0.name``; ``sections.text`` goes
through all elements of a list). ``\,`` is a comma that is part of a name.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from semhash.corpus.decoding import well_formed
from semhash.corpus.document import Document, Skip, SkipReason
from semhash.corpus.source import Source
from semhash.corpus.titles import first_line, one_line, with_title

__all__ = [
    "FIELDS",
    "KNOWN_NAMES",
    "MAX_DEPTH",
    "broken",
    "clean",
    "document_of",
    "fields_of",
    "id_and_text",
    "kind_of_value",
    "text_of_row",
    "values_at",
]

FIELDS = ("id", "text", "title", "labels", "split")
"""What a document takes from a row; other fields are its metadata."""

KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "doc_id", "docid", "document_id"),
    "text": (
        *("text", "body", "content", "contents", "abstract", "description", "message", "article"),
        *("document", "passage", "review", "comment", "post", "summary", "question", "sentence"),
    ),
    "title": ("title", "subject", "headline", "name"),
    "labels": ("labels", "label"),
    "split": ("split",),
}
"""What each of `FIELDS` is commonly called, the likeliest name first."""

MAX_DEPTH = 100
"""Levels of nesting in a field."""

_COMMA = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\([,\\])")

Path = tuple[str, ...]
"""A field, or the steps to a value inside of one."""

_KEPT_NAMES, _KEPT_LETTERS = 100, 2000
_Given = tuple[tuple[str, str], ...]


def fields_of(names: Iterable[str], given: Mapping[str, str]) -> dict[str, tuple[Path, ...]]:
    """Find the fields that hold what a document has.

    Parameters
    ----------
    names : iterable of str
        What a row's fields are called.
    given : mapping of str to str
        Names that the user gives to some of `FIELDS`, as in `CorpusConfig.fields`.

    Returns
    -------
    dict of str to tuple of tuple of str
        For each of `FIELDS`, the paths to the values that it is made of; none where the row has nothing of the kind.
    """
    listed = tuple(names)
    small = len(listed) <= _KEPT_NAMES and sum(map(len, listed)) <= _KEPT_LETTERS
    return (_kept if small else _found_fields)(listed, tuple(given.items()))


def _found_fields(names: tuple[str, ...], given: _Given) -> dict[str, tuple[Path, ...]]:
    exactly = set(names)
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    wanted = dict(given)
    found: dict[str, tuple[Path, ...]] = {}
    for field in FIELDS:
        if field in wanted:
            found[field] = tuple(_paths(wanted[field], exactly, folded))
        else:
            known = next((folded[name] for name in KNOWN_NAMES[field] if name in folded), None)
            found[field] = () if known is None else ((known,),)
    return found


_kept = lru_cache(maxsize=512)(_found_fields)  # the rows of a file mostly have the same fields


def _paths(given: str, exactly: set[str], folded: Mapping[str, str]) -> Iterator[Path]:
    """Read a name as the user gives it, by the fields that there are."""
    for part in [given] if _called(given, exactly, folded) is not None else _COMMA.split(given):
        name = part if part in exactly else _ESCAPED.sub(r"\1", part).strip()
        called = _called(name, exactly, folded)
        if called is not None:
            yield (called,)
            continue
        steps = name.split(".")
        for n in range(len(steps) - 1, 0, -1):  # a field whose name holds a dot goes before a path
            called = _called(".".join(steps[:n]), exactly, folded)
            if called is not None:
                yield (called, *steps[n:])
                break


def _called(name: str, exactly: set[str], folded: Mapping[str, str]) -> str | None:
    return name if name in exactly else folded.get(name.casefold())


def values_at(value: Any, path: Path) -> list[Any]:
    """Return what stands at a path; at each step a list is gone through, unless the step is a number of its own."""
    if not path:
        return [value]
    if len(path) == 1 and isinstance(value, dict):
        return [value[path[0]]] if path[0] in value else []
    if isinstance(value, list):
        if path[0].isdecimal():
            at = int(path[0]) if len(path[0]) < 10 else len(value)
            return values_at(value[at], path[1:]) if at < len(value) else []
        inner = (element for element in value if not isinstance(element, list))
        return [found for element in inner for found in values_at(element, path)]
    if isinstance(value, dict):
        for n in range(len(path), 0, -1):
            name = ".".join(path[:n])
            if name in value:
                return values_at(value[name], path[n:])
    return []


def _without(value: Any, path: Path) -> Any:
    """Return a value without what `values_at` finds in it; None where nothing else is left."""
    if not path:
        return None
    if isinstance(value, list):
        if path[0].isdecimal():
            return value
        rest = [element if isinstance(element, list) else _without(element, path) for element in value]
        return rest if any(element is not None for element in rest) else None
    if isinstance(value, dict):
        for n in range(len(path), 0, -1):
            name = ".".join(path[:n])
            if name in value:
                inner = _without(value[name], path[n:])
                rest_of = {key: other for key, other in value.items() if key != name}
                return {**rest_of, name: inner} if inner is not None else rest_of or None
    return value


def document_of(
    row: dict[str, Any], source: Source, names: Mapping[str, str] | None = None
) -> Document | None:
    """Make a document of a row; None if it is of another split than the one wanted.

    Parameters
    ----------
    row : dict
        Plain JSON values by field.
    source : Source
        The file, at this row.
    names : mapping of str to str or None
        What the user calls each of `FIELDS`; by default what the configuration says. One that is called by its own
        name is looked for under all names that it commonly has.

    Raises
    ------
    Skip
        A field is missing or of the wrong type.
    """
    given = source.config.fields if names is None else names
    wanted = {field: name for field, name in given.items() if name != field} if names is not None else given
    fields = fields_of(row, wanted)
    split = _name(row, fields["split"])
    if source.config.split is not None and split != source.config.split:
        return None
    text = _text(row, fields["text"], wanted)
    title = one_line(_name(row, fields["title"]) or "")
    name = _name(row, fields["id"], "/")
    return Document(
        id=name or source.where,
        text=with_title(title, text),
        title=title or first_line(text),
        path=source.name,
        labels=_labels(row, fields["labels"]),
        split=split,
        metadata=clean(_others(row, fields)),
        placed=not name,
    )


def id_and_text(row: dict[str, Any], given: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the id of a row, None where it has none, and its text.

    Raises
    ------
    Skip
        There is no text, or one of them is of the wrong type.
    """
    fields = fields_of(row, given)
    return _name(row, fields["id"], "/"), _text(row, fields["text"], given)


def text_of_row(row: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    """Say whether a row has a field that can be the text."""
    return bool(fields_of(row, given)["text"])


def broken(expected: str, found: str) -> Skip:
    """Return what is to be raised for a row that cannot be used."""
    return Skip(SkipReason.BROKEN_ROW, f"expected {expected}, found {found}")


def kind_of_value(value: object) -> str:
    """Say in words what JSON calls a value."""
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return kinds.get(type(value), "a number")


def _others(row: dict[str, Any], fields: Mapping[str, tuple[Path, ...]]) -> dict[str, Any]:
    """Return the fields that are metadata; of one that something was taken out of, the rest."""
    paths = [path for found in fields.values() for path in found]
    taken = {path[0] for path in paths if len(path) == 1}
    others = {key: value for key, value in row.items() if key not in taken}
    for path in paths:
        if len(path) > 1 and path[0] in others:
            rest = _without(others[path[0]], path[1:])
            if rest is None:
                del others[path[0]]
            else:
                others[path[0]] = rest
    return others


def _written(value: Any) -> str | None:
    """Write a string, a number, or true or false as text; None for what is none of them."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53  # 3.0 where a column of ids has gaps
        return "" if not math.isfinite(value) else str(int(value)) if whole else repr(value)
    return str(value) if isinstance(value, int) else None


def _text(row: dict[str, Any], paths: tuple[Path, ...], given: Mapping[str, str]) -> str:
    values = [(path, value) for path in paths for value in values_at(row, path)]
    if not values:
        names = one_line(", ".join(map(repr, row))) or "no field"
        wanted = given.get("text", "text")
        raise broken(f"a field {wanted!r} that holds the text (the option `fields` can name another)", names)
    texts = []
    for path, value in values:
        if value is None and len(values) > 1:
            continue
        pieces = _pieces(value) if isinstance(value, list) else [value]  # paragraphs, or sentences
        for piece in pieces:
            written = _written(piece)
            if written is None:
                raise broken(f"a string in {'.'.join(path)!r}", _found(value, piece))
            texts.append(written)
    return "\n".join(text for text in texts if text and not text.isspace()) if len(texts) != 1 else texts[0]


def _pieces(values: list[Any]) -> list[Any]:
    """Read a list as its items, or as runs of text, some in objects with their links and faces, some bare."""
    if not any(isinstance(value, dict) and isinstance(value.get("text"), str) for value in values):
        return values
    runs = [value.get("text", "") if isinstance(value, dict) else value for value in values]
    mixed = any(isinstance(value, str) for value in values)
    return ["".join(runs)] if mixed and all(isinstance(run, str) for run in runs) else runs


def _found(value: Any, piece: Any) -> str:
    return f"{kind_of_value(piece)} among a list" if isinstance(value, list) else kind_of_value(value)


def _name(row: dict[str, Any], paths: tuple[Path, ...], between: str = " ") -> str | None:
    """Read a short string; numbers are written out, null and blank are as good as missing."""
    names = []
    for path in paths:
        for value in values_at(row, path):
            written = None if isinstance(value, bool) else _written(value)
            if value is not None and written is None:
                raise broken(f"a string in {'.'.join(path)!r}", kind_of_value(value))
            if written is not None and written.strip():
                names.append(written)
    return between.join(names) or None


def _labels(row: dict[str, Any], paths: tuple[Path, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for path in paths:
        for value in values_at(row, path):
            for label in value if isinstance(value, list) else [] if value is None else [value]:
                written = _written(label)
                if written is None and isinstance(value, list):
                    raise broken(
                        f"a list of strings in {'.'.join(path)!r}", f"{kind_of_value(label)} among them"
                    )
                if written is None:
                    raise broken(f"a string or a list of strings in {'.'.join(path)!r}", kind_of_value(label))
                if written.strip():
                    found[written] = None
    return tuple(found)


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
