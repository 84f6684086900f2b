"""Measure lookups beside FAISS's binary indexes and a scan in numpy, at equal results, in turns, in one process.

::

    python benchmarks/lookup.py [INDEX | CODES.npy] [--sizes 10000,1000000,10000000] [--rounds 15]

Everybody holds the same codes and is asked the same questions: all documents in balls, and the nearest ones, one
question at a time and many at once, by one thread and by two. In each round everybody answers once; of times and of
ratios the median over rounds is kept. Answers are compared before anything is timed: the same documents in every
ball, the same distances of the nearest. Without codes a seeded mixture is looked up.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from _command import integers
from _contenders import Contender, Task, contenders
from _environment import environment, today
from _growth import growth
from _lookup_page import OURS, lookup_tables
from _many_codes import ManyCodes, as_packed, read_codes
from _results import RESULTS, Results, Run, digest_of
from _rounds import in_turns, ratio, seconds_of
from _start import start

from semhash import codes
from semhash.errors import ConfigError
from semhash.kernels import compile_all

_BUDGET = 0.02  # seconds that one contender may take in one round
_FEWEST, _MOST = 1, 1024  # questions in a round
_COMPARED = 4
_ASKED = (("ball", 1), ("ball", 2), ("ball", 3), ("nearest", 10), ("nearest", 100))


def main(argv: Sequence[str]) -> None:
    """Read the options and the codes, measure every size, and write and print what was found."""
    arguments = _parser().parse_args(argv)
    compile_all()
    many = read_codes(arguments.codes, arguments.bits, arguments.seed)
    results, runs, shared = Results(arguments.out), [], {"environment": _environment(), "date": today()}
    for n in arguments.sizes:
        run = _described(many, n, arguments)
        run["figures"] = {"cells": _cells(many, n, arguments), "documents": many.said(n)}
        runs.append(run | shared)
        results.add(runs[-1])
    if len(arguments.sizes) > 1:
        run = _described(many, None, arguments)
        run["figures"] = growth(many, arguments.sizes, arguments.rounds, arguments.seed)
        runs.append(run | shared)
        results.add(runs[-1])
    print("\n".join(lookup_tables(runs)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("codes", nargs="?", type=Path, help="an index folder, or a .npy file of packed codes")
    parser.add_argument(
        "--bits", type=int, default=20, help="width of the codes of a file or mixture, 8 to 24"
    )
    parser.add_argument("--sizes", type=integers, default=[10_000, 1_000_000, 10_000_000], metavar="N,N,N")
    parser.add_argument("--threads", type=integers, default=[1, 2], metavar="1,2", help="of many at once")
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / "lookup.json", metavar="FILE.json")
    parser.add_argument("--quiet", action="store_true", help="no talk on standard error")
    return parser


def _described(many: ManyCodes, n: int | None, arguments: argparse.Namespace) -> Run:
    config = {name: getattr(arguments, name) for name in ("threads", "rounds", "seed")}
    config |= {"bits": many.bits, "sizes": arguments.sizes if n is None else [n]}
    name = "growth" if n is None else f"{n:,} documents"
    run: Run = {"experiment": "lookup", "name": name, "set": many.name, "corpus": many.digest, "part": "all"}
    return {"digest": digest_of(run | {"config": config}), **run, "config": config}


def _environment() -> dict[str, Any]:
    return environment() | {"numba": version("numba")}


def _cells(many: ManyCodes, n: int, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure one size: a cell for each task, and for each way to ask."""
    addresses = many.sized(n, arguments.seed)
    who = contenders(addresses, as_packed(addresses, many.bits), many.bits)
    questions = as_packed(np.random.default_rng(arguments.seed + 1).choice(many.addresses, _MOST), many.bits)
    cells = []
    for verb, size in _ASKED:
        task = _task(verb, size, who[0], questions)
        for threads in (None, *arguments.threads):
            _say(f"{n:,} documents, {task.title}, {_way(threads)}", arguments.quiet)
            cells.append(
                {"task": task.title, "way": _way(threads), **_cell(who, task, questions, threads, arguments)}
            )
    return cells


def _way(threads: int | None) -> str:
    return "one at a time" if threads is None else f"many at once, {threads} thread{'s' * (threads > 1)}"


def _task(verb: Any, size: int, ours: Contender, questions: codes.Packed) -> Task:
    task = Task(verb, size, size)
    if verb == "ball":
        return task
    answers = ours.checked(task, ours.many(task, 1)(questions))
    return Task(verb, size, max(int(distances.max()) for distances in answers))


def _cell(
    who: Sequence[Contender],
    task: Task,
    questions: codes.Packed,
    threads: int | None,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """Compare the answers, find out how many questions each can be asked in a round, and take times in turns."""
    found = _compared(who, task, questions[:_COMPARED], threads)
    counts = {one.name: _affordable(one, task, questions, threads) for one in who}
    ours, works = who[0], {}
    for one in who:
        works[one.name] = _work(one, task, questions[: counts[one.name]], threads)
        works[f"{OURS} {counts[one.name]}"] = _work(ours, task, questions[: counts[one.name]], threads)
    times = in_turns(works, arguments.rounds)
    return {
        "documents": round(float(np.mean([len(one) for one in found])), 1),
        "microseconds": {one.name: _digits(1e6 * median(times[one.name]) / counts[one.name]) for one in who},
        "times_ours": {
            one.name: _digits(ratio(times[one.name], times[f"{OURS} {counts[one.name]}"])) for one in who[1:]
        },
        "questions": counts,
    }


def _compared(
    who: Sequence[Contender], task: Task, questions: codes.Packed, threads: int | None
) -> list[np.ndarray[Any, Any]]:
    """Give our answers once everybody's have been found to be the same."""
    answers = [list(_answers(one, task, questions, threads)) for one in who]
    for one, theirs in zip(who, answers, strict=True):
        if not all(map(np.array_equal, answers[0], theirs)) or len(theirs) != len(questions):
            raise ConfigError(f"{task.title}: expected the same answers of all, found others of {one.name}")
    return answers[0]


def _answers(one: Contender, task: Task, questions: codes.Packed, threads: int | None) -> Any:
    if threads is not None:
        yield from one.checked(task, one.many(task, threads)(questions))
        return
    ask = one.one(task)
    for question in one.singly(questions):
        yield from one.checked(task, ask(question))


def _work(one: Contender, task: Task, questions: codes.Packed, threads: int | None) -> Any:
    """Give what answers the questions, set up anew each time, since some settings are everybody's."""
    if threads is not None:
        return lambda: one.many(task, threads)(questions)
    singly = one.singly(questions)

    def work() -> None:
        ask = one.one(task)
        for question in singly:
            ask(question)

    return work


def _affordable(one: Contender, task: Task, questions: codes.Packed, threads: int | None) -> int:
    """Give how many questions a contender answers in the time of one round."""
    count = _FEWEST
    while count < _MOST and seconds_of(_work(one, task, questions[:count], threads)) < _BUDGET / 4:
        count *= 4
    return min(count, _MOST)


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    start(main)
