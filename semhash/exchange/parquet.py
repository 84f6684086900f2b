"""Documents and codes as Parquet, through pyarrow, which is an extra."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from semhash import codes
from semhash.errors import ConfigError

__all__ = ["check_installed", "write_parquet"]

_GROUP = 20_000
_MAX_INTEGER_BITS = 64


def check_installed() -> None:
    """Look for pyarrow before the work begins.

    Raises
    ------
    ConfigError
        It is not installed; the message names the command that does it.
    """
    try:
        import pyarrow.parquet  # noqa: F401, only looked for
    except ImportError as error:
        raise ConfigError(
            "parquet: expected pyarrow to write it with, found it not installed; "
            "install it with: pip install 'semhash-index[parquet]', or export jsonl"
        ) from error


def write_parquet(documents: Iterable[dict[str, Any]], bits: int, stream: BinaryIO, *, texts: bool) -> int:
    """Write documents as `semhash.exchange.export.documents` gives them, a row group for some thousands of them.

    ``code`` is an unsigned integer of 64 bits; where codes are wider, it is bytes, packed as in `semhash.codes`.
    ``metadata`` is JSON in a string, since no two documents need have the same fields.

    Parameters
    ----------
    documents : iterable of dict
    bits : int
        Width of the codes.
    stream : binary file
    texts : bool
        Whether they have texts.

    Returns
    -------
    int
        How many there were.

    Raises
    ------
    ConfigError
        pyarrow is not installed.
    """
    check_installed()
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("labels", pa.list_(pa.string()), nullable=False),
        pa.field("split", pa.string()),
        pa.field("metadata", pa.string(), nullable=False),
        pa.field("code", _code_type(pa, bits), nullable=False),
        pa.field("bits", pa.int16(), nullable=False),
        pa.field("known_words", pa.int64(), nullable=False),
    ]
    schema = pa.schema([*fields, pa.field("text", pa.large_string())] if texts else fields)
    written = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for group in _groups(documents):
            writer.write_table(pa.Table.from_pylist([_plain(d, bits) for d in group], schema))
            written += len(group)
    return written


def _code_type(pa: Any, bits: int) -> Any:
    return pa.uint64() if bits <= _MAX_INTEGER_BITS else pa.binary(codes.n_bytes(bits))


def _groups(documents: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(documents)
    while group := list(islice(left, _GROUP)):
        yield group


def _plain(document: dict[str, Any], bits: int) -> dict[str, Any]:
    """Put what Parquet has no type for into what it has."""
    import msgspec

    code = document["code"]
    return document | {
        "metadata": msgspec.json.encode(document["metadata"]).decode(),
        "code": code if bits <= _MAX_INTEGER_BITS else codes.from_int(code, bits).tobytes(),
    }
