"""The words of a region: those that its documents hold more often than others do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_odds_scores", "surprise"]

_PRIOR = 0.01


def log_odds_scores(inside: NDArray[Any], all_over: NDArray[Any]) -> NDArray[np.float64]:
    """Score how much more often each word is found inside than outside: log-odds in standard deviations.

    Monroe, Colaresi and Quinn, *Fightin' Words: lexical feature selection and evaluation for identifying the
    content of political conflict*, Political Analysis 16 (2008), equations 16, 19 and 22, with the whole corpus
    as the informative prior, at a hundredth of its weight. A rare word needs more to score than a common one.

    Parameters
    ----------
    inside, all_over : ndarray of shape (n_words,)
        How many documents hold each word, of the region and of the corpus: not how often, lest one long document
        name the region.

    Returns
    -------
    ndarray of shape (n_words,), float64
        Below 0 where it is found more often outside; 0 for a word that is nowhere.
    """
    prior = _PRIOR * all_over
    ours, others = inside + prior, all_over - inside + prior
    there = all_over > 0
    ours, others = np.where(there, ours, 1.0), np.where(there, others, 1.0)
    odds = np.log(ours / np.maximum(ours.sum() - ours, 1e-9)) - np.log(
        others / np.maximum(others.sum() - others, 1e-9)
    )
    return np.where(there, odds / np.sqrt(1 / ours + 1 / others), 0.0)


def surprise(expected: NDArray[Any], usual: NDArray[Any]) -> NDArray[np.float64]:
    """Give each word's part of the Kullback-Leibler divergence, ``p log(p / q)``: 0 where p is what is usual.

    Parameters
    ----------
    expected, usual : ndarray of shape (n_words,)
        Shares of the words, as the decoder expects them in the region and in all.
    """
    p, q = np.maximum(expected, 1e-12), np.maximum(usual, 1e-12)
    return np.asarray(p * np.log(p / q), dtype=np.float64)
