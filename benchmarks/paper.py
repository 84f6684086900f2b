"""Two findings of the paper, asked again: which of two rankings is the more precise, after ever more documents.

Salakhutdinov and Hinton, *Semantic Hashing*, International Journal of Approximate Reasoning 50 (2009), show on
20 Newsgroups that codes of 128 bits find better than LSA in as many real numbers; and, on a larger corpus, that
TF-IDF over the ball around a short code finds better than TF-IDF over everything. Their data were prepared in
another way, so it is the order that is asked for, and not the figures.

What LSA sees decides much. It is asked twice: of TF-IDF, where rare words weigh more, and of ``log(1 + count)``,
which knows no more of words than the codes do; the latter is what Hinton gives to PCA where he sets it beside such a
network (*Neural Networks for Machine Learning*, lectures of 2012, 15.3). What the paper's own LSA saw
is not known here.

::

    python benchmarks/paper.py CORPUS.jsonl ... [--preset paper] [--seeds 0,1,2]
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from _command import Job, add_recipe_options, add_set_options, carry_out, changed, recipe
from _labelled import LabelledSet, Split
from _measuring import Learned, by_cut, learn, rounded, settings
from _start import start
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD

from semhash import codes
from semhash.baselines.factors import LatentSemantics
from semhash.baselines.lexical import TfIdf
from semhash.baselines.projected import Projected, Space, check_size
from semhash.baselines.retriever import Documents, Scores
from semhash.config import IndexConfig
from semhash.evaluation.metrics import Measured, measure, rankings
from semhash.evaluation.metrics.order import in_order
from semhash.evaluation.relevance import Relevance
from semhash.hamming_table import HammingTable
from semhash.progress import Progress
from semhash.ranking import rank
from semhash.vocabulary import Counts

LEVELS = [2**power - 1 for power in range(1, 11)]
"""After how many documents: 1, 3, 7, ... 1023, the places on the axis of the paper's figures."""

_BLOCK = 256


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for either finding and every seed."""
    called, config = recipe(arguments)
    split = labelled.test(arguments.queries)
    for seed in arguments.seeds:
        long, short = (
            changed(config, model={"bits": bits}, training={"seed": seed})
            for bits in (arguments.long, arguments.short)
        )
        learned = _LearnedOnce(split, long)
        for latent in (LatentSemantics(arguments.latent, seed), _OfCounts(arguments.latent, seed)):
            yield latent_job(called, learned, latent)
        yield shortlist_job(called, split, short, arguments.shortlist)


def latent_job(called: str, learned_by: "_LearnedOnce", latent: "LatentSemantics | _OfCounts") -> Job:
    """Compare long codes, ranked by Hamming distance, with LSA in real numbers."""
    split, config = learned_by.split, learned_by.config
    bits, ranking = config.model.bits, "LSA of counts" if isinstance(latent, _OfCounts) else "LSA"

    def work(progress: Progress) -> dict[str, Any]:
        relevance = split.relevance
        levels = _levels(split)
        learned = learned_by(progress)
        mine = measure(learned.ranking(bits), relevance, levels)
        database, queries = split.documents(config.text)
        theirs = measure(Projected(latent).fit(database).rank(queries), relevance, levels)
        left, right = _side(f"{bits}-bit codes", mine), _side(f"{ranking}, {latent.size} numbers", theirs)
        return _answer(learned, levels, left, right)

    against = {"ranking": ranking, "dimensions": latent.size, "levels": LEVELS}
    name = f"{bits}-bit codes or {ranking} in {latent.size} real numbers"
    return Job("paper", name, split, {**settings(config), "against": against}, work, {"recipe": called})


class _LearnedOnce:
    """Codes that are learned when they are first asked for, and then kept."""

    def __init__(self, split: Split, config: IndexConfig) -> None:
        self.split, self.config = split, config
        self._learned: Learned | None = None

    def __call__(self, progress: Progress) -> Learned:
        if self._learned is None:
            self._learned = learn(self.split, self.config, progress)
        return self._learned


@dataclass(frozen=True)
class _OfCounts:
    """Latent semantic analysis of ``log(1 + count)``: no word weighs more for being rare."""

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Decompose the matrix."""
        check_size(database.coded, self.size, "LSA")
        model = TruncatedSVD(self.size, random_state=self.seed).fit(_logarithms(database.coded))
        return Space(lambda counts: np.asarray(model.transform(_logarithms(counts))))


