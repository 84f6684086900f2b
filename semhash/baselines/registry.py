"""Every baseline by name: what it is called in a table, what it needs, and how it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from semhash.baselines.retriever import Retriever
from semhash.errors import ConfigError

__all__ = ["ALL", "BASELINES", "STANDARD", "Baseline", "find"]

SENTENCE = "sentence:"
"""What the name of a sentence-transformers model starts with; its folder follows."""

_WORDS = 2000


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A method that semhash is compared with.

    Attributes
    ----------
    name : str
        What it is asked for by.
    title : callable
        Gives what it is called in a table, by its size. A fitted method whose `size` came out smaller than what was
        asked for is called by that.
    group : {"lexical", "real-valued", "binary", "pretrained"}
    sizes : {"none", "dimensions", "bits"}
        What its size is; `title` and `make` get None where it has none.
    uses_labels : bool
        Whether it is shown the database's labels.
    seeded : bool
        Whether chance has a part in it.
    make : callable
        Gives the method, by size and seed. What it needs is imported then.
    about : str
        What it is, in one line, with its source.
    """

    name: str
    title: Callable[[int | None], str]
    group: Literal["lexical", "real-valued", "binary", "pretrained"]
    sizes: Literal["none", "dimensions", "bits"]
    uses_labels: bool
    seeded: bool
    make: Callable[[int | None, int], Retriever]
    about: str


