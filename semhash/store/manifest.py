"""The manifest of an index: what it is, was made with, and consists of; one JSON file that vouches for itself."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Literal

import msgspec

from semhash.config import IndexConfig
from semhash.errors import IndexDamagedError, IndexFormatError, IndexNotFoundError
from semhash.store.drift import Drift, Usual
from semhash.store.pointer import pointer_in

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "GENERATION",
    "MANIFEST",
    "FileRecord",
    "Manifest",
    "ModelRecord",
    "Source",
    "generation_name",
    "read_manifest",
    "sha256_of",
]

FORMAT = "semhash-index"
FORMAT_VERSION = 3
_OLDER = (1, 2)  # words were counted as they are written, stop words left out
MANIFEST = "manifest.json"
GENERATION = "generation-"
_MAX_BYTES = 10_000_000
_AT_ONCE = 1 << 20

Source = Literal["jsonl", "npy", "npz", "faiss"]
"""What kind of file codes come in that were made elsewhere."""


class FileRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of an index.

    Attributes
    ----------
    path : str
        Where it is, relative to the index folder, ``/`` between the parts.
    bytes : int
        Its size.
    sha256 : str
        Its digest, in hexadecimal.
    """

    path: str
    bytes: int
    sha256: str


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model the codes are of.

    Attributes
    ----------
    digest : str
        sha256 over its words and weights, in hexadecimal.
    created : str
        When it was learned (ISO 8601, UTC).
    n_documents : int
        How many documents there were then.
    kind : {"learned", "imported"}
        Where the codes come from. Imported ones were made elsewhere: nothing here encodes a text as they were, and
        `digest` is that of the codes.
    usual : Usual or None
        What those documents are like, which later ones are held against; None where nobody took it down.
    source : {"jsonl", "npy", "npz", "faiss"} or None
        What kind of file imported codes came in; None for codes that are learned, and where nobody took it down.
    """

    digest: str
    created: str
    n_documents: int
    kind: Literal["learned", "imported"] = "learned"
    usual: Usual | None = None
    source: Source | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an index is, was made with, and consists of.

    Attributes
    ----------
    format, format_version : str, int
        Always ``semhash-index``, and the version of the layout.
    semhash_version, created : str
        Which version wrote it, and when (ISO 8601, UTC).
    generation : int
        1 for a new index, one more at each replacement and each update.
    corpus, corpus_digest : str
        Where the documents came from, and the sha256 of all their ids and texts.
    config : IndexConfig
        Everything it was made with, the seed included.
    bits, n_documents, n_unaddressed, n_skipped, n_words, addresses_in_use : int
        Counts; a document without a known word is *unaddressed*.
    languages : dict of str to int
        How many documents are taken to be in which language, by its name, most first; ``none`` for no language.
    model : ModelRecord or None
        Which model all codes are of; an update keeps it. None in the first version of the format.
    n_removed : int
        Documents of the corpus that were taken out by hand, and stay out.
    drift : Drift or None
        How documents that came later stand to those that the model was learned from; None where none came.
    files : dict of str to FileRecord
        Every other file, by what it is.
    digest : str
        sha256 of the manifest itself with this field empty.
    """

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    semhash_version: str
    created: str
    generation: int
    corpus: str
    corpus_digest: str
    config: IndexConfig
    bits: int
    n_documents: int
    n_unaddressed: int
    n_skipped: int
    n_words: int
    addresses_in_use: int
    languages: dict[str, int] = msgspec.field(default_factory=dict)
    model: ModelRecord | None = None
    n_removed: int = 0
    drift: Drift | None = None
    files: dict[str, FileRecord]
    digest: str = ""

    @property
    def has_model(self) -> bool:
        """Whether texts can be encoded: not where codes were imported."""
        return self.model is None or self.model.kind == "learned"

    def encode(self) -> bytes:
        """Give the bytes of the manifest file, its own digest filled in."""
        bare = _json(msgspec.structs.replace(self, digest=""))
        return _json(msgspec.structs.replace(self, digest=hashlib.sha256(bare).hexdigest()))


