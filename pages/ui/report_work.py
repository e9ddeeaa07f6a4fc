"""Work of this page that may take long: done beside the run, so that the page stays usable, and collected later.

    report_work.begin("make", "Making Savings", lambda tell: made(...))
    done = report_work.collected("make")      # None while it goes on, and its progress is drawn

A result is handed out once. The work outlives a run of the page, not its session.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.errors import FinopsError
from pages.ui import numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[[str], None]

HANDS = ThreadPoolExecutor(2, thread_name_prefix="report")
"""Two at a time for everyone: more would only make each of them slower."""
PATIENCE_SECONDS = 2.0
"""How long a run waits for what is quick; then the page goes on without."""
LOOK_SECONDS = 1.0


@dataclass
class Task:
    """One piece of work. `step` is what it does now, `ended` when it was done."""

    label: str
    began: float
    future: Future[Any] = field(default_factory=Future)
    step: str = ""
    ended: float = 0.0

    def tell(self, step: str) -> None:
        """Says what is being done; called from the thread that does it."""
        self.step = step

    def do(self, work: Callable[[Tell], Any]) -> Any:
        """Does it, and notes when that ended."""
        try:
            return work(self.tell)
        finally:
            self.ended = time.monotonic()


@dataclass(frozen=True, slots=True)
class Done:
    """What work came to: its result, or the error that it ended with. `seconds` is how long it took."""

    result: Any = None
    error: FinopsError | None = None
    seconds: float = 0.0


def begin(name: str, label: str, work: Callable[[Tell], Any]) -> None:
    """Begins work under a name; what went on under it before is no longer waited for."""
    task = Task(label, time.monotonic())
    task.future = HANDS.submit(task.do, work)
    st.session_state[_key(name)] = task


def under_way(name: str) -> bool:
    """Whether work of a name has begun and was not collected yet."""
    return _key(name) in st.session_state


def collected(name: str) -> Done | None:
    """What the work came to, once; None where there is none, or while it goes on: then its progress is drawn.

    An error that is none of ours is raised.
    """
    task: Task | None = st.session_state.get(_key(name))
    if task is None:
        return None
    place = st.empty()
    if not task.future.done():
        with place:
            st.status(escaped(task.label), state="running")
        wait((task.future,), timeout=PATIENCE_SECONDS)
    if not task.future.done():
        place.empty()
        _watch(task)
        return None
    place.empty()
    del st.session_state[_key(name)]
    seconds = task.ended - task.began
    try:
        return Done(task.future.result(), seconds=seconds)
    except FinopsError as error:
        return Done(error=error, seconds=seconds)


def _watch(task: Task) -> None:
    """How far it is, drawn anew until it has ended; then the page is."""

    @st.fragment(run_every=LOOK_SECONDS)
    def shown() -> None:
        if task.future.done():
            st.rerun()
        seconds = numbers.counted(int(time.monotonic() - task.began), "second")
        with st.status(escaped(task.label), state="running", expanded=True):
            st.markdown(escaped(f"{task.step or 'It waits for its turn'}. {seconds} so far."))
            st.markdown(":small[:gray[You can go on with other pages; the result stays here.]]")

    shown()


def _key(name: str) -> str:
    return f"report.work.{name}"
