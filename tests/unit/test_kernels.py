"""When lookups are compiled, and what happens where they cannot be."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from semhash import codes
from semhash.errors import CodeError
from semhash.hamming_table import HammingTable

TABLE = """
import sys
import numpy as np
from semhash import codes, kernels
from semhash.hamming_table import HammingTable
packed = codes.from_ints([3, 3, 9, 200], 8)
table = HammingTable.build(packed, 8, np.arange(4))
"""


def said(code: str) -> list[str]:
    """What a Python of its own prints, a word at a time."""
    done = subprocess.run([sys.executable, "-c", TABLE + code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.slow
def test_lookups_are_compiled_when_it_is_asked_for_or_pays() -> None:
    """And not before: one process, since what was loaded stays loaded."""
    assert (
        said("""
table.ball(3, 1), table.nearest_many(packed, 2)
print("numba" in sys.modules, kernels.table_kernel() is None)
kernels.load_if_it_pays(kernels.PAYS_AFTER - 5)
print("numba" in sys.modules)
print(*table.nearest_many(packed, 2)[3].rows)
print("numba" in sys.modules, table._kernel is not None, kernels.load())
print(*table.nearest_many(packed, 2)[3].rows, *table.nearest(200, 2).rows)
""")
        == "False True False 3 2 True True True 3 2 3 2".split()
    )


def test_without_numba_everything_is_answered_all_the_same() -> None:
    assert (
        said("""
sys.modules["numba"] = None
print(kernels.load(), kernels.load_if_it_pays(10**9), *table.ball(3, 2).rows, *table.nearest_many(packed, 1).rows)
""")
        == "False False 0 1 2 0 0 2 3".split()
    )


def test_what_is_out_of_range_is_named_in_batches_too() -> None:
    packed = codes.from_ints([3, 9], 8)
    table = HammingTable.build(packed, 8, np.arange(2))
    out_of_range: list[tuple[Callable[[], object], str]] = [
        (lambda: table.ball_many(packed, -1), "radius: expected 0 bits or more, found -1"),
        (lambda: table.nearest_many(packed, 0), "k: expected 1 document or more, found 0"),
        (lambda: table.ball_many(packed, 1, threads=0), "threads: expected 1 thread or more, found 0"),
        (lambda: table.nearest_many(packed[:, :0], 1), "packed codes: expected uint8 of shape"),
    ]
    for call, message in out_of_range:
        with pytest.raises(CodeError, match=message):
            call()