def _json(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


class _Header(msgspec.Struct):
    """The part of a manifest that every format version shares."""

    format: str = ""
    format_version: int = 0
    semhash_version: str = "unknown"


def read_manifest(folder: Path, *, older: bool = False) -> Manifest:
    """Read and check the manifest of an index folder.

    Parameters
    ----------
    folder : Path
    older : bool
        Take the formats before this one, too: of an index that is to be made anew, not to be asked.

    Raises
    ------
    IndexNotFoundError
        There is no index at `folder`.
    IndexFormatError
        Its format is not one that this version reads.
    IndexDamagedError
        The manifest was altered.
    """
    file = folder / MANIFEST
    if not file.is_file():
        found = (
            "no such folder"
            if not folder.exists()
            else "a folder without one"
            if folder.is_dir()
            else "a file"
        )
        raise IndexNotFoundError(
            f"{folder}: expected an index (a folder with {MANIFEST}), found {found}; "
            "make one with: semhash index CORPUS"
        )
    if file.stat().st_size > _MAX_BYTES:
        raise IndexDamagedError(
            f"{file}: expected at most {_MAX_BYTES:,} bytes, found {file.stat().st_size:,}"
        )
    raw = file.read_bytes()
    try:
        header = msgspec.json.decode(raw, type=_Header)
    except (ValueError, RecursionError) as error:
        found = pointer_in(file) or f"{error}; restore it from a copy, or build the index again with --force"
        raise IndexDamagedError(f"{file}: expected the JSON of a manifest, found: {found}") from error
    if header.format != FORMAT:
        raise IndexDamagedError(f'{file}: expected "format": "{FORMAT}", found {header.format!r}')
    if header.format_version in _OLDER and not older:
        raise IndexFormatError(
            f"{file}: expected index format {FORMAT_VERSION}, found {header.format_version} (written by semhash "
            f"{header.semhash_version}), whose words are counted in another way; have it made anew with: semhash "
            f"update --retrain --index {quote(str(folder))}"
        )
    if header.format_version not in (*_OLDER, FORMAT_VERSION):
        raise IndexFormatError(
            f"{file}: expected index format {FORMAT_VERSION}, found {header.format_version} "
            f"(written by semhash {header.semhash_version}); use that version, or index the corpus again"
        )
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (ValueError, RecursionError) as error:
        raise IndexDamagedError(
            f"{file}: expected a manifest of format {header.format_version}, found: {error}"
        ) from error
    # Over the bytes that are there: fields that a later version added have their defaults, and are not in them.
    bare = raw.replace(manifest.digest.encode(), b"")
    if hashlib.sha256(bare).hexdigest() != manifest.digest:
        raise IndexDamagedError(f"{file}: expected a manifest that matches its own digest, found it altered")
    if (wrong := _contradiction(manifest)) is not None:
        raise IndexDamagedError(f"{file}: {wrong}; do not use this index")
    return manifest


def _contradiction(manifest: Manifest) -> str | None:
    """Say which number of a manifest cannot be, None when all can."""
    least = {
        "generation": (manifest.generation, 1),
        "n_documents": (manifest.n_documents, 0),
        "n_words": (manifest.n_words, 0),
        "n_unaddressed": (manifest.n_unaddressed, 0),
    }
    for name, (found, at_least) in least.items():
        if found < at_least:
            return f"expected {name} to be {at_least} or more, found {found}"
    if manifest.n_unaddressed > manifest.n_documents:
        return f"expected n_unaddressed of {manifest.n_documents} documents, found {manifest.n_unaddressed}"
    if manifest.bits != manifest.config.model.bits:
        return f"expected codes of {manifest.config.model.bits} bits as in config, found {manifest.bits}"
    return None


def generation_name(number: int) -> str:
    """Give the name of the folder that holds a generation's files."""
    return f"{GENERATION}{number}"


def sha256_of(file: Path, heard: Callable[[int], object] = int) -> str:
    """Give the sha256 of a file, in hexadecimal.

    Parameters
    ----------
    file : Path
    heard : callable
        Hears of every so many bytes that were read.
    """
    digest = hashlib.sha256()
    with file.open("rb", buffering=0) as stream:
        while some := stream.read(_AT_ONCE):
            digest.update(some)
            heard(len(some))
    return digest.hexdigest()
