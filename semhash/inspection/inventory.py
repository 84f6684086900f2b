"""What an index consists of: how large each part is, and the generations that it went through."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from semhash.index import Index
from semhash.store.manifest import GENERATION

__all__ = ["Generation", "generations", "sizes_by_part"]

_PARTS: Mapping[str, tuple[str, ...]] = {
    "model": ("model.", "vocabulary.", "novelty"),
    "codes": ("codes.", "later."),
    "table": ("table-",),
    "faiss": ("faiss.",),
    "counts": ("counts-", "document-frequency.", "norms."),
    "lexicon": ("lexicon-", "forms-", "languages."),
    "postings": ("postings",),
    "catalogue": ("catalogue.",),
}
_OTHERS = "others"
_COLUMNS = ("generation", "created", "semhash_version", "n_documents", "n_skipped")


def sizes_by_part(sizes: Mapping[str, int]) -> dict[str, int]:
    """Add up the sizes of files by what they are there for.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes by file.

    Returns
    -------
    dict of str to int
        Bytes of ``model``, ``codes``, ``table`` (documents by address), ``faiss`` (the same for FAISS), ``counts``
        (words by document), ``lexicon`` (terms, what is shown of them, languages), ``postings`` (documents by word) and
        ``catalogue`` (texts and all else that was read), as far as there are any; and of ``others``, where there are
        files that none of these has.
    """
    found: dict[str, int] = {}
    for name, size in sizes.items():
        part = next((part for part, begins in _PARTS.items() if name.startswith(begins)), _OTHERS)
        found[part] = found.get(part, 0) + size
    return {part: found[part] for part in (*_PARTS, _OTHERS) if part in found}


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of an index.

    Attributes
    ----------
    number : int
        1 for the first.
    created, semhash_version : str or None
        When it was written (ISO 8601, UTC), and by which version; None where the index keeps no record of it.
    n_documents, n_skipped : int or None
        What it held, and what did not become a document then.
    n_bytes : int or None
        What it takes on disk; None where it was removed, as happens once nobody reads it.
    current : bool
        Whether it is the one that is read.
    """

    number: int
    created: str | None
    semhash_version: str | None
    n_documents: int | None
    n_skipped: int | None
    n_bytes: int | None
    current: bool


def generations(index: Index) -> list[Generation]:
    """Give the generations of an index, the oldest first: those on record, and those on disk."""
    columns: list[Any] = [sa.column(name) for name in _COLUMNS]
    query = sa.select(*columns).select_from(sa.table("builds"))
    with index.asking():
        on_record = {row.generation: row for row in index.catalogue.select(query)}
    on_disk = {
        int(folder.name.removeprefix(GENERATION)): _size(folder)
        for folder in index.path.glob(f"{GENERATION}*")
        if folder.name.removeprefix(GENERATION).isdecimal()
    }
    return [
        Generation(
            number=number,
            created=record and record.created,
            semhash_version=record and record.semhash_version,
            n_documents=record and record.n_documents,
            n_skipped=record and record.n_skipped,
            n_bytes=on_disk.get(number),
            current=number == index.manifest.generation,
        )
        for number in sorted(on_record.keys() | on_disk.keys())
        for record in [on_record.get(number)]
    ]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
