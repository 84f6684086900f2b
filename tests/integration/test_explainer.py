"""Reasons held against brute force, on indexes of every kind of model."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from semhash import Index, build_index, codes, open_index
from semhash.asking.questions import by_text
from semhash.autoencoder.attribution import contributions
from semhash.autoencoder.encoder import Encoder
from semhash.errors import DocumentNotFoundError, IndexDamagedError
from semhash.reasons.explainer import Explainer
from semhash.store.manifest import MANIFEST, read_manifest
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from tests.conftest import QuickConfig, Semhash

TEXT = "a rocket in orbit around the moon, by telescope: moon zyzzyva"
FOREIGN = " ".join(
    ["zebra", "quagga", "okapi", "gnu", "eland", "kudu", "oryx", "nyala", "bongo", "sable"] * 3
)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path, quick_config: "QuickConfig") -> Path:
    """An index of as many documents as it takes to say what is unlike them."""
    place = tmp_path_factory.mktemp("large")
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    doubled = [*rows, *({**row, "id": f"{row['id']}-again", "text": row["text"][5:]} for row in rows)]
    (place / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in doubled))
    build_index(place / "notes.jsonl", place / "notes", quick_config(epochs=12))
    return place / "notes"


@pytest.fixture
def explainer(index: Index) -> Explainer:
    return Explainer(index)


def as_bits(code: int, bits: int) -> np.ndarray:
    return np.array([code >> bit & 1 for bit in range(bits)], dtype=np.float32)


def test_the_code_is_the_one_that_encode_gives_and_its_bits_follow_from_their_inputs(
    explainer: Explainer,
) -> None:
    found = explainer.explain(TEXT)
    [encoded] = explainer.index.encode([TEXT])
    assert (found.code, found.bits) == (encoded.code, 20)
    assert [reason.bit for reason in found.reasons] == list(range(20))
    for reason in found.reasons:
        assert reason.value == found.code >> reason.bit & 1 == (reason.input > reason.threshold)
        assert reason.probability == pytest.approx(1 / (1 + np.exp(-reason.input)), abs=1e-5)


def test_words_are_counted_without_stop_words(explainer: Explainer) -> None:
    found = explainer.explain(TEXT)
    assert (found.words, found.known) == (5, 4)  # rocket, orbit, moon, telescope; not zyzzyva
    document, index = explainer.explain_document("music-3"), explainer.index
    held = index.term_index.counts.take(np.array([index.document("music-3").row]))
    content = [t for t in held.indices.tolist() if index.lexicon.word(t) not in index.stop_words]
    assert document.words == document.known == len(content)


def test_what_is_explained_is_encoded_once(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Counts] = []
    activations = Encoder.activations

    def watched(encoder: Encoder, counts: Counts) -> np.ndarray:
        encoded.append(counts)
        return activations(encoder, counts)

    monkeypatch.setattr(Encoder, "activations", watched)
    with open_index(large) as opened:
        explainer = Explainer(opened)
        assert explainer.explain(TEXT, "music-3").novelty is not None
        assert explainer.explain_document("music-3").novelty is not None
        assert explainer.novelty(TEXT) == opened.query(TEXT, novelty=True).novelty
    assert [len(counts) for counts in encoded] == [1, 1, 1, 1]


def test_the_words_that_drive_a_bit_are_those_that_add_most_to_its_input(explainer: Explainer) -> None:
    found, coded = explainer.explain(TEXT), by_text(explainer.index, TEXT).reading.counts
    words = explainer.index.shown_words(explainer.index.vocabulary)
    added = contributions(explainer.index.encoder, coded)
    for reason in found.reasons:
        by_word = {words[c]: float(a) for c, a in zip(coded.indices, added[reason.bit], strict=True)}
        ranked = sorted(by_word.items(), key=lambda item: -item[1])
        assert dict(reason.up) == pytest.approx(dict([pair for pair in ranked if pair[1] > 0][:3]))
        assert dict(reason.down) == pytest.approx(dict([pair for pair in ranked[::-1] if pair[1] < 0][:3]))


def test_a_word_taken_away_moves_a_bit_as_its_contribution_says_it_would(index: Index) -> None:
    """In sign at least, of the words that speak loudest: the code layer is not linear over so long a way."""
    explainer = Explainer(index)
    loudest = max(
        explainer.explain("moon orbit rocket oven").reasons,
        key=lambda reason: reason.up[0][1] if reason.up else 0,
    )
    word = loudest.up[0][0]
    without = " ".join(other for other in ("moon", "orbit", "rocket", "oven") if other != word)
    assert explainer.explain(without).reasons[loudest.bit].input < loudest.input


def test_what_is_expected_and_what_a_bit_changes_are_the_decoders_shares(explainer: Explainer) -> None:
    found, words = explainer.explain(TEXT), explainer.index.shown_words(explainer.index.vocabulary)
    here = as_bits(found.code, 20)
    shares = np.exp(explainer.index.decoder.log_shares(here[None])[0])
    assert [word.word for word in found.expected] == [
        words[i] for i in np.argsort(-shares, kind="stable")[:10]
    ]
    assert {word.word: word.count for word in found.expected if word.count} == {
        word: n
        for word, n in {"moon": 2, "rocket": 1, "orbit": 1, "telescope": 1}.items()
        if word in [expected.word for expected in found.expected]
    }
    for reason in found.reasons[::7]:
        on, off = here.copy(), here.copy()
        on[reason.bit], off[reason.bit] = 1, 0
        change = np.exp(explainer.index.decoder.log_shares(on[None])[0]) - np.exp(
            explainer.index.decoder.log_shares(off[None])[0]
        )
        assert reason.more[0][0] == words[int(change.argmax())]
        assert reason.more[0][1] == pytest.approx(float(change.max()), abs=1e-6)
        assert reason.less[0][0] == words[int(change.argmin())]
        assert reason.less[0][1] == pytest.approx(float(change.min()), abs=1e-6)


def test_who_lives_at_an_address_and_at_those_beside_it_is_counted(explainer: Explainer) -> None:
    found = explainer.explain_document("music-3")
    everybody = codes.to_ints(np.asarray(explainer.index.codes))
    assert found.documents == everybody.count(found.code) >= 1
    for reason in found.reasons:
        assert reason.flipped == found.code ^ 2**reason.bit
        assert reason.flipped_documents == everybody.count(reason.flipped)


@pytest.mark.parametrize("text", ["sail the boat, sail it past the anchor", TEXT])
def test_the_words_of_a_hit_add_up_to_the_score_that_query_shows(explainer: Explainer, text: str) -> None:
    for hit in explainer.index.query(text, k=4, rank="tfidf").hits:
        found = explainer.explain(text, hit.id).hit
        assert found is not None
        assert sum(word.contribution for word in found.words) == pytest.approx(hit.score, abs=1e-6)
        assert found.score == pytest.approx(hit.score, abs=1e-6)
        assert len(found.differing) == hit.distance
        added = [word.contribution for word in found.words]
        assert added == sorted(added, reverse=True)


def test_a_document_is_held_against_another_and_against_itself(explainer: Explainer) -> None:
    [hit] = explainer.index.similar("music-3", k=1, rank="tfidf").hits
    found = explainer.explain_document("music-3", hit.id).hit
    assert found is not None
    assert found.score == pytest.approx(hit.score, abs=1e-6)
    assert all(word.in_text and word.in_document for word in found.words)
    itself = explainer.explain_document("music-3", "music-3").hit
    assert itself is not None
    assert itself.differing == []
    assert itself.score == pytest.approx(1, abs=0.05)  # in what asks, stop words weigh less


def test_without_a_known_word_there_are_no_reasons(explainer: Explainer) -> None:
    found = explainer.explain("zyzzyva", "music-3")
    assert (found.words, found.known, found.documents) == (1, 0, 0)
    assert (found.reasons, found.expected, found.novelty) == ([], [], None)
    assert found.hit is not None
    assert (found.hit.words, found.hit.score) == ([], 0)


def test_an_id_that_is_not_there_is_named(explainer: Explainer) -> None:
    with pytest.raises(DocumentNotFoundError, match="found 'nobody'"):
        explainer.explain(TEXT, "nobody")
    with pytest.raises(DocumentNotFoundError, match="found 'nobody'"):
        explainer.explain_document("nobody")


@pytest.mark.parametrize(
    "model",
    [
        {"tied": True},
        {"activation": "tanh", "likelihood": "poisson", "targets": "counts"},
        {"activation": "sigmoid", "likelihood": "bernoulli", "targets": "binary", "inputs": "binary"},
        {"activation": "linear", "likelihood": "gaussian", "targets": "inputs"},
        {"code": {"kind": "linear", "threshold": "median"}, "hidden": []},
        {"bits": 32},
    ],
    ids="-".join,
)
def test_every_kind_of_model_gives_reasons(
    model: dict[str, Any], corpus_file: Path, quick_config: "QuickConfig", tmp_path: Path
) -> None:
    config = quick_config(epochs=3, model={"hidden": [16], "code": {"threshold": "median"}, **model})
    build_index(corpus_file, tmp_path / "notes", config)
    with open_index(tmp_path / "notes") as opened:
        explainer = Explainer(opened)
        found = explainer.explain(TEXT)
        assert found.code == opened.encode([TEXT])[0].code
        assert len(found.reasons) == opened.bits
        assert any(reason.up or reason.down for reason in found.reasons)
        assert all(change > 0 for reason in found.reasons for _, change in reason.more)
        assert all(change < 0 for reason in found.reasons for _, change in reason.less)
        assert any(reason.more and reason.less for reason in found.reasons)
        assert sum(word.share for word in found.expected) <= 1 + 1e-5
        entry = opened.document("music-3")
        assert explainer.explain_document("music-3").code == entry.code


def test_a_linear_units_bit_says_what_its_value_mirrored_at_the_threshold_says_not(
    corpus_file: Path, quick_config: "QuickConfig", tmp_path: Path
) -> None:
    config = quick_config(epochs=3, model={"hidden": [16], "code": {"kind": "linear"}})
    build_index(corpus_file, tmp_path / "notes", config)
    with open_index(tmp_path / "notes") as opened:
        explainer = Explainer(opened)
        found, words = explainer.explain(TEXT), list(opened.vocabulary)
        inputs = np.array([reason.input for reason in found.reasons], dtype=np.float32)
        other = inputs.copy()
        other[5] = 2 * found.reasons[5].threshold - inputs[5]
        on, off = (inputs, other) if inputs[5] > other[5] else (other, inputs)
        shares = [np.exp(explainer.index.decoder.log_shares(values[None])[0]) for values in (on, off)]
        change = shares[0] - shares[1]
        [strongest, *_] = found.reasons[5].more
        assert strongest[0] == words[int(change.argmax())]
        assert strongest[1] == pytest.approx(float(change.max()), abs=1e-6)


def test_a_foreign_text_is_unlike_and_one_of_the_corpus_is_not(large: Path) -> None:
    with open_index(large) as opened:
        explainer = Explainer(opened)
        familiar = explainer.novelty("the moon and the orbit of a rocket")
        assert familiar is not None
        assert not familiar.unlike
        assert familiar.words == familiar.known == 3
        foreign = explainer.novelty(f"{FOREIGN} moon")
        assert foreign is not None
        assert foreign.unlike
        assert (foreign.words, foreign.known) == (11, 1)
        assert explainer.explain(f"{FOREIGN} moon").novelty == foreign
        assert explainer.novelty(FOREIGN) is None
        for text, expected in ((f"{FOREIGN} moon", foreign), (FOREIGN, None)):
            assert opened.query(text, k=1, novelty=True).novelty == expected
            assert opened.query(text, k=1).novelty is None
        some = next(iter(opened.catalogue.documents(limit=1))).id
        expected = explainer.novelty_of_document(some)
        assert expected is not None
        assert opened.similar(some, k=1, novelty=True).novelty == expected
        of_documents = [
            explainer.novelty_of_document(entry.id) for entry in opened.catalogue.documents(limit=60)
        ]
        assert sum(novelty is not None and novelty.unlike for novelty in of_documents) <= 1


def test_query_similar_and_explain_say_it_on_stderr_and_in_json(large: Path, semhash: "Semhash") -> None:
    text, place = f"{FOREIGN} moon", ("--index", str(large))
    for command in ("query", "explain"):
        told = semhash(command, text, *place, "--json", cwd=large.parent)
        assert told.stderr.startswith(
            "this is unlike the documents that were learned from (1 of its 11 words are in "
        )
        novelty = told.json()["novelty"]
        assert (novelty["unlike"], novelty["words"], novelty["known"]) == (True, 11, 1)
        assert novelty["percentile"] > 99.5
        assert semhash(command, text, *place, "--json", "--quiet", cwd=large.parent).stderr == ""
    silent = semhash("similar", "music-3", *place, "--json", cwd=large.parent)
    assert silent.stderr == ""
    assert silent.json()["novelty"]["unlike"] is False
    rows = semhash(
        "query",
        "--from",
        "-",
        "--format",
        "jsonl",
        *place,
        stdin=json.dumps({"id": 1, "text": text}),
        cwd=large.parent,
    )
    assert rows.json()["novelty"]["unlike"] is True


def test_an_index_of_an_earlier_version_gives_reasons_and_says_nothing_of_novelty(
    large: Path, tmp_path: Path, reseal: Callable[[Path], None]
) -> None:
    old = tmp_path / "old"
    shutil.copytree(large, old)
    manifest = read_manifest(old)
    vocabulary = old / manifest.files["vocabulary.json"].path
    vocabulary.write_text(json.dumps({"words": json.loads(vocabulary.read_text())["words"]}))
    del manifest.files["novelty.npy"]
    (old / MANIFEST).write_bytes(manifest.encode())
    reseal(old)
    with open_index(old) as opened:
        found = Explainer(opened).explain(TEXT)
        assert len(found.reasons) == 20
        assert found.novelty is None
        assert found.words == 5


def test_a_scale_of_another_shape_is_damage(
    large: Path, tmp_path: Path, reseal: Callable[[Path], None]
) -> None:
    shutil.copytree(large, tmp_path / "cut")
    np.save(
        tmp_path / "cut" / read_manifest(large).files["novelty.npy"].path,
        np.zeros((2, 3, 4), dtype=np.float32),
    )
    reseal(tmp_path / "cut")
    with (
        open_index(tmp_path / "cut") as opened,
        pytest.raises(IndexDamagedError, match=r"novelty\.npy: expected float32"),
    ):
        Explainer(opened).novelty(TEXT)
