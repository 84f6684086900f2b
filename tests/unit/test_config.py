import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from semhash.config import (
    CodeConfig,
    CorpusConfig,
    CorruptionConfig,
    IndexConfig,
    ModelConfig,
    NeighbourConfig,
    PenaltyConfig,
    PretrainingConfig,
    SupervisionConfig,
    TextConfig,
    TrainingConfig,
)
from semhash.errors import ConfigError

RECORDS = [
    CorpusConfig,
    TextConfig,
    CodeConfig,
    CorruptionConfig,
    NeighbourConfig,
    PenaltyConfig,
    PretrainingConfig,
    SupervisionConfig,
    ModelConfig,
    TrainingConfig,
    IndexConfig,
]
CHANGED: list[Any] = [
    CorpusConfig(labels="folder", split="train", fields={"text": "body", "id": "number"}, max_bytes=1),
    TextConfig(stop_words="none", vocabulary_size=1),
    ModelConfig(bits=128, hidden=(), tied=True, input_scale=1e-3, code=CodeConfig(threshold="median")),
    CodeConfig(kind="fixed-gaussian", noise=0.0, schedule="constant", threshold=0.1),
    CorruptionConfig(kind="gaussian", amount=3.0, varied=False),
    NeighbourConfig(neighbours=0, contrast=0.0, guide=0.0, guide_whitening=1.0, input_share=1.0),
    PenaltyConfig(l1=1.0, activation=0.2),
    PretrainingConfig(method="sparse-decomposition", learning_rate=0.5, masking=0.0),
    SupervisionConfig(loss="contrastive", margin=3.0),
    TrainingConfig(seed=2**63 - 1, train_documents=1, epochs=1, min_updates=0, learning_rate=1.0),
    IndexConfig(corpus=CorpusConfig(split="ß"), model=ModelConfig(bits=8), store_text=False),
]


@pytest.mark.parametrize("record", [*(kind() for kind in RECORDS), *CHANGED], ids=repr)
def test_what_is_written_as_json_is_read_back_equal(record: Any) -> None:
    written = json.dumps(record.to_json())
    assert type(record).from_json(json.loads(written)) == record


@pytest.mark.parametrize("record", CHANGED, ids=lambda record: type(record).__name__)
def test_every_field_is_kept(record: Any) -> None:
    assert set(record.to_json()) == set(record.__struct_fields__)
    assert record != type(record)()
    assert type(record).from_json({}) == type(record)()


@pytest.mark.parametrize("kind", RECORDS)
def test_an_unknown_field_is_an_error(kind: Any) -> None:
    with pytest.raises(ConfigError, match="unknown field `wordlist`"):
        kind.from_json({"wordlist": 1})
    with pytest.raises(TypeError):
        kind(wordlist=1)


@pytest.mark.parametrize("kind", RECORDS)
def test_records_cannot_be_changed(kind: Any) -> None:
    record = kind()
    with pytest.raises(AttributeError):
        setattr(record, record.__struct_fields__[0], None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"model": {"bits": "20"}}, r"Expected `int`, got `str` - at `\$\.model\.bits`"),
        ({"model": {"bits": 20.5}}, r"Expected `int`, got `float` - at `\$\.model\.bits`"),
        ({"model": {"bits": True}}, r"Expected `int`, got `bool`"),
        ({"model": {"hidden": [500, "500"]}}, r"at `\$\.model\.hidden\[1\]`"),
        ({"text": []}, r"at `\$\.text`"),
        ({"corpus": {"labels": "folders"}}, r"Invalid enum value 'folders' - at `\$\.corpus\.labels`"),
        ({"store_text": 1}, r"Expected `bool`, got `int` - at `\$\.store_text`"),
        ({"training": {"sede": 1}}, r"unknown field `sede` - at `\$\.training`"),
        ({"model": {"bits": 7}}, r"bits: expected 8 to 128, found 7 - at `\$\.model`"),
    ],
)
def test_an_error_names_the_place_of_the_value(value: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=f"^configuration: .*{told}"):
        IndexConfig.from_json(dict(value))


