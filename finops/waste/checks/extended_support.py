"""A database, cache or Kubernetes cluster that pays for an outdated version.

Past the end of a version's standard support AWS charges for extended support: by vCPU and hour for RDS and Aurora
(MySQL 8.0 since 2026-08-01, the dearer third year of MySQL 5.7 since 2026-03-01), by the hour for an EKS cluster, and
as a share of the node's price for ElastiCache. What has opted out of extended support is upgraded instead and pays
nothing. A version whose dates are not known is undetermined. The saving is the charge: vCPUs × price × 730 hours, twice
that for Multi-AZ. Upgrade to a version in standard support, after a test.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.fields import moment
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity
from finops.model.outcome import Failure
from finops.waste.check import Check, measuring
from finops.waste.databases import TWICE, cluster_name, unfit, vcpus
from finops.waste.judging import fine, flagged, not_applicable, undetermined
from finops.waste.nodes import nodes_month
from finops.waste.savings import estimated
from finops.waste.support import CALENDAR, Support, support_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from finops.aws.calls import Ask
    from finops.model.assets import Asset
    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.support.extended_support"
CLUSTER_VERSIONS = measuring("eks", "DescribeClusterVersions", "whether EKS clusters pay for extended support")
PREMIUM = {Support.EXTENDED: Decimal("0.8"), Support.EXTENDED_YEAR_3: Decimal("1.6")}
"""ElastiCache asks so much of a node's price on top: https://aws.amazon.com/elasticache/pricing/."""

