"""What a progress bar says of speed."""

from importlib import import_module

import pytest

with_rate = import_module("semhash_cli.console").with_rate


@pytest.mark.parametrize(
    ("stage", "speed", "detail", "told"),
    [
        ("read", 12_345_678.0, "36 documents", "36 documents, 12.3 MB/s"),
        ("encode", 1234.5, "", "1,234 documents/s"),
        ("train", 2.345, "epoch 3", "epoch 3, 2.3 batches/s"),
        ("train", None, "epoch 1", "epoch 1"),
        ("verify", 2_500_000_000.0, "", "2,500.0 MB/s"),
        ("compare", 120_000.0, "", "120,000 pairs/s"),
        ("write", 3.0, "", ""),
    ],
)
def test_a_rate_is_told_beside_the_remark_where_it_is_one_of_things(
    stage: str, speed: float | None, detail: str, told: str
) -> None:
    assert with_rate(stage, speed, detail) == told
