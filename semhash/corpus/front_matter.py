"""Front matter: what stands above a text in YAML (``---``) or TOML (``+++``) and says something about it."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from semhash.corpus.document import Skip
from semhash.corpus.rows import clean
from semhash.corpus.titles import one_line

__all__ = ["FrontMatter", "split_front_matter"]

_KEY = re.compile(r"[\w.-]+[ \t]*:(?:[ \t]|$)")
_TITLE = re.compile(r"title[ \t]*+:[ \t]++(.+)")
_BLOCK_SCALAR = re.compile(r"[|>][-+\d]*[ \t]*")
_ALIAS = re.compile(r"(?:^|[\s\[{,])[&*][\w-]")  # a few of these unfold to more than memory holds
_MAX_LINES = 200
_MAX_PARSED = 20_000  # characters


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What is above a text.

    Attributes
    ----------
    title : str
        Empty if there is none.
    metadata : dict
        The other fields, as JSON values; tags, date and author among them.
    """

    title: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Take the front matter off a text.

    Only a block that begins on the first line, ends within 200 lines and holds nothing but keys, comments
    and indented lines is front matter in YAML; a rule (``---``) above a paragraph is not. One in TOML must be TOML.

    Returns
    -------
    front : FrontMatter
        With nothing in it if there is none.
    text : str
        What is below.
    """
    lines = text.split("\n", _MAX_LINES)
    mark = lines[0].rstrip()
    ends = {"---": ("---", "..."), "+++": ("+++",)}.get(mark, ())
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ends), None)
    if end is None or end == _MAX_LINES:
        return FrontMatter(), text
    block = lines[1:end]
    below = "\n".join(lines[end + 1 :])
    if mark == "+++":
        fields = _parsed("\n".join(block), _toml)
        return (_front(fields), below) if fields else (FrontMatter(), text)
    if not any(_KEY.match(line) for line in block) or not all(_is_yaml(line) for line in block):
        return FrontMatter(), text
    fields = None if any(_ALIAS.search(line) for line in block) else _parsed("\n".join(block), _yaml)
    return (_front(fields) if fields else FrontMatter(_bare_title(block))), below


def _is_yaml(line: str) -> bool:
    return not line.strip() or line[0] in " \t#-]}" or _KEY.match(line) is not None


def _yaml(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(text)


def _parsed(text: str, parse: Callable[[str], Any]) -> dict[str, Any] | None:
    """Give the fields; None where they cannot be read, which is no reason to lose the text."""
    if len(text) > _MAX_PARSED:
        return None
    try:
        fields = parse(text)
        return clean(_plain(fields)) if isinstance(fields, dict) else None
    except (Skip, RecursionError):
        return None
    except Exception:  # what parsers raise on odd input is of many kinds; yaml's are no ValueError
        return None


def _plain(value: Any) -> Any:
    """Write dates as ISO 8601, and names as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | None) else str(value)


def _front(fields: dict[str, Any]) -> FrontMatter:
    title = fields.pop("title", None)
    return FrontMatter("" if title is None else one_line(str(title)), fields)


def _bare_title(block: list[str]) -> str:
    """Find the title in what looks like YAML and is none, as a title with a colon in it."""
    titles = (_TITLE.fullmatch(line.rstrip()) for line in block)
    return _unquoted(next((found[1] for found in titles if found), ""))


def _unquoted(value: str) -> str:
    if _BLOCK_SCALAR.fullmatch(value):
        return ""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].strip()
    return value.partition(" #")[0].strip()
