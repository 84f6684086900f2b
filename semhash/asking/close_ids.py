"""The ids that are most like one that is not there: of a misspelt name, another case, or a path that lacks a part."""

import sqlite3
from difflib import SequenceMatcher

__all__ = ["close_ids", "did_you_mean"]

_NAMED, _LIKE_ENOUGH = 3, 0.6
_CANDIDATES = 1000  # that hold the name are compared
_ALL = 20_000  # ids are compared one by one; of more, only those that hold the name


def close_ids(connection: sqlite3.Connection, given: str) -> list[str]:
    """Give the ids of documents that are most like a text, at most three, the best first.

    Parameters
    ----------
    connection : sqlite3.Connection
        The catalogue.
    given : str
        What was given for an id.
    """
    name = given.rstrip("/").rpartition("/")[2].casefold()
    if not name or any("\ud800" <= character <= "\udfff" for character in given):
        return []
    holding = "SELECT id FROM documents WHERE instr(lower(id), ?) ORDER BY length(id), id LIMIT ?"
    found = [str(id_) for (id_,) in connection.execute(holding, (name, _CANDIDATES))]
    if not found:
        query = "SELECT id FROM documents LIMIT ?"
        found = [str(id_) for (id_,) in connection.execute(query, (_ALL,))]
        return _closest(given, found)
    # The name itself is in them: one of them is meant, however long the path before it is.
    return [*dict.fromkeys([*_closest(given, found), *found])][:_NAMED]


def _closest(given: str, ids: list[str]) -> list[str]:
    matcher = SequenceMatcher(b=given.casefold())
    found = []
    for id_ in ids:
        matcher.set_seq1(id_.casefold())
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # each dearer, and lower
        if all(ratio() >= _LIKE_ENOUGH for ratio in bounds):
            found.append((-matcher.ratio(), id_))
    return [id_ for _, id_ in sorted(found)[:_NAMED]]


def did_you_mean(connection: sqlite3.Connection, given: str) -> str:
    """Name the closest ids, as part of a message; nothing where none is close."""
    found = close_ids(connection, given)
    return f" (did you mean {' or '.join(map(repr, found))}?)" if found else ""
