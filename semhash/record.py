"""The base of every configuration record: frozen, checked, strict JSON both ways."""

import math
from functools import cache
from typing import Any, Literal, Self, get_args, get_origin

import msgspec

from semhash.errors import ConfigError

__all__ = ["Record", "require"]


def require(condition: bool, name: str, expected: str, found: object) -> None:
    """Take a value that is out of range for an error that names the field.

    Raises
    ------
    ConfigError
        The condition does not hold.
    """
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, found {found!r}")


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the records: strict conversion from and to plain JSON values."""

    def __post_init__(self) -> None:
        """Check every field's type, also where Python sets it; what checks ranges comes after this.

        Raises
        ------
        ConfigError
            A value is of another type than its field, or a number is infinite or none at all.
        """
        for name, kind in _fields(type(self)):
            value = getattr(self, name)
            try:
                converted = msgspec.convert(value, kind)
            except msgspec.ValidationError as error:
                raise ConfigError(f"{name}: expected {_described(kind)}, found {value!r}") from error
            if isinstance(converted, float):
                require(math.isfinite(converted), name, "a finite number", converted)
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


def _described(kind: Any) -> str:
    """Say in words what a field may hold."""
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    parts = get_args(kind)
    if type(None) in parts or (parts and get_origin(kind) not in (tuple, dict, list)):
        return " or ".join(_described(part) for part in parts)
    words = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        str: "a text",
        type(None): "none",
    }
    return words.get(kind, "a record" if not parts else str(kind))
