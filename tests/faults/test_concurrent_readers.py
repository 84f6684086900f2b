"""Readers in other processes go on while an index is updated: no error, no half state, no mixed answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

READERS = Path(__file__).with_name("readers.py")


@pytest.mark.parametrize(
    ("seconds", "readers"),
    [(4, 3), pytest.param(60, 8, marks=pytest.mark.campaign)],
    ids=["short", "a minute"],
)
def test_every_answer_is_that_of_one_generation(tmp_path: Path, seconds: int, readers: int) -> None:
    done = subprocess.run(
        [sys.executable, str(READERS), str(tmp_path / "work"), str(seconds), str(readers)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["asked"] > 0
    # The last writer may have met readers, so that what they held is left to the next.
    assert "manifest.json" in found["left"]
