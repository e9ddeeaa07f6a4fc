"""The composition root: capabilities wired once per process, for pages, API, command line and jobs alike.

    with closing(open_finops(load_settings())) as finops:
        finops.costs.answer(question)

Demo mode differs in one place only: its AWS sessions sign with made-up keys and are answered before the wire.
"""

from __future__ import annotations

import gc
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aws_session import AwsSessions
from config import DEMO_TENANT, Settings, load_settings
from finops.access import Access
from finops.anomalies import Anomalies
from finops.aws.calls import Calls
from finops.aws.permissions import narrowed, permitted
from finops.aws.services import reads
from finops.aws.slim import slim_hook
from finops.costs import CostExplorer, Costs, CostsOptions
from finops.demo.estate import Estate
from finops.demo.handler import demo_hook
from finops.demo.sts import demo_credentials
from finops.health import Health
from finops.inventory import Entrances, Inventory, InventoryOptions
from finops.jobs import Assignment, Jobs, Work
from finops.store import Store, open_store
from finops.store.duck import Limits
from finops.store.upgrade import upgrade
from finops.tagging import Tagging
from finops.tagging.billing import Bill
from finops.waste import Waste, WasteOptions
from finops.waste.price_file import prices_of
from finops.waste.sight import Sight
from finops.works import Doers, priced, works_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aws_session import SessionHook
    from finops.model.jobs import Outcome

DEMO_ROLE = "finops-dashboard-read"
"""The role of the made-up member accounts, unless the settings name another: any name opens them."""
GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Python's defaults walk everything imported again and again as answers are read: a third of a first refresh."""

PAST_RUNS = tuple(range(84, 0, -7))
"""Days back on which `findings.history` runs the checks: a quarter of weeks."""

_lock = threading.Lock()
_shared: Finops | None = None


@dataclass(frozen=True)
class Finops:
    """Everything the product can do. Safe to share between threads; `close` when the process ends."""

    settings: Settings
    now: Callable[[], datetime]
    costs: Costs
    inventory: Inventory
    waste: Waste
    anomalies: Anomalies
    tagging: Tagging
    jobs: Jobs
    access: Access
    health: Health
    store: Store

    def close(self) -> None:
        """Writes what is buffered and closes connections; the next `shared()` opens anew."""
        global _shared  # noqa: PLW0603 - the process-wide instance is forgotten when it closes
        with _lock:
            if _shared is self:
                _shared = None
        self.jobs.close()
        self.store.close()


def open_finops(
    settings: Settings, *, now: Callable[[], datetime] | None = None, hooks: Sequence[SessionHook] = ()
) -> Finops:
    """Wires everything. StoreError when the database or the lake cannot be used.

    An embedded SQLite database is brought up to date by itself; a database server waits for `db upgrade`, so that
    a new version never changes a shared schema behind anyone's back. `hooks` are given each AWS
    session before its first client.
    """
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    clock = now or _clock(settings)
    if settings.database.startswith("sqlite:"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database)
    store = open_store(
        database_url=settings.database,
        lake_url=settings.lake,
        ceiling=settings.ce_monthly_budget_usd,
        promoted_tags=settings.tag_keys,
        now=clock,
        limits=Limits(memory=f"{settings.duckdb_memory_mb}MiB"),
    )
    entrances = Entrances(store)
    slim = slim_hook({**reads(), **narrowed()}, permitted())
    calls = Calls(_sessions(settings, clock, (slim, *hooks), entrances), store.meter, now=clock)
    inventory = Inventory(store, calls, entrances, now=clock, options=_inventory_options(settings))
    costs = Costs(
        store,
        CostExplorer(calls),
        now=clock,
        options=CostsOptions(
            settings.tag_keys, settings.categories, settings.data_dir / "rejects", resources=settings.keeps_resources
        ),
        changed=lambda tenant: priced(costs, inventory, tenant),
    )
    made_up = DEMO_TENANT if settings.mode == "demo" else ""
    broker_url = settings.broker_url.get_secret_value() if settings.broker_url else ""
    # Made-up prices never serve a real bill.
    price_folder = settings.data_dir / "demo" if made_up else settings.data_dir
    sight = Sight(store, inventory, costs, calls, clock, partial(prices_of, price_folder))
    options = WasteOptions(settings.findings_exclude, price_folder)
    waste = Waste(store, costs, sight, now=clock, options=options)
    bill = Bill(store, costs, calls, now=clock, resources=settings.keeps_resources)
    tagging = Tagging(store, inventory, bill, now=clock)
    anomalies = Anomalies(store, costs, now=clock)
    works = works_of(Doers(costs, inventory, waste, tagging, anomalies), asks_bill=bool(made_up))
    works |= _history(settings, waste, clock)
    jobs = Jobs(store.jobs, works, now=clock, broker_url=broker_url)
    return Finops(
        settings=settings,
        now=clock,
        costs=costs,
        inventory=inventory,
        waste=waste,
        anomalies=anomalies,
        tagging=tagging,
        jobs=jobs,
        access=Access(lambda: (*costs.tenants(), *inventory.tenants()), usual=settings.tenant, made_up=made_up),
        health=Health(settings, store=store, costs=costs, calls=calls, now=clock),
        store=store,
    )


