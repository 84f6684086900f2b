import numpy as np
import pytest

from semhash.duplicates.components import Components


def by_walking(n: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Components found by walking along the pairs from each document."""
    beside: dict[int, set[int]] = {row: {row} for row in range(n)}
    for a, b in pairs:
        beside[a].add(b)
        beside[b].add(a)
    found: list[list[int]] = []
    for row in range(n):
        if any(row in group for group in found):
            continue
        reached, waiting = set(), [row]
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting.extend(beside[at])
        found.append(sorted(reached))
    return found


@pytest.mark.parametrize("n_pairs", [0, 5, 20, 60])
def test_groups_are_those_found_by_walking_along_the_pairs(n_pairs: int) -> None:
    source = np.random.default_rng(n_pairs)
    pairs = source.integers(0, 40, size=(n_pairs, 2))
    components = Components(40)
    for some in np.array_split(pairs, 4):
        components.join(some[:, 0], some[:, 1])
    expected = by_walking(40, [(a, b) for a, b in pairs.tolist()])
    assert [rows.tolist() for rows in components.groups()] == [group for group in expected if len(group) > 1]
    names = components.names()
    assert all((names[group] == min(group)).all() for group in expected)


def test_a_long_chain_is_one_component_from_whichever_end() -> None:
    upwards, downwards = Components(500), Components(500)
    rows = np.arange(499)
    upwards.join(rows, rows + 1)
    downwards.join(rows[::-1] + 1, rows[::-1])
    assert not upwards.names().any()
    assert not downwards.names().any()
