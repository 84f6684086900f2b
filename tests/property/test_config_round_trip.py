import json
import tomllib
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.config import IndexConfig
from semhash.config.files import preset_config, read_config, to_toml
from semhash.config.overlay import merged, overlay
from semhash.config.presets import PRESETS
from semhash.config.record import Record
from semhash.errors import ConfigError

NUMBERS = (
    st.floats(0, 1) | st.floats(0, allow_infinity=False) | st.just(5e-324) | st.sampled_from([1e16, 1e22])
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ['"""', "\\", "\x7f\x85\u202e", "𝒳\U0001f9ff"]
)
NAMES = st.sampled_from(["id", "text", "title", "labels", "split"])


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type, many of them in its range."""
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return st.sampled_from(parts)
    if get_origin(kind) is tuple:
        return st.lists(values(parts[0]), max_size=4)
    if get_origin(kind) is dict:
        return st.dictionaries(NAMES, TEXTS)
    if parts:
        return st.one_of(*(values(part) for part in parts if part is not NoneType))
    numbers = {int: st.integers(0, 200) | st.integers(0, 2**63 - 1), float: NUMBERS}
    return {**numbers, bool: st.booleans(), str: TEXTS}[kind]


@st.composite
def changes(draw: st.DrawFn, record: Record) -> dict[str, Any]:
    """Some fields of a record, and of those in it, with values that each could have."""
    drawn = {}
    for field in msgspec.structs.fields(record):
        inner = getattr(record, field.name)
        if isinstance(inner, Record):
            drawn[field.name] = draw(changes(inner))
        elif draw(st.booleans()):
            drawn[field.name] = draw(values(field.type))
    return drawn


@st.composite
def configs(draw: st.DrawFn) -> IndexConfig:
    """A preset with random changes, a field at a time, those left out that are refused."""
    config = preset_config(draw(st.sampled_from(sorted(PRESETS))))
    for table in parts(draw(changes(config))):
        try:
            config = overlay(config, table)
        except ConfigError:
            continue
    return config


def parts(tables: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut changes into changes of one field each."""
    found = []
    for name, value in tables.items():
        inner = parts(value) if isinstance(value, dict) and name != "fields" else [value]
        found += [{name: part} for part in inner]
    return found


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(part) for name, part in value.items() if part is not None}
    return value


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round-trip") / "config.toml"


@settings(deadline=None, max_examples=200)
@given(config=configs())
def test_a_configuration_written_as_toml_is_read_back_equal(file: Path, config: IndexConfig) -> None:
    file.write_text(to_toml(config), encoding="utf-8")
    assert read_config(file) == config


@settings(deadline=None, max_examples=100)
@given(config=configs())
def test_what_is_written_is_toml_that_moves_no_cursor(config: IndexConfig) -> None:
    written = to_toml(config)
    assert tomllib.loads(written) == without_none(json.loads(json.dumps(config.to_json())))
    assert all(character.isprintable() or character == "\n" for character in written)


@settings(deadline=None, max_examples=100)
@given(base=configs(), data=st.data())
def test_an_overlay_changes_what_it_names_and_nothing_else(base: IndexConfig, data: st.DataObject) -> None:
    drawn = data.draw(changes(base))
    try:
        found = overlay(base, drawn)
    except ConfigError:
        return
    assert found.to_json() == IndexConfig.from_json(merged(base.to_json(), drawn)).to_json()
    assert overlay(found, drawn) == found
