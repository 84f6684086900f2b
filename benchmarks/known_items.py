"""Make a judged collection of manual pages: the line under NAME, taken out of its page, asks for that page.

::

    python benchmarks/known_items.py FOLDER OUT/NAME [--most 1000]

FOLDER is any folder of manual pages, such as an unpacked Debian package ``manpages-de``. ``OUT/NAME.docs.jsonl``,
``OUT/NAME.queries.jsonl`` and ``OUT/NAME.qrels.tsv`` are what ``questions.py`` and ``quality.py --judged`` take.
Pages that only point to another one, and pages without such a line, are documents at most, never queries.
"""

import argparse
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from _start import start

from semhash.config import CorpusConfig
from semhash.corpus import Document, open_corpus

_DASH = re.compile(r"\s+(?:-{1,2}|–|—|－|‐|\\-)\s+")
_FIRST_LINES = 6
_SHORTEST = 3  # words of a description, or characters where there are no spaces between words


def described(text: str) -> tuple[str, str] | None:
    """Return what a page says of itself in its first lines, and the page without it; None where it says nothing."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:_FIRST_LINES]):
        name, *rest = _DASH.split(line.strip(), maxsplit=1)
        if rest and name and len(name.split()) <= 12:
            description = rest[0].strip()
            if max(len(description.split()), len(description) // 4) >= _SHORTEST:
                lines[number] = name
                left = "\n".join(lines)
                return description, left.replace(description, " ")
    return None


def main(argv: Sequence[str]) -> None:
    """Read the options and write the collection."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="manual pages")
    parser.add_argument("out", type=Path, help="what the files' names begin with")
    parser.add_argument("--most", type=int, default=1000, metavar="N", help="queries at most")
    arguments = parser.parse_args(argv)
    documents, queries, seen = [], [], set()
    for item in open_corpus(arguments.folder, CorpusConfig(exclude=("doc/",))):
        if not isinstance(item, Document) or item.text in seen:
            continue
        seen.add(item.text)
        found = described(item.text)
        if found is not None:
            queries.append((item.id, found[0]))
        documents.append({"id": item.id, "text": item.text if found is None else found[1]})
    asked = sorted(random.Random(0).sample(queries, min(arguments.most, len(queries))))
    out: Path = arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    write_rows(out.with_name(f"{out.name}.docs.jsonl"), documents)
    write_rows(out.with_name(f"{out.name}.queries.jsonl"), [{"id": i, "text": text} for i, text in asked])
    out.with_name(f"{out.name}.qrels.tsv").write_text(
        "".join(f"{i}\t{i}\t1\n" for i, _ in asked), encoding="utf-8"
    )
    print(f"{out}: {len(documents)} documents, {len(asked)} queries")


def write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    """Write JSON lines."""
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    start(main)
