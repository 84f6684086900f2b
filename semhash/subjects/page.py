"""The map as one HTML file: a picture of all documents, and what is said in each region. Loads nothing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semhash import codes
from semhash.catalogue import DocumentHead
from semhash.drawing import numbers
from semhash.drawing.blocks import Block, Body, Cell, Chart, Column, Part, Report, Row, Section, Table, Text
from semhash.drawing.looks import Look, label_looks
from semhash.drawing.page import page
from semhash.drawing.plots import Axis, Note, Panel, Plot, Series
from semhash.index import Index
from semhash.progress import Progress, silent
from semhash.store.whole_file import whole_file
from semhash.subjects.layout import disc_radii, lay_out
from semhash.subjects.subjects import Region, RegionDocument, SubjectMap

__all__ = ["MAX_POINTS", "subject_page", "write_page"]

MAX_POINTS = 20_000
"""How many documents are drawn at most; of more, a seeded sample."""

_TITLE_WIDTH = 90
_DIGITS = 4


def write_page(
    index: Index, found: SubjectMap, file: Path, *, force: bool = False, progress: Progress = silent
) -> None:
    """Write the page into a file, which appears whole or not at all.

    Parameters
    ----------
    index : Index
    found : SubjectMap
        Of that index.
    file : Path
    force : bool
        Whether a file that stands there is replaced.
    progress : Progress
        Hears the documents of stage ``draw``.

    Raises
    ------
    ConfigError
        Something stands there and is not to be replaced, or there is no folder for it.
    OSError
        It cannot be written.
    """
    with whole_file(file, force=force) as stream:
        stream.write(subject_page(index, found, progress).encode())


def subject_page(index: Index, found: SubjectMap, progress: Progress = silent) -> str:
    """Draw the page; whatever comes from documents is escaped.

    Raises
    ------
    IndexDamagedError
        A file of the index is missing or altered.
    """
    looks = label_looks(len(found.regions))
    with index.asking():
        blocks: list[Block] = [Text([_summary(found)], "verdict")]
        if found.regions:
            blocks += [_picture(index, found, looks, progress)]
            blocks += [_overview(found, looks)]
        regions = [_region(region, found.bits) for region in found.regions]
    sections = [Section("map", "The map", blocks), *regions]
    title = f"The subjects of {index.path.name}"
    about = f"A map by semhash of an index of {numbers.counted(found.n_documents, 'document')}, seed {found.seed}."
    return page(Report(title=title, about=about, parts=[Part(name="map", title=title, sections=sections)]))


def region_name(region: Region) -> str:
    """Give a few words to call a region by."""
    return f"{region.number}: {' '.join((region.expected or region.words)[:3]) or 'no words'}"


def _summary(found: SubjectMap) -> str:
    said = f"{numbers.counted(found.n_documents - found.n_unaddressed, 'document')} in "
    said += f"{numbers.counted(len(found.regions), 'region')} of addresses."
    if found.n_unaddressed:
        said += f" {numbers.counted(found.n_unaddressed, 'document')} without a known word, at no address."
    return said


def _picture(index: Index, found: SubjectMap, looks: Sequence[Look], progress: Progress) -> Chart:
    rows = np.flatnonzero(found.region_of >= 0)
    addressed = len(rows)
    if addressed > MAX_POINTS:
        generator = np.random.default_rng(found.seed)
        rows = np.sort(generator.choice(rows, MAX_POINTS, replace=False, shuffle=False))
    packed = np.asarray(index.codes)[rows]
    addresses = np.array([f"{code:0{found.bits}b}" for code in codes.to_ints(packed)])
    members = found.region_of[rows]
    radii = disc_radii(np.array([region.n_documents for region in found.regions]))
    places, centres = lay_out(codes.unpack(packed, found.bits), members, radii, partial(progress, "draw"))
    heads = index.catalogue.heads()
    drawn = [
        _cloud(region_name(region), look, places[ours], _told(region, heads, rows[ours], addresses[ours]))
        for number, (region, look) in enumerate(zip(found.regions, looks, strict=True))
        for ours in [np.flatnonzero(members == number)]
    ]
    notes = [
        Note(
            " ".join((region.expected or region.words)[:2]),
            round(float(x), _DIGITS),
            round(float(y), _DIGITS),
        )
        for region, (x, y) in zip(found.regions, centres + radii[:, None] * [0, 1.1], strict=True)
    ]
    axis = Axis(title="", bare=True)
    panel = Panel(y=axis, series=drawn, notes=notes)
    plot = Plot(name="subjects", kind="points", x=axis, panels=[panel], height=760, wheel=True, even=True)
    who = f"A sample of {numbers.whole(len(rows))} of {numbers.whole(addressed)} documents"
    caption = (
        f"{who if len(rows) < addressed else numbers.counted(addressed, 'document')}: a disc for each region, as "
        "large as it has documents, and inside it those of one address together. Regions that are alike stand "
        "near each other as far as a plane allows. Zoom with the wheel, move by dragging; point at a document "
        "for its title."
    )
    spoken = "; ".join(
        f"{region_name(r)}, {numbers.counted(r.n_documents, 'document')}" for r in found.regions
    )
    return Chart(plot=plot, caption=caption, spoken=f"A map of documents by region. {spoken}.")


def _cloud(name: str, look: Look, places: NDArray[np.float64], told: list[str]) -> Series:
    x, y = places.round(_DIGITS).T.tolist()
    return Series(name=name, look=look, x=x, y=y, text=told)


def _told(
    region: Region, heads: Sequence[DocumentHead], rows: NDArray[np.int64], addresses: NDArray[np.str_]
) -> list[str]:
    """Say of each document what it is, in which region, and where."""
    name = region_name(region)
    return [
        f"{_short(heads[row].title or heads[row].id)}\n{name}\n{address}"
        for row, address in zip(rows.tolist(), addresses.tolist(), strict=True)
    ]


def _short(title: str) -> str:
    return title if len(title) <= _TITLE_WIDTH else title[: _TITLE_WIDTH - 1] + "…"


def _overview(found: SubjectMap, looks: Sequence[Look]) -> Table:
    addressed = found.n_documents - found.n_unaddressed
    rows = [
        Row(
            [
                Cell(region_name(region), sort=region.number),
                Cell(numbers.whole(region.n_documents), sort=region.n_documents),
                Cell(f"{region.n_documents / addressed:.1%}", sort=region.n_documents),
                Cell(f"{region.spread:.1f}", sort=region.spread),
                Cell(" ".join(region.expected) or numbers.MISSING),
                Cell(" ".join(region.words) or numbers.MISSING),
            ],
            look=look,
        )
        for region, look in zip(found.regions, looks, strict=True)
    ]
    columns = [
        Column("region", numeric=False),
        Column("documents"),
        Column("share"),
        Column("spread", "Bits in which its documents differ from its address, on average"),
        Column("words expected", "What the decoder expects there, more than in all", numeric=False),
        Column("words found", "What its documents hold more often than others: log-odds", numeric=False),
    ]
    return Table(
        caption="The regions, the largest first", columns=columns, bodies=[Body("", rows)], sortable=True
    )


def _region(region: Region, bits: int) -> Section:
    said = (
        f"{numbers.counted(region.n_documents, 'document')} at "
        f"{numbers.counted(region.n_addresses, 'address', 'addresses')} around {region.address:0{bits}b}, "
        f"{region.spread:.1f} bits from it on average."
    )
    columns = [
        Column("document", numeric=False),
        Column("bits", "Bits in which its code differs from the region's"),
    ]
    table = Table(
        caption=f"Documents of region {region.number}",
        columns=columns,
        bodies=[
            Body("nearest", [_document(document) for document in region.nearest]),
            Body("outliers", [_document(document) for document in region.outliers]),
        ],
    )
    return Section(f"region-{region.number}", region_name(region), [Text([said]), table])


def _document(document: RegionDocument) -> Row:
    note = "" if document.id == document.title else document.id
    return Row([Cell(document.title or document.id, note=note), Cell(str(document.distance))])
