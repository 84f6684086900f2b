"""How far the documents that came later are from those that a model was learned from: the record, and what it means.

The yardstick is the training documents themselves. 1 of 20 of them is beyond their own 95th percentile, whatever
they are about, and so are about as many later ones from the same source.
"""

import math

import msgspec

__all__ = ["BEYOND", "ENOUGH", "TOO_MANY", "Drift", "Usual"]

BEYOND = 0.95
"""The quantile of the training documents beyond which a later one is far from them."""

TOO_MANY = 0.2
"""The share of later documents beyond it that makes retraining due: four times what is usual."""

_CERTAIN = 3.0  # standard errors
ENOUGH = 36
"""Documents that are judged at least. Of fewer, three standard errors of a share are more than a quarter,
3 * sqrt(0.5 * 0.5 / 36); and a few that come together, such as the notes of one day, are of one kind."""

_FEW = 0.01  # of as many as were learned from: too few to learn anything from


class Usual(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the documents are like that a model was learned from.

    Attributes
    ----------
    unknown : float
        Mean share of a document's different words that the model does not know, or would not but for this document.
    unknown_beyond : float
        The 95th percentile of that share.
    bits : tuple of float
        Mean of each bit of their codes, 0 to 1.
    """

    unknown: float
    unknown_beyond: float
    bits: tuple[float, ...]


class Drift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How documents that came later stand to those that the model was learned from.

    Attributes
    ----------
    n_learned_from : int
        Documents that the model was learned from.
    n_later : int
        Documents of the index that it was not.
    n_measured : int
        How many of these the reconstruction error was measured of; 0 where too few were learned from to judge it by.
    unknown_usual, unknown : float
        Mean share of a document's different words that are unknown: of those learned from, and of the later ones.
    strange : float
        Share of the later ones with more unknown words than 19 of 20 of those learned from.
    surprising : float
        Share of those measured whose words are expected less, at their codes, than those of 19 of 20 of them.
    shift : float
        How far the mean of a bit is, among later documents, from its mean among those learned from, at most: 0 to 1.
    shifted_bit : int
        Which bit that is.
    """

    n_learned_from: int
    n_later: int
    n_measured: int
    unknown_usual: float
    unknown: float
    strange: float
    surprising: float
    shift: float
    shifted_bit: int

    @property
    def due(self) -> bool:
        """Whether so many are far from what was learned that a new model is called for."""
        return self._too_many(self.strange, self.n_later) or self._too_many(self.surprising, self.n_measured)

    def _too_many(self, share: float, n: int) -> bool:
        """Say whether more than `TOO_MANY` are, beyond the chance of a small sample, and enough to matter."""
        enough = n >= ENOUGH and share * self.n_later >= _FEW * self.n_learned_from
        return enough and _at_least(share, n) > TOO_MANY


def _at_least(share: float, n: int) -> float:
    """Give the lower bound of a share that was found among n: Wilson, JASA 22 (1927)."""
    if not n:
        return 0.0
    z = _CERTAIN**2 / n
    spread = math.sqrt(z * share * (1 - share) + z**2 / 4)
    return (share + z / 2 - spread) / (1 + z)
