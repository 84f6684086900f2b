"""The base of every configuration record: frozen, checked, strict JSON both ways."""

from typing import Any, Self

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
