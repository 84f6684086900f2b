"""Indexes of three kinds, of a model that is made and not trained, for what is done to their files."""

import importlib.util
import json
import random
from pathlib import Path

import pytest

from semhash import IndexConfig, ModelConfig, TextConfig, build_index, pipeline

KINDS = {
    "table": IndexConfig(text=TextConfig(vocabulary_size=60)),
    "without texts": IndexConfig(text=TextConfig(vocabulary_size=60), store_text=False),
    "wide": IndexConfig(text=TextConfig(vocabulary_size=60), model=ModelConfig(bits=64)),
}
LETTERS = "bcdfghjklmnpqrstvwxz"
WORDS = [a + "a" + b + "o" for a in LETTERS for b in LETTERS[:4]]


def _corpus(file: Path, seed: int) -> Path:
    """Write documents, enough of them for a scale of novelty."""
    source = random.Random(seed)
    with file.open("w") as stream:
        for number in range(320):
            some = source.sample(WORDS, 12)
            text = " ".join(source.choices(some, k=20))
            row = {"id": f"d{number}", "title": f"note {number}", "text": text, "labels": [some[0]]}
            stream.write(json.dumps(row) + "\n")
    return file


@pytest.fixture(scope="session")
def made_indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two indexes of each kind, of the same number of documents: ``KIND`` and ``another KIND``."""
    spec = importlib.util.spec_from_file_location(
        "made_index", Path(__file__).parents[1] / "golden" / "made_index.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("made")
    found: dict[str, Path] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_learn", module.made)
        for seed, which in enumerate(["", "another "]):
            corpus = _corpus(folder / f"{seed}.jsonl", seed)
            for kind, config in KINDS.items():
                out = folder / f"{which}{kind}".replace(" ", "-")
                build_index(corpus, out, config)
                found[which + kind] = out
    return found
