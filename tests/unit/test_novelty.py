import numpy as np
import pytest

from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.config import ModelConfig
from semhash.learned.novelty import LENGTHS, UNLIKE, Novelty, NoveltyScale, few_words, surprises
from semhash.vocabulary import Counts

HALF = 40
N_CODED = 2 * HALF
N_WORDS = N_CODED + 40  # the last 40 are in the lexicon, and not in the vocabulary
CONFIG = ModelConfig(bits=8, hidden=(8,), inputs="shares", targets="shares", activation="linear")
TERMS = np.arange(N_CODED)
TAIL = 1 / np.arange(1, HALF + 1)


def model() -> tuple[Encoder, Decoder]:
    """One bit of eight tells which half of the vocabulary a text uses, and the decoder expects that half."""
    eye, bias = np.eye(8, dtype=np.float32), np.zeros(8, dtype=np.float32)
    first = np.zeros((8, N_CODED), dtype=np.float32)
    first[0, :HALF], first[0, HALF:] = -40, 40
    of_words = np.zeros((N_CODED, 8), dtype=np.float32)
    of_words[:HALF, 0], of_words[HALF:, 0] = -6, 6
    shares = np.log(np.concatenate([TAIL, TAIL])).astype(np.float32)
    idf = np.ones(N_CODED, dtype=np.float32)
    encoder = Encoder(idf, [(first, bias), (eye, bias)], np.zeros(8, dtype=np.float32), CONFIG)
    return encoder, Decoder([(eye, bias), (of_words, shares)], CONFIG)


def counts_of(dense: np.ndarray) -> Counts:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1))))
    return Counts(indptr, columns.astype(np.int32), dense[rows, columns], dense.shape[1])


def documents(n: int, seed: int = 0) -> Counts:
    """Texts of 4 to 80 words: two thirds from one of the halves, the others not in the vocabulary."""
    random = np.random.default_rng(seed)
    dense = np.zeros((n, N_WORDS), dtype=np.int64)
    for row in range(n):
        length = random.integers(4, 80)
        known = random.choice(HALF, size=length, p=TAIL / TAIL.sum()) + HALF * (row % 2)
        unknown = random.integers(N_CODED, N_WORDS, random.binomial(length, 1 / 3))
        np.add.at(dense[row], known, 1)
        np.add.at(dense[row], unknown, 1)
    return counts_of(dense)


def judged(scale: NoveltyScale, texts: Counts) -> list[Novelty]:
    encoder, decoder = model()
    coded = texts.columns(TERMS)
    words, known = np.diff(texts.indptr), np.diff(coded.indptr)
    found = surprises(encoder, decoder, coded)
    return [
        scale.judge(int(n), int(k), float(s)) for n, k, s in zip(words, known, found, strict=True) if k > 0
    ]


@pytest.fixture(scope="module")
def scale() -> NoveltyScale:
    learned = NoveltyScale.learn(*model(), documents(1500), TERMS, 0)
    assert learned is not None
    return learned


def share_unlike(found: list[Novelty]) -> float:
    assert found
    return sum(novelty.unlike for novelty in found) / len(found)


def test_a_surprise_is_the_mean_of_minus_the_log_shares_of_a_texts_words() -> None:
    encoder, decoder = model()
    texts = counts_of(np.eye(3, N_CODED, dtype=np.int64) * 2 + np.eye(3, N_CODED, k=5, dtype=np.int64))
    shares = np.exp(decoder.log_shares(encoder.values(texts)))
    by_hand = [-(2 * np.log(shares[i, i]) + np.log(shares[i, i + 5])) / 3 for i in range(3)]
    np.testing.assert_allclose(surprises(encoder, decoder, texts), by_hand, rtol=1e-5)
    empty = counts_of(np.zeros((1, N_CODED), dtype=np.int64))
    assert np.isnan(surprises(encoder, decoder, empty)).all()


def test_of_new_documents_hardly_one_is_unlike_and_the_percentiles_are_spread(
    scale: NoveltyScale,
) -> None:
    found = judged(scale, documents(2000, seed=1))
    assert share_unlike(found) < 0.01
    assert np.mean([novelty.surprise for novelty in found]) == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_a_few_words_are_not_strange_for_being_few(scale: NoveltyScale, size: int) -> None:
    texts = documents(1500, seed=2)
    longer = texts.take(np.flatnonzero(np.diff(texts.indptr) > size))
    drawn = few_words(longer, np.full(len(longer), size), np.random.default_rng(0))
    assert share_unlike(judged(scale, drawn)) < 0.02


def test_texts_that_mix_what_never_goes_together_are_unlike(scale: NoveltyScale) -> None:
    random = np.random.default_rng(3)
    dense = np.zeros((200, N_WORDS), dtype=np.int64)
    for row in dense:
        row[random.choice(N_CODED, 30, replace=False)] = 1
    assert share_unlike(judged(scale, counts_of(dense))) > 0.9


def test_texts_whose_words_are_hardly_known_are_unlike_by_that(scale: NoveltyScale) -> None:
    dense = np.zeros((40, N_WORDS), dtype=np.int64)
    dense[:, N_CODED : N_CODED + 38] = 1
    dense[np.arange(40), np.arange(40)] = 1
    found = judged(scale, counts_of(dense))
    assert share_unlike(found) == 1
    assert {(novelty.words, novelty.known) for novelty in found} == {(39, 1)}
    assert all(novelty.strangeness > 0.9975 > novelty.surprise for novelty in found[:10])


def test_the_percentile_counts_either_way_of_being_unlike() -> None:
    assert Novelty(9, 9, 0.5, 0.2).percentile == 0
    assert Novelty(9, 9, 0.9, 0.2).percentile == Novelty(9, 9, 0.2, 0.9).percentile == pytest.approx(80)
    assert Novelty(9, 9, 1.0, 0.0).unlike
    assert not Novelty(9, 9, 0.9974, 0.9974).unlike
    assert UNLIKE == 99.5


def test_nothing_is_learned_from_a_handful_of_documents_and_the_same_from_the_same_seed() -> None:
    assert NoveltyScale.learn(*model(), documents(299), TERMS, 0) is None
    scales = [NoveltyScale.learn(*model(), documents(300), TERMS, seed) for seed in (0, 0, 1)]
    first, again, other = (made.quantiles for made in scales if made is not None)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.shape[:2] == (2, len(LENGTHS))
    assert (np.diff(first, axis=2) >= 0).all()


def test_a_few_words_are_drawn_from_each_document_once_each() -> None:
    texts = documents(50)
    sizes = np.arange(50) % 4 + 1
    drawn = few_words(texts, sizes, np.random.default_rng(0))
    assert np.diff(drawn.indptr).tolist() == sizes.tolist()
    assert (drawn.data == 1).all()
    held, there = drawn.to_dense() > 0, texts.to_dense() > 0
    assert not (held & ~there).any()
