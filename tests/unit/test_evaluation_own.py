"""semhash's own retrievers rank as the commands do; what makes a run and a picture of any retriever."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from semhash import Index, codes
from semhash.baselines.retriever import CodeRanking, Documents, ScoreRanking
from semhash.errors import ConfigError
from semhash.evaluation.best import best
from semhash.evaluation.costs import query_milliseconds
from semhash.evaluation.metrics.order import descending
from semhash.evaluation.nearest import nearest_by_tfidf, neighbours_of
from semhash.evaluation.own import ByCodes, ByShortlist, Learned, Margins, taken_from
from semhash.evaluation.plane import draw_map, principal_components
from semhash.evaluation.reading import Source, read_task
from semhash.evaluation.seen import queries_seen
from semhash.evaluation.settings import Settings, recipes
from semhash.evaluation.task import Task, some
from semhash.ranking import TermIndex
from semhash.vocabulary import Counts

if TYPE_CHECKING:
    from tests.unit.conftest import TwoSubjects


@pytest.fixture
def task(corpus_file: Path) -> Iterator[Task]:
    with read_task(Source(corpus=corpus_file)) as task:
        yield task


def random_codes(counts: Counts, bits: int = 12, seed: int = 0) -> Learned:
    """Codes that hang on the documents' words alone, with many ties among them."""
    planes = np.random.default_rng(seed).normal(size=(counts.n_columns, bits))

    def margins(documents: Documents) -> Margins:
        dense = documents.counts.to_dense()
        return Margins((dense @ planes).astype(np.float32), dense.sum(axis=1).astype(np.int64))

    database = margins(of(counts))
    return Learned(bits, database.codes, database.addressed, margins, None)


def of(counts: Counts) -> Documents:
    return Documents(counts, np.arange(counts.n_columns), [()] * len(counts), [""] * len(counts))


@pytest.mark.parametrize("shortlist", [1, 10, 37, 80, 500])
def test_the_ball_is_ranked_by_tfidf_and_all_else_follows_by_distance(
    two_subjects: "TwoSubjects", shortlist: int
) -> None:
    counts, asked = two_subjects(), two_subjects(n=15, seed=1)
    learned = random_codes(counts)
    terms = TermIndex.build(counts)
    ranking = ByShortlist(learned, terms, shortlist).rank(of(asked))
    order = descending(ranking.scores(np.arange(15)))
    packed = learned.encode(of(asked))
    for query in range(15):
        distances = codes.hamming_distances(packed[query], learned.database).astype(int)
        radius = min(r for r in range(13) if (distances <= r).sum() >= min(shortlist, 80))
        cosines = terms.cosine(asked.take(np.array([query])), np.arange(80))
        inside = distances <= radius
        expected = sorted(
            range(80),
            key=lambda row: (not inside[row], -cosines[row] if inside[row] else 0, distances[row], row),
        )
        assert order[query].tolist() == expected


@pytest.mark.parametrize("shortlist", [10, 500])
def test_the_short_way_to_the_first_few_finds_what_the_long_way_does(
    two_subjects: "TwoSubjects", shortlist: int
) -> None:
    counts, asked = two_subjects(), of(two_subjects(n=15, seed=1))
    learned = random_codes(counts)
    again = ByShortlist(learned, TermIndex.build(counts), shortlist)
    order = descending(again.rank(asked).scores(np.arange(15)))
    for query in range(15):
        one = some(asked, np.array([query]))
        np.testing.assert_array_equal(again.first(one, 7), order[query, :7])
        distances = codes.hamming_distances(learned.encode(one)[0], learned.database)
        np.testing.assert_array_equal(
            ByCodes(learned).first(one, 7), np.argsort(distances, kind="stable")[:7]
        )


def test_scores_are_given_for_any_block_of_queries(two_subjects: "TwoSubjects") -> None:
    counts, asked = two_subjects(), of(two_subjects(n=15, seed=1))
    scores = ByShortlist(random_codes(counts), TermIndex.build(counts), 10).rank(asked).scores
    np.testing.assert_array_equal(scores(np.array([9, 2])), scores(np.arange(15))[[9, 2]])