_YEAR = {Support.EXTENDED: "vcpu-year-1", Support.EXTENDED_YEAR_3: "vcpu-year-3"}
_COMMANDS = {
    "rds": ("modify-db-instance", "--db-instance-identifier", "--engine-version"),
    "rds cluster": ("modify-db-cluster", "--db-cluster-identifier", "--engine-version"),
    "eks": ("update-cluster-version", "--name", "--kubernetes-version"),
    "elasticache": ("modify-cache-cluster", "--cache-cluster-id", "--engine-version"),
    "elasticache group": ("modify-replication-group", "--replication-group-id", "--engine-version"),
}


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Versions from the inventory, dates from the calendar; those of EKS from its API, once an account and region."""
    for asset in context.estate.of("rds:db"):
        yield _database(context, asset)
    for asset in context.estate.of("elasticache:cluster"):
        yield _cache(context, asset)
    clusters = context.estate.of("eks:cluster")
    asks = [(where, _versions_ask(context, found)) for where, found in _by_place(clusters).items()]
    told = dict(context.reads.pages(asks))
    yield from (pages for pages in told.values() if isinstance(pages, Failure))
    for asset in clusters:
        yield _kubernetes(context, asset, told[asset.account, asset.region])


def judge(seen: Observation, levels: Levels) -> Judgement:  # noqa: ARG001 - no threshold: a charge is a charge
    """Charged or not."""
    facts, wrong = seen.facts, unfit(seen)
    words, support = f"{facts.get('engine')} {facts.get('version')}", facts.get("support")
    if wrong is not None:
        return wrong
    if support is None:
        return not_applicable(f"AWS charges no extended support for {facts.get('engine')}.")
    if support == Support.UNKNOWN:
        return undetermined(f"Until when {words} has standard support is not known.")
    if support == Support.STANDARD:
        return fine(f"{words} is in standard support.")
    if facts.get("opted_out"):
        return fine(f"{words} has opted out of extended support: AWS upgrades it.")
    charge = seen.amounts.get("extended_support")
    cost = "what that costs is not known" if charge is None else f"${charge:,.2f} a month"
    said = f"{words} is in extended support, charged since {facts.get('charged_since')}: {cost}."
    return flagged(said, estimated(seen, charge))


def _facts(
    asset: Asset, engine: str, *, support: Support | None, since: date | None, opted_out: bool, upgrade: tuple[str, str]
) -> dict[str, Fact]:
    command, option, version = _COMMANDS[upgrade[0]]
    known = asset.details.get("engine_version") or asset.details.get("version")
    return {
        "state": asset.state or None,
        "engine": engine,
        "version": known,
        "support": support,
        "charged_since": since.isoformat() if since else None,
        "opted_out": opted_out,
        "service": asset.service,
        "upgrade": command,
        "upgrade_option": option,
        "upgrade_id": upgrade[1],
        "upgrade_version": version,
    }


def _database(context: Context, asset: Asset) -> Observation:
    details, cluster = asset.details, cluster_name(context, asset)
    engine = str(details.get("engine"))
    support, since = _support(engine, str(details.get("engine_version") or ""), context)
    amount: Decimal | None = None
    processors, year = vcpus(details.get("instance_class")), _YEAR.get(support) if support else None
    price = context.prices.of(f"rds.extended-support:{year}", asset.region)
    multi = details.get("multi_az")
    if processors is not None and price is not None and (cluster or isinstance(multi, bool)):
        amount = price * processors * HOURS_A_MONTH * (TWICE if multi and not cluster else 1)
    facts = _facts(
        asset,
        engine,
        support=support,
        since=since,
        opted_out=str(details.get("lifecycle_support")).endswith("-disabled"),
        upgrade=("rds cluster", cluster) if cluster else ("rds", asset.resource_id),
    )
    facts |= {"vcpus": processors, "instance_class": details.get("instance_class"), "multi_az": multi}
    return context.observation(ID, asset, facts, amounts={"extended_support": amount})


def _cache(context: Context, asset: Asset) -> Observation:
    details = asset.details
    engine, group = str(details.get("engine")), details.get("replication_group")
    support, since = _support(engine, str(details.get("engine_version") or ""), context)
    node_type = details.get("node_type")
    month = nodes_month(context.prices, asset.region, f"elasticache.node:{node_type}", details.get("nodes"))
    premium = PREMIUM.get(support) if support else None
    facts = _facts(
        asset,
        engine,
        support=support,
        since=since,
        opted_out=False,
        upgrade=("elasticache group", str(group)) if group else ("elasticache", asset.resource_id),
    )
    facts |= {"node_type": node_type, "nodes": details.get("nodes")}
    amount = month * premium if month is not None and premium is not None else None
    return context.observation(ID, asset, facts, amounts={"extended_support": amount})


def _kubernetes(context: Context, asset: Asset, told: list[dict[str, Any]] | Failure) -> Observation:
    ends = None if isinstance(told, Failure) else _standard_ends(told, asset.details.get("version"))
    today = context.now.date()
    support = Support.UNKNOWN if ends is None else Support.EXTENDED if ends < today else Support.STANDARD
    facts = _facts(
        asset,
        "Kubernetes",
        support=support,
        since=ends + timedelta(days=1) if ends else None,
        opted_out=asset.details.get("support_type") == "STANDARD",
        upgrade=("eks", asset.resource_id),
    )
    price = context.prices.of("eks.extended-support:hour", asset.region)
    amount = price * HOURS_A_MONTH if price is not None else None
    return context.observation(ID, asset, facts, amounts={"extended_support": amount})


def _support(engine: str, version: str, context: Context) -> tuple[Support | None, date | None]:
    """None for an engine that has no extended support."""
    return support_of(engine, version, context.now.date()) if engine in CALENDAR else (None, None)


def _by_place(clusters: Sequence[Asset]) -> dict[tuple[str, str], list[Asset]]:
    found: dict[tuple[str, str], list[Asset]] = {}
    for cluster in clusters:
        found.setdefault((cluster.account, cluster.region), []).append(cluster)
    return found


def _versions_ask(context: Context, clusters: Sequence[Asset]) -> Ask:
    params = {"includeAll": True, "maxResults": 100}
    return context.ask(CLUSTER_VERSIONS, params, clusters[0], "clusterVersions")


def _standard_ends(pages: Sequence[Mapping[str, Any]], version: object) -> date | None:
    """The last day of standard support."""
    for page in pages:
        for told in page["clusterVersions"]:
            at = moment(told.get("endOfStandardSupportDate"))
            if told.get("clusterVersion") == version and at is not None:
                return at.date()
    return None


CHECK = Check(
    check_id=ID,
    title="Extended support",
    explanation=__doc__,
    category=Category.OUTDATED,
    severity=Severity.HIGH,
    kinds=("rds:db", "eks:cluster", "elasticache:cluster"),
    action=Action(ActionType.UPGRADE, Effort.HIGH, restart_needed=True, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="{service}/home?region={region}",
    command=("{service}", "{upgrade}", "{upgrade_option}", "{upgrade_id}", "{upgrade_version}", "NEW-VERSION"),
    operations=(CLUSTER_VERSIONS,),
    aged=False,
    source_url="https://aws.amazon.com/rds/pricing/",
)
