"""Fine-tuning with labels: what the documents' labels add to the objective, and which labels will do.

Never done unless `ModelConfig.supervision` asks for it, and labels are looked at nowhere else.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from semhash.autoencoder.batches import Batch
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.objective import Objective, objective
from semhash.autoencoder.supervised import contrastive_loss, nca_loss, share_a_label
from semhash.autoencoder.trainer import Measure
from semhash.config import SupervisionConfig
from semhash.errors import ConfigError

__all__ = ["Labels", "chosen_labels", "with_labels"]

Labels = Sequence[Collection[str]]
"""The labels of each document: none, one or several."""


def chosen_labels(
    labels: Labels | None, n_documents: int, chosen: NDArray[np.int64], config: SupervisionConfig
) -> list[Collection[str]] | None:
    """Give the labels of the chosen documents; None where no supervision is asked for, whatever they are.

    Parameters
    ----------
    labels : sequence of n_documents collections of str, or None
        Each document's labels.
    n_documents : int
        How many documents there are.
    chosen : ndarray of shape (n_chosen,), int64
        Their rows.
    config : SupervisionConfig
        Whether labels are asked for.

    Raises
    ------
    ConfigError
        There are none, not one list for each document, or no two of the chosen documents share one.
    """
    if config.loss == "none":
        return None
    if labels is None or len(labels) != n_documents:
        found = "none" if labels is None else f"{len(labels)}"
        raise ConfigError(
            f"labels: expected the labels of {n_documents} documents, for supervision by {config.loss}, found "
            f"{found}; give a list of labels for each document, or leave supervision out"
        )
    kept = [labels[row] for row in chosen.tolist()]
    for names in kept:
        if isinstance(names, str):
            raise ConfigError(f"labels: expected a list of labels for each document, found {names!r}")
    times = Counter(name for names in kept for name in set(names))
    if max(times.values(), default=0) < 2:
        raise ConfigError(
            f"labels: expected documents that share a label, for supervision by {config.loss}, found "
            f"{len(times)} labels on {sum(map(bool, kept))} of {len(kept)} training documents; label more of "
            "them, or leave supervision out"
        )
    return kept


def with_labels(labels: Labels, config: SupervisionConfig) -> Measure[Batch]:
    """Return the objective with the loss on the labels added, times its weight.

    The loss is that of the code without noise, ``sigmoid(z)``, whose squared distances are Hamming distances
    where the units are decided.

    Parameters
    ----------
    labels : sequence of collections of str
        Of each document, by the numbers that batches know them by.
    config : SupervisionConfig
        Which loss, its weight and its margin.
    """

    def measure(network: Autoencoder, batch: Batch) -> Objective:
        found = objective(network, batch)
        code = torch.sigmoid(found.activations)
        same = share_a_label([labels[row] for row in batch.documents.tolist()]).to(code.device)
        loss = nca_loss(code, same) if config.loss == "nca" else contrastive_loss(code, same, config.margin)
        return found._replace(loss=found.loss + config.weight * loss)

    return measure
