"""How a benchmark starts and how it ends."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from semhash.errors import ConfigError, SemhashError

__all__ = ["start"]


def start(main: Callable[[Sequence[str]], None]) -> None:
    """Run a benchmark; an error of ours, Ctrl-C and a request to end are told in one line each."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    name = Path(sys.argv[0]).name
    try:
        main(sys.argv[1:])
    except SemhashError as error:
        _end(f"{name}: {error}", 2 if isinstance(error, ConfigError) else 1)
    except KeyboardInterrupt:
        _end(f"{name}: stopped; every finished run is kept, and the same command goes on from there", 130)


def _end(text: str, status: int) -> NoReturn:
    print(text, file=sys.stderr)
    raise SystemExit(status)
