"""Filters: which documents may be found, said in terms of what the catalogue keeps of them.

A filter has keys, and one value or several for each. A document passes when every key is met (AND), and a key
is met by any of its values (OR). ``label``, ``path`` and ``split`` are keys of every index; every field of the
documents' metadata is one, too, and may be written ``metadata.FIELD``, as it must where it is called as one of those.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from semhash.catalogue import DOCUMENTS, LABELS, Catalogue
from semhash.errors import ConfigError

__all__ = ["Settled", "Where", "is_key", "select", "settled"]

Where: TypeAlias = Mapping[str, str | Iterable[str]]
"""For each key one value, or several of which any will do."""

Settled: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""A filter in the one way of writing it."""
_KEYS = ("label", "path", "split")
_METADATA = "metadata."
_MAX_GLOB = 1000
_AS_IT_IS = re.compile("-?[0-9]{1,15}|[A-Za-z][A-Za-z0-9 _.,:;+-]*")
_SHOWN = 8
_LOOKED_AT = 10_000


def settled(where: Where) -> Settled:
    """Write a filter in one way only, so that equal filters are equal.

    Raises
    ------
    ConfigError
        A key has no value.
    """
    found = {key: [values] if isinstance(values, str) else list(values) for key, values in where.items()}
    for key, values in found.items():
        if not values:
            raise ConfigError(
                f"where: expected a value for {key}, found none; leave the key out for any value"
            )
    return tuple(
        sorted((_sound(key), tuple(sorted(set(map(_sound, values))))) for key, values in found.items())
    )


def _sound(text: str) -> str:
    """Put U+FFFD where a command line held bytes that are no text, which SQLite would not take."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def select(catalogue: Catalogue, where: Where) -> NDArray[np.int64]:
    """Find the documents that pass a filter.

    Parameters
    ----------
    catalogue : Catalogue
    where : mapping of str to str or iterable of str
        ``label``: one of a document's labels is the value. ``path``: the document's path matches the value
        as `fnmatch.fnmatchcase` has it, ``*`` matching ``/`` too. ``split``: its split is the value. Any other
        key: the field of that name in its metadata is the value, or a list that holds it; numbers are compared
        as they are written in JSON, and so are ``true``, ``false`` and ``null``. Metadata are read for this
        document by document.

    Returns
    -------
    rows : ndarray of shape (n,), int64
        Ascending; none when no document meets all keys at once.

    Raises
    ------
    ConfigError
        No document has the key, or no document of the index has one of the values.
    """
    asked = dict(settled(where))
    by_hand = {} if all(map(_is_glob, asked.get("path", ()))) else _matching(catalogue, asked["path"])
    for key, values in asked.items():
        for value in values:
            met = sa.select(DOCUMENTS.c.row).where(_meets(key, value)).limit(1)
            if not (by_hand[value] if key == "path" and by_hand else catalogue.select(met)):
                raise ConfigError(f"where: {_complaint(catalogue, key, value)}")
    if by_hand:
        del asked["path"]
    every = sa.and_(
        sa.true(), *(sa.or_(*(_meets(key, value) for value in values)) for key, values in asked.items())
    )
    found = catalogue.select(sa.select(DOCUMENTS.c.row).where(every).order_by(DOCUMENTS.c.row))
    rows = np.array([row for (row,) in found], dtype=np.int64)
    return np.intersect1d(rows, np.concatenate([*map(np.array, by_hand.values())])) if by_hand else rows


def is_key(catalogue: Catalogue, name: str) -> bool:
    """Say whether a document of the index has anything to be filtered by under a name."""
    if name == "path":
        return True
    if name == "label":
        return bool(catalogue.select(sa.select(LABELS.c.row).limit(1)))
    if name == "split":
        return bool(
            catalogue.select(sa.select(DOCUMENTS.c.row).where(DOCUMENTS.c.split.is_not(None)).limit(1))
        )
    field = _entries(DOCUMENTS.c.metadata)
    has: sa.ColumnElement[bool] = sa.exists().select_from(field).where(field.c.key.in_(_names(name)))
    if name.isascii() and name.isprintable() and "\\" not in name:
        # To look for a name that JSON writes as it is takes less long than to read JSON.
        has = (sa.func.instr(DOCUMENTS.c.metadata, f'{name.removeprefix(_METADATA)}"') > 0) & has
    return bool(catalogue.select(sa.select(DOCUMENTS.c.row).where(has).limit(1)))


def _is_glob(pattern: str) -> bool:
    """Say whether SQLite's GLOB takes a pattern as `fnmatch.fnmatchcase` does: not where it has sets."""
    return "[" not in pattern and "\0" not in pattern and len(pattern) <= _MAX_GLOB