def find(name: str) -> Baseline:
    """Give the baseline of a name, or a sentence-transformers model by ``sentence:FOLDER``.

    Raises
    ------
    ConfigError
        There is none of that name; the message lists those that there are.
    """
    if name in BASELINES:
        return BASELINES[name]
    if name.startswith(SENTENCE) and name != SENTENCE:
        return _sentences(name)
    near = get_close_matches(name.lower(), BASELINES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of these"
    known = ", ".join([*BASELINES, f"{SENTENCE}FOLDER"])
    raise ConfigError(f"baseline: expected one of {known}; found {name!r}; {hint}")


def _class(path: str) -> Any:
    """Import a class of this package by its path, such as ``lexical.TfIdf``."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"semhash.baselines.{module}"), name)


def _lexical(name: str, title: str, path: str, about: str, **options: Any) -> Baseline:
    return Baseline(
        name=name,
        title=lambda _: title,
        group="lexical",
        sizes="none",
        uses_labels=False,
        seeded=False,
        make=lambda _, __: _class(path)(**options),
        about=about,
    )


def _projections(
    name: str, title: str, path: str, about: str, *, uses_labels: bool = False, seeded: bool = True
) -> tuple[Baseline, Baseline]:
    """Give a projection twice: in real numbers, and cut to bits."""

    def made(retriever: str) -> Callable[[int | None, int], Retriever]:
        return lambda size, seed: _class(f"projected.{retriever}")(_class(path)(size, seed))

    real = Baseline(
        name=name,
        title=lambda size: f"{title}, {size} numbers",
        group="real-valued",
        sizes="dimensions",
        uses_labels=uses_labels,
        seeded=seeded,
        make=made("Projected"),
        about=about,
    )
    binary = Baseline(
        name=f"{name}-median",
        title=lambda size: f"{title}, {size} bits at the median",
        group="binary",
        sizes="bits",
        uses_labels=uses_labels,
        seeded=seeded,
        make=made("MedianCut"),
        about=f"{about} Cut to bits at the database's median of each dimension.",
    )
    return real, binary


def _hashing(name: str, title: str, path: str, about: str, *, uses_labels: bool = False) -> Baseline:
    return Baseline(
        name=name,
        title=lambda size: f"{title}, {size} bits",
        group="binary",
        sizes="bits",
        uses_labels=uses_labels,
        seeded=True,
        make=lambda bits, seed: _class(f"hashing.{path}")(bits=bits, seed=seed),
        about=about,
    )


def _sentences(name: str) -> Baseline:
    folder = Path(name.removeprefix(SENTENCE))
    return Baseline(
        name=name,
        title=lambda _: f"{folder.resolve().name}, sentence embeddings",
        group="pretrained",
        sizes="none",
        uses_labels=False,
        seeded=False,
        make=lambda _, __: _class("sentences.SentenceVectors")(folder),
        about="Cosine of sentence embeddings (Reimers and Gurevych, EMNLP 2019), from a model trained elsewhere.",
    )


_LISTED = (
    _lexical(
        "tfidf",
        f"TF-IDF, {_WORDS} words",
        "lexical.TfIdf",
        "Cosine of TF-IDF vectors of the database's most frequent words (Salton and Buckley, 1988).",
        words=_WORDS,
    ),
    _lexical(
        "tfidf-all",
        "TF-IDF, all words",
        "lexical.TfIdf",
        "Cosine of TF-IDF vectors of all words (Salton and Buckley, 1988).",
        words=None,
    ),
    _lexical(
        "bm25",
        "BM25",
        "lexical.Bm25",
        "BM25 over all words in the form of Lucene (Robertson and others, 1994), by the library bm25s.",
    ),
    *_projections(
        "lsa",
        "LSA",
        "factors.LatentSemantics",
        "Latent semantic analysis: a truncated singular value decomposition (Deerwester and others, 1990).",
    ),
    *_projections(
        "pca",
        "PCA",
        "factors.PrincipalComponents",
        "Principal component analysis (Hotelling, 1933).",
        seeded=False,
    ),
    *_projections(
        "lda",
        "LDA",
        "topics.LatentDirichlet",
        "Shares of the topics of latent Dirichlet allocation (Blei, Ng and Jordan, 2003).",
    ),
    *_projections(
        "nmf",
        "NMF",
        "factors.NonNegativeFactors",
        "Non-negative matrix factorisation (Lee and Seung, 1999).",
    ),
    *_projections(
        "discriminant",
        "Linear discriminants",
        "supervised.LinearDiscriminants",
        "Linear discriminant analysis (Fisher, 1936; Rao, 1948), learned from the database's labels.",
        uses_labels=True,
    ),
    *_projections(
        "nca",
        "NCA",
        "supervised.NeighbourhoodComponents",
        "Neighbourhood components analysis (Goldberger, Roweis, Hinton and Salakhutdinov, 2004), learned from the "
        "database's labels.",
        uses_labels=True,
    ),
    _hashing(
        "lsh",
        "LSH",
        "lsh.RandomHyperplanes",
        "Locality-sensitive hashing by random hyperplanes (Charikar, 2002).",
    ),
    _hashing(
        "spectral-hashing",
        "Spectral hashing",
        "spectral_hashing.SpectralHashing",
        "Spectral hashing (Weiss, Torralba and Fergus, 2008).",
    ),
    _hashing(
        "self-taught",
        "Self-taught hashing",
        "self_taught.SelfTaughtHashing",
        "Self-taught hashing: a Laplacian eigenmap and classifiers of its bits (Zhang, Wang, Cai and Lu, 2010).",
    ),
    _hashing(
        "itq",
        "ITQ",
        "quantisation.IterativeQuantisation",
        "Iterative quantisation: principal components, rotated (Gong and Lazebnik, 2011).",
    ),
    _hashing(
        "bre",
        "BRE",
        "binary_reconstruction.BinaryReconstructiveEmbedding",
        "Binary reconstructive embedding (Kulis and Darrell, 2009).",
    ),
    _hashing(
        "mlh",
        "Minimal loss hashing",
        "minimal_loss.MinimalLossHashing",
        "Minimal loss hashing (Norouzi and Fleet, 2011), learned from the database's labels.",
        uses_labels=True,
    ),
)

BASELINES: dict[str, Baseline] = {baseline.name: baseline for baseline in _LISTED}
"""By name, in the order of tables."""

ALL = tuple(BASELINES)
"""Every name."""

STANDARD = (
    *("tfidf", "tfidf-all", "bm25", "lsa", "pca", "lda", "nmf", "lsa-median"),
    *("lsh", "spectral-hashing", "self-taught", "itq"),
)
"""Names that are compared by default: they need no labels, and little time."""
