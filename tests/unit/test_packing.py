"""Texts as the catalogue stores them."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.catalogue import packing
from semhash.catalogue.guard import unpacked
from semhash.catalogue.packing import pack_all


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8), st.integers(0, 300))
def test_texts_come_back_in_their_order_however_many_there_are(texts: list[str], more: int) -> None:
    many = [*texts, *(f"text {number}" for number in range(more))]
    packed = pack_all(many)
    assert [one is not None and zlib.decompress(one).decode() for one in packed] == many
    assert packed == [one for text in many for one in pack_all([text])]
    assert [unpacked(one) for one in packed] == many


@pytest.mark.parametrize("n", [3, 500])
def test_a_text_beyond_the_limit_is_not_stored(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_TEXT", 10)
    packed = pack_all(["short", *["of many bytes"] * n, "é" * 5, "é" * 6])
    assert [one is None for one in packed] == [False, *[True] * n, False, True]
