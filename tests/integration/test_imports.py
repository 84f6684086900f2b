"""What each command loads: the time of a cold start is spent on imports."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash
    from tests.integration.conftest import Home

LEARNING = {
    "torch",
    "sklearn",
    "scipy",
    "matplotlib",
    "plotly",
    "jinja2",
    "bm25s",
    "joblib",
    "stop_words",
    "numba",
    "rapidfuzz",
}
COMMAND = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write("\\n" + json.dumps(sorted(sys.modules))))
from semhash_cli import main
main()
"""


def loaded(semhash: "Semhash", home: "Home", *arguments: str, code: str = COMMAND) -> set[str]:
    """Every module there is at the end of a run, and each package that one of them is in."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=home.path,
        env=semhash.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    assert "sys" in modules
    return {name for module in modules for name in (module, module.partition(".")[0])}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["index", "--help"], ["evaluate", "--help"], ["report", "--help"]]
)
def test_help_loads_nothing_heavy(home: "Home", semhash: "Semhash", arguments: list[str]) -> None:
    modules = loaded(semhash, home, *arguments)
    assert "semhash_cli" in modules
    assert not modules & {*LEARNING, "numpy", "faiss", "sqlalchemy", "rich.console", "semhash.index"}


def test_a_configuration_is_printed_without_what_it_configures(home: "Home", semhash: "Semhash") -> None:
    modules = loaded(semhash, home, "index", "--preset", "paper", "--print-config")
    assert "semhash.config.presets" in modules
    assert not modules & {*LEARNING, "numpy", "faiss", "sqlalchemy", "rich.console", "semhash.pipeline"}


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "sail the boat"],
        ["query", "café 日本語 sail", "--json"],
        ["similar", "music/music-3.txt"],
        ["explain", "sail the boat"],
        ["encode"],
        ["duplicates"],
        ["map", "--regions", "3"],
        ["export", "-", "--without-text"],
        ["info", "--json"],
    ],
    ids=lambda arguments: " ".join(arguments[:1]) if isinstance(arguments, list) else None,
)
def test_asking_loads_no_learning_and_at_20_bits_no_faiss(
    home: "Home", semhash: "Semhash", arguments: list[str]
) -> None:
    modules = loaded(semhash, home, *arguments)
    assert {"numpy", "semhash.index"} <= modules
    assert not modules & {*LEARNING, "faiss", "chardet", "webencodings", "semhash.pipeline"}
    assert not modules & {"semhash.corpus.corpus", "semhash.corpus.registry"}


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("arguments", [["update", "notes", "--dry-run"], ["remove", "nothing"]])
def test_an_update_loads_nothing_that_learns(home: "Home", semhash: "Semhash", arguments: list[str]) -> None:
    code = COMMAND.replace("main()", "try:\n    main()\nexcept SystemExit:\n    sys.exit(0)")
    modules = loaded(semhash, home, *arguments, code=code)
    assert "semhash.living.upkeep" in modules
    assert not modules & LEARNING


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("arguments", [["query", "rocket to the moon"], ["similar", "music/music-3.txt"]])
def test_a_query_loads_no_reasons_and_of_numpy_what_it_needs(
    home: "Home", semhash: "Semhash", arguments: list[str]
) -> None:
    modules = loaded(semhash, home, *arguments, "-k", "3")  # the hits are ASCII
    assert {"semhash.learned.novelty", "semhash.asking.questions", "semhash.asking.hits"} <= modules
    reasons = {
        "reasons.explainer",
        "reasons.explanation",
        "autoencoder.attribution",
        "autoencoder.bit_meanings",
    }
    assert not modules & {f"semhash.{name}" for name in reasons}
    assert not modules & {
        "regex",
        "numpy.random",
        "numpy.ma",
        "semhash.kernels.words",
        "semhash.binary_index",
    }


@pytest.mark.usefixtures("notes")
def test_json_is_written_without_what_draws_tables(home: "Home", semhash: "Semhash") -> None:
    assert "rich.table" in loaded(semhash, home, "query", "sail the boat")
    assert "rich.table" not in loaded(semhash, home, "query", "sail the boat", "--json")


def test_a_report_is_drawn_without_what_was_measured(
    home: "Home", semhash: "Semhash", made_results: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "results.json").write_bytes(made_results(methods=["BM25"]).to_json())
    modules = loaded(semhash, home, "report", str(tmp_path), "--quiet")
    assert {"matplotlib", "jinja2", "plotly", "semhash.evaluation.report"} <= modules
    assert not modules & {"torch", "sklearn", "scipy", "joblib", "bm25s", "faiss", "sqlalchemy", "stop_words"}


@pytest.mark.usefixtures("notes")
def test_a_map_is_drawn_without_what_learns(home: "Home", semhash: "Semhash", tmp_path: Path) -> None:
    modules = loaded(semhash, home, "map", "--html", str(tmp_path / "map.html"))
    assert {"jinja2", "plotly"} <= modules
    assert not modules & (LEARNING - {"jinja2", "plotly"})


def test_importing_the_library_loads_next_to_nothing(home: "Home", semhash: "Semhash") -> None:
    code = "import json, sys\nbefore = set(sys.modules)\nimport semhash\n"
    code += "sys.stderr.write(json.dumps(sorted({'sys', *set(sys.modules) - before})))"
    modules = loaded(semhash, home, code=code)
    assert "semhash" in modules
    assert not modules & {*LEARNING, "numpy", "faiss", "sqlalchemy", "msgspec", "typer"}
    assert {name for name in modules if name.startswith("semhash.")} == {"semhash._version"}


def test_the_library_loads_what_is_asked_for_and_no_more(home: "Home", semhash: "Semhash") -> None:
    code = "import json, sys\nfrom semhash import open_index, IndexConfig\n"
    code += "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    modules = loaded(semhash, home, code=code)
    assert not modules & {*LEARNING, "faiss", "typer", "rich"}
