"""A corpus as large as is wanted out of a smaller one: tiled, with other words left out and exchanged in each copy."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from semhash.corpus.titles import first_line, one_line, with_title
from semhash.errors import CorpusError

__all__ = ["CHANGED", "Tiles", "read_tiles"]

CHANGED = 0.1
"""The share of a copy's words that is left out, and the share that is exchanged for other words of the corpus."""

_MOST_WORDS = 4  # of a piece of a title
_ASKED = 20


class _Row(msgspec.Struct):
    id: str | int
    text: str
    split: str = "train"
    title: str | None = None

    @property
    def counted(self) -> str:
        """What an index of this row would count."""
        return with_title(one_line(self.title or ""), self.text)


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
        titles = [title for title in self.titles if len(title.split()) > 1]
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
    length = drawn.randint(2, min(_MOST_WORDS, len(words)))
    start = drawn.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def read_tiles(file: Path) -> Tiles:
    """Read rows of JSONL with id, text and perhaps title and split; without splits, a twentieth is for asking by.

    Raises
    ------
    CorpusError
        A line is something else, or there are too few.
    """
    try:
        read = [
            msgspec.json.decode(line, type=_Row) for line in file.read_bytes().splitlines() if line.strip()
        ]
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file}: expected rows with id and text, found: {error}") from error
    read = [row for row in read if row.text.strip()]
    random.Random(0).shuffle(read)
    if all(row.split == "train" for row in read):
        for row in read[::_ASKED]:
            row.split = "test"
    rows = [(str(row.id), row.counted) for row in read if row.split == "train"]
    titles = [row.title or first_line(row.text, 1000) for row in read if row.split != "train"]
    if not rows or not titles:
        raise CorpusError(f"{file}: expected documents, and others to ask by, found {len(read)} rows")
    words = [word for _, text in rows[:10_000] for word in text.split()]
    return Tiles(rows, titles, words)
