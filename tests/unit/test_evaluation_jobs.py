"""What is done in which order, what is told of it meanwhile, and what is kept of it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash.baselines.registry import ALL, BASELINES, STANDARD
from semhash.baselines.retriever import Documents, FittedRetriever, ScoreRanking
from semhash.errors import ConfigError, EvaluationError, TrainingError
from semhash.evaluation.comparing import MEASURES, compare
from semhash.evaluation.course import Course
from semhash.evaluation.jobs import Job, Method, chosen, jobs
from semhash.evaluation.measuring import measure_job
from semhash.evaluation.outcome import Outcome
from semhash.evaluation.reading import Source, read_task
from semhash.evaluation.results import RetrieverResult
from semhash.evaluation.settings import Settings
from semhash.evaluation.statistics import holm, randomisation_test
from semhash.evaluation.task import Task
from semhash.progress import Progress, Stage, silent


@pytest.fixture
def task(corpus_file: Path) -> Iterator[Task]:
    with read_task(Source(corpus=corpus_file)) as task:
        yield task


class _Scoring:
    """A fitted method that scores documents by a fixed table, and may have come out smaller than asked."""

    bytes_per_document = 4.0

    def __init__(self, seed: int, n: int, size: int | None = None) -> None:
        self._seed, self._n = seed, n
        self.size = size

    def rank(self, queries: Documents) -> ScoreRanking:
        table = np.random.default_rng(self._seed).random((len(queries), self._n)).astype(np.float32)
        return ScoreRanking(lambda rows: table[rows])


def method(name: str, size: int | None = None, seed: int | None = None) -> Method:
    return Method(
        name=name,
        title=f"{name}, {size} numbers",
        group="real-valued",
        ranks_by="scores",
        size=size,
        seed=seed,
        uses_labels=False,
        own=False,
    )


def job(
    name: str, *, size: int | None = None, comes_out: int | None = None, error: Exception | None = None
) -> Job:
    def fit(database: Documents, progress: Progress) -> Iterator[FittedRetriever]:
        if error is not None:
            raise error
        progress("train", 1, 2, "half")
        yield _Scoring(len(name), len(database), comes_out)

    return Job((method(name, size),), fit, title=lambda n: f"{name}, {n} numbers")


def carried_out(
    work: list[Job], task: Task, folder: Path, progress: Progress = silent, most: int = 10**6
) -> Outcome:
    outcome, course = Outcome(task, most), Course(work, progress)
    for number, one in enumerate(work):
        course.begin(number)
        measure_job(one, task, folder, course, outcome)
    course.end()
    return outcome


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (EvaluationError("expected more, found less"), "expected more, found less"),
        (TrainingError("no good"), "no good"),
        (MemoryError("of 9 GB"), "expected room for it in memory, found too little: of 9 GB"),
        (np.linalg.LinAlgError("did not\n converge"), "LinAlgError: did not converge"),
        (ValueError(), "ValueError"),
        (ModuleNotFoundError("No module named 'x'"), "ModuleNotFoundError: No module named 'x'"),
    ],
)
def test_a_method_that_fails_is_recorded_and_the_next_one_goes_on(
    task: Task, tmp_path: Path, error: Exception, told: str
) -> None:
    first, second = carried_out([job("bad", error=error), job("good")], task, tmp_path).results
    assert (first.failed, first.figures, first.title) == (told, {}, "bad, None numbers")
    assert second.failed is None
    assert second.figures["P@10"] > 0
    assert [file.name for file in tmp_path.iterdir()] == ["good.trec.gz"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_request_to_stop_stops(task: Task, tmp_path: Path, error: type[BaseException]) -> None:
    def fit(database: Documents, progress: Progress) -> Iterator[FittedRetriever]:
        yield from ()
        raise error

    with pytest.raises(error):
        carried_out([Job((method("slow"),), fit)], task, tmp_path)


def test_scores_that_are_no_numbers_fail_alone(task: Task, tmp_path: Path) -> None:
    class Lost(_Scoring):
        def rank(self, queries: Documents) -> ScoreRanking:
            return ScoreRanking(lambda rows: np.full((len(rows), self._n), np.nan, dtype=np.float32))

    def fit(database: Documents, progress: Progress) -> Iterator[FittedRetriever]:
        yield Lost(0, len(database))

    first, second = carried_out([Job((method("lost"),), fit), job("good")], task, tmp_path).results
    assert first.failed is not None
    assert "NaN" in first.failed
    assert second.failed is None


def test_a_method_is_called_by_the_size_that_it_came_out_with_and_measured_once(
    task: Task, tmp_path: Path
) -> None:
    work = [
        job("lda", size=20, comes_out=5),
        job("lda", size=128, comes_out=5),
        job("lda", size=3, comes_out=3),
    ]
    outcome = carried_out(work, task, tmp_path)
    assert [(r.title, r.size) for r in outcome.results] == [("lda, 5 numbers", 5), ("lda, 3 numbers", 3)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lda-3.trec.gz", "lda-5.trec.gz"]


def test_progress_never_falls_and_ends_whole(task: Task, tmp_path: Path) -> None:
    heard: list[tuple[float, float, str]] = []

    def progress(stage: Stage, done: float, total: float, detail: str = "") -> None:
        if stage == "evaluate":
            heard.append((done, total, detail))

    carried_out([job("one"), job("two", error=ValueError()), job("three")], task, tmp_path, progress)
    shares = [done / total for done, total, _ in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert all(share < 1 for share in shares[:-1])
    assert list(dict.fromkeys(detail for *_, detail in heard)) == [
        "1 of 3: one, None numbers",
        "2 of 3: two, None numbers",
        "3 of 3: three, None numbers",
        "3 of 3",
    ]


def test_where_pairs_are_too_many_those_that_runs_name_are_known(task: Task, tmp_path: Path) -> None:
    assert carried_out([job("one")], task, tmp_path).named is None
    found: list[NDArray[np.int64]] = []

    class Noting(Outcome):
        def hear(self, result: object) -> None:
            super().hear(result)  # type: ignore[arg-type]
            found.append(result.rows)  # type: ignore[attr-defined]

    outcome = Noting(task, 10)
    work = [job("one"), job("three")]
    for number, one in enumerate(work):
        course = Course(work, silent)
        course.begin(number)
        measure_job(one, task, tmp_path, course, outcome)
    assert outcome.named is not None
    for query, rows in enumerate(outcome.named):
        assert set(rows) == {row for of_run in found for row in of_run[query]}


def test_baselines_are_chosen_by_name_each_once() -> None:
    assert [baseline.name for baseline in chosen(["standard"])] == list(STANDARD)
    assert [baseline.name for baseline in chosen(["all"])] == list(ALL)
    assert chosen(["none"]) == []
    assert [baseline.name for baseline in chosen(["lsa", "bm25", "lsa"])] == ["lsa", "bm25"]


def test_what_needs_labels_is_left_out_where_there_are_none_unless_it_is_named() -> None:
    names = [baseline.name for baseline in chosen(["all"], labelled=False)]
    assert names == [name for name in ALL if not BASELINES[name].uses_labels]
    assert len(names) < len(ALL)
    assert [baseline.name for baseline in chosen(["nca"], labelled=False)] == ["nca"]


def test_sizes_and_seeds_are_crossed_and_what_has_none_comes_once() -> None:
    settings = Settings(against=["bm25", "lsa", "itq"], bits=[12, 16], dimensions=[8], seeds=[0, 1, 1])
    methods = [(m.name, m.size, m.seed) for one in jobs(settings, [], labelled=True) for m in one.methods]
    assert methods == [
        *(
            (f"semhash{way}", bits, seed)
            for bits in (12, 16)
            for seed in (0, 1)
            for way in ("", "-tfidf", "-hybrid")
        ),
        ("bm25", None, None),
        *(("lsa", 8, seed) for seed in (0, 1)),
        *(("itq", bits, seed) for bits in (12, 16) for seed in (0, 1)),
    ]


def test_baselines_take_the_widths_of_the_recipes(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[model]\nbits = 32\n")
    settings = Settings(config=file, against=["itq"])
    assert [m.size for one in jobs(settings, [], labelled=True) for m in one.methods] == [32, 32, 32, 32]


def test_nothing_to_do_is_told() -> None:
    with pytest.raises(ConfigError, match="expected a method to measure, found none"):
        jobs(Settings(presets=["none"], against=["none"]), [], labelled=True)


def result(title: str, seed: int | None, own: bool, values: NDArray[np.float64]) -> RetrieverResult:
    return RetrieverResult(
        name=title,
        title=title,
        group="lexical",
        ranks_by="scores",
        size=None,
        seed=seed,
        uses_labels=False,
        own=own,
        values={measure: values.tolist() for measure in MEASURES},
    )


def test_methods_are_compared_over_means_of_seeds_and_adjusted_together() -> None:
    random = np.random.default_rng(0)
    mine, theirs, others = random.random(40), random.random(40), random.random(40)
    retrievers = [
        result("mine", 0, True, mine + 0.3),
        result("mine", 1, True, mine + 0.1),
        result("theirs", None, False, theirs),
        result("others", None, False, others),
    ]
    found = compare(retrievers)
    assert [(c.title, c.against, c.measure) for c in found] == [
        ("mine", against, measure) for measure in MEASURES for against in ("theirs", "others")
    ]
    raw = [randomisation_test(mine + 0.2, other, 0) for other in (theirs, others)]
    assert [c.p_value for c in found[:2]] == pytest.approx(holm(raw))
    assert found[0].difference == pytest.approx((mine + 0.2 - theirs).mean())


def test_without_others_there_is_nothing_to_compare() -> None:
    assert compare([result("mine", 0, True, np.zeros(5))]) == []
