"""Standard output for data, standard error for talk; errors in words; nothing that a text holds moves the cursor."""

import functools
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from semhash.errors import ConfigError, SemhashError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from semhash.progress import Progress, Stage

__all__ = [
    "bars",
    "console",
    "emit",
    "emit_json",
    "emit_table",
    "readable",
    "reports_errors",
    "say",
    "stops_tidily",
    "visible",
    "with_rate",
]

P = ParamSpec("P")

_EXIT_ERROR, _EXIT_USAGE, _EXIT_INTERRUPTED = 1, 2, 130
# Control characters, direction overrides and lone surrogates: shown as escapes, never sent to a terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(path: str | Path) -> str:
    """Write a path as valid Unicode, which JSON must be: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def visible(text: str) -> str:
    """Write control characters as escapes, so that a document's title cannot steer the terminal."""
    return _UNSAFE.sub(lambda found: _escape(found.group()), text)


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a path that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def say(text: str, quiet: bool = False) -> None:
    """Say something on standard error."""
    if not quiet:
        # What was printed before comes before, where both go to one place. A reader gone is told at the end.
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        typer.echo("\n".join(map(visible, text.split("\n"))), err=True)


def emit(*fields: str) -> None:
    """Print a line of standard output, tabs between its fields."""
    sys.stdout.write("\t".join(map(visible, fields)) + "\n")


def emit_json(value: Any) -> None:
    """Print one JSON value on a line of standard output, control characters of any kind as escapes."""
    import msgspec

    line = msgspec.json.encode(value).decode()
    sys.stdout.write(_UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", line) + "\n")


def console() -> "Console":
    """Give the console of standard output: styled only where a terminal shows it."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def emit_table(table: "Table", drawn_on: "Console | None" = None) -> None:
    """Print a table on standard output, without the blanks that fill its lines."""
    drawn_on = drawn_on or console()
    with drawn_on.capture() as captured:
        drawn_on.print(table)
    for line in captured.get().rstrip("\n").split("\n"):
        sys.stdout.write(line.rstrip() + "\n")


def reports_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end in one or two lines and a status: 1 for an error of ours, 2 for wrong usage."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _heard(quiet=bool(kwargs.get("quiet"))):
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
            _fail("stopped", _EXIT_INTERRUPTED)

    return wrapped


@contextmanager
def _heard(quiet: bool) -> Iterator[None]:
    """Say what the library logs, such as that it compiles; when quiet, warnings alone."""
    import logging

    class Talk(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(f"semhash: {record.getMessage()}")

    log, handler = logging.getLogger("semhash"), Talk()
    before = log.level
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def _fail(text: str, status: int) -> None:
    say(f"semhash: {text}")
    raise typer.Exit(status)


def stops_tidily() -> None:
    """Let a request to end, or a closed terminal, clean up as Ctrl-C does."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, stop)


_DOING: dict["Stage", str] = {
    "read": "reading",
    "relate": "relating",
    "mix": "mixing",
    "guide": "guiding",
    "pretrain": "pretraining",
    "train": "training",
    "decode": "decoding",
    "fine-tune": "fine-tuning",
    "encode": "encoding",
    "write": "writing",
    "evaluate": "evaluating",
    "measure": "measuring",
    "compare": "comparing",
    "verify": "verifying",
    "check": "checking",
    "sort": "sorting",
    "group": "grouping",
    "describe": "describing",
    "draw": "drawing",
}

_BYTES: tuple["Stage", ...] = ("read", "verify")

_UNITS: dict["Stage", str] = {
    "relate": "documents",
    "mix": "words",
    "guide": "rounds",
    "train": "batches",
    "decode": "batches",
    "fine-tune": "batches",
    "encode": "documents",
    "measure": "queries",
    "compare": "pairs",
    "check": "checks",
    "sort": "documents",
    "group": "starts",
    "describe": "documents",
    "draw": "documents",
}


def with_rate(stage: "Stage", speed: float | None, detail: str) -> str:
    """Say beside a remark how much of a stage is done in a second, where that is known and is a number of things.

    Parameters
    ----------
    stage : Stage
    speed : float or None
        Units of the stage a second, as `semhash.progress.Progress` has them.
    detail : str
        The remark.
    """
    if speed is None or stage not in (*_BYTES, *_UNITS):
        return detail
    digits = 1 if speed < 10 else 0
    rate = f"{speed / 1e6:,.1f} MB/s" if stage in _BYTES else f"{speed:,.{digits}f} {_UNITS[stage]}/s"
    return f"{detail}, {rate}" if detail else rate


@contextmanager
def bars(quiet: bool) -> "Iterator[Progress]":
    """Give a progress callback that draws on standard error, and only where that is a terminal."""
    from semhash.progress import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    terminal = Console(stderr=True)
    columns = (
        TextColumn("{task.description:>8}", justify="right"),
        BarColumn(bar_width=max(6, min(terminal.width - 74, 40))),  # what is told beside it comes first
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[detail]}"),
    )
    tasks: dict[str, TaskID] = {}
    before: dict[str, float] = {}
    with Progress(*columns, console=terminal) as drawn:

        def report(stage: "Stage", done: float, total: float, detail: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = drawn.add_task(_DOING[stage], detail="")
                before[stage] = done
            if done < before[stage]:  # it comes again
                drawn.reset(tasks[stage])
            before[stage] = done
            task = tasks[stage]
            drawn.update(task, completed=done, total=total)
            drawn.update(task, detail=with_rate(stage, drawn.tasks[task].speed, detail))

        yield report
