"""A small corpus on six subjects, and an index of it, for all tests."""

import importlib
import importlib.util
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import hypothesis
import msgspec
import pytest

# Before anything loads numpy or torch: matrices as small as here are faster on one thread, and beside other
# processes a hundred times as fast.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from semhash import Index, IndexConfig, ModelConfig, TextConfig, TrainingConfig, build_index, open_index
from semhash.config import NeighbourConfig
from semhash.store.manifest import MANIFEST, FileRecord, read_manifest, sha256_of

if TYPE_CHECKING:
    from tests.warm import Warm

# How long an example takes says more of the machine than of what is tested.
hypothesis.settings.register_profile(
    "semhash", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("semhash")

CAMPAIGN = "SEMHASH_CAMPAIGN"
PATIENCE = 120  # seconds for a command


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the long form of tests whose short form is always run."""
    if os.environ.get(CAMPAIGN):
        return
    left_out = pytest.mark.skip(
        reason=f"takes many minutes, and a short form of it ran; {CAMPAIGN}=1 runs it"
    )
    for item in items:
        if item.get_closest_marker("campaign"):
            item.add_marker(left_out)


SUBJECTS = {
    "astronomy": "orbit moon telescope planet rocket launch lunar comet satellite gravity crater astronaut",
    "cooking": "oven butter flour recipe simmer garlic onion sauce dough spice bake roast",
    "football": "goal striker referee penalty keeper match league tackle stadium coach kick defender",
    "medicine": "patient doctor surgery vaccine symptom clinic dose infection nurse therapy fever diagnosis",
    "music": "violin orchestra concert melody rhythm symphony guitar chorus piano composer singer tempo",
    "sailing": "boat anchor harbour mast rudder keel tide sail crew compass deck voyage",
}
FILLER = "people today often think about many things and places while they work during long days".split()


def documents(per_subject: int = 40, seed: int = 0) -> list[dict[str, object]]:
    """Rows of JSONL: short texts that mix a subject's words with common ones."""
    source = random.Random(seed)
    rows = []
    for number in range(per_subject):
        for subject, listed in SUBJECTS.items():
            drawn = source.choices(listed.split(), k=14) + source.choices(FILLER, k=10)
            source.shuffle(drawn)
            split = "train" if number % 4 else "test"
            row: dict[str, object] = {"id": f"{subject}-{number}", "title": f"{subject} note {number}"}
            rows.append({**row, "text": " ".join(drawn), "labels": [subject], "split": split})
    return rows


def write_jsonl(file: Path, rows: list[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


class QuickConfig(Protocol):
    """Makes the configuration of a small network, trained for a second or two."""

    def __call__(
        self,
        *,
        bits: int = 20,
        seed: int = 0,
        epochs: int = 60,
        vocabulary_size: int = 200,
        **records: object,
    ) -> IndexConfig: ...


def _quick_config(
    *, bits: int = 20, seed: int = 0, epochs: int = 60, vocabulary_size: int = 200, **records: object
) -> IndexConfig:
    training = TrainingConfig(seed=seed, epochs=epochs, min_updates=0, batch_size=32)
    # Moving the guide's bits takes longer than all else of so short a training; the command's own tests do it.
    model = ModelConfig(bits=bits, hidden=(64,), neighbours=NeighbourConfig(guide_rounds=0))
    made = {
        "text": TextConfig(vocabulary_size=vocabulary_size).to_json(),
        "model": model.to_json(),
        "training": training.to_json(),
    }
    return IndexConfig.from_json({**made, **records})


@pytest.fixture(scope="session")
def quick_config() -> QuickConfig:
    return _quick_config


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "notes.jsonl", documents())


@pytest.fixture(scope="session")
def index_folder(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("indexes") / "notes"
    build_index(corpus_file, out, _quick_config())
    return out


@pytest.fixture
def index(index_folder: Path) -> Iterator[Index]:
    with open_index(index_folder) as opened:
        yield opened


@dataclass(frozen=True)
class Done:
    """What a command left: its status, and what it wrote."""

    status: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.stdout)

    def rows(self) -> list[Any]:
        """The JSON value on each line of standard output."""
        return [json.loads(line) for line in self.stdout.splitlines()]


def _loaded(name: str) -> ModuleType:
    """Import a module that lies beside this one, which pytest puts on no path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Semhash:
    """Runs the installed command, in a process of its own, with no terminal anywhere near.

    The process is a fork of one that has loaded what the command loads, see ``warm.py``; but where `fresh`, it is what
    a shell would start: for tests of the start itself, and of what may hang on imports or on the seed of hashes.
    """

    READ_LATE = frozenset({"SEMHASH_INDEXES", "COLUMNS"})  # of the environment, not at the start

    def __init__(self) -> None:
        steering = {"SEMHASH_INDEXES", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "LC_ALL"}
        self.command = Path(sys.executable).parent / "semhash"
        self.environment = {name: value for name, value in os.environ.items() if name not in steering}
        self.warm: Warm | None = None

    def close(self) -> None:
        """End the process that others are forked from."""
        if self.warm is not None:
            self.warm.close()

    def __call__(
        self,
        *arguments: str | bytes | Path,
        cwd: Path,
        stdin: bytes | str = b"",
        status: int = 0,
        env: dict[str, str] | None = None,
        under: str = "",
        fresh: bool = False,
    ) -> Done:
        """Run it; ``under`` is Python that is run first, in the process that becomes the command."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        env = env or {}
        if fresh or under or env.keys() - self.READ_LATE:
            start = f"import os, sys\n{under}\nos.execv(sys.argv[1], sys.argv[1:])"
            command = [*([sys.executable, "-c", start] if under else []), self.command, *arguments]
            done = self._started(command, cwd, env, given)
        else:
            done = self._forked(None, arguments, cwd, env, given, PATIENCE)
        # Strict, so that a command that writes anything but UTF-8 fails here.
        found = Done(done[0], done[1].decode(), done[2].decode())
        assert found.status == status, found
        assert "Traceback" not in found.stderr, found.stderr
        return found

    def script(self, file: Path, *arguments: str | Path, cwd: Path, patience: float = PATIENCE) -> Done:
        """Run a program of the tests in a fork of the process that has loaded what the command loads."""
        done = self._forked(file, arguments, cwd, {}, b"", patience)
        return Done(done[0], done[1].decode(), done[2].decode())

    def _started(
        self, command: Sequence[str | bytes | Path], cwd: Path, env: dict[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**self.environment, **env},
            input=stdin,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout, done.stderr

    def _forked(
        self,
        file: Path | None,
        arguments: Sequence[str | bytes | Path],
        cwd: Path,
        env: dict[str, str],
        stdin: bytes,
        patience: float,
    ) -> tuple[int, bytes, bytes]:
        if self.warm is None:
            made: type[Warm] = _loaded("warm").Warm
            self.warm = made(self.command, self.environment)
        given = [os.fsdecode(argument) for argument in arguments]
        return self.warm.run(given, cwd, env, stdin, patience, file)


@pytest.fixture(scope="session")
def semhash() -> Iterator[Semhash]:
    with closing(Semhash()) as command:
        yield command


def _benchmark(name: str) -> ModuleType:
    """Import a module of benchmarks/ as its scripts do, and leave no trace on sys.path."""
    before = list(sys.path)
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = before


@pytest.fixture(scope="session")
def benchmark() -> Callable[[str], ModuleType]:
    return _benchmark


@pytest.fixture(scope="session")
def made_results() -> Callable[..., Any]:
    """Makes results as an evaluation could leave them: see ``made_results.py``."""
    made: Callable[..., Any] = _loaded("made_results").made_results
    return made


def _reseal(folder: Path) -> None:
    """Write a manifest whose digests are those of the files as they are now."""
    manifest = read_manifest(folder)
    files = {
        name: FileRecord(record.path, (folder / record.path).stat().st_size, sha256_of(folder / record.path))
        for name, record in manifest.files.items()
    }
    (folder / MANIFEST).write_bytes(msgspec.structs.replace(manifest, files=files).encode())


@pytest.fixture(scope="session")
def reseal() -> Callable[[Path], None]:
    return _reseal
