"""Supervised fine-tuning of the code layer: two losses that labels can add to the reconstruction's.

Both look at a mini-batch's codes h, of shape (n_documents, bits) and in [0, 1], where the squared Euclidean
distance of two binary codes is their Hamming distance in bits. Neither is used unless asked for, and no
unsupervised figure comes from a model that saw labels.

Which documents belong together is a matrix ``same`` of shape (n_documents, n_documents), bool and symmetric,
as `share_a_label` makes it. A document whose whole row is False (its own place included) has no label: it is
neither like nor unlike any other, and takes no part.
"""

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from semhash.errors import ConfigError

__all__ = ["contrastive_loss", "nca_loss", "share_a_label", "squared_distances"]

_SMALLEST = 1e-12


def share_a_label(labels: Sequence[Collection[str]]) -> Tensor:
    """Tell which documents of a mini-batch have a label in common.

    Parameters
    ----------
    labels : sequence of n_documents collections of str
        Each document's labels, none of them, one or several.

    Returns
    -------
    Tensor of shape (n_documents, n_documents), bool
        Symmetric; a document shares its labels with itself, if it has any.

    Raises
    ------
    ConfigError
        A document's labels are one str, whose letters would pass for labels.
    """
    places: dict[str, int] = {}
    rows, columns = [], []
    for row, names in enumerate(labels):
        if isinstance(names, str):
            raise ConfigError(f"labels: expected a list of labels for each document, found {names!r}")
        rows += [row] * len(names)
        columns += [places.setdefault(name, len(places)) for name in names]
    indicator = torch.zeros(len(labels), len(places))
    indicator[rows, columns] = 1.0
    return indicator @ indicator.T > 0  # (n_documents, n_labels) -> (n_documents, n_documents)


def squared_distances(h: Tensor) -> Tensor:
    """Give the squared Euclidean distance between every two codes, ``d_ij^2 = ||h_i - h_j||^2``.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Values of the code units.

    Returns
    -------
    Tensor of shape (n_documents, n_documents)
        In bits: for binary codes the Hamming distance.
    """
    return (h[:, None, :] - h[None, :, :]).square().sum(dim=2)


def nca_loss(h: Tensor, same: Tensor) -> Tensor:
    """Give how often a document's random neighbour is of another class: neighbourhood components analysis.

    Document i picks j as its neighbour with ``p_ij = exp(-d_ij^2) / sum_{k != i} exp(-d_ik^2)`` and is of its
    neighbour's class with ``p_i = sum_{j: same_ij} p_ij``; the loss is the mean of ``1 - p_i``, so that
    descending it climbs the objective ``sum_i p_i`` of Goldberger, Roweis, Hinton and Salakhutdinov,
    *Neighbourhood Components Analysis* (2004), equations 1 to 3, on the code layer of a deep network as in
    Salakhutdinov and Hinton, *Learning a Nonlinear Embedding by Preserving Class Neighbourhood Structure*
    (2007), equations 1 to 3. For several labels a document, one of them in common makes a class.

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Values of the code units, in [0, 1].
    same : Tensor of shape (n_documents, n_documents), bool
        See the module. Documents whose class has no other in the mini-batch are left out of the mean, but
        can be picked as neighbours.

    Returns
    -------
    Tensor of shape ()
        A share of documents, 0 to 1; 0, with a gradient of zeros, where no two documents share a label.
    """
    itself = torch.eye(len(h), dtype=torch.bool, device=h.device)
    labelled = same.any(dim=1)
    others = labelled[:, None] & labelled[None, :] & ~itself
    partners = same & ~itself
    counted = partners.any(dim=1)
    if not counted.any():
        return (h * 0).sum()
    closeness = -squared_distances(h)[counted]  # (n_counted, n_documents)
    log_partners = _masked_logsumexp(closeness, partners[counted])
    log_others = _masked_logsumexp(closeness, others[counted])
    return -torch.expm1(log_partners - log_others).mean()


def contrastive_loss(h: Tensor, same: Tensor, margin: float) -> Tensor:
    """Give the contrastive loss of a Siamese network: draw the like together, push the unlike a margin apart.

    ``L = mean over pairs i < j of  y d^2 + (1 - y) max(0, m - d)^2``, with d the Euclidean distance of the two
    codes and y = 1 for documents of one class. Hadsell, Chopra and LeCun, *Dimensionality Reduction by
    Learning an Invariant Mapping* (2006), equation 4, without the factor 1/2 that both of its terms carry
    and with y for likeness (theirs is 1 for unlike pairs).

    Parameters
    ----------
    h : Tensor of shape (n_documents, bits)
        Values of the code units, in [0, 1].
    same : Tensor of shape (n_documents, n_documents), bool
        See the module.
    margin : float
        How many bits unlike documents are to differ in: ``m = sqrt(margin)``, since binary codes that
        differ in k bits are sqrt(k) apart.

    Returns
    -------
    Tensor of shape ()
        In bits; 0, with a gradient of zeros, where no two documents have labels.

    Raises
    ------
    ConfigError
        The margin is not above 0.

    Notes
    -----
    Two unlike documents with one and the same code have no direction to be pushed in; the gradient there
    is 0, and the noise of the code layer tears them apart.
    """
    if not margin > 0:
        raise ConfigError(f"margin: expected a number of bits above 0, found {margin}")
    labelled = same.any(dim=1)
    pairs = (labelled[:, None] & labelled[None, :]).triu(diagonal=1)
    if not pairs.any():
        return (h * 0).sum()
    squared, alike = squared_distances(h)[pairs], same[pairs]  # (n_pairs,) each
    distances = squared.clamp_min(_SMALLEST).sqrt()  # clamped, since the root's slope at 0 is infinite
    return torch.where(alike, squared, (margin**0.5 - distances).clamp_min(0).square()).mean()


def _masked_logsumexp(values: Tensor, mask: Tensor) -> Tensor:
    """Give ``log sum_j exp(values_ij)`` over the places where the mask is True, at least one a row."""
    return values.masked_fill(~mask, float("-inf")).logsumexp(dim=1)
