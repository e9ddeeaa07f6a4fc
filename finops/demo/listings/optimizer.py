"""Compute Optimizer: what it thinks of instances and volumes, by the metrics that CloudWatch has of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops.demo.advisors import SMALLER, monthly_costs
from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.metrics.compute import GROUPS
from finops.demo.metrics.curves import Days, daily
from finops.demo.metrics.groups import Measured
from finops.demo.population.resource import BUSY, IDLE, OVERSIZED
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.estate import Estate
    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=1000, code="InvalidParameterValueException")
_DAYS = 14
_HALF, _GP3_SHARE = 0.5, 0.2
_INSTANCES, _VOLUMES = GROUPS[0], GROUPS[1]


@dataclass(frozen=True, slots=True)
class Optimizer:
    """Answers about an estate on the day of its census."""

    estate: Estate
    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of Compute Optimizer."""
        return {
            ("compute-optimizer", "GetEnrollmentStatus"): self.enrollment,
            ("compute-optimizer", "GetEC2InstanceRecommendations"): self.instances,
            ("compute-optimizer", "GetEBSVolumeRecommendations"): self.volumes,
        }

    def enrollment(self, request: Request) -> dict[str, Any]:
        """Every account has opted in, through the management account."""
        refuse_unknown(request, ())
        hub = request.account == self.estate.management.account_id
        status = {"status": "Active", "memberAccountsEnrolled": hub, "lastUpdatedTimestamp": self._refreshed}
        return status | ({"numberOfMemberAccountsOptedIn": len(self.estate.members) - 1} if hub else {})

    def instances(self, request: Request) -> dict[str, Any]:
        """Findings about on-demand instances that run, by id."""
        refuse_unknown(request, ("instanceArns", "accountIds", "filters", _PAGE.token, _PAGE.limit))
        found = [
            one
            for one in self._asked(request, "ec2:instance", "instanceArns")
            if one.item["State"]["Name"] == "running" and "InstanceLifecycle" not in one.item
        ]
        kept = self._wanted(request, [(one, _instance_finding(one)) for one in found])
        shown, more = sliced(request, _PAGE, kept)
        costs = monthly_costs(self.estate, self.census.today()) if shown else {}
        items = [self._instance(one, finding, costs.get(one.arn, 0.0)) for one, finding in shown]
        return {"instanceRecommendations": items, "errors": [], **more}

    def volumes(self, request: Request) -> dict[str, Any]:
        """Findings about attached volumes, by id."""
        refuse_unknown(request, ("volumeArns", "accountIds", "filters", _PAGE.token, _PAGE.limit))
        found = [one for one in self._asked(request, "ec2:volume", "volumeArns") if one.item["Attachments"]]
        kept = self._wanted(request, [(one, _volume_finding(one)) for one in found])
        shown, more = sliced(request, _PAGE, kept)
        costs = monthly_costs(self.estate, self.census.today()) if shown else {}
        items = [self._volume(one, finding, costs.get(one.arn, 0.0)) for one, finding in shown]
        return {"volumeRecommendations": items, "errors": [], **more}

    @property
    def _refreshed(self) -> datetime:
        day = self.census.today().today
        return datetime(day.year, day.month, day.day, 1, 40, tzinfo=UTC)

    def _asked(self, request: Request, kind: str, parameter: str) -> list[Resource]:
        """Resources of the accounts asked for: others than its own for the management account only."""
        accounts = request.params.get("accountIds") or [request.account]
        if set(accounts) != {request.account} and request.account != self.estate.management.account_id:
            raise aws_error("AccessDeniedException", "Only the management account may ask about another one.")
        arns = request.params.get(parameter)
        population = self.census.today()
        found = [one for account in accounts for one in population.at(kind, account, request.region)]
        return [one for one in found if not arns or one.arn in arns]

    def _wanted(self, request: Request, found: Sequence[tuple[Resource, str]]) -> Sequence[tuple[Resource, str]]:
        for each in request.params.get("filters") or ():
            if each.get("name") != "Finding":
                raise aws_error("NotInDemo", f"The demo does not follow {each.get('name')}; nothing was sent.")
            found = [(one, finding) for one, finding in found if finding in each.get("values", ())]
        return found

    def _most(self, measured: Measured, metric: str, statistic: str) -> float | None:
        """The greatest day of the last two weeks; None without data."""
        days = Days(self.census.today().today.toordinal() - _DAYS, _DAYS)
        values, there = daily([measured.curve(metric, statistic)], days)
        return float(values[there].max()) if there.any() else None

    def _instance(self, one: Resource, finding: str, cost: float) -> dict[str, Any]:
        measured = Measured(one, _INSTANCES, frozenset({("InstanceId", one.id)}))
        most, kind = self._most(measured, "CPUUtilization", "Maximum"), one.item["InstanceType"]
        option = {"instanceType": SMALLER[kind], "rank": 1, "performanceRisk": 1.0, "migrationEffort": "VeryLow"}
        over = finding == "Overprovisioned"
        return {
            "instanceArn": one.arn,
            "accountId": one.account,
            "instanceName": one.tags.get("Name", ""),
            "currentInstanceType": kind,
            "finding": finding,
            "findingReasonCodes": ["CPUOverprovisioned"] if over else [],
            "utilizationMetrics": [] if most is None else [{"name": "Cpu", "statistic": "Maximum", "value": most}],
            "lookBackPeriodInDays": float(_DAYS),
            "recommendationOptions": [option | _opportunity(cost, _HALF)] if over else [],
            "lastRefreshTimestamp": self._refreshed,
            "instanceState": "running",
            "idle": "True" if one.role == IDLE else "False",
            "tags": [{"key": name, "value": value} for name, value in one.tags.items()],
        }

    def _volume(self, one: Resource, finding: str, cost: float) -> dict[str, Any]:
        measured = Measured(one, _VOLUMES, frozenset({("VolumeId", one.id)}))
        names = (("VolumeReadOpsPerSecond", "VolumeReadOps"), ("VolumeWriteOpsPerSecond", "VolumeWriteOps"))
        most = [(name, self._most(measured, metric, "Sum")) for name, metric in names]
        now = _configuration(one)
        wanted = {**now, "volumeType": "gp3", "volumeBaselineIOPS": 3000, "volumeBaselineThroughput": 125}
        option = {"configuration": wanted, "rank": 1, "performanceRisk": 1.0, **_opportunity(cost, _GP3_SHARE)}
        return {
            "volumeArn": one.arn,
            "accountId": one.account,
            "currentConfiguration": now,
            "finding": finding,
            "utilizationMetrics": [
                {"name": name, "statistic": "Maximum", "value": round(value / 86_400, 4)}
                for name, value in most
                if value is not None
            ],
            "lookBackPeriodInDays": float(_DAYS),
            "volumeRecommendationOptions": [option] if finding == "NotOptimized" else [],
            "lastRefreshTimestamp": self._refreshed,
            "tags": [{"key": name, "value": value} for name, value in one.tags.items()],
        }


def _instance_finding(one: Resource) -> str:
    if one.role in {OVERSIZED, IDLE}:
        return "Overprovisioned"
    return "Optimized" if one.role == BUSY else "NotOptimized"


def _volume_finding(one: Resource) -> str:
    return "NotOptimized" if one.item["VolumeType"] == "gp2" else "Optimized"


def _configuration(one: Resource) -> dict[str, Any]:
    return {
        "volumeType": one.item["VolumeType"],
        "volumeSize": one.item["Size"],
        "volumeBaselineIOPS": one.item["Iops"],
        "volumeBaselineThroughput": one.item.get("Throughput", 128),
        "rootVolume": any(part["DeleteOnTermination"] for part in one.item["Attachments"]),
    }


def _opportunity(cost: float, share: float) -> dict[str, Any]:
    saved = {"currency": "USD", "value": round(cost * share, 2)}
    return {"savingsOpportunity": {"savingsOpportunityPercentage": 100 * share, "estimatedMonthlySavings": saved}}
