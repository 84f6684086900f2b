"""House rules that no linter we use holds: each names the file that breaks it."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((ROOT / "semhash").rglob("*.py"))
TERMINAL = sorted((ROOT / "cli").rglob("*.py"))
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle"}
FOR_THE_TERMINAL = {"typer", "rich", "click", "tqdm", "semhash_cli", "cli"}


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def imported(path: Path) -> set[str]:
    """Top-level names of all that a file imports, wherever in the file."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def unpickling_calls(path: Path) -> list[str]:
    """Calls that would run code from a file: torch.load, joblib.load, allow_pickle other than False."""
    calls = [node for node in nodes(path) if isinstance(node, ast.Call)]
    loads: list[ast.Call | ast.keyword] = [
        call for call in calls if ast.unparse(call.func) in {"torch.load", "joblib.load"}
    ]
    flags = [keyword for call in calls for keyword in call.keywords if keyword.arg == "allow_pickle"]
    allowed = [flag for flag in flags if ast.unparse(flag.value) != "False"]
    return [f"line {node.lineno}: {ast.unparse(node)}" for node in [*loads, *allowed]]


@pytest.mark.parametrize("path", LIBRARY + TERMINAL, ids=shown)
def test_nothing_is_ever_unpickled(path: Path) -> None:
    assert not imported(path) & UNPICKLERS
    assert not unpickling_calls(path)


@pytest.mark.parametrize("path", LIBRARY, ids=shown)
def test_the_library_knows_no_terminal(path: Path) -> None:
    assert not imported(path) & FOR_THE_TERMINAL
    streams = [ast.unparse(node) for node in nodes(path) if isinstance(node, ast.Attribute)]
    assert not {"sys.stdout", "sys.stderr", "sys.stdin"} & set(streams)


@pytest.mark.parametrize(
    "path",
    # Kernels are compiled as they are imported, where that has not been done before.
    [pytest.param(path, marks=[pytest.mark.slow] * (path.parent.name == "kernels")) for path in LIBRARY],
    ids=shown,
)
def test_what_is_exported_is_there(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert not [item for item in exported if not hasattr(module, item)]
    assert len(set(exported)) == len(exported)


def test_the_checks_above_can_fail(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "def f(p):\n    import pickle.x\n    np.load(p, allow_pickle=True)\n    return torch.load(p)\n"
    )
    assert imported(bad) == {"pickle"}
    assert unpickling_calls(bad) == ["line 4: torch.load(p)", "line 3: allow_pickle=True"]


def test_test_folders_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_two_test_files_share_a_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_every_make_target_has_its_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)
    helped = re.findall(r"^([a-z]+):.*  ## \S", makefile, flags=re.MULTILINE)
    assert sorted(helped) == sorted(set(phony.split()) - {"FORCE"})
