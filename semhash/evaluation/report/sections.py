"""The report put together: an opening over all corpora where there are several, and a part for each."""

import re
from collections.abc import Sequence

from semhash.drawing import numbers
from semhash.drawing.blocks import (
    Block,
    Body,
    Cell,
    Column,
    Part,
    Report,
    Row,
    Section,
    Table,
    Text,
)
from semhash.drawing.looks import Look
from semhash.errors import EvaluationError
from semhash.evaluation.report.cost import cost
from semhash.evaluation.report.curves import balls, precision_recall
from semhash.evaluation.report.documents import document_map, fullness
from semhash.evaluation.report.labels import by_label
from semhash.evaluation.report.looks import looks_of
from semhash.evaluation.report.protocol import protocol
from semhash.evaluation.report.quality import glance, method_table
from semhash.evaluation.report.queries import wins_and_losses
from semhash.evaluation.report.summary import sentences, verdict
from semhash.evaluation.report.ties import ties
from semhash.evaluation.report.view import KEY, View, best_of
from semhash.evaluation.results import Results

__all__ = ["report_of"]

_ABOUT = "An evaluation by semhash. Drawn from recorded results."


def report_of(results: Sequence[Results]) -> Report:
    """Say all there is to say of some results.

    Raises
    ------
    EvaluationError
        There are none, or one of them has no method that was measured.
    """
    views = [View(checked(found)) for found in results]
    if not views:
        raise EvaluationError(
            "report: expected at least one results.json, found none; run semhash evaluate first"
        )
    looks = looks_of(views)
    names = _part_names(views)
    parts = [_part(view, name, looks) for view, name in zip(views, names, strict=True)]
    if len(views) == 1:
        return Report(title=f"semhash on {views[0].name}", about=_ABOUT, parts=parts)
    titles = numbers.listed(list(dict.fromkeys(view.name for view in views)))
    return Report(title=f"semhash on {titles}", about=_ABOUT, opening=[_over_all(views, looks)], parts=parts)


def checked(results: Results) -> Results:
    """Give results back that have something to report.

    Raises
    ------
    EvaluationError
        No method was measured.
    """
    if results.measured:
        return results
    failed = [f"{r.title} ({r.failed})" for r in results.retrievers]
    found = f"{len(failed)} that failed: {'; '.join(failed)}" if failed else "none"
    raise EvaluationError(
        f"results of {results.corpus.name}: expected at least one method that was measured, found {found}; "
        "run semhash evaluate again"
    )


def _part_names(views: Sequence[View]) -> list[str]:
    """Give each part a name of letters, digits and hyphens, no two the same."""
    found: list[str] = []
    for number, view in enumerate(views, start=1):
        name = (
            re.sub(r"[^a-z0-9]+", "-", view.name.removesuffix(".jsonl").lower()).strip("-")[:40] or "corpus"
        )
        found.append(name if name not in found else f"{name}-{number}")
    return found


def _part(view: View, name: str, looks: dict[str, Look]) -> Part:
    warning = [Text([view.wording.warning], "warning")] if view.wording.warning else []
    blocks: list[tuple[str, str, Sequence[Block]]] = [
        ("summary", "In plain words", [*warning, Text([verdict(view)], "verdict"), Text(sentences(view))]),
        ("methods", "All methods", [glance(view, looks), *method_table(view, looks)]),
        ("curves", "Precision and recall", precision_recall(view, looks)),
        ("radius", "By the radius of the ball", balls(view, looks)),
        ("cost", "Cost beside quality", cost(view, looks)),
        ("labels", "Label by label", by_label(view, looks)),
        ("map", "A map of the documents", document_map(view)),
        ("addresses", "How full the addresses are", fullness(view, looks)),
        ("queries", "Where semhash wins and loses most", wins_and_losses(view)),
        ("ties", "Worst and best order within ties", ties(view, looks)),
        ("protocol", "How it was measured", protocol(view)),
    ]
    sections = [Section(f"{name}-{key}", title, found) for key, title, found in blocks if found]
    return Part(name=name, title=view.name, sections=sections)


def _over_all(views: Sequence[View], looks: dict[str, Look]) -> Section:
    verdicts = Text([f"{view.name}: {verdict(view)}" for view in views], "list")
    warnings = [f"{view.name}: {view.wording.warning}" for view in views if view.wording.warning]
    warned = [Text(warnings, "warning")] if warnings else []
    return Section("all", "All corpora", [*warned, verdicts, _key_table(views, looks)])


def _key_table(views: Sequence[View], looks: dict[str, Look]) -> Table:
    """Set the key measure of every method over all corpora."""
    titles = dict.fromkeys(m.title for view in views for m in view.by_key(view.methods))
    found = {(view, m.title): m for view in views for m in view.methods}
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for title in sorted(titles, key=lambda title: looks[title].colour not in {"own", "own-2"}):
        kinds[all(m.unaided for (_, name), m in found.items() if name == title)].append(title)
    bodies = []
    for unaided, heading in (
        (True, "From the texts alone"),
        (False, "With labels, or pretrained: not on equal terms"),
    ):
        tops = [
            best_of([m for m in view.methods if m.title in kinds[unaided] and m not in view.reference], KEY)
            for view in views
        ]
        rows = []
        for title in kinds[unaided]:
            cells = [Cell(title)]
            for view, top in zip(views, tops, strict=True):
                m = found.get((view, title))
                mean = m.mean(KEY) if m else None
                best = bool(top) and numbers.figure(mean) == numbers.figure(top.mean(KEY) if top else None)
                spread = numbers.spread(mean, m.deviation(KEY) if m else None)
                cells.append(
                    Cell(spread, sort=mean, best=best and mean is not None and m not in view.reference)
                )
            rows.append(Row(cells, looks[title], looks[title].colour in {"own", "own-2"}))
        if rows:
            bodies.append(Body(heading, rows))
    heads = [Column("method", numeric=False)]
    heads += [
        Column(f"{view.name}, {view.wording.heading(KEY)}", view.wording.meaning(KEY)) for view in views
    ]
    return Table(
        caption=f"{KEY} of every method on every corpus", columns=heads, bodies=bodies, sortable=True
    )
