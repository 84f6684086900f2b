"""What an evaluation leaves behind: the records of ``results.json``, from which every report is drawn.

Where nobody said what is relevant, and TF-IDF's neighbours stand in, every measure's name begins with ``kept``
in the file, as in ``kept P@10``: whoever reads it cannot take it for relevance. In the records names are plain.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from semhash.errors import EvaluationError

__all__ = [
    "FORMAT",
    "KEPT",
    "Addresses",
    "Balls",
    "Comparison",
    "CorpusFacts",
    "Cost",
    "DocumentMap",
    "LabelCount",
    "QueryFacts",
    "Results",
    "RetrieverResult",
]

FORMAT = 1
"""Of ``results.json``; a later one is refused."""

KEPT = "kept "
"""What measures' names begin with outside the records, where they are of neighbours kept."""


class LabelCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents of a label there are in the database, and how many queries of it are measured."""

    label: str
    n_database: int
    n_queries: int


class CorpusFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was searched, and what for.

    Attributes
    ----------
    name : str
        The corpus's file or folder name.
    digest : str
        sha256 over ids, texts and labels of the database and of the queries, in hexadecimal.
    relevance : str
        What makes a document relevant to a query: a label shared; a judgement; or, where there are neither,
        being among the query's nearest under TF-IDF, which says nothing of relevance: figures then are of
        *neighbours kept*.
    split : str
        How database and queries were told apart, in words.
    n_database, n_queries : int
        Documents searched, and queries measured.
    n_unanswerable : int
        Queries left out since nothing in the database is relevant to them.
    n_across, across : int, list of str
        Texts that stand in the database and among the queries too: how many queries, and the ids of some. They
        stay where they are.
    labels : list of LabelCount
        The most frequent in the database first; empty where there are none.
    several_labels : bool
        Whether any document has more than one, so that graded relevance differs from the plain one.
    remarks : list of str
        What the reader of a figure should know of the corpus, in whole sentences.
    """

    name: str
    digest: str
    relevance: Literal["labels", "judgements", "tfidf-neighbours"]
    split: str
    n_database: int
    n_queries: int
    n_unanswerable: int
    n_across: int
    across: list[str]
    labels: list[LabelCount]
    several_labels: bool
    remarks: list[str]

    @property
    def prefix(self) -> str:
        """What measures' names begin with wherever people or programs read them: nothing, or `KEPT`."""
        return KEPT if self.relevance == "tfidf-neighbours" else ""


class QueryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A query that is measured; `n_relevant` documents should be found."""

    id: str
    title: str
    labels: list[str]
    n_relevant: int


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs.

    Attributes
    ----------
    bytes_per_document : float
    fit_seconds : float
        From the database's counts to ranks: training, encoding the database and all.
    query_milliseconds : float
        Median over some queries asked one by one, from a query's counts to its hundred best documents.
    """

    bytes_per_document: float
    fit_seconds: float
    query_milliseconds: float


class Balls(msgspec.Struct, frozen=True, kw_only=True):
    """Means over all queries by radius 0, 1, ... bits: what the ball holds, and how good it is."""

    precision: list[float]
    recall: list[float]
    documents: list[float]


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """How full the addresses are.

    Attributes
    ----------
    in_use : int
        Different codes in the database.
    largest : int
        Documents at the fullest address.
    sizes : list of (int, int)
        (documents at an address, how many addresses hold so many), ascending.
    """

    in_use: int
    largest: int
    sizes: list[tuple[int, int]]


