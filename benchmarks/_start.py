"""How a benchmark starts and how it ends."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from semhash.errors import ConfigError, SemhashError

__all__ = ["start"]


_GRACE = 10.0
"""Seconds to clear up in, after a request to end."""


def start(main: Callable[[Sequence[str]], None], grace: float = _GRACE) -> None:
    """Run a benchmark; an error of ours, Ctrl-C and a request to end are told in one line each.

    Parameters
    ----------
    main : callable
        The benchmark; it takes the command line's arguments.
    grace : float
        Seconds after which a request to end is the end, whatever has come of it: a library that catches all that is
        raised inside it swallows the request, too. Finished runs are on the disk by then.
    """

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        last = threading.Timer(grace, os.kill, (os.getpid(), number))
        last.daemon = True
        last.start()
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
