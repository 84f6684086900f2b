"""The tables of a catalogue; `DOCUMENTS` and `LABELS` are what a filter is written in terms of."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

__all__ = ["BUILDS", "DOCUMENTS", "LABELS", "NAMES", "SCHEMA", "SCHEMA_VERSION", "SKIPPED"]

SCHEMA_VERSION = 3
"""1 had no ledger; 2 no names and encodings, and kept what was removed by its id alone."""

SCHEMA = MetaData()
DOCUMENTS = Table(
    "documents",
    SCHEMA,
    Column("row", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("split", Text),
    Column("metadata", sa.JSON, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="sha256 of the text in UTF-8"),
    Column("text", LargeBinary, comment="zlib; NULL when texts are not stored"),
    Column("code", LargeBinary, comment="little-endian; bit i of the code is (code >> i) & 1"),
    Column("known_words", Integer, comment="words of the text that are in the vocabulary"),
)
LABELS = Table(
    "labels",
    SCHEMA,
    Column("row", ForeignKey("documents.row"), primary_key=True),
    Column("label", Text, primary_key=True, index=True),
    sqlite_with_rowid=False,  # or all of it would stand there twice
)
NAMES = Table(
    "names",
    SCHEMA,
    Column("row", ForeignKey("documents.row"), primary_key=True),
    Column("words", Text, nullable=False, comment="of the file's name, counted with the text"),
)
SKIPPED = Table(
    "skipped",
    SCHEMA,
    Column("number", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("file", Integer, comment="the number of the file it is in; NULL when that is none to read"),
)
BUILDS = Table(
    "builds",
    SCHEMA,
    Column("generation", Integer, primary_key=True),
    Column("created", Text, nullable=False, comment="ISO 8601, UTC"),
    Column("semhash_version", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("corpus", Text, nullable=False, comment="where the documents were read from"),
    Column("n_documents", Integer, nullable=False),
    Column("n_skipped", Integer, nullable=False),
)