def _matching(catalogue: Catalogue, patterns: Sequence[str]) -> dict[str, list[int]]:
    """Give the rows of the paths that match each pattern.

    Here, and not by a function that SQLite calls: while it does, its connection is locked for all threads.
    """
    found: dict[str, list[int]] = {pattern: [] for pattern in patterns}
    matchers = [(re.compile(fnmatch.translate(pattern)).match, rows) for pattern, rows in found.items()]
    for row, path in catalogue.paths():
        for matches, rows in matchers:
            if matches(path):
                rows.append(row)
    return found


def _meets(key: str, value: str) -> sa.ColumnElement[bool]:
    """Say in SQL that a document meets a key by a value."""
    if key == "label":
        return DOCUMENTS.c.row.in_(sa.select(LABELS.c.row).where(LABELS.c.label == value))
    if key == "path":
        return DOCUMENTS.c.path.op("GLOB", is_comparison=True)(value)
    if key == "split":
        return DOCUMENTS.c.split == value
    field = _entries(DOCUMENTS.c.metadata)
    items = _entries(_list_or_none(field))
    among = sa.exists().select_from(items).where(_written(items) == value)
    named = field.c.key.in_(_names(key))
    met = sa.exists().select_from(field).where(named & ((_written(field) == value) | among))
    # To look for a value that JSON writes as it is takes less long than to read JSON.
    return (sa.func.instr(DOCUMENTS.c.metadata, value) > 0) & met if _AS_IT_IS.fullmatch(value) else met


def _names(key: str) -> tuple[str, ...]:
    """Return the fields of the metadata that a key means: ``metadata.label`` is the one called ``label``."""
    return (key, key.removeprefix(_METADATA)) if key.startswith(_METADATA) else (key,)


def _entries(value: sa.ColumnElement[Any]) -> sa.TableValuedAlias:
    """Give a JSON object's or list's entries as a table of SQLite's own."""
    return sa.func.json_each(value).table_valued("key", "value", "type", "atom")


def _list_or_none(field: sa.TableValuedAlias) -> sa.ColumnElement[Any]:
    """Give a field's value where it is a list, and an empty list elsewhere."""
    return sa.case((field.c.type == "array", field.c.value), else_="[]")


def _written(entry: sa.TableValuedAlias) -> sa.ColumnElement[Any]:
    """Give a value as text: a string as it is, all else as JSON writes it; NULL for lists and objects."""
    named = entry.c.type.in_(("true", "false", "null"))
    return sa.case((named, entry.c.type), else_=sa.cast(entry.c.atom, sa.Text))


def _complaint(catalogue: Catalogue, key: str, value: str) -> str:
    """Say what is wrong with a key and a value that no document meets, and what would be right."""
    if key not in _KEYS:
        field = _entries(DOCUMENTS.c.metadata)
        fields = _strings(catalogue, sa.select(field.c.key).select_from(DOCUMENTS).join(field, sa.true()))
        keys = [*_KEYS, *(f"{_METADATA}{name}" if name in _KEYS else name for name in fields)]
        if not {key, *_names(key)} & {*keys, *fields}:
            return f"expected one of the keys {_listed(keys)}, found {key!r}{_near(key, keys)}"
    values = _values(catalogue, key)
    if not values:
        return f"expected a key that documents of this index have, found {key!r}, which none has"
    what = (
        "a path that is matched by it"
        if key == "path"
        else f"a {key} of this index, such as {_listed(values)}"
    )
    example = f"; paths are such as {_listed(values)}" if key == "path" else _near(value, values)
    return f"expected {what}, found {key}={value!r}{example}"


def _values(catalogue: Catalogue, key: str) -> list[str]:
    """Give the values of a key, or the first of very many."""
    if key == "label":
        return _strings(catalogue, sa.select(LABELS.c.label))
    if key in _KEYS:
        return _strings(catalogue, sa.select(DOCUMENTS.c[key]).where(DOCUMENTS.c[key].is_not(None)))
    field = _entries(DOCUMENTS.c.metadata)
    items = _entries(_list_or_none(field))
    fields = sa.join(DOCUMENTS, field, sa.true())
    alone = sa.select(_written(field)).select_from(fields)
    listed = sa.select(_written(items)).select_from(fields.join(items, sa.true()))
    queries = (
        query.where((field.c.key.in_(_names(key))) & query.selected_columns[0].is_not(None))
        for query in (alone, listed)
    )
    return sorted({text for query in queries for text in _strings(catalogue, query)})


def _strings(catalogue: Catalogue, query: sa.Select[Any]) -> list[str]:
    found = catalogue.select(query.distinct().limit(_LOOKED_AT))
    return sorted(str(value) for (value,) in found)


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more


def _near(value: str, values: Sequence[str]) -> str:
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in values}
    near = get_close_matches(value.casefold(), by_folded, n=3)
    return f"; near it: {', '.join(by_folded[each] for each in near)}" if near else ""
