"""From a corpus to answers through the library, every answer worked out again by brute force."""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from semhash import Index, build_index, open_index
from semhash.analysis.analyzer import Analyzer
from semhash.config import CorpusConfig, IndexConfig
from semhash.corpus import Document, open_corpus
from semhash.errors import (
    ConfigError,
    CorpusError,
    DocumentNotFoundError,
    IndexDamagedError,
    IndexExistsError,
)
from semhash.index import SHORTLIST
from semhash.inspection.verification import verify_index
from semhash.progress import Stage
from semhash.store import folder as store

if TYPE_CHECKING:
    from tests.conftest import QuickConfig


def corpus_documents(index: Index) -> list[Document]:
    return [item for item in open_corpus(index.manifest.corpus) if isinstance(item, Document)]


def bits_of(code: int, bits: int) -> np.ndarray:
    return np.array([(code >> i) & 1 for i in range(bits)])


def expected_hits(index: Index, query: str, ball: int | None) -> list[tuple[str, int, float]]:
    """Every document's distance and TF-IDF cosine, those in the ball sorted as the index should."""
    documents = corpus_documents(index)
    codes = {entry.id: entry.code for entry in index.catalogue.documents()}
    code = bits_of(index.encode([query])[0].code, index.bits)
    distances = [int((bits_of(codes[d.id], index.bits) != code).sum()) for d in documents]
    vectorizer = TfidfVectorizer(analyzer=Analyzer("english").terms, sublinear_tf=True)
    matrix = vectorizer.fit_transform([d.text for d in documents])
    scores = (matrix @ vectorizer.transform([query]).T).toarray().ravel()
    radius = sorted(distances)[min(SHORTLIST, len(documents)) - 1] if ball is None else ball
    rows = [row for row in range(len(documents)) if distances[row] <= radius]
    rows.sort(key=lambda row: (-round(scores[row], 5), distances[row], row))
    return [(documents[row].id, distances[row], scores[row]) for row in rows]