def test_an_index_encodes_as_its_own_commands_do(index: Index, task: Task) -> None:
    learned = taken_from(index, task.database.documents)
    stored = {entry.id: entry.code for entry in index.catalogue.documents()}
    assert codes.to_ints(learned.database) == [stored[name] for name in task.database.ids]
    asked = codes.to_ints(learned.encode(task.queries.documents))
    assert asked == [stored[name] for name in task.queries.ids]


def test_the_ball_then_tfidf_of_an_index_ranks_as_its_query_does(index: Index, corpus_file: Path) -> None:
    """Over a database that is the index's very corpus, asked with texts from outside."""
    folder = corpus_file.parent
    queries = ["sail the boat into the harbour", "a recipe with garlic and onion", "goal of the striker"]
    (folder / "asked.tsv").write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(queries)))
    (folder / "judged.tsv").write_text("".join(f"q{i}\tmusic-1\t1\n" for i in range(3)))
    source = Source(corpus=corpus_file, queries=folder / "asked.tsv", qrels=folder / "judged.tsv")
    with read_task(source) as judged:
        database = judged.database.documents
        fitted = ByShortlist(taken_from(index, database), TermIndex.build(database.ranked_by))
        order = descending(fitted.rank(judged.queries.documents).scores(np.arange(3)))
        for query, text in enumerate(queries):
            found = [judged.database.ids[row] for row in order[query, :20]]
            assert found == [hit.id for hit in index.query(text, k=20, rank="tfidf").hits]


def test_queries_that_an_index_was_built_from_are_counted(
    index: Index, task: Task, corpus_file: Path, tmp_path: Path
) -> None:
    assert queries_seen(index, task) == len(task.queries)
    rows = [json.loads(line) for line in corpus_file.read_text().splitlines()]
    asked = [row for row in rows if row["split"] == "test"]
    asked[0] |= {"id": "new", "text": "new words"}  # neither id nor text is known
    asked[1] |= {"id": "new too"}  # the text is
    asked[2] |= {"text": "new words again"}  # the id is
    (tmp_path / "changed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with read_task(Source(corpus=tmp_path / "changed.jsonl")) as changed:
        assert queries_seen(index, changed) == len(asked) - 1


@pytest.mark.parametrize("n", [1, 3, 10, 25, 40])
def test_the_first_few_are_those_of_a_stable_sort(n: int) -> None:
    scores = np.random.default_rng(n).integers(0, 6, (30, 25)).astype(np.float32)
    np.testing.assert_array_equal(best(scores, n), np.argsort(-scores, axis=1, kind="stable")[:, :n])


def test_neighbours_under_tfidf_are_those_of_plain_cosines(two_subjects: "TwoSubjects") -> None:
    database, queries = two_subjects(), two_subjects(n=20, seed=1)
    terms = TermIndex.build(database)
    found = nearest_by_tfidf(database, queries, 5)
    for query, rows in enumerate(found):
        cosines = terms.cosine(queries.take(np.array([query])), np.arange(80))
        assert set(rows) == set(np.argsort(-cosines, kind="stable")[:5])
        assert rows.tolist() == sorted(rows)


def test_a_query_without_a_word_has_no_neighbours(two_subjects: "TwoSubjects") -> None:
    database = two_subjects()
    nothing = database.take(np.array([0])).entries(np.zeros(database.indptr[1], dtype=np.bool_))
    [found] = nearest_by_tfidf(database, nothing, 5)
    assert len(found) == 0


def test_a_small_database_has_fewer_neighbours() -> None:
    assert [neighbours_of(n) for n in (5, 40, 1999, 2000, 10**6)] == [1, 2, 99, 100, 100]


def test_the_plane_is_that_of_most_variance() -> None:
    random = np.random.default_rng(0)
    axes, _ = np.linalg.qr(random.normal(size=(6, 6)))
    spread = np.array([5, 3, 1, 0.5, 0.2, 0.1])
    values = (random.normal(size=(4000, 6)) * spread) @ axes.T + 7
    places, share = principal_components(values.astype(np.float32))
    np.testing.assert_allclose(places.std(axis=0), [5, 3], rtol=0.05)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-6)
    assert places[:, 0] @ (places[:, 1] - places[:, 1].mean()) == pytest.approx(0, abs=1e-4)
    assert share == pytest.approx((25 + 9) / (spread**2).sum(), abs=0.02)


