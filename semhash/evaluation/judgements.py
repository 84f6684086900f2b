"""Questions with judged answers: a file of queries, and a file that says which documents answer them (qrels)."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from semhash.corpus.document import Skip
from semhash.corpus.rows import fields_of, id_and_text
from semhash.errors import EvaluationError

__all__ = ["Judgement", "Query", "read_qrels", "read_queries"]

_GZIP = b"\x1f\x8b"
_SHOWN = 60


class Query(NamedTuple):
    """A question and the id that judgements call it by."""

    id: str
    text: str


class Judgement(NamedTuple):
    """How well a document answers a query: relevant from grade 1 on."""

    query: str
    document: str
    grade: int


_IDS = ("query_id", "query-id", "qid")
_TEXTS = ("query",)


def read_queries(file: Path, fields: Mapping[str, str] | None = None) -> list[Query]:
    """Read questions: JSONL with ``id`` and ``text``, or TSV with the two in this order; gzipped or not.

    Parameters
    ----------
    file : Path
        The file.
    fields : mapping of str to str or None
        What the rows of JSONL call the two, as in `CorpusConfig.fields`. Rows that have no such fields, and all where
        it is not said, are taken by the names that these commonly have: ``_id``, ``query_id``, ``query``, ...

    Raises
    ------
    EvaluationError
        The file cannot be read, a line is neither, an id comes twice, or there is no line.
    """
    found: dict[str, Query] = {}
    for number, line in _lines(file):
        query = _json_query(line, fields or {}) if line.startswith("{") else _tsv_query(line)
        if query is None:
            raise EvaluationError(
                f"{file}:{number}: expected a JSON object with id and text, or an id, a tab and a text, found "
                f"{line[:_SHOWN]!r}"
            )
        if query.id in found:
            raise EvaluationError(
                f"{file}:{number}: expected an id of its own for each query, found {query.id!r} once more; "
                "judgements could mean either"
            )
        found[query.id] = query
    if not found:
        raise EvaluationError(f"{file}: expected queries, an id and a text each, found none")
    return list(found.values())


def _json_query(line: str, given: Mapping[str, str]) -> Query | None:
    try:
        row = msgspec.json.decode(line)
        found = fields_of(row, given)
        called = {field: name for field, name in given.items() if found[field]}
        there = fields_of(row, called)
        for field, names in (("id", _IDS), ("text", _TEXTS)):
            name = next((name for name in names if name in row), None)
            if not there[field] and name is not None:
                called[field] = name
        name, text = id_and_text(row, called)
    except (msgspec.DecodeError, Skip):
        return None
    return None if name is None else Query(name, text)


def _tsv_query(line: str) -> Query | None:
    name, tab, text = line.partition("\t")
    return Query(name.strip(), text) if tab and name.strip() else None


def read_qrels(file: Path) -> list[Judgement]:
    """Read judgements; gzipped or not.

    Either ``query document grade`` between tabs, or the four fields ``query 0 document grade`` of TREC between
    white space. A first line that names the columns is passed over.

    Raises
    ------
    EvaluationError
        The file cannot be read, a line is neither, or there is no line.
    """
    found = []
    for number, line in _lines(file):
        judgement = _judgement(line)
        if judgement is not None:
            found.append(judgement)
        elif found or number > 1:
            raise EvaluationError(
                f"{file}:{number}: expected query, document and grade between tabs, or query, 0, document and "
                f"grade as TREC has them, a grade being a whole number, found {line[:_SHOWN]!r}"
            )
    if not found:
        raise EvaluationError(f"{file}: expected judgements, found none; see: semhash evaluate --help")
    return found


def _judgement(line: str) -> Judgement | None:
    fields = line.split("\t")
    if len(fields) != 3:
        fields = line.split()
        if len(fields) == 4:
            del fields[1]
    if len(fields) != 3:
        return None
    query, document, grade = (field.strip() for field in fields)
    try:
        return Judgement(query, document, int(grade))
    except ValueError:
        return None


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Give the lines that are not blank, each with its number."""
    number = 0
    try:
        with file.open("rb") as raw:
            packed = raw.read(len(_GZIP)) == _GZIP
        with gzip.open(file, "rb") if packed else file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError as error:
        raise EvaluationError(
            f"{file}:{number}: expected UTF-8, found the byte 0x{error.object[error.start]:02x}; "
            "save it as UTF-8"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        found = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise EvaluationError(
            f"{file}: expected a file that can be read, found: {found}; check the path"
        ) from error
