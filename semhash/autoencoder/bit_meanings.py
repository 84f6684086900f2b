"""What single bits of a code say, by the decoder: the words that a bit makes more and less expected."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from semhash.errors import ConfigError

__all__ = ["flip_effects", "switched", "top_words"]


def switched(code: ArrayLike, on: ArrayLike = 1.0, off: ArrayLike = 0.0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give a code with each of its bits on, and with each of them off, the other bits as they are.

    Parameters
    ----------
    code : array of shape (bits,)
        The bits' values: a document's code, or the mean over many.
    on, off : float or array of shape (bits,)
        What a unit's value is when its bit is on, and when it is off.

    Returns
    -------
    on, off : ndarray of shape (bits, bits)
        One row a bit to switch.
    """
    values = np.asarray(code)
    itself = np.eye(len(values), dtype=bool)
    return np.where(itself, on, values).astype(values.dtype), np.where(itself, off, values).astype(
        values.dtype
    )


def flip_effects(
    decode: Callable[[NDArray[Any]], NDArray[Any]],
    code: ArrayLike,
    on: ArrayLike = 1.0,
    off: ArrayLike = 0.0,
) -> NDArray[Any]:
    """Give what each bit says: what is expected with the bit on, less what is with it off.

    Parameters
    ----------
    decode : callable
        Codes of shape (n_codes, bits) to what is expected of the words, shape (n_codes, n_words): shares, or
        log-probabilities.
    code, on, off : array of shape (bits,)
        As in `switched`.

    Returns
    -------
    ndarray of shape (bits, n_words)
        Positive where more of the word is expected with the bit on. Of log-probabilities,
        ``log p(word | bit on) - log p(word | bit off)`` in nats.
    """
    with_it, without_it = switched(code, on, off)
    return np.asarray(decode(with_it) - decode(without_it))


def top_words(weights: NDArray[Any], words: Sequence[str], n_words: int) -> list[tuple[str, float]]:
    """Name the words of largest weight, largest first; of equal ones the first of the vocabulary first.

    Parameters
    ----------
    weights : ndarray of shape (n_vocabulary,)
        A row of `flip_effects`, a tangent direction, a pull; negate it for the other end.
    words : sequence of n_vocabulary str
        The vocabulary.
    n_words : int
        How many at most.

    Returns
    -------
    list of (word, weight)

    Raises
    ------
    ConfigError
        There is not one word for each weight.
    """
    if len(words) != len(weights):
        raise ConfigError(f"words: expected one for each of {len(weights)} weights, found {len(words)}")
    order = np.argsort(-np.asarray(weights), kind="stable")[:n_words].tolist()
    return [(words[i], float(weights[i])) for i in order]
