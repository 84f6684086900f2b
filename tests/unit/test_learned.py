from dataclasses import replace

import numpy as np
import pytest

from semhash import codes
from semhash.config import IndexConfig
from semhash.learned.model import LearnedModel
from semhash.progress import silent
from semhash.store.manifest import ModelRecord
from semhash.vocabulary import Counts


def some_counts(n_documents: int, n_words: int, random: np.random.Generator) -> Counts:
    dense = random.integers(1, 9, (n_documents, n_words)) * (random.random((n_documents, n_words)) < 0.05)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, np.nonzero(dense)[1].astype(np.int32), dense[dense > 0].astype(np.uint8), n_words)


def some_model(n_words: int, random: np.random.Generator) -> LearnedModel:
    config = IndexConfig.from_json({"model": {"bits": 20, "hidden": [64]}})
    widths = {
        "encoder.0": (64, n_words),
        "encoder.1": (20, 64),
        "decoder.0": (64, 20),
        "decoder.1": (n_words, 64),
    }
    tensors = {"idf": np.ones(n_words, dtype=np.float32), "threshold": np.zeros(20, dtype=np.float32)}
    for name, shape in widths.items():
        tensors[f"{name}.weight"] = random.standard_normal(shape).astype(np.float32)
        tensors[f"{name}.bias"] = random.standard_normal(shape[0]).astype(np.float32)
    words = [f"word{number}" for number in range(n_words)]
    return LearnedModel(config, words, [], tensors, None, ModelRecord(digest="", created="", n_documents=0))


@pytest.mark.parametrize("seed", range(3))
def test_a_document_has_the_same_code_whatever_is_encoded_beside_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_words = 500
    counts, model = some_counts(700, n_words, random), some_model(n_words, random)
    # Thresholds that are some documents' own values: a rounding in another place turns a bit.
    at_once = model.encoder.activations(counts.take(np.arange(512)))
    chosen = random.integers(0, 512, 20)
    threshold = np.nextafter(at_once[chosen, np.arange(20)], np.float32(-np.inf))
    model = replace(model, tensors={**model.tensors, "threshold": threshold})
    terms, every = np.arange(n_words), np.arange(700)
    expected = model.encode(counts, terms, every, silent)
    bits = codes.unpack(expected, 20)
    assert bits[chosen, np.arange(20)].all()
    for rows in (chosen, chosen[:1], random.permutation(700), random.permutation(700)[:530]):
        assert (model.encode(counts, terms, rows, silent) == expected[rows]).all()


def test_the_digest_tells_models_that_encode_differently_apart() -> None:
    random = np.random.default_rng(0)
    model = some_model(50, random)
    assert model.digest == replace(model, config=IndexConfig()).digest
    moved = {**model.tensors, "threshold": model.tensors["threshold"] + np.float32(1e-7)}
    others = [
        replace(model, words=model.words[::-1]),
        replace(model, tensors=moved),
        replace(model, stop_words=["a"]),
    ]
    assert len({model.digest, *(other.digest for other in others)}) == 4
