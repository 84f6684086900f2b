"""The command in processes that have loaded already: a program that loads once, and forks for each run.

A run is a process with arguments, a working directory, environment, standard streams and a status of its own, and it
starts where ``semhash`` starts: at the declared entry point. What it shares with the others is what was imported and
the seed of hashes, so nothing can be learned from it about imports, or about an order that hangs on that seed.
"""

import atexit
import gc
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryFile

# What the library loads where it is first used, and takes long to load.
LATE = (
    "torch._dynamo",
    "sklearn",
    "scipy.sparse",
    "stop_words",
    "bm25s",
    "rich.table",
    "plotly.graph_objects",
)


class Warm:
    """Runs the command in forks of one process, which is started when it is first asked."""

    def __init__(self, command: Path, environment: dict[str, str]) -> None:
        self.ours, theirs = socket.socketpair()
        with theirs:
            started = [sys.executable, "-P", __file__, os.fspath(command), str(theirs.fileno())]
            # Its own streams are the null device's, so no fork takes what it is given for a terminal.
            subprocess.run(
                started,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=True,
            )

    def run(
        self,
        arguments: list[str],
        cwd: Path,
        environment: dict[str, str],
        stdin: bytes,
        timeout: float,
        file: Path | None = None,
    ) -> tuple[int, bytes, bytes]:
        """Run it, or a program in a file: the status, and what was written on standard output and standard error."""
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            request = json.dumps([os.fspath(file or ""), arguments, os.fspath(cwd), environment]).encode()
            streams = [stream.fileno() for stream in (given, out, err)]
            socket.send_fds(self.ours, [len(request).to_bytes(8)], streams)
            self.ours.sendall(request)
            status = self._status(arguments, timeout)
            out.seek(0)
            err.seek(0)
            return status, out.read(), err.read()

    def _status(self, arguments: list[str], timeout: float) -> int:
        """Wait for the end of a run."""
        child = int.from_bytes(_exactly(self.ours, 8))
        self.ours.settimeout(timeout)
        try:
            return int.from_bytes(_exactly(self.ours, 8), signed=True)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            self.ours.settimeout(None)
            _exactly(self.ours, 8)
            raise subprocess.TimeoutExpired(arguments, timeout) from None
        finally:
            self.ours.settimeout(None)

    def close(self) -> None:
        """Have the process that forks end."""
        self.ours.close()


def _exactly(connection: socket.socket, n_bytes: int) -> bytes:
    found = b""
    while len(found) < n_bytes:
        more = connection.recv(n_bytes - len(found))
        if not more:
            raise EOFError("the process that forks has ended")
        found += more
    return found


def load() -> None:
    """Import all that a command may, but for what is compiled as it is imported, where commands ask for that."""
    for package in ("semhash_cli", "semhash"):
        for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not found.name.endswith("__main__") and not found.name.startswith("semhash.kernels."):
                import_module(found.name)
    for name in LATE:
        with suppress(ImportError):
            import_module(name)


def forked(connection: socket.socket) -> list[str] | None:
    """Fork for each request; give a run its program and arguments, and the process that forks None at the end."""
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks hears it, and ends this by going
    while True:
        with suppress(EOFError):
            head, streams, _, _ = socket.recv_fds(connection, 8, 3)
        if not head:
            return None
        program, arguments, cwd, environment = json.loads(_exactly(connection, int.from_bytes(head)))
        child = os.fork()
        if not child:
            signal.signal(signal.SIGINT, interrupt)
            connection.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            os.chdir(cwd)
            os.environ.update(environment)
            return [program, *arguments]
        for stream in streams:
            os.close(stream)
        connection.sendall(child.to_bytes(8))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.sendall(status.to_bytes(8, signed=True))


def ended(command: Callable[[], object]) -> int:
    """Run the command; give its status as the interpreter would."""
    try:
        command()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def declared() -> None:
    """Run the command from where its package says that it starts."""
    [found] = entry_points(group="console_scripts", name="semhash")
    found.load()()


def main(command: str, connection: int) -> None:
    """Load, and fork until nobody asks any more; as nobody's child, since tests look at their own."""
    if os.fork():
        os._exit(0)
    load()
    gc.collect()
    gc.freeze()
    asked = forked(socket.socket(fileno=connection))
    if asked is None:
        return
    program, *arguments = asked
    sys.argv = [program or command, *arguments]
    status = ended(partial(runpy.run_path, program, run_name="__main__") if program else declared)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # taking a few thousand modules apart takes longer than a query


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
