"""``semhash info``: what an index holds, and what it was made with."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from .console import emit_json, emit_table, readable, reports_errors, visible
from .drift import drift_as_json, drift_told
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from semhash.index import Index
    from semhash.store.manifest import Manifest, Source

__all__ = ["info"]

_FILES: dict["Source", str] = {
    "jsonl": "JSON lines",
    "npy": "a NumPy array, .npy",
    "npz": "NumPy arrays, .npz",
    "faiss": "a FAISS index",
}


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
    imported = {} if manifest.has_model else _imported(manifest, facts["config"])
    return (
        facts
        | imported
        | {
            "generations": generations,
            "drift": drift_told(manifest),
            "parts": parts,
            "bytes": f"{_in_words(total)}, {_each(total, facts)}",
        }
    )


def _imported(manifest: "Manifest", config: dict[str, Any]) -> dict[str, Any]:
    """Say in place of a model where the codes are from, and nothing of how codes are learned."""
    record = manifest.model
    assert record is not None
    source = "" if record.source is None else f", and read from {_FILES[record.source]}"
    model = {
        "codes": f"made elsewhere{source}",
        "imported": record.created,
        "n_documents": record.n_documents,
        "digest": record.digest,
    }
    text = {"text": {name: config["text"][name] for name in ("language", "stop_words")}}
    kept = {name: value for name, value in config.items() if value is not None}
    return {"model": model, "config": kept | text}


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
    listed = opened.catalogue.skipped()
    skipped = Counter(str(s.reason) for s in listed if not s.reason.is_remark)
    remarks = Counter(str(s.reason) for s in listed if s.reason.is_remark)
    return {
        "index": readable(opened.path),
        "corpus": manifest.corpus,
        "n_documents": manifest.n_documents,
        "n_unaddressed": manifest.n_unaddressed,
        "n_skipped": manifest.n_skipped,
        "skipped": dict(skipped.most_common()),
        "remarks": dict(remarks.most_common()),
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
        "config": _config(manifest),
        "parts": sizes_by_part(sizes),
        "bytes": {"total": sum(sizes.values()), **sizes},
    }


def _model(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only later documents are held against, see ``drift``; a source is of what was imported."""
    found.pop("usual")
    return {name: value for name, value in found.items() if name != "source" or found["kind"] == "imported"}


def _config(manifest: "Manifest") -> dict[str, Any]:
    """Give what it was made with: of codes that were made elsewhere nobody knows how they were learned."""
    found = manifest.config.to_json()
    if manifest.has_model:
        return found
    return found | {
        "text": found["text"] | {"vocabulary": None, "vocabulary_size": None},
        "model": None,
        "training": None,
    }


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
