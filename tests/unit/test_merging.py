import random
from dataclasses import replace

import numpy as np
import pytest

from semhash.analysis.analyzer import Analyzer
from semhash.vocabulary import Counts, Lexicon
from semhash.words.counting import CountsBuilder
from semhash.words.merging import Counted, merge, narrowed

WORDS = [chr(ord("a") + i) * n for i in range(26) for n in (1, 2, 3)] + ["naïve", "日本", "zebra", "éclair"]


def counted(texts: list[str]) -> Counted:
    builder = CountsBuilder(Analyzer("none"))
    for text in texts:
        builder.add(text)
    found = builder.finish()
    return replace(found, counts=narrowed(found.counts))


def words_of(lexicon: Lexicon) -> list[str]:
    return [lexicon.word(term) for term in range(len(lexicon))]


def assert_same(found: Counts, expected: Counts) -> None:
    for name in ("indptr", "indices", "data"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()
    assert found.n_columns == expected.n_columns


def texts(source: random.Random, n: int) -> list[str]:
    return [" ".join(source.choices(WORDS, k=source.randrange(12))) for _ in range(n)]


@pytest.mark.parametrize("seed", range(40))
def test_merged_counts_are_those_of_counting_all_anew(seed: int) -> None:
    source = random.Random(seed)
    old, new = texts(source, source.randrange(12)), texts(source, source.randrange(6))
    if seed % 3 == 0:
        new.append("the " * 300 + "zebra " * (300 if seed % 2 else 2))
    kept = sorted(source.sample(range(len(old)), source.randrange(len(old) + 1)))
    if seed % 4 == 0:
        source.shuffle(kept)
    origins = [*kept]
    for _ in new:
        origins.insert(source.randrange(len(origins) + 1), -1)
    came = iter(new)
    expected = counted([old[row] if row >= 0 else next(came) for row in origins])
    found = merge(counted(old), counted(new), np.array(origins, dtype=np.int64), [])
    assert words_of(found.lexicon) == words_of(expected.lexicon)
    assert found.lexicon.offsets.dtype == expected.lexicon.offsets.dtype
    assert_same(found.counts, expected.counts)
    assert found.spellings.tolist() == expected.spellings.tolist()
    assert words_of(found.forms) == words_of(expected.forms)
    assert found.languages.tolist() == expected.languages.tolist()


def test_listed_words_are_in_the_lexicon_though_no_document_holds_them() -> None:
    old, new = counted(["boat moon moon", "sail"]), counted(["tide boat"])
    found = merge(old, new, np.array([1, -1]), ["moon", "orbit", "boat"])
    assert words_of(found.lexicon) == ["boat", "moon", "orbit", "sail", "tide"]
    assert found.counts.document_frequency().tolist() == [1, 0, 0, 1, 1]


def test_nothing_is_left_of_nothing() -> None:
    found = merge(counted(["boat"]), counted([]), np.empty(0, dtype=np.int64), [])
    assert (len(found.lexicon), len(found.counts), found.counts.n_columns) == (0, 0, 0)
