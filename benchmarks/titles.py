"""A few words as a query: titles find their own document, and documents of their label.

The encoder learns from documents of which every share of words is hidden, nearly all of them now and then, so
that a code of a few words lies near that of the whole. Beside it stands a recipe that hides half of each. Titles of
documents that nobody has learned from ask for their label; titles of documents that are there ask for these.
A title is a row's ``title``, or else its first line, without what says that it is an answer.

::

    python benchmarks/titles.py CORPUS.jsonl ... [--seeds 0,1,2] [--titles 1000]
"""

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from _command import Job, add_recipe_options, add_set_options, carry_out, changed, recipe
from _labelled import LabelledSet, Split
from _measuring import Hearing, by_cut, rounded, settings
from _start import start
from numpy.typing import NDArray

from semhash import codes
from semhash.analysis.analyzer import Analyzer
from semhash.baselines.lexical import Bm25
from semhash.baselines.retriever import Documents, FittedRetriever, ScoreRanking
from semhash.config import IndexConfig
from semhash.evaluation.hybrid import ByHybrid
from semhash.evaluation.metrics import measure
from semhash.evaluation.own import ByCodes, Learned
from semhash.evaluation.own import learn as learn_codes
from semhash.evaluation.relevance import Relevance
from semhash.progress import Progress
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts

CUTS = (10, 100, 500)
_ANSWER = re.compile(r"^(\s*(re|fwd?|aw)\s*:)+", re.IGNORECASE)


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for either way to hide words, and every seed."""
    called, config = recipe(arguments)
    split = labelled.validation(arguments.split_seed)
    ways = {"every share of words hidden": config}
    if config.model.corruption.varied:
        ways["half of the words hidden"] = changed(config, model={"corruption": {"varied": False}})
    for way, of_way in ways.items():
        for seed in arguments.seeds:
            yield titles_job(called, way, split, changed(of_way, training={"seed": seed}), arguments.titles)


def titles_job(called: str, way: str, split: Split, config: IndexConfig, n_titles: int) -> Job:
    """Learn codes and ask them by titles."""

    def work(progress: Progress) -> dict[str, Any]:
        language = config.text.stop_words
        database, strangers = split.documents(config.text)
        hearing, start = Hearing(progress), time.perf_counter()
        learned = learn_codes(database, config, hearing)
        seconds = {"train": round(time.perf_counter() - start, 2)}
        sample = np.sort(np.random.default_rng(0).permutation(len(database))[:n_titles])
        asked = {
            "documents": (strangers, split.relevance),
            "label": (_titles(split, split.queries, database, language), split.relevance),
            "own": (
                _titles(split, split.database[sample], database, language),
                _themselves(sample, len(database)),
            ),
        }
        figures = {
            task: {
                name: _figures(method, queries, relevance)
                for name, method in _methods(learned, database).items()
            }
            for task, (queries, relevance) in asked.items()
        }
        unknown = float(np.mean(np.diff(asked["label"][0].coded.indptr) == 0))
        return {
            "figures": rounded({**figures, "no_known_word": unknown}),
            "seconds": seconds,
            "course": {"epochs": learned.config["epochs"], "threads": hearing.threads},
        }

    described = {**settings(config), "titles": n_titles, "cuts": CUTS}
    return Job("titles", way, split, described, work, {"recipe": called})


class _ByLikelihood:
    """Ranks by how likely the documents' codes are under the query: ``--rank asymmetric``, without its rounding."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._signs = codes.unpack(learned.database, learned.bits) * np.float32(2) - 1

    @property
    def bytes_per_document(self) -> float:
        """The code's."""
        return self._learned.bits / 8

    def rank(self, queries: Documents) -> ScoreRanking:
        """Score by the log-probability of each document's code, up to what all have in common."""
        margins = self._learned.margins(queries).values
        return ScoreRanking(lambda rows: margins[rows] @ self._signs.T)


def _methods(learned: Learned, database: Documents) -> dict[str, FittedRetriever]:
    """Give the ways to rank, by the name that ``--rank`` knows them by."""
    return {
        "hamming": ByCodes(learned),
        "asymmetric": _ByLikelihood(learned),
        "bm25": Bm25().fit(database),
        "hybrid": ByHybrid.fit(learned, TermIndex.build(database.counts)),
    }


def _figures(method: FittedRetriever, queries: Documents, relevance: Relevance) -> dict[str, Any]:
    means = measure(method.rank(queries), relevance, CUTS).means
    return {
        "precision": by_cut(means, "P"),
        "recall": by_cut(means, "R"),
        "mean_average_precision": means["MAP"],
    }


def _themselves(rows: NDArray[np.int64], n_documents: int) -> Relevance:
    """Take for relevant to each query the one document that it was taken from."""
    return Relevance.from_labels([(str(row),) for row in rows], [(str(row),) for row in range(n_documents)])


def _titles(split: Split, rows: NDArray[np.int64], database: Documents, language: str) -> Documents:
    """Give the titles of some documents of a set as queries, over the words of a database."""
    of_set, titles, terms = split.of, split.of.titles, Analyzer("english").terms
    counted = [of_set.lexicon.count(terms(_ANSWER.sub("", titles[row]))) for row in rows.tolist()]
    joined = Counts(
        np.concatenate([[0], np.cumsum([len(one.data) for one in counted])]),
        np.concatenate([one.indices for one in counted]),
        np.concatenate([one.data for one in counted]),
        of_set.counts.n_columns,
    )
    nothing = [()] * len(rows)
    return Documents(joined.columns(split.terms(language)), database.vocabulary, nothing, [""] * len(rows))


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "titles.json")
    add_recipe_options(parser)
    parser.add_argument(
        "--titles", type=int, default=1000, metavar="N", help="documents whose titles ask for them"
    )
    parser.add_argument("--split-seed", type=int, default=0, metavar="N", help="another fifth for validation")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
