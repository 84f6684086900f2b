"""``semhash index``: from a corpus to an index."""

import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semhash.config import (
    MAX_BITS,
    MIN_BITS,
    CorpusConfig,
    IndexConfig,
    ModelConfig,
    TextConfig,
    TrainingConfig,
)
from semhash.errors import ConfigError

from .console import bars, emit, emit_json, readable, reports_errors, say, stops_tidily
from .options import AsJson, Quiet, path

if TYPE_CHECKING:
    from semhash.pipeline import BuildReport

__all__ = ["index"]

_TEXT, _TRAINING = TextConfig(), TrainingConfig()


class Labels(StrEnum):
    """Where labels come from."""

    NONE = "none"
    FOLDER = "folder"


@reports_errors
def index(
    corpus: Annotated[
        Path,
        typer.Argument(
            parser=path, metavar="CORPUS", help="A folder of documents, or a JSONL file (.gz too)."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=path, metavar="DIR", help="The index folder. [default: indexes/NAME]"),
    ] = None,
    bits: Annotated[int, typer.Option(min=MIN_BITS, max=MAX_BITS, metavar="B", help="Bits of a code.")] = 20,
    vocabulary_size: Annotated[
        int,
        typer.Option(min=1, max=100_000, metavar="V", help="Most frequent words that the codes are made of."),
    ] = _TEXT.vocabulary_size,
    seed: Annotated[
        int,
        typer.Option(min=0, metavar="S", help="Start of every random stream; the same seed, the same index."),
    ] = 0,
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the rows of JSONL whose split is this.")
    ] = None,
    labels: Annotated[
        Labels, typer.Option(help="folder: a file's parent folder is its label (never seen in training).")
    ] = Labels.NONE,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OURS=THEIRS",
            help="Another name of a JSONL field, such as text=body; ours: id, text, title, labels, split.",
        ),
    ] = None,
    stop_words: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="Words to leave out: those of a language, or none.")
    ] = _TEXT.stop_words,
    train_documents: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="A larger corpus trains on a sample of this many documents."),
    ] = _TRAINING.train_documents,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=f"Passes over the training documents. [default: {_TRAINING.epochs}, more for few documents]",
        ),
    ] = None,
    max_bytes: Annotated[
        int, typer.Option(min=1, metavar="N", help="Files and rows with more bytes are skipped.")
    ] = CorpusConfig().max_bytes,
    store_text: Annotated[
        bool, typer.Option("--store-text/--no-store-text", help="Keep the texts in the index, for snippets.")
    ] = True,
    strict: Annotated[
        bool, typer.Option("--strict", help="Take what cannot be read for an error, not for a warning.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the index that stands there.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a corpus, learn 20-bit codes from it, and write an index.

    Text, Markdown, reStructuredText, mail and JSONL files are read, in any folder below CORPUS. What cannot be
    read is skipped, counted, and listed by: semhash list --skipped
    """
    stops_tidily()
    # Read when torch loads: threads that wait by sleeping share busy cores; spinning ones stall one another.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from semhash.pipeline import build_index

    config = IndexConfig(
        corpus=CorpusConfig(
            labels="folder" if labels is Labels.FOLDER else "none",
            split=split,
            fields=_fields(field or []),
            max_bytes=max_bytes,
        ),
        text=TextConfig(stop_words=stop_words, vocabulary_size=vocabulary_size),
        model=ModelConfig(bits=bits),
        training=_training(seed, train_documents, epochs),
        store_text=store_text,
    )
    with bars(quiet) as progress:
        report = build_index(corpus, out, config, force=force, strict=strict, progress=progress)
    if as_json:
        emit_json(_json(report))
    else:
        _show(report, quiet)


def _training(seed: int, train_documents: int, epochs: int | None) -> TrainingConfig:
    """Take epochs that somebody asks for at their word, however few updates they make."""
    if epochs is None:
        return TrainingConfig(seed=seed, train_documents=train_documents)
    return TrainingConfig(seed=seed, train_documents=train_documents, epochs=epochs, min_updates=0)


def _fields(given: list[str]) -> dict[str, str]:
    """Read OURS=THEIRS pairs."""
    pairs = {}
    for pair in given:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise ConfigError(f"--field: expected OURS=THEIRS, such as text=body, found {pair!r}")
        pairs[ours] = theirs
    return pairs


def _json(report: "BuildReport") -> dict[str, object]:
    return {
        "n_documents": report.n_documents,
        "n_skipped": report.n_skipped,
        "skipped": report.skipped,
        "n_unaddressed": report.n_unaddressed,
        "bits": report.bits,
        "addresses_in_use": report.addresses_in_use,
        "seconds": {name: round(value, 3) for name, value in report.seconds.items()},
        "out": readable(report.out),
    }


def _show(report: "BuildReport", quiet: bool) -> None:
    seconds = report.seconds
    parts = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    emit(
        f"{report.n_documents:,} documents at {report.addresses_in_use:,} addresses of {report.bits} bits, "
        f"in {seconds['total']:.1f} s ({parts}): {report.out}"
    )
    which = _which(report.out)
    if report.n_skipped:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in report.skipped.items())
        say(f"skipped {report.n_skipped:,}: {reasons}; see: semhash list --skipped{which}", quiet)
    if report.n_unaddressed:
        say(
            f"{report.n_unaddressed:,} with no word of the vocabulary: in the index, but at no address", quiet
        )
    say(f"ask it with: semhash query 'a few words'{which}", quiet)


def _which(out: Path) -> str:
    """Give the option that chooses an index, where one is needed."""
    from semhash.places import default_index, find_indexes

    if find_indexes() == [out]:
        return ""
    return f" --index {shlex.quote(out.name if default_index(out.name) == out else str(out))}"
