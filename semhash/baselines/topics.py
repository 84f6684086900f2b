"""Documents as shares of topics: latent Dirichlet allocation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import LatentDirichletAllocation

from semhash.baselines.hashing.points import Points
from semhash.baselines.projected import Space, check_size
from semhash.baselines.retriever import Documents
from semhash.vocabulary import Counts

__all__ = ["LatentDirichlet"]

_SAMPLE = 10_000
_PASSES = 40
_UPDATES = 10


@dataclass(frozen=True)
class LatentDirichlet:
    """Latent Dirichlet allocation over counts: each document's share of each topic.

    Blei, Ng and Jordan, *Latent Dirichlet Allocation*, JMLR 3 (2003), by variational Bayes over all documents in
    each pass; both priors are one over the number of topics. Learned from 10,000 documents at most.

    Attributes
    ----------
    size : int
        Topics.
    seed : int
        Start of the random streams of the sample and of the first topics.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Find the topics.

        Raises
        ------
        EvaluationError
            The database has fewer documents or words than there are to be topics.
        """
        points = Points.of(database)
        check_size(points.counts, self.size, "LDA")
        rows = points.draw(self.seed, _SAMPLE)
        model = LatentDirichletAllocation(
            self.size,
            learning_method="batch",
            max_iter=_PASSES,
            max_doc_update_iter=_UPDATES,
            random_state=self.seed,
        )
        model.fit(_matrix(points.counts.take(rows)))
        config: dict[str, object] = {
            "words": points.counts.n_columns,
            "learned_from": len(rows),
            "passes": _PASSES,
        }
        return Space(lambda counts: model.transform(_matrix(counts)), config)


def _matrix(counts: Counts) -> Any:
    shape = (len(counts), counts.n_columns)
    return sp.csr_matrix((counts.data.astype(np.float64), counts.indices, counts.indptr), shape=shape)
