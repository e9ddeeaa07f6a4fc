"""What only cycles keep is gone once heavy work is done."""

from __future__ import annotations

import gc
import weakref

from finops.jobs.memory import give_back


class Held:
    """Something that knows itself."""

    def __init__(self) -> None:
        self.own = self


def test_cycles_are_freed_though_no_collection_was_due() -> None:
    gc.disable()
    try:
        kept = weakref.ref(Held())
        assert kept() is not None
        give_back()
        assert kept() is None
    finally:
        gc.enable()
