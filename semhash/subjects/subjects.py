"""What an index is about: its regions, with their sizes, words, nearest documents and outliers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.analysis.analyzer import is_exact
from semhash.autoencoder.decoder import Decoder
from semhash.catalogue import DocumentHead
from semhash.errors import ConfigError, IndexDamagedError
from semhash.index import Index
from semhash.progress import Progress, silent
from semhash.subjects.regions import Regions, enough_regions, find_regions
from semhash.subjects.words import log_odds_scores, surprise
from semhash.vocabulary import Counts

__all__ = ["MAX_REGIONS", "Region", "RegionDocument", "SubjectMap", "find_subjects"]

MAX_REGIONS = 24
"""How many regions are made, at most, where no number is asked for: more are not read."""

_REACH = 0.1  # of the bits
_WORDS = 10
_DOCUMENTS = 5
_SHORTLIST = 200

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RegionDocument:
    """A document of a region.

    Attributes
    ----------
    id, title, path : as in `semhash.corpus.Document`
        Which document it is.
    distance : int
        Bits in which its code differs from the region's address.
    """

    id: str
    title: str
    path: str
    distance: int


@dataclass(frozen=True, slots=True)
class Region:
    """Addresses near each other, and what is said there.

    Attributes
    ----------
    number : int
        1 for the largest.
    address : int
        The bits that most of its documents have; bit i is ``(address >> i) & 1``.
    n_documents, n_addresses : int
        Its size: documents, and addresses with a document.
    spread : float
        Bits in which its documents differ from its address, on average.
    words : tuple of str
        Those that its documents hold more often than others, the most telling first: `log_odds_scores`.
    expected : tuple of str
        Those that the decoder expects there more than in all; none where bits say nothing to it.
    nearest : tuple of RegionDocument
        Those nearest to its mean; of equally near ones, those whose words are most like its words. No
        title comes twice.
    outliers : tuple of RegionDocument
        Those farthest from its mean; of equally far ones, those whose words are least like its words.
    """

    number: int
    address: int
    n_documents: int
    n_addresses: int
    spread: float
    words: tuple[str, ...]
    expected: tuple[str, ...]
    nearest: tuple[RegionDocument, ...]
    outliers: tuple[RegionDocument, ...]


@dataclass(frozen=True, slots=True)
class SubjectMap:
    """The regions of an index.

    Attributes
    ----------
    bits : int
        Width of the codes.
    n_documents, n_unaddressed : int
        How many documents there are, and how many of them have no known word, so no address and no region.
    seed : int
        What the regions were drawn with.
    regions : list of Region
        The largest first.
    region_of : ndarray of shape (n_documents,), int64
        Place of each document's region in `regions`; -1 for one without an address.
    """

    bits: int
    n_documents: int
    n_unaddressed: int
    seed: int
    regions: list[Region]
    region_of: Rows = field(repr=False, compare=False)


def find_subjects(
    index: Index, n_regions: int | None = None, seed: int = 0, *, progress: Progress = silent
) -> SubjectMap:
    """Find the subjects of a corpus: regions of addresses, and what the documents there say.

    Parameters
    ----------
    index : Index
    n_regions : int or None
        How many regions to make, at most; None makes so many that a document is a tenth of the bits from
        the mean of its region, on average, and at most 24, or the root of the number of documents.
    seed : int
        The same seed finds the same regions.
    progress : Progress
        Hears the starts of stage ``group``, and the documents of stage ``describe``.

    Raises
    ------
    ConfigError
        `n_regions` is below 1.
    IndexDamagedError
        A file of the index is missing or altered.
    """
    if n_regions is not None and n_regions < 1:
        raise ConfigError(f"n_regions: expected 1 or more, found {n_regions}")
    with index.asking():
        heads = index.catalogue.heads()
        rows = np.array([head.row for head in heads if head.known_words], dtype=np.int64)
        region_of = np.full(len(heads), -1, dtype=np.int64)
        regions: list[Region] = []
        if len(rows):
            packed, places, weights = np.unique(
                np.asarray(index.codes)[rows], axis=0, return_inverse=True, return_counts=True
            )
            found = _regions(codes.unpack(packed, index.bits), weights, n_regions, seed, progress)
            region_of[rows] = found.members[places]
            for region in _described(index, heads, found, rows, places):
                regions.append(region)
                progress("describe", sum(r.n_documents for r in regions), len(rows))
    return SubjectMap(index.bits, len(heads), len(heads) - len(rows), seed, regions, region_of)


def _regions(
    addresses: NDArray[np.bool_], weights: Rows, n_regions: int | None, seed: int, progress: Progress
) -> Regions:
    report = partial(progress, "group")
    if n_regions is not None:
        return find_regions(addresses, weights, n_regions, seed, report=report)
    at_most = max(1, min(MAX_REGIONS, isqrt(int(weights.sum()))))
    return enough_regions(addresses, weights, _REACH * addresses.shape[1], at_most, seed, report=report)


def _described(
    index: Index, heads: Sequence[DocumentHead], found: Regions, rows: Rows, places: Rows
) -> Iterator[Region]:
    """Describe the regions; `places` is where each of `rows` stands among the addresses."""
    sizes = np.bincount(found.members[places])
    expected = _expected(index, found.means, sizes)
    for number in range(len(found)):
        ours = np.flatnonzero(found.members[places] == number)
        members, far = rows[ours], found.distances[places[ours]]
        words = _telling_words(index, members)
        address = codes.pack(found.means[number][None] > 0.5)[0]
        distances = codes.hamming_distances(address, np.asarray(index.codes)[members]).astype(np.int64)
        named = _Named(index, heads, members, distances, words)
        yield Region(
            number=number + 1,
            address=codes.to_int(address),
            n_documents=len(members),
            n_addresses=int(np.count_nonzero(found.members == number)),
            spread=float(distances.mean()),
            words=tuple(dict.fromkeys(index.shown(words.tolist()))),
            expected=expected[number],
            nearest=named.first(far, 1),
            outliers=named.first(-far, -1),
        )


@dataclass(frozen=True, slots=True)
class _Named:
    """The documents of a region, ready to be named."""

    index: Index
    heads: Sequence[DocumentHead]
    members: Rows
    distances: Rows
    words: Rows

    def first(self, order: NDArray[np.float64], sign: int) -> tuple[RegionDocument, ...]:
        """Name those of lowest `order`; of equal ones the most like the region's words, the least with -1."""
        # Rounded, so that what is equal but for the last digit is taken for equal.
        order = order.round(9)
        kept = np.argsort(order, kind="stable")
        kept = kept[order[kept] <= order[kept[min(_SHORTLIST, len(kept)) - 1]]]
        likeness = sign * self._likeness(self.members[kept])
        titles: set[str] = set()
        named: list[RegionDocument] = []
        for at in kept[np.lexsort((kept, -likeness, order[kept]))].tolist():
            head = self.heads[self.members[at]]
            if head.title not in titles and len(named) < _DOCUMENTS:
                titles.add(head.title)
                named.append(RegionDocument(head.id, head.title, head.path, int(self.distances[at])))
        return tuple(named)

    def _likeness(self, rows: Rows) -> NDArray[np.float32]:
        """Give the TF-IDF cosine of documents with the region's words, each taken once."""
        terms = np.sort(self.words).astype(np.int32)
        ones = np.ones(len(terms), dtype=np.int64)
        asked = Counts(np.array([0, len(terms)]), terms, ones, self.index.term_index.counts.n_columns)
        return self.index.term_index.cosine(asked, rows)


