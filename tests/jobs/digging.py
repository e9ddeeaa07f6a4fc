"""A Celery application for tests, made by the product's own factory: its jobs dig up made-up assets of accounts.

    python -m celery -A tests.jobs.digging worker

What it is to use comes in as JSON in the variable DIGGING; `held` files in its folder make a job wait.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.jobs import Assignment, Jobs, Terms, Work
from finops.model.errors import StoreError
from finops.model.jobs import Outcome, Progress
from finops.store.database import Database
from finops.store.jobs import JobStore
from finops.worker import make_app

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMS: Any = {"beat": 0.3, "write": 0.1, "dead": 4.0, "reap": 0.5, "poll": 0.1}


def dig(folder: Path, given: Assignment) -> Outcome:
    """Writes one file per account, the same ones whoever does it and however often."""
    accounts: Any = given.arguments["accounts"]
    for number, account in enumerate(accounts):
        given.report(Progress(number, len(accounts), items=number))
        (folder / f"{account}.begun").write_text(str(os.getpid()), "utf-8")
        while (folder / f"{account}.held").exists():
            time.sleep(0.02)
        with (folder / f"{account}.done").open("a", encoding="utf-8") as done:
            done.write(f"{given.job_id}\n")
    given.report(Progress(len(accounts), len(accounts), items=len(accounts)))
    return Outcome({"assets": len(accounts)})


def works(folder: Path) -> dict[str, Work]:
    """The kinds of job there are: one."""

    def locks(_: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(f"dig:{account}" for account in arguments["accounts"])

    def split(_: str, arguments: Mapping[str, Any]) -> tuple[dict[str, object], ...]:
        return tuple({"accounts": [account]} for account in arguments["accounts"])

    return {"dig": Work(lambda given: dig(folder, given), locks, split)}


def jobs(using: Mapping[str, str], broker: str = "") -> Jobs:
    """Jobs on the database and queue of a test."""
    terms = Terms(**TERMS, queue=using["queue"])
    store = JobStore(Database(using["database"]))
    return Jobs(store, works(Path(using["folder"])), now=lambda: datetime.now(UTC), broker_url=broker, terms=terms)


if "DIGGING" in os.environ:
    _using = json.loads(os.environ["DIGGING"])

    def _perform(job_id: str) -> Any:
        if (Path(_using["folder"]) / "no-database").exists():
            raise StoreError("the database did not answer")
        return jobs(_using).perform(job_id)

    app = make_app(_using["broker"], _perform, _using["queue"])
