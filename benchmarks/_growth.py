"""How much longer a lookup takes in a larger table, at an equal number of documents returned."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from _many_codes import ManyCodes, as_packed
from _rounds import in_turns, ratio
from numpy.typing import NDArray

from semhash import codes
from semhash.hamming_table import HammingTable

__all__ = ["growth"]

_POOL, _PAIRS = 20_000, 512
_RADIUS = 2
_FLIPS = 10


def growth(many: ManyCodes, sizes: Sequence[int], rounds: int, seed: int) -> dict[str, Any]:
    """Time the same lookups in tables of all sizes, in turns.

    The nearest 10 and 100 of one code are as many everywhere. A ball holds more in a larger table, so for balls
    questions are drawn from codes with up to ten bits flipped, and asked are those that find, in the smallest table
    and in another, equally many.

    Returns
    -------
    figures : dict
        For each task and size, times as long as in the smallest table.
    """
    tables = {n: _table(many, n, seed) for n in sorted(sizes)}
    rng = np.random.default_rng(seed + 2)
    asked = as_packed(rng.choice(many.addresses, _PAIRS), many.bits)
    figures: dict[str, Any] = {"tasks": []}
    for k in (10, 100):
        works = {str(n): partial(table.nearest_many, asked, k) for n, table in tables.items()}
        figures["tasks"].append(_compared(f"{k} nearest", works, rounds, documents=k))
    first = min(tables)
    for n in list(tables)[1:]:
        pairs = _pairs(many, tables[first], tables[n], rng)
        if pairs is None:
            continue
        (small, large), found = pairs
        works = {
            str(first): partial(tables[first].ball_many, small, _RADIUS),
            str(n): partial(tables[n].ball_many, large, _RADIUS),
        }
        title = f"ball, radius {_RADIUS}, questions that find equally many"
        figures["tasks"].append(_compared(title, works, rounds, documents=found))
    return figures


def _table(many: ManyCodes, n: int, seed: int) -> HammingTable:
    return HammingTable.build(as_packed(many.sized(n, seed), many.bits), many.bits, np.arange(n))


def _compared(title: str, works: dict[str, Any], rounds: int, documents: float) -> dict[str, Any]:
    times = in_turns(works, rounds)
    base = next(iter(times.values()))
    times_longer = {name: round(ratio(taken, base), 3) for name, taken in times.items()}
    return {"task": title, "documents": round(documents, 1), "times_smallest": times_longer}


def _pairs(
    many: ManyCodes, small: HammingTable, large: HammingTable, rng: np.random.Generator
) -> tuple[tuple[codes.Packed, codes.Packed], float] | None:
    """Draw questions for both tables that find as many documents in one as in the other; None where none do."""
    pools = [_pool(many, table, rng) for table in (small, large)]
    shared = range(1, 1 + min(int(counts.max()) for _, counts in pools))
    chosen: list[tuple[int, int]] = []
    by_count = [[np.flatnonzero(counts == found) for found in shared] for _, counts in pools]
    for ours, theirs in zip(*by_count, strict=True):
        chosen += zip(ours.tolist(), theirs.tolist(), strict=False)
    if not chosen:
        return None
    picked = rng.permutation(np.array(chosen))[:_PAIRS].T
    questions = [as_packed(pool[at], many.bits) for (pool, _), at in zip(pools, picked, strict=True)]
    return (questions[0], questions[1]), float(pools[0][1][picked[0]].mean())


def _pool(
    many: ManyCodes, table: HammingTable, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw codes with some bits flipped, and count what their balls hold."""
    drawn = rng.choice(many.addresses, _POOL)
    share = rng.random(_POOL) * _FLIPS / many.bits
    for bit in range(many.bits):
        drawn ^= (rng.random(_POOL) < share).astype(np.int64) << bit
    counts = [
        np.diff(table.ball_many(as_packed(part, many.bits), _RADIUS).bounds) for part in np.split(drawn, 40)
    ]
    return drawn, np.concatenate(counts)
