"""What an index is made with: a preset, changed by a file, changed by options."""

import json
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from semhash.config import IndexConfig, ModelConfig
from semhash.config.files import preset_config, read_config
from semhash.config.presets import PRESETS
from semhash.store.manifest import read_manifest

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

OPTIONS: dict[str, str] = import_module("semhash_cli.config_options").OPTIONS
EVERY_OPTION = {
    "corpus.split": ("--split", "train", "train"),
    "corpus.labels": ("--labels", "folder", "folder"),
    "corpus.fields": ("--field", "text=body", {"text": "body"}),
    "corpus.max_bytes": ("--max-bytes", "1000", 1000),
    "corpus.include": ("--include", "*.md", ["*.md"]),
    "corpus.exclude": ("--exclude", "drafts/", ["drafts/"]),
    "corpus.encoding": ("--encoding", "koi8-r", "koi8-r"),
    "corpus.passages": ("--passages", "200", 200),
    "text.language": ("--language", "de", "de"),
    "text.stop_words": ("--stop-words", "none", "none"),
    "text.vocabulary": ("--vocabulary", "frequent", "frequent"),
    "text.vocabulary_size": ("--vocabulary-size", "75", 75),
    "model.bits": ("--bits", "32", 32),
    "model.code.kind": ("--code", "gaussian", "gaussian"),
    "model.code.noise": ("--noise", "3", 3.0),
    "model.code.threshold": ("--threshold", "median", "median"),
    "model.hidden": ("--hidden", "64,32", [64, 32]),
    "model.activation": ("--activation", "sigmoid", "sigmoid"),
    "model.tied": ("--tied", None, True),
    "model.likelihood": ("--likelihood", "poisson", "poisson"),
    "model.corruption.amount": ("--masking", "0.25", 0.25),
    "model.neighbours.neighbours": ("--neighbours", "0", 0),
    "model.pretraining.method": ("--pretraining", "rbm", "rbm"),
    "model.supervision.loss": ("--supervised", "nca", "nca"),
    "training.train_documents": ("--train-documents", "77", 77),
    "training.epochs": ("--epochs", "3", 3),
    "training.batch_size": ("--batch-size", "16", 16),
    "training.optimiser": ("--optimiser", "adam", "adam"),
    "training.learning_rate": ("--learning-rate", "0.01", 0.01),
    "training.patience": ("--patience", "0", 0),
    "training.device": ("--device", "cpu", "cpu"),
    "training.seed": ("--seed", "5", 5),
    "store_text": ("--no-store-text", None, False),
}  # fmt: skip


def at(tables: Any, key: str) -> Any:
    for name in key.split("."):
        tables = tables[name]
    return tables


def every_option() -> list[str]:
    return [
        word for option, value, _ in EVERY_OPTION.values() for word in (option, value) if word is not None
    ]


def effective(semhash: "Semhash", cwd: Path, *arguments: str) -> IndexConfig:
    """What the command would use."""
    return IndexConfig.from_json(semhash("index", *arguments, "--print-config", "--json", cwd=cwd).json())


def test_the_table_above_holds_every_option() -> None:
    assert set(EVERY_OPTION) == set(OPTIONS)
    assert all(EVERY_OPTION[key][0].replace("no-", "") == option for key, option in OPTIONS.items())


def test_every_option_sets_its_field_and_no_other(semhash: "Semhash", tmp_path: Path) -> None:
    found = effective(semhash, tmp_path, *every_option()).to_json()
    expected: dict[str, Any] = json.loads(json.dumps(IndexConfig().to_json()))
    for key, (_, _, value) in EVERY_OPTION.items():
        table, _, field = key.rpartition(".")
        (at(expected, table) if table else expected)[field] = value
    expected["training"]["min_updates"] = 0  # epochs are taken at their word
    assert json.loads(json.dumps(found)) == expected


def test_no_option_leaves_the_default(semhash: "Semhash", tmp_path: Path) -> None:
    assert effective(semhash, tmp_path) == IndexConfig()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_taken_whole(semhash: "Semhash", tmp_path: Path, name: str) -> None:
    assert effective(semhash, tmp_path, "--preset", name) == preset_config(name)


