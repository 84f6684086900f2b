from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from semhash.catalogue import Catalogue, DocumentCode
from semhash.corpus.document import Document

# What the readers let through: any Unicode but lone surrogates and NUL.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(-1e9, 1e9), TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        id=TEXT,
        text=TEXT,
        title=TEXT,
        path=TEXT,
        labels=st.lists(TEXT, max_size=3).map(tuple),
        split=st.none() | TEXT,
        metadata=st.dictionaries(TEXT, JSON, max_size=3),
    ),
    unique_by=lambda document: document.id,
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(DOCUMENTS, st.integers(1, 128), st.booleans(), st.data())
def test_whatever_goes_in_comes_out(
    documents: list[Document], bits: int, store_text: bool, data: st.DataObject
) -> None:
    codes = [data.draw(st.integers(0, 2**bits - 1)) for _ in documents]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.sqlite"
        with Catalogue.create(file) as catalogue:
            batch = [(document, sha256(document.text.encode()).digest()) for document in documents]
            catalogue.add_documents(0, batch, store_text)
            packed = [code.to_bytes(-(-bits // 8), "little") for code in codes]
            catalogue.set_codes(DocumentCode(row, code, row) for row, code in enumerate(packed))
        with Catalogue.open(file) as catalogue:
            assert catalogue.check() is None
            entries = list(catalogue.documents())
            assert len(entries) == catalogue.count() == len(documents)
            for row, (entry, document) in enumerate(zip(entries, documents, strict=True)):
                assert entry.row == entry.known_words == row
                assert entry.code == codes[row]
                assert entry.text == (document.text if store_text else None)
                assert entry.labels == tuple(sorted(set(document.labels)))
                for name in ("id", "title", "path", "split", "metadata"):
                    assert getattr(entry, name) == getattr(document, name)
                assert catalogue.by_id(document.id) == entry
                for label in entry.labels:
                    assert entry in list(catalogue.documents(label))
            assert catalogue.ids(range(len(documents))) == {entry.row: entry.id for entry in entries}
