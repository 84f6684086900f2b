"""One process that reads: started, listened to, and ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from semhash.config import CorpusConfig
from semhash.corpus.source import Found
from semhash.reading.messages import Batch, Task, receive, send

__all__ = ["ReaderProcess"]

_AHEAD = 1 << 20  # bytes that the process may be ahead of us, and one batch: the queue is the pipe
_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT}


class ReaderProcess:
    """A process that reads files, beside this one.

    It is a Python of its own, started anew: what this process has loaded, its threads and its locks are not there.

    Raises
    ------
    OSError
        It cannot be started.
    """

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-W", "ignore", "-m", "semhash.reading.reader"]
        path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._in = cast(BinaryIO, self._process.stdin)
        self._out = cast(BinaryIO, self._process.stdout)
        self._decoder = msgspec.msgpack.Decoder(Batch)
        _widen(self._out)

    def begin(
        self, config: CorpusConfig, files: Sequence[Found], *, guess: bool = True, careful: bool = False
    ) -> None:
        """Say what is to be read; where it has ended by now, `receive` tells."""
        named = [(os.fsencode(f.path), f.name, f.size, f.mtime_ns, f.decision) for f in files]
        with suppress(BrokenPipeError):
            send(self._in, Task(config, named, guess, careful))

    def receive(self) -> Batch | None:
        """Wait for what was read next; None when the process has ended, or talks nonsense."""
        packed = receive(self._out)
        if packed is None:
            return None
        try:
            return self._decoder.decode(packed)
        except msgspec.MsgspecError:
            return None

    def crash(self) -> str | None:
        """Give the name of the signal by which the process, which has ended, brought itself down; None if it did not.

        Somebody else's signal, and Python's own errors, are no crash.
        """
        self._process.kill()  # where it only talked nonsense; one that has ended keeps its status
        return _crash(self._process.wait())

    def end(self) -> None:
        """End it, whatever it is at, and wait until it is gone."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._in.close()
        self._out.close()
        self._process.wait()


def _crash(status: int) -> str | None:
    return signal.Signals(-status).name if -status in _CRASHES else None


def _widen(pipe: BinaryIO) -> None:
    """Let a pipe hold more than the usual 64 kB, where that can be done."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)
