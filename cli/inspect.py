"""``semhash info``, ``semhash list`` and ``semhash verify``: what an index holds, and whether it is whole."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import emit_json, output, reports_errors, say, visible
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from semhash.catalogue import CatalogueEntry
    from semhash.index import Index

__all__ = ["info", "list_documents", "verify"]


@reports_errors
def info(index: IndexPlace = None, as_json: AsJson = False) -> None:
    """Say what an index holds and what it was made with."""
    from semhash.index import open_index

    with open_index(index) as opened:
        facts = _facts(opened)
    if as_json:
        emit_json(facts)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), visible(_in_words(value)))
    output().print(table)


def _facts(opened: "Index") -> dict[str, Any]:
    manifest = opened.manifest
    sizes = {name: record.bytes for name, record in manifest.files.items()}
    skipped = Counter(str(s.reason) for s in opened.catalogue.skipped())
    return {
        "index": str(opened.path),
        "corpus": manifest.corpus,
        "n_documents": manifest.n_documents,
        "n_unaddressed": manifest.n_unaddressed,
        "n_skipped": manifest.n_skipped,
        "skipped": dict(skipped.most_common()),
        "bits": manifest.bits,
        "addresses_in_use": manifest.addresses_in_use,
        "n_words": manifest.n_words,
        "created": manifest.created,
        "generation": manifest.generation,
        "semhash_version": manifest.semhash_version,
        "format_version": manifest.format_version,
        "corpus_digest": manifest.corpus_digest,
        "config": manifest.config.to_json(),
        "bytes": {"total": sum(sizes.values()), **sizes},
    }


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(v)}" for name, v in value.items()) or "none"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


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
) -> None:
    """List the documents of an index: code, id and title."""
    if indexes:
        _list_indexes(as_json)
        return
    from semhash.index import open_index

    with open_index(index) as opened:
        if skipped:
            for s in opened.catalogue.skipped()[:limit]:
                row = {"path": s.path, "reason": str(s.reason), "detail": s.detail}
                _line(row, f"{s.path}\t{s.reason}\t{s.detail}", as_json)
            return
        for entry in opened.catalogue.documents(label, limit):
            _line(_document(entry, opened.bits), _document_line(entry, opened.bits), as_json)


def _list_indexes(as_json: bool) -> None:
    from semhash.places import find_indexes, indexes_folder
    from semhash.store import IndexFolder

    found = find_indexes()
    if not found:
        say(f"no index in {indexes_folder()}; make one with: semhash index CORPUS")
    for path in found:
        manifest = IndexFolder.open(path).manifest
        row = {"index": str(path), "n_documents": manifest.n_documents, "bits": manifest.bits}
        _line(row, f"{path}\t{manifest.n_documents:,} documents\t{manifest.bits} bits", as_json)


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


def _document_line(entry: "CatalogueEntry", bits: int) -> str:
    address = f"{entry.code:0{bits}b}" if entry.known_words else "-" * bits
    return f"{address}\t{entry.id}\t{entry.title}"


def _line(row: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        emit_json(row)
    else:
        typer.echo("\t".join(map(visible, text.split("\t"))))


@reports_errors
def verify(index: IndexPlace = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Read every file of an index and say whether it is whole; exit 1 if it is not."""
    from semhash.places import resolve_index
    from semhash.verification import verify_index

    path = resolve_index(index)
    findings = list(verify_index(path))
    problems = [f for f in findings if f.problem is not None]
    if as_json:
        checks = [{"name": f.name, "problem": f.problem} for f in findings]
        emit_json({"index": str(path), "whole": not problems, "checks": checks})
    else:
        for f in problems:
            typer.echo(f"{visible(f.name)}: {visible(f.problem or '')}")
        if not problems:
            typer.echo(f"{visible(str(path))}: whole, {len(findings)} checks")
    if problems:
        say(f"{len(problems)} of {len(findings)} checks failed; restore the index, or build it again", quiet)
        raise typer.Exit(1)
