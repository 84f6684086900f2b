"""What holds of every corpus, whatever is in it."""

import codecs
import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.config import CorpusConfig
from semhash.corpus import Document, Skipped, open_corpus
from semhash.corpus.decoding import binary_kind, decode, unify_newlines, well_formed
from semhash.corpus.front_matter import split_front_matter
from semhash.corpus.html_text import text_of_html
from semhash.corpus.mail_headers import looks_like_mail, split_message
from semhash.corpus.markdown import first_heading
from semhash.corpus.mime import Mime, decode_words
from semhash.corpus.restructured import first_section
from semhash.corpus.source import Found, Source
from semhash.corpus.titles import one_line

SUFFIXES = ("", ".txt", ".md", ".rst", ".eml", ".jsonl", ".jsonl.gz")
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
# But for what a terminal or a chat does not show: escapes, what is overstruck, colours.
_UNSEEN = "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32), *range(127, 160)])) + "\u00a7"
ANY_TEXT = st.text(st.characters(exclude_characters=_UNSEEN), max_size=60)
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
SYNTAX = [
    "From: a\n",
    "Subject: b\n",
    "\n",
    "---\n",
    "# ",
    "===\n",
    "```\n",
    '{"text":',
    '"a"',
    "}",
    "[",
    "=?utf-8?b?",
]
SYNTAX += [
    "Content-Type: multipart/mixed; boundary=x\n",
    "--x\n",
    "Content-Transfer-Encoding: base64\n",
    "<p>",
    "title: t\n",
]
PIECES = st.lists(st.sampled_from(SYNTAX).map(str.encode) | st.binary(max_size=12), max_size=12).map(b"".join)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def encodable(value: Any) -> None:
    """Fail unless a strict JSON reader and UTF-8 would take the value."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def check(corpus_items: list[Document | Skipped]) -> None:
    ids = [item.id for item in corpus_items if isinstance(item, Document)]
    assert len(set(ids)) == len(ids)
    for item in corpus_items:
        item.path.encode()
        if isinstance(item, Skipped):
            assert item.detail.startswith("expected ")
            assert "failed:" not in item.detail, "a reader raised what it should have caught"
        else:
            assert item.text.strip()
            assert one_line(item.title) == item.title
            encodable([item.id, item.text, item.title, item.labels, item.split, item.metadata])


@given(WORDS, st.sampled_from(sorted(MARKS)))
def test_marked_text_comes_back_as_it_was(text: str, encoding: str) -> None:
    decoded = decode(MARKS[encoding] + text.encode(encoding))
    assert decoded is not None
    assert decoded.text == unify_newlines(text)


@given(WORDS.filter(lambda text: not text.startswith("\ufeff")))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    decoded = decode(text.encode())
    assert decoded is not None
    assert (decoded.text, decoded.encoding) == (unify_newlines(text), "utf-8")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_that_utf8_can_hold_or_none(data: bytes) -> None:
    binary_kind(data)
    decoded = decode(data)
    if decoded is not None:
        assert "\r" not in decoded.text
        decoded.text.encode()


@given(ANY_TEXT, PIECES.map(lambda data: data.decode("latin-1")))
def test_the_parsers_take_any_text(text: str, pieces: str) -> None:
    for given_text in (text, pieces):
        assert "\n" not in first_heading(given_text) + first_section(given_text) + decode_words(given_text)
        front, rest = split_front_matter(given_text)
        assert given_text.endswith(rest)
        assert one_line(front.title) == front.title
        encodable(front.metadata)
        assert given_text.endswith(split_message(given_text)[1])
        text_of_html(given_text)
        assert not set(well_formed(given_text)) & {"\0", "\ud800"}


@given(PIECES)
def test_the_mail_parsers_take_any_bytes(data: bytes) -> None:
    looks_like_mail(data)
    with Source(Found(__file__, "a", 1), CorpusConfig()) as source:
        mime = Mime(source)
        mime.text(mime.message(data)).encode()
        mime.plain(mime.message(data)).encode()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SUFFIXES), PIECES, st.booleans()), max_size=8))
def test_no_file_can_stop_the_reading(files: list[tuple[str, bytes, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, (suffix, data, packed) in enumerate(files):
            Path(folder, f"{number}{suffix}").write_bytes(gzip.compress(data) if packed else data)
        corpus = open_corpus(folder, CorpusConfig(max_bytes=80))
        items = list(corpus)
        assert corpus.read_bytes == corpus.total_bytes
        check(items)
        paths = [item.path.partition(":")[0] for item in items]
        assert set(paths) == {f"{number}{suffix}" for number, (suffix, _, _) in enumerate(files)}
        assert paths == sorted(paths, key=str.encode)


@settings(deadline=None)
@given(
    st.sets(
        st.binary(min_size=1, max_size=12).filter(
            lambda name: not {0, 47} & {*name} and name not in (b".", b"..")
        ),
        max_size=8,
    )
)
def test_no_name_can_stop_the_reading(names: set[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            Path(folder, os.fsdecode(name)).write_bytes(b"From nothing comes nothing")
        items = list(open_corpus(folder, CorpusConfig(labels="folder")))
        check(items)
        read = {item.id for item in items if isinstance(item, Document)}
        wanted = {name for name in names if not name.startswith(b".")}
        readable = {name for name in wanted if not name.lower().endswith((b".jsonl", b".ndjson"))}
        assert read == {name.decode("utf-8", "backslashreplace") for name in readable}


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": ANY_TEXT},
            optional={
                "id": st.none() | st.integers() | ANY_TEXT,
                "title": st.none() | ANY_TEXT,
                "labels": st.none() | ANY_TEXT | st.lists(ANY_TEXT, max_size=3),
                "split": st.none() | st.sampled_from(["train", "test"]),
                "extra": JSON_VALUES,
            },
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_rows_come_back_as_they_were_written(rows: list[dict[str, Any]], packed: bool) -> None:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.jsonl")
        file.write_bytes(gzip.compress(data) if packed else data)
        items = list(open_corpus(file))
    check(items)
    if not rows:
        assert [item.path for item in items] == ["a.jsonl"]
        return
    assert len(items) == len(rows)
    for row, item in zip(rows, items, strict=True):
        if isinstance(item, Document):
            assert item.text.endswith(well_formed(row["text"]))
            before = item.text.removesuffix(well_formed(row["text"]))
            assert before in ("", f"{item.title}\n")
            assert row.get("title") or not before
            assert item.split == row.get("split")
            labels = row.get("labels") or []
            assert set(item.labels) <= {
                well_formed(label) for label in [labels, *labels] if isinstance(label, str)
            }
            assert item.metadata.keys() == row.keys() & {"extra"}
        else:
            assert not row["text"].strip() or any(
                well_formed(str(row.get("id"))) == other.id for other in items if isinstance(other, Document)
            )


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(1, 400))
def test_a_damaged_gzip_file_gives_a_prefix_of_its_rows(noise: bytes, cut: int) -> None:
    texts = [noise[start : start + 20].hex() or "x" for start in range(0, 400, 20)]
    data = gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts).encode())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.jsonl.gz")
        file.write_bytes(data[: min(cut, len(data) - 1)])
        items = list(open_corpus(file))
    check(items)
    read = [item.text for item in items if isinstance(item, Document)]
    assert read == texts[: len(read)]
    assert isinstance(items[-1], Skipped)
