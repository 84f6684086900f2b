"""Documents in the plane: the two directions in which their codes differ most."""

from collections.abc import Sequence

import numpy as np

from semhash import codes
from semhash.baselines.retriever import CodeRanking, FittedRetriever, Ranking
from semhash.drawing.plane import principal_components
from semhash.evaluation.own import ByCodes
from semhash.evaluation.results import DocumentMap
from semhash.evaluation.task import Side, some

__all__ = ["draw_map", "principal_components"]

MAX_DOCUMENTS = 3000
_SEED = 0
_DIGITS = 4


def draw_map(fitted: FittedRetriever, ranking: Ranking, database: Side, title: str) -> DocumentMap | None:
    """Lay some of a database's documents out in the plane.

    By the first two principal components of the probabilities at the code layer; of the codes themselves where
    only those can be had.

    Parameters
    ----------
    fitted : FittedRetriever
    ranking : CodeRanking or ScoreRanking
        What it gave; None is made of scores.
    database : Side
        A seeded sample of at most 3,000 documents is taken.
    title : str
        The method's.
    """
    if not isinstance(ranking, CodeRanking):
        return None
    order = np.random.default_rng(_SEED).permutation(len(database))
    rows = np.sort(order[:MAX_DOCUMENTS])
    probabilities = fitted.learned.probabilities if isinstance(fitted, ByCodes) else None
    if probabilities is not None:
        what, values = "the code layer's probabilities", probabilities(some(database.documents, rows))
    else:
        what, values = "the codes", codes.unpack(ranking.documents[rows], ranking.bits).astype(np.float32)
    places, share = principal_components(values)
    labels: Sequence[tuple[str, ...]] = database.documents.labels
    return DocumentMap(
        how=f"The first two principal components of {what} ({title}), which hold {share:.0%} of the variance",
        x=np.round(places[:, 0], _DIGITS).tolist(),
        y=np.round(places[:, 1], _DIGITS).tolist(),
        label=[next(iter(labels[row]), "") for row in rows.tolist()],
        title=[database.titles[row] for row in rows.tolist()],
    )