def _telling_words(index: Index, members: Rows) -> Rows:
    """Give the terms that the documents hold more often than others do, the most telling first.

    Of equal ones the most frequent first: where one region is all there is, nothing is more telling.
    """
    term_index = index.term_index
    frequency = term_index.counts.take(members).document_frequency()
    scores = log_odds_scores(frequency, np.asarray(term_index.document_frequency))
    first = np.lexsort((-frequency, -scores.round(9)))[: 3 * _WORDS].tolist()
    told = ((term, index.lexicon.word(term)) for term in first)
    kept = [term for term, word in told if word not in index.stop_words and not is_exact(word)]
    best: Rows = np.array(kept[:_WORDS], dtype=np.int64)
    return best[(scores[best] > -1e-9) & (frequency[best] > 0)]


def _expected(index: Index, means: NDArray[np.float64], sizes: Rows) -> list[tuple[str, ...]]:
    """Give the words that the decoder expects of each region's mean, held against all of them together."""
    config = index.manifest.config.model
    if not index.has_model or config.code.kind == "linear" or config.likelihood == "gaussian":
        return [()] * len(means)
    vocabulary = index.shown_words(index.vocabulary)
    file = index.folder.file("model.safetensors")
    if not _has_decoder(file):
        return [()] * len(means)
    decoder = Decoder.load(file, len(vocabulary), config)
    shares = decoder.mean(means)
    usual = np.average(shares, axis=0, weights=sizes)
    best = [np.argsort(-surprise(some, usual), kind="stable")[:_WORDS].tolist() for some in shares]
    return [tuple(vocabulary[column] for column in columns) for columns in best]


def _has_decoder(file: Path) -> bool:
    """Say whether the model that was written was a whole one; an encoder is enough to search by."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            return any(name.startswith("decoder.") for name in opened.keys())  # noqa: SIM118 it is no mapping
    except (SafetensorError, OSError) as error:
        raise IndexDamagedError(f"{file}: expected a trained model, found: {error}") from error
