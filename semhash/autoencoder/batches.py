"""Mini-batches: what the encoder sees, what the decoder is to give, and a neighbour to compare with."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semhash.autoencoder.corruption import CORRUPTIONS
from semhash.autoencoder.encoder import encoder_inputs, input_weights, weigh
from semhash.autoencoder.neighbourhood import Neighbourhood
from semhash.autoencoder.sparse_inputs import Inputs, SparseInputs
from semhash.autoencoder.spectral_codes import spectral_bits
from semhash.config import ModelConfig
from semhash.progress import Progress, Report, silent, unheard
from semhash.vocabulary import Counts

__all__ = ["Batch", "Batches", "CodedBatch", "CodedBatches", "clean_targets"]

_CPU = torch.device("cpu")
_NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some documents.

    Attributes
    ----------
    documents : Tensor of shape (n,), int64
        Which ones.
    inputs : Tensor or SparseInputs of shape (n, n_words)
        What the encoder sees: weighed, corrupted, and of some documents a neighbour's in their place.
    targets : Tensor of shape (n, n_words), or None
        What the decoder is to give; None where nothing is to be reconstructed.
    neighbours : Tensor or SparseInputs of shape (n, n_words), or None
        The weighed, corrupted words of one neighbour of each; None where no contrast is asked for.
    bits : Tensor of shape (n, bits), or None
        The bits that the guide would give them, 0 or 1; None where none is asked for.
    """

    documents: Tensor
    inputs: Inputs
    targets: Tensor | None
    neighbours: Inputs | None
    bits: Tensor | None = None


@dataclass(frozen=True, slots=True)
class CodedBatch:
    """Some documents whose codes stand.

    Attributes
    ----------
    documents : Tensor of shape (n,), int64
        Which ones.
    activations : Tensor of shape (n, bits)
        Inputs of their code units, all words seen.
    targets : Tensor of shape (n, n_words)
        What the decoder is to give.
    """

    documents: Tensor
    activations: Tensor
    targets: Tensor


