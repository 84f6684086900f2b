"""Colours: seen against the page, told apart by colour-blind readers, and one for a method wherever it is drawn."""

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.drawing.looks import DARK, LIGHT, label_looks
from semhash.evaluation.report.looks import looks_of
from semhash.evaluation.report.view import View

if TYPE_CHECKING:
    from semhash.evaluation.results import Results

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
LINES = ["own", "own-2", *(f"c{i}" for i in range(6))]
# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009:
# what is seen by somebody without one kind of cone, in linear RGB.
WITHOUT_RED = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
WITHOUT_GREEN = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]


def linear(colour: str) -> NDArray[np.float64]:
    """Linear RGB of #rrggbb, by the definition of sRGB."""
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """Contrast as WCAG 2 defines it, 1 to 21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(colour)) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* of linear RGB, under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089]), 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first: str, second: str, seen: list[list[float]]) -> float:
    """Distance of two colours as somebody sees them; about 2 can just be told apart."""
    matrix = np.array(seen)
    return float(np.linalg.norm(lab(matrix @ linear(first)) - lab(matrix @ linear(second))))


def test_the_measure_of_contrast_is_that_of_the_definition() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_and_lines_stand_out_from_the_page(colours: dict[str, str]) -> None:
    assert contrast(colours["ink"], colours["paper"]) >= 7
    assert min(contrast(colours[name], colours["paper"]) for name in [*LINES, "muted"]) >= 3


@THEMES
@pytest.mark.parametrize(
    "seen", [np.eye(3).tolist(), WITHOUT_RED, WITHOUT_GREEN], ids=["all", "no red", "no green"]
)
def test_colours_are_told_apart_and_semhash_most_of_all(
    colours: dict[str, str], seen: list[list[float]]
) -> None:
    far = {(a, b): difference(colours[a], colours[b], seen) for a, b in combinations(LINES, 2)}
    assert min(far.values()) > 10
    assert min(distance for pair, distance in far.items() if "own" in pair) > 20


def test_a_method_looks_the_same_in_all_parts_and_no_two_look_alike(
    made_results: "Callable[..., Results]",
) -> None:
    first, second = made_results(seed=1), made_results(seed=2, own=-0.3)
    looks = looks_of([View(first), View(second)])
    assert set(looks) == {r.title for results in (first, second) for r in results.measured}
    assert len(set(looks.values())) == len(looks)
    assert looks["semhash, 20 bits"].colour == "own"
    assert [title for title, look in looks.items() if look.colour == "own"] == ["semhash, 20 bits"]
    assert max(looks.values(), key=lambda look: look.width) == looks["semhash, 20 bits"]


def test_labels_that_share_a_colour_have_different_symbols() -> None:
    found = label_looks(12)
    assert len({(look.colour, look.symbol) for look in found}) == 12
    assert len({look.colour for look in found}) == 6