@pytest.mark.parametrize(
    ("kind", "field", "good", "bad"),
    [
        (ModelConfig, "bits", [8, 128], [7, 129, -20]),
        (ModelConfig, "hidden", [(), (1,), (500, 500)], [(0,), (500, -1)]),
        (CodeConfig, "noise", [0.0, 4.0], [-0.1, float("nan")]),
        (CodeConfig, "threshold", [0.1, 0.5, "median"], [0.0, 1.0, float("nan")]),
        (CorruptionConfig, "amount", [0.0, 0.999], [-0.1, 1.0, float("nan")]),
        (NeighbourConfig, "neighbours", [0, 50], [-1]),
        (NeighbourConfig, "input_share", [0.0, 1.0], [-0.1, 1.1, float("nan")]),
        (NeighbourConfig, "temperature", [0.1], [0.0, float("nan")]),
        (NeighbourConfig, "words", [1], [0]),
        (NeighbourConfig, "guide", [0.0, 5.0], [-0.1, float("nan")]),
        (NeighbourConfig, "guide_dimensions", [1, 500], [0]),
        (NeighbourConfig, "guide_rounds", [0, 500], [-1]),
        (NeighbourConfig, "guide_whitening", [0.0, 1.0], [-0.1, 1.1, float("nan")]),
        (NeighbourConfig, "contrast", [0.0, 5.0], [-0.1, float("nan")]),
        (PenaltyConfig, "contractive", [0.0, 2.0], [-1.0, float("nan")]),
        (PenaltyConfig, "activation", [0.5], [0.0, 1.0]),
        (ModelConfig, "input_scale", [0.1], [0.0, -1.0, float("nan")]),
        (TextConfig, "vocabulary_size", [1, 100_000], [0, 100_001]),
        (TrainingConfig, "seed", [0, 2**63 - 1], [-1, 2**63]),
        (TrainingConfig, "train_documents", [1], [0]),
        (TrainingConfig, "epochs", [1], [0]),
        (TrainingConfig, "min_updates", [0], [-1]),
        (TrainingConfig, "batch_size", [1], [0]),
        (TrainingConfig, "learning_rate", [1e-9], [0.0, -1.0, float("nan")]),
        (TrainingConfig, "iterations", [1], [0]),
        (TrainingConfig, "validation_share", [0.0, 0.5], [-0.1, 0.6, 1.0, float("nan")]),
        (TrainingConfig, "patience", [0, 100], [-1]),
        (PretrainingConfig, "epochs", [1], [0]),
        (PretrainingConfig, "learning_rate", [None, 1e-9], [0.0, -1.0, float("inf")]),
        (PretrainingConfig, "steps", [1], [0]),
        (PretrainingConfig, "momentum", [0.0, 0.9], [-0.1, 1.0]),
        (PretrainingConfig, "weight_cost", [0.0], [-1e-9]),
        (PretrainingConfig, "masking", [0.0, 0.9], [-0.1, 1.0]),
        (PretrainingConfig, "sparsity", [0.0], [-0.1]),
        (PretrainingConfig, "prediction", [0.0], [-0.1]),
        (SupervisionConfig, "weight", [1e-9], [0.0]),
        (SupervisionConfig, "margin", [0.5], [0.0]),
        (SupervisionConfig, "epochs", [1], [0]),
        (CorpusConfig, "max_bytes", [1], [0, -1]),
        (CorpusConfig, "fields", [{"text": "body"}], [{"body": "text"}]),
    ],
)
def test_ranges_are_checked_where_a_value_is_set_and_where_it_is_read(
    kind: Any, field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert kind.from_json(kind(**{field: value}).to_json()) == kind(**{field: value})
    for value in bad:
        with pytest.raises(ConfigError, match=f"{field.removesuffix('s')}.*: expected .*, found "):
            kind(**{field: value})
        with pytest.raises(ConfigError, match=r"expected .*, found "):
            kind.from_json(msgspec.to_builtins({field: value}))


def test_a_config_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="bits: expected 8 to 128, found 0"):
        ModelConfig(bits=0)


@pytest.mark.parametrize(
    ("kind", "field", "value", "told"),
    [
        (ModelConfig, "bits", 20.5, "bits: expected a whole number, found 20.5"),
        (ModelConfig, "bits", True, "bits: expected a whole number, found True"),
        (ModelConfig, "tied", 1, "tied: expected true or false, found 1"),
        (ModelConfig, "activation", "softplus", "activation: expected one of relu, .*, found 'softplus'"),
        (
            ModelConfig,
            "hidden",
            (500, "500"),
            r"hidden: expected a list, each item a whole number, found \(500, '500'\)",
        ),
        (ModelConfig, "code", TrainingConfig(), "code: expected a record"),
        (ModelConfig, "input_scale", float("inf"), "input_scale: expected a finite number, found inf"),
        (CodeConfig, "threshold", "mean", "threshold: expected a number or median, found 'mean'"),
        (CodeConfig, "noise", float("inf"), "noise: expected a finite number, found inf"),
        (TrainingConfig, "learning_rate", float("inf"), "learning_rate: expected a finite number, found inf"),
        (TrainingConfig, "patience", None, "patience: expected a whole number, found None"),
        (PretrainingConfig, "learning_rate", "a", "learning_rate: expected a number or none, found 'a'"),
        (TextConfig, "stop_words", None, "stop_words: expected a text, found None"),
        (
            TextConfig,
            "stop_words",
            "\udcff",
            r"stop_words: expected a text of Unicode characters, found '\\udcff'",
        ),
        (TextConfig, "stop_words", ["x" * 999], r"stop_words: expected a text, found \['x{198}…$"),
        (
            CorpusConfig,
            "fields",
            {"text": 3},
            "fields: expected a table, each value a text, found {'text': 3}",
        ),
        (CorpusConfig, "fields", {"text": "\ud800"}, "fields: expected a text of Unicode characters"),
        (TrainingConfig, "epochs", 2**64, "epochs: expected a whole number of at most 64 bits, found 18446"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error_in_python_too(
    kind: Any, field: str, value: object, told: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{told}"):
        kind(**{field: value})


def test_a_list_becomes_a_tuple_and_a_whole_number_a_number() -> None:
    given: Any = {"hidden": [30, 20], "input_scale": 2}
    made = ModelConfig(**given)
    assert (made.hidden, made.input_scale) == ((30, 20), 2.0)
    assert type(made.input_scale) is float
    assert hash(made) == hash(ModelConfig(hidden=(30, 20), input_scale=2.0))
