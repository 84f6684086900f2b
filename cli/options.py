"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "IndexPlace", "Quiet", "Radius", "Rank", "Ranking", "Top", "path"]


def path(given: str) -> Path:
    """Read a path; an empty one, as of a variable that is not set, must not mean the working directory."""
    if not given:
        raise typer.BadParameter("expected a path, found an empty one")
    return Path(given)


class Ranking(StrEnum):
    """What hits are ranked by: the names of `semhash.rankers.RANKERS`, here without what they load."""

    HAMMING = "hamming"
    ASYMMETRIC = "asymmetric"
    TFIDF = "tfidf"


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
        "inside a ball of 500 documents or more.",
    ),
]
