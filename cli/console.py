"""Standard output for data, standard error for talk; errors in words; nothing that a text holds moves the cursor."""

import functools
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from semhash.errors import ConfigError, SemhashError

if TYPE_CHECKING:
    from rich.console import Console

    from semhash.progress import Progress, Stage

__all__ = ["bars", "emit_json", "output", "reports_errors", "say", "visible"]

P = ParamSpec("P")

_EXIT_ERROR, _EXIT_USAGE, _EXIT_INTERRUPTED = 1, 2, 130
# Control characters, direction overrides and lone surrogates: shown as escapes, never sent to a terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Write control characters as escapes, so that a document's title cannot steer the terminal."""
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def say(text: str, quiet: bool = False) -> None:
    """Say something on standard error."""
    if not quiet:
        typer.echo(text, err=True)


def emit_json(value: Any) -> None:
    """Print one JSON value on a line of standard output."""
    import msgspec

    typer.echo(msgspec.json.encode(value).decode())


def output() -> "Console":
    """Give the console of standard output: coloured only where a terminal shows it."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def reports_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end in one or two lines and a status: 1 for an error of ours, 2 for wrong usage."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except ConfigError as error:
            _fail(str(error), _EXIT_USAGE)
        except SemhashError as error:
            _fail(str(error), _EXIT_ERROR)
        except BrokenPipeError:
            # The reader of our output has what it wanted, as in: semhash list | head.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", _EXIT_ERROR)
        except KeyboardInterrupt:
            _fail("stopped; nothing was changed", _EXIT_INTERRUPTED)

    return wrapped


def _fail(text: str, status: int) -> None:
    lines = "\n".join(visible(line) for line in text.split("\n"))
    say(f"semhash: {lines}")
    raise typer.Exit(status)


_DOING = {"read": "reading", "train": "training", "encode": "encoding", "write": "writing"}


@contextmanager
def bars(quiet: bool) -> "Iterator[Progress]":
    """Give a progress callback that draws on standard error, and only where that is a terminal."""
    from semhash.progress import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[detail]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as drawn:

        def report(stage: "Stage", done: float, total: float, detail: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = drawn.add_task(_DOING[stage], detail="")
            drawn.update(tasks[stage], completed=done, total=total, detail=detail)

        yield report
