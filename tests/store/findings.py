"""Made-up findings for the tests of what stores and reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.findings import Basis, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection

    from finops.store import Run, Store

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
IDLE, VOLUME, GUARD = "aws.ec2.idle_instance", "aws.ebs.unattached_volume", "aws.budgets.no_budget"

FINDING = Finding(
    fingerprint="0" * 32,
    finding_id="1" * 32,
    tenant="default",
    workspace="main",
    run_id="",
    run_date=TODAY,
    observed=NOW,
    check_id=IDLE,
    title="Idle instance",
    category="idle",
    account="111111111111",
    region="eu-central-1",
    kind="ec2:instance",
    resource_id="i-1",
    resource_arn="",
    name="",
    issue="",
    verdict=Verdict.FLAGGED,
    severity="medium",
    message="CPU stayed below 5 %.",
    monthly_saving=Decimal(10),
    saving_basis=Basis.MEASURED,
    currency="USD",
    monthly_cost=None,
    action_type="Delete",
    implementation_effort="Low",
    restart_needed=False,
    rollback_possible=True,
    source="FinOps",
)


def finding(number: int, **given: Any) -> Finding:
    """A flagged finding of its own fingerprint and resource; other verdicts carry no saving."""
    if given.get("verdict", Verdict.FLAGGED) is not Verdict.FLAGGED:
        given = {"monthly_saving": Decimal(0), "saving_basis": Basis.NONE, **given}
    return replace(FINDING, **{"fingerprint": f"{number:032x}", "resource_id": f"i-{number}", **given})


def kept(
    store: Store,
    *findings: Finding,
    checks: Collection[str] = (IDLE,),
    day: date = TODAY,
    tenant: str = "default",
    workspace: str = "main",
) -> Run:
    """Stores findings as those of one run."""
    run = store.findings.begin(tenant)
    at = datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)
    own = {"tenant": tenant, "workspace": workspace, "run_date": day, "observed": at, "run_id": run.run_id}
    rows = [replace(each, **own) for each in findings]
    return store.findings.replace(tenant, rows, run, workspace=workspace, run_date=day, checks=checks)
