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
from finops.anomalies.aws_findings import AwsDesk
from finops.aws.calls import Calls
from finops.aws.cost_anomalies import CostAnomalies
from finops.aws.cost_forecast import CostForecaster
from finops.aws.mail import Mails, mails_of
from finops.aws.permissions import narrowed, permitted
from finops.aws.services import reads
from finops.aws.slim import slim_hook
from finops.budgets import Forecasts
from finops.budgets.ahead import forecaster
from finops.budgets.aws_import import AwsImporter
from finops.budgets.budgets import BudgetOptions, Budgets
from finops.costs import CostExplorer, Costs, CostsOptions
from finops.delivery import TRIAL, Delivery, Office, Post, Process, Rules
from finops.delivery.links import Subscription, unsubscribe_link
from finops.delivery.mime import mime_of, sender_of
from finops.demo.estate import Estate
from finops.demo.handler import demo_hook
from finops.demo.sts import demo_credentials
from finops.health import Health
from finops.inventory import Entrances, Inventory, InventoryOptions
from finops.jobs import Assignment, Jobs, Work
from finops.jobs.memory import give_back
from finops.jobs.processes import gone, here
from finops.model.errors import NotAllowed
from finops.model.people import Right
from finops.reports import Reports, Sources
from finops.reports.files.shelf import FOLDER, Exports, Room
from finops.reports.mails.budget_alert import BudgetAlerts
from finops.store import Store, open_store
from finops.store.blobs import FolderBlobs, blobs_beside
from finops.store.duck import Limits
from finops.store.signing import Signer
from finops.store.upgrade import upgrade
from finops.tagging import Tagging
from finops.tagging.billing import Bill
from finops.waste import Waste, WasteOptions
from finops.waste.listing import covering_runs
from finops.waste.price_file import prices_of
from finops.waste.sight import Sight
from finops.works import Doers, priced, works_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aws_session import SessionHook
    from finops.model.delivery import Delivery as OneDelivery
    from finops.model.delivery import Letter, Schedule
    from finops.model.jobs import Outcome

DEMO_ROLE = "finops-dashboard-read"
"""The role of the made-up member accounts, unless the settings name another: any name opens them."""
GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Python's defaults walk everything imported again and again as answers are read: a third of a first refresh."""

AWS_FOLDER = "aws_anomalies"
"""Where AWS's own anomalies are kept, in the data folder or beside the lake."""
MAILS_PER_SECOND, FILES_PER_SECOND = 10.0, 1000.0
"""An account out of SES's sandbox may send 14 a second."""

REPORTED_JOBS = 200
"""So many of the latest jobs a digest looks at."""

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
    forecasts: Forecasts
    budgets: Budgets
    tagging: Tagging
    jobs: Jobs
    access: Access
    health: Health
    reports: Reports
    exports: Exports
    mails: Mails
    delivery: Delivery
    store: Store

    def close(self) -> None:
        """Writes what is buffered and closes connections; the next `shared()` opens anew."""
        global _shared  # noqa: PLW0603 - the process-wide instance is forgotten when it closes
        with _lock:
            if _shared is self:
                _shared = None
        self.delivery.stop()
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
    anomalies = Anomalies(store, costs, now=clock, aws=_aws_desk(settings, calls, clock))
    forecasts = Forecasts(costs, CostForecaster(calls), now=clock)
    mails = mails_of(settings, calls)
    importer = AwsImporter(store.budgets, calls, clock, settings.refresh_tenant)
    budgets = Budgets(
        *(store.budgets, costs, forecaster(forecasts)), now=clock, options=BudgetOptions(mails.domains, importer)
    )
    health = Health(settings, store=store, costs=costs, calls=calls, now=clock)
    read = Sources(
        *(costs, inventory, waste, tagging, anomalies, forecasts, budgets),
        runs=partial(covering_runs, store),
        health=health.report,
        jobs=lambda tenant: store.jobs.page(tenant, parts=False, limit=REPORTED_JOBS)[0],
        now=clock,
        tag_keys=settings.tag_keys,
    )
    access = Access(lambda: (*costs.tenants(), *inventory.tenants()), usual=settings.tenant, made_up=made_up)
    reports = Reports(read)
    names = [definition.name for definition in reports.definitions]
    rules = Rules(lambda: names, mails.domains, partial(may_schedule, access, reports))
    delivery = _delivery(settings, store, mails, rules, clock)
    alerts = BudgetAlerts(budgets, delivery, public_url=settings.public_url, now=clock)
    works = works_of(
        Doers(costs, inventory, waste, tagging, anomalies, budgets),
        asks_bill=bool(made_up),
        asks_aws=lambda tenant: tenant == settings.refresh_tenant and bool(made_up or settings.anomalies_aws),
        alert=alerts.send,
    )
    works |= _history(settings, waste, clock)
    jobs = Jobs(store.jobs, works, now=clock, broker_url=broker_url)
    return Finops(
        settings=settings,
        now=clock,
        costs=costs,
        inventory=inventory,
        waste=waste,
        anomalies=anomalies,
        forecasts=forecasts,
        budgets=budgets,
        tagging=tagging,
        jobs=jobs,
        access=access,
        health=health,
        reports=reports,
        exports=_exports(settings, store, clock),
        mails=mails,
        delivery=delivery,
        store=store,
    )


