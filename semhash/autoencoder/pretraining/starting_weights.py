"""Where a network's weights start when it is pretrained: from the configuration to layers, and into the network.

What kind of units the documents are follows from what the encoder sees and from the likelihood of what the
decoder gives (`ModelConfig.visible`), since the decoder's last layer is the first layer's mirror:

=========  ====================  ==============================================================
inputs     likelihood            visible units
=========  ====================  ==============================================================
shares     multinomial           a replicated softmax of as many words as the mean document has
shares     poisson               constrained Poisson units, likewise
tfidf      multinomial, poisson  constrained Poisson units, the weights standing in for counts
tfidf      gaussian              real numbers
binary     multinomial, poisson  constrained Poisson units, each word counting once
binary     bernoulli             bits
=========  ====================  ==============================================================

Shares sum to 1, and one word says little: they are scaled to the mean document's length for pretraining, and the
scale then goes into the first layer's weights, so that the network sees shares as its machine saw counts.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.batches import Batches
from semhash.autoencoder.network import Autoencoder
from semhash.autoencoder.pretraining.contrastive_divergence import ContrastiveDivergence
from semhash.autoencoder.pretraining.predictive_layers import decompose
from semhash.autoencoder.pretraining.recirculation import Recirculation
from semhash.autoencoder.pretraining.shallow_autoencoder import Denoising
from semhash.autoencoder.pretraining.sparse_coding import DecompositionConfig
from semhash.autoencoder.pretraining.stack import Method, in_batches, pretrain, unroll
from semhash.config import PretrainingConfig
from semhash.progress import Report, unheard

__all__ = ["pretrain_network"]

_BATCH = 100  # documents in a mini-batch, as in Salakhutdinov and Hinton (2009)


def pretrain_network(network: Autoencoder, batches: Batches, report: Report = unheard) -> None:
    """Give a network its first weights, as its configuration says; without pretraining it is left as it is.

    Parameters
    ----------
    network : Autoencoder
        Changed in place.
    batches : Batches
        The training documents, of which the first layer sees what the encoder will, uncorrupted.
    report : callable
        Hears how far it is, over all layers.

    Raises
    ------
    TrainingError
        A reconstruction error is no longer a finite number.
    """
    config = network.config
    if config.pretraining.method == "none":
        return
    scale = batches.mean_length if config.inputs == "shares" else 1.0

    def rows(numbers: NDArray[np.int64]) -> Tensor:
        return scale * batches.clean(batches.documents[numbers]).float()

    widths = (*config.hidden, config.bits)
    n_documents = len(batches.documents)
    if config.pretraining.method == "sparse-decomposition":
        wanted = _decomposition(config.pretraining)
        layers = decompose(
            _InOrder(n_documents, rows), widths, wanted, generator=batches.generator, report=report
        )
    else:
        layers = pretrain(
            _method(config.pretraining),
            in_batches(n_documents, rows, _BATCH, network.generator),
            widths,
            visible=config.visible,
            epochs=config.pretraining.epochs,
            generator=network.generator,
            report=report,
        )
    if scale != 1.0:
        layers[0] = layers[0].of_scaled(scale)
    unroll(network.encoder, network.decoder, layers)


def _method(config: PretrainingConfig) -> Method:
    """Give the options of a method; one learning rate is spread over the kinds of layers as its defaults are."""
    rate = config.learning_rate
    if config.method == "autoencoder":
        return Denoising(masking=config.masking, rate=rate or Denoising.rate)
    if config.method == "recirculation":
        rate = rate or Recirculation.rate
        return Recirculation(
            rate=rate,
            real_rate=rate / 100,
            count_rate=10 * rate,
            momentum=config.momentum,
            weight_cost=config.weight_cost,
        )
    rate = rate or ContrastiveDivergence.rate
    return ContrastiveDivergence(
        steps=config.steps,
        rate=rate,
        real_rate=rate / 100,
        count_rate=10 * rate,
        weight_cost=config.weight_cost,
        initial_momentum=min(ContrastiveDivergence.initial_momentum, config.momentum),
        final_momentum=config.momentum,
    )


def _decomposition(config: PretrainingConfig) -> DecompositionConfig:
    return DecompositionConfig(
        sparsity=config.sparsity, prediction=config.prediction, alternations=config.epochs
    )


class _InOrder(Sequence[Tensor]):
    """Mini-batches of documents in their order, made anew each time, so that they take no memory."""

    def __init__(self, n_documents: int, rows: Callable[[NDArray[np.int64]], Tensor]) -> None:
        self._starts = range(0, n_documents, _BATCH)
        self._n_documents, self._rows = n_documents, rows

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]  # of no use in slices
        start = self._starts[index]
        return self._rows(np.arange(start, min(start + _BATCH, self._n_documents)))
