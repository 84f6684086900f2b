"""How numbers are written for people: rounded to what they can bear."""

from collections.abc import Sequence

__all__ = [
    "MISSING",
    "amount",
    "counted",
    "figure",
    "interval",
    "listed",
    "p_value",
    "plus_minus",
    "ratio",
    "signed",
    "spread",
    "whole",
]

MISSING = "–"
"""Stands where there is no number."""

_MINUS = "\N{MINUS SIGN}"


def figure(value: float | None) -> str:
    """Write a measure with three digits: 0.571."""
    return MISSING if value is None else f"{value:.3f}".replace("-", _MINUS)


def signed(value: float) -> str:
    """Write a difference with its sign: +0.261; nothing stands before what rounds to 0.000."""
    rounded = f"{value:+.3f}"
    return "0.000" if float(rounded) == 0 else rounded.replace("-", _MINUS)


def plus_minus(deviation: float | None) -> str:
    """Write a standard deviation: ± 0.005; empty where there is none."""
    return "" if deviation is None else f"±\N{NO-BREAK SPACE}{figure(deviation)}"


def spread(mean: float | None, deviation: float | None) -> str:
    """Write a mean, and where there is one the standard deviation: 0.571 ± 0.005."""
    return f"{figure(mean)} {plus_minus(deviation)}".rstrip()


def interval(ends: tuple[float, float] | None, join: str = "–") -> str:
    """Write an interval: 0.565–0.577; empty where there is none."""
    return "" if ends is None else f"{figure(ends[0])}{join}{figure(ends[1])}"


def whole(value: float) -> str:
    """Write a whole number: 11,314."""
    return f"{value:,.0f}"


def amount(value: float | None) -> str:
    """Write bytes, seconds, milliseconds with about three digits: 2.5, 0.034, 3,104."""
    if value is None:
        return MISSING
    if value == 0 or value >= 100:
        return whole(value)
    digits = 1 if value >= 10 else 2 if value >= 1 else 3
    written = f"{value:.{digits}f}"
    return written.rstrip("0").rstrip(".") if value >= 1 else f"{value:.2g}"


def ratio(value: float) -> str:
    """Write how many times: 32, 1.6."""
    return whole(value) if value >= 10 else f"{value:.1f}".removesuffix(".0")


def p_value(value: float) -> str:
    """Write the outcome of a test: p < 0.001, p = 0.03; with more digits where two would round it onto 0.05."""
    if value < 0.001:
        return "p < 0.001"
    digits = 3 if value < 0.01 else 4 if f"{value:.2f}" == "0.05" else 2
    return f"p = {value:.{digits}f}"


def counted(n: int, one: str, several: str | None = None) -> str:
    """Write how many of something: 1 query, 7,532 queries."""
    return f"{whole(n)} {one if n == 1 else several or one + 's'}"


def listed(items: Sequence[str], join: str = "and") -> str:
    """Write a list: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {join} {items[-1]}"
