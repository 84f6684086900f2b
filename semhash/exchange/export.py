"""An index's documents and codes in files that others read: JSON lines, Parquet, and a FAISS binary index.

A document's *row* stands in each of them: it is the id of its code in the FAISS index.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

import msgspec
import numpy as np

from semhash import codes
from semhash.catalogue import CatalogueEntry
from semhash.errors import ConfigError
from semhash.index import Index
from semhash.progress import Progress, silent
from semhash.store.whole_file import check_free, whole_file

__all__ = ["FORMATS", "ExportFormat", "documents", "export_index", "format_of", "write_jsonl"]

ExportFormat = Literal["jsonl", "parquet", "faiss"]

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

_SUFFIXES: dict[str, ExportFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".faiss": "faiss",
}
_TOLD_EVERY = 1000


def format_of(file: Path, given: str | None = None) -> ExportFormat:
    """Give the format that is meant: the one that is named, or else that of a file's ending.

    Raises
    ------
    ConfigError
        There is no such format, or the ending says none.
    """
    for name in FORMATS:
        if given == name:
            return name
    if given is not None:
        raise ConfigError(f"format: expected one of {', '.join(FORMATS)}, found {given!r}")
    found = _SUFFIXES.get(file.suffix.lower())
    if found is None:
        raise ConfigError(
            f"{file}: expected a name that ends in {', '.join(_SUFFIXES)}, found {file.suffix or 'no ending'}; "
            f"name the file so, or say --format {'|'.join(FORMATS)}"
        )
    return found


def documents(index: Index, *, texts: bool = True, progress: Progress = silent) -> Iterator[dict[str, Any]]:
    """Give each document of an index with its code, in the order of their rows.

    Parameters
    ----------
    index : Index
    texts : bool
        Whether their texts are given too; None stands for one that is not stored.
    progress : Progress
        Hears the documents of stage ``write``.

    Yields
    ------
    dict
        ``row``, ``id``, ``title``, ``path``, ``labels``, ``split``, ``metadata``, ``code`` (an integer; bit i is
        ``(code >> i) & 1``), ``bits``, ``known_words`` (with none, the code says nothing and the document has no
        address), and ``text``.
    """
    with index.asking():
        for entry in index.catalogue.documents():
            yield _document(entry, index.bits, texts)
            if entry.row % _TOLD_EVERY == 0:
                progress("write", entry.row, len(index))
    progress("write", len(index), len(index))


def _document(entry: CatalogueEntry, bits: int, texts: bool) -> dict[str, Any]:
    found = {
        "row": entry.row,
        "id": entry.id,
        "title": entry.title,
        "path": entry.path,
        "labels": list(entry.labels),
        "split": entry.split,
        "metadata": entry.metadata,
        "code": entry.code,
        "bits": bits,
        "known_words": entry.known_words,
    }
    return {**found, "text": entry.text} if texts else found


def export_index(
    index: Index,
    file: Path,
    format: ExportFormat | None = None,
    *,
    texts: bool = True,
    force: bool = False,
    progress: Progress = silent,
) -> int:
    """Write an index's documents with their codes, or its codes alone, to a file that appears whole or not at all.

    Parameters
    ----------
    index : Index
    file : Path
    format : {"jsonl", "parquet", "faiss"} or None
        None for the one that the file's name ends in. ``jsonl`` and ``parquet`` hold what `documents` gives, and
        can be indexed again. ``faiss`` is an ``IndexBinaryIDMap`` over an ``IndexBinaryFlat``, which
        ``faiss.read_index_binary`` opens: the codes of the documents that have an address, padded with zeros to
        whole bytes, under their rows.
    texts : bool
        Whether texts are written too.
    force : bool
        Replace a file that stands there.
    progress : Progress
        Hears the documents of stage ``write``.

    Returns
    -------
    int
        How many documents it holds.

    Raises
    ------
    ConfigError
        There is no such format, what it needs is not installed, or the place is not free.
    IndexDamagedError
        A file of the index is missing or altered.
    OSError
        It cannot be written.
    """
    format = format_of(file, format)
    check_free(file, force=force)
    if format == "parquet":
        from semhash.exchange.parquet import check_installed

        check_installed()
    with whole_file(file, force=force) as stream:
        if format == "jsonl":
            return write_jsonl(index, stream, texts=texts, progress=progress)
        if format == "parquet":
            from semhash.exchange.parquet import write_parquet

            rows = documents(index, texts=texts, progress=progress)
            return write_parquet(rows, index.bits, stream, texts=texts)
        return _write_faiss(index, stream, progress)


def write_jsonl(index: Index, stream: BinaryIO, *, texts: bool = True, progress: Progress = silent) -> int:
    """Write what `documents` gives, a JSON object a line; give how many there are."""
    encoder = msgspec.json.Encoder()
    written = 0
    for document in documents(index, texts=texts, progress=progress):
        stream.write(encoder.encode(document) + b"\n")
        written += 1
    return written


def _write_faiss(index: Index, stream: BinaryIO, progress: Progress) -> int:
    import faiss

    with index.asking():
        rows = np.sort(index.lookup.rows).astype(np.int64)
        built = faiss.IndexBinaryIDMap(faiss.IndexBinaryFlat(8 * codes.n_bytes(index.bits)))
        built.add_with_ids(index.codes[rows], rows)
    stream.write(faiss.serialize_index_binary(built).tobytes())
    progress("write", len(rows), len(rows))
    return len(rows)
