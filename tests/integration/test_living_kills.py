"""kill -9 at random moments of an update: what is left is whole, and exactly the old index or the new one."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from semhash import build_index
from tests.conftest import SUBJECTS

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.conftest import QuickConfig, Semhash


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path, quick_config: "QuickConfig") -> Path:
    """A corpus that has changed since it was indexed, the index, and a file beside them."""
    model = tmp_path_factory.mktemp("model") / "model"
    build_index(corpus_file, model, quick_config(bits=8, epochs=3))
    home = tmp_path_factory.mktemp("kills") / "made"
    (home / "corpus").mkdir(parents=True)
    for number, words in enumerate(SUBJECTS.values()):
        (home / "corpus" / f"{number}.txt").write_text(words)
    build_index(home / "corpus", home / "index", model=model)
    (home / "corpus" / "1.txt").write_text("moon boat")
    (home / "corpus" / "2.txt").unlink()
    (home / "corpus" / "new.txt").write_text("butter boat")
    (home / "outside.txt").write_text("moon")
    return home


@pytest.mark.parametrize(
    ("kills", "seed"), [(6, 0), pytest.param(203, 1, marks=pytest.mark.campaign, id="two hundred")]
)
def test_a_kill_leaves_the_old_index_or_the_new_one(
    semhash: "Semhash", made: Path, tmp_path: Path, kills: int, seed: int
) -> None:
    program = Path(__file__).with_name("living_kills.py")
    done = semhash.script(program, made, tmp_path / "home", str(kills), str(seed), cwd=tmp_path, patience=600)
    assert done.status == 0, done.stderr
    left = [which for _, _, *which in done.json()]
    assert len(left) == kills - 3
    assert all(len(which) == 1 for which in left), Counter(map(str, left))
    assert ["old"] in left


@pytest.mark.parametrize(("kills", "seed"), [(4, 0), pytest.param(100, 1, marks=pytest.mark.campaign)])
def test_a_kill_of_what_watches_leaves_the_old_index_or_the_new_one(
    semhash: "Semhash", made: Path, tmp_path: Path, kills: int, seed: int
) -> None:
    """The next update then brings it to what an index made at once with the same model is."""
    program = Path(__file__).with_name("watch_kills.py")
    done = semhash.script(program, made, tmp_path / "home", str(kills), str(seed), cwd=tmp_path, patience=600)
    assert done.status == 0, done.stderr
    left = done.json()
    assert len(left) == kills
    assert left[:2] == ["new", "old"]
