"""``semhash list`` and ``semhash verify``: what an index holds, and whether it is whole."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semhash.errors import IndexFolderError

from .console import bars, emit, emit_json, readable, reports_errors, say
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from semhash.catalogue import CatalogueEntry
    from semhash.index import Index

__all__ = ["list_documents", "verify"]


@reports_errors
def list_documents(
    index: IndexPlace = None,
    label: Annotated[str | None, typer.Option(metavar="LABEL", help="Only documents of this label.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most this many.")] = None,
    skipped: Annotated[
        bool,
        typer.Option(
            "--skipped", help="List what did not become a document instead, with the reason, and what is odd."
        ),
    ] = False,
    guessed: Annotated[
        bool,
        typer.Option(
            "--guessed",
            help="List the files whose encoding was guessed, or which could not be read in full, instead: what they "
            "are taken to be in, how surely (0 to 1), and how many bytes could not be decoded.",
        ),
    ] = False,
    indexes: Annotated[
        bool, typer.Option("--indexes", help="List the indexes that there are instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
    quiet: Quiet = False,
) -> None:
    """List the documents of an index: code, id and title.

    A document without a known word is at no address, and has dashes in place of a code.
    """
    if indexes:
        _list_indexes(as_json, quiet)
        return
    from semhash.index import open_index

    with open_index(index) as opened:
        if skipped:
            _list_skipped(opened, limit, as_json, quiet)
            return
        if guessed:
            _list_guessed(opened, limit, as_json, quiet)
            return
        listed = 0
        for entry in opened.catalogue.documents(label, limit):
            listed += 1
            if as_json:
                emit_json(_document(entry, opened.bits))
            else:
                emit(_address(entry, opened.bits), entry.id, entry.title)
    if not listed:
        say(f"no document has the label {label!r}", quiet)


def _list_skipped(opened: "Index", limit: int | None, as_json: bool, quiet: bool) -> None:
    skipped = opened.catalogue.skipped()
    if not skipped:
        say("nothing was skipped", quiet)
    for s in skipped[:limit]:
        if as_json:
            emit_json({"path": s.path, "reason": str(s.reason), "detail": s.detail})
        else:
            emit(s.path, str(s.reason), s.detail)


def _list_guessed(opened: "Index", limit: int | None, as_json: bool, quiet: bool) -> None:
    guessed = opened.catalogue.read_as()
    if not guessed:
        say("no encoding was guessed, and all bytes could be decoded", quiet)
    for told in guessed[:limit]:
        if as_json:
            emit_json(asdict(told))
        else:
            surely = "known" if told.confidence is None else f"{told.confidence:.2f}"
            replaced = f"{told.n_replaced:,} undecodable" if told.n_replaced else ""
            emit(told.path, told.encoding or "none known", surely, replaced)


def _list_indexes(as_json: bool, quiet: bool) -> None:
    from semhash.store.manifest import read_manifest
    from semhash.store.places import find_indexes, indexes_folder

    found = find_indexes()
    if not found:
        say(f"no index in {indexes_folder()}; make one with: semhash index CORPUS", quiet)
    for path in found:
        try:
            manifest = read_manifest(path)
        except IndexFolderError as error:
            say(str(error))
            continue
        if as_json:
            emit_json({"index": readable(path), "n_documents": manifest.n_documents, "bits": manifest.bits})
        else:
            emit(str(path), f"{manifest.n_documents:,} documents", f"{manifest.bits} bits")


def _document(entry: "CatalogueEntry", bits: int) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "path": entry.path,
        "labels": list(entry.labels),
        "split": entry.split,
        "code": entry.code,
        "bits": bits,
        "known_words": entry.known_words,
    }


def _address(entry: "CatalogueEntry", bits: int) -> str:
    return f"{entry.code:0{bits}b}" if entry.known_words else "-" * bits


@reports_errors
def verify(index: IndexPlace = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Say whether every file of an index is whole.

    Each file is read and compared with its digest, then the parts are held against each other. Exit status 1
    if anything is wrong.
    """
    from semhash.inspection.verification import verify_index
    from semhash.store.places import resolve_index

    path = resolve_index(index)
    with bars(quiet) as progress:
        findings = list(verify_index(path, progress=progress))
    problems = [f for f in findings if f.problem is not None]
    if as_json:
        checks = [{"name": f.name, "problem": f.problem} for f in findings]
        emit_json({"index": readable(path), "whole": not problems, "checks": checks})
    else:
        for f in problems:
            emit(f"{f.name}: {f.problem}")
        if not problems:
            emit(f"{path}: whole, {len(findings)} checks")
    if problems:
        say(f"{len(problems)} of {len(findings)} checks failed; restore the index, or build it again", quiet)
        raise typer.Exit(1)
