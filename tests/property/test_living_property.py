"""After any changes to a corpus, an index that was kept up to date is the one that is made of all at once."""

import itertools
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semhash import build_index, open_index
from semhash.analysis.analyzer import Analyzer
from semhash.building.collecting import collect
from semhash.building.generation import encode, publish, write_documents
from semhash.building.reading_plan import plan
from semhash.building.standing import Standing
from semhash.catalogue import Catalogue
from semhash.catalogue.ledger import read_ledger
from semhash.errors import CorpusError, DocumentNotFoundError
from semhash.inspection.verification import verify_index
from semhash.learned.model import LearnedModel
from semhash.living import add_documents, remove_documents, update_index
from semhash.living.upkeep import _corpora
from semhash.progress import silent
from semhash.store import IndexFolder
from semhash.store.draft import draft_index

if TYPE_CHECKING:
    from tests.conftest import QuickConfig

WORDS = "orbit moon telescope oven butter flour goal striker patient doctor violin boat anchor zebra quark".split()
NAMES = ["a.txt", "b/c.txt", "b/d.txt", "n.md", "x.jsonl", "y.jsonl", "moon-table.csv", "other.csv"]
OUTSIDE = ["p.txt", "q/r.txt", "q/z.jsonl", "q/table.csv"]
QUERIES = ["moon orbit boat", "butter violin", "zebra", "unheard of"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, corpus_file: Path, quick_config: "QuickConfig") -> Path:
    out = tmp_path_factory.mktemp("model") / "model"
    build_index(corpus_file, out, quick_config(bits=8, epochs=3, vocabulary_size=60))
    return out


