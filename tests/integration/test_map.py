"""The subjects of an index: planted ones are found, and the page keeps documents from speaking for themselves."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import pytest

from semhash import Index, build_index, open_index
from semhash.codes import from_int, hamming_distances
from semhash.errors import ConfigError
from semhash.subjects import find_subjects
from semhash.subjects.page import subject_page, write_page
from tests.conftest import SUBJECTS, QuickConfig, documents, write_jsonl

if TYPE_CHECKING:
    from tests.conftest import Semhash

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_regions_are_the_planted_subjects(index: Index) -> None:
    found = find_subjects(index, 6)
    labels = [entry.labels[0] for entry in index.catalogue.documents()]
    pure = 0
    for number, region in enumerate(found.regions):
        held = Counter(labels[row] for row in np.flatnonzero(found.region_of == number))
        [(subject, most)] = held.most_common(1)
        pure += most
        if most > 0.9 * region.n_documents:
            assert set(region.words[:5]) <= {*SUBJECTS[subject].split(), subject}
            assert len({*region.expected[:5]} & {*SUBJECTS[subject].split(), subject}) >= 3
    assert pure > 0.85 * len(labels)


@pytest.mark.parametrize("n_regions", [None, 1, 4, 1000])
def test_every_document_is_in_one_region(index: Index, n_regions: int | None) -> None:
    found = find_subjects(index, n_regions)
    assert sum(region.n_documents for region in found.regions) + found.n_unaddressed == len(index)
    assert np.bincount(found.region_of).tolist() == [region.n_documents for region in found.regions]
    assert [region.number for region in found.regions] == list(range(1, len(found.regions) + 1))
    assert len(found.regions) <= (n_regions or 24)
    assert sum(region.n_addresses for region in found.regions) == index.manifest.addresses_in_use


def test_nearest_and_outliers_are_those_by_the_mean(index: Index) -> None:
    found = find_subjects(index, 5)
    heads = index.catalogue.heads()
    rows = {head.id: head.row for head in heads}
    packed = np.asarray(index.codes)
    bits = np.unpackbits(packed, axis=1, bitorder="little")[:, : index.bits].astype(float)
    for number, region in enumerate(found.regions):
        ours = np.flatnonzero(found.region_of == number)
        far = ((bits[ours] - bits[ours].mean(axis=0)) ** 2).sum(axis=1)
        of = dict(zip(ours.tolist(), far.tolist(), strict=True))
        for named, best in ((region.nearest, np.sort(far)), (region.outliers, -np.sort(-far))):
            assert len(named) == 5
            assert [of[rows[d.id]] for d in named] == pytest.approx(best[:5].tolist())
            assert len({d.title for d in named}) == 5
        distances = hamming_distances(from_int(region.address, index.bits), packed[ours])
        assert region.spread == pytest.approx(distances.mean())
        told = dict(zip(ours.tolist(), distances.tolist(), strict=True))
        assert all(told[rows[d.id]] == d.distance for d in region.nearest + region.outliers)


def test_the_same_seed_finds_the_same(index: Index) -> None:
    assert find_subjects(index, seed=3) == find_subjects(index, seed=3)
    with pytest.raises(ConfigError, match="n_regions: expected 1 or more, found 0"):
        find_subjects(index, 0)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory, quick_config: QuickConfig) -> Path:
    """An index of hostile titles and ids, with a document without a known word."""
    place = tmp_path_factory.mktemp("evil")
    rows = [{**row, "title": EVIL, "id": f"{EVIL}{row['id']}"} for row in documents(per_subject=10)]
    rows.append({"id": "wordless", "text": "zyzzyva"})
    build_index(
        write_jsonl(place / "evil.jsonl", rows), place / "evil", quick_config(epochs=5, vocabulary_size=75)
    )
    return place / "evil"


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_loads_nothing_and_titles_stay_text(evil: Path) -> None:
    with open_index(evil) as index:
        found = find_subjects(index, 3)
        page = subject_page(index, found)
    tags = Tags(page).found
    assert [tag for tag, _ in tags].count("script") == 3
    assert "img" not in {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    links = [a[name] for _, a in tags for name in ("src", "href", "srcset") if a.get(name)]
    assert all(link == "data:," or (link or "").startswith("#") for link in links)
    policy = next(a["content"] or "" for _, a in tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    shown = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;img src=x onerror=alert(2)&gt;" in shown
    assert re.findall(r"https?://", shown) == []
    assert "1 document without a known word, at no address" in shown


def chart_of(page: str) -> dict[str, list[dict[str, list[str]]]]:
    (data,) = re.findall(r'id="data">(.*?)</script>', page, flags=re.DOTALL)
    [chart] = json.loads(data)["charts"].values()
    return dict(chart)


def test_the_picture_holds_every_document_in_fields_that_plotly_knows(index: Index) -> None:
    found = find_subjects(index, 4)
    chart = chart_of(subject_page(index, found))
    assert [len(trace["x"]) for trace in chart["data"]] == [r.n_documents for r in found.regions]
    told = [text.split("<br>")[0] for trace in chart["data"] for text in trace["hovertext"]]
    assert Counter(told) == Counter(head.title for head in index.catalogue.heads())
    plain = json.loads(re.sub(r'"@\w[\w-]*"', '"#123456"', json.dumps(chart)))
    assert len(go.Figure({"data": plain["data"], "layout": plain["layout"]}).layout.annotations) == 4


def test_of_many_documents_a_sample_is_drawn_and_said(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semhash.subjects.page.MAX_POINTS", 50)
    found = find_subjects(index, 4)
    page = subject_page(index, found)
    assert sum(len(trace["x"]) for trace in chart_of(page)["data"]) == 50
    assert "A sample of 50 of 240 documents" in page
    assert subject_page(index, found) == page


def test_the_page_is_written_whole_and_replaces_only_when_told(index: Index, tmp_path: Path) -> None:
    found = find_subjects(index, 2)
    file = tmp_path / "map.html"
    write_page(index, found, file)
    assert file.read_text(encoding="utf-8") == subject_page(index, found)
    file.write_text("mine")
    with pytest.raises(ConfigError, match="expected no file there, found one; replace it with --force"):
        write_page(index, found, file)
    assert file.read_text() == "mine"
    write_page(index, found, file, force=True)
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(ConfigError, match="expected no file there, found a folder"):
        write_page(index, found, tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


def test_the_command_tells_the_same(index_folder: Path, semhash: "Semhash", tmp_path: Path) -> None:
    with open_index(index_folder) as index:
        found = find_subjects(index, 3)
    asked = ("map", "--index", index_folder, "--regions", "3")
    told = semhash(*asked, cwd=tmp_path)
    assert " ".join(found.regions[0].expected[:5]) in told.stdout.replace("\n", " ")
    assert told.stderr == "240 documents in 3 regions\n"
    told = semhash(*asked, "--json", "--html", "map.html", cwd=tmp_path)
    regions = told.json()["regions"]
    assert [region["address"] for region in regions] == [region.address for region in found.regions]
    assert [[d["id"] for d in region["nearest"]] for region in regions] == [
        [d.id for d in region.nearest] for region in found.regions
    ]
    assert told.json()["html"] == "map.html"
    assert (tmp_path / "map.html").stat().st_size > 1_000_000
    refused = semhash(*asked, "--html", "map.html", cwd=tmp_path, status=2)
    assert "replace it with --force" in refused.stderr
    lost = semhash(*asked, "--html", "no/where.html", cwd=tmp_path, status=2)
    assert "no/where.html: expected a folder to write it to, found no no; make it" in lost.stderr
