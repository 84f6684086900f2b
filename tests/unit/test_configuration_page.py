"""The page on configuration is what the records, the options and the docstrings say today."""

import importlib.util
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from semhash.config import IndexConfig
from semhash.config.record import Record

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="there is no docs/ beside the tests")


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("configuration_page", DOCS / "configuration.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_as_it_would_be_written_now(writer: ModuleType) -> None:
    found = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert found == writer.page(), "write it anew with: python docs/configuration.py"


def sections(page: str) -> dict[str, str]:
    return dict(re.findall(r"^## `\[([^]]+)\]`\n(.*?)(?=^## |\Z)", page, flags=re.DOTALL | re.MULTILINE))


def test_every_field_has_a_row_with_a_meaning_in_its_table(writer: ModuleType) -> None:
    found = sections(writer.page())
    tables = {name: record for name, record in writer.tables(IndexConfig()) if name}
    assert list(found) == list(tables)
    for name, record in tables.items():
        rows = re.findall(
            r"^\| `(\w+)` \| [^|]+ \| [^|]+ \| [^|]* \| [^|]{5,} \|$", found[name], flags=re.MULTILINE
        )
        fields = [f for f in record.__struct_fields__ if not isinstance(getattr(record, f), Record)]
        assert rows == fields, name


def test_every_option_is_named(writer: ModuleType) -> None:
    options: dict[str, str] = import_module("semhash_cli.config_options").OPTIONS
    assert not [option for option in options.values() if f"| `{option}` |" not in writer.page()]


def test_equations_come_with_what_they_are_of(writer: ModuleType) -> None:
    found = sections(writer.page())
    for table, sources in writer.EQUATIONS.items():
        for what in sources:
            assert f"\n**`{what}`**: " in found[table]
    assert "T <- (T + P T) / 2" in found["model.neighbours"]
    assert "lambda |h|_1" in found["model.pretraining"]
    assert "Give " not in found["model.penalties"]


def test_the_example_file_of_the_page_can_be_read(writer: ModuleType, tmp_path: Path) -> None:
    from semhash.config.files import read_config

    [example] = re.findall(r"^```toml\n(.*?)^```$", writer.page(), flags=re.DOTALL | re.MULTILINE)
    file = tmp_path / "recipe.toml"
    file.write_text(example)
    found = read_config(file)
    assert (found.model.hidden, found.model.code.noise, found.model.neighbours.neighbours) == (
        (1000, 500),
        3.0,
        0,
    )
