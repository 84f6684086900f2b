"""The process that reads: ``python -m semhash.reading.reader``, a `Task` on its input, batches on its output.

It goes when its input is closed, whatever it is at: so none is left behind by a process that is killed. Ctrl-C is for
the process that started it.
"""

import os
import signal
import time
from array import array
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import msgspec

from semhash.analysis.settling import quick_guess
from semhash.analysis.tokens import tokens
from semhash.corpus.corpus import Corpus
from semhash.corpus.document import Document, Skipped
from semhash.corpus.source import Found
from semhash.reading.messages import Batch, Ended, Item, Left, Read, Task, receive, send
from semhash.words.numbers import WordNumbers

__all__ = ["read_all"]

_AT_ONCE = 1 << 19  # characters that are sent together
_SECONDS = 0.2  # after which what there is is sent, so that progress is seen


def read_all(task: Task, out: BinaryIO) -> None:
    """Read all files of a task, and send what comes of them.

    Raises
    ------
    OSError
        Nobody listens any more.
    """
    corpus = Corpus(Path(), "", task.config, [])
    outgoing = _Outgoing(corpus, out, task.guess)
    outgoing.send()  # nothing, to say that all is loaded
    for path, name, size, mtime_ns, decision in task.files:
        outgoing.begin()
        for item in corpus.read(Found(os.fsdecode(path), name, size, mtime_ns, decision)):
            outgoing.add(item)
        outgoing.end(task.careful)
    outgoing.send()


class _Outgoing:
    """What waits to be sent."""

    def __init__(self, corpus: Corpus, out: BinaryIO, guess: bool) -> None:
        self._corpus = corpus
        self._out = out
        self._guess = guess
        self._numbers = WordNumbers()
        self._told = 0
        self._begun = 0
        self._clear()

    def _clear(self) -> None:
        self._items: list[Item] = []
        self._of_tokens = array("i")
        self._size = 0
        self._since = time.monotonic()

    def begin(self) -> None:
        """Hear that a file is begun."""
        self._begun = self._corpus.read_bytes

    def add(self, item: Document | Skipped) -> None:
        """Take one item of the file at work."""
        if isinstance(item, Skipped):
            self._items.append(Left(item))
        else:
            cut = tokens(item.counted)
            self._of_tokens.fromlist(list(map(self._numbers.__getitem__, cut)))
            guessed = quick_guess(item.counted, cut) if self._guess else 0
            self._items.append(Read(item, self._corpus.where(item), len(cut), guessed))
            self._size += len(item.text)
        self._send_if_due()

    def end(self, at_once: bool) -> None:
        """Hear that the file at work is read to its end."""
        self._items.append(Ended(self._corpus.stamp, self._corpus.read_as))
        self._begun = self._corpus.read_bytes
        if at_once:
            self.send()
        else:
            self._send_if_due()

    def _send_if_due(self) -> None:
        if self._size >= _AT_ONCE or time.monotonic() - self._since > _SECONDS:
            self.send()

    def send(self) -> None:
        """Send what waits."""
        n_new = len(self._numbers) - self._told
        new = [*islice(reversed(self._numbers), n_new)][::-1]
        position = self._corpus.read_bytes - self._begun
        send(self._out, Batch(self._items, new, self._of_tokens.tobytes(), position))
        self._told += n_new
        self._clear()


def _go_when_closed() -> None:
    """Wait for the end of the input, which is that of the process at its other end."""
    os.read(0, 1)
    os._exit(0)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no message
    with os.fdopen(0, "rb", closefd=False) as given:
        packed = receive(given)
    if packed is None:
        os._exit(0)
    task = msgspec.msgpack.decode(packed, type=Task)
    Thread(target=_go_when_closed, daemon=True).start()
    with suppress(BrokenPipeError):
        read_all(task, out)
    os._exit(0)  # the thread waits, and all that was to be sent is sent


if __name__ == "__main__":
    _main()
