"""Findings to ask: two runs over the estate's tenant, all verdicts, two currencies, one resource flagged twice.

They are hand-made and go through the contract and the store's own writers, as those of a run would.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.facade import Finops, open_finops
from finops.model.findings import Observation, Verdict
from finops.model.outcome import Failure
from finops.waste import gold_tables
from finops.waste.contract import RunFacts, accepted, evidence_of
from finops.waste.lifecycle import record_run
from tests import stocked
from tests.api import estate

if TYPE_CHECKING:
    from collections.abc import Sequence

TENANT = estate.TENANT
TODAY = datetime(2026, 11, 20, 8, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)
IDLE, VOLUME = "aws.ec2.idle_instance", "aws.ebs.unattached_volume"
SMALLER, GUARD = "acme.ec2.smaller_instance", "acme.s3.no_lifecycle"  # of a package that is not installed
OWN, OTHER = estate.OPEN[:2]
DENIED = Failure("AccessDenied", "no", OTHER, "eu-central-1", "cloudwatch", "cloudwatch:GetMetricData")
_WINDOW = (date(2026, 10, 21), date(2026, 11, 20))


def instance(number: int, *, average: float | None = 2.5, maximum: float = 8, **more: Any) -> dict[str, Any]:
    """A draft of the idle check: thirty days of the same CPU, or none at all."""
    days = 30
    series = {
        "cpu_average": (average,) * days,
        "cpu_maximum": (None if average is None else maximum,) * days,
        "network_in": (1e6,) * days,
        "network_out": (1e6,) * days,
    }
    return _draft(
        IDLE,
        f"i-{number}",
        kind="ec2:instance",
        facts={"state": "running", "instance_type": "m7i.large", "age_days": 100},
        series=series,
        amounts={"bill": Decimal("30.400000")},
        **{"title": "Idle EC2 instance", "category": "idle", "severity": "high", "action_type": "Stop", **more},
    )


def volume(number: int, saving: str = "8.00", **more: Any) -> dict[str, Any]:
    """A draft of the volume check."""
    facts = {"state": "available", "attachments": 0, "unattached_days": 40, "size_gib": 100, "volume_type": "gp3"}
    return _draft(
        VOLUME,
        f"vol-{number}",
        kind="ec2:volume",
        facts=facts,
        amounts={"list": Decimal(saving)},
        **{"monthly_saving": saving, "saving_basis": "derived", **more},
    )


def fine(draft: dict[str, Any], verdict: str, message: str) -> dict[str, Any]:
    """The draft with another verdict, which promises nothing."""
    return draft | {"verdict": verdict, "message": message, "monthly_saving": "", "saving_basis": ""}


def _draft(check_id: str, resource_id: str, *, kind: str, **more: Any) -> dict[str, Any]:
    seen = {name: more.pop(name) for name in ("facts", "series", "amounts") if name in more}
    account, region = more.pop("account", OWN), more.pop("region", "us-east-1")
    service, _, noun = kind.partition(":")
    arn = f"arn:aws:{service}:{region}:{account}:{noun}/{resource_id}"
    observation = Observation(
        check_id, account, region, kind, resource_id, arn, window_start=_WINDOW[0], window_end=_WINDOW[1], **seen
    )
    usual = {
        "title": "Unattached EBS volume",
        "category": "unattached",
        "name": f"name of {resource_id}",
        "verdict": "flagged",
        "severity": "medium",
        "message": "It does nothing.",
        "monthly_saving": "30.40",
        "saving_basis": "measured",
        "monthly_cost": "30.40",
        "action_type": "Delete",
        "implementation_effort": "Low",
        "restart_needed": False,
        "rollback_possible": True,
        "tags": {"Owner": "data-team"},
    }
    scope = {"check_id": check_id, "account": account, "region": region, "kind": kind}
    return (
        usual | scope | {"resource_id": resource_id, "resource_arn": arn, "evidence": evidence_of(observation)} | more
    )


def smaller(number: int) -> dict[str, Any]:
    """A second finding about an instance, which loses to stopping it."""
    told = {"title": "Under-used EC2 instance", "category": "oversized", "action_type": "Rightsize"}
    return instance(number, **told, severity="low", monthly_saving="10.00") | {"check_id": SMALLER}


YESTERDAYS = (instance(1), volume(1), volume(9, name="gone by today"))
TODAYS = (
    instance(1),
    smaller(1),
    fine(instance(2, average=40, maximum=90), "ok", "CPU was 40.0 % on average."),
    fine(instance(3, average=None), "undetermined", "CPU is known for 0 of 14 days only."),
    fine(instance(4, account=OTHER), "not_applicable", "It is stopped."),
    volume(1),
    volume(2, "4.00", account=OTHER, region="eu-central-1", tags={}),
    volume(3, "70.00", region="cn-north-1", currency="CNY", monthly_cost="70.00"),
    _draft(
        GUARD,
        "logs",
        kind="s3:bucket",
        title="Bucket without lifecycle",
        category="guardrail",
        severity="low",
        action_type="Configure",
        monthly_saving="",
        saving_basis="",
    ),
)


def keep(
    finops: Finops,
    at: datetime,
    drafts: Sequence[dict[str, Any]],
    *,
    failures: tuple[Failure, ...] = (),
    checks: Sequence[str] = (),
    workspace: str = "main",
) -> None:
    """Stores drafts as what one run found, with the checks named (else all there are), and tells the states."""
    covered = list(checks) or [*(each.check_id for each in finops.waste.checks), SMALLER, GUARD]
    run = finops.store.findings.begin(TENANT, {"workspace": workspace})
    facts = RunFacts(TENANT, workspace, run.run_id, at)
    kept = accepted(drafts, facts)
    assert not kept.rejected, kept.rejected
    detail = {"workspace": workspace, "run_date": facts.run_date.isoformat(), "checks": covered, "dark": []}
    run = replace(run, failures=failures, detail=detail)
    finops.store.findings.replace(
        TENANT, kept.findings, run, workspace=workspace, run_date=facts.run_date, checks=covered
    )
    if workspace == "main":
        flagged = [each for each in kept.findings if each.verdict is Verdict.FLAGGED]
        seen = {each.fingerprint for each in flagged}
        gone = [name for name, state in finops.store.finding_states.states(TENANT).items() if name not in seen]
        record_run(finops.store.finding_states, TENANT, flagged=flagged, cleared=gone, at=at)
        gold_tables.rebuild(finops.store, TENANT)


def opened(place: Path, at: datetime | None = None) -> Finops:
    """The facade over a house, at an instant of choice."""
    return open_finops(stocked.settings(place, tenant=TENANT), now=None if at is None else lambda: at)


@functools.cache
def folder() -> Path:
    """The data folder, filled: read it only. Copy it before anything that writes."""
    place = Path(tempfile.mkdtemp(prefix="finops-findings-")) / "data"
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    shutil.copytree(estate.folder(), place)
    for at, drafts, failures in ((YESTERDAY, YESTERDAYS, ()), (TODAY, TODAYS, (DENIED,))):
        finops = opened(place, at)
        keep(finops, at, drafts, failures=failures)
        finops.close()
    return place
