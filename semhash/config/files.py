"""Configuration files: TOML in, with everything that it does not name taken from a preset, and TOML out."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from semhash.config.index import IndexConfig
from semhash.config.overlay import merged, nested, overlay
from semhash.config.presets import PRESETS
from semhash.errors import ConfigError

__all__ = ["preset_config", "read_config", "to_toml"]

_MAX_BYTES = 100_000
_HINT = "semhash index --print-config writes one"


def preset_config(name: str | None = None) -> IndexConfig:
    """Give the configuration that a preset stands for.

    Parameters
    ----------
    name : str or None
        One of `semhash.config.presets.PRESETS`; None for ``default``.

    Raises
    ------
    ConfigError
        There is no preset of that name.
    """
    name = "default" if name is None else name
    if not isinstance(name, str) or name not in PRESETS:
        near = get_close_matches(name, PRESETS, n=1) if isinstance(name, str) else []
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"preset: expected one of {', '.join(PRESETS)}, found {name!r}{hint}")
    preset = PRESETS[name]
    return IndexConfig(text=preset.text, model=preset.model, training=preset.training)


def read_config(
    file: str | Path | None,
    preset: str | None = None,
    changes: Mapping[str, Any] | None = None,
    spelled: Mapping[str, str] | None = None,
) -> IndexConfig:
    """Read a configuration file.

    It is TOML with the fields of `IndexConfig`: a table for every record in it, such as ``[model.code]``, and
    perhaps ``preset = "paper"`` at the top. What it does not name is the preset's.

    Parameters
    ----------
    file : str, Path or None
        At most 100,000 bytes, UTF-8. None is as good as an empty one.
    preset : str or None
        Where all that the file does not name is from, whatever preset the file names; None for the one that
        the file names, or for ``default``.
    changes : mapping of str to plain value, or None
        Fields that win over the file's, by dotted key: ``{"model.bits": 32}``.
    spelled : mapping of str to str, or None
        What messages call a field of `changes`, by dotted key; None for the key itself.

    Raises
    ------
    ConfigError
        The file cannot be read, is no TOML, or holds a key or a value that cannot be used; the message names
        the file and the dotted key, or the line. Or the preset or a change cannot be used.
    """
    below = {} if file is None else _parsed(_text(Path(file)), file)
    named = below.pop("preset", None)
    if preset is None and named is not None:
        try:
            base = preset_config(named)
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from None
    else:
        base = preset_config(preset)
    above = nested(changes or {})

    def place(key: str) -> str:
        in_file = _holds(below, key) and not _holds(above, key)
        return f"{file}: {key}" if in_file else (spelled or {}).get(key, key)

    try:
        return overlay(base, merged(below, above), place, besides=("preset",))
    except RecursionError:
        raise ConfigError(
            f"{file}: expected a configuration, found tables within tables without end"
        ) from None


def _holds(tables: Mapping[str, Any], key: str) -> bool:
    name, _, rest = key.partition(".")
    inner = tables.get(name)
    return name in tables and (not rest or not isinstance(inner, Mapping) or _holds(inner, rest))


def _text(file: Path) -> str:
    """Read the file, a pipe too, and no more of it than a configuration may have."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        found = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise ConfigError(f"{file}: expected a configuration file, found: {found}; {_HINT}") from error
    if len(raw) > _MAX_BYTES:
        raise ConfigError(
            f"{file}: expected a configuration file of at most {_MAX_BYTES:,} bytes, found more"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{file}: expected UTF-8, found the byte 0x{raw[error.start]:02x} in line {line}; save it as UTF-8"
        ) from None


def _parsed(text: str, file: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{file}: expected TOML, found lists within lists without end") from None
    except tomllib.TOMLDecodeError as error:
        end = f"at line {len(text.splitlines())}, the last"
        found = str(error).replace("at end of document", end)
        raise ConfigError(f"{file}: expected TOML, found: {found}") from None
    except ValueError:
        raise ConfigError(f"{file}: expected TOML, found a number of thousands of digits") from None


def to_toml(config: IndexConfig) -> str:
    """Write a whole configuration as TOML, which `read_config` reads back to an equal one.

    TOML has no null: a field that is None is left out, and is None again when it is read back over the
    default preset.
    """
    return "\n".join(_lines(config.to_json(), "")) + "\n"


def _lines(table: dict[str, Any], name: str) -> Iterator[str]:
    """Write a table: its own values first, as what follows a header belongs to it, then the tables in it."""
    for key, value in table.items():
        if value is not None and not isinstance(value, dict):
            yield f"{key} = {_written(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield ""
            yield f"[{name}{key}]"
            yield from _lines(value, f"{name}{key}.")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """Write a basic string; all that is not printable as escapes, so that it cannot steer a terminal."""
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) < 0x10000 else f"\\U{ord(character):08X}"
