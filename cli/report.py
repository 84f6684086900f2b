"""``semhash report``: from the results of evaluations to a page, without running anything again."""

from pathlib import Path
from typing import Annotated

import typer

from semhash.errors import ConfigError

from .console import emit, emit_json, readable, reports_errors, say, stops_tidily
from .options import AsJson, Quiet, path

__all__ = ["report"]

_RESULTS = "results.json"


@reports_errors
def report(
    results: Annotated[
        list[Path],
        typer.Argument(
            parser=path,
            metavar="RESULTS.json...",
            help="What semhash evaluate left: the file, or its folder. Several of them make one report.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=path,
            metavar="DIR",
            help="The folder to write into. [default: that of the one RESULTS.json, whose report is drawn again]",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that stands in --out.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the report of an evaluation, or of several, again.

    Writes report.html, one page that holds all it needs, and report.md with pictures/ beside it. Other files in
    the folder stay as they are.
    """
    stops_tidily()
    files = [given / _RESULTS if given.is_dir() else given for given in results]
    if out is None and len(files) > 1:
        raise ConfigError(
            f"--out: expected a folder for one report of {len(files)} results, found none; add --out DIR"
        )
    from semhash.evaluation.report import replace_report, verdicts
    from semhash.evaluation.results import Results

    read = [Results.read(file) for file in files]
    folder = out or files[0].parent
    replace_report(read, folder, force=force or out is None)
    said = verdicts(read)
    if as_json:
        emit_json({"report": readable(folder / "report.html"), "verdicts": [list(pair) for pair in said]})
        return
    emit(str(folder / "report.html"))
    for corpus, verdict in said:
        say(f"{corpus}: {verdict}", quiet)
