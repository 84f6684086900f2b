"""Results as an evaluation could leave them, made without one: for tests of what is drawn from results."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from semhash.evaluation.results import (
    Addresses,
    Balls,
    Comparison,
    CorpusFacts,
    Cost,
    DocumentMap,
    LabelCount,
    QueryFacts,
    Results,
    RetrieverResult,
)

LABELS = ["sci.space", "rec.autos", "talk.politics", "comp.graphics"]
MEASURES = {"P@10": 1.15, "P@100": 1.0, "R@100": 0.35, "MAP": 0.85, "nDCG@10": 1.2}
# name, title, group, ranks by, size, seeds, sees labels, own, quality, bytes, fit seconds, milliseconds
METHODS: list[tuple[str, str, str, str, int | None, tuple[int | None, ...], bool, bool, float, float, float, float]] = [
    ("tfidf-all", "TF-IDF, all words", "lexical", "scores", None, (None,), False, False, 0.45, 812.0, 0.31, 12.5),
    ("bm25", "BM25", "lexical", "scores", None, (None,), False, False, 0.43, 790.0, 0.52, 9.1),
    ("lsa", "LSA, 20 numbers", "real-valued", "scores", 20, (0, 1), False, False, 0.50, 80.0, 1.4, 0.9),
    ("lsa", "LSA, 128 numbers", "real-valued", "scores", 128, (0, 1), False, False, 0.53, 512.0, 2.4, 1.9),
    ("lda", "LDA, 20 topics", "real-valued", "scores", 20, (0, 1), False, False, 0.38, 80.0, 31.0, 1.1),
    ("lsa-median", "LSA, 20 bits at the median", "binary", "codes", 20, (0, 1), False, False, 0.36, 2.5, 1.5, 0.2),
    ("itq", "ITQ, 20 bits", "binary", "codes", 20, (0, 1), False, False, 0.41, 2.5, 2.1, 0.2),
    ("lsh", "LSH, 20 bits", "binary", "codes", 20, (0, 1), False, False, 0.17, 2.5, 0.1, 0.2),
    ("nca", "NCA, 20 numbers", "real-valued", "scores", 20, (0,), True, False, 0.66, 80.0, 210.0, 0.9),
    ("sentences", "MiniLM", "pretrained", "scores", 384, (None,), False, False, 0.60, 1536.0, 300.0, 21.0),
    ("semhash", "semhash, 20 bits", "semhash", "codes", 20, (0, 1), False, True, 0.62, 2.5, 96.0, 0.21),
    ("semhash", "semhash, 128 bits", "semhash", "codes", 128, (0, 1), False, True, 0.65, 16.0, 99.0, 0.26),
    ("semhash-tfidf", "semhash, 20 bits, then TF-IDF", "semhash", "scores", 20, (0, 1), False, True, 0.63, 814, 96, 3),
]  # fmt: skip


def made_results(
    *,
    name: str = "notes.jsonl",
    n: int = 80,
    seed: int = 0,
    own: float = 0.0,
    relevance: Any = "labels",
    titles: Sequence[str] = (),
    labels: Sequence[str] = LABELS,
    methods: Sequence[str] | None = None,
    failed: bool = True,
    graded: bool = False,
) -> Results:
    """Make results of `n` queries; `own` is added to semhash's quality, `methods` are the titles to keep."""
    random = np.random.default_rng(seed)
    hardness = random.normal(0, 0.12, n)
    named = [list(labels)[i % len(labels)] for i in range(n)] if labels else []
    kept = [m for m in METHODS if methods is None or m[1] in methods]
    retrievers = [
        _retriever(random, method, run_seed, own if method[7] else 0.0, hardness, named, graded)
        for method in kept
        for run_seed in method[5]
    ]
    if failed:
        retrievers.append(_failure())
    queries = [
        QueryFacts(
            id=f"q{i}",
            title=titles[i] if i < len(titles) else f"What was asked, number {i}",
            labels=[named[i]] if named else [],
            n_relevant=5 + i % 7,
        )
        for i in range(n)
    ]
    return Results(
        created="2026-03-04T05:06:07Z",
        versions={"semhash": "0.1.0", "python": "3.11.2", "numpy": "2.0.0"},
        machine={
            "processor": "an x86-64 processor",
            "cores": 2,
            "memory_bytes": 16_000_000_000,
            "system": "Linux",
        },
        settings={"bits": [20, 128], "dimensions": [20, 128], "seeds": [0, 1], "against": None},
        corpus=_corpus(name, n, relevance, labels, graded),
        queries=queries,
        retrievers=retrievers,
        comparisons=_comparisons(retrievers),
        map=_map(random, labels, titles),
        seconds=512.25,
    )


