"""Findings as other thresholds see them: stored observations judged again, in memory. Nothing is measured or kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from finops.model.findings import Observation, Verdict
from finops.model.money import parse_amount
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste.judging import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from finops.model.findings import Finding, Levels
    from finops.model.outcome import Failure
    from finops.store import Store
    from finops.waste.check import Check
    from finops.waste.judging import TagRule


def rejudged(
    store: Store,
    tenant: str,
    workspace: str,
    trials: Mapping[str, tuple[Check, Levels]],
    exclude: Sequence[TagRule] = (),
) -> tuple[tuple[Finding, ...], tuple[Failure, ...]]:
    """The latest findings of these checks, whatever their verdict was, as the given thresholds see them."""
    wanted = FindingFilter(verdicts=(), checks=tuple(trials))
    page = store.findings.latest(tenant, workspace, wanted, FindingOrder(limit=None))
    return tuple(_again(each, *trials[each.check_id], exclude) for each in page.findings), page.failures


def flagged_before(
    store: Store,
    tenant: str,
    workspace: str,
    trials: Mapping[str, tuple[Check, Levels]],
    *,
    exclude: Sequence[TagRule],
    moment: datetime,
) -> frozenset[str]:
    """Fingerprints that the given thresholds would have flagged at each check's last run before an instant."""
    days = [each for each in store.findings.days(tenant, workspace) if each.run_date <= moment.date()]
    found: set[str] = set()
    for check_id, trial in trials.items():
        for day in reversed([each for each in days if check_id in each.checks]):
            wanted = FindingFilter(verdicts=(), checks=(check_id,))
            seen = store.findings.of_day(tenant, workspace, day.run_date, wanted).findings
            if any(each.observed > moment for each in seen):
                continue  # a later run of that day took the place of what was known then
            found |= {each.fingerprint for each in seen if _again(each, *trial, exclude).verdict is Verdict.FLAGGED}
            break
    return frozenset(found)


def _again(finding: Finding, check: Check, levels: Levels, exclude: Sequence[TagRule]) -> Finding:
    said = judged(check, observation_of(finding), levels, exclude)
    action = said.action or check.action
    return replace(
        finding,
        verdict=said.verdict,
        message=said.message,
        severity=str(said.severity or check.severity),
        category=str(said.category or check.category),
        monthly_saving=said.saving.amount if said.verdict is Verdict.FLAGGED else said.saving.amount * 0,
        saving_basis=said.saving.basis,
        action_type=str(action.action_type),
        implementation_effort=str(action.implementation_effort),
    )


def fits(finding: Finding, wanted: FindingFilter) -> bool:
    """Whether a finding is among those that a filter asks for, as the store would say."""
    fields = (
        (wanted.verdicts, finding.verdict),
        (wanted.checks, finding.check_id),
        (wanted.categories, finding.category),
        (wanted.severities, finding.severity),
        (wanted.accounts, finding.account),
        (wanted.regions, finding.region),
        (wanted.kinds, finding.kind),
    )
    if any(values and value not in values for values, value in fields):
        return False
    if wanted.fingerprints is not None and finding.fingerprint not in wanted.fingerprints:
        return False
    if finding.fingerprint in wanted.without:
        return False
    if wanted.min_saving is not None and finding.monthly_saving < wanted.min_saving:
        return False
    text = _searched(finding) if wanted.search else ""
    return all(word in text for word in wanted.search.lower().split())


def _searched(finding: Finding) -> str:
    tags = " ".join(f"{key} {value}" for key, value in (finding.tags or {}).items())
    words = (
        *(finding.name, finding.resource_id, finding.resource_arn, finding.title, finding.message, finding.check_id),
        *(finding.account, finding.region, tags),
    )
    return " ".join(words).lower()


def observation_of(finding: Finding) -> Observation:
    """What was observed, read back from the finding's evidence; whatever has another form there is left out."""
    seen = finding.evidence
    start, end = _window(seen.get("window"))
    return Observation(
        check_id=finding.check_id,
        account=finding.account,
        region=finding.region,
        kind=finding.kind,
        resource_id=finding.resource_id,
        arn=finding.resource_arn,
        name=finding.name,
        issue=finding.issue,
        created=finding.created,
        tags=finding.tags,
        facts=_members(seen.get("facts")),
        series={name: tuple(values) for name, values in _members(seen.get("series")).items() if _numbers(values)},
        window_start=start,
        window_end=end,
        amounts=dict(_amounts(_members(seen.get("amounts")))),
        currency=finding.currency,
    )


def _members(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _numbers(values: object) -> bool:
    return isinstance(values, list) and all(each is None or isinstance(each, int | float) for each in values)


def _amounts(texts: Mapping[str, object]) -> Iterator[tuple[str, Decimal]]:
    for name, text in texts.items():
        with suppress(ValueError):
            yield name, parse_amount(str(text))


def _window(value: object) -> tuple[date | None, date | None]:
    try:
        start, end = (None if text is None else date.fromisoformat(text) for text in cast("list[str | None]", value))
    except (TypeError, ValueError):
        return None, None
    return start, end
