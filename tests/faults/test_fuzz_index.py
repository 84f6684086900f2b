"""An index that means harm: whatever its files hold, it is told of or answers, in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FUZZ = Path(__file__).with_name("fuzz_index.py")


@pytest.mark.parametrize("n", [40, pytest.param(300, marks=pytest.mark.campaign)])
@pytest.mark.parametrize(("kind", "how"), [("table", "asked"), ("wide", "asked"), ("table", "kept")])
def test_an_index_that_was_altered_and_sealed_again_does_no_harm(
    made_indexes: dict[str, Path], tmp_path: Path, kind: str, how: str, n: int
) -> None:
    work = tmp_path / "place" / "altered"
    n = n if how == "asked" else n // 2
    done = subprocess.run(
        [sys.executable, str(FUZZ), str(made_indexes[kind]), str(work), "1", str(n), how],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["unexpected"] == []
    assert min(found["told"], found["answered"]) >= n / 10, "most of what was done was of no consequence"
