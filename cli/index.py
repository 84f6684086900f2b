"""``semhash index``: from a corpus to an index."""

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semhash.errors import ConfigError

from . import config_options as options
from .console import bars, emit, emit_json, readable, reports_errors, say, stops_tidily
from .options import AsJson, Quiet, path
from .skips import say_guessed, say_skipped
from .timing import seconds_as_json, seconds_told, wait_asleep

if TYPE_CHECKING:
    from semhash.config import IndexConfig
    from semhash.pipeline import BuildReport

__all__ = ["index"]

_NAMED = 5

_CONFIGURATION, _CORPUS, _OUTPUT = "Configuration", "Corpus", "Output"


def _presets() -> list[str]:
    from semhash.config.presets import PRESETS

    return list(PRESETS)


@reports_errors
def index(
    ctx: typer.Context,
    corpus: Annotated[
        Path | None,
        typer.Argument(
            parser=path,
            metavar="CORPUS",
            help="A folder of documents, or a file of many: JSONL, CSV, a mailbox.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            parser=path,
            metavar="FILE",
            rich_help_panel=_CONFIGURATION,
            help="A TOML file that sets any of the configuration's fields; options below win over it.",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_CONFIGURATION,
            autocompletion=_presets,
            help="Where the rest is from: default, as told below, plain, or paper. [default: the file's, or default]",
        ),
    ] = None,
    print_config: Annotated[
        bool,
        typer.Option(
            "--print-config",
            rich_help_panel=_CONFIGURATION,
            help="Print the whole configuration, as a file for --config, and stop.",
        ),
    ] = False,
    split: options.Split = None,
    labels: options.Labels = None,
    field: options.Fields = None,
    language: options.Language = None,
    stop_words: options.StopWords = None,
    max_bytes: options.MaxBytes = None,
    include: options.Include = None,
    exclude: options.Exclude = None,
    encoding: options.Encoding = None,
    passages: options.Passages = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            rich_help_panel=_CORPUS,
            help="Take what cannot be read for an error, not for a warning.",
        ),
    ] = False,
    bits: options.Bits = None,
    code: options.Code = None,
    noise: options.Noise = None,
    threshold: options.Threshold = None,
    vocabulary: options.Vocabulary = None,
    vocabulary_size: options.VocabularySize = None,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    tied: options.Tied = None,
    likelihood: options.Likelihood = None,
    masking: options.Masking = None,
    neighbours: options.Neighbours = None,
    pretraining: options.Pretraining = None,
    supervised: options.Supervised = None,
    train_documents: options.TrainDocuments = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    optimiser: options.Optimiser = None,
    learning_rate: options.LearningRate = None,
    patience: options.Patience = None,
    device: options.Device = None,
    seed: options.Seed = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=path,
            metavar="DIR",
            rich_help_panel=_OUTPUT,
            help="The index folder. [default: indexes/NAME]",
        ),
    ] = None,
    store_text: options.StoreText = None,
    force: Annotated[
        bool, typer.Option("--force", rich_help_panel=_OUTPUT, help="Replace the index that stands there.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a corpus, learn 20-bit codes from it, and write an index.

    Text, Markdown, reStructuredText, HTML, mail and mailboxes, manual pages, JSON, JSONL, CSV, XML, RTF, TeX,
    notebooks, subtitles and logs are read, and with the extra "documents" PDF, Word, PowerPoint, Excel,
    OpenDocument and EPUB; packed files and archives, too; in any folder below CORPUS. What cannot be read is
    skipped, counted, and listed by: semhash list --skipped
    """
    stops_tidily()
    made_with = _config(preset, config, ctx.params)
    if print_config:
        _print(made_with, as_json)
        return
    if corpus is None:
        ctx.fail("Missing argument 'CORPUS'.")
    if made_with.model.supervision.loss != "none":
        say(
            f"supervision {made_with.model.supervision.loss}: these codes will have seen the labels; what is "
            "measured with these labels is not unsupervised",
            quiet,
        )
    wait_asleep()
    from semhash.pipeline import build_index

    with bars(quiet) as progress:
        report = build_index(corpus, out, made_with, force=force, strict=strict, progress=progress)
    if as_json:
        emit_json(_json(report))
    else:
        _show(report, quiet)


def _config(preset: str | None, file: Path | None, given: dict[str, Any]) -> "IndexConfig":
    """Give what is to be used: the preset, changed by the file, changed by the options."""
    from semhash.config.files import read_config

    config = read_config(file, preset, options.changes(given), options.OPTIONS)
    if given["noise"] is not None and "gaussian" not in config.model.code.kind:
        raise ConfigError(
            f"--noise: expected a code with Gaussian noise, found {config.model.code.kind!r}; add --code gaussian "
            "or --code fixed-gaussian"
        )
    return config


def _print(config: "IndexConfig", as_json: bool) -> None:
    from semhash.config.files import to_toml

    if as_json:
        emit_json(config.to_json())
        return
    for line in to_toml(config).splitlines():
        emit(line)


def _json(report: "BuildReport") -> dict[str, object]:
    return {
        "n_documents": report.n_documents,
        "n_skipped": report.n_skipped,
        "skipped": report.skipped,
        "remarks": report.remarks,
        "guessed": [asdict(read_as) for read_as in report.guessed],
        "n_unaddressed": report.n_unaddressed,
        "bits": report.bits,
        "addresses_in_use": report.addresses_in_use,
        "epochs": report.epochs,
        "stopped": report.stopped,
        "languages": report.languages,
        "dead_bits": report.dead_bits,
        "seconds": seconds_as_json(report.seconds),
        "out": readable(report.out),
    }


def _show(report: "BuildReport", quiet: bool) -> None:
    emit(
        f"{report.n_documents:,} documents{_in(report.languages)} at {report.addresses_in_use:,} addresses of "
        f"{report.bits} bits, "
        f"in {seconds_told(report.seconds)}: {report.out}"
    )
    which = _which(report.out)
    for remark in _remarks(report):
        say(remark, quiet)
    say_skipped(report.skipped, which, quiet, report.remarks)
    say_guessed(report.guessed, which, quiet)
    if report.n_unaddressed:
        say(
            f"{report.n_unaddressed:,} with no word of the vocabulary: in the index, but at no address", quiet
        )
    say(f"ask it with: semhash query 'a few words'{which}", quiet)


def _in(languages: dict[str, int]) -> str:
    """Say which languages documents are taken to be in, the first few of many."""
    named = [(name.capitalize(), n) for name, n in languages.items() if name != "none"]
    if len(named) == 1 and len(languages) == 1:
        return f" in {named[0][0]}"
    told = [f"{name} {n:,}" for name, n in named[:_NAMED]]
    more = sum(n for _, n in named[_NAMED:])
    return f" ({', '.join([*told, *([f'others {more:,}'] if more else [])])})" if told else ""


def _remarks(report: "BuildReport") -> list[str]:
    """Say of the training what is not as always."""
    remarks = []
    if report.stopped == "interrupted":
        remarks.append(
            f"training was interrupted after {report.epochs:,} epochs: the index holds the best of them; "
            "index again with --force for all"
        )
    if report.stopped == "early":
        remarks.append(
            f"training stopped after {report.epochs:,} epochs: the loss on documents held out fell no more"
        )
    if report.dead_bits:
        remarks.append(
            f"{report.dead_bits} of {report.bits} bits are the same in nearly all documents and tell nothing; "
            "try more epochs or fewer bits"
        )
    return remarks


def _which(out: Path) -> str:
    """Give the option that chooses an index, where one is needed."""
    from semhash.store.places import default_index, find_indexes

    if find_indexes() == [out]:
        return ""
    return f" --index {shlex.quote(out.name if default_index(out.name) == out else str(out))}"
