import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import msgspec
import pytest

from semhash.config import CodeConfig, CorpusConfig, IndexConfig, ModelConfig
from semhash.config.files import preset_config, read_config, to_toml
from semhash.config.presets import PRESETS
from semhash.config.record import Record
from semhash.errors import ConfigError

RECIPE = """
preset = "plain"
store_text = false

[corpus.fields]
text = "body"

[model]
bits = 32
hidden = [64, 32]

[model.code]
threshold = "median"

[training]
learning_rate = 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recipe.toml"


def test_a_file_changes_what_it_names_and_no_more(file: Path) -> None:
    file.write_text(RECIPE)
    expected = preset_config("plain").to_json()
    expected["store_text"] = False
    expected["corpus"]["fields"] = {"text": "body"}
    expected["model"] |= {"bits": 32, "hidden": [64, 32]}
    expected["model"]["code"]["threshold"] = "median"
    expected["training"]["learning_rate"] = 1.0
    assert read_config(file) == IndexConfig.from_json(expected)


def test_the_preset_asked_for_wins_over_the_files(file: Path) -> None:
    file.write_text('preset = "plain"\nmodel.bits = 32')
    assert read_config(file).model.neighbours.neighbours == 0
    asked = read_config(file, "default")
    assert asked == IndexConfig(model=ModelConfig(bits=32))


def test_an_empty_file_and_none_are_the_default(file: Path) -> None:
    file.write_text("# nothing\n")
    assert (
        read_config(file) == read_config(None) == preset_config() == preset_config("default") == IndexConfig()
    )


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_its_words_its_model_and_its_training(name: str) -> None:
    found = preset_config(name)
    preset = PRESETS[name]
    assert (found.text, found.model, found.training) == (preset.text, preset.model, preset.training)
    assert (found.corpus, found.store_text) == (CorpusConfig(), True)


def test_changes_win_over_the_file(file: Path) -> None:
    file.write_text(RECIPE)
    changes = {"model.bits": 64, "corpus.fields": {"id": "n"}, "training.seed": 7}
    found = read_config(file, changes=changes)
    assert (found.model.bits, found.training.seed) == (64, 7)
    assert found.corpus.fields == {"text": "body", "id": "n"}
    assert (found.model.hidden, found.training.learning_rate) == ((64, 32), 1.0)


def test_a_file_need_make_sense_only_with_what_goes_over_it(file: Path) -> None:
    """A standard deviation of 2 is none of masking, and the file does not say what it is of."""
    file.write_text("[model.corruption]\namount = 2.0")
    with pytest.raises(ConfigError, match=r"recipe\.toml: model\.corruption\.amount: expected a share"):
        read_config(file)
    found = read_config(file, changes={"model.corruption.kind": "gaussian"})
    assert found.model.corruption.amount == 2.0


def test_messages_say_whose_the_value_is(file: Path) -> None:
    file.write_text("[model]\nbits = 32\n[model.code]\nnoise = -1")
    spelled = {"model.bits": "--bits", "model.code.noise": "--noise"}
    with pytest.raises(
        ConfigError, match=r"^.*/recipe\.toml: model\.code\.noise: expected 0 or above, found -1\.0$"
    ):
        read_config(file, spelled=spelled)
    with pytest.raises(ConfigError, match=r"^--noise: expected 0 or above, found -2\.0$"):
        read_config(file, changes={"model.code.noise": -2}, spelled=spelled)
    with pytest.raises(ConfigError, match=r"^model\.hidden: expected a list"):
        read_config(None, changes={"model.hidden": 3}, spelled=spelled)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[model]\nbits = 7", "model.bits: expected 8 to 128, found 7"),
        ("[model]\nbits = 20.0", "model.bits: expected a whole number, found 20.0"),
        ("[model]\nactivation = 'erf'", "model.activation: expected one of relu, sigmoid, tanh, linear, found 'erf'"),
        ("[training]\nlearning_rate = inf", "training.learning_rate: expected a finite number, found inf"),
        ("[training]\nepochs = 1_0e1", "training.epochs: expected a whole number, found 100.0"),
        ("[training]\nlearning_rate = nan", "training.learning_rate: expected a finite number, found nan"),
        ("[text]\nstop_words = ''\nvocabulary_size = 0", "text.vocabulary_size: expected 1 to 100000 words, found 0"),
        ("[corpus.fields]\nx = 'y'", "corpus.fields: expected one of id, text, title, labels, split, found 'x'"),
        ("[[model]]\nbits = 20", "model: expected a table, found [{'bits': 20}]"),
        ("preset = 'papr'", "preset: expected one of default, plain, paper, found 'papr'; did you mean paper?"),
        ("preset = ['paper']", "preset: expected one of default, plain, paper, found ['paper']"),
        ("x = " + "[" * 50_000, "expected TOML, found lists within lists without end"),
        ("model.bits" + ".x" * 3000 + " = 1", "expected a configuration, found tables within tables without end"),
        ("x = " + "9" * 5000, "expected TOML, found a number of thousands of digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_file_and_key(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read_config(file)
    assert str(raised.value) == f"{file}: {told}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("bits: 20\n", "1"),
        ("[model]\nbits = 20\nbits = 21\n# end", "3"),
        ("[model]\n\nkind = gaussian\n", "3"),
        ("[model]\n\nbits = ", "3, the last"),
        ("[model\n", "1"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(file: Path, text: str, line: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"recipe\.toml: expected TOML, found: .+ \(at line {line}\b"):
        read_config(file)


def test_bytes_that_are_no_utf_8_are_told_with_their_line(file: Path) -> None:
    file.write_bytes(b"[corpus]\n# caf\xe9\nsplit = 'train'\n")
    with pytest.raises(ConfigError) as raised:
        read_config(file)
    assert str(raised.value) == f"{file}: expected UTF-8, found the byte 0xe9 in line 2; save it as UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_are_taken(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[model]\r\nbits = 32\r\n")
    assert read_config(file).model.bits == 32


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nowhere.toml", "No such file or directory"),
        (".", "Is a directory"),
        ("recipe.toml/below", "Not a directory"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_what_is_no_file_is_told(file: Path, name: str, found: str) -> None:
    file.write_text("")
    with pytest.raises(ConfigError) as raised:
        read_config(file.parent / name)
    told = f"expected a configuration file, found: {found}; semhash index --print-config writes one"
    assert str(raised.value) == f"{file.parent / name}: {told}"


def test_a_huge_file_is_not_read(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: a terabyte of nothing
    with pytest.raises(
        ConfigError, match=r"expected a configuration file of at most 100,000 bytes, found more"
    ):
        read_config(file)


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As in: semhash index --config <(sed s/20/32/ recipe.toml)."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("# \n" * 30_000 + "model.bits = 32",))
    writer.start()
    assert read_config(pipe).model.bits == 32
    writer.join()


def test_what_is_written_can_be_read_by_people() -> None:
    config = IndexConfig(
        corpus=CorpusConfig(split='"a\n', fields={"text": "body"}),
        model=ModelConfig(code=CodeConfig(threshold="median")),
    )
    lines = to_toml(config).splitlines()
    assert lines[0] == "store_text = true"
    for line in (
        'split = "\\"a\\u000A"',
        "[corpus.fields]",
        'text = "body"',
        "hidden = [500]",
        "noise = 4.0",
    ):
        assert line in lines
    assert 'threshold = "median"' in lines[lines.index("[model.code]") :]
    assert not [line for line in lines if "None" in line or "none = " in line]


def optional(record: Record) -> Iterator[Any]:
    """Give the value of every field that may be None, in the record and those in it."""
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, Record):
            yield from optional(value)
        elif NoneType in get_args(field.type):
            yield value


def test_what_may_be_none_is_none_by_default() -> None:
    """TOML has no null: what is left out must come back as None from the default preset."""
    values = list(optional(preset_config("default")))
    assert len(values) >= 2
    assert set(values) == {None}
