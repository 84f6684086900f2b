"""What codes are to be compared with, on the same sets: TF-IDF, LSA in real numbers, and LSA cut to bits.

::

    python benchmarks/peers.py CORPUS.jsonl ... [--latent 20,64,128]
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from _command import Job, add_set_options, carry_out, integers
from _labelled import LabelledSet, Split
from _lexical import Vectors, latent, tfidf
from _measuring import code_figures, ranking_figures
from _start import start

from semhash import codes
from semhash.baselines.retriever import CodeRanking
from semhash.evaluation.metrics import measure
from semhash.progress import Progress

WORDS = 2000


def jobs(labelled: LabelledSet, arguments: argparse.Namespace) -> Iterator[Job]:
    """Give a job for every peer; what a seed has no part in is made once."""
    split = labelled.test(arguments.queries)
    yield ranking_job(split, f"TF-IDF, {WORDS} words", {"words": WORDS}, lambda s: tfidf(s, WORDS))
    if not arguments.no_whole_vocabulary:
        yield ranking_job(split, "TF-IDF, all words", {"words": None}, lambda s: tfidf(s, None))
    for seed in arguments.seeds:
        for dimensions in arguments.latent:
            yield latent_job(split, dimensions, seed)
        yield binary_job(split, arguments.binary, seed)


def ranking_job(split: Split, name: str, config: dict[str, Any], make: Callable[[Split], Vectors]) -> Job:
    """Give the job of ranking by the cosine of some vectors."""

    def work(_: Progress) -> dict[str, Any]:
        begun = time.perf_counter()
        vectors = make(split)
        seconds = {"train": round(time.perf_counter() - begun, 2)}
        return {
            "figures": ranking_figures(measure(vectors.ranking(), split.relevance)),
            "seconds": seconds,
        }

    return Job("peers", name, split, {"peer": name, **config}, work, {})


def latent_job(split: Split, dimensions: int, seed: int) -> Job:
    """Give the job of ranking by the cosine in a latent semantic space."""
    config = {"words": WORDS, "dimensions": dimensions, "seed": seed}
    return ranking_job(
        split, f"LSA, {dimensions} numbers", config, lambda s: latent(tfidf(s, WORDS), dimensions, seed)
    )


def binary_job(split: Split, bits: int, seed: int) -> Job:
    """Give the job of cutting a latent semantic space to bits: above the database's median, or not."""
    name = f"LSA, {bits} bits at the median"

    def work(_: Progress) -> dict[str, Any]:
        begun = time.perf_counter()
        vectors = latent(tfidf(split, WORDS), bits, seed)
        medians = np.median(vectors.database, axis=0)
        queries, database = (codes.pack(half > medians) for half in (vectors.queries, vectors.database))
        seconds = {"train": round(time.perf_counter() - begun, 2)}
        ranking = CodeRanking(queries, database, vectors.database.shape[1])
        return {"figures": code_figures(measure(ranking, split.relevance)), "seconds": seconds}

    return Job("peers", name, split, {"peer": name, "words": WORDS, "bits": bits, "seed": seed}, work, {})


def main(argv: Sequence[str]) -> None:
    """Read the options and do what they ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_set_options(parser, "peers.json")
    parser.add_argument("--seeds", type=integers, default=[0], metavar="0,1,2")
    parser.add_argument(
        "--latent", type=integers, default=[20, 64, 128], metavar="20,64,128", help="dimensions"
    )
    parser.add_argument(
        "--binary", type=int, default=20, metavar="BITS", help="dimensions that are cut to bits"
    )
    parser.add_argument("--no-whole-vocabulary", action="store_true", help="leave out TF-IDF over all words")
    parser.add_argument("--queries", type=int, metavar="N", help="a sample of N of the test half's documents")
    arguments = parser.parse_args(argv)
    carry_out(lambda labelled: jobs(labelled, arguments), arguments)


if __name__ == "__main__":
    start(main)
