"""Spaces learned from the database's labels: linear discriminants, and neighbourhood components."""

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NeighborhoodComponentsAnalysis

from semhash.baselines.factors import principal_components
from semhash.baselines.hashing.label_pairs import labelled
from semhash.baselines.hashing.points import Points
from semhash.baselines.projected import Space, check_size
from semhash.baselines.retriever import Documents
from semhash.errors import EvaluationError
from semhash.vocabulary import Counts

__all__ = ["LinearDiscriminants", "NeighbourhoodComponents", "Taught"]

_DISCRIMINANT_SAMPLE = 10_000
_DISCRIMINANT_COMPONENTS = 1000
_DOCUMENTS_PER_COMPONENT = 4
_NCA_SAMPLE = 2000
_NCA_COMPONENTS = 128
_NCA_ITERATIONS = 50
_NCA_SPREAD = 3.0
_SMALLEST = 1e-9


@dataclass(frozen=True, eq=False)
class Taught:
    """What is learned from: documents and their labels, a document with several once for each.

    Attributes
    ----------
    rows : ndarray of shape (n_documents,), int64
        Documents of the database, each once.
    places : ndarray of shape (n_pairs,), int64
        Places in `rows`.
    labels : ndarray of shape (n_pairs,), str
        The label of each of those.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    labels: NDArray[np.str_]

    @classmethod
    def draw(cls, database: Documents, points: Points, seed: int, size: int, method: str) -> "Taught":
        """Choose labelled documents with words, at random, where there are more than `size`.

        Raises
        ------
        EvaluationError
            They have not two different labels.
        """
        rows = points.draw(seed, size, labelled(database.labels, method))
        labels = [sorted(set(database.labels[row])) for row in rows]
        labelled(labels, method)
        places = np.repeat(np.arange(len(rows)), [len(of_one) for of_one in labels])
        return cls(rows, places, np.array([label for of_one in labels for label in of_one]))


@dataclass(frozen=True)
class LinearDiscriminants:
    """Linear discriminant analysis: directions in which classes lie far apart and are narrow themselves.

    Fisher, *The use of multiple measurements in taxonomic problems*, Annals of Eugenics 7 (1936), and for several
    classes Rao (1948). The TF-IDF vectors are taken to their principal components first, of which there are a
    quarter as many as documents at most, and 1000 at most: among as many directions as documents, any classes lie
    apart (Belhumeur, Hespanha and Kriegman, *Eigenfaces vs. Fisherfaces*, PAMI 19, 1997). Learned from 10,000
    labelled documents at most; a document with several labels is learned from once for each.

    Attributes
    ----------
    size : int
        Dimensions; there are no more than classes less one.
    seed : int
        Start of the random stream of the sample.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Find the directions, those that tell classes apart best first.

        Raises
        ------
        EvaluationError
            There are not two different labels, or as many as documents.
        """
        method = "linear discriminant analysis"
        points = Points.of(database)
        taught = Taught.draw(database, points, self.seed, _DISCRIMINANT_SAMPLE, method)
        _check_repeated(taught, method)
        quarter = max(1, len(taught.rows) // _DOCUMENTS_PER_COMPONENT)
        components = _Components.find(points, taught, min(quarter, _DISCRIMINANT_COMPONENTS), method)
        model = LinearDiscriminantAnalysis().fit(
            components.of_rows(taught.rows)[taught.places], taught.labels
        )
        return Space(
            lambda counts: model.transform(components(counts))[:, : self.size], components.config(taught)
        )


@dataclass(frozen=True)
class NeighbourhoodComponents:
    """Neighbourhood components analysis: a map under which a document's neighbours are of its class.

    Goldberger, Roweis, Hinton and Salakhutdinov, *Neighbourhood Components Analysis*, NIPS 2004. All pairs of
    documents are looked at in each step, so that it learns from 2,000 labelled documents at most, by their 128
    leading principal components; a document with several labels is learned from once for each. The components are
    scaled to a mean squared length of 3 first: how soft the choice of neighbours is at the start hangs on that.

    Attributes
    ----------
    size : int
        Dimensions.
    seed : int
        Start of the random stream of the sample.
    """

    size: int
    seed: int

    def learn(self, database: Documents) -> Space:
        """Find the map, from the principal components on.

        Raises
        ------
        EvaluationError
            There are not two different labels, or fewer labelled documents or words than there are to be
            dimensions.
        """
        method = "NCA"
        points = Points.of(database)
        taught = Taught.draw(database, points, self.seed, _NCA_SAMPLE, method)
        check_size(points.counts.take(taught.rows), self.size, method)
        components = _Components.find(points, taught, max(self.size, _NCA_COMPONENTS), method)
        scale = np.sqrt(_NCA_SPREAD / components.model.explained_variance_.sum())
        model = NeighborhoodComponentsAnalysis(
            self.size, init="pca", max_iter=_NCA_ITERATIONS, random_state=self.seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(scale * components.of_rows(taught.rows)[taught.places], taught.labels)
        return Space(lambda counts: model.transform(scale * components(counts)), components.config(taught))


@dataclass(frozen=True, eq=False)
class _Components:
    """Leading principal components, in which there is room for what does not stay sparse."""

    points: Points
    model: Any

    @classmethod
    def find(cls, points: Points, taught: Taught, at_most: int, method: str) -> Self:
        n = min(at_most, len(taught.rows), points.counts.n_columns)
        model = principal_components(points.at(taught.rows), n)
        if model.explained_variance_.sum() < _SMALLEST:
            raise EvaluationError(
                f"{method}: expected labelled documents that differ in their words, found {len(taught.rows)} "
                "that are alike; give more documents"
            )
        return cls(points, model)

    def __call__(self, counts: Counts) -> NDArray[Any]:
        return np.asarray(self.model.transform(self.points.weighting.weigh(counts)))

    def of_rows(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        return self(self.points.counts.take(rows))

    def config(self, taught: Taught) -> dict[str, object]:
        return {
            "words": self.points.counts.n_columns,
            "learned_from": len(taught.rows),
            "components": int(self.model.n_components_),
        }


def _check_repeated(taught: Taught, method: str) -> None:
    """See that classes have a spread."""
    n_classes = len(np.unique(taught.labels))
    if n_classes == len(taught.labels):
        raise EvaluationError(
            f"{method}: expected labels that documents share, found as many labels as documents, {n_classes}; "
            "give labels that do, or leave this method out"
        )
