"""The base of every configuration record: frozen, checked, strict JSON both ways."""

import math
from functools import cache
from types import NoneType
from typing import Any, Literal, Self, get_args, get_origin

import msgspec

from semhash.errors import ConfigError

__all__ = ["Record", "in_words", "require"]

_SHOWN = 200


def require(condition: bool, name: str, expected: str, found: object) -> None:
    """Take a value that is out of range for an error that names the field.

    Raises
    ------
    ConfigError
        The condition does not hold.
    """
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, found {_shown(found)}")


def _shown(found: object) -> str:
    text = repr(found)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def in_words(kind: Any) -> str:
    """Say in words what a field of this type holds, as in *expected a whole number*."""
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, parts))}" if len(parts) > 1 else str(parts[0])
    if get_origin(kind) is tuple:
        return f"a list, each item {in_words(parts[0])}"
    if get_origin(kind) is dict:
        return f"a table, each value {in_words(parts[1])}"
    if parts:
        return " or ".join(map(in_words, parts))
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", NoneType: "none"}
    return words.get(kind, "a record")


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the records: strict conversion from and to plain JSON values."""

    def __post_init__(self) -> None:
        """Check every field's type, also where Python sets it; what checks ranges comes after this.

        Raises
        ------
        ConfigError
            A value is of another type than its field; a number is infinite, none at all, or a whole one of
            more than 64 bits; a text is not Unicode.
        """
        for name, kind in _fields(type(self)):
            value = getattr(self, name)
            try:
                converted = msgspec.convert(value, kind)
            except msgspec.ValidationError as error:
                raise ConfigError(f"{name}: expected {in_words(kind)}, found {_shown(value)}") from error
            _check_that_json_holds(converted, name)
            if type(converted) is not type(value):  # a list becomes a tuple, 4 becomes 4.0
                msgspec.structs.force_setattr(self, name, converted)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Build from plain JSON values.

        Raises
        ------
        ConfigError
            A field is unknown, of the wrong type or out of range; the message names its path.
        """
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as error:
            raise ConfigError(f"configuration: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON values that `from_json` reads back to an equal record."""
        return dict(msgspec.to_builtins(self))


@cache
def _fields(kind: type[Record]) -> tuple[tuple[str, Any], ...]:
    """Give the name and the type of each field; worked out once for each kind of record."""
    return tuple((field.name, field.type) for field in msgspec.structs.fields(kind))


def _check_that_json_holds(value: object, name: str) -> None:
    """Refuse what would fail only when the index is written, after the training."""
    if isinstance(value, float):
        require(math.isfinite(value), name, "a finite number", value)
    if isinstance(value, int):
        require(-(2**63) <= value < 2**64, name, "a whole number of at most 64 bits", value)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
    for text in inside:
        if isinstance(text, str):
            unicode = not any("\ud800" <= character <= "\udfff" for character in text)
            require(unicode, name, "a text of Unicode characters", text)
