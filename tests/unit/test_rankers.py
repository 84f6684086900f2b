import importlib

import pytest

from semhash.errors import ConfigError
from semhash.rankers import DEFAULT_RANK, RANKERS, ranker


def test_the_option_names_every_ranker_and_no_other() -> None:
    options = importlib.import_module("semhash_cli.options")
    assert [str(name) for name in options.Ranking] == list(RANKERS)
    assert DEFAULT_RANK in RANKERS


def test_an_unknown_ranker_is_told_with_all_that_are_known() -> None:
    with pytest.raises(ConfigError, match=r"rank: expected one of hamming, .*tfidf.*, found 'tf-idf'"):
        ranker("tf-idf")