def _exports(settings: Settings, store: Store, now: Callable[[], datetime]) -> Exports:
    room = Room(settings.exports_keep_days, settings.exports_max_mb)
    return Exports(store.exports, settings.data_dir / FOLDER, Signer.of(settings), now=now, room=room)


def _delivery(settings: Settings, store: Store, mails: Mails, rules: Rules, now: Callable[[], datetime]) -> Delivery:
    """Mails as this installation sends them: signed links, its own sender, at a pace that no server minds."""
    signer = Signer.of(settings)

    def compose(letter: Letter, sent: OneDelivery, mail_id: str) -> bytes:
        subscription = Subscription(sent.tenant, sent.schedule_id, sent.recipient)
        wanted = "" if sent.kind == TRIAL else unsubscribe_link(signer, settings.public_url, subscription, at=now())
        domain = sender_of(mails.sender).address.rpartition("@")[2]
        return mime_of(
            letter,
            sender=mails.sender,
            recipient=sent.recipient,
            message_id=f"<{mail_id}@{domain}>",
            unsubscribe_url=wanted,
            at=now(),
        )

    pace = MAILS_PER_SECOND if mails.kind != "folder" else FILES_PER_SECOND
    post = Post(mails.transport, mails.sender, compose, per_second=pace)
    return Delivery(store.schedules, store.outbox, Office(rules, post, Process(here(), gone)), now=now)


def may_schedule(access: Access, reports: Reports, schedule: Schedule) -> None:
    """NotAllowed unless a schedule's owner may send this report at this moment.

    InputError when there is no such report, or it does not know a parameter of the schedule's scope.
    """
    owner = access.holder(schedule.owner)
    if owner is None:
        raise NotAllowed(f"{schedule.owner} is not a person who may send reports (any more).")
    for right in (Right.SCHEDULE_REPORTS, Right.EXPORT, *reports.definition(schedule.report).rights):
        access.demand(owner, right, tenant=schedule.tenant)
    reports.refuse_unknown(schedule.report, schedule.scope)


def _aws_desk(settings: Settings, calls: Calls, now: Callable[[], datetime]) -> AwsDesk:
    """AWS's own anomalies, kept in the data folder, or beside the lake on S3 where machines share it."""
    remote = blobs_beside(settings.lake_url, AWS_FOLDER) if settings.lake_url.startswith("s3://") else None
    return AwsDesk(remote or FolderBlobs(settings.data_dir / AWS_FOLDER), CostAnomalies(calls), now=now)


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
    give_back()  # the estate before this one: twelve of them together took a gigabyte
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
