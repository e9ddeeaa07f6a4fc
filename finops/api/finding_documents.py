"""Findings, their totals and histories as documents. API, command line and files send the same ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.api.asset_documents import NOT_LISTED
from finops.api.asset_documents import reasons as reasons_of_inventory
from finops.api.envelope import Document, Meta, envelope
from finops.model.assets import AssetFilter
from finops.model.findings import FindingStatus
from finops.model.outcome import Failure
from finops.store.finding_sql import FindingFilter
from finops.waste import WORKSPACE
from finops.waste.checks import check_named
from finops.waste.listing import latest_run
from finops.waste.rejudging import observation_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from finops.facade import Finops
    from finops.model.findings import Finding, FindingEvent, FindingState
    from finops.waste import FindingList
    from finops.waste.listing import Standing
    from finops.waste.totals import Totals

SOURCE = "findings"
NO_RUN, NOT_RUN = "no_run", "not_run"
"""Codes of failures: no run has stored anything of a workspace; some checks of it have not run yet."""
_RUN = "run `findings run`"

FINDING_FIELDS = (
    *("fingerprint", "finding_id", "check_id", "title", "account", "region", "resource_id", "resource_arn", "verdict"),
    *("status", "severity", "category", "monthly_saving", "saving_basis", "currency", "message", "evidence"),
    *("first_seen", "last_seen", "name", "kind", "monthly_cost", "action_type", "implementation_effort"),
    *("restart_needed", "rollback_possible", "source", "owner", "until", "remedy"),
)
"""The fields of every finding, in order."""


def findings_page(
    found: FindingList,
    meta: Meta,
    *,
    next_cursor: str | None = None,
    actual: Mapping[str, Document] | None = None,
) -> Document:
    """`data.items[]` findings, `data.totals` what all that fit come to by currency, `meta.total` how many they are.

    `actual` are real costs by fingerprint, where they were asked for.
    """
    more = {"total": found.total, "next_cursor": next_cursor}
    items = [finding_record(each) for each in found.items]
    if actual is not None:
        items = [{**item, "actual": actual.get(str(item["fingerprint"]), NOT_MATCHED)} for item in items]
    told = replace(meta, currency=single_currency(found.totals), more={**meta.more, **more})
    return envelope({"items": items, **totals_record(found.totals)}, told)


NOT_MATCHED: Document = {
    "cost_7d": None,
    "cost_30d": None,
    "currency": None,
    "attribution": {"source": None, "method": None, "confidence": "none"},
}
"""What is said of the cost of a resource that no stored bill names."""


def actual_costs(finops: Finops, tenant: str, workspace: str, fingerprints: Collection[str]) -> dict[str, Document]:
    """What the resources of findings really cost, as `finops_findings_enriched` has it, by fingerprint."""
    only = FindingFilter(verdicts=(), fingerprints=tuple(fingerprints))
    rows, _ = finops.waste.enriched(tenant, only, workspace=workspace)
    return {
        str(row["fingerprint"]): {
            **{name: row[f"actual.{name}"] for name in ("cost_7d", "cost_30d", "currency")},
            "attribution": {name: row[f"actual.attribution.{name}"] for name in ("source", "method", "confidence")},
        }
        for row in rows
    }


def finding_detail(standing: Standing, history: Iterable[FindingEvent], meta: Meta) -> Document:
    """`data.finding` with what a list leaves out, `data.history[]` newest first."""
    found, state = standing.finding, standing.state
    record = finding_record(standing) | {
        "issue": found.issue,
        "observed": found.observed,
        "run_date": found.run_date,
        "created": found.created,
        "tags": found.tags,
        "reason": state.reason if state else "",
        "notes": state.notes if state else 0,
        "resolved_at": state.resolved_at if state else None,
        "resolved_how": str(state.resolved_how) if state and state.resolved_how else None,
    }
    data = {"finding": record, "history": [_event(event) for event in history]}
    return envelope(data, replace(meta, currency=found.currency))


def acted_document(states: Iterable[FindingState], *, tenant: str, now: datetime) -> Document:
    """`data.items[]`: how the findings stand after a deed."""
    items = [
        {
            "fingerprint": state.fingerprint,
            "status": str(state.effective(now)),
            "until": _until(state, state.effective(now)),
            "reason": state.reason,
            "owner": state.owner,
            "notes": state.notes,
            "updated": state.updated,
            "updated_by": state.updated_by,
        }
        for state in states
    ]
    return envelope({"items": items}, Meta(tenant=tenant, as_of=now, source=SOURCE, more={"total": len(items)}))


def finding_record(standing: Standing) -> Document:
    """The fields of one finding; see `FINDING_FIELDS`."""
    found, state = standing.finding, standing.state
    more = {
        "verdict": str(found.verdict),
        "saving_basis": str(found.saving_basis),
        "status": str(standing.status),
        "first_seen": standing.first_seen,
        "last_seen": standing.last_seen,
        "owner": state.owner if state else "",
        "until": _until(state, standing.status),
        "remedy": remedy_of(found),
    }
    return {name: more[name] if name in more else getattr(found, name) for name in FINDING_FIELDS}


def remedy_of(finding: Finding) -> Document:
    """Where and how a person acts; empty texts where the check is not installed, or a fact it needs was not seen."""
    try:
        told = check_named(finding.check_id).remedy(observation_of(finding))
    except KeyError:
        return {"console": "", "command": ""}
    return {"console": told.console, "command": told.command}


def totals_record(totals: Totals) -> Document:
    """`totals` by currency, and how many findings promise no dollars, which no total contains."""
    by_currency = {
        currency: {
            "gross": total.gross,
            "net": total.net,
            "cash": total.cash,
            "commitment": total.commitment,
            "findings": total.findings,
        }
        for currency, total in totals.by_currency.items()
    }
    return {"totals": by_currency, "without_basis": totals.without_basis}


def single_currency(totals: Totals) -> str | None:
    """The one currency of all sums; None when there are none or several."""
    return next(iter(totals.by_currency)) if len(totals.by_currency) == 1 else None


def finding_meta(
    finops: Finops, tenant: str, workspace: str, *, only: FindingFilter, failures: Iterable[Failure] = ()
) -> Meta:
    """What an answer from findings says about itself. `as_of` is the instant of the latest run.

    Beside the `failures` given it names those of that run, what has not run yet and what nobody has listed.
    """
    run = latest_run(finops.store, tenant, workspace)
    those = (*(run.failures if run else ()), *failures)
    told = tuple(dict.fromkeys((*_lacking(finops, tenant, workspace, only), *_concerned(those, only))))
    more = {"workspace": workspace, "run_id": run.run_id if run else None}
    as_of = run.started if run else None
    return Meta(tenant=tenant, as_of=as_of, source=SOURCE, partial=bool(told), failures=told, more=more)


def covered_checks(finops: Finops, tenant: str, workspace: str) -> dict[str, date]:
    """The checks that have run to their end, each with the latest day it did."""
    return {check: day.run_date for day in finops.store.findings.days(tenant, workspace) for check in day.checks}


def _lacking(finops: Finops, tenant: str, workspace: str, only: FindingFilter) -> tuple[Failure, ...]:
    """Why findings may lack: nothing ran, a check has not run yet, or nobody has listed what it would look at."""
    covered = covered_checks(finops, tenant, workspace)
    if not covered:
        named = "" if workspace == WORKSPACE else f" in workspace {workspace}"
        return (Failure(NO_RUN, f"No check of tenant {tenant} has run{named} yet; {_RUN}."),)
    wanted = only.checks or _checks(finops, only)
    missing = ", ".join(check for check in wanted if check not in covered)
    told = (Failure(NOT_RUN, f"Not run to their end yet: {missing[:2_000]}; {_RUN}."),) if missing else ()
    asked = AssetFilter(accounts=only.accounts)
    unlisted = reasons_of_inventory(finops.inventory.standing(tenant, asked), asked)
    return (*told, *(failure for failure in unlisted if failure.code == NOT_LISTED))


def _checks(finops: Finops, only: FindingFilter) -> tuple[str, ...]:
    """The checks that could have found what a filter asks for."""
    return tuple(
        check.check_id
        for check in finops.waste.checks
        if (not only.categories or check.category in only.categories)
        and (not only.kinds or not check.kinds or set(check.kinds) & set(only.kinds))
    )


def _concerned(failures: Iterable[Failure], only: FindingFilter) -> tuple[Failure, ...]:
    """Those of the accounts and regions asked for."""
    return tuple(
        failure
        for failure in failures
        if (not only.accounts or failure.account in {"", *only.accounts})
        and (not only.regions or failure.region in {"", *only.regions})
    )


def _until(state: FindingState | None, status: FindingStatus) -> datetime | None:
    return state.until if state and status is FindingStatus.SNOOZED else None


def _event(event: FindingEvent) -> Document:
    return {
        "at": event.at,
        "by": event.by,
        "action": event.action,
        "before": event.before,
        "after": event.after,
        "text": event.text,
    }
