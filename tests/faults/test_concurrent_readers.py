"""Readers in other processes go on while an index is updated: no error, no half state, no mixed answer."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Semhash

pytestmark = pytest.mark.slow

READERS = Path(__file__).with_name("readers.py")


@pytest.mark.parametrize(
    ("seconds", "readers"),
    [(4, 3), pytest.param(60, 8, marks=pytest.mark.campaign)],
    ids=["short", "a minute"],
)
def test_every_answer_is_that_of_one_generation(
    semhash: "Semhash", tmp_path: Path, seconds: int, readers: int
) -> None:
    done = semhash.script(READERS, tmp_path / "work", str(seconds), str(readers), cwd=tmp_path)
    assert done.status == 0, done.stderr
    found = done.json()
    assert found["wrong"] == []
    assert found["asked"] > 0
    # The last writer may have met readers, so that what they held is left to the next.
    assert "manifest.json" in found["left"]
