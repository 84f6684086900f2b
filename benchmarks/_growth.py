"""How much longer a lookup takes in a larger table, at an equal number of documents returned."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    tasks: list[dict[str, Any]] = []
    for k in (10, 100):
        lookups = {n: partial(table.nearest, k=k) for n, table in tables.items()}
        at_once = {n: partial(table.nearest_many, k=k) for n, table in tables.items()}
        tasks += _compared(
            f"{k} nearest", lookups, at_once, dict.fromkeys(tables, asked), rounds=rounds, documents=k
        )
    first = min(tables)
    for n in list(tables)[1:]:
        pairs = _pairs(many, tables[first], tables[n], rng)
        if pairs is not None:
            both = {size: tables[size] for size in (first, n)}
            lookups = {size: partial(table.ball, radius=_RADIUS) for size, table in both.items()}
            at_once = {size: partial(table.ball_many, radius=_RADIUS) for size, table in both.items()}
            questions = dict(zip(both, pairs[0], strict=True))
            tasks += _compared(
                f"ball, radius {_RADIUS}", lookups, at_once, questions, rounds=rounds, documents=pairs[1]
            )
    return {"tasks": tasks}


def _table(many: ManyCodes, n: int, seed: int) -> HammingTable:
    return HammingTable.build(
        as_packed(many.sized(n, seed), many.bits), many.bits, np.arange(n), compiled=True
    )


def _compared(
    title: str,
    lookups: Mapping[int, Callable[[int], object]],
    at_once: Mapping[int, Callable[[codes.Packed], object]],
    questions: Mapping[int, codes.Packed],
    *,
    rounds: int,
    documents: float,
) -> Iterator[dict[str, Any]]:
    """Time a lookup in each table, one question at a time and all at once."""
    singly = {n: codes.to_ints(packed) for n, packed in questions.items()}
    ways: dict[str, dict[str, Callable[[], object]]] = {
        "one at a time": {str(n): partial(_each, ask, singly[n]) for n, ask in lookups.items()},
        "many at once": {str(n): partial(ask, questions[n]) for n, ask in at_once.items()},
    }
    for way, works in ways.items():
        times = in_turns(works, rounds)
        base = next(iter(times.values()))
        longer = {name: round(ratio(taken, base), 3) for name, taken in times.items()}
        yield {"task": title, "way": way, "documents": round(documents, 1), "times_smallest": longer}


def _each(ask: Callable[[int], object], questions: Sequence[int]) -> None:
    for question in questions:
        ask(question)


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