class World:
    """A corpus, something outside it, and an index, in a folder of their own."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.corpus, self.outside, self.index = folder / "corpus", folder / "outside", folder / "index"
        self.folder = folder
        self.clock = itertools.count(1_600_000_000_123_456_789, 1_000_000_000)
        for name in ("a.txt", "b/c.txt", "x.jsonl", "moon-table.csv"):
            self.write(self.corpus / name, 4)
        for name in OUTSIDE:
            self.write(self.outside / name, 2)
        build_index(self.corpus, self.index, model=model)

    def write(self, file: Path, seed: int, *, settled: bool = True) -> None:
        source = random.Random(seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".jsonl":
            # Ids are few, so that they are met twice, in one file and in two.
            rows = [
                {
                    "id": f"row {source.randrange(5)}",
                    "text": self.text(source),
                    "labels": source.choices("uv", k=2),
                }
                for _ in range(source.randrange(5))
            ]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n" * (seed % 2))
        elif file.suffix == ".csv":  # no ids, and texts so few that some are equal
            texts = [" ".join(source.choices(WORDS[:3], k=source.randrange(1, 3))) for _ in range(seed % 6)]
            file.write_text("\n".join(["text", *texts]) + "\n")
        else:
            file.write_bytes(b"\0\1\2" if seed % 7 == 0 else self.text(source).encode())
        if settled:
            now = next(self.clock)
            os.utime(file, ns=(now, now))

    @staticmethod
    def text(source: random.Random) -> str:
        return " ".join(source.choices(WORDS, k=source.randrange(8)))

    def ids(self) -> list[str]:
        with open_index(self.index) as index:
            return [head.id for head in index.catalogue.heads()]

    def do(self, what: str, number: int, seed: int) -> None:
        name = NAMES[number % len(NAMES)]
        file = self.corpus / name
        away = self.outside / OUTSIDE[number % len(OUTSIDE)]
        match what:
            case "write":
                self.write(file, seed)
            case "write now":
                self.write(file, seed, settled=False)
            case "touch" if file.exists():
                os.utime(file, ns=(next(self.clock),) * 2)
            case "delete":
                file.unlink(missing_ok=True)
            case "cut" if file.exists() and file.suffix == ".csv":
                head, *rows = file.read_text().splitlines(keepends=True)
                file.write_text("".join([head, *rows[1:]]))
                os.utime(file, ns=(next(self.clock),) * 2)
            case "move" if file.exists():
                target = self.corpus / NAMES[seed % len(NAMES)]
                if target.suffix == file.suffix:
                    target.parent.mkdir(exist_ok=True)
                    file.rename(target)
            case "write away":
                self.write(away, seed)
            case "delete away":
                away.unlink(missing_ok=True)
            case "add" | "add folder" | "take back":
                path = file if what == "take back" else away.parent if what == "add folder" else away
                with suppress(CorpusError):  # where nothing is, or nothing that is a text
                    add_documents([path], self.index)
            case "remove" if ids := self.ids():
                remove_documents([ids[seed % len(ids)]], self.index)
            case "remove nothing":
                with pytest.raises(DocumentNotFoundError):
                    remove_documents(["nothing"], self.index)
            case "update":
                update_index(self.index, force=True)

    def anew(self) -> Path:
        """Make an index at once of all that the one that was kept up to date is made of."""
        target = self.folder / "anew"
        shutil.rmtree(target, ignore_errors=True)
        with Standing.open(self.index) as standing:
            ledger, config = standing.ledger, standing.manifest.config
            made = plan(_corpora(ledger.roots, standing, gone=True), ledger.roots)
            analyzer = Analyzer(config.text.language, config.text.stop_words)
            learned = LearnedModel.read(standing.index.folder)
            with draft_index(target) as draft:
                with Catalogue.create(draft.folder / "catalogue.sqlite") as catalogue:
                    collection = collect(
                        *(made, catalogue, config, analyzer),
                        standing=standing,  # ids that several files have stay with the file that had them first
                        reuse=False,
                        removed=ledger.removed,
                        languages=learned.languages,
                    )
                    counted = collection.counted(learned.words)
                    coded = encode(collection, counted, learned, silent)
                    write_documents(catalogue, draft, collection, coded, 0)
                publish(draft, collection, counted, coded, learned, config, silent)
        return target


TABLES = {
    "documents": "SELECT * FROM documents ORDER BY row",
    "labels": "SELECT * FROM labels ORDER BY row, label",
    "names": "SELECT * FROM names ORDER BY row",
    "skipped": "SELECT path, reason, detail, file FROM skipped ORDER BY number",
    "roots": "SELECT * FROM roots ORDER BY number",
    "files": "SELECT number, root, path, size, digest, first_row, n_documents FROM files ORDER BY number",
    "removed": "SELECT id, path, key, nth FROM removed ORDER BY number",
}


def contents(index: Path) -> dict[str, Any]:
    """All that an index holds, but for times and numbers of generations."""
    folder = IndexFolder.open(index)
    found: dict[str, Any] = {}
    for name in folder.manifest.files:
        if name.endswith(".npy"):
            array = np.load(folder.file(name))
            found[name] = (array.dtype.str, array.shape, array.tobytes())
        elif name != "catalogue.sqlite":
            found[name] = folder.file(name).read_bytes()
    # How a word of the model was written that no document holds any more is known to who held such a document.
    letters, offsets = found.pop("forms-letters.npy")[2], np.load(folder.file("forms-offsets.npy"))
    held = np.flatnonzero(np.load(folder.file("document-frequency.npy")))
    del found["forms-offsets.npy"]
    found["forms"] = [letters[offsets[term] : offsets[term + 1]] for term in held.tolist()]
    database = sqlite3.connect(folder.file("catalogue.sqlite"))
    found |= {name: database.execute(query).fetchall() for name, query in TABLES.items()}
    database.close()
    facts = (
        "config",
        "corpus",
        "corpus_digest",
        "model",
        "n_documents",
        "n_unaddressed",
        "n_skipped",
        "n_words",
    )
    more = ("addresses_in_use", "n_removed", "drift", "format_version")
    found |= {fact: getattr(folder.manifest, fact) for fact in (*facts, *more)}
    folder.close()
    return found


def answers(index: Path) -> list[Any]:
    with open_index(index) as opened:
        return [
            [(hit.id, hit.distance, hit.score, hit.title) for hit in opened.query(query, rank=rank).hits]
            for query in QUERIES
            for rank in ("hamming", "tfidf", "bm25", "hybrid")
        ]


DOINGS = [
    "write", "write", "write", "write now", "cut", "cut", "touch", "delete", "move", "move", "write away",
    "delete away", "add", "add folder", "take back", "remove", "remove", "remove nothing", "update", "update",
]  # fmt: skip
STEPS = st.tuples(st.sampled_from(DOINGS), st.integers(0, 11), st.integers(0, 30))


@pytest.fixture(scope="module")
def world(model: Path) -> Iterator[Callable[[], World]]:
    with TemporaryDirectory() as folder:
        first = World(Path(folder) / "first", model)

        def fresh() -> World:
            copy = Path(folder) / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(first.folder, copy)
            made = object.__new__(World)
            made.__dict__ |= {
                "folder": copy,
                "corpus": copy / "corpus",
                "outside": copy / "outside",
                "index": copy / "index",
                "clock": itertools.count(1_650_000_000_123_456_789, 1_000_000_000),
            }
            update_index(made.index, made.corpus)
            return made

        yield fresh


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, max_size=10))
def test_it_is_what_is_made_at_once(world: Callable[[], World], steps: list[tuple[str, int, int]]) -> None:
    here = world()
    for step in steps:
        here.do(*step)
    update_index(here.index, force=True)
    anew = here.anew()
    found, expected = contents(here.index), contents(anew)
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name] == expected[name], name
    assert answers(here.index) == answers(anew)
    assert not [finding for finding in verify_index(here.index) if finding.problem]
    assert not update_index(here.index, force=True).written
    ledger = read_ledger(sqlite3.connect(IndexFolder.open(here.index).file("catalogue.sqlite")))
    assert sum(file.n_documents for file in ledger.files) == len(here.ids())
