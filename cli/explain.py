"""``semhash explain``: why a text has its code, what the code says, and why a document was found."""

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semhash.errors import ConfigError

from .asking import asked, novelty_json, say_unlike
from .console import console, emit_json, emit_table, reports_errors, say, visible
from .options import AsJson, IndexPlace, Quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from semhash.reasons.explanation import Explanation, HitReason, Weighed

__all__ = ["explain"]

_SHOWN = 10


@reports_errors
def explain(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="A few words, or - to read a text from stdin.")
    ] = None,
    document_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="A document of the index, in place of a text.")
    ] = None,
    hit: Annotated[
        str | None, typer.Option(metavar="ID", help="Say too what it shares with this document of the index.")
    ] = None,
    index: IndexPlace = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say why a text has its code, and why a document was found.

    Of each bit: how likely it is to be 1, the words of the text that speak for a 1 or for a 0, the words of which a
    1 expects more or less than a 0, and how many documents live where the address would be with this bit switched.
    """
    if (not text) == (document_id is None):
        found = "both" if text else "neither"
        raise ConfigError(f"expected a TEXT or --id ID, found {found}; see: semhash explain --help")
    from semhash.index import open_index
    from semhash.reasons.explainer import Explainer

    with open_index(index) as opened:
        explainer = Explainer(opened)
        if document_id is not None:
            explanation = explainer.explain_document(document_id, hit)
        else:
            explanation = explainer.explain(asked(text or []), hit, plain=text == ["-"])
    if explanation.known == 0:
        say("no word of it is among those that codes are made of, so its code says nothing", quiet)
    say_unlike(explanation.novelty, quiet)
    emit_json(_json(explanation)) if as_json else _show(explanation)


def _json(explanation: "Explanation") -> dict[str, Any]:
    return {
        "query": explanation.query,
        "code": explanation.code,
        "bits": explanation.bits,
        "words": explanation.words,
        "known": explanation.known,
        "documents": explanation.documents,
        "novelty": novelty_json(explanation.novelty),
        "reasons": [
            {
                "bit": reason.bit,
                "value": reason.value,
                "probability": round(reason.probability, 6),
                "input": round(reason.input, 4),
                "threshold": round(reason.threshold, 4),
                "up": _weighed("contribution", reason.up, 4),
                "down": _weighed("contribution", reason.down, 4),
                "more": _weighed("change", reason.more, 6),
                "less": _weighed("change", reason.less, 6),
                "flipped": {"code": reason.flipped, "documents": reason.flipped_documents},
            }
            for reason in explanation.reasons
        ],
        "expected": [
            {"word": word.word, "share": round(word.share, 6), "count": word.count}
            for word in explanation.expected
        ],
        "hit": None if explanation.hit is None else _hit_json(explanation.hit),
    }


def _weighed(name: str, words: "Iterable[Weighed]", digits: int) -> list[dict[str, Any]]:
    return [{"word": word, name: round(weight, digits)} for word, weight in words]


def _hit_json(hit: "HitReason") -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.title,
        "code": hit.code,
        "differing": hit.differing,
        "score": round(hit.score, 6),
        "words": [
            {
                "word": word.word,
                "contribution": round(word.contribution, 6),
                "in_text": word.in_text,
                "in_document": word.in_document,
            }
            for word in hit.words
        ],
    }


def _show(explanation: "Explanation") -> None:
    known = f"{explanation.known:,} of its {explanation.words:,} words are in the vocabulary"
    if explanation.known:
        address = f"{explanation.code:0{explanation.bits}b}"
        live = (
            "1 document lives" if explanation.documents == 1 else f"{explanation.documents:,} documents live"
        )
        _print(f"address {address}, where {live}; {known}")
        _show_bits(explanation)
        _show_expected(explanation)
    else:
        _print(known)
    if explanation.hit is not None:
        _show_hit(explanation.hit, explanation.bits)


def _show_bits(explanation: "Explanation") -> None:
    """Print a table: a row a bit, in the order in which the address is written."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("bit", "is", "p(1)"):
        table.add_column(name, justify="right", no_wrap=True, vertical="top")
    table.add_column("words of the text\n+ for 1, - for 0", overflow="fold", ratio=1)
    table.add_column("words expected\n+ more with 1, - less", overflow="fold", ratio=1)
    table.add_column("documents\nif flipped", justify="right", no_wrap=True)
    for reason in reversed(explanation.reasons):
        table.add_row(
            str(reason.bit),
            str(reason.value),
            f"{reason.probability:.2f}",
            _both(reason.up, reason.down),
            _both(reason.more, reason.less),
            f"{reason.flipped_documents:,}",
        )
    emit_table(table)


def _both(more: "Sequence[Weighed]", less: "Sequence[Weighed]") -> str:
    lines = [
        f"{sign} {', '.join(visible(word) for word, _ in words)}"
        for sign, words in (("+", more), ("-", less))
        if words
    ]
    return "\n".join(lines)


def _show_expected(explanation: "Explanation") -> None:
    there = [word for word in explanation.expected if word.count]
    lacking = [word for word in explanation.expected if not word.count]
    for name, words in (("expected here, and in the text", there), ("expected, but not in it", lacking)):
        if words:
            _print(f"{name}: {', '.join(f'{word.word} {word.share:.1%}' for word in words)}")


def _show_hit(hit: "HitReason", bits: int) -> None:
    _print(hit.title if hit.title == hit.id else f"{hit.title} ({hit.id})" if hit.title else hit.id)
    differing = ", ".join(map(str, reversed(hit.differing)))
    same = bits - len(hit.differing)
    _print(f"bits: {same} of {bits} are the same{f'; different: {differing}' if differing else ''}")
    if not hit.words:
        _print("words: none is shared, so the TF-IDF score is 0")
        return
    shown = [f"{word.word} {word.contribution:.3f}" for word in hit.words[:_SHOWN]]
    if rest := hit.words[_SHOWN:]:
        shown.append(f"{len(rest):,} more {sum(word.contribution for word in rest):.3f}")
    _print(f"TF-IDF score {hit.score:.3f} = {' + '.join(shown)}")


def _print(text: str) -> None:
    """Print a paragraph on standard output, as wide as the terminal."""
    typer.echo(textwrap.fill(visible(text), console().width, subsequent_indent="  ", break_on_hyphens=False))
