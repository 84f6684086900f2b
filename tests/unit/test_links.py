"""Which places outside a corpus are watched, since links lead there."""

from pathlib import Path

import pytest

from semhash.living import links
from semhash.living.links import linked


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus"
    (corpus / "sub").mkdir(parents=True)
    (corpus / "a.txt").write_text("moon")
    return corpus


def test_links_are_followed_through_links_and_each_place_is_found_once(corpus: Path, tmp_path: Path) -> None:
    far, farther = tmp_path / "far", tmp_path / "farther"
    (far / "deep").mkdir(parents=True)
    farther.mkdir()
    (tmp_path / "one.txt").write_text("sail")
    (corpus / "far").symlink_to(far)
    (corpus / "sub" / "again").symlink_to(tmp_path / "farther")
    (corpus / "one.txt").symlink_to("../one.txt")
    (far / "deep" / "on").symlink_to(farther)
    (far / "back").symlink_to(corpus)
    (corpus / "within").symlink_to("sub")
    (corpus / "a file of far").symlink_to(far / "x.txt")
    (corpus / "nothing").symlink_to(tmp_path / "nothing")
    (corpus / "itself").symlink_to("itself")
    (far / "x.txt").write_text("oven")
    assert linked([corpus]) == [far, farther, tmp_path / "one.txt"]
    assert linked([corpus, far]) == [farther, tmp_path / "one.txt"]
    assert linked([corpus / "a.txt", tmp_path / "gone"]) == []


def test_a_folder_takes_in_what_lies_in_it(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (corpus / "a").symlink_to(tmp_path / "far" / "deep")
    (corpus / "b").symlink_to(tmp_path / "far")
    assert linked([corpus]) == [tmp_path / "far"]
    (corpus / ".hidden").symlink_to(tmp_path)
    assert linked([corpus]) == [tmp_path / "far"]


def test_there_is_an_end_to_them(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST", 3)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("moon")
        (corpus / f"to {number}").symlink_to(tmp_path / f"{number}.txt")
        (tmp_path / f"far {number}").mkdir()
    (corpus / "z").symlink_to(tmp_path / "far 1")
    assert linked([corpus]) == [tmp_path / name for name in ("far 1", "0.txt", "1.txt")]
