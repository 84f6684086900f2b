"""House rules that no linter we use holds: each names the file that breaks it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pickles_allowed(path: Path) -> list[str]:
    """List where numpy is told that a file may hold pickled objects."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    flags = [keyword for call in calls for keyword in call.keywords if keyword.arg == "allow_pickle"]
    return [f"{path}:{flag.lineno}" for flag in flags if ast.unparse(flag.value) != "False"]


def test_no_array_is_ever_unpickled(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f(p):\n    np.load(p, allow_pickle=False)\n    np.load(p, allow_pickle=True)\n")
    assert pickles_allowed(bad) == [f"{bad}:3"]
    files = [path for folder in ("semhash", "cli") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    assert [found for path in files for found in pickles_allowed(path)] == []


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
