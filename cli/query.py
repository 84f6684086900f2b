"""``semhash query`` and ``semhash similar``: from a text or a document to related documents."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from semhash.errors import ConfigError, CorpusError

from .console import emit_json, output, reports_errors, say, visible
from .options import AsJson, IndexPlace, Quiet, Radius, Top

if TYPE_CHECKING:
    from rich.text import Text

    from semhash.index import Hit, Index, QueryResult
    from semhash.snippet import Snippet

__all__ = ["query", "similar"]


class Format(StrEnum):
    """How the answers to many queries are printed."""

    TREC = "trec"
    JSONL = "jsonl"


@reports_errors
def query(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="A few words, or - to read a text from stdin.")
    ] = None,
    index: IndexPlace = None,
    k: Top = 10,
    radius: Radius = None,
    queries: Annotated[
        Path | None,
        typer.Option("--from", metavar="QUERIES.jsonl", help="Many queries: id and text on each line."),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="With --from: a TREC run, or a JSON object a line.")
    ] = Format.TREC,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the documents that are about what TEXT is about.

    The text's code is an address; the documents at addresses near it are ranked by the words that they share
    with it.
    """
    if (text is None) == (queries is None):
        found = "neither" if text is None else "both"
        raise ConfigError(f"expected a TEXT or --from QUERIES.jsonl, found {found}")
    from semhash.index import open_index

    with open_index(index) as opened:
        if queries is not None:
            _answer_many(opened, queries, form, k, radius)
            return
        asked = sys.stdin.read() if text == ["-"] else " ".join(text or [])
        result = opened.query(asked, k, radius)
    _show(result, as_json, quiet)


@reports_errors
def similar(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a document of the index.")],
    index: IndexPlace = None,
    k: Top = 10,
    radius: Radius = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the documents that are like one of the index."""
    from semhash.index import open_index

    with open_index(index) as opened:
        result = opened.similar(document_id, k, radius)
    _show(result, as_json, quiet)


def _answer_many(opened: "Index", queries: Path, form: Format, k: int, radius: int | None) -> None:
    for query_id, text in _read_queries(queries):
        if form is Format.JSONL:
            emit_json({"id": query_id, **_json(opened.query(text, k, radius))})
            continue
        name = _no_space(query_id)
        for rank, (document_id, score) in enumerate(next(opened.rank_many([text], k, radius)), 1):
            typer.echo(f"{name} Q0 {_no_space(document_id)} {rank} {score:.6f} semhash")


def _read_queries(file: Path) -> Iterator[tuple[str, str]]:
    """Give id and text of each line of a JSONL file; a line that has not both is an error."""
    import msgspec

    class Query(msgspec.Struct):
        id: str | int
        text: str

    decoder = msgspec.json.Decoder(Query)
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise CorpusError(
                    f"{file}:{number}: expected a JSON object with id and text, found: {error}"
                ) from error
            yield str(found.id), found.text


def _no_space(name: str) -> str:
    """Percent-encode the white space of an id, which would break a TREC line apart."""
    return "".join(quote(c, safe="") if c.isspace() else c for c in name)


def _json(result: "QueryResult") -> dict[str, Any]:
    return {
        "query": result.query,
        "code": result.code,
        "bits": result.bits,
        "hits": [
            {
                "rank": hit.rank,
                "id": hit.id,
                "title": hit.title,
                "path": hit.path,
                "distance": hit.distance,
                "score": round(hit.score, 6),
                "snippet": hit.snippet.text,
            }
            for hit in result.hits
        ],
        "seconds": {name: round(value, 6) for name, value in result.seconds.items()},
    }


def _show(result: "QueryResult", as_json: bool, quiet: bool) -> None:
    if result.known_words == 0:
        say("no word of it is in the index's vocabulary, so there is nothing to look up", quiet)
    elif not result.hits:
        say(f"no document within {result.radius} bits; try a larger --radius", quiet)
    if as_json:
        emit_json(_json(result))
        return
    if not result.hits:
        return
    _show_hits(result.hits)
    say(
        f"the best {len(result.hits)} of {result.shortlist:,} documents within {result.radius} bits of address "
        f"{result.code:0{result.bits}b}, in {result.seconds['total'] * 1000:.1f} ms",
        quiet,
    )


def _show_hits(hits: "list[Hit]") -> None:
    from rich.table import Table
    from rich.text import Text

    console = output()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("rank", "bits", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("document", overflow="fold")
    for hit in hits:
        document = Text(visible(hit.title), style="bold")
        if hit.path != hit.title:
            document.append(f"\n{visible(hit.id)}", style="not bold dim")
        if hit.snippet.text:
            document.append("\n").append_text(_marked(hit.snippet, styled=console.is_terminal))
        table.add_row(str(hit.rank), str(hit.distance), f"{hit.score:.3f}", document)
    console.print(table)


def _marked(snippet: "Snippet", styled: bool) -> "Text":
    """Mark the query's words: by style in a terminal, between stars elsewhere."""
    from rich.text import Text

    text, at = Text(style="not bold"), 0
    for start, end in snippet.marks:
        text.append(visible(snippet.text[at:start]))
        word = visible(snippet.text[start:end])
        text.append(word, style="bold yellow") if styled else text.append(f"*{word}*")
        at = end
    return text.append(visible(snippet.text[at:]))
