"""Reservations and Savings Plans, as their services list the contracts behind the bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.contracts import Lot, Plan, Term, lots, plan_of
from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.noise import key
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.estate import Estate
    from finops.demo.population.everything import Census
    from finops.demo.wire import Request

_RDS_PAGE = Page("Marker", "Marker", "MaxRecords", usual=100, least=20, most=100, code="InvalidParameterValue")
_OPENSEARCH_PAGE = Page(code="ValidationException")
_PLAN_PAGE = Page("nextToken", "nextToken", "maxResults", usual=1000, most=1000, code="ValidationException")
_OLD_TERM_MONTH, _OLD_YEARS = 3, 2


@dataclass(frozen=True, slots=True)
class Commitments:
    """Answers about an estate on the day of its census.

    Nothing of OpenSearch or Redshift is reserved in the bill; of EC2 there is a reservation that ended long ago.
    """

    estate: Estate
    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of all services that sell commitments."""
        return {
            ("rds", "DescribeReservedDBInstances"): self.databases,
            ("elasticache", "DescribeReservedCacheNodes"): self.caches,
            ("ec2", "DescribeReservedInstances"): self.instances,
            ("opensearch", "DescribeReservedInstances"): self.search,
            ("redshift", "DescribeReservedNodes"): self.warehouses,
            ("savingsplans", "DescribeSavingsPlans"): self.plans,
        }

    def databases(self, request: Request) -> dict[str, Any]:
        """Reserved database instances of the caller's account and region."""
        refuse_unknown(request, (_RDS_PAGE.token, _RDS_PAGE.limit))
        shown, more = sliced(request, _RDS_PAGE, [_database(lot) for lot in self._lots(request, "rds")])
        return {"ReservedDBInstances": list(shown), **more}

    def caches(self, request: Request) -> dict[str, Any]:
        """Reserved cache nodes of the caller's account and region."""
        refuse_unknown(request, (_RDS_PAGE.token, _RDS_PAGE.limit))
        shown, more = sliced(request, _RDS_PAGE, [_cache(lot) for lot in self._lots(request, "elasticache")])
        return {"ReservedCacheNodes": list(shown), **more}

    def instances(self, request: Request) -> dict[str, Any]:
        """Reserved instances: in production one of old, and only where its state is asked for or none."""
        refuse_unknown(request, ("Filters", "ReservedInstancesIds"))
        states: set[str] = set()
        for each in request.params.get("Filters") or ():
            if each["Name"] != "state":
                raise aws_error("NotInDemo", f"The demo does not follow the filter {each['Name']}; nothing was sent.")
            states |= set(each["Values"])
        ids = request.params.get("ReservedInstancesIds")
        found = self._old_reservations(request)
        kept = [one for one in found if (not states or one["State"] in states)]
        return {"ReservedInstances": [one for one in kept if not ids or one["ReservedInstancesId"] in ids]}

    def search(self, request: Request) -> dict[str, Any]:
        """No search domain is reserved."""
        refuse_unknown(request, ("ReservedInstanceId", _OPENSEARCH_PAGE.token, _OPENSEARCH_PAGE.limit))
        return {"ReservedInstances": []}

    def warehouses(self, request: Request) -> dict[str, Any]:
        """No warehouse is reserved."""
        refuse_unknown(request, (_RDS_PAGE.token, _RDS_PAGE.limit))
        return {"ReservedNodes": []}

    def plans(self, request: Request) -> dict[str, Any]:
        """The organization's Savings Plan and the one before it, in the account that holds them."""
        refuse_unknown(request, ("states", "savingsPlanIds", "savingsPlanArns", _PLAN_PAGE.token, _PLAN_PAGE.limit))
        wanted = request.params
        found = [
            one
            for one in _plans(self.estate, self._today, request.account)
            if (not wanted.get("states") or one["state"] in wanted["states"])
            and (not wanted.get("savingsPlanIds") or one["savingsPlanId"] in wanted["savingsPlanIds"])
            and (not wanted.get("savingsPlanArns") or one["savingsPlanArn"] in wanted["savingsPlanArns"])
        ]
        shown, more = sliced(request, _PLAN_PAGE, found)
        return {"savingsPlans": list(shown), **more}

    @property
    def _today(self) -> date:
        return self.census.today().today

    def _lots(self, request: Request, service: str) -> Sequence[Lot]:
        place = (service, request.account, request.region)
        found = (lot for lot in lots(self.estate, self._today) if (lot.service, lot.account, lot.region) == place)
        return sorted(found, key=lambda lot: lot.id)

    def _old_reservations(self, request: Request) -> list[dict[str, Any]]:
        member = self.estate.member(request.account)
        if member is None or member.kind != "prod" or request.region != "us-east-1":
            return []
        day = self._today
        term = Term.around(date(day.year - _OLD_YEARS, day.month, 1), _OLD_TERM_MONTH)
        return [
            {
                "ReservedInstancesId": _uuid("ec2", request.account, term.start),
                "InstanceType": "m4.xlarge",
                "InstanceCount": 4,
                "ProductDescription": "Linux/UNIX",
                "InstanceTenancy": "default",
                "OfferingClass": "standard",
                "OfferingType": "No Upfront",
                "Scope": "Region",
                "State": "retired",
                "Start": term.begins,
                "End": term.begins + timedelta(seconds=term.seconds),
                "Duration": term.seconds,
                "CurrencyCode": "USD",
                "FixedPrice": 0.0,
                "UsagePrice": 0.0,
                "RecurringCharges": [{"Amount": 0.124, "Frequency": "Hourly"}],
                "Tags": [],
            }
        ]


