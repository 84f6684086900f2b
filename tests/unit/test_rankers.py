import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.errors import ConfigError
from semhash.ranking.rankers import DEFAULT_RANK, RANKERS, _others, ranker


def test_the_option_names_every_ranker_and_no_other() -> None:
    options = importlib.import_module("semhash_cli.options")
    assert [str(name) for name in options.Ranking] == list(RANKERS)
    assert DEFAULT_RANK in RANKERS


def test_an_unknown_ranker_is_told_with_all_that_are_known() -> None:
    with pytest.raises(ConfigError, match=r"rank: expected one of hamming, .*tfidf.*, found 'tf-idf'"):
        ranker("tf-idf")


@settings(deadline=None)  # the first call pays for what others load
@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_other_rows_are_those_of_the_one_that_are_not_in_the_other(rows: set[int], among: set[int]) -> None:
    found = _others(np.array([*rows], dtype=np.int64), np.array([*among], dtype=np.int64))
    assert found.tolist() == sorted(rows - among)
