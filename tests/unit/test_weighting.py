import numpy as np

from semhash.vocabulary import Counts
from semhash.words.weighting import Weighting

LEARNED = Counts(np.array([0, 2, 3]), np.array([0, 1, 1], dtype=np.int32), np.array([3, 1, 1]), 3)
ASKED = Counts(np.array([0, 2, 2, 3]), np.array([0, 2, 1], dtype=np.int32), np.array([1, 2, 5]), 3)


def test_documents_are_weighed_by_what_the_others_say_of_the_words() -> None:
    weights = Weighting.learn(LEARNED).weigh(ASKED).toarray()
    rare, common, unseen = np.log(3 / 2) + 1, 1.0, np.log(3) + 1
    both = np.array([rare, 0, (1 + np.log(2)) * unseen])
    np.testing.assert_allclose(weights[0], both / np.linalg.norm(both), rtol=1e-6)
    np.testing.assert_allclose(weights[2], [0, common, 0])


def test_a_document_without_words_weighs_nothing() -> None:
    weights = Weighting.learn(LEARNED).weigh(ASKED)
    assert weights[1].nnz == 0
    np.testing.assert_allclose(np.linalg.norm(weights.toarray(), axis=1), [1, 0, 1], rtol=1e-6)


def test_the_power_is_taken_of_the_rareness_alone() -> None:
    plain, flat, square = (Weighting.learn(LEARNED, power).idf for power in (1.0, 0.0, 2.0))
    np.testing.assert_allclose(flat, np.ones(3))
    np.testing.assert_allclose(square, plain**2, rtol=1e-6)
