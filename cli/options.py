"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from semhash.errors import ConfigError

__all__ = [
    "AsJson",
    "Exact",
    "Group",
    "IndexPlace",
    "PerDocument",
    "Plain",
    "Quiet",
    "Radius",
    "Rank",
    "Ranking",
    "Top",
    "Where",
    "path",
    "read_filter",
]


def path(given: str) -> Path:
    """Read a path; an empty one, as of a variable that is not set, must not mean the working directory."""
    if not given:
        raise typer.BadParameter("expected a path, found an empty one")
    return Path(given)


class Ranking(StrEnum):
    """What hits are ranked by: the names of `semhash.ranking.rankers.RANKERS`, here without what they load."""

    HAMMING = "hamming"
    ASYMMETRIC = "asymmetric"
    TFIDF = "tfidf"
    BM25 = "bm25"
    HYBRID = "hybrid"


IndexPlace = Annotated[
    Path | None,
    typer.Option(
        "--index",
        parser=path,
        metavar="DIR",
        help="The index: its folder, or its name in the folder of indexes ($SEMHASH_INDEXES, or indexes/). "
        "Needed only when there are several.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress bars, no remarks; errors are still told.")
]
Top = Annotated[int, typer.Option("-k", min=1, metavar="N", help="Hits to give at most.")]
Radius = Annotated[
    int | None,
    typer.Option(
        "--radius",
        min=0,
        metavar="R",
        help="Look in the ball of this many bits; without it, the ball grows until it holds enough.",
    ),
]
Rank = Annotated[
    Ranking,
    typer.Option(
        "--rank",
        help="What hits are ranked by: hamming, the distance of their codes; asymmetric, how likely their codes "
        "are when every bit of the query counts as much as it is sure; tfidf, the words that they share with it, "
        "inside a ball of 500 documents or more; bm25, those words alone, wherever the codes are; hybrid, words "
        "and codes together.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="Find only documents of which this is true: label=NAME, path=GLOB, split=NAME, or FIELD=VALUE for a "
        "field of their metadata (metadata.label=VALUE where it is called label). "
        "May be given again: for the same key any value will do, different keys must "
        "all be met.",
    ),
]
Group = Annotated[
    bool | None,
    typer.Option(
        "--group/--no-group",
        help="Put documents that are nearly the same under the best of them, and count them as one hit. "
        "So it is by default in the table of hits, and not in JSON or runs.",
        show_default=False,
    ),
]
PerDocument = Annotated[
    bool | None,
    typer.Option(
        "--per-document/--no-per-document",
        help="Of passages of one document, show the best alone. So it is by default in the table of "
        "hits, and not in JSON or runs.",
        show_default=False,
    ),
]
Exact = Annotated[
    bool,
    typer.Option(
        "--exact",
        help="Find words only as they are written, but for their case: no other endings, accents as they stand, "
        "and no guess at what was meant.",
    ),
]
Plain = Annotated[
    bool,
    typer.Option("--plain", help="Take all of TEXT for words: no quotes, -, * or : that mean more."),
]


def read_filter(given: list[str] | None) -> dict[str, list[str]] | None:
    """Read what --where was given: the values of each key; None when there is nothing to filter by."""
    found: dict[str, list[str]] = {}
    for each in given or []:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise ConfigError(f"--where: expected KEY=VALUE, such as label=sci.space, found {each!r}")
        found.setdefault(key, []).append(value)
    return found or None
