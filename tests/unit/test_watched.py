"""What watches folders says nothing that its user could not act on."""

import warnings
from pathlib import Path

import pytest

from semhash.living.watched import Watched


def warned(message: str) -> None:
    warnings.warn_explicit(message, RuntimeWarning, "inotify.py", 1, "watchdog.observers.inotify")


def test_a_folder_told_of_twice_is_not_warned_of_and_all_else_is(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with Watched(tmp_path / "index") as watched:
            watched.follow([tmp_path])
            # As watchdog says where a folder appears while the one around it is still being entered.
            warned("Callback with id '7' already exists for watch <Watch>. It will be overwritten.")
            warned("Something else")
    assert [str(warning.message) for warning in heard] == ["Something else"]


def test_what_was_heard_of_is_named_by_its_path_and_many_are_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()
    with Watched(tmp_path / "index") as watched:
        watched.follow([tmp_path / "corpus"])
        (tmp_path / "corpus" / "a.txt").write_text("moon")
        (tmp_path / "b.txt").write_text("not of the corpus")
        assert watched.wait(60)
        assert watched.calm(0.1, 1) == [str(tmp_path / "corpus" / "a.txt")]
        monkeypatch.setattr("semhash.living.watched._MANY", 0)
        (tmp_path / "corpus" / "a.txt").write_text("moons")
        assert watched.wait(60)
        assert watched.calm(0.1, 1) is None
