"""Run by test_golden.py in place of the command: semhash with a model that is made and not trained.

Bit ``j % bits`` of a code is 1 where the text holds word ``j`` of the vocabulary, so that every code, distance
and address is the same on every machine; and where it is 1, word ``j`` is expected, the more the rarer it is.
"""

from importlib.metadata import entry_points
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from semhash import pipeline
from semhash.autoencoder.training import TrainedModel
from semhash.config import IndexConfig
from semhash.progress import Progress
from semhash.vocabulary import Counts, most_frequent


def made(
    counts: Counts, config: IndexConfig, progress: Progress, labels: list[tuple[str, ...]] | None
) -> TrainedModel:
    terms = most_frequent(counts, config.text.vocabulary_size)
    words, bits = len(terms), config.model.bits
    widths = [words, *config.model.hidden, bits]
    tensors: dict[str, NDArray[np.float32]] = {
        "idf": np.ones(words, dtype=np.float32),
        "threshold": np.zeros(bits, dtype=np.float32),
    }
    for number, (n_in, n_out) in enumerate(pairwise(widths)):
        weight: NDArray[np.float32] = np.eye(n_out, n_in, dtype=np.float32)
        if number == len(widths) - 2:
            for word in range(words):
                weight[word % bits, word] = 1
        tensors[f"encoder.{number}.weight"] = weight
        tensors[f"encoder.{number}.bias"] = np.zeros(n_out, dtype=np.float32)
    for number, (n_in, n_out) in enumerate(pairwise(reversed(widths))):
        weight = np.eye(n_out, n_in, dtype=np.float32)
        if number == len(widths) - 2:
            for word in range(words):
                weight[word] = 0
                weight[word, word % bits] = 1 + word / 100
        tensors[f"decoder.{number}.weight"] = weight
        tensors[f"decoder.{number}.bias"] = np.zeros(n_out, dtype=np.float32)
    return TrainedModel(
        terms=terms,
        tensors=tensors,
        losses=[0.0],
        held_out_losses=[],
        decoder_losses=[],
        fine_tuning_losses=[],
        n_documents=len(counts),
        n_held_out=0,
        best_epoch=1,
        stopped="finished",
        dead_bits=0,
    )


if __name__ == "__main__":
    pipeline._learn = made
    [command] = entry_points(group="console_scripts", name="semhash")
    command.load()()
