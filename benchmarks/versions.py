"""Measure the making of an index beside another version of semhash: time, processor, memory and size, by corpus.

::

    python benchmarks/versions.py --other /elsewhere/.venv/bin/python CORPUS... [--documents 5000] [--rounds 3]

A corpus is anything that `semhash index` reads. Each version learns a model of it first, in one epoch, from a
beginning of it if it is JSONL, so that training is left out; then it reads, counts, encodes and writes the corpus in a
process of its own, the two in turns. Of each the least over the rounds is kept, and how it stands to that
of the other version. Nothing is written but the table.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from _start import start
from _tables import table

from semhash.errors import ConfigError

# What both versions know: run by either's Python, on a corpus, for an index at a place, with a model or none.
_WORK = """
import json, resource, sys, time
from pathlib import Path
import msgspec
from semhash import IndexConfig, build_index
corpus, out, model = sys.argv[1:]
config = IndexConfig()
training = msgspec.structs.replace(config.training, epochs=1, min_updates=0)
config = msgspec.structs.replace(config, training=training)
began = time.perf_counter()
report = build_index(corpus, out, **({"model": model} if model else {"config": config}), force=True)
passed = time.perf_counter() - began
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({
    "documents": report.n_documents,
    "seconds": passed,
    "processor": sum(u.ru_utime + u.ru_stime for u in used),
    "memory": used[0].ru_maxrss / 1024,
    "size": sum(f.stat().st_size for f in Path(out).rglob("*") if f.is_file()) / 1e6,
}))
"""
_MEASURED = ("seconds", "processor", "memory", "size")
_LEARNED_FROM = 5_000

Figures = dict[str, float]


def main(argv: Sequence[str]) -> None:
    """Read the options, run both versions in turns, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    parser.add_argument(
        "--other", type=Path, required=True, metavar="PYTHON", help="that has the other version"
    )
    parser.add_argument("--documents", type=int, default=_LEARNED_FROM, metavar="N", help="to learn from")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1 or arguments.documents < 1:
        raise ConfigError("--rounds, --documents: expected 1 or more")
    pythons = [arguments.other.absolute(), Path(sys.executable)]
    with tempfile.TemporaryDirectory(prefix="semhash-versions-") as work:
        models = [Path(work) / f"model-{number}" for number in range(2)]
        rows = []
        for corpus in arguments.corpora:
            some = _beginning(corpus, arguments.documents, Path(work))
            for python, model in zip(pythons, models, strict=True):
                _made(python, some, model, None)
            taken: list[list[Figures]] = [[], []]
            for turn in range(arguments.rounds):
                for number in (0, 1) if turn % 2 == 0 else (1, 0):
                    out = Path(work) / f"index-{number}"
                    taken[number].append(_made(pythons[number], corpus, out, models[number]))
            rows.append((corpus.name, *_cells(*taken)))
    print("\n".join(table(("", "documents", *_MEASURED), rows)))


def _beginning(corpus: Path, n: int, work: Path) -> Path:
    """Return a corpus to learn from: the first rows of a file of them, and anything else as it is."""
    if corpus.suffix != ".jsonl":
        return corpus
    some = work / "some.jsonl"
    with corpus.open("rb") as lines, some.open("wb") as copy:
        copy.writelines(islice(lines, n))
    return some


def _made(python: Path, corpus: Path, out: Path, model: Path | None) -> Figures:
    """Have a version make an index, and return what that took."""
    command = [str(python), "-P", "-c", _WORK, str(corpus.absolute()), str(out), str(model or "")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(f"{python}: expected an index of {corpus}, found: {done.stderr.strip()[-500:]}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def _cells(other: Sequence[Figures], ours: Sequence[Figures]) -> list[str]:
    """Write what was measured of both, and the ratio, ours to the other's."""
    cells = [f"{ours[0]['documents']:,}"]
    for name in _MEASURED:
        before, now = (min(run[name] for run in runs) for runs in (other, ours))
        cells.append(f"{before:.1f} → {now:.1f} ({now / before:.2f})")
    return cells


if __name__ == "__main__":
    start(main)
