"""``semhash duplicates``: documents of an index that say nearly the same."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import bars, console, emit_json, emit_table, reports_errors, say, visible
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from semhash.duplicates import Duplicate, DuplicateGroup

__all__ = ["duplicates"]


@reports_errors
def duplicates(
    index: IndexPlace = None,
    min_similarity: Annotated[
        float,
        typer.Option(
            metavar="S", help="How alike two documents must be: the TF-IDF cosine of their words, up to 1."
        ),
    ] = 0.9,
    radius: Annotated[
        int,
        typer.Option(
            min=0,
            max=2,
            metavar="R",
            help="Bits in which their addresses may differ, 0 to 2: near copies often do.",
        ),
    ] = 2,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find near-identical documents, in groups.

    Documents at neighbouring addresses are compared by their words; those of equal text are duplicates anyway.
    The first of a group is the one that was read first, and the others are held against it. Documents can hang
    together by a third: such two may be less alike than asked for.
    """
    from semhash.duplicates import find_duplicates
    from semhash.index import open_index

    with open_index(index) as opened, bars(quiet) as progress:
        groups = find_duplicates(opened, min_similarity, radius, progress=progress)
        n_documents = len(opened)
    if as_json:
        asked = {"n_documents": n_documents, "min_similarity": min_similarity, "radius": radius}
        emit_json({**asked, "groups": [_json(group) for group in groups]})
        return
    if not groups:
        say(f"no two of {n_documents:,} documents are that alike; try a lower --min-similarity", quiet)
        return
    _show(groups)
    inside = sum(len(group.documents) for group in groups)
    said = (
        f"1 group of {inside:,}"
        if len(groups) == 1
        else f"{len(groups):,} groups of {inside:,} documents in all,"
    )
    say(f"{said} among {n_documents:,}: {inside - len(groups):,} documents repeat another", quiet)


def _json(group: "DuplicateGroup") -> dict[str, Any]:
    return {
        "similarity": round(group.similarity, 6),
        "documents": [
            {
                "id": document.id,
                "title": document.title,
                "path": document.path,
                "similarity": round(document.similarity, 6),
                "distance": document.distance,
                "identical": document.identical,
            }
            for document in group.documents
        ],
    }


def _show(groups: "list[DuplicateGroup]") -> None:
    """Print a table: a group after the other, a blank line between them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("group", "similarity", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("document", overflow="fold")
    for number, group in enumerate(groups, 1):
        if number > 1:
            table.add_row()
        for place, document in enumerate(group.documents):
            shown = Text(visible(document.title), style="" if place else "bold")
            if (where := _place(document)) != document.title:
                shown.append(f"\n{visible(where)}", style="dim")
            alike = ("same text" if document.identical else f"{document.similarity:.3f}") if place else ""
            table.add_row("" if place else str(number), alike, str(document.distance) if place else "", shown)
    emit_table(table, console())


def _place(document: "Duplicate") -> str:
    """Give the id, and the path where the id does not begin with it."""
    return document.id if document.id.startswith(document.path) else f"{document.id} in {document.path}"
