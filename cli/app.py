"""The command ``semhash`` and its sub-commands."""

from typing import Annotated

import typer

from . import (
    duplicates,
    encode,
    evaluate,
    explain,
    export,
    imports,
    index,
    info,
    inspect,
    map,
    query,
    report,
    update,
)
from .asking import AskingCommand
from .panels import PanelledCommand

__all__ = ["app"]

app = typer.Typer(
    name="semhash",
    help="Semantic hashing: give every document a 20-bit address, learned from your own texts, and look up "
    "what is related instead of searching for it.",
    epilog="Start with: semhash index corpus/, then: semhash query 'missions to the moon'",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from semhash import __version__

        typer.echo(f"semhash {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


app.command("index", cls=PanelledCommand, epilog="Example: semhash index corpus/ --out indexes/notes")(
    index.index
)
app.command("update", epilog="Example: semhash update --index indexes/notes --dry-run")(update.update)
app.command("add", epilog="Example: semhash add letters/1994-01-12.txt")(update.add)
app.command("remove", epilog="Example: semhash remove letters/1993-04-02.txt")(update.remove)
app.command("query", cls=AskingCommand, epilog="Example: semhash query 'missions to the moon' -k 5")(
    query.query
)
app.command("similar", epilog="Example: semhash similar letters/1993-04-02.txt -k 5")(query.similar)
app.command(
    "explain",
    cls=AskingCommand,
    epilog="Example: semhash explain 'missions to the moon' --hit letters/1993-04-02.txt",
)(explain.explain)
app.command("encode", epilog="Example: echo 'missions to the moon' | semhash encode")(encode.encode)
app.command("info", epilog="Example: semhash info --index indexes/notes")(info.info)
app.command("list", epilog="Example: semhash list --label sci.space --limit 20")(inspect.list_documents)
app.command("duplicates", epilog="Example: semhash duplicates --min-similarity 0.8")(duplicates.duplicates)
app.command("map", epilog="Example: semhash map --html map.html")(map.map_subjects)
app.command("export", epilog="Example: semhash export notes.jsonl --index indexes/notes")(export.export)
app.command("import", epilog="Example: semhash import notes/ --codes codes.jsonl --out indexes/notes")(
    imports.import_codes
)
app.command("verify", epilog="Example: semhash verify --index indexes/notes")(inspect.verify)
app.command(
    "evaluate",
    cls=PanelledCommand,
    epilog="Example: semhash evaluate corpus.jsonl --against bm25,lsa --seeds 0,1,2",
)(evaluate.evaluate)
app.command("report", epilog="Example: semhash report evaluations/corpus/results.json")(report.report)
