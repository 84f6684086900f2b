"""Learning a set's codes as an index would, and measuring them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from _labelled import Split
from numpy.typing import NDArray

from semhash.autoencoder.encoder import Encoder
from semhash.autoencoder.training import learn as learn_codes
from semhash.baselines.retriever import CodeRanking
from semhash.codes import Packed
from semhash.config import IndexConfig
from semhash.evaluation.metrics import Measured, measure
from semhash.progress import Progress, Stage, silent

__all__ = [
    "Hearing",
    "Learned",
    "by_cut",
    "code_figures",
    "learn",
    "ranking_figures",
    "rounded",
    "settings",
    "trained_figures",
]

_DIGITS = 6
_RADII = 9


@dataclass(frozen=True, eq=False)
class Learned:
    """A trained model and its codes.

    Attributes
    ----------
    terms : ndarray of shape (n_coded_words,), int64
        The vocabulary.
    database, queries : ndarray of shape (n, ceil(bits / 8)), uint8
        Codes.
    seconds : dict of str to float
        To ``train``, neighbours found and all, and to ``encode`` both halves.
    course : dict
        How the training went: documents, epochs, threads, the last epoch's loss in nats a word.
    """

    terms: NDArray[np.int64]
    database: Packed
    queries: Packed
    seconds: dict[str, float]
    course: dict[str, Any]

    def ranking(self, bits: int) -> CodeRanking:
        """Give the ranking of the database by codes of so many bits."""
        return CodeRanking(self.queries, self.database, bits)


class Hearing:
    """Passes progress on, and notes by how many threads torch computes while it does."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.threads = torch.get_num_threads()

    def __call__(self, stage: Stage, done: float, total: float, detail: str = "") -> None:
        self.threads = torch.get_num_threads()
        self._progress(stage, done, total, detail)


def learn(split: Split, config: IndexConfig, progress: Progress = silent) -> Learned:
    """Train on a split's database and encode it and the queries, as ``semhash index`` and ``encode`` do."""
    counted = split.counted(config.text.stop_words)
    hearing = Hearing(progress)
    start = time.perf_counter()
    trained = learn_codes(counted.database, config, hearing)
    if trained.stopped == "interrupted":  # a training cut short is no figure
        raise KeyboardInterrupt
    middle = time.perf_counter()
    encoder, terms = Encoder.from_tensors(trained.tensors, config.model), trained.terms
    database, queries = (encoder.codes(half.columns(terms)) for half in (counted.database, counted.queries))
    seconds = {"train": middle - start, "encode": time.perf_counter() - middle}
    return Learned(
        terms=terms,
        database=database,
        queries=queries,
        seconds={name: round(value, 2) for name, value in seconds.items()},
        course={
            "documents": trained.n_documents,
            "epochs": len(trained.losses),
            "best_epoch": trained.best_epoch,
            "loss": round(trained.losses[-1], _DIGITS),
            "threads": hearing.threads,
        },
    )


def settings(config: IndexConfig) -> dict[str, Any]:
    """Give what of a configuration bears on a figure, as JSON."""
    whole = config.to_json()
    return {name: whole[name] for name in ("text", "model", "training")}


def trained_figures(split: Split, config: IndexConfig, progress: Progress = silent) -> dict[str, Any]:
    """Learn codes and measure them: the part of a run that takes time."""
    learned = learn(split, config, progress)
    measured = measure(learned.ranking(config.model.bits), split.relevance)
    return {
        "figures": code_figures(measured),
        "seconds": learned.seconds,
        "course": learned.course,
    }


def code_figures(measured: Measured) -> dict[str, Any]:
    """Give measures of codes as JSON, the balls of small radius alone."""
    balls, addresses = measured.balls, measured.addresses
    if balls is None or addresses is None:
        raise TypeError("expected measures of codes, found those of scores")
    return dict(
        rounded(
            {
                "bits": len(balls.precision) - 1,
                "n_documents": measured.n_documents,
                "n_queries": len(measured.queries),
                "addresses_in_use": addresses.in_use,
                "precision": by_cut(measured.means, "P"),
                "worst_precision": by_cut(measured.worst, "P"),
                "best_precision": by_cut(measured.best, "P"),
                "recall": by_cut(measured.means, "R"),
                "mean_average_precision": measured.means["MAP"],
                "ball_precision": balls.precision[:_RADII],
                "ball_recall": balls.recall[:_RADII],
                "ball_documents": balls.documents[:_RADII],
            }
        )
    )


def ranking_figures(measured: Measured) -> dict[str, Any]:
    """Give measures of a ranking as JSON."""
    return dict(
        rounded(
            {
                "n_documents": measured.n_documents,
                "n_queries": len(measured.queries),
                "precision": by_cut(measured.means, "P"),
                "recall": by_cut(measured.means, "R"),
                "ndcg": by_cut(measured.means, "nDCG"),
                "mean_average_precision": measured.means["MAP"],
            }
        )
    )


def by_cut(means: Mapping[str, float], measure: str) -> dict[int, float]:
    """Give one measure after k documents, by k: ``{10: 0.5}`` for ``{"P@10": 0.5}``."""
    found = ((name.partition("@"), mean) for name, mean in means.items())
    return {int(k): mean for (name, _, k), mean in found if name == measure}


def rounded(value: Any) -> Any:
    """Round every number to six digits; keys become strings, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value