def _history(settings: Settings, waste: Waste, now: Callable[[], datetime]) -> dict[str, Work]:
    """Runs of the checks on past days. Only where `now` may be moved: AWS does not list what there was."""
    if settings.mode == "aws":
        return {}

    def find(job: Assignment) -> Outcome:
        days = [now() - timedelta(days=back) for back in PAST_RUNS]
        past = [partial(as_of, settings, job.tenant, day.replace(hour=6, minute=0, second=0)) for day in days]
        return waste.run_through(job.tenant, past, user=job.user, report=job.report)

    return {"findings.history": Work(find, lambda tenant, _: waste.locks(tenant))}


@contextmanager
def as_of(settings: Settings, tenant: str, moment: datetime) -> Iterator[Sight]:
    """The estate and its bill as they were at an instant, in a place of their own that is gone afterwards."""
    with TemporaryDirectory(prefix="finops-") as folder:
        moved = {"data_dir": Path(folder), "database_url": None, "lake_url": "", "broker_url": None, "now": moment}
        with closing(open_finops(settings.model_copy(update=moved))) as then:
            then.costs.refresh(tenant, since=moment.date() - timedelta(days=14))
            then.inventory.discover(tenant)
            priced(then.costs, then.inventory, tenant)
            yield then.waste.sight


def _inventory_options(settings: Settings) -> InventoryOptions:
    return InventoryOptions(settings.accounts, settings.regions, timedelta(days=settings.gone_after_days))


def shared() -> Finops:
    """The process-wide instance, opened by whoever asks first."""
    global _shared  # noqa: PLW0603 - one per process is the point
    with _lock:
        if _shared is None:
            _shared = open_finops(load_settings(environ_endpoint=environ.get("AWS_ENDPOINT_URL", "")))
        return _shared


def _clock(settings: Settings) -> Callable[[], datetime]:
    frozen = settings.now
    if frozen is not None:
        return lambda: frozen
    return lambda: datetime.now(UTC)


def _sessions(
    settings: Settings, now: Callable[[], datetime], hooks: Sequence[SessionHook], entrances: Entrances
) -> AwsSessions:
    if settings.mode == "demo":
        estate = Estate(seed=settings.demo_seed)
        return AwsSessions(
            permitted=permitted(),
            now=now,
            role_name=settings.role_name or DEMO_ROLE,
            entry=entrances.of,
            static_keys=demo_credentials(estate),
            hooks=(*hooks, demo_hook(estate, now=now)),
        )
    return AwsSessions(
        permitted=permitted(),
        now=now,
        role_name=settings.role_name,
        external_id=settings.external_id.get_secret_value() if settings.external_id else "",
        entry=entrances.of,
        hooks=tuple(hooks),
    )