class RetrieverResult(msgspec.Struct, frozen=True, kw_only=True):
    """One method, fitted once and measured.

    Attributes
    ----------
    name : str
        What it is asked for by, such as ``lsa``, ``itq``, ``semhash``, ``semhash-tfidf``,
        ``semhash-hybrid``, ``index:NAME``.
    title : str
        What it is called in a table, size included: *LSA, 128 numbers*, *semhash, 20 bits*.
    group : str
        ``semhash``, ``lexical``, ``real-valued``, ``binary`` or ``pretrained``.
    ranks_by : str
        ``codes``: figures are expected values over random order among equal distances. ``scores``: ties stand
        in the order of the documents.
    size : int or None
        Dimensions or bits.
    seed : int or None
        None where chance has no part in it.
    uses_labels : bool
        Whether it was shown the database's labels.
    own : bool
        Whether it is one of semhash's.
    config : dict
        All else that bears on its figures.
    failed : str or None
        Why there are no figures; all of what follows is then empty.
    cost : Cost or None
    figures : dict of str to float
        Means over the queries by measure: ``P@10``, ``P@100``, ``R@100``, ``MAP``, ``nDCG@10``; with several
        labels ``graded P@10`` and ``graded P@100``.
    intervals : dict of str to (float, float)
        95 % bootstrap intervals over the queries, by measure.
    worst, best : dict of str to float
        In the worst and the best order among equal distances: ``P@10``, ``P@100``, ``MAP``. Codes alone.
    curve : list of (float, float)
        (recall, precision): the mean precision at each level of recall.
    balls, addresses : Balls or None, Addresses or None
        Codes alone.
    by_label : dict of str to dict of str to float
        Means of ``P@100`` and ``MAP`` over the queries of each label: measure, then label.
    values : dict of str to list of float
        Value of each query, in the order of `Results.queries`: ``P@10``, ``P@100``, ``MAP`` and the others.
    """

    name: str
    title: str
    group: Literal["semhash", "lexical", "real-valued", "binary", "pretrained"]
    ranks_by: Literal["codes", "scores"]
    size: int | None
    seed: int | None
    uses_labels: bool
    own: bool
    config: dict[str, object] = {}
    failed: str | None = None
    cost: Cost | None = None
    figures: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    worst: dict[str, float] = {}
    best: dict[str, float] = {}
    curve: list[tuple[float, float]] = []
    balls: Balls | None = None
    addresses: Addresses | None = None
    by_label: dict[str, dict[str, float]] = {}
    values: dict[str, list[float]] = {}


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A paired randomisation test of two methods over the same queries, values averaged over seeds first.

    Attributes
    ----------
    title, against : str
        `RetrieverResult.title` of the two: one of semhash's, and what it is compared with.
    measure : str
    difference : float
        Mean of the first less that of the second.
    p_value : float
        Two-sided; adjusted by Holm's method over all comparisons in the same measure.
    """

    title: str
    against: str
    measure: str
    difference: float
    p_value: float


class DocumentMap(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the database's documents in the plane.

    Attributes
    ----------
    how : str
        What the plane is, in words.
    x, y : list of float
    label : list of str
        Each document's first label; empty where it has none.
    title : list of str
    """

    how: str
    x: list[float]
    y: list[float]
    label: list[str]
    title: list[str]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A whole evaluation.

    Attributes
    ----------
    format : int
    created : str
        UTC, ISO 8601.
    versions : dict of str to str
        Of semhash, Python and the libraries that figures hang on.
    machine : dict of str to str or int
        Processor, cores, memory, system.
    settings : dict
        The command's options in full: bits, dimensions, seeds, against and the rest.
    corpus : CorpusFacts
    queries : list of QueryFacts
    retrievers : list of RetrieverResult
        Those that failed too.
    comparisons : list of Comparison
    map : DocumentMap or None
    seconds : float
        The whole evaluation.
    """

    format: int = FORMAT
    created: str
    versions: dict[str, str]
    machine: dict[str, str | int]
    settings: dict[str, object]
    corpus: CorpusFacts
    queries: list[QueryFacts]
    retrievers: list[RetrieverResult]
    comparisons: list[Comparison]
    map: DocumentMap | None = None
    seconds: float

    @property
    def measured(self) -> list[RetrieverResult]:
        """Those that did not fail."""
        return [retriever for retriever in self.retrievers if retriever.failed is None]

    def to_json(self) -> bytes:
        """Write it as JSON."""
        prefix = self.corpus.prefix
        named = _renamed(self, lambda measure: prefix + measure) if prefix else self
        return msgspec.json.encode(named) + b"\n"

    @classmethod
    def read(cls, file: Path) -> "Results":
        """Read ``results.json``.

        Raises
        ------
        EvaluationError
            It cannot be read, is something else, or was written by a later version.
        """
        try:
            raw = file.read_bytes()
            found = msgspec.json.decode(raw, type=_Versioned).format
            if found != FORMAT:
                raise EvaluationError(
                    f"{file}: expected results of format {FORMAT}, found {found}; "
                    "use the version of semhash that wrote it"
                )
            results = msgspec.json.decode(raw, type=cls)
            prefix = results.corpus.prefix
            return _renamed(results, lambda name: name.removeprefix(prefix)) if prefix else results
        except OSError as error:
            raise EvaluationError(
                f"{file}: expected a results.json of semhash evaluate, found: {error.strerror or error}; "
                "name a file that semhash evaluate wrote"
            ) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise EvaluationError(
                f"{file}: expected a results.json of semhash evaluate, found: {error}; run semhash evaluate again"
            ) from error


class _Versioned(msgspec.Struct):
    format: int


def _renamed(results: Results, name: Callable[[str], str]) -> Results:
    """Call every measure by another name."""
    by_measure = ("figures", "intervals", "worst", "best", "by_label", "values")
    replace = msgspec.structs.replace
    retrievers = [
        replace(
            retriever,
            **{
                field: {name(measure): value for measure, value in getattr(retriever, field).items()}
                for field in by_measure
            },
        )
        for retriever in results.retrievers
    ]
    comparisons = [replace(c, measure=name(c.measure)) for c in results.comparisons]
    return replace(results, retrievers=retrievers, comparisons=comparisons)
