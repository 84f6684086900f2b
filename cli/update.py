"""``semhash update``, ``semhash add`` and ``semhash remove``: an index that keeps up with its documents."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semhash.errors import ConfigError, SemhashError

from .console import bars, emit, emit_json, readable, reports_errors, say, stops_tidily
from .drift import drift_as_json, when_due
from .options import AsJson, IndexPlace, Quiet, path
from .skips import say_guessed, say_skipped
from .timing import seconds_as_json, seconds_told, wait_asleep

if TYPE_CHECKING:
    from semhash.living import UpdateReport

__all__ = ["add", "remove", "update"]


@reports_errors
def update(
    corpus: Annotated[
        Path | None,
        typer.Argument(
            parser=path,
            metavar="[CORPUS]",
            help="Where the corpus is now; without it, where it was.",
            show_default=False,
        ),
    ] = None,
    index: IndexPlace = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what is different, and change nothing.")
    ] = False,
    retrain: Annotated[
        bool,
        typer.Option("--retrain", help="Learn new codes from all documents, as the index was first made."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Go on though the corpus is gone, or none of its documents is left."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Compare what is in every file, too: a copied or restored one may have the size and time that it had. "
            "With --watch, when it begins.",
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Stay, and bring it up to date again whenever something changes, a line (with --json an object) "
            "each time; Ctrl-C ends it, with status 130.",
        ),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Bring an index up to date with its corpus; the codes stay.

    Documents that are new, changed, moved or gone are found by the size and time of their files (with --check by
    what is in them), and only what is different is read and encoded. What was added by hand is kept, and what was
    removed stays out.

    Stopped at any time, it leaves an index that is whole: the old one, or the new one.
    """
    stops_tidily()
    if watch:
        if dry_run or retrain or force:
            raise ConfigError("--watch: expected none of --dry-run, --retrain and --force with it, found one")
        _watch(index, corpus, check, as_json, quiet)
        return
    wait_asleep()
    from semhash.living import update_index

    with bars(quiet) as progress:
        report = update_index(
            index, corpus, dry_run=dry_run, retrain=retrain, force=force, check=check, progress=progress
        )
    _tell(report, as_json, quiet, dry_run)


@reports_errors
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(parser=path, metavar="FILE...", help="Files or folders, wherever they are."),
    ],
    index: IndexPlace = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add files from outside the corpus; updates follow them.

    Their ids are their whole paths, or those that their rows have. What no document can be made of is skipped, counted
    and listed by: semhash list --skipped. A document that was removed comes back when its file is added.
    """
    stops_tidily()
    from semhash.living import add_documents

    with bars(quiet) as progress:
        report = add_documents(paths, index, progress=progress)
    _tell(report, as_json, quiet)


@reports_errors
def remove(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids of documents, as semhash list shows them.")
    ],
    index: IndexPlace = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Take documents out of an index, and keep them out.

    Their files stay as they are. No update brings them back; semhash add FILE does. A file, or a row with an id, stays
    out even if its text changes; a message, a passage or a row without an id wherever in its file it stands by then.
    """
    stops_tidily()
    from semhash.living import remove_documents

    with bars(quiet) as progress:
        report = remove_documents(ids, index, progress=progress)
    _tell(report, as_json, quiet)


def _watch(index: Path | None, corpus: Path | None, check: bool, as_json: bool, quiet: bool) -> None:
    """Tell of every update until something ends it: Ctrl-C (status 130), SIGTERM (143)."""
    from semhash.living import watch_index

    watching = False
    for done in watch_index(index, corpus, check=check):
        if isinstance(done, SemhashError):
            say(f"semhash: {done}; tried again when something changes")
        else:
            _tell(done, as_json, quiet)
        if not watching:
            say("watching; Ctrl-C ends it", quiet)
            watching = True
        sys.stdout.flush()


def _tell(report: "UpdateReport", as_json: bool, quiet: bool, dry_run: bool = False) -> None:
    if as_json:
        emit_json(_json(report, dry_run))
        return
    if dry_run:
        for line in _lines(report):
            emit(*line)
    counted = _counted(report)
    if dry_run:
        say(f"{', '.join(counted) or 'nothing to do'}; nothing was changed: {report.out}", quiet)
        return
    if not report.written:
        emit(f"nothing to do: {report.n_documents:,} documents as they were: {report.out}")
        return
    emit(
        f"{', '.join(counted) or 'no document changed'}; {report.n_encoded:,} encoded; {report.n_documents:,} "
        f"documents, in {seconds_told(report.seconds)}: {report.out}"
    )
    say_skipped(report.skipped, "", quiet, report.remarks)
    say_guessed(report.guessed, "", quiet)
    due = when_due(report.drift, report.out)
    if due is not None:
        say(due, quiet)


def _counted(report: "UpdateReport") -> list[str]:
    numbers = {
        "new": len(report.new),
        "changed": len(report.changed),
        "moved": len(report.moved),
        "vanished": len(report.vanished),
        "removed": len(report.removed),
    }
    return [f"{number:,} {kind}" for kind, number in numbers.items() if number]


def _lines(report: "UpdateReport") -> Iterator[tuple[str, ...]]:
    """Give what is different, a document a line."""
    for document in report.new:
        yield "new", document
    for document in report.changed:
        yield "changed", document
    for was, document in report.moved:
        yield "moved", document, was
    for document in report.vanished:
        yield "vanished", document


def _json(report: "UpdateReport", dry_run: bool) -> dict[str, Any]:
    return {
        "new": report.new,
        "changed": report.changed,
        "moved": [{"from": was, "to": document} for was, document in report.moved],
        "vanished": report.vanished,
        "removed": report.removed,
        "n_documents": report.n_documents,
        "n_encoded": report.n_encoded,
        "n_unaddressed": report.n_unaddressed,
        "n_skipped": report.n_skipped,
        "skipped": report.skipped,
        "remarks": report.remarks,
        "guessed": [asdict(read_as) for read_as in report.guessed],
        "generation": report.generation,
        "written": report.written,
        "retrained": report.retrained,
        "drift": drift_as_json(report.drift),
        "dry_run": dry_run,
        "seconds": seconds_as_json(report.seconds),
        "out": readable(report.out),
    }