def _paid(lot: Lot) -> dict[str, Any]:
    """What all kinds of reservations say alike: money of one unit, which all units together make the lot's."""
    return {
        "StartTime": lot.term.begins,
        "Duration": lot.term.seconds,
        "FixedPrice": round(lot.fixed / lot.count, 6),
        "UsagePrice": 0.0,
        "OfferingType": "All Upfront" if lot.fixed else "No Upfront",
        "State": "active",
        "RecurringCharges": [
            {"RecurringChargeAmount": round(lot.hourly / lot.count, 8), "RecurringChargeFrequency": "Hourly"}
        ]
        if lot.hourly
        else [],
    }


def _database(lot: Lot) -> dict[str, Any]:
    return {
        "ReservedDBInstanceId": lot.id,
        "ReservedDBInstancesOfferingId": _uuid("offering", lot.id),
        "ReservedDBInstanceArn": f"arn:aws:rds:{lot.region}:{lot.account}:ri:{lot.id}",
        "DBInstanceClass": lot.instance_class,
        "DBInstanceCount": lot.count,
        "MultiAZ": lot.multi_az,
        "ProductDescription": "postgresql",
        "CurrencyCode": "USD",
        **_paid(lot),
    }


def _cache(lot: Lot) -> dict[str, Any]:
    return {
        "ReservedCacheNodeId": lot.id,
        "ReservedCacheNodesOfferingId": _uuid("offering", lot.id),
        "ReservationARN": f"arn:aws:elasticache:{lot.region}:{lot.account}:reserved-instance:{lot.id}",
        "CacheNodeType": lot.instance_class,
        "CacheNodeCount": lot.count,
        "ProductDescription": "redis",
        **_paid(lot),
    }


def _plans(estate: Estate, today: date, account: str) -> list[dict[str, Any]]:
    plan = plan_of(estate, today)
    if plan is None or plan.account != account:
        return []
    before = plan_of(estate, plan.term.start - timedelta(days=1))
    return [_plan(plan, "active"), *([_plan(before, "retired")] if before else [])]


def _plan(plan: Plan, state: str) -> dict[str, Any]:
    name = _uuid("savings plan", plan.account, plan.term.start)
    ends = plan.term.begins + timedelta(seconds=plan.term.seconds - 1)
    return {
        "savingsPlanId": name,
        "savingsPlanArn": f"arn:aws:savingsplans::{plan.account}:savingsplan/{name}",
        "offeringId": _uuid("offering", name),
        "description": "1 year Partial Upfront Compute Savings Plan",
        "start": _text(plan.term.begins),
        "end": _text(ends),
        "state": state,
        "savingsPlanType": "Compute",
        "paymentOption": "Partial Upfront",
        "productTypes": ["EC2", "Fargate", "Lambda"],
        "currency": "USD",
        "commitment": f"{plan.hourly:.8f}",
        "upfrontPaymentAmount": f"{plan.upfront:.8f}",
        "recurringPaymentAmount": f"{plan.recurring:.8f}",
        "termDurationInSeconds": plan.term.seconds,
        "tags": {},
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _uuid(*words: object) -> str:
    code = f"{key('contract', *words):016x}{key('contract', *words, 'more'):016x}"
    return f"{code[:8]}-{code[8:12]}-4{code[13:16]}-8{code[17:20]}-{code[20:]}"
