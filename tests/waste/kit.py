"""What tests of checks stand on: assets, a context whose AWS is answered at botocore's wire, and metric values."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.assets import Asset, Lifecycle, Link, Place, PlaceState
from finops.model.findings import Judgement, Observation
from finops.model.metering import Caller
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.waste.context import Context, Reads
from finops.waste.estate import Estate
from finops.waste.judging import judged
from finops.waste.prices import shipped_prices
from tests.aws.standins import Refusal, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.model.accounts import Account
    from finops.model.assets import AssetChange
    from finops.model.findings import Fact
    from finops.waste.check import Check

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OWN, REGION = "123456789012", "us-east-1"
BILLED = Period(date(2026, 10, 21), date(2026, 11, 20))


def asset(kind: str, resource_id: str, state: str = "", *, age_days: int = 400, **fields: Any) -> Asset:
    """An active asset; `fields` are those of `Asset` (`details`, `tags`, `cost`, `account`, `region` …)."""
    service, _, noun = kind.partition(":")
    account, region = fields.pop("account", OWN), fields.pop("region", REGION)
    made = fields.pop("created", NOW - timedelta(days=age_days))
    usual = {"name": resource_id, "arn": f"arn:aws:{service}:{region}:{account}:{noun}/{resource_id}", "tags": {}}
    return Asset(
        asset_id=f"{account}/{region}/{kind}/{resource_id}",
        tenant="default",
        kind=kind,
        service=service,
        account=account,
        region=region,
        resource_id=resource_id,
        state=state,
        lifecycle=Lifecycle.ACTIVE,
        created=made,
        first_seen=made or NOW - timedelta(days=age_days),
        last_seen=NOW,
        **{**usual, **fields},
    )


@dataclass
class Desk:
    """A context and the calls that were made through it."""

    context: Context
    wire: StandIn

    def measured(self, check: Check) -> tuple[list[Observation], list[Failure]]:
        """What the check yields: observations and failures."""
        found = list(check.measure(self.context))
        return (
            [one for one in found if isinstance(one, Observation)],
            [one for one in found if isinstance(one, Failure)],
        )

    def verdicts(self, check: Check, **levels: float) -> dict[str, Judgement]:
        """The judgement of each resource at the defaults, or other levels, by resource id and issue, if it has one."""
        return {
            f"{one.resource_id}#{one.issue}" if one.issue else one.resource_id: judged(
                check, one, {**check.defaults, **levels}
            )
            for one in self.measured(check)[0]
        }


@dataclass
class Metrics:
    """Answers GetMetricData: `values` holds, by (metric, statistic, resource), values of days, the last one yesterday.

    The resource is the value of any of a query's dimensions. What is not there has no data points.
    """

    values: Mapping[tuple[str, str, str], Sequence[float | None]] = field(default_factory=dict)

    def __call__(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"MetricDataResults": [self._result(query, params) for query in params["MetricDataQueries"]]}

    def _result(self, query: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        stat = query["MetricStat"]
        names = [each["Value"] for each in stat["Metric"]["Dimensions"]]
        found = next(
            (
                self.values[key]
                for name in names
                if (key := (stat["Metric"]["MetricName"], stat["Stat"], name)) in self.values
            ),
            (),
        )
        step = timedelta(seconds=stat["Period"])
        known = [(params["EndTime"] - step * (len(found) - at), value) for at, value in enumerate(found)]
        shown = [(at, value) for at, value in known if value is not None and at >= params["StartTime"]]
        return {
            "Id": query["Id"],
            "Label": stat["Metric"]["MetricName"],
            "StatusCode": "Complete",
            "Timestamps": [at for at, _ in shown],
            "Values": [float(value) for _, value in shown],
        }


def desk(
    assets: Sequence[Asset],
    answers: Mapping[str, Callable[[dict[str, Any]], dict[str, Any] | Refusal]] | None = None,
    *,
    links: Mapping[str, tuple[Link, ...]] | None = None,
    failed: Mapping[tuple[str, str, str], Failure] | None = None,
    changes: Sequence[AssetChange] = (),
    accounts: Sequence[Account] = (),
    complete: Sequence[tuple[str, str, str]] = (),
) -> Desk:
    """A desk over an inventory.

    `answers` holds, by operation (`DescribeTargetHealth`), a function of the parameters. `links` are by resource id.
    Places (kind, account, region) of the assets, and those in `complete`, were listed as a whole but for those in
    `failed`.
    """
    script = dict(answers or {})
    wire = StandIn(lambda operation, params: script[operation](params) if operation in script else Refusal("NoAnswer"))
    listed = {(one.kind, one.account, one.region) for one in assets} | set(complete) | set(failed or {})
    places = [
        PlaceState(Place(place[1], place[2], place[0]), NOW - timedelta(days=2), NOW, 1, (failed or {}).get(place))
        for place in sorted(listed)
    ]
    by_id = {one.resource_id: one.asset_id for one in assets}
    estate = Estate(
        assets,
        links={by_id[name]: found for name, found in (links or {}).items()},
        places=places,
        accounts=accounts,
        changes=changes,
    )
    reads = Reads(wire.calls(), Caller("default", "waste"), until=time.monotonic() + 60)
    return Desk(Context("default", NOW, estate, reads, shipped_prices(), BILLED), wire)


def seen(check: Check, facts: Mapping[str, Fact], **fields: Any) -> Observation:
    """An observation to judge: an old resource, unless `facts` say otherwise."""
    usual: dict[str, Any] = {
        "account": OWN,
        "region": REGION,
        "kind": check.kinds[0] if check.kinds else "account",
        "resource_id": "r-1",
        "arn": "arn:aws:x:us-east-1:123456789012:r/r-1",
        "tags": {},
    }
    return Observation(check_id=check.check_id, facts={"age_days": 400, **facts}, **{**usual, **fields})


def judgement(
    check: Check, facts: Mapping[str, Fact], levels: Mapping[str, float] | None = None, **fields: Any
) -> Judgement:
    """The judgement of facts at the defaults, or with other levels."""
    return judged(check, seen(check, facts, **fields), {**check.defaults, **(levels or {})})


def usd(amount: str) -> Decimal:
    """Dollars, short."""
    return Decimal(amount)
