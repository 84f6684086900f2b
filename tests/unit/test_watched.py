"""What watches folders says nothing that its user could not act on."""

import warnings
from pathlib import Path

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