def test_a_file_wins_over_a_preset_and_an_option_over_both(semhash: "Semhash", tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(
        'preset = "plain"\nstore_text = false\n[corpus]\nlabels = "folder"\nfields.text = "body"\n'
        "[model]\nbits = 32\ntied = true\n[model.code]\nnoise = 2.0\n[training]\nmin_updates = 7\nseed = 3\n"
    )
    alone = effective(semhash, tmp_path, "--config", "recipe.toml")
    assert alone == read_config(tmp_path / "recipe.toml")
    assert (alone.model.neighbours.neighbours, alone.model.code.kind) == (0, "gaussian")
    assert (alone.training.seed, alone.training.min_updates, alone.store_text) == (3, 7, False)

    asked = ("--bits", "64", "--untied", "--store-text", "--field", "id=n", "--labels", "none", "--seed", "0")
    both = effective(semhash, tmp_path, "--config", "recipe.toml", *asked)
    assert (both.model.bits, both.model.tied, both.store_text, both.training.seed) == (64, False, True, 0)
    assert both.corpus.fields == {"text": "body", "id": "n"}
    assert both.corpus.labels == "none"
    assert (both.model.code.noise, both.training.min_updates) == (2.0, 7)

    other = effective(semhash, tmp_path, "--config", "recipe.toml", "--preset", "default")
    assert (other.model.neighbours.neighbours, other.model.bits) == (10, 32)


def test_an_option_changes_a_preset(semhash: "Semhash", tmp_path: Path) -> None:
    found = effective(
        semhash, tmp_path, "--preset", "paper", "--optimiser", "lbfgs", "--likelihood", "poisson"
    )
    expected = preset_config("paper").to_json()
    expected["training"]["optimiser"] = "lbfgs"
    expected["model"]["likelihood"] = "poisson"
    assert found == IndexConfig.from_json(expected)


def test_masking_of_nothing_is_none(semhash: "Semhash", tmp_path: Path) -> None:
    assert effective(semhash, tmp_path, "--masking", "0").model.corruption.kind == "none"
    assert (
        effective(semhash, tmp_path, "--preset", "plain", "--masking", "0.1").model.corruption.kind
        == "masking"
    )


def test_hidden_layers_can_be_left_out(semhash: "Semhash", tmp_path: Path) -> None:
    assert effective(semhash, tmp_path, "--hidden", "none").model.hidden == ()


def test_what_is_printed_is_a_file_that_gives_the_same(semhash: "Semhash", tmp_path: Path) -> None:
    options = (*every_option(), "--split", '"a\x1b[31m\n', "--preset", "plain", "--code", "fixed-gaussian")
    printed = semhash("index", *options, "--print-config", cwd=tmp_path)
    assert printed.stderr == ""
    assert "\x1b" not in printed.stdout
    (tmp_path / "printed.toml").write_text(printed.stdout)
    again = semhash("index", "--config", "printed.toml", "--print-config", cwd=tmp_path)
    assert again.stdout == printed.stdout
    assert tomllib.loads(again.stdout)["corpus"]["split"] == '"a\x1b[31m\n'


def test_an_index_is_made_with_what_a_file_says(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(
        'preset = "plain"\n[corpus]\nlabels = "folder"\n[text]\nstop_words = "none"\nvocabulary_size = 75\n'
        "[model]\nhidden = [16]\nbits = 12\n[training]\nepochs = 40\nmin_updates = 0\n"
    )
    arguments = (
        "--config",
        "recipe.toml",
        "--bits",
        "16",
        "--learning-rate",
        "0.01",
        "--out",
        "made",
        "--json",
    )
    report = semhash("index", home.path / "notes", *arguments, cwd=tmp_path).json()
    config = read_manifest(tmp_path / "made").config
    changes = {"model.bits": 16, "training.learning_rate": 0.01}
    assert config == read_config(tmp_path / "recipe.toml", changes=changes)
    assert report["bits"] == 16
    info = semhash("info", "--index", "made", cwd=tmp_path).stdout
    for line in (
        "text: language auto, stop_words none, vocabulary frequent",
        "model: bits 16, hidden 16,",
        "model.code: kind gaussian,",
    ):
        assert line in info


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--preset", "papr"], "preset: expected one of default, plain, paper, found 'papr'; did you mean paper?"),
        (["--config", "gone.toml"], "gone.toml: expected a configuration file, found: No such file or directory; "
                                    "semhash index --print-config writes one"),
        (["--config", "bad.toml"], "bad.toml: model.likelyhood: expected a key of [model], found an unknown one; "
                                   "did you mean model.likelihood?"),
        (["--config", "odd.toml"], "odd.toml: model.code.noise: expected a number, found 'loud'"),
        (["--hidden", "5,-1"], "--hidden: expected widths above 0, found (5, -1)"),
        (["--threshold", "2"], "--threshold: expected a probability above 0 and below 1, or median, found 2.0"),
        (["--masking", "1"], "--masking: expected a share, 0 to below 1, found 1.0"),
        (["--learning-rate", "inf"], "--learning-rate: expected a finite number, found inf"),
        (["--noise", "2"], "--noise: expected a code with Gaussian noise, found 'bernoulli'; add --code gaussian or "
                           "--code fixed-gaussian"),
        (["--split", b"\xff"], r"--split: expected a text of Unicode characters, found '\udcff'"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_in_a_line(
    semhash: "Semhash", tmp_path: Path, arguments: list[str | bytes], told: str
) -> None:
    (tmp_path / "bad.toml").write_text("[model]\nlikelyhood = 'poisson'")
    (tmp_path / "odd.toml").write_text("[model.code]\nnoise = 'loud'")
    for what in (["corpus"], ["--print-config"]):
        done = semhash("index", *what, *arguments, cwd=tmp_path, status=2)
        assert done.stderr == f"semhash: {told}\n"
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--hidden", "5,a", "expected widths such as 500,500, or none, found '5,a'"),
        ("--threshold", "half", "expected a probability such as 0.5 or 0.1, or median, found 'half'"),
        ("--config", "", "expected a path, found an empty one"),
        ("--masking", "much", "'much' is not a valid float"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_option(
    semhash: "Semhash", tmp_path: Path, option: str, value: str, told: str
) -> None:
    done = semhash("index", "x", option, value, cwd=tmp_path, status=2)
    assert f"Invalid value for '{option}': {told}" in done.stderr


def test_help_is_in_panels_and_gives_the_defaults_and_the_choices(semhash: "Semhash", tmp_path: Path) -> None:
    text = semhash("index", "--help", cwd=tmp_path, env={"COLUMNS": "80"}).stdout
    panels = re.findall(r"^(\w+):$", text, flags=re.MULTILINE)
    assert panels == ["Arguments", "Configuration", "Corpus", "Codes", "Model", "Training", "Output"]
    flowing = " ".join(text.split())
    for option, told in {
        "--bits": f"[default: {ModelConfig().bits}]",
        "--hidden": f"[default: {','.join(map(str, ModelConfig().hidden))}]",
        "--likelihood": "multinomial, poisson, bernoulli, gaussian. [default: multinomial]",
        "--untied": "[default: untied]",
        "--preset": ", ".join(list(PRESETS)[:1]),
    }.items():
        assert told in flowing.partition(f" {option} ")[2].partition(" --")[0], option
    for option in OPTIONS.values():
        assert re.search(rf"^  {option} ", text, flags=re.MULTILINE), option


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("--likelihood p", ["poisson"]),
        ("--preset p", ["plain", "paper"]),
        ("--device ", ["auto", "cpu", "cuda"]),
    ],
)
def test_the_shell_completes_choices(
    semhash: "Semhash", tmp_path: Path, words: str, completions: list[str]
) -> None:
    env = {"_SEMHASH_COMPLETE": "complete_bash", "COMP_WORDS": f"semhash index x {words}", "COMP_CWORD": "4"}
    assert semhash(cwd=tmp_path, env=env).stdout.split() == completions
