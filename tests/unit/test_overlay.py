import re
from typing import Any

import pytest

from semhash.config import CorpusConfig, IndexConfig, ModelConfig, TrainingConfig
from semhash.config.overlay import merged, nested, overlay
from semhash.config.record import Record, require
from semhash.errors import ConfigError


def test_only_what_is_named_changes_and_the_record_given_stays_as_it_is() -> None:
    base = IndexConfig(training=TrainingConfig(seed=4))
    found = overlay(base, {"model": {"bits": 32, "code": {"threshold": "median"}}})
    expected = base.to_json()
    expected["model"]["bits"] = 32
    expected["model"]["code"]["threshold"] = "median"
    assert found.to_json() == expected
    assert base == IndexConfig(training=TrainingConfig(seed=4))


def test_nothing_named_is_the_same() -> None:
    assert overlay(IndexConfig(), {}) == overlay(IndexConfig(), {"model": {"code": {}}}) == IndexConfig()


def test_a_table_of_names_is_added_to() -> None:
    base = CorpusConfig(fields={"text": "body", "id": "number"})
    assert overlay(base, {"fields": {"text": "content"}}).fields == {"text": "content", "id": "number"}


def test_values_are_checked_against_each_other_once_all_are_set() -> None:
    """A share of 2 would be wrong with masking, and Gaussian noise of 2 is not: the order must not matter."""
    for names in (("amount", "kind"), ("kind", "amount")):
        changes = {"amount": 2.0, "kind": "gaussian"}
        found = overlay(ModelConfig(), {"corruption": {name: changes[name] for name in names}})
        assert (found.corruption.kind, found.corruption.amount) == ("gaussian", 2.0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bits": "20"}, "bits: expected a whole number, found '20'"),
        ({"bits": 300}, "bits: expected 8 to 128, found 300"),
        ({"tied": 1}, "tied: expected true or false, found 1"),
        ({"hidden": 500}, "hidden: expected a list, each item a whole number, found 500"),
        ({"code": 3}, "code: expected a table, found 3"),
        ({"code": {"kind": {}}}, "code.kind: expected one of bernoulli, .*, found {}"),
        ({"code": {"threshold": 2}}, "code.threshold: expected a probability above 0 and below 1, .*, found 2.0"),
        ({"corruption": {"amount": 1}}, "corruption.amount: expected a share, 0 to below 1, found 1.0"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_named_by_its_dotted_key(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=f"^{told}$"):
        overlay(ModelConfig(), changes)
    with pytest.raises(ConfigError, match=rf"^here, model\.{told}$"):
        overlay(IndexConfig(), {"model": changes}, lambda key: f"here, {key}")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": {"likelyhood": 1}}, "did you mean model.likelihood?"),
        ({"modle": {}}, "did you mean model?"),
        ({"persets": "plain"}, "did you mean preset?"),
        ({"code": {}}, "did you mean model.code?"),
        ({"bits": 20}, "did you mean model.bits?"),
        ({"bitz": 20}, "did you mean model.bits?"),
        ({"training": {"store_text": True}}, "did you mean store_text at the top, before any table?"),
        ({"training": {"threshold": 0.5}}, "did you mean model.code.threshold?"),
        ({"text": {"zzzz": 1}}, "known: language, stop_words, vocabulary, vocabulary_size"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_one(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=f"found an unknown one; {re.escape(told)}$"):
        overlay(IndexConfig(), changes, besides=("preset",))


def test_a_key_of_several_tables_is_told_with_all_of_them() -> None:
    with pytest.raises(
        ConfigError, match=r"^epochs: expected a key at the top, before any table, found"
    ) as raised:
        overlay(IndexConfig(), {"epochs": 3})
    tables = ("model.pretraining", "model.supervision", "training")
    assert str(raised.value).endswith(f"mean {' or '.join(f'{table}.epochs' for table in tables)}?")


def test_an_unknown_key_is_told_with_its_table() -> None:
    with pytest.raises(ConfigError, match=r"^model\.code\.knid: expected a key of \[model\.code\], found"):
        overlay(IndexConfig(), {"model": {"code": {"knid": "gaussian"}}})


class Inner(Record, frozen=True, kw_only=True):
    size: int = 1


class Outer(Record, frozen=True, kw_only=True):
    inner: Inner = Inner()
    limit: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.inner.size <= self.limit, "size", "at most the limit", self.inner.size)


def test_what_a_record_says_of_one_in_it_is_told_by_that_ones_key() -> None:
    with pytest.raises(ConfigError, match=r"^inner\.size: expected at most the limit, found 1$"):
        overlay(Outer(), {"limit": 0})


def test_dotted_keys_become_tables() -> None:
    assert nested({"a.b.c": 1, "a.b.d": 2, "a.e": 3, "f": 4}) == {
        "a": {"b": {"c": 1, "d": 2}, "e": 3},
        "f": 4,
    }


def test_dotted_keys_leave_tables_that_they_go_into_as_they_were() -> None:
    table = {"bits": 20}
    assert nested({"model": table, "model.tied": True}) == {"model": {"bits": 20, "tied": True}}
    assert table == {"bits": 20}
    assert nested({"model": 3, "model.bits": 20}) == nested({"model.bits": 20, "model": 3}) == {"model": 3}


def test_of_two_sets_of_changes_the_upper_one_wins() -> None:
    below = {"a": {"b": 1, "c": 2}, "d": 3}
    above = {"a": {"c": 4, "e": {"f": 5}}}
    assert merged(below, above) == {"a": {"b": 1, "c": 4, "e": {"f": 5}}, "d": 3}
    assert below == {"a": {"b": 1, "c": 2}, "d": 3}


def test_what_is_no_table_where_one_must_be_is_not_covered_up() -> None:
    assert merged({"model": 3}, {"model": {"bits": 32}}) == {"model": 3}
