"""`/api/checks`, `/api/idle-instances`, `/api/findings/back-test`: what is judged, and what other thresholds would say.

Nothing here calls AWS: other thresholds judge what runs have stored.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import Asked, Endpoint, Parameter, page_limit
from finops.api.envelope import Document, Meta, envelope
from finops.api.finding_documents import finding_meta
from finops.api.finding_parameters import ACCOUNT, REGION, WORKSPACE_OF, levels_of, listed, workspace_of
from finops.api.parameters import DEFAULT_LIMIT, MAX_LIMIT, Pairs, limit, one, refuse_unknown
from finops.api.replies import document_reply
from finops.model.errors import InputError
from finops.model.people import Right
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from finops.waste.backtest import checked
from finops.waste.checks import check_named
from finops.waste.judging import TagRule, judged, recent
from finops.waste.rejudging import observation_of
from user_prefs import deviations_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from finops.facade import Finops
    from finops.model.findings import Finding, Levels
    from finops.waste.backtest import BackTest, BackTestDay
    from finops.waste.check import Check

IDLE = "aws.ec2.idle_instance"
MAX_DAYS, DEFAULT_DAYS = 1_095, 90
_OWN_LEVELS = ("cpu_average", "cpu_maximum", "window_days", "network_mb_day")
_WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)


def _level(name: str) -> Parameter:
    found = next(each for each in check_named(IDLE).thresholds if each.name == name)
    schema = {"type": "number", "minimum": found.minimum, "maximum": found.maximum, "default": found.default}
    return Parameter(name, f"Judges again: flagged when {found.text} ({found.unit}).", schema)


CHECK = Parameter("check", "Id of the check, as in `aws.ec2.idle_instance`.", required=True)
DAYS = Parameter(
    "days", "How far back.", {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS}
)
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT)


@dataclass(frozen=True, slots=True)
class IdleRequest:
    """What one request asks of `/api/idle-instances`. `tried` are thresholds other than those in force."""

    filter: FindingFilter
    workspace: str
    tried: Levels
    limit: int = DEFAULT_LIMIT
    cursor: str = ""


def idle_instances(finops: Finops, asked: Asked) -> Response:
    """Every instance that the latest run looked at, whatever its verdict."""
    request = idle_request(asked.pairs)
    mine = dict(deviations_for(finops, asked.person.principal, asked.tenant)).get(IDLE)
    if mine is not None:  # what is asked for comes before what is the person's own
        request = replace(request, tried={**dict(mine), **request.tried})
    return document_reply(idle_document(finops, asked.tenant, request))


def idle_request(pairs: Pairs) -> IdleRequest:
    """Everything `/api/idle-instances` accepts."""
    only = FindingFilter((), checks=(IDLE,), accounts=listed(pairs, "account"), regions=listed(pairs, "region"))
    size = limit(one(pairs, "limit"))
    return IdleRequest(
        only, workspace_of(pairs), levels_of(pairs, _OWN_LEVELS), limit=size, cursor=one(pairs, "cursor") or ""
    )


def idle_document(finops: Finops, tenant: str, request: IdleRequest) -> Document:
    """`data.items[]` by account, region and id; `meta.thresholds` are those they are judged by."""
    check = check_named(IDLE)
    levels = checked(check, {**finops.waste.levels(check), **request.tried})
    sealed = stamp((tenant, replace(request, cursor="", limit=0)), finops.store.ledger.version(tenant))
    start = offset_of(request.cursor, sealed)
    question = FindingQuestion(request.filter, (), order=FindingOrder(limit=None), workspace=request.workspace)
    page = finops.waste.findings(tenant, question)
    found = sorted(
        (each.finding for each in page.items), key=lambda each: (each.account, each.region, each.resource_id)
    )
    rules = tuple(TagRule.of(text) for text in finops.settings.findings_exclude) if request.tried else ()
    following = start + request.limit
    shown = found[start:following]
    if request.tried:
        shown = [_judged_again(each, check, levels, rules) for each in shown]
    meta = finding_meta(finops, tenant, request.workspace, only=request.filter, failures=page.failures)
    more = {
        "total": len(found),
        "next_cursor": cursor(sealed, following) if following < len(found) else None,
        "thresholds": dict(levels),
    }
    items = [_instance(each, levels["window_days"]) for each in shown]
    currencies = {each.currency for each in found}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    return envelope({"items": items}, replace(meta, currency=currency, more={**meta.more, **more}))


def _judged_again(finding: Finding, check: Check, levels: Levels, rules: Sequence[TagRule]) -> Finding:
    said = judged(check, observation_of(finding), levels, rules)
    return replace(
        finding,
        verdict=said.verdict,
        message=said.message,
        monthly_saving=said.saving.amount,
        saving_basis=said.saving.basis,
    )


def _instance(finding: Finding, window_days: float) -> Document:
    seen = observation_of(finding)
    average, maximum = (recent(seen, label, window_days) for label in ("cpu_average", "cpu_maximum"))
    return {
        "account": finding.account,
        "region": finding.region,
        "instance_id": finding.resource_id,
        "name": finding.name,
        "instance_type": str(seen.facts.get("instance_type") or ""),
        "cpu_average": round(average.average, 6) if average.values else None,
        "cpu_maximum": round(maximum.maximum, 6) if maximum.values else None,
        "days": len(average.values),
        "verdict": str(finding.verdict),
        "monthly_saving": finding.monthly_saving,
        "saving_basis": str(finding.saving_basis),
        "currency": finding.currency,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }


def list_checks(finops: Finops, asked: Asked) -> Response:
    """Every check there is."""
    return document_reply(checks_document(finops, asked.tenant))


def checks_document(finops: Finops, tenant: str) -> Document:
    """`data.items[]` checks by id, each with its thresholds and the operations it asks AWS for."""
    items = [_check(each, finops.waste.levels(each)) for each in finops.waste.checks]
    return envelope({"items": items}, Meta(tenant=tenant, as_of=finops.now(), more={"total": len(items)}))


def _check(check: Check, levels: Levels) -> Document:
    return {
        "check_id": check.check_id,
        "title": check.title,
        "explanation": check.explanation.strip(),
        "category": str(check.category),
        "severity": str(check.severity),
        "kinds": list(check.kinds),
        "action_type": str(check.action.action_type),
        "implementation_effort": str(check.action.implementation_effort),
        "restart_needed": check.action.restart_needed,
        "rollback_possible": check.action.rollback_possible,
        "source": check.action.source,
        "source_url": check.source_url,
        "thresholds": [{**asdict(each), "value": levels[each.name]} for each in check.all_thresholds],
        "operations": [
            {"service": each.service, "operation": each.name, "action": each.action} for each in check.operations
        ],
    }


def back_test(finops: Finops, asked: Asked) -> Response:
    """What other thresholds would change."""
    return document_reply(back_test_document(finops, asked.tenant, asked.pairs))


def back_test_document(finops: Finops, tenant: str, pairs: Pairs) -> Document:
    """The stored observations of a check under the thresholds in force and under those tried; partial without any."""
    named = one(pairs, "check")
    known = {each.check_id: each for each in finops.waste.checks}
    if named is None or named not in known:
        raise InputError("check", f"check must be the id of a check: {', '.join(known)}")
    names = tuple(known[named].defaults)
    refuse_unknown(pairs, ("check", "days", "workspace", "tenant", *names))
    workspace, tried = workspace_of(pairs), levels_of(pairs, names)
    found = finops.waste.back_test(tenant, named, tried, days=_days(one(pairs, "days")), workspace=workspace)
    only = FindingFilter(checks=(named,))
    return envelope(_back_test(found), finding_meta(finops, tenant, workspace, only=only, failures=found.failures))


def _days(text: str | None) -> int:
    if text is not None and not (_WHOLE.fullmatch(text) and 1 <= int(text) <= MAX_DAYS):
        raise InputError("days", f"days must be a whole number from 1 to {MAX_DAYS}")
    return DEFAULT_DAYS if text is None else int(text)


def _back_test(found: BackTest) -> Document:
    return {
        "check_id": found.check_id,
        "levels": dict(found.levels),
        "tried": dict(found.tried),
        "today": None if found.today is None else _of_day(found.today),
        "days": [_of_day(each) for each in found.days],
        "more": list(found.more),
        "fewer": list(found.fewer),
    }


def _of_day(each: BackTestDay) -> Document:
    sides = {"now": each.now, "tried": each.tried}
    counted = {name: {"findings": side.findings, "saving": side.saving} for name, side in sides.items()}
    return {"day": each.day, **counted}


ENDPOINTS = (
    Endpoint(
        path="/api/findings/back-test",
        operation="backTest",
        summary="What other thresholds would say of stored observations, today's and past ones",
        right=Right.VIEW_FINDINGS,
        parameters=(CHECK, DAYS, WORKSPACE_OF, TENANT),
        answer=back_test,
        schema="BackTest",
        example="check=aws.ec2.idle_instance&cpu_average=3&days=30",
        free="Any threshold of the check, by its name in `/api/checks`, with the value to try.",
    ),
    Endpoint(
        path="/api/idle-instances",
        operation="idleInstances",
        summary="Every EC2 instance the idle check looked at, whatever its verdict",
        right=Right.VIEW_FINDINGS,
        parameters=(ACCOUNT, REGION, *map(_level, _OWN_LEVELS), WORKSPACE_OF, LIMIT, CURSOR, TENANT),
        answer=idle_instances,
        schema="IdleInstances",
        example="cpu_average=3&cpu_maximum=8",
    ),
    Endpoint(
        path="/api/checks",
        operation="checks",
        summary="Every check with its explanation, thresholds and the operations it asks AWS for",
        right=Right.VIEW_FINDINGS,
        parameters=(TENANT,),
        answer=list_checks,
        schema="Checks",
        example="",
    ),
)
