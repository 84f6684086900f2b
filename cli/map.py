"""``semhash map``: what an index is about, as a table, as JSON, and as one page with a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import bars, console, emit, emit_json, emit_table, readable, reports_errors, say, visible
from .options import AsJson, IndexPlace, Quiet, path

if TYPE_CHECKING:
    from rich.text import Text

    from semhash.subjects import Region, RegionDocument, SubjectMap

__all__ = ["map_subjects"]

_SHOWN = 3


@reports_errors
def map_subjects(
    index: IndexPlace = None,
    regions: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="How many regions to make, at most. [default: as many as are needed, up to 24]",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            parser=path,
            metavar="FILE",
            help="Write one page that holds all it needs: a picture of all documents to zoom into, and the regions.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed makes the same regions.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that stands at --html.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show the subjects of a corpus, the largest first.

    For each region: the words that are expected there and those that are found there more often than elsewhere,
    the documents nearest to its middle, and those farthest from it.
    """
    from semhash.index import open_index
    from semhash.subjects import find_subjects

    with open_index(index) as opened, bars(quiet) as progress:
        found = find_subjects(opened, regions, seed, progress=progress)
        if html is not None:
            from semhash.subjects.page import write_page

            write_page(opened, found, html, force=force, progress=progress)
    if as_json:
        emit_json({**_json(found), "html": None if html is None else readable(html)})
        return
    if html is not None:
        emit(str(html))
    elif found.regions:
        _show(found)
    said = f"{found.n_documents - found.n_unaddressed:,} documents in {len(found.regions):,} regions"
    apart = f"; {found.n_unaddressed:,} without a known word are in none" if found.n_unaddressed else ""
    say(f"{said}{apart}", quiet)


def _json(found: "SubjectMap") -> dict[str, Any]:
    return {
        "n_documents": found.n_documents,
        "n_unaddressed": found.n_unaddressed,
        "bits": found.bits,
        "seed": found.seed,
        "regions": [
            {
                "region": region.number,
                "address": region.address,
                "n_documents": region.n_documents,
                "n_addresses": region.n_addresses,
                "spread": round(region.spread, 3),
                "expected": list(region.expected),
                "words": list(region.words),
                "nearest": [_document(document) for document in region.nearest],
                "outliers": [_document(document) for document in region.outliers],
            }
            for region in found.regions
        ],
    }


def _document(document: "RegionDocument") -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "path": document.path,
        "distance": document.distance,
    }


def _show(found: "SubjectMap") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("region", "documents", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("subject", overflow="fold")
    for region in found.regions:
        if region.number > 1:
            table.add_row()
        table.add_row(str(region.number), f"{region.n_documents:,}", f"{region.spread:.1f}", _subject(region))
    emit_table(table, console())


def _subject(region: "Region") -> "Text":
    """Give the words, those that the decoder expects first, and a few titles."""
    from rich.text import Text

    first = region.expected or region.words
    shown = Text.assemble((visible(" ".join(first)) or "no words", "bold"))
    if others := [word for word in region.words if word not in first]:
        shown.append(f"\nalso found: {visible(' '.join(others))}")
    for sign, documents in (("+", region.nearest), ("-", region.outliers)):
        for document in documents[:_SHOWN]:
            shown.append(
                f"\n{sign} {visible(document.title or document.id)}", style="dim" if sign == "-" else ""
            )
    return shown
