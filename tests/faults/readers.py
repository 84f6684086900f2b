"""Readers ask an index in processes of their own while it is updated, over and over; say what they found.

    python readers.py WORK SECONDS READERS

The corpus goes back and forth between two states. Each answer must be that of the generation it was asked of, and of
no other, also when that generation has been replaced since it was opened. What is printed is JSON: how many updates
there were, how often indexes were opened and asked, the generations met, and what was wrong.
"""

import importlib.util
import json
import os
import random
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from semhash import Index, IndexConfig, TextConfig, build_index, open_index, pipeline
from semhash.living import update_index

WORDS = "orbit moon planet rocket oven butter flour onion mast keel rudder tide".split()
QUERIES = ["moon rocket", "butter and flour", "keel tide orbit", "onion"]
RANKS = ["hybrid", "tfidf"]
MADE_INDEX = Path(__file__).parents[1] / "golden" / "made_index.py"
Answers = list[Any]


def answers(index: Index) -> Answers:
    found = [index.query(query, 5, rank=rank) for query in QUERIES for rank in RANKS]
    return [
        [(hit.id, hit.score, hit.distance, hit.title, hit.snippet.text) for hit in each.hits]
        for each in found
    ]


def settle(corpus: Path, state: int) -> None:
    """Bring the corpus into one of its states: some documents are changed, one is gone, one is there."""
    source = random.Random(0)
    for number in range(60):
        text = " ".join(source.choices(WORDS, k=15))
        file = corpus / f"{number}.txt"
        if number < 40:
            if not file.exists():
                file.write_text(text)
        elif number < 58:
            file.write_text(text if state else f"{text} {text}")
        elif (number == 58) == bool(state):
            file.write_text(text)
        else:
            file.unlink(missing_ok=True)


def read(index: Path, until: float, expected: list[Answers], to: Path) -> None:
    """Open the index and ask it, again and again; some openings are kept for a while."""
    done: dict[str, Any] = {"opened": 0, "asked": 0, "late": 0, "generations": [], "wrong": []}
    source = random.Random(os.getpid())
    try:
        while time.monotonic() < until:
            with open_index(index) as opened:
                done["opened"] += 1
                number = opened.manifest.generation
                done["generations"].append(number)
                for _ in range(source.choice([1, 1, 5])):
                    if answers(opened) != expected[number % 2]:
                        done["wrong"].append(f"generation {number} answered as another")
                    done["asked"] += len(QUERIES) * len(RANKS)
                    done["late"] += not (index / f"generation-{number}" / "codes.npy").exists()
                    time.sleep(source.random() / 50)
    except Exception:
        done["wrong"].append(traceback.format_exc())
    done["generations"] = sorted(set(done["generations"]))
    to.write_text(json.dumps(done))


def main(work: Path, seconds: float, n_readers: int) -> None:
    spec = importlib.util.spec_from_file_location("made_index", MADE_INDEX)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pipeline._learn = module.made
    corpus, index = work / "corpus", work / "notes"
    corpus.mkdir(parents=True)
    expected: list[Answers] = [[], []]
    settle(corpus, 1)
    build_index(corpus, index, IndexConfig(text=TextConfig(vocabulary_size=len(WORDS))))
    for state in (0, 1):
        settle(corpus, state)
        update_index(index)
        with open_index(index) as opened:
            expected[opened.manifest.generation % 2] = answers(opened)
    assert expected[0] != expected[1]
    until = time.monotonic() + seconds
    children = []
    for number in range(n_readers):
        child = os.fork()
        if not child:
            read(index, until, expected, work / f"{number}.json")
            os._exit(0)
        children.append(child)
    updates = 0
    state = 1
    while time.monotonic() < until:
        state = 1 - state
        settle(corpus, state)
        updates += update_index(index).written
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    found = [json.loads((work / f"{number}.json").read_text()) for number in range(n_readers)]
    sums = {name: sum(each[name] for each in found) for name in ("opened", "asked", "late")}
    wrong = [text for each in found for text in each["wrong"]] + [
        f"status {status}" for status in ended if status
    ]
    met = sorted({number for each in found for number in each["generations"]})
    left = sorted(path.name for path in index.iterdir())
    sys.stdout.write(json.dumps({"updates": updates, **sums, "met": met, "wrong": wrong, "left": left}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
