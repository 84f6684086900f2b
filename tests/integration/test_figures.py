"""The promise itself, on real text with real labels: scored by the reference scorer where that is at hand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROTOCOL = Path(__file__).parents[3] / "shared" / "protocol"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROTOCOL.is_dir(), reason="no measuring protocol beside this clone"),
]


def run(*arguments: object) -> str:
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_twenty_bits_beat_tfidf_on_20_newsgroups_after_a_few_epochs(tmp_path: Path) -> None:
    """TF-IDF over the same 2000 words gives P@100 0.405 and MAP 0.198; all 45 epochs give 0.63 and 0.57."""
    semhash = Path(sys.executable).parent / "semhash"
    documents, codes, index = (tmp_path / name for name in ("documents.jsonl", "codes.jsonl", "index"))
    run(sys.executable, PROTOCOL / "prepare.py", "20news-subject-body", documents)
    run(semhash, "index", documents, "--split", "train", "--out", index, "--epochs", "4", "--quiet")
    codes.write_text(run(semhash, "encode", "--index", index, documents))
    printed = run(sys.executable, PROTOCOL / "score.py", "codes", documents, codes)
    figures = {
        name: float(value) for name, value in re.findall(r"^(P@100|MAP) ([\d.]+)", printed, re.MULTILINE)
    }
    assert figures["P@100"] >= 0.45
    assert figures["MAP"] >= 0.30
