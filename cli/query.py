"""``semhash query`` and ``semhash similar``: from a text or a document to related documents."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from semhash.errors import ConfigError, CorpusError

from .asking import asked, novelty_json, say_unlike
from .console import console, emit_json, emit_table, reports_errors, say, visible
from .options import (
    AsJson,
    Exact,
    Group,
    IndexPlace,
    PerDocument,
    Plain,
    Quiet,
    Radius,
    Rank,
    Ranking,
    Top,
    Where,
    path,
    read_filter,
)

if TYPE_CHECKING:
    from rich.text import Text

    from semhash.asking.results import Duplicate, Hit, QueryResult
    from semhash.asking.snippet import Snippet
    from semhash.asking.suggestions import Suggestion
    from semhash.catalogue.passage import Passage
    from semhash.index import Index

__all__ = ["query", "similar"]

_SHOWN_DUPLICATES = 5


class Format(StrEnum):
    """How the answers to many queries are printed."""

    TREC = "trec"
    JSONL = "jsonl"


class How(TypedDict):
    """How hits are found and ranked: what `Index.query`, `similar` and `rank_many` take beside the question."""

    k: int
    radius: int | None
    rank: str
    where: dict[str, list[str]] | None
    group: bool
    per_document: bool


class Read(TypedDict):
    """How a question is read: what `Index.query` and `rank_many` take besides."""

    plain: bool
    exact: bool


@reports_errors
def query(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="A few words, or - to read a text from stdin.")
    ] = None,
    index: IndexPlace = None,
    k: Top = 10,
    radius: Radius = None,
    rank: Rank = Ranking.HYBRID,
    where: Where = None,
    group: Group = None,
    per_document: PerDocument = None,
    exact: Exact = False,
    plain: Plain = False,
    queries: Annotated[
        Path | None,
        typer.Option(
            "--from",
            parser=path,
            metavar="QUERIES.jsonl",
            help="Many queries: id and text on each line; - for stdin.",
        ),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="With --from: a TREC run (the default), or a JSON object a line."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the documents that are about what TEXT is about.

    The text's code is an address; the documents at addresses near it, and those that share its words, are ranked
    by both, or as --rank says.

    In a question, "words in quotes" are a phrase that every hit holds, -word and -"a phrase" keep out what holds them,
    word* stands for all words that begin so, and field:value for --where field=value. All else is words, and so is a
    text of several lines, a long one, a sentence with its full stop, and what is read from stdin. A shell takes quotes
    off, so put single ones around all: semhash query '"general relativity" -black'
    """
    if (not text) == (queries is None):
        found = "both" if text else "neither"
        raise ConfigError(
            f"expected a TEXT or --from QUERIES.jsonl, found {found}; see: semhash query --help"
        )
    if form is not None and queries is None:
        raise ConfigError(
            f"--format {form}: expected --from QUERIES.jsonl with it; for one TEXT there is --json"
        )
    from semhash.index import open_index

    how = _how(k, radius, rank, where, group, per_document, folds=queries is None and not as_json)
    read = Read(plain=plain or text == ["-"], exact=exact)
    with open_index(index) as opened:
        if queries is not None:
            as_run = form is Format.TREC or (form is None and not as_json)
            _answer_many(opened, queries, as_run, how, read, quiet)
            return
        wanted = asked(text or [])
        result = opened.query(wanted, **how, **read, novelty=as_json or not quiet)
    _show(result, as_json, quiet, radius)