def test_a_map_shows_each_document_with_its_first_label(task: Task) -> None:
    learned = random_codes(task.database.documents.counts)
    fitted = ByCodes(learned)
    drawn = draw_map(fitted, fitted.rank(task.queries.documents), task.database, "semhash, 12 bits")
    assert drawn is not None
    assert drawn.title == list(task.database.titles)
    assert drawn.label == [labels[0] for labels in task.database.documents.labels]
    assert len(drawn.x) == len(drawn.y) == len(task.database)
    assert "the codes (semhash, 12 bits)" in drawn.how
    assert draw_map(fitted, ScoreRanking(lambda rows: np.zeros((len(rows), 1))), task.database, "") is None


class _Counting:
    """A fitted method that notes what it is asked."""

    bytes_per_document = 4.0

    def __init__(self, counts: Counts, as_codes: bool) -> None:
        self.learned = random_codes(counts)
        self.as_codes = as_codes
        self.asked: list[int] = []

    def rank(self, queries: Documents) -> CodeRanking | ScoreRanking:
        self.asked.append(len(queries))
        if self.as_codes:
            return CodeRanking(self.learned.encode(queries), self.learned.database, self.learned.bits)

        def scores(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            return np.zeros((len(rows), len(self.learned.database)), dtype=np.float32)

        return ScoreRanking(scores)


@pytest.mark.parametrize("as_codes", [False, True])
def test_queries_are_timed_one_by_one(two_subjects: "TwoSubjects", as_codes: bool) -> None:
    fitted = _Counting(two_subjects(), as_codes)
    assert query_milliseconds(fitted, of(two_subjects(n=50, seed=1))) > 0
    assert fitted.asked == [1] * 31


def test_recipes_are_the_presets_and_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[model]\nbits = 32\n[text]\nvocabulary_size = 70\n[training]\nepochs = 3\n")
    mine = Settings(config=file)
    [recipe] = recipes(mine)
    assert (recipe.name, recipe.title, recipe.widths) == ("semhash:mine", "semhash (mine.toml)", (32,))
    assert recipe.config(32, 5).training.seed == 5
    both = Settings(presets=["default", "paper"], config=file, bits=[16, 64])
    default, paper, mine_too = recipes(both)
    assert [recipe.widths for recipe in (default, paper, mine_too)] == [(16, 64)] * 3
    assert (default.name, paper.name) == ("semhash", "semhash-paper")
    assert paper.config(64, 0).model.pretraining.method == "rbm"
    assert paper.config(64, 0).model.bits == 64
    assert paper.config(64, 0).text.vocabulary_size == 70  # words are counted alike for all
    assert recipes(Settings(presets=["none"])) == []
    assert recipes(Settings(indexes=[tmp_path])) == []
    assert [recipe.name for recipe in recipes(Settings())] == ["semhash"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"bits": [4]}, "bits: expected 8 to 128, found 4"),
        ({"dimensions": [20, 0]}, "dimensions: expected 1 to 100000, found 0"),
        ({"seeds": [-1]}, "seeds: expected 0 to 4294967295, found -1"),
        (
            {"presets": ["defalt"]},
            "preset: expected default, plain, paper or none, found 'defalt'; did you mean",
        ),
    ],
)
def test_what_cannot_be_set_is_told(options: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Settings(**options)  # type: ignore[arg-type]
