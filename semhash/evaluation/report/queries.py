"""The queries where semhash wins and loses most against the best other method."""

import numpy as np

from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Column, Row, Table, Text
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, View

__all__ = ["wins_and_losses"]

_LISTED = 10
_TITLE_WIDTH = 160


def wins_and_losses(view: View) -> list[Block]:
    """List them, with titles, labels and values; equal differences in the order of the queries."""
    lead, rival = view.lead, view.best_rival()
    if lead is None or rival is None:
        return []
    mine, theirs = lead.values(KEY), rival.values(KEY)
    n = len(view.results.queries)
    if mine is None or theirs is None or not len(mine) == len(theirs) == n:
        return []
    differences = mine - theirs
    won = [int(q) for q in np.argsort(-differences, kind="stable")[:_LISTED] if differences[q] > 0]
    lost = [int(q) for q in np.argsort(differences, kind="stable")[:_LISTED] if differences[q] < 0]
    ahead, behind = int((differences > 0).sum()), int((differences < 0).sum())
    said = (
        f"{lead.title} is above {rival.title} in {numbers.whole(ahead)} of {numbers.counted(n, 'query', 'queries')}, "
        f"below it in {numbers.whole(behind)}, and level with it in "
        f"{numbers.whole(n - ahead - behind) if n - ahead - behind else 'none'}."
    )
    pairs = np.column_stack([mine, theirs])
    tables = (("Won by the most", won), ("Lost by the most", lost))
    return [
        Text([said]),
        *(_table(view, (lead, rival), title, rows, pairs) for title, rows in tables if rows),
    ]


def _table(
    view: View,
    methods: tuple[Method, Method],
    title: str,
    rows: list[int],
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> Table:
    heads = [
        Column("query", numeric=False),
        Column("labels", numeric=False),
        Column(f"{view.wording.good} documents"),
        *(Column(f"{m.title}, {view.wording.prefix}average precision") for m in methods),
        Column("difference"),
    ]
    return Table(
        caption=title,
        columns=heads,
        bodies=[Body("", [_row(view, row, *values[row]) for row in rows])],
        sortable=True,
    )


def _row(view: View, row: int, mine: float, theirs: float) -> Row:
    query = view.results.queries[row]
    title = query.title or query.id
    short = title if len(title) <= _TITLE_WIDTH else title[: _TITLE_WIDTH - 1] + "…"
    return Row(
        [
            Cell(short, note=query.id if query.title and query.id != query.title else ""),
            Cell(", ".join(query.labels)),
            Cell(numbers.whole(query.n_relevant), sort=query.n_relevant),
            Cell(numbers.figure(mine), sort=float(mine)),
            Cell(numbers.figure(theirs), sort=float(theirs)),
            Cell(numbers.signed(mine - theirs), sort=float(mine - theirs)),
        ]
    )
