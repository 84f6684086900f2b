"""Words as TF-IDF weights: what a corpus says of its words, and what those make of documents."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from semhash.vocabulary import Counts, inverse_document_frequency, sublinear_frequency

__all__ = ["Weighting"]


@dataclass(frozen=True, eq=False)
class Weighting:
    """Weighs words ``(1 + ln tf) * idf ** power``, and scales each document to length 1.

    Salton and Buckley, *Term-weighting approaches in automatic text retrieval*, Information Processing and
    Management 24 (1988). The idf is that of the documents learned from, whatever documents are weighed.

    Attributes
    ----------
    idf : ndarray of shape (n_words,), float32
        The power already taken.
    """

    idf: NDArray[np.float32]

    @classmethod
    def learn(cls, counts: Counts, power: float = 1.0) -> Self:
        """Learn how rare each word is.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
        power : float
            Power that the inverse document frequency is taken to.
        """
        return cls(inverse_document_frequency(counts.document_frequency(), len(counts)) ** power)

    def weigh(self, counts: Counts) -> Any:
        """Weigh documents.

        Parameters
        ----------
        counts : Counts of shape (n_documents, n_words)
            Over the words learned from.

        Returns
        -------
        sparse matrix of shape (n_documents, n_words), float32
            In CSR form. Rows have length 1; that of a document without words is all zeros.
        """
        data = sublinear_frequency(counts.data) * self.idf[counts.indices]
        owners = counts.owners()
        lengths = np.sqrt(np.bincount(owners, weights=data**2, minlength=len(counts)))
        # Fractional counts can be so small that their squares are 0.
        lengths = np.where(lengths > 0, lengths, 1)
        data = (data / lengths[owners]).astype(np.float32)
        return sp.csr_matrix((data, counts.indices, counts.indptr), shape=(len(counts), counts.n_columns))
