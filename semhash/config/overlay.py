"""A configuration with some fields changed by what somebody wrote: strict, and told in the writer's words."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from semhash.config.record import Record, require
from semhash.errors import ConfigError

__all__ = ["merged", "nested", "overlay"]

R = TypeVar("R", bound=Record)
_TOP = "at the top, before any table"


def overlay(
    record: R, changes: Mapping[str, Any], spelled: Callable[[str], str] = str, besides: tuple[str, ...] = ()
) -> R:
    """Give the record with those fields changed that are named, in its own records too.

    Parameters
    ----------
    record : Record
        What stays as it is where nothing is named.
    changes : mapping of str to plain value
        By field. A mapping for a field that is a record, or a table of names, changes in it what it names.
    spelled : callable
        Gives what the writer calls a field, from its dotted key such as ``model.code.kind``; for messages.
    besides : tuple of str
        Keys at the top that the writer may also mean, though they are no fields; for messages.

    Raises
    ------
    ConfigError
        A key is unknown, or a value of the wrong type or out of range. The message names the key, what was
        expected and what was found, and for an unknown key the nearest known one.
    """
    return _changed(record, changes, "", _Writer(spelled, (*besides, *_keys(record, ""))))


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give ``{"model": {"bits": 20}}`` for ``{"model.bits": 20}``."""
    tables: dict[str, Any] = {}
    for key, value in fields.items():
        table = value
        for name in reversed(key.split(".")):
            table = {name: table}
        tables = merged(tables, table)
    return tables


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Give both sets of changes in one, those `above` winning; what is no table where one must be stays."""
    found = dict(below)
    for name, value in above.items():
        old = found.get(name, {})
        if not isinstance(value, Mapping):
            found[name] = value
        elif isinstance(old, Mapping):
            found[name] = merged(old, value)
    return found


def _keys(record: Record, where: str) -> Iterator[str]:
    """Give the dotted key of every field, of the records' own fields too."""
    for name in record.__struct_fields__:
        yield where + name
        value = getattr(record, name)
        if isinstance(value, Record):
            yield from _keys(value, f"{where}{name}.")


class _Writer:
    """Who wrote the changes, and is to be told what is wrong with them.

    Parameters
    ----------
    spelled : callable
        What the writer calls a field, from its dotted key.
    known : tuple of str
        Every dotted key there is, those of tables too.
    """

    def __init__(self, spelled: Callable[[str], str], known: tuple[str, ...]) -> None:
        self.spelled = spelled
        self.known = known

    def refused(self, where: str, error: ConfigError) -> ConfigError:
        """Give a record's own message, which begins with the name of a field, for the field's dotted key.

        The field may be one of a record within, where several are checked against each other.
        """
        name, _, rest = str(error).partition(":")
        key = where + name
        if key not in self.known:
            key = next((k for k in self.known if k.startswith(where) and k.endswith(f".{name}")), key)
        return ConfigError(f"{self.spelled(key)}:{rest}")

    def unknown(self, where: str, name: str) -> ConfigError:
        place = f"of [{where[:-1]}]" if where else _TOP
        siblings = [key.removeprefix(where) for key in self.known if key.rpartition(".")[0] == where[:-1]]
        near = self._nearest(where, name, siblings)
        hint = f"did you mean {near}?" if near else f"known: {', '.join(siblings)}"
        return ConfigError(
            f"{self.spelled(where + name)}: expected a key {place}, found an unknown one; {hint}"
        )

    def _nearest(self, where: str, name: str, siblings: list[str]) -> str | None:
        """Find the key that was meant: of another table, misspelt, or both."""
        last = {key: key.rpartition(".")[2] for key in self.known}
        if name not in last.values():
            if close := get_close_matches(name, siblings, n=1):
                return where + close[0]
            if not (close := get_close_matches(name, last.values(), n=1)):
                return None
            [name] = close
        return " or ".join(key if "." in key else f"{key} {_TOP}" for key in self.known if last[key] == name)


def _changed(record: R, changes: Mapping[str, Any], where: str, writer: _Writer) -> R:
    values = {}
    for name, value in changes.items():
        if name not in record.__struct_fields__:
            raise writer.unknown(where, name)
        values[name] = _value(getattr(record, name), value, where + name, writer)
    try:
        return msgspec.structs.replace(record, **values)
    except ConfigError as error:
        raise writer.refused(where, error) from None


def _value(old: object, value: Any, key: str, writer: _Writer) -> Any:
    if isinstance(old, Record):
        require(isinstance(value, Mapping), writer.spelled(key), "a table", value)
        return _changed(old, value, f"{key}.", writer)
    if isinstance(old, dict) and isinstance(value, Mapping):
        return {**old, **value}
    return value
