"""Titles on one line, fit to be printed."""

import re

__all__ = ["first_line", "one_line", "with_title"]

MAX_TITLE = 300
# Control characters could drive a terminal, and the marks that turn text around could disguise a title.
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str, limit: int = MAX_TITLE) -> str:
    """Put text on one line of at most ``limit`` characters, without control characters."""
    text = text[: 4 * limit]
    if "  " in text or not text.isprintable():
        text = _BREAKS.sub(" ", text)
    return text.strip()[:limit].rstrip()


def first_line(text: str, limit: int = 80) -> str:
    """Give the first line of a text that is not blank, cut at ``limit`` characters."""
    return one_line(text.lstrip().partition("\n")[0], limit)


def with_title(title: str, text: str) -> str:
    """Put a title before the text that it belongs to, unless the text is blank or begins with it."""
    begins = text.lstrip()[: len(title) + 1]
    repeated = begins.startswith(title) and not begins[len(title) :].isalnum()
    return text if not title or not begins or repeated else f"{title}\n{text}"