def _corpus(name: str, n: int, relevance: Any, labels: Sequence[str], graded: bool) -> CorpusFacts:
    return CorpusFacts(
        name=name,
        digest="ab" * 32,
        relevance=relevance,
        split="The corpus's own split: train is searched, test asks.",
        n_database=5 * n,
        n_queries=n,
        n_unanswerable=2,
        n_across=1,
        across=["q7"],
        labels=[
            LabelCount(label=label, n_database=5 * n // len(labels), n_queries=n // len(labels))
            for label in labels
        ],
        several_labels=graded,
        remarks=["Made for tests, and not measured."],
    )


def _retriever(
    random: np.random.Generator,
    method: tuple[Any, ...],
    seed: int | None,
    more: float,
    hardness: np.ndarray[tuple[int], np.dtype[np.float64]],
    named: list[str],
    graded: bool,
) -> RetrieverResult:
    name, title, group, ranks_by, size, _, uses_labels, own, quality, bytes_, fit, milliseconds = method
    n = len(hardness)
    base = np.clip(quality + more + hardness + random.normal(0, 0.06, n), 0.02, 0.98)
    values = {measure: np.clip(base * factor, 0, 1).round(4) for measure, factor in MEASURES.items()}
    if graded:
        values |= {f"graded {measure}": (0.8 * values[measure]).round(4) for measure in ("P@10", "P@100")}
    figures = {measure: float(found.mean()) for measure, found in values.items()}
    half = {measure: 1.96 * float(found.std()) / math.sqrt(n) for measure, found in values.items()}
    codes = ranks_by == "codes"
    tied = ("P@10", "P@100", "MAP")
    return RetrieverResult(
        name=name,
        title=title,
        group=group,
        ranks_by=ranks_by,
        size=size,
        seed=seed,
        uses_labels=uses_labels,
        own=own,
        config={"size": size},
        cost=Cost(bytes_per_document=bytes_, fit_seconds=fit, query_milliseconds=milliseconds),
        figures=figures,
        intervals={m: (figures[m] - half[m], figures[m] + half[m]) for m in figures},
        worst={m: 0.8 * figures[m] for m in tied} if codes else {},
        best={m: min(1.0, 1.15 * figures[m]) for m in tied} if codes else {},
        curve=[
            (level / 20, 0.05 + (figures["P@10"] - 0.05) * (1 - level / 20) ** 0.7) for level in range(21)
        ],
        balls=_balls(figures["P@10"], size or 20) if codes else None,
        addresses=_addresses(5 * n, size or 20) if codes else None,
        by_label={
            m: {
                label: float(values[m][[found == label for found in named]].mean())
                for label in dict.fromkeys(named)
            }
            for m in ("P@100", "MAP")
        }
        if named
        else {},
        values={measure: found.tolist() for measure, found in values.items()},
    )


def _balls(precision: float, bits: int) -> Balls:
    share = [1 / (1 + math.exp(-(r - bits / 2.5) / (bits / 12))) for r in range(bits + 1)]
    return Balls(
        precision=[max(0.05, precision * (1 - s)) for s in share],
        recall=[min(1.0, 1.4 * s) for s in share],
        documents=[400 * s for s in share],
    )


def _addresses(n: int, bits: int) -> Addresses:
    """Spread n documents: some alone, some in threes, the rest at one address."""
    alone, threes = min(n // 4, bits), n // 8
    left = n - alone - 3 * threes
    return Addresses(in_use=alone + threes + 1, largest=left, sizes=[(1, alone), (3, threes), (left, 1)])


def _failure() -> RetrieverResult:
    return RetrieverResult(
        name="lda",
        title="LDA, 4096 topics",
        group="real-valued",
        ranks_by="scores",
        size=4096,
        seed=0,
        uses_labels=False,
        own=False,
        failed="expected at least 4,096 documents, found 400; ask for fewer dimensions",
    )


def _comparisons(retrievers: Sequence[RetrieverResult]) -> list[Comparison]:
    """Compare each of semhash's titles with every other by a normal test of paired differences."""
    by_title: dict[str, list[RetrieverResult]] = {}
    for retriever in retrievers:
        if retriever.failed is None:
            by_title.setdefault(retriever.title, []).append(retriever)
    found = []
    for measure in ("MAP", "P@100"):
        means = {t: np.mean([run.values[measure] for run in runs], axis=0) for t, runs in by_title.items()}
        for title, runs in by_title.items():
            for against in by_title:
                if runs[0].own and against != title:
                    differences = means[title] - means[against]
                    error = float(differences.std(ddof=1)) / math.sqrt(len(differences))
                    z = abs(float(differences.mean())) / max(error, 1e-9)
                    found.append(
                        Comparison(
                            title=title,
                            against=against,
                            measure=measure,
                            difference=float(differences.mean()),
                            p_value=math.erfc(z / math.sqrt(2)),
                        )
                    )
    return found


def _map(random: np.random.Generator, labels: Sequence[str], titles: Sequence[str]) -> DocumentMap:
    number = {label: i for i, label in enumerate(labels)}
    named = [list(labels)[i % len(labels)] if labels else "" for i in range(120)]
    angle = [2 * math.pi * number.get(label, 0) / max(1, len(labels)) for label in named]
    return DocumentMap(
        how="the code layer's units before they are rounded, projected on two principal components",
        x=[float(math.cos(a) + random.normal(0, 0.3)) for a in angle],
        y=[float(math.sin(a) + random.normal(0, 0.3)) for a in angle],
        label=named,
        title=[titles[i] if i < len(titles) else f"Document {i}" for i in range(120)],
    )
