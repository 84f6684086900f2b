"""What an evaluation is asked to do: which methods, in which sizes, with which seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from semhash.config import IndexConfig
from semhash.config.files import preset_config, read_config
from semhash.config.model import MAX_BITS, MIN_BITS
from semhash.config.presets import PRESETS
from semhash.errors import ConfigError

__all__ = ["DEFAULT_BITS", "DEFAULT_DIMENSIONS", "NO_PRESET", "Recipe", "Settings", "recipes"]

DEFAULT_BITS = (20,)
DEFAULT_DIMENSIONS = (20, 128)
NO_PRESET = "none"
_MAX_DIMENSIONS = 100_000
_MAX_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is to be compared.

    Attributes
    ----------
    presets : sequence of str, or None
        Of semhash: names in `semhash.config.presets.PRESETS`, or ``none``. None for ``default``, where neither a
        configuration nor an index is given.
    config : Path or None
        A configuration file, as of ``semhash index --config``: one more recipe. Its ``corpus`` and ``text`` tables
        say how all is read and counted.
    indexes : sequence of Path
        Index folders whose encoders are measured too.
    against : sequence of str
        Names of baselines, or ``standard``, ``all`` or ``none``.
    bits : sequence of int, or None
        Widths of codes; None for 20, and for a configuration file's own.
    dimensions : sequence of int
        Of real-valued methods.
    seeds : sequence of int
        Methods that chance has a part in are fitted once for each.

    Raises
    ------
    ConfigError
        A value cannot be used.
    """

    presets: Sequence[str] | None = None
    config: Path | None = None
    indexes: Sequence[Path] = field(default_factory=tuple)
    against: Sequence[str] = ("standard",)
    bits: Sequence[int] | None = None
    dimensions: Sequence[int] = DEFAULT_DIMENSIONS
    seeds: Sequence[int] = (0,)

    def __post_init__(self) -> None:
        _check_each("bits", self.bits or DEFAULT_BITS, MIN_BITS, MAX_BITS)
        _check_each("dimensions", self.dimensions, 1, _MAX_DIMENSIONS)
        _check_each("seeds", self.seeds, 0, _MAX_SEED)
        for preset in self.presets or ():
            _check_preset(preset)

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of codes where nothing else says one."""
        return tuple(dict.fromkeys(self.bits or DEFAULT_BITS))

    @cached_property
    def base(self) -> IndexConfig:
        """The configuration whose ``corpus`` and ``text`` hold for all methods."""
        return read_config(self.config)

    def to_json(self) -> dict[str, Any]:
        """Give all of it as plain JSON values."""
        return {
            "presets": list(self._presets),
            "config": None if self.config is None else str(self.config),
            "indexes": [str(index) for index in self.indexes],
            "against": list(self.against),
            "bits": list(self.widths) if self.bits or self.config is None else None,
            "dimensions": list(self.dimensions),
            "seeds": list(self.seeds),
        }

    @property
    def _presets(self) -> tuple[str, ...]:
        if self.presets is None:
            return () if self.config is not None or self.indexes else ("default",)
        return tuple(dict.fromkeys(preset for preset in self.presets if preset != NO_PRESET))


def _check_each(name: str, values: Sequence[int], low: int, high: int) -> None:
    if not values:
        raise ConfigError(f"{name}: expected a number or several, found none")
    for value in values:
        if not low <= value <= high:
            raise ConfigError(f"{name}: expected {low} to {high}, found {value}")


def _check_preset(name: str) -> None:
    if name in (*PRESETS, NO_PRESET):
        return
    near = get_close_matches(name, PRESETS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ConfigError(f"preset: expected {', '.join(PRESETS)} or {NO_PRESET}, found {name!r}{hint}")


@dataclass(frozen=True)
class Recipe:
    """A way to learn codes.

    Attributes
    ----------
    name, title : str
        ``semhash`` for the preset that is used unless another is asked for.
    widths : tuple of int
    config : callable
        Gives the whole configuration for bits and a seed.
    """

    name: str
    title: str
    widths: tuple[int, ...]
    config: Callable[[int, int], IndexConfig]


def recipes(settings: Settings) -> list[Recipe]:
    """Give the recipes that are asked for.

    Raises
    ------
    ConfigError
        The configuration file cannot be used.
    """
    found = [_preset(preset, settings) for preset in settings._presets]
    if settings.config is not None:
        found.append(_configured(settings.config, settings))
    return found


def _preset(preset: str, settings: Settings) -> Recipe:
    name, title = (
        ("semhash", "semhash") if preset == "default" else (f"semhash-{preset}", f"semhash {preset}")
    )
    base = settings.base

    def config(bits: int, seed: int) -> IndexConfig:
        own = preset_config(preset).to_json()
        return _changed(own | {"text": base.text.to_json()}, bits, seed)

    return Recipe(name, title, settings.widths, config)


def _configured(file: Path, settings: Settings) -> Recipe:
    base = settings.base
    widths = settings.widths if settings.bits else (base.model.bits,)
    name = f"semhash:{file.stem}"
    return Recipe(
        name, f"semhash ({file.name})", widths, lambda bits, seed: _changed(base.to_json(), bits, seed)
    )


def _changed(config: dict[str, Any], bits: int, seed: int) -> IndexConfig:
    return IndexConfig.from_json(
        config
        | {
            "model": config["model"] | {"bits": bits},
            "training": config["training"] | {"seed": seed},
        }
    )
