"""What scikit-learn's users hand over, as semhash has it: matrices, labels, seeds and options."""

from typing import Any, TypeVar

import msgspec
import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from semhash.config.record import Record
from semhash.errors import ConfigError
from semhash.vocabulary import Counts

__all__ = ["as_counts", "as_labels", "as_seed", "overlaid"]

SomeRecord = TypeVar("SomeRecord", bound=Record)


def as_counts(matrix: Any) -> Counts:
    """Take a matrix of counts for `Counts`; it is left as it was.

    Parameters
    ----------
    matrix : ndarray or CSR matrix of shape (n_documents, n_words), float32
        0 or above. Entries may stand in any order, twice, or be zeros that are stored.

    Returns
    -------
    Counts of shape (n_documents, n_words)
    """
    csr = sp.csr_array(matrix)
    if not csr.has_canonical_format or not csr.data.all():
        csr = csr.copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
    indptr, indices = csr.indptr.astype(np.int64), csr.indices.astype(np.int32)
    return Counts(indptr, indices, csr.data, csr.shape[1])


def as_labels(y: Any, n_documents: int) -> list[tuple[str, ...]]:
    """Take scikit-learn's y for the labels of each document.

    Parameters
    ----------
    y : array of shape (n_documents,), or array or sparse matrix of shape (n_documents, n_labels)
        A label for each document, of any type that classes may have; or 1 where a document has a label and
        0 elsewhere.
    n_documents : int

    Returns
    -------
    list of tuple of str
        Each document's labels, none of them, one or several.

    Raises
    ------
    ConfigError
        There is no y.
    ValueError
        It is no array of labels, or of another length.
    """
    if y is None:
        raise ConfigError(
            'y: expected labels, since supervision asks for them, found none; pass y, or set supervision="none"'
        )
    y = check_array(y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y")
    check_consistent_length(y, np.empty(n_documents))
    if type_of_target(y) == "multilabel-indicator":
        rows = sp.csr_array(y)
        return [tuple(map(str, rows[[row]].nonzero()[1].tolist())) for row in range(n_documents)]
    check_classification_targets(y)
    return [(str(label),) for label in column_or_1d(y, warn=True).tolist()]


def as_seed(random_state: Any) -> int:
    """Make a seed of scikit-learn's random_state: an int is one; from anything else one is drawn.

    Raises
    ------
    ValueError
        It is none of what scikit-learn allows.
    """
    random = check_random_state(random_state)
    return int(random_state) if isinstance(random_state, int | np.integer) else int(random.randint(2**31 - 1))


def overlaid(record: SomeRecord, **options: Any) -> SomeRecord:
    """Set options of a record, but for those that are None.

    Raises
    ------
    ConfigError
        An option is of the wrong type or out of range.
    """
    given = {name: _plain(value) for name, value in options.items() if value is not None}
    return msgspec.structs.replace(record, **given)


def _plain(value: Any) -> Any:
    """Give numpy's numbers as Python's, and any sequence of numbers as a list."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
