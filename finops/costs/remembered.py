"""Answers kept in memory until the data changes: reruns of a page cost nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Remembered:
    """The most recently used answers. Keys hold the data's version, so a commit outdates them. Safe for threads.

    At most `size` of them, and as many as weigh `most` together by `weigh`; the last one is kept whatever it weighs.
    """

    def __init__(self, size: int = 512, *, most: int = 0, weigh: Callable[[Any], int] = lambda _: 0) -> None:
        self._size = size
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The kept answer, or the one `make` gives. Two threads may make the same answer once each; neither waits."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: T = self._kept[key]
                return kept
        made = make()
        weight = self._weigh(made)
        with self._lock:
            if key in self._kept:
                self._weight -= self._weigh(self._kept.pop(key))
            self._kept[key] = made
            self._weight += weight
            while len(self._kept) > 1 and (len(self._kept) > self._size or self._weight > self._most):
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
        return made
