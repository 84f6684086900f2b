"""``semhash info``, ``semhash list`` and ``semhash verify``: what an index holds, and whether it is whole."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from semhash.errors import IndexFolderError

from .console import bars, emit, emit_json, emit_table, readable, reports_errors, say, visible
from .drift import drift_as_json, drift_told
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from semhash.catalogue import CatalogueEntry
    from semhash.index import Index
    from semhash.store.manifest import Manifest

__all__ = ["info", "list_documents", "verify"]


@reports_errors
def info(index: IndexPlace = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Say what an index holds, what it was made with, and its size.

    Parts are told in bytes, and in bytes a document. Generations are those on record, which end with the one that
    is read; an older one stays on disk while somebody reads it.
    """
    from semhash.index import open_index

    with open_index(index) as opened:
        facts = _facts(opened)
        manifest = opened.manifest
    if as_json:
        emit_json(facts)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _told(facts, manifest).items():
        lines = list(_lines(value)) if isinstance(value, dict) else [_in_words(value)]
        table.add_row(name.replace("_", " "), "\n".join(map(visible, lines)) or "none")
    emit_table(table)


def _told(facts: dict[str, Any], manifest: "Manifest") -> dict[str, Any]:
    """Put into words what would be too much in numbers: of every file its size, and all that is on record."""
    generations = {
        str(found["generation"]): ", ".join(_of_generation(found)) for found in facts["generations"]
    }
    parts = {name: f"{_in_words(size)}, {_each(size, facts)}" for name, size in facts["parts"].items()}
    total = facts["bytes"]["total"]
    return facts | {
        "generations": generations,
        "drift": drift_told(manifest),
        "parts": parts,
        "bytes": f"{_in_words(total)}, {_each(total, facts)}",
    }


def _each(size: int, facts: dict[str, Any]) -> str:
    return f"{size / max(1, facts['n_documents']):,.1f} a document"


def _of_generation(found: dict[str, Any]) -> Iterator[str]:
    if found["created"] is not None:
        yield found["created"]
        yield f"{found['n_documents']:,} documents, {found['n_skipped']:,} skipped"
    yield "removed" if found["n_bytes"] is None else f"{found['n_bytes']:,} bytes"
    if found["current"]:
        yield "this one"


def _lines(facts: dict[str, Any], where: str = "") -> Iterator[str]:
    """Give a line for each fact, and for each table within tables, such as ``model.code: kind bernoulli``."""
    for name, value in facts.items():
        if not isinstance(value, dict):
            yield f"{where}{name}: {_in_words(value)}"
            continue
        tables = {key: inner for key, inner in value.items() if isinstance(inner, dict) and inner}
        yield f"{where}{name}: {_in_words({k: v for k, v in value.items() if k not in tables})}"
        yield from _lines(tables, f"{where}{name}.")


def _facts(opened: "Index") -> dict[str, Any]:
    from dataclasses import asdict

    from semhash.inspection.inventory import generations, sizes_by_part

    manifest = opened.manifest
    record = manifest.model
    sizes = {name: record.bytes for name, record in manifest.files.items()}
    skipped = Counter(str(s.reason) for s in opened.catalogue.skipped())
    return {
        "index": readable(opened.path),
        "corpus": manifest.corpus,
        "n_documents": manifest.n_documents,
        "n_unaddressed": manifest.n_unaddressed,
        "n_skipped": manifest.n_skipped,
        "skipped": dict(skipped.most_common()),
        "n_removed": manifest.n_removed,
        "bits": manifest.bits,
        "addresses_in_use": manifest.addresses_in_use,
        "n_words": manifest.n_words,
        "created": manifest.created,
        "generation": manifest.generation,
        "generations": [_generation(asdict(found)) for found in generations(opened)],
        "model": None if record is None else _model(msgspec.to_builtins(record)),
        "drift": drift_as_json(manifest.drift),
        "semhash_version": manifest.semhash_version,
        "format_version": manifest.format_version,
        "corpus_digest": manifest.corpus_digest,
        "config": manifest.config.to_json(),
        "parts": sizes_by_part(sizes),
        "bytes": {"total": sum(sizes.values()), **sizes},
    }


def _model(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only later documents are held against: see ``drift``."""
    found.pop("usual")
    return found


def _generation(found: dict[str, Any]) -> dict[str, Any]:
    """Call its fields as those of the index are called."""
    return {"generation": found.pop("number"), **found}


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(v)}" for name, v in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " ".join(map(_in_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


@reports_errors
def list_documents(
    index: IndexPlace = None,
    label: Annotated[str | None, typer.Option(metavar="LABEL", help="Only documents of this label.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most this many.")] = None,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="List what did not become a document instead, with the reason.")
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
