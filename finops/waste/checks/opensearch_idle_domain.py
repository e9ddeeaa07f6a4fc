"""An OpenSearch domain that nobody searches and nothing is written to.

It is flagged when no day of the last 14 had a search or an indexed document; OpenSearch Dashboards left open counts as
use, and you may allow for it. Nine days in ten must have data for both, else nothing is said. The saving is what the
domain costs: its bill, or the hours of its data nodes and dedicated masters. Take a snapshot of the indexes, then
delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.activity import use
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import flagged, whole_cost
from finops.waste.nodes import nodes_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.opensearch.idle_domain"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
REQUESTS = Threshold("requests_day", "no day had more searches, or more indexed documents, than this", 0, 0, 10_000)


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("DomainName", asset.resource_id), ("ClientId", asset.account))


TRAFFIC = (
    Gauge("searches", "AWS/ES", "SearchRate", "Sum", _dimensions),
    Gauge("indexed", "AWS/ES", "IndexingRate", "Sum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """What every domain searched and indexed."""
    assets = context.estate.of("opensearch:domain")
    measured = context.metrics(assets, TRAFFIC, int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        names = ("engine_version", "instance_type", "instances", "dedicated_masters", "volume_gib")
        facts = {name: asset.details.get(name) for name in names}
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": _list_price(context, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when neither searched nor written to."""
    words = {"searches": "searches a day", "indexed": "indexed documents a day"}
    used = use(seen, words, levels["window_days"], levels["requests_day"])
    least = (
        f"at most {levels['requests_day']:.0f} searches or writes a day"
        if levels["requests_day"]
        else "no search or write"
    )
    said = f"{seen.facts.get('instances')} × {seen.facts.get('instance_type')}: {least} in"
    return used or flagged(f"{said} the last {levels['window_days']:.0f} days.", whole_cost(seen))


def _list_price(context: Context, asset: Asset) -> Decimal | None:
    """Data nodes and masters, without volumes; None with UltraWarm nodes, which the table does not know."""
    details = asset.details
    item = f"opensearch.instance:{details.get('instance_type')}"
    data = nodes_month(context.prices, asset.region, item, details.get("instances"))
    if data is None or details.get("warm_nodes"):
        return None
    if not details.get("dedicated_masters"):
        return data
    item = f"opensearch.instance:{details.get('dedicated_master_type')}"
    masters = nodes_month(context.prices, asset.region, item, details.get("dedicated_masters"))
    return None if masters is None else data + masters


CHECK = Check(
    check_id=ID,
    title="Idle OpenSearch domain",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("opensearch:domain",),
    action=Action(ActionType.DELETE, Effort.MEDIUM, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="aos/home?region={region}#opensearch/domains/{id}",
    command=("opensearch", "delete-domain", "--domain-name", "{id}"),
    thresholds=(DAYS, REQUESTS),
    operations=(GET_METRIC_DATA,),
    stands_on=(("searches", "requests_day"), ("indexed", "requests_day")),
    source_url="https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html",
)
