"""``semhash evaluate``: whether it is better than what one would use otherwise, on these documents."""

from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import config_options as options
from .console import (
    bars,
    console,
    emit_json,
    emit_table,
    readable,
    reports_errors,
    say,
    stops_tidily,
    visible,
)
from .options import AsJson, Quiet, path
from .timing import wait_asleep

if TYPE_CHECKING:
    from semhash.evaluation.evaluator import Evaluation
    from semhash.evaluation.results import Results, RetrieverResult

__all__ = ["evaluate"]

_CORPUS, _METHODS, _OUTPUT = "Corpus", "Methods", "Output"
_WIDTH = 140
_SHOWN = ("P@10", "P@100", "MAP", "nDCG@10")


def _integers(given: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them."""
    try:
        return tuple(int(number) for number in given.split(","))
    except ValueError:
        raise typer.BadParameter(f"expected whole numbers such as 20,32, found {given!r}") from None


def _names(given: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    names = tuple(name.strip() for name in given.split(","))
    if not all(names):
        raise typer.BadParameter(f"expected names such as bm25,lsa, found {given!r}")
    return names


@reports_errors
def evaluate(
    corpus: Annotated[
        str,
        typer.Argument(
            metavar="CORPUS",
            help="A folder of documents, or a JSONL file (.gz too); with labels, if you have them.",
        ),
    ],
    labels: options.Labels = None,
    field: options.Fields = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            "--queries",
            parser=path,
            metavar="FILE",
            rich_help_panel=_CORPUS,
            help="Questions: JSONL with id (or _id) and text, or TSV. The whole corpus is then searched.",
        ),
    ] = None,
    qrels: Annotated[
        Path | None,
        typer.Option(
            "--qrels",
            parser=path,
            metavar="FILE",
            rich_help_panel=_CORPUS,
            help="What answers them: query, document and grade between tabs, or as TREC has it.",
        ),
    ] = None,
    limit_queries: Annotated[
        int | None,
        typer.Option(
            "--limit-queries",
            min=1,
            metavar="N",
            rich_help_panel=_CORPUS,
            help="Measure a sample of so many queries. [default: all]",
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_METHODS,
            help="A recipe of semhash's to train: default, plain or paper; or none. Can be given several times. "
            "[default: default, unless --config or --index is given]",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            parser=path,
            metavar="FILE",
            rich_help_panel=_METHODS,
            help="A recipe of your own: TOML, as semhash index --print-config writes it.",
        ),
    ] = None,
    index: Annotated[
        list[Path] | None,
        typer.Option(
            "--index",
            parser=path,
            metavar="DIR",
            rich_help_panel=_METHODS,
            help="An index whose codes are measured as they are. Can be given several times.",
        ),
    ] = None,
    against: Annotated[
        Any,
        typer.Option(
            parser=_names,
            metavar="NAMES",
            rich_help_panel=_METHODS,
            help="Baselines: standard, all, none, or names with commas between, such as bm25,lsa.",
        ),
    ] = "standard",
    bits: Annotated[
        Any,
        typer.Option(
            parser=_integers,
            metavar="LIST",
            rich_help_panel=_METHODS,
            help="Widths of codes, such as 20,32. [default: 20, or the configuration file's]",
        ),
    ] = None,
    dimensions: Annotated[
        Any,
        typer.Option(
            parser=_integers,
            metavar="LIST",
            rich_help_panel=_METHODS,
            help="Sizes of methods that keep real numbers.",
        ),
    ] = "20,128",
    seeds: Annotated[
        Any,
        typer.Option(
            parser=_integers,
            metavar="LIST",
            rich_help_panel=_METHODS,
            help="Seeds; what chance has a part in is fitted with each.",
        ),
    ] = "0",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=path,
            metavar="DIR",
            rich_help_panel=_OUTPUT,
            help="The folder to write. [default: evaluations/NAME]",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", rich_help_panel=_OUTPUT, help="Replace the evaluation that stands there."),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure semhash and other methods on your own documents.

    Rows of split train are searched, all others ask; without splits, a fifth drawn at random asks. Relevant is
    what shares a label with the query, or what --qrels says. Whatever is learned is learned from the documents
    searched alone.
    """
    stops_tidily()
    wait_asleep()
    from semhash.evaluation.settings import Settings

    settings = Settings(
        presets=preset,
        config=config,
        indexes=index or (),
        against=against,
        bits=bits,
        dimensions=dimensions,
        seeds=seeds,
    )
    from semhash.evaluation.evaluator import evaluate as measured

    with bars(quiet) as progress:
        evaluation = measured(
            path(corpus),
            settings=settings,
            labels=labels,
            fields=options.pairs(field) if field else None,
            queries=queries,
            qrels=qrels,
            limit_queries=limit_queries,
            out=out,
            force=force,
            progress=progress,
        )
    if as_json:
        emit_json(_json(evaluation))
    else:
        _show(evaluation.results)
    _tell(evaluation, quiet)


def _json(evaluation: "Evaluation") -> dict[str, Any]:
    results = evaluation.results
    prefix = results.corpus.prefix
    return {
        "out": readable(evaluation.out),
        "corpus": results.corpus.name,
        "relevance": results.corpus.relevance,
        "n_database": results.corpus.n_database,
        "n_queries": results.corpus.n_queries,
        "retrievers": [_retriever(retriever, prefix) for retriever in results.retrievers],
    }


def _retriever(retriever: "RetrieverResult", prefix: str) -> dict[str, Any]:
    cost = retriever.cost
    return {
        "name": retriever.name,
        "title": retriever.title,
        "group": retriever.group,
        "size": retriever.size,
        "seed": retriever.seed,
        "figures": {prefix + measure: value for measure, value in retriever.figures.items()},
        "intervals": {prefix + measure: list(ends) for measure, ends in retriever.intervals.items()},
        "bytes_per_document": None if cost is None else cost.bytes_per_document,
        "fit_seconds": None if cost is None else cost.fit_seconds,
        "query_milliseconds": None if cost is None else cost.query_milliseconds,
        "failed": retriever.failed,
    }


def _show(results: "Results") -> None:
    """Draw a line for each method, means over its seeds, the best figures marked."""
    from rich.table import Table

    titles = list(dict.fromkeys(retriever.title for retriever in results.measured))
    runs = {title: [r for r in results.measured if r.title == title] for title in titles}
    means = {
        (title, measure): fmean(r.figures[measure] for r in runs[title])
        for title in titles
        for measure in _SHOWN
    }
    best = {measure: max(means[title, measure] for title in titles) for measure in _SHOWN}
    table = Table(box=None, pad_edge=False, header_style=None)
    table.add_column("method", overflow="fold")
    for heading in ("bytes", *(results.corpus.prefix + measure for measure in _SHOWN), "fit s", "query ms"):
        table.add_column(heading, justify="right")
    for title in titles:
        costs = [r.cost for r in runs[title] if r.cost is not None]
        figures = [_figure(means[title, measure], best[measure]) for measure in _SHOWN]
        table.add_row(
            visible(title),
            f"{fmean(cost.bytes_per_document for cost in costs):.1f}",
            *figures,
            f"{fmean(cost.fit_seconds for cost in costs):.1f}",
            f"{fmean(cost.query_milliseconds for cost in costs):.2f}",
        )
    drawn_on = console()
    if not drawn_on.is_terminal:
        drawn_on.width = max(drawn_on.width, _WIDTH)
    emit_table(table, drawn_on)


def _figure(value: float, best: float) -> str:
    return f"{value:.3f}{'*' if value == best else ' '}"


def _tell(evaluation: "Evaluation", quiet: bool) -> None:
    """Say what a figure does not."""
    results = evaluation.results
    corpus = results.corpus
    for retriever in results.retrievers:
        if retriever.failed is not None:
            say(f"failed: {retriever.title}: {retriever.failed}", quiet)
    for remark in corpus.remarks:
        say(remark, quiet)
    if corpus.n_unanswerable:
        say(f"{corpus.n_unanswerable:,} queries have nothing to find, and are left out", quiet)
    if corpus.n_across:
        named = ", ".join(corpus.across)
        say(
            f"{corpus.n_across:,} queries stand word by word in what is searched: {named}"
            f"{' and others' if corpus.n_across > len(corpus.across) else ''}",
            quiet,
        )
    if evaluation.undrawn is not None:
        say(
            f"the report could not be drawn: {evaluation.undrawn}; all else is there; draw it with: "
            f"semhash report {evaluation.out / 'results.json'}",
            quiet,
        )
    say(
        f"{corpus.n_queries:,} queries, {corpus.n_database:,} documents, {results.seconds:.0f} s; * is the best; "
        f"written to {evaluation.out}: read report.html",
        quiet,
    )