def _logarithms(counts: Counts) -> csr_array:
    return csr_array(
        (np.log1p(counts.data.astype(np.float64)), counts.indices, counts.indptr),
        (len(counts), counts.n_columns),
    )


def shortlist_job(called: str, split: Split, config: IndexConfig, size: int) -> Job:
    """Compare TF-IDF over the ball around short codes with TF-IDF over everything."""
    bits = config.model.bits

    def work(progress: Progress) -> dict[str, Any]:
        relevance = split.relevance
        levels = [level for level in _levels(split) if level <= size]
        learned = learn(split, config, progress)
        database, queries = split.documents(config.text)
        ranking = TfIdf(config.text.vocabulary_size).fit(database).rank(queries)
        balls = _Balls(learned, bits, size, ranking.scores)
        left = {"name": "TF-IDF on the ball", **balls.measured(relevance, levels)}
        right = _side("TF-IDF on everything", measure(ranking, relevance, levels))
        return _answer(learned, levels, left, right)

    against = {"ranking": "TF-IDF", "shortlist": size, "levels": LEVELS}
    name = f"TF-IDF on the ball of {size} documents around {bits} bits or on everything"
    return Job("paper", name, split, {**settings(config), "against": against}, work, {"recipe": called})


class _Balls:
    """The smallest ball of so many documents around each query, ranked by score, as an index does."""

    def __init__(self, learned: Learned, bits: int, size: int, scores: Scores) -> None:
        self._table = HammingTable.build(learned.database, bits, np.arange(len(learned.database)))
        self._codes = codes.to_ints(learned.queries)
        self._size = size
        self._scores = scores

    def measured(self, relevance: Relevance, levels: list[int]) -> dict[str, list[float]]:
        """Give precision and recall after each number of documents, as means over the judged queries."""
        totals = relevance.totals()
        judged = np.flatnonzero(totals)
        found = []
        for first in range(0, len(judged), _BLOCK):
            rows = judged[first : first + _BLOCK]
            hits = in_order(relevance.block(rows), self._order(rows, levels[-1]))
            precision = [rankings.precision_at(hits, level) for level in levels]
            found.append([*precision, *(rankings.recall_at(hits, totals[rows], level) for level in levels)])
        means = np.concatenate(found, axis=1).mean(axis=1).tolist()
        return {"precision": means[: len(levels)], "recall": means[len(levels) :]}

    def _order(self, queries: NDArray[np.int64], depth: int) -> NDArray[np.int64]:
        """Give the first documents for some queries, shape (len(queries), depth); -1 where a ball has ended."""
        order = np.full((len(queries), depth), -1, dtype=np.int64)
        for row, query, of_all in zip(order, queries.tolist(), self._scores(queries), strict=True):
            ball = self._table.grow(self._codes[query], self._size)
            best = rank(ball.rows, ball.distances, of_all[ball.rows], depth).rows
            row[: len(best)] = best
        return order


def _levels(split: Split) -> list[int]:
    return [level for level in LEVELS if level <= len(split.database)]


def _side(name: str, measured: Measured) -> dict[str, Any]:
    return {
        "name": name,
        "precision": list(by_cut(measured.means, "P").values()),
        "recall": list(by_cut(measured.means, "R").values()),
        "mean_average_precision": measured.means["MAP"],
    }


def _answer(
    learned: Learned, levels: list[int], left: dict[str, Any], right: dict[str, Any]
) -> dict[str, Any]:
    """Say whether the left side is the more precise, in the mean over all levels, and at how many of them."""
    gains = np.subtract(left["precision"], right["precision"])
    figures = {
        "levels": levels,
        "left": left,
        "right": right,
        "above_at": int((gains > 0).sum()),
        "holds": bool(gains.mean() > 0),
    }
    return {"figures": rounded(figures), "seconds": learned.seconds, "course": learned.course}


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "paper.json")
    add_recipe_options(parser)
    parser.set_defaults(preset="paper")
    parser.add_argument(
        "--long", type=int, default=128, metavar="BITS", help="codes that LSA is compared with"
    )
    parser.add_argument("--latent", type=int, default=128, metavar="N", help="dimensions of LSA")
    parser.add_argument("--short", type=int, default=20, metavar="BITS", help="codes whose balls are ranked")
    parser.add_argument(
        "--shortlist", type=int, default=500, metavar="N", help="documents in a ball, at least"
    )
    parser.add_argument("--queries", type=int, metavar="N", help="a sample of N of the test half's documents")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
