"""What the encoder sees, by its words alone: a document has few of the vocabulary's.

Multiplying the first layer's weights by mostly zeros takes most of an encoder's time; adding up the weights of
the words that are there gives the same numbers.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Inputs", "SparseInputs", "dense", "first_layer"]


@dataclass(frozen=True, slots=True)
class SparseInputs:
    """Weighed documents in CSR form.

    Attributes
    ----------
    words : Tensor of shape (n_entries,), int64
        Columns, document by document.
    starts : Tensor of shape (n_documents,), int64
        Where each document's entries start.
    weights : Tensor of shape (n_entries,)
        What the encoder sees there.
    n_words : int
        Words of the vocabulary.
    """

    words: Tensor
    starts: Tensor
    weights: Tensor
    n_words: int

    def to_dense(self) -> Tensor:
        """Give the same as a matrix of shape (n_documents, n_words)."""
        n = len(self.starts)
        ends = torch.cat([self.starts[1:], self.starts.new_tensor([len(self.words)])])
        owners = torch.repeat_interleave(torch.arange(n, device=self.starts.device), ends - self.starts)
        return self.weights.new_zeros(n, self.n_words).index_put((owners, self.words), self.weights)


Inputs = Tensor | SparseInputs
"""What the encoder sees of some documents, shape (n_documents, n_words)."""


def dense(inputs: Inputs) -> Tensor:
    """Give the inputs as a matrix of shape (n_documents, n_words)."""
    return inputs.to_dense() if isinstance(inputs, SparseInputs) else inputs


def first_layer(layer: nn.Module, inputs: Inputs) -> Tensor:
    """Give ``x W' + b``, shape (n_documents, n_out), by as many words as there are.

    Parameters
    ----------
    layer : nn.Linear
        Fast where its weights lie in memory word by word: see `Autoencoder.lay_by_words`.
    inputs : Tensor or SparseInputs
        Of shape (n_documents, n_words).
    """
    if isinstance(inputs, Tensor) or not isinstance(layer, nn.Linear):
        return layer(dense(inputs))  # type: ignore[no-any-return]  # torch types a module's call as Any
    summed = F.embedding_bag(
        inputs.words, layer.weight.T, inputs.starts, mode="sum", per_sample_weights=inputs.weights
    )
    return summed + layer.bias
