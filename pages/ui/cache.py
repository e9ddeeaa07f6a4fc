"""Figures and frames that were already built: kept per data version, so a warm rerun does not build them again.

Keys are plain values and start with the tenant and its data version; nothing is shared between tenants, and new data
never meets an old figure. What is kept is never changed by its readers.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

MAX_ENTRIES = 512

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def remembered(key: Hashable, build: Callable[[], T]) -> T:
    """What `build` returned for this key last time, else what it returns now. Least recently used entries go first."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast("T", _kept[key])
    built = build()
    with _lock:
        _kept[key] = built
        while len(_kept) > MAX_ENTRIES:
            _kept.popitem(last=False)
    return built