@reports_errors
def similar(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a document of the index.")],
    index: IndexPlace = None,
    k: Top = 10,
    radius: Radius = None,
    rank: Rank = Ranking.HYBRID,
    where: Where = None,
    group: Group = None,
    per_document: PerDocument = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the documents that are like one of the index."""
    from semhash.index import open_index

    how = _how(k, radius, rank, where, group, per_document, folds=not as_json)
    with open_index(index) as opened:
        result = opened.similar(document_id, **how, novelty=as_json or not quiet)
    _show(result, as_json, quiet, radius)


def _how(
    k: int,
    radius: int | None,
    rank: Ranking,
    where: list[str] | None,
    group: bool | None,
    per_document: bool | None,
    *,
    folds: bool,
) -> How:
    """Say how hits are found; those that people look at are folded where nothing else is said."""
    return How(
        k=k,
        radius=radius,
        rank=rank.value,
        where=read_filter(where),
        group=folds if group is None else group,
        per_document=folds if per_document is None else per_document,
    )


def _answer_many(opened: "Index", queries: Path, as_run: bool, how: How, read: Read, quiet: bool) -> None:
    number = answered = 0
    for query_id, text in _read_queries(queries):
        number += 1
        emit_one = _emit_run if as_run else _emit_answer
        found = emit_one(opened, query_id, text, how, read)
        answered += found > 0
    if answered < number:
        say(f"{number - answered:,} of {number:,} queries found nothing", quiet)


def _emit_answer(opened: "Index", query_id: str, text: str, how: How, read: Read) -> int:
    """Print the answer to a query as JSON; give the number of its hits."""
    result = opened.query(text, **how, **read, novelty=True)
    emit_json({"id": query_id, **_json(result)})
    return len(result.hits)


def _emit_run(opened: "Index", query_id: str, text: str, how: How, read: Read) -> int:
    """Print the answer to a query as lines of a TREC run; give their number."""
    [ranked] = opened.rank_many([text], **how, **read)
    name = _one_word(query_id)
    for rank, (document_id, score) in enumerate(ranked, 1):
        sys.stdout.write(f"{name} Q0 {_one_word(document_id)} {rank} {score:.6f} semhash\n")
    return len(ranked)


def _read_queries(file: Path) -> Iterator[tuple[str, str]]:
    """Give id and text of each line of a JSONL file; a line that has not both is an error."""
    import msgspec

    class Query(msgspec.Struct):
        id: str | int
        text: str

    decoder = msgspec.json.Decoder(Query)
    with _stream(file) as lines:
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


def _stream(file: Path) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")


def _one_word(name: str) -> str:
    """Percent-encode what would break a TREC line apart, white space, and what would steer a terminal."""
    from urllib.parse import quote

    return "".join(quote(c, safe="") if c.isspace() or visible(c) != c else c for c in name)


def _json(result: "QueryResult") -> dict[str, Any]:
    return {
        "query": result.query,
        "code": result.code,
        "bits": result.bits,
        "ranking": result.ranking,
        **({} if result.passing is None else {"passing": result.passing}),
        **_read_json(result),
        "novelty": novelty_json(result.novelty),
        "hits": [_hit_json(hit) for hit in result.hits],
        "seconds": {name: round(value, 6) for name, value in result.seconds.items()},
    }


def _read_json(result: "QueryResult") -> dict[str, Any]:
    """Give what JSON says of how a question was read, where there is anything to be said."""
    suggested = [
        {"word": each.word, "did_you_mean": list(each.instead), "used": each.used}
        for each in result.suggestions
    ]
    said = {
        "wanted": result.wanted.shown(),
        "unwanted": result.unwanted.shown(),
        "suggestions": suggested,
        "remarks": list(result.remarks),
    }
    return {name: value for name, value in said.items() if value}


def _hit_json(hit: "Hit") -> dict[str, Any]:
    shown = {
        "rank": hit.rank,
        "id": hit.id,
        "title": hit.title,
        "path": hit.path,
        "distance": hit.distance,
        "score": round(hit.score, 6),
        "snippet": hit.snippet.text,
        **({} if hit.passage is None else {"passage": _passage_json(hit.passage)}),
    }
    if hit.duplicates is None:
        return shown
    under = [
        {"id": same.id, "title": same.title, "path": same.path, "similarity": round(same.similarity, 6)}
        for same in hit.duplicates
    ]
    return {**shown, "duplicates": under}


def _passage_json(passage: "Passage") -> dict[str, Any]:
    found = asdict(passage)
    return found if passage.heading is not None else {k: v for k, v in found.items() if k != "heading"}


def _show(result: "QueryResult", as_json: bool, quiet: bool, radius: int | None) -> None:
    for suggestion in result.suggestions:
        say(_suggested(suggestion), quiet)
    for remark in result.remarks:
        say(remark, quiet)
    if not result.hits and (result.wanted or result.unwanted):
        say(_nothing_with_signs(result), quiet or bool(result.remarks))
    elif result.uncoded is not None:
        say(_without_code(result), quiet or (bool(result.remarks) and not result.hits))
    elif not result.hits:
        say(_nothing(result, radius), quiet or bool(result.remarks))
    say_unlike(result.novelty, quiet)
    if as_json:
        emit_json(_json(result))
        return
    if not result.hits:
        return
    _show_hits(result.hits)
    passing = "" if result.passing is None else f", out of {result.passing:,} that pass {_filters(result)}"
    address = f"address {result.code:0{result.bits}b}{passing}, in {result.seconds['total'] * 1000:.1f} ms"
    looked_at = f"the best {len(result.hits)} of {result.shortlist:,} documents"
    if result.ranking == "asymmetric":
        say(f"{looked_at} that are likeliest, up to {result.radius} bits from {address}", quiet)
    elif result.ranking in {"bm25", "hybrid"}:
        by = "words" if result.ranking == "bm25" else "words or codes"
        say(f"{looked_at} found by {by}, up to {result.radius} bits from {address}", quiet)
    else:
        say(f"{looked_at} within {result.radius} bits of {address}", quiet)


def _suggested(suggestion: "Suggestion") -> str:
    """Say what a word that no document has may have been meant for."""
    first, *others = suggestion.instead
    if suggestion.used:
        more = f" (or did you mean {' or '.join(others)}?)" if others else ""
        return f"no document has {suggestion.word!r}: these are hits for {first!r}{more}; --exact guesses nothing"
    return f"no document has {suggestion.word!r}: did you mean {' or '.join(suggestion.instead)}?"


_WHY_UNCODED = {
    "no words": "there is no word in it",
    "unknown words": "no document has a word of it",
    "stop words": "its words are too common for codes to be made of them",
    "words that are not coded": "none of its words is among those that codes are made of",
    "imported codes": "the codes of this index were made elsewhere",
}


def _without_code(result: "QueryResult") -> str:
    """Say why a question has no code, and what becomes of it."""
    why = _WHY_UNCODED[str(result.uncoded)]
    if result.hits:
        return f"{why}: it has no code, and is looked up by its words"
    if result.ranking in {"bm25", "hybrid"} and result.passing != 0:
        return f"{why}, so there is nothing to look up"
    if result.passing == 0:
        return _nothing(result, None)
    return f"{why}, so it has no code to look up; its words are looked up with: --rank bm25"


def _nothing(result: "QueryResult", radius: int | None) -> str:
    """Say why there are no hits."""
    if result.passing == 0:
        return "no document passes every --where, though each value is met by some"
    among = "" if result.passing is None else f" among the {result.passing:,} that pass {_filters(result)}"
    if radius is None:
        return f"no document with a code{among}"
    return f"no document within {radius} bits{among}; try a larger --radius, or none"


def _nothing_with_signs(result: "QueryResult") -> str:
    """Say that no document fulfils what signs ask for, and what to do."""
    signs = [*result.wanted.shown(), *(f"-{sign}" for sign in result.unwanted.shown())]
    less = "quotes off" if result.wanted.phrases else "one of them off"
    return f"no document is what {' '.join(signs)} {'asks' if len(signs) == 1 else 'ask'} for; take {less} to find more"


def _filters(result: "QueryResult") -> str:
    """Name the filters that a question and its options have."""
    fields = [*result.wanted.fields, *result.unwanted.fields]
    return "its filters" if fields else "--where"


def _show_hits(hits: "list[Hit]") -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("rank", "bits", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("document", overflow="fold")
    for hit in hits:
        document = Text.assemble((visible(hit.title), "bold"))
        if (place := _place(hit)) != hit.title:
            document.append(f"\n{visible(place)}", style="dim")
        if hit.snippet.text:
            document.append("\n").append_text(_marked(hit.snippet, styled=screen.is_terminal))
        if hit.duplicates:
            document.append(f"\n{visible(_under(hit.duplicates))}", style="dim")
        table.add_row(str(hit.rank), str(hit.distance), f"{hit.score:.3f}", document)
    emit_table(table, screen)


def _under(duplicates: "tuple[Duplicate, ...]") -> str:
    names = ", ".join(same.id for same in duplicates[:_SHOWN_DUPLICATES])
    more = ", …" if len(duplicates) > _SHOWN_DUPLICATES else ""
    return f"and {len(duplicates):,} like it: {names}{more}"


def _place(hit: "Hit") -> str:
    """Give the id, the path where the id does not begin with it, and where in its document a passage stands."""
    place = hit.id if hit.id.startswith(hit.path) else f"{hit.id} in {hit.path}"
    if hit.passage is None:
        return place
    page = "" if hit.passage.page is None else f", page {hit.passage.page:,}"
    heading = "" if hit.passage.heading in (None, hit.title) else f", in: {hit.passage.heading}"
    return f"{place}: passage {hit.passage.number:,} of {hit.passage.of:,}{page}{heading}"


def _marked(snippet: "Snippet", styled: bool) -> "Text":
    """Mark the query's words: by style in a terminal, between stars elsewhere."""
    from rich.text import Text

    text, at = Text(), 0
    for start, end in snippet.marks:
        text.append(visible(snippet.text[at:start]))
        word = visible(snippet.text[start:end])
        text.append(word, style="bold yellow") if styled else text.append(f"*{word}*")
        at = end
    return text.append(visible(snippet.text[at:]))