@dataclass(frozen=True, eq=False)
class Batches:
    """The training documents in mini-batches, again and again; `prepare` makes one.

    Attributes
    ----------
    counts : Counts of shape (n_documents, n_words)
        The documents over the vocabulary.
    idf : ndarray of shape (n_words,), float32
        Inverse document frequencies.
    config : ModelConfig
        Weights, corruption and neighbours.
    size : int
        Documents in a batch.
    generator : torch.Generator
        Source of order, corruption and chosen neighbours; draws on the CPU.
    documents, held_out_rows : ndarray of shape (n,), int64
        Rows of the documents to learn from, and of those that no batch has, neither as themselves nor as a neighbour.
    company : Company or None
        Who may stand in for whom; None where neighbours play no part.
    mixed_targets : ndarray of shape (n_documents, n_words), float32, or None
        Targets that neighbours share, which are dense and made once. None where each document has its own, which are
        made as they are needed.
    guide_bits : ndarray of shape (n_documents, bits), float32, or None
        What the guide says each code should be, 0 or 1.
    reconstructed : bool
        Whether batches have targets.
    input_share : float
        Share of the documents that a neighbour stands in for.
    device, dtype : torch.device, torch.dtype
        Where the batches are to be, and of which numbers.
    """

    counts: Counts
    idf: NDArray[np.float32]
    config: ModelConfig
    size: int
    generator: torch.Generator
    documents: NDArray[np.int64]
    held_out_rows: NDArray[np.int64]
    company: "Company | None"
    mixed_targets: NDArray[np.float32] | None
    guide_bits: NDArray[np.float32] | None
    reconstructed: bool
    input_share: float
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def prepare(
        cls,
        counts: Counts,
        idf: NDArray[np.float32],
        config: ModelConfig,
        *,
        size: int,
        generator: torch.Generator,
        neighbourhood: Neighbourhood | None = None,
        held_out: NDArray[np.int64] = _NOBODY,
        device: torch.device = _CPU,
        dtype: torch.dtype = torch.float32,
        progress: Progress = silent,
    ) -> Self:
        """Mix the targets of neighbours, and find the guide's bits: minutes of work where documents are many.

        Parameters
        ----------
        counts, idf, config, size, generator, device, dtype
            As the attributes.
        neighbourhood : Neighbourhood or None
            Who is whose neighbour; None where neighbours play no part.
        held_out : ndarray of shape (n_held_out,), int64
            Rows of the documents to hold out.
        progress : Progress
            Hears the stages ``mix`` and ``guide``, where neighbours play a part.
        """
        mixed = bits = None
        if neighbourhood is not None:
            steps, targets = config.neighbours.diffusion_steps, clean_targets(counts, idf, config)
            mixed = neighbourhood.diffuse(targets, steps, partial(progress, "mix"))
            if config.neighbours.guide:
                seed = int(torch.randint(2**31, (), generator=generator))
                bits = _guide(mixed, config, seed, partial(progress, "guide"))
        return cls(
            counts=counts,
            idf=idf,
            config=config,
            size=size,
            generator=generator,
            documents=np.setdiff1d(np.arange(len(counts)), held_out),
            held_out_rows=held_out,
            company=None if neighbourhood is None else Company.without(neighbourhood.rows, held_out),
            mixed_targets=mixed,
            guide_bits=bits,
            reconstructed=True,
            input_share=config.neighbours.input_share,
            device=device,
            dtype=dtype,
        )

    def as_themselves(self) -> Self:
        """Return the same batches without what may contradict a label: stand-ins at the input, and the guide."""
        return replace(self, input_share=0.0, guide_bits=None)

    def for_the_guide(self) -> Self:
        """Return the same batches without anything to reconstruct: the guide's bits alone are to be learned."""
        return replace(self, reconstructed=False)

    @property
    def n_documents(self) -> int:
        """All documents, those held out included."""
        return len(self.counts)

    @property
    def mean_length(self) -> float:
        """Mean number of words of the vocabulary in a training document."""
        return float(self.counts.take(self.documents).data.sum(dtype=np.float64)) / len(self.documents)

    def __len__(self) -> int:
        """How many batches hold every training document once."""
        return math.ceil(len(self.documents) / self.size)

    def __iter__(self) -> Iterator[Batch]:
        """Return every training document once, in a new order."""
        for rows in self.orders():
            yield self._batch(rows)

    def orders(self) -> Iterator[NDArray[np.int64]]:
        """Return the rows of each mini-batch of one pass, in a new order."""
        order = torch.randperm(len(self.documents), generator=self.generator).numpy()
        for start in range(0, len(order), self.size):
            yield self.documents[order[start : start + self.size]]

    def held_out(self) -> Iterator[Batch]:
        """Return every document that is held out once, as it is: its own words, none of them hidden."""
        for start in range(0, len(self.held_out_rows), self.size):
            rows = self.held_out_rows[start : start + self.size]
            targets = self.targets(rows) if self.reconstructed else None
            bits = None if self.reconstructed else self._bits(rows)
            yield Batch(torch.from_numpy(rows), self.clean(rows), targets, None, bits)

    def clean(self, rows: NDArray[np.int64]) -> Tensor:
        """Give what the encoder sees of some documents as they are, shape (len(rows), n_words)."""
        return self._there(encoder_inputs(self.counts.take(rows), self.idf, self.config))

    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        """Return what the decoder is to give of some documents, shape (len(rows), n_words)."""
        if self.mixed_targets is not None:
            return self._there(self.mixed_targets[rows])
        return self._there(clean_targets(self.counts.take(rows), self.idf, self.config))

    def _batch(self, rows: NDArray[np.int64]) -> Batch:
        contrast = self.company is not None and self.config.neighbours.contrast > 0
        return Batch(
            documents=torch.from_numpy(rows),
            inputs=self._inputs(self._stand_ins(rows, self.input_share)),
            targets=self.targets(rows) if self.reconstructed else None,
            bits=self._bits(rows),
            neighbours=self._inputs(self._stand_ins(rows, 1.0)) if contrast else None,
        )

    def _bits(self, rows: NDArray[np.int64]) -> Tensor | None:
        return None if self.guide_bits is None else self._there(self.guide_bits[rows])

    def _stand_ins(self, rows: NDArray[np.int64], share: float) -> NDArray[np.int64]:
        """Put a neighbour, drawn at random, in the place of a share of the documents."""
        if self.company is None or share == 0:
            return rows
        drawn, coin = (torch.rand(len(rows), generator=self.generator).numpy() for _ in range(2))
        return np.where(coin < share, self.company.pick(rows, drawn), rows)

    def _inputs(self, rows: NDArray[np.int64]) -> Inputs:
        corruption = self.config.corruption
        if corruption.kind == "masking":
            # Words are hidden before they are weighed: a document of the words left is what a query is like.
            counts = self.counts.take(rows)
            seen = torch.rand(len(counts.data), generator=self.generator).numpy() >= self._hidden(counts)
            return self._sparse(counts.entries(seen))
        return CORRUPTIONS[corruption.kind](self.clean(rows), corruption.amount, self.generator)

    def _hidden(self, counts: Counts) -> NDArray[np.float32] | float:
        """Give the probability that a word is hidden: one for all, or for each entry that of its document."""
        corruption = self.config.corruption
        if not corruption.varied:
            return corruption.amount
        lowest, highest = max(0.0, 2 * corruption.amount - 1), min(1.0, 2 * corruption.amount)
        drawn = torch.rand(len(counts), generator=self.generator).numpy()
        return np.repeat(lowest + (highest - lowest) * drawn, np.diff(counts.indptr)).astype(np.float32)

    def _sparse(self, counts: Counts) -> SparseInputs:
        return SparseInputs(
            words=torch.from_numpy(counts.indices.astype(np.int64)).to(self.device),
            starts=torch.from_numpy(np.ascontiguousarray(counts.indptr[:-1])).to(self.device),
            weights=self._there(input_weights(counts, self.idf, self.config)),
            n_words=counts.n_columns,
        )

    def _there(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device, self.dtype)


