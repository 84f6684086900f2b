"""What the README promises is run as it stands there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash.corpus import Document, open_corpus

if TYPE_CHECKING:
    from tests.conftest import Semhash

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(
    not (ROOT / "README.md").exists(), reason="there is no README beside the tests"
)


def blocks(language: str) -> list[str]:
    fenced = re.findall(
        r"^```(\w*)\n(.*?)^```$", (ROOT / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE
    )
    return [text for name, text in fenced if name == language]


def commands() -> list[list[str]]:
    """Every line that follows a prompt, cut as a shell cuts it, what it redirects left out."""
    lines = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line.partition(">")[0]) for line in lines]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "SEMHASH_INDEXES"}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path) -> Path:
    """A working folder with a ``corpus/`` of text files in it, as the README has it."""
    home = tmp_path_factory.mktemp("readme")
    for item in open_corpus(corpus_file):
        assert isinstance(item, Document)
        file = home / "corpus" / item.labels[0] / f"{item.id}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(item.text)
    return home


def test_the_two_commands_work_as_they_stand(home: Path) -> None:
    first, second = commands()[:2]
    assert (first[:2], second[:2]) == (["semhash", "index"], ["semhash", "query"])
    # Fewer epochs than the README's command: what is tested is that it works, not how good it is.
    indexed = run(*first, "--epochs", "20", cwd=home)
    assert indexed.returncode == 0, indexed.stderr
    assert (home / "indexes" / "corpus" / "manifest.json").is_file()
    asked = run(*second, cwd=home)
    assert asked.returncode == 0, asked.stderr
    assert "moon" in asked.stdout
    assert "astronomy/" in asked.stdout


def test_the_python_example_works_as_it_stands(home: Path, semhash: "Semhash", tmp_path: Path) -> None:
    code, _ = blocks("python")
    script = code.replace('out="indexes/corpus")', 'out="indexes/from-python", config=quick)').replace(
        'open_index("indexes/corpus")', 'open_index("indexes/from-python")'
    )
    quick = (
        "from semhash import IndexConfig, ModelConfig, TrainingConfig\n"
        "quick = IndexConfig(model=ModelConfig(hidden=(32,)), training=TrainingConfig(epochs=5, min_updates=0))\n"
    )
    (tmp_path / "example.py").write_text(quick + script)
    (tmp_path / "corpus").symlink_to(home / "corpus")
    ran = semhash.script(tmp_path / "example.py", cwd=tmp_path)
    assert ran.status == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 5


def test_the_estimator_in_a_pipeline_works_as_it_stands(
    home: Path, semhash: "Semhash", tmp_path: Path
) -> None:
    _, code = blocks("python")
    script = code.replace("SemanticHasher(20,", "SemanticHasher(20, hidden=(32,), epochs=20, min_updates=0,")
    texts = (
        "from pathlib import Path\n"
        "texts = [file.read_text() for file in sorted(Path('corpus').rglob('*.txt'))]\n"
    )
    shapes = "print(probabilities.shape == (len(texts), 20), codes.shape == (len(texts), 3))\n"
    (tmp_path / "example.py").write_text(texts + script + shapes)
    ran = semhash.script(tmp_path / "example.py", cwd=home)
    assert ran.status == 0, ran.stderr
    assert ran.stdout.split() == ["True", "True"]


def test_every_command_shown_exists_with_its_options(home: Path) -> None:
    shown = [command for command in commands() if command[0] == "semhash"]
    assert len(shown) >= 5
    helps: dict[str, str] = {}
    for _, name, *rest in shown:
        helps.setdefault(name, run("semhash", name, "--help", cwd=home).stdout)
        for option in (word for word in rest if word.startswith("-") and word != "-"):
            assert re.search(rf"{re.escape(option)}\b", helps[name]), f"{name} has no {option}"


def test_every_command_there_is_stands_in_the_table(home: Path) -> None:
    listed = run("semhash", "--help", cwd=home).stdout.partition("Commands:")[2]
    names = re.findall(r"^  (\w+)  ", listed, flags=re.MULTILINE)
    table = (ROOT / "README.md").read_text().partition("## The commands")[2]
    assert {"index", "query", "similar", "encode", "info", "list", "verify"} <= set(names)
    assert [name for name in names if f"`semhash {name}" not in table] == []


def test_the_make_targets_shown_exist(home: Path) -> None:
    targets = [command[1] for command in commands() if command[0] == "make"]
    assert targets == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text()
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_continuous_integration_runs_the_test_command_as_it_stands() -> None:
    """Whole and without arguments: what it leaves out may fail for whoever reads the README."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r'^step "[^"]*" make test$', script, flags=re.MULTILINE)


def test_the_folders_shown_are_there() -> None:
    (listed,) = (block for block in blocks("") if block.startswith("pyproject.toml"))
    for line in listed.splitlines():
        name = line.split()[0]
        assert (ROOT / name).exists(), name
