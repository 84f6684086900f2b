"""Things that are made when they are first asked for, by whichever of many threads asks first."""

import os
from collections.abc import Callable
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Once", "once"]

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Make something at the first call, and give the same thing from then on.

    Threads that call meanwhile wait for the one that makes it. An error goes to its caller and is not kept: the next
    caller tries again. In a process that was forked while a thread of its parent was making it, it is made anew.

    Parameters
    ----------
    make : callable
        Makes it. Whatever it waits for must not wait for this thing.
    """

    __slots__ = ("_locks", "_made", "_make")

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make: Callable[[], Made] | None = make
        self._made: list[Made] = []
        # By process: a lock that another thread holds during a fork stays locked in the child for ever.
        self._locks: dict[int, Any] = {}

    def __call__(self) -> Made:
        """Give it."""
        if not self._made:
            with self._locks.setdefault(os.getpid(), RLock()):
                if self._make is not None:
                    self._made.append(self._make())
                    self._make = None  # and what it holds
        return self._made[0]

    @property
    def is_made(self) -> bool:
        """Whether it is there."""
        return bool(self._made)


class once(Generic[Made]):
    """A property that is made when it is first read, as `Once` does, and kept with its object.

    In place of `functools.cached_property`, which up to Python 3.11 locks the property of all objects of a class
    while one is made, and from 3.12 on may give two threads two different things.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Self": ...
    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...
    def __get__(self, instance: object | None, owner: type) -> "Self | Made":
        """Make it: once it is made, Python finds it in the object and does not come here any more."""
        if instance is None:
            return self
        held, making = instance.__dict__, f"{self._name}, being made"
        maker: Once[Made] = held.setdefault(making, Once(partial(self._make, instance)))
        try:
            made: Made = held.setdefault(self._name, maker())
        finally:
            held.pop(making, None)
        return made