@dataclass(frozen=True, eq=False)
class CodedBatches:
    """The training documents in mini-batches, with codes that stand.

    Attributes
    ----------
    of : Batches
        The documents, and what the decoder is to give of them.
    activations : Tensor of shape (n_documents, bits)
        Inputs of the code units of all documents.
    """

    of: Batches
    activations: Tensor

    def __len__(self) -> int:
        """Return how many batches hold every training document once."""
        return len(self.of)

    def __iter__(self) -> Iterator[CodedBatch]:
        """Return every training document once, in a new order."""
        for rows in self.of.orders():
            yield CodedBatch(torch.from_numpy(rows), self.activations[rows], self.of.targets(rows))


@dataclass(frozen=True, slots=True)
class Company:
    """Whom each document can be stood in for by.

    Attributes
    ----------
    rows : ndarray of shape (n_documents, k), int64
        Neighbours; the first `sizes` of each row count.
    sizes : ndarray of shape (n_documents,), int64
        How many; where there is none, a document stands in for itself.
    """

    rows: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def without(cls, neighbours: NDArray[np.int64], held_out: NDArray[np.int64]) -> "Company":
        kept = ~np.isin(neighbours, held_out)
        first = np.argsort(~kept, axis=1, kind="stable")
        return cls(np.take_along_axis(neighbours, first, axis=1), kept.sum(axis=1))

    def pick(self, rows: NDArray[np.int64], drawn: NDArray[np.float32]) -> NDArray[np.int64]:
        """Give one neighbour of each document, by a number from 0 to below 1 for each."""
        sizes = self.sizes[rows]
        return np.where(sizes > 0, self.rows[rows, (drawn * sizes).astype(np.int64)], rows)


def clean_targets(counts: Counts, idf: NDArray[np.float32], config: ModelConfig) -> NDArray[np.float32]:
    """Give what the decoder is to give, shape (n_documents, n_words), float32; see `ModelConfig.targets`."""
    if config.targets == "inputs":
        return encoder_inputs(counts, idf, config)
    if config.targets == "counts":
        return counts.to_dense()
    if config.targets == "binary":
        return (counts.to_dense() > 0).astype(np.float32)
    weights = (
        replace(counts, data=weigh(counts, idf, 1.0)) if config.targets == "tfidf" else counts
    ).to_dense()
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return weights


def _guide(
    targets: NDArray[np.float32], config: ModelConfig, seed: int, report: Report = unheard
) -> NDArray[np.float32]:
    """Return the bits that the documents' own geometry suggests, as configured: see `spectral_bits`."""
    wanted = config.neighbours
    return spectral_bits(
        targets,
        config.bits,
        wanted.guide_dimensions,
        wanted.guide_whitening,
        seed,
        rounds=wanted.guide_rounds,
        report=report,
    )