@pytest.mark.parametrize("radius", [None, 0, 2, 5, 20])
@pytest.mark.parametrize("query", ["rocket to the moon", "butter", "violin referee compass people"])
def test_hits_equal_those_of_brute_force(index: Index, query: str, radius: int | None) -> None:
    expected = expected_hits(index, query, radius)
    found = index.query(query, k=len(index), radius=radius, rank="tfidf").hits
    assert [hit.rank for hit in found] == list(range(1, len(expected) + 1))
    np.testing.assert_allclose([hit.score for hit in found], [score for _, _, score in expected], atol=1e-5)
    assert {(hit.id, hit.distance) for hit in found} == {(i, distance) for i, distance, _ in expected}
    keys = [(-hit.score, hit.distance) for hit in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize("words_", ["planet comet telescope", "garlic dough", "vaccine nurse clinic doctor"])
def test_a_subjects_words_find_documents_on_that_subject(index: Index, words_: str) -> None:
    hits = index.query(words_, k=10).hits
    subjects = [hit.labels[0] for hit in hits]
    assert len(hits) == 10
    assert subjects.count(max(set(subjects), key=subjects.count)) == 10


def test_codes_of_one_subject_are_nearer_than_codes_of_two(index: Index) -> None:
    entries = list(index.catalogue.documents())
    bits = np.array([bits_of(entry.code, index.bits) for entry in entries])
    distances = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    labels = np.array([entry.labels[0] for entry in entries])
    same = labels[:, None] == labels[None]
    assert distances[same].mean() < distances[~same].mean() / 2


def test_a_document_of_the_index_is_encoded_to_its_own_code(index: Index) -> None:
    documents = corpus_documents(index)
    encoded = index.encode([d.text for d in documents])
    for document, found in zip(documents, encoded, strict=True):
        entry = index.document(document.id)
        assert (found.code, found.known_words) == (entry.code, entry.known_words)
        assert found.bits == 20


@pytest.mark.parametrize("rank", ["bm25", "tfidf", "asymmetric"])
def test_similar_leaves_the_document_out_and_asks_by_its_code_and_words(index: Index, rank: str) -> None:
    """As its text does; together with the words, the code of a document weighs more than that of a question."""
    found = index.similar("music-7", k=12, rank=rank)
    assert "music-7" not in [hit.id for hit in found.hits]
    assert {hit.labels for hit in found.hits} == {("music",)}
    text = next(d.text for d in corpus_documents(index) if d.id == "music-7")
    asked = [hit for hit in index.query(text, k=13, rank=rank).hits if hit.id != "music-7"]
    assert [(h.id, h.distance, h.score) for h in found.hits] == [
        (h.id, h.distance, h.score) for h in asked[:12]
    ]


def test_many_queries_at_once_are_answered_as_one_by_one(index: Index) -> None:
    texts = ["moon", "nothing known qqq", "oven flour", "keel mast"]
    many = list(index.rank_many(texts, k=7))
    alone = [[(hit.id, hit.score) for hit in index.query(text, k=7).hits] for text in texts]
    assert many == alone
    assert many[1] == [] or index.encode([texts[1]])[0].known_words > 0


def test_a_query_without_a_known_word_gives_no_hits(index: Index) -> None:
    result = index.query("qqq zzz 12345")
    assert (result.known_words, result.hits, result.shortlist) == (0, [], 0)
    assert index.encode([""])[0].known_words == 0


def test_snippets_hold_and_mark_the_querys_words(index: Index) -> None:
    for hit in index.query("orbit crater", k=5).hits:
        marked = {hit.snippet.text[a:b].lower() for a, b in hit.snippet.marks}
        assert marked
        assert marked <= {"orbit", "crater"}


def test_wrong_questions_are_told(index: Index) -> None:
    with pytest.raises(ConfigError, match="k: expected 1 hit or more, found 0"):
        index.query("moon", k=0)
    with pytest.raises(ConfigError, match="radius: expected 0 to 20 bits, found 21"):
        index.query("moon", radius=21)
    with pytest.raises(DocumentNotFoundError, match="found 'no such id'"):
        index.similar("no such id")


@pytest.mark.parametrize("bits", [8, 24, 33, 64, 128])
def test_other_widths_answer_as_brute_force_does(
    corpus_file: Path, tmp_path: Path, bits: int, quick_config: "QuickConfig"
) -> None:
    build_index(corpus_file, tmp_path / "wide", quick_config(bits=bits, epochs=15))
    with open_index(tmp_path / "wide") as index:
        expected = expected_hits(index, "penalty goal coach", 3)
        found = index.query("penalty goal coach", k=len(index), radius=3).hits
        assert {(hit.id, hit.distance) for hit in found} == {(i, d) for i, d, _ in expected}
        grown = index.query("penalty goal coach", k=5)
        assert len(grown.hits) == 5
        assert not [f for f in verify_index(tmp_path / "wide") if f.problem]


def test_a_document_without_a_coded_word_is_in_the_catalogue_but_at_no_address(
    tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    rows = [{"id": f"d{i}", "text": f"moon orbit {'comet' if i % 2 else 'rocket'}"} for i in range(20)]
    rows.append({"id": "odd", "text": "unique hapax"})
    file = tmp_path / "c.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = quick_config(vocabulary_size=4, epochs=5)
    report = build_index(file, tmp_path / "out", config)
    assert (report.n_documents, report.n_unaddressed) == (21, 1)
    with open_index(tmp_path / "out") as index:
        assert index.document("odd").known_words == 0
        assert index.lookup.n_documents == 20
        assert index.similar("odd").hits == []
        everything = index.query("moon hapax", k=100, radius=20).hits
        assert len(everything) == 20
        assert "odd" not in {hit.id for hit in everything}


def test_the_report_says_what_was_done(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    stages: list[Stage] = []

    def hear(stage: Stage, done: float, total: float, detail: str = "") -> None:
        assert 0 <= done <= total
        if done == total:
            stages.append(stage)

    report = build_index(corpus_file, tmp_path / "out", quick_config(epochs=2), progress=hear)
    assert stages == ["read", "relate", "mix", "guide", "train", "decode", "encode", "write"]
    assert report.n_documents == 240
    assert report.seconds.keys() == {"read", "train", "encode", "write", "total"}
    with open_index(report.out) as index:
        codes = {entry.code for entry in index.catalogue.documents()}
        assert report.addresses_in_use == len(codes) == index.manifest.addresses_in_use


class Interrupts:
    """Progress that is interrupted once in each of some stages, half way."""

    def __init__(self, *stages: Stage) -> None:
        self.stages = list(stages)

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        if stage in self.stages and 2 * done >= total:
            self.stages.remove(stage)
            raise KeyboardInterrupt


def test_an_interrupt_in_training_writes_an_index_of_what_was_learned(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    report = build_index(corpus_file, tmp_path / "out", quick_config(epochs=9), progress=Interrupts("train"))
    assert (report.stopped, report.epochs) == ("interrupted", 4)
    assert not [finding for finding in verify_index(report.out) if finding.problem]
    with open_index(report.out) as index:
        assert len(index) == 240
        assert index.query("rocket to the moon", k=3).hits


@pytest.mark.parametrize(
    "stages",
    [("read",), ("relate",), ("mix",), ("guide",), ("encode",), ("write",), ("train", "encode")],
)
def test_an_interrupt_at_any_other_time_leaves_nothing(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig", stages: tuple[Stage, ...]
) -> None:
    interrupts = Interrupts(*stages)
    with pytest.raises(KeyboardInterrupt):
        build_index(corpus_file, tmp_path / "out", quick_config(epochs=3), progress=interrupts)
    assert not interrupts.stages
    assert list(tmp_path.iterdir()) == []


def test_one_seed_gives_one_index(corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig") -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        build_index(corpus_file, tmp_path / name, quick_config(seed=seed, epochs=3))

    def files(name: str) -> dict[str, str]:
        with open_index(tmp_path / name) as index:
            records = index.manifest.files.items()
            return {file: r.sha256 for file, r in records if file != "catalogue.sqlite"}

    assert files("a") == files("b")
    assert files("a")["codes.npy"] != files("c")["codes.npy"]


def test_labels_are_never_seen_in_training(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps({**row, "labels": [f"x{i}"]}) + "\n" for i, row in enumerate(rows)))
    digests = []
    for name, corpus in (("a", corpus_file), ("b", other)):
        build_index(corpus, tmp_path / name, quick_config(epochs=2))
        with open_index(tmp_path / name) as index:
            digests.append(index.manifest.files["model.safetensors"].sha256)
    assert digests[0] == digests[1]


@pytest.mark.parametrize("loss", ["nca", "contrastive"])
def test_labels_are_seen_where_supervision_is_asked_for(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig", loss: str
) -> None:
    """Labels of the documents' numbers, odd or even, which their words do not tell."""
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    labelled = [{**row, "labels": ["odd" if i % 2 else "even"]} for i, row in enumerate(rows)]
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in labelled))
    model = quick_config().model.to_json()
    model |= {"supervision": {"loss": loss, "weight": 30.0, "epochs": 30}}
    build_index(file, tmp_path / "out", quick_config(epochs=10, model=model))
    with open_index(tmp_path / "out") as index:
        assert index.manifest.config.model.supervision.loss == loss
        bits = np.array([bits_of(entry.code, index.bits) for entry in index.catalogue.documents()])
    apart = np.abs(bits[:, None] - bits[None]).sum(axis=2)
    same = np.add.outer(np.arange(240), np.arange(240)) % 2 == 0
    assert apart[same].mean() < apart[~same].mean() - 1


def test_supervision_without_labels_is_told_in_words(tmp_path: Path, quick_config: "QuickConfig") -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text(f"moon orbit {number}")
    model = {**quick_config().model.to_json(), "supervision": {"loss": "nca"}}
    out = tmp_path.parent / f"{tmp_path.name}-index"
    with pytest.raises(
        CorpusError, match=r"expected documents with labels, for nca, found 8 without; .*--labels folder"
    ):
        build_index(tmp_path, out, quick_config(epochs=1, model=model))
    assert not out.exists()


def test_a_corpus_that_is_no_corpus_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    for name in "abc":
        (tmp_path / "few" / name).write_text(f"text {name}")
    with pytest.raises(CorpusError, match="expected at least 5 documents, found 3"):
        build_index(tmp_path / "few", tmp_path / "new" / "out")
    with pytest.raises(CorpusError, match="found nothing there"):
        build_index(tmp_path / "missing", tmp_path / "new" / "out")
    (tmp_path / "few" / "x.bin").write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(CorpusError, match=r"\(strict\), found 1.*\n  x\.bin: binary"):
        build_index(tmp_path / "few", tmp_path / "new" / "out", strict=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few"]


def test_stop_words_alone_are_no_corpus(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text("the and of with")
    with pytest.raises(CorpusError, match="words other than stop words, found 0 of 8"):
        build_index(tmp_path, tmp_path.parent / "out-of-stop-words")


def test_an_index_is_not_replaced_unless_asked(index_folder: Path, corpus_file: Path) -> None:
    before = (index_folder / "manifest.json").read_bytes()
    with pytest.raises(IndexExistsError, match="--force"):
        build_index(corpus_file, index_folder)
    assert (index_folder / "manifest.json").read_bytes() == before


def test_only_the_split_asked_for_is_read(
    corpus_file: Path, tmp_path: Path, quick_config: "QuickConfig"
) -> None:
    config: IndexConfig = quick_config(epochs=1, corpus=CorpusConfig(split="test").to_json())
    assert build_index(corpus_file, tmp_path / "out", config).n_documents == 60
    with open_index(tmp_path / "out") as index:
        assert {entry.split for entry in index.catalogue.documents()} == {"test"}
        assert index.manifest.config == config


@pytest.mark.parametrize("name", ["counts-indptr.npy", "table-rows.npy"])
def test_numbers_that_lead_out_of_an_array_are_told_as_damage(
    index_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As in an index too large for its digests to be compared at every opening."""
    monkeypatch.setattr(store, "_CHEAP_BYTES", 0)
    shutil.copytree(index_folder, tmp_path / "altered")
    (file,) = (tmp_path / "altered").rglob(name)
    array = np.load(file, mmap_mode="r+")
    array[1:] ^= array.dtype.type(1 << 29)
    array.flush()
    del array
    with open_index(tmp_path / "altered") as index, pytest.raises(IndexDamagedError, match=r"altered|again"):
        index.query("moon orbit comet planet rocket", k=20)


def test_every_answer_says_how_long_each_step_took(index: Index) -> None:
    steps = {"encode", "lookup", "rank", "fetch", "total"}
    for result in (index.query("moon"), index.query("qqq zzz"), index.similar("music-7")):
        assert result.seconds.keys() == steps
        assert result.seconds["total"] == pytest.approx(sum(result.seconds.values()) / 2)


def test_the_smallest_corpus_there_may_be_is_told_apart(tmp_path: Path, quick_config: "QuickConfig") -> None:
    texts = [
        "moon orbit comet",
        "oven flour butter",
        "goal striker referee",
        "violin piano melody",
        "boat anchor mast",
    ]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text)
    report = build_index(tmp_path, tmp_path.parent / f"{tmp_path.name}-index", quick_config(epochs=300))
    assert report.addresses_in_use == len(texts)
    with open_index(report.out) as index:
        assert [index.query(text, k=1).hits[0].id for text in texts] == [f"{n}.txt" for n in range(5)]


def test_a_corpus_whose_name_is_no_unicode_is_indexed(tmp_path: Path, quick_config: "QuickConfig") -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    for number, subject in enumerate(
        ["moon orbit", "oven flour", "goal striker", "violin piano", "boat mast"]
    ):
        (folder / f"{number}.txt").write_text(subject)
    build_index(folder, tmp_path / "out", quick_config(epochs=100))
    with open_index(tmp_path / "out") as index:
        assert index.manifest.corpus.endswith(r"/caf\xe9")
