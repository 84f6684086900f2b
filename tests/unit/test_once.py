"""What is made once, whoever asks, and kept."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, get_ident

import pytest

from semhash.once import Once, once

THREADS = 8
PATIENCE = 30


class Thing:
    def __init__(self) -> None:
        self.made: list[int] = []
        self.fails = 0
        self.other: Thing | None = None
        self.begun, self.go_on = Event(), Event()

    @once
    def part(self) -> object:
        """A part."""
        self.made.append(get_ident())
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        if self.fails:
            self.fails -= 1
            raise ValueError("not yet")
        return object()

    @once
    def built_on(self) -> object:
        """A part of another."""
        assert self.other is not None
        return self.other.part


def test_threads_that_ask_at_once_get_one_thing_made_once() -> None:
    thing, start = Thing(), Barrier(THREADS)

    def ask(_: int) -> object:
        start.wait(PATIENCE)
        return thing.part

    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(ask, range(THREADS))
        assert thing.begun.wait(PATIENCE)
        thing.go_on.set()
        assert len(set(map(id, found))) == 1
    assert len(thing.made) == 1
    assert Thing.part.__doc__ == "A part."


def test_what_one_object_makes_keeps_no_other_waiting() -> None:
    slow, quick = Thing(), Thing()
    quick.go_on.set()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: slow.part)
        assert slow.begun.wait(PATIENCE)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(lambda: quick.part).result(PATIENCE) is quick.part
        assert not waiting.done()
        slow.go_on.set()
        assert waiting.result(PATIENCE) is slow.part


def test_an_error_is_told_and_not_kept() -> None:
    thing = Thing()
    thing.fails = 1
    thing.go_on.set()
    whole = Thing()
    whole.other = thing
    with pytest.raises(ValueError, match="not yet"):
        _ = whole.built_on
    assert whole.built_on is thing.part
    assert len(thing.made) == 2


def test_an_object_holds_what_was_made_and_nothing_else() -> None:
    thing = Thing()
    before = set(vars(thing))
    thing.go_on.set()
    part = thing.part
    assert vars(thing)["part"] is part is thing.part
    assert set(vars(thing)) - before == {"part"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork among threads, from Python 3.12 on
def test_a_child_makes_what_its_parent_was_making_when_it_was_forked() -> None:
    go_on, begun, parent = Event(), Event(), os.getpid()

    def make() -> int:
        if os.getpid() == parent:
            begun.set()
            assert go_on.wait(PATIENCE)
        return os.getpid()

    made = Once(make)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(made)
        assert begun.wait(PATIENCE)
        assert not made.is_made
        child = os.fork()
        if not child:
            os._exit(made() != os.getpid() or not made.is_made)
        go_on.set()
        assert waiting.result(PATIENCE) == parent == made()
    assert os.waitpid(child, 0)[1] == 0
