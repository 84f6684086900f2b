"""Filters by path are `fnmatch.fnmatchcase`, whether SQLite matches or Python does."""

from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semhash.asking.where import select
from semhash.catalogue import Catalogue
from semhash.corpus.document import Document
from semhash.errors import ConfigError

PATHS = [
    *(
        "a.txt",
        "b.txt",
        "A.TXT",
        "a/b.txt",
        "a/b/c.md",
        "[a].txt",
        "a]b",
        "a^b",
        "a-b",
        "!a",
        "é/ü.txt",
        "日本/語",
    ),
    *(
        "a\nb",
        "a b",
        ".a",
        "a%b",
        "a_b",
        "a\\b",
        "a'b",
        "**",
        "a?",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        "👍.txt",
    ),
]
PATTERNS = st.text("ab*?[]!^-./é\n ", max_size=9) | st.sampled_from(
    [
        "*",
        "?*",
        "a*b*",
        "*a*a*a*a*a*a*a*c*b",
        "[!a]*",
        "[^a]*",
        "[a",
        "[]]*",
        "a[]]b",
        "[a-b]*",
        "[b-a]*",
        "*[*]*",
        "[?]*",
    ]
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    file = tmp_path_factory.mktemp("paths") / "catalogue.sqlite"
    with Catalogue.create(file) as written:
        documents = [Document(id=str(n), title="", text="", path=path) for n, path in enumerate(PATHS)]
        written.add_documents(0, [(document, b"") for document in documents], store_text=False)
    with Catalogue.open(file) as opened:
        yield opened


def found(catalogue: Catalogue, *patterns: str) -> list[int]:
    rows: list[int] = []
    with suppress(ConfigError):  # no path matches one of them
        rows = select(catalogue, {"path": patterns}).tolist()
    return rows


@given(patterns=st.lists(PATTERNS, min_size=1, max_size=3))
def test_a_path_passes_where_it_matches(catalogue: Catalogue, patterns: list[str]) -> None:
    each = [[row for row, path in enumerate(PATHS) if fnmatchcase(path, pattern)] for pattern in patterns]
    assert found(catalogue, *patterns) == (sorted(set().union(*each)) if all(each) else [])
