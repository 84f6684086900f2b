"""Long documents in passages: nothing is lost, nothing is too long, and cuts are where a reader would make them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.config import CorpusConfig
from semhash.corpus import Document, open_corpus
from semhash.corpus.passages import passages, spans
from semhash.errors import ConfigError


@given(
    st.lists(
        st.sampled_from(["one", "two.", "three!\n", "\n\n", "\f", "four", "\t", "five\n", "。", "x" * 70])
    ),
    st.integers(10, 25),
)
def test_spans_hold_every_word_once_and_no_more_than_was_asked(pieces: list[str], longest: int) -> None:
    text = " ".join(pieces)
    found = spans(text, longest)
    ends = [0, *(end for _, end in found)]
    assert all(text[before:start].strip() == "" for before, (start, _) in zip(ends, found, strict=False))
    assert text[ends[-1] :].strip() == ""
    assert all(len(text[start:end].split()) <= longest for start, end in found)
    assert len(found) <= 2 * (len(text) // 2) // longest + 2 or not found


def test_cuts_are_at_paragraphs_then_at_sentences_then_at_words() -> None:
    sentence = "The quick brown fox jumps over it. "
    paragraphs = "\n\n".join((sentence * n).strip() for n in (4, 3, 5, 4))
    cut = [paragraphs[start:end] for start, end in spans(paragraphs, 70)]
    assert cut == ["\n\n".join((sentence * n).strip() for n in pair) for pair in ((4, 3), (5, 4))]
    sentences = sentence * 20
    cut = [sentences[start:end] for start, end in spans(sentences, 60)]
    assert all(piece.endswith("it.") for piece in cut)
    assert [len(piece.split()) for piece in cut] == [49, 49, 42]
    words = "word " * 130
    assert [len(words[start:end].split()) for start, end in spans(words, 60)] == [44, 43, 43]


def test_a_text_without_blanks_is_cut_too() -> None:
    text = "月" * 3000
    found = spans(text, 20)
    assert "".join(text[start:end] for start, end in found) == text
    assert max(end - start for start, end in found) <= 600


def test_a_short_document_stays_as_it_is() -> None:
    document = Document(id="a", text="  just a few words ", title="A", path="a")
    assert list(passages(document, 10)) == [document]


def test_a_passage_names_its_place_and_its_page() -> None:
    text = "\f".join(f"{'word ' * 12}end of {number}." for number in range(1, 5))
    document = Document("a.pdf", text, "A", "a.pdf", ("l",), "train", {"pages": 4, "year": 1999})
    found = list(passages(document, 20))
    assert [passage.id for passage in found] == ["a.pdf#1", "a.pdf#2", "a.pdf#3", "a.pdf#4"]
    assert [passage.metadata["page"] for passage in found] == [1, 2, 3, 4]
    for number, passage in enumerate(found, 1):
        assert passage.text == text[passage.metadata["start"] : passage.metadata["end"]]
        assert passage.text.endswith(f"end of {number}.")
        assert (passage.metadata["passage"], passage.metadata["passages"]) == (number, 4)
        assert (passage.title, passage.path, passage.labels, passage.split) == ("A", "a.pdf", ("l",), "train")
        assert passage.metadata["year"] == 1999
    unpaged = passages(Document("b", text, "B", "b"), 20)
    assert not any("page" in passage.metadata for passage in unpaged)


def test_a_corpus_is_read_in_passages(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A sentence of five words. " * 8, encoding="utf-8")
    (tmp_path / "b.txt").write_text("A sentence of five words.", encoding="utf-8")
    found = [
        item.id for item in open_corpus(tmp_path, CorpusConfig(passages=20)) if isinstance(item, Document)
    ]
    assert found == ["a.txt#1", "a.txt#2", "b.txt"]


@pytest.mark.parametrize("words", [-1, 1, 9])
def test_passages_too_short_to_mean_anything_are_refused(words: int) -> None:
    with pytest.raises(ConfigError, match="passages: expected at least 10 words, or 0 for none"):
        CorpusConfig(passages=words)


def filler(word: str) -> str:
    return f"{word} {'words that say nothing of it and go on ' * 2}\n\n" * 4


BOATS, SAILS, KEELS = map(filler, ("boats", "sails", "keels"))
SECTIONS = {
    "a.md": f"# Boats\n\n{BOATS}\n## Sails *and* ropes ##\n\n```\n# no heading\n```\n{SAILS}\nKeels\n=====\n{KEELS}",
    "a.rst": f"Boats\n=====\n\n{BOATS}\nSails *and* ropes\n-----------------\n\n{SAILS}\nKeels\n-----\n{KEELS}",
    "a.html": f"<h1>Boats</h1><p>{BOATS}</p><h2>Sails <i>and</i>\n ropes</h2><p>{SAILS}</p><h2>Keels</h2>{KEELS}",
    "a.1": f".TH A 1\n.SH BOATS\n{BOATS}\n.SS Sails and ropes\n{SAILS}\n.SH KEELS\n{KEELS}",
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_passage_has_the_heading_of_the_section_that_it_begins_in(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(SECTIONS[name])
    found = [item for item in open_corpus(tmp_path, CorpusConfig(passages=30)) if isinstance(item, Document)]
    headings = [passage.metadata["heading"].replace("*", "").lower() for passage in found]
    assert set(headings) == {"boats", "sails and ropes", "keels"}
    for passage, heading in zip(found, headings, strict=True):
        first = next(word for word in ("boats", "sails", "keels") if word in passage.text.lower())
        assert heading.startswith(first) or not passage.text.lower().lstrip("# ").startswith(first)
    assert headings == sorted(headings, key=["boats", "sails and ropes", "keels"].index)


def test_a_passage_before_every_heading_has_the_first_in_it_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"{BOATS}{SAILS}\nshort\n\n# Late\n\n{KEELS}")
    (tmp_path / "b.txt").write_text(f"{BOATS}\n# Not a heading\n{SAILS}")
    found = [item for item in open_corpus(tmp_path, CorpusConfig(passages=30)) if isinstance(item, Document)]
    headings = [passage.metadata.get("heading") for passage in found if passage.path == "a.md"]
    assert headings[0] is None
    assert headings[-1] == "Late"
    assert not any("heading" in passage.metadata for passage in found if passage.path == "b.txt")
