import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from semhash.analysis.analyzer import Analyzer
from semhash.autoencoder import neighbourhood
from semhash.autoencoder.neighbourhood import Neighbourhood, latent_semantics, weighted
from semhash.config import NeighbourConfig
from semhash.vocabulary import Counts
from semhash.words.counting import CountsBuilder

PLAIN = Analyzer("none", "none")
words = PLAIN.terms
SUBJECTS = ("moon orbit comet planet lunar crater", "oven dough flour butter spice onion")


def corpus(n: int = 60, seed: int = 0) -> tuple[list[str], Counts]:
    """Even documents on one subject, odd ones on the other, all with common words."""
    random = np.random.default_rng(seed)
    builder, texts = CountsBuilder(PLAIN), []
    for number in range(n):
        subject = random.choice(SUBJECTS[number % 2].split(), 6)
        texts.append(" ".join([*subject, *random.choice(["people", "today", "things"], 5)]))
        builder.add(texts[-1])
    return texts, builder.finish().counts


def test_weights_with_power_one_are_scikit_learns() -> None:
    texts, counts = corpus()
    expected = TfidfVectorizer(analyzer=words, sublinear_tf=True).fit_transform(texts).toarray()
    np.testing.assert_allclose(weighted(counts, 1.0).toarray(), expected, atol=1e-6)


@pytest.mark.parametrize("block", [1, 7, 64])
def test_neighbours_without_a_latent_space_are_those_of_brute_force(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many documents are held against all others at once."""
    monkeypatch.setattr(neighbourhood, "_BLOCK", block)
    _, counts = corpus()
    config = NeighbourConfig(neighbours=7, latent_weight=0.0)
    found = Neighbourhood.find(counts, config, seed=0).rows
    tfidf = weighted(counts, 1.0).toarray()
    likeness = tfidf @ tfidf.T
    np.fill_diagonal(likeness, -1)
    chosen = np.take_along_axis(likeness, found, axis=1)
    np.testing.assert_allclose(chosen, -np.sort(-likeness, axis=1)[:, :7], atol=1e-6)


def test_latent_cosines_are_those_of_the_best_approximation_of_that_rank() -> None:
    _, counts = corpus()
    matrix = weighted(counts, 2.0)
    found = latent_semantics(matrix, 5, seed=0)
    left, values, right = np.linalg.svd(matrix.toarray(), full_matrices=False)
    approximation = (left[:, :5] * values[:5]) @ right[:5]
    approximation /= np.linalg.norm(approximation, axis=1, keepdims=True)
    np.testing.assert_allclose(found @ found.T, approximation @ approximation.T, atol=1e-3)


def test_neighbours_are_on_the_same_subject_and_never_the_document_itself() -> None:
    _, counts = corpus()
    found = Neighbourhood.find(counts, NeighbourConfig(neighbours=5, latent_dimensions=2), seed=0).rows
    own = np.arange(60)[:, None]
    assert not (found == own).any()
    assert (found % 2 == own % 2).mean() > 0.9
    assert all(len(set(row)) == 5 for row in found.tolist())


def test_a_step_of_the_walk_keeps_sums_and_joins_whoever_names_the_other() -> None:
    _, counts = corpus()
    hood = Neighbourhood.find(counts, NeighbourConfig(neighbours=3), seed=0)
    transition = hood.transition.toarray()
    np.testing.assert_allclose(transition.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(transition > 0, (transition > 0).T)
    named = np.zeros((60, 60), dtype=bool)
    named[np.arange(60)[:, None], hood.rows] = True
    np.testing.assert_array_equal(transition > 0, named | named.T)


def test_diffusion_is_the_half_lazy_walk() -> None:
    _, counts = corpus()
    hood = Neighbourhood.find(counts, NeighbourConfig(neighbours=3), seed=0)
    targets = np.random.default_rng(0).dirichlet(np.ones(12), 60).astype(np.float32)
    step = (np.eye(60) + hood.transition.toarray()) / 2
    np.testing.assert_allclose(hood.diffuse(targets.copy(), 3), step @ step @ step @ targets, atol=1e-5)
    np.testing.assert_array_equal(hood.diffuse(targets.copy(), 0), targets)
    np.testing.assert_allclose(hood.diffuse(targets.copy(), 8).sum(axis=1), 1, rtol=1e-4)


def test_a_seed_gives_one_neighbourhood() -> None:
    _, counts = corpus()
    first, again = (Neighbourhood.find(counts, NeighbourConfig(), seed=3).rows for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("n", [2, 5])
def test_a_tiny_corpus_has_fewer_neighbours(n: int) -> None:
    _, counts = corpus(n)
    assert Neighbourhood.find(counts, NeighbourConfig(neighbours=10), seed=0).rows.shape == (n, n - 1)


@pytest.mark.parametrize(
    "texts", [["aa bb", "cc dd", "ee ff", "gg"], ["aa", "aa", "aa"], ["aa bb", "aa cc", "dd ee", "ff"]]
)
def test_documents_that_share_no_word_or_one_or_all_have_neighbours_too(texts: list[str]) -> None:
    builder = CountsBuilder(PLAIN)
    for text in texts:
        builder.add(text)
    found = Neighbourhood.find(builder.finish().counts, NeighbourConfig(neighbours=2), seed=0)
    assert all(set(row) <= set(range(len(texts))) - {i} for i, row in enumerate(found.rows.tolist()))
    assert all(len(set(row)) == 2 for row in found.rows.tolist())
    np.testing.assert_allclose(found.transition.sum(axis=1), 1, rtol=1e-5)
