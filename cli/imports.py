"""``semhash import``: an index whose addresses are codes that were made elsewhere."""

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from . import config_options as options
from .console import bars, emit, emit_json, readable, reports_errors, say, stops_tidily
from .options import AsJson, Quiet, path
from .skips import say_guessed, say_skipped

__all__ = ["import_codes"]


@reports_errors
def import_codes(
    ctx: typer.Context,
    corpus: Annotated[
        Path, typer.Argument(parser=path, metavar="CORPUS", help="The documents, as for semhash index.")
    ],
    codes: Annotated[
        Path,
        typer.Option(
            "--codes",
            parser=path,
            metavar="FILE",
            help="The codes: JSON lines with id and code, an .npy or .npz array, or a FAISS binary index; FAISS "
            "reads its own, so give it none that you do not trust.",
        ),
    ],
    ids: Annotated[
        Path | None,
        typer.Option(
            "--ids",
            parser=path,
            metavar="FILE",
            help="Whose the codes are, in their order, an id a line: for .npy and FAISS.",
        ),
    ] = None,
    bits: Annotated[
        int | None,
        typer.Option("--bits", metavar="N", help="Width of the codes. [default: as the file says]"),
    ] = None,
    split: options.Split = None,
    labels: options.Labels = None,
    field: options.Fields = None,
    language: options.Language = None,
    stop_words: options.StopWords = None,
    include: options.Include = None,
    exclude: options.Exclude = None,
    encoding: options.Encoding = None,
    store_text: options.StoreText = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=path, metavar="DIR", help="The index folder. [default: indexes/NAME]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the index that stands there.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make an index whose addresses are codes made elsewhere.

    Documents find others by their codes, as ever. A text has no code then: it finds documents by its words alone,
    and --rank hamming, asymmetric and tfidf are refused for it. Such an index is not updated but imported again.
    """
    from semhash.config.files import read_config
    from semhash.exchange.given_codes import read_codes
    from semhash.exchange.imported import import_codes as import_into

    stops_tidily()
    config = read_config(None, None, options.changes(ctx.params), options.OPTIONS)
    given = read_codes(codes, ids, bits)
    with bars(quiet) as progress:
        report = import_into(corpus, given, out, config, force=force, progress=progress)
    if as_json:
        emit_json(asdict(report) | {"out": readable(report.out)})
        return
    emit(str(report.out))
    without = f"; {report.n_unaddressed:,} have no code" if report.n_unaddressed else ""
    say(
        f"{report.n_documents:,} documents at {report.addresses_in_use:,} addresses of {report.bits} bits{without}",
        quiet,
    )
    which = f" --index {shlex.quote(str(report.out))}"
    say_skipped(report.skipped, which, quiet)
    say_guessed(report.guessed, which, quiet)
    if report.n_strangers:
        say(f"{report.n_strangers:,} codes are of documents that the corpus does not hold", quiet)
