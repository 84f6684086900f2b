"""A corpus as large as is wanted out of a smaller one: tiled, with other words left out and exchanged in each copy."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from semhash.corpus.titles import first_line
from semhash.errors import CorpusError

__all__ = ["CHANGED", "Tiles", "read_tiles"]

CHANGED = 0.1
"""The share of a copy's words that is left out, and the share that is exchanged for other words of the corpus."""

_MOST_WORDS = 4  # of a piece of a title


class _Row(msgspec.Struct):
    id: str | int
    text: str
    split: str = "train"


@dataclass(frozen=True, eq=False)
class Tiles:
    """Documents to tile, in an order drawn at random, and titles of others to ask by.

    Attributes
    ----------
    rows : list of (str, str)
        Id and text of each document of split ``train``.
    titles : list of str
        Those of the documents of any other split, which are in no tile.
    words : list of str
        The running text of some documents, which words are drawn from.
    """

    rows: list[tuple[str, str]]
    titles: list[str]
    words: list[str]

    def documents(self, number: int) -> Iterator[tuple[str, str]]:
        """Give id and text of so many documents; the first of each stand as they were read."""
        for place in range(number):
            copy, row = divmod(place, len(self.rows))
            name, text = self.rows[row]
            yield (name, text) if not copy else (f"{name}~{copy}", self._changed(text, place))

    def queries(self, number: int) -> list[str]:
        """Give so many queries, in turn a whole title and a run of two to four of a title's words."""
        drawn = random.Random(0)
        titles = [title for title in self.titles if len(title.split()) > _MOST_WORDS]
        chosen = drawn.sample(titles, min(number, len(titles)))
        return [title if n % 2 else _piece(title, drawn) for n, title in enumerate(chosen)]

    def _changed(self, text: str, seed: int) -> str:
        """Leave out words, and exchange as many for words of the corpus; the title stays on its line."""
        drawn = random.Random(seed)
        lines = text.split("\n")
        changed = [" ".join(self._drawn(line.split(), drawn)) for line in lines]
        return "\n".join([changed[0] or lines[0], *changed[1:]])

    def _drawn(self, line: list[str], drawn: random.Random) -> Iterator[str]:
        for word in line:
            fate = drawn.random()
            if fate >= CHANGED:
                yield word if fate >= 2 * CHANGED else self.words[int(drawn.random() * len(self.words))]


def _piece(title: str, drawn: random.Random) -> str:
    words = title.split()
    length = drawn.randint(2, _MOST_WORDS)
    start = drawn.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def read_tiles(file: Path) -> Tiles:
    """Read rows of JSONL with id, text and perhaps split.

    Raises
    ------
    CorpusError
        A line is something else, or there are no documents or no queries among them.
    """
    rows: list[tuple[str, str]] = []
    titles: list[str] = []
    try:
        for line in file.read_bytes().splitlines():
            row = msgspec.json.decode(line, type=_Row)
            if row.split == "train":
                rows.append((str(row.id), row.text))
            else:
                titles.append(first_line(row.text, 1000))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file}: expected rows with id, text and split, found: {error}") from error
    if not rows or not titles:
        found = f"{len(rows)} and {len(titles)}"
        raise CorpusError(
            f"{file}: expected documents of split train, and others to ask by, found {found}; cut the corpus in two"
        )
    random.Random(0).shuffle(rows)
    words = [word for _, text in rows[:10_000] for word in text.split()]
    return Tiles(rows, titles, words)
