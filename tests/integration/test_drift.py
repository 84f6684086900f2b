"""Drift: whether documents that come later are like those that the codes were learned from."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import build_index, open_index
from semhash.living import remove_documents, update_index
from semhash.store.drift import Drift
from tests.conftest import SUBJECTS, documents, write_jsonl

if TYPE_CHECKING:
    from tests.conftest import QuickConfig, Semhash

LEARNED_FROM, LATER = 360, 60
OTHERS = "tax court judge statute verdict appeal clause contract plaintiff lawyer trial jury".split()


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory, quick_config: "QuickConfig") -> Path:
    """A corpus ``corpus/a.jsonl`` on six subjects, and ``index``, learned from it."""
    folder = tmp_path_factory.mktemp("learned")
    (folder / "corpus").mkdir()
    write_jsonl(folder / "corpus" / "a.jsonl", documents(LEARNED_FROM // len(SUBJECTS)))
    build_index(folder / "corpus", folder / "index", quick_config(bits=8, epochs=20))
    return folder


@pytest.fixture
def place(learned: Path, tmp_path: Path) -> Path:
    shutil.copytree(learned, tmp_path / "it")
    update_index(tmp_path / "it" / "index", tmp_path / "it" / "corpus")
    return tmp_path / "it"


def later(place: Path, rows: Sequence[dict[str, object]]) -> Drift:
    """Bring some documents in, and give what is on record afterwards."""
    write_jsonl(place / "corpus" / "b.jsonl", [{**row, "id": f"later {row['id']}"} for row in rows])
    report = update_index(place / "index")
    with open_index(place / "index") as opened:
        assert opened.manifest.drift == report.drift
    assert report.drift is not None
    return report.drift


def on_another_subject() -> list[dict[str, object]]:
    rows = documents(LATER // len(SUBJECTS), seed=1)
    words = dict(zip((w for listed in SUBJECTS.values() for w in listed.split()), OTHERS * 6, strict=True))
    return [{**row, "text": " ".join(words.get(w, w) for w in str(row["text"]).split())} for row in rows]


def mixed_up() -> list[dict[str, object]]:
    """Texts of known words, each of all subjects: no word is unknown, and no code expects them together."""
    drawn = np.random.default_rng(2)
    known = [word for listed in SUBJECTS.values() for word in listed.split()]
    texts = [" ".join(drawn.permutation(known)[:24]) for _ in range(LATER)]
    return [{"id": str(number), "text": text} for number, text in enumerate(texts)]


def test_nothing_came_later(place: Path) -> None:
    assert update_index(place / "index").drift is None


def test_more_of_the_same_is_no_drift(place: Path) -> None:
    drift = later(place, documents(LATER // len(SUBJECTS), seed=1))
    assert (drift.n_learned_from, drift.n_later, drift.n_measured) == (LEARNED_FROM, LATER, LATER)
    assert (drift.unknown, drift.strange) == (0, 0)
    assert not drift.due


def test_another_subject_makes_retraining_due_and_a_new_model_ends_it(place: Path) -> None:
    drift = later(place, on_another_subject())
    assert drift.unknown > 0.5 > drift.unknown_usual
    assert (drift.strange, drift.due) == (1, True)
    report = update_index(place / "index", retrain=True)
    assert report.drift is None


def test_known_words_in_company_that_no_code_expects(place: Path) -> None:
    drift = later(place, mixed_up())
    assert drift.strange == 0
    assert drift.surprising > 0.5
    assert drift.due


def test_bits_are_held_against_those_of_the_documents_learned_from(place: Path) -> None:
    drift = later(place, documents(LATER // len(SUBJECTS), seed=1)[::6])
    with open_index(place / "index") as opened:
        bits = np.unpackbits(np.asarray(opened.codes), axis=1, count=8, bitorder="little")
    shifts = np.abs(bits[:LEARNED_FROM].mean(axis=0) - bits[LEARNED_FROM:].mean(axis=0))
    assert drift.shift == pytest.approx(shifts.max(), abs=1e-5)
    assert shifts[drift.shifted_bit] == shifts.max()


def test_what_is_kept_is_not_measured_again_and_what_goes_counts_no_more(place: Path) -> None:
    rows = on_another_subject()
    first = later(place, rows)
    assert later(place, rows[:30]).n_later == 30
    both = later(place, rows)
    assert both == first
    remove_documents([f"later {row['id']}" for row in rows], place / "index")
    assert update_index(place / "index").drift is None


def record(**known: Any) -> Drift:
    usual: dict[str, Any] = {"n_learned_from": 1000, "n_later": 500, "n_measured": 500, "unknown": 0.3}
    none: dict[str, Any] = {"unknown_usual": 0.3, "strange": 0.05, "surprising": 0.05}
    return Drift(**{**usual, **none, "shift": 0.1, "shifted_bit": 0, **known})


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ({}, False),
        ({"strange": 0.3}, True),
        ({"surprising": 0.3}, True),
        ({"strange": 0.21}, False),  # may be chance
        ({"strange": 0.21, "n_later": 100_000}, True),
        ({"strange": 1.0, "n_later": 35}, False),
        ({"strange": 1.0, "n_later": 36}, True),
        ({"surprising": 1.0, "n_measured": 35}, False),
        ({"surprising": 1.0, "n_measured": 36}, True),
        ({"strange": 1.0, "n_later": 49, "n_learned_from": 5000}, False),  # nothing to learn from
        ({"strange": 1.0, "n_later": 50, "n_learned_from": 5000}, True),
        ({"strange": 1.0, "n_later": 2, "n_learned_from": 5}, False),
        ({"surprising": 1.0, "n_measured": 0}, False),
    ],
)
def test_when_it_is_due(known: dict[str, Any], due: bool) -> None:
    assert record(**known).due is due


def test_it_is_told(place: Path, semhash: "Semhash") -> None:
    fresh = semhash("info", "--index", "index", cwd=place)
    assert "none: no document came later than the codes" in fresh.stdout
    write_jsonl(place / "corpus" / "b.jsonl", [{**r, "id": f"b{r['id']}"} for r in on_another_subject()])
    done = semhash("update", "--index", "index", cwd=place)
    assert done.stderr == (
        "retraining is due: 100% of 60 documents that came later have more words that the model does not know than "
        "19 of 20 of those it was learned from; learn new codes with: semhash update --retrain --index index\n"
    )
    told = " ".join(semhash("info", "--index", "index", cwd=place).stdout.split())
    assert "later documents: 60, codes learned from 360" in told
    assert "retraining: due, with: semhash update --retrain" in told
    found = semhash("info", "--index", "index", "--json", cwd=place).json()["drift"]
    again = semhash("update", "--index", "index", "--json", cwd=place).json()
    assert again["drift"] == found
    assert (found["due"], found["n_later"], found["strange"]) == (True, 60, 1.0)
    assert "usual" not in json.dumps(semhash("info", "--index", "index", "--json", cwd=place).json()["model"])
