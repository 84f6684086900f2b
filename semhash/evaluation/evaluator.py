"""From a corpus to an evaluation of it: what is read, fitted, measured, compared and written, in this order."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import msgspec

from semhash.config import CorpusConfig
from semhash.corpus import open_corpus
from semhash.errors import EvaluationError
from semhash.evaluation.comparing import compare
from semhash.evaluation.course import Course
from semhash.evaluation.folder import DEFAULT_FOLDER, RESULTS, evaluation_folder
from semhash.evaluation.jobs import Job, chosen, jobs
from semhash.evaluation.machine import machine, versions
from semhash.evaluation.measuring import measure_job
from semhash.evaluation.outcome import Outcome
from semhash.evaluation.reading import Source, read_task
from semhash.evaluation.results import CorpusFacts, QueryFacts, Results
from semhash.evaluation.seen import GivenIndex, names_of, queries_seen
from semhash.evaluation.settings import Settings
from semhash.evaluation.tables import write_tables
from semhash.evaluation.task import Task
from semhash.evaluation.trec import write_qrels
from semhash.index import open_index
from semhash.progress import Progress, silent

__all__ = ["Evaluation", "evaluate"]

RUNS, QRELS, NEIGHBOURS = "runs", "qrels.trec.gz", "neighbours.trec.gz"
_REPORT = ("report.html", "report.md")
_PICTURES = "pictures"


@dataclass(frozen=True)
class Evaluation:
    """What came of an evaluation.

    Attributes
    ----------
    results : Results
        As in ``results.json``.
    out : Path
        The folder.
    undrawn : str or None
        Why there is no report, should it have failed to be drawn; all else is there.
    """

    results: Results
    out: Path
    undrawn: str | None = None


def evaluate(
    corpus: str | Path,
    *,
    settings: Settings = Settings(),  # noqa: B008, it is frozen
    labels: str | None = None,
    fields: Mapping[str, str] | None = None,
    queries: str | Path | None = None,
    qrels: str | Path | None = None,
    limit_queries: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Evaluation:
    """Measure how well semhash and others find what is relevant in a corpus, and write it all to a folder.

    Rows of split ``train`` are searched, and all others ask; without splits, a seeded fifth asks. Relevant is what
    shares a label with the query; or, with `queries` and `qrels`, what was judged so, in the whole corpus. Without
    either, it is measured how well each query's nearest documents under TF-IDF are kept.

    Whatever is learned is learned from the documents searched alone. A method that fails is recorded with the
    reason, and the rest goes on.

    Parameters
    ----------
    corpus : str or Path
        A folder of documents, or one file.
    settings : Settings
        Which methods, in which sizes, with which seeds.
    labels : {"none", "folder"} or None
        ``folder`` takes a file's folder as its label; None for what the configuration file says.
    fields : mapping of str to str or None
        Names of JSONL fields and CSV columns, of the corpus and the queries, as in `CorpusConfig.fields`; None for
        what the configuration file says.
    queries, qrels : str or Path or None
        Questions (JSONL or TSV with id and text) and their judgements (TSV, or as TREC has them).
    limit_queries : int or None
        Measure a seeded sample of so many queries.
    out : str or Path or None
        The folder to write; None for the corpus's name in ``evaluations``.
    force : bool
        Replace an evaluation that stands there.
    progress : Progress
        Hears how far it is.

    Returns
    -------
    Evaluation

    Raises
    ------
    ConfigError
        There is no such baseline, preset, size or configuration.
    CorpusError
        There is no such corpus.
    EvaluationError
        The corpus cannot be evaluated so, the folder is not free, or no method could be measured.
    IndexFolderError
        An index cannot be opened.
    """
    begun = perf_counter()
    chosen(settings.against)  # what is asked for is looked at before anything is read
    base = settings.base
    source = Source(
        corpus=corpus,
        config=CorpusConfig.from_json({**base.corpus.to_json(), **_given(labels, fields)}),
        text=base.text,
        queries=None if queries is None else Path(queries),
        qrels=None if qrels is None else Path(qrels),
        limit_queries=limit_queries,
    )
    target = Path(DEFAULT_FOLDER, open_corpus(corpus, source.config).name) if out is None else Path(out)
    with ExitStack() as opened:
        indexes = [
            (name, opened.enter_context(open_index(index)))
            for name, index in zip(names_of(settings.indexes), settings.indexes, strict=True)
        ]
        folder = opened.enter_context(evaluation_folder(target, force=force))
        task = opened.enter_context(read_task(source, progress))
        given = [GivenIndex(name, index, queries_seen(index, task)) for name, index in indexes]
        work = jobs(settings, given, any(task.database.documents.labels))
        outcome = _carry_out(work, task, folder, progress)
        results = Results(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=versions(),
            machine=machine(),
            settings=settings.to_json() | _asked(source),
            corpus=_facts(task, given, outcome, _without_labels(settings, task)),
            queries=_queries(task),
            retrievers=outcome.results,
            comparisons=compare([r for r in outcome.results if r.failed is None], progress),
            map=outcome.map,
            seconds=perf_counter() - begun,
        )
        undrawn = _write(results, folder)
    return Evaluation(results, target, undrawn)


def _carry_out(work: Sequence[Job], task: Task, folder: Path, progress: Progress) -> Outcome:
    """Fit and measure everything; write the runs, and what is relevant to whom."""
    course = Course(work, progress)
    outcome = Outcome(task)
    (folder / RUNS).mkdir()
    for number, job in enumerate(work):
        course.begin(number)
        measure_job(job, task, folder / RUNS, course, outcome)
    course.end()
    if all(result.failed is not None for result in outcome.results):
        reasons = "\n".join(f"  {result.title}: {result.failed}" for result in outcome.results)
        raise EvaluationError(f"{task.name}: expected a method that can be measured, found none:\n{reasons}")
    file = folder / (NEIGHBOURS if task.facts.relevance == "tfidf-neighbours" else QRELS)
    write_qrels(file, task.queries.ids, task.database.ids, task.relevance, outcome.named)
    return outcome


def _given(labels: str | None, fields: Mapping[str, str] | None) -> dict[str, object]:
    """Return what was given of how to read the corpus."""
    given = {"labels": labels, "fields": None if fields is None else dict(fields)}
    return {name: value for name, value in given.items() if value is not None}


def _asked(source: Source) -> dict[str, object]:
    """Give what was asked of the corpus, as plain JSON values."""
    return {
        "labels": source.config.labels,
        **({"fields": source.config.fields} if source.config.fields else {}),
        "queries": None if source.queries is None else source.queries.name,
        "qrels": None if source.qrels is None else source.qrels.name,
        "limit_queries": source.limit_queries,
        "text": source.text.to_json(),
    }


def _queries(task: Task) -> list[QueryFacts]:
    side = task.queries
    totals = task.relevance.totals().tolist()
    return [
        QueryFacts(id=name, title=title, labels=list(labels), n_relevant=n)
        for name, title, labels, n in zip(side.ids, side.titles, side.documents.labels, totals, strict=True)
    ]


def _without_labels(settings: Settings, task: Task) -> list[str]:
    """Say which baselines are not there since they learn from labels."""
    if any(task.database.documents.labels):
        return []
    there = {baseline.name for baseline in chosen(settings.against, labelled=False)}
    names = [baseline.name for baseline in chosen(settings.against) if baseline.name not in there]
    if not names:
        return []
    return [f"Left out since they learn from labels, of which the corpus has none: {', '.join(names)}."]


def _facts(task: Task, indexes: Sequence[GivenIndex], outcome: Outcome, more: Sequence[str]) -> CorpusFacts:
    """Say too what only the run has shown."""
    remarks = [*task.facts.remarks, *more]
    remarks += [
        f"The index {given.name} was built from {given.queries_seen:,} of the {len(task.queries):,} queries too: it "
        "has seen them, which methods trained here have not."
        for given in indexes
        if given.queries_seen
    ]
    if outcome.named is not None:
        remarks.append(
            f"{QRELS} holds those relevant documents alone that a run names: there are "
            f"{int(task.relevance.totals().sum()):,} relevant pairs in all."
        )
    return msgspec.structs.replace(task.facts, remarks=remarks)


def _write(results: Results, folder: Path) -> str | None:
    """Write the results and what is made of them; give the reason if they cannot be drawn."""
    from semhash.evaluation.report import write_report

    (folder / RESULTS).write_bytes(results.to_json())
    write_tables(results, folder)
    try:
        write_report([results], folder)
    except Exception as error:  # figures that took hours are not thrown away for a picture
        for name in _REPORT:
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / _PICTURES, ignore_errors=True)
        return f"{type(error).__name__}: {error}"
    return None
