"""The contract of findings: what a checker hands over (a draft, as on the wire) and what it becomes.

    drafts = [{"check_id": "aws.ebs.unattached_volume", "account": "111111111111", …}]
    accepted(drafts, RunFacts("default", "main", run.run_id, observed))  # -> findings, and drafts refused with a reason

A draft is a plain JSON-friendly dict with the names of `FIELDS`: optional ones may be absent, empty or None; money is a
decimal text, times are ISO 8601 with a zone, booleans may be "true" or "false". Its canonical form has Python's types.
`evidence` is what `evidence_of` makes of an observation: from it the observation is read back and judged again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from finops.model.errors import InputError
from finops.model.findings import ActionType, Basis, Category, Effort, Finding, Severity, Verdict
from finops.model.money import plain
from finops.model.period import utc
from finops.waste import wire
from finops.waste.wire import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.model.findings import Observation


class FindingSalt(StrEnum):
    """What tells apart the ids of one issue: its day (a re-run of the day gives the same id) or its run."""

    DAY = "day"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a draft. `choices` are the values of an enumeration."""

    name: str
    kind: Kind
    required: bool = False
    choices: type[StrEnum] | None = None


FIELDS: tuple[Field, ...] = (
    Field("check_id", Kind.TEXT, required=True),
    Field("title", Kind.TEXT, required=True),
    Field("category", Kind.CHOICE, required=True, choices=Category),
    Field("account", Kind.TEXT, required=True),
    Field("region", Kind.TEXT, required=True),
    Field("kind", Kind.TEXT, required=True),
    Field("resource_id", Kind.TEXT),  # required unless the kind is "account"
    Field("resource_arn", Kind.TEXT),
    Field("name", Kind.TEXT),
    Field("issue", Kind.TEXT),
    Field("verdict", Kind.CHOICE, required=True, choices=Verdict),
    Field("severity", Kind.CHOICE, required=True, choices=Severity),
    Field("message", Kind.TEXT, required=True),
    Field("monthly_saving", Kind.MONEY),  # absent: 0
    Field("saving_basis", Kind.CHOICE, choices=Basis),  # absent: none
    Field("currency", Kind.TEXT),  # absent: USD
    Field("monthly_cost", Kind.MONEY),  # absent: unknown
    Field("action_type", Kind.CHOICE, required=True, choices=ActionType),
    Field("implementation_effort", Kind.CHOICE, required=True, choices=Effort),
    Field("restart_needed", Kind.FLAG, required=True),
    Field("rollback_possible", Kind.FLAG, required=True),
    Field("source", Kind.TEXT),  # absent: FinOps
    Field("observed", Kind.TIME),  # absent: the run's
    Field("run_date", Kind.DAY),  # absent: the day of `observed`
    Field("created", Kind.TIME),
    Field("tags", Kind.TAGS),  # absent: unknown; {}: untagged
    Field("evidence", Kind.JSON),
)
"""Everything a draft may carry, in order."""

_BY_NAME = {field.name: field for field in FIELDS}
GIVEN = frozenset({"fingerprint", "finding_id", "tenant", "workspace", "run_id"})
"""What the contract gives; a draft that carries one of these (a finding on its way back) is not believed."""

_ACCOUNT_KIND = "account"
_CHECK_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ISSUE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._:/@-]{0,199})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DIGITS = 32
_LONGEST = {"check_id": 128, "region": 64, "kind": 128}
"""As many characters as the tables of states have room for."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What all findings of a run share. `observed` is the instant of the run, aware."""

    tenant: str
    workspace: str
    run_id: str
    observed: datetime
    salt: FindingSalt = FindingSalt.DAY

    @property
    def run_date(self) -> date:
        """The day in UTC."""
        return utc(self.observed).date()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A draft that is not kept: where it stood, what it was about, which field is at fault and why."""

    index: int
    check_id: str
    resource: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Findings in the order of their drafts, and the drafts refused."""

    findings: tuple[Finding, ...]
    rejected: tuple[Rejected, ...]


def accepted(drafts: Iterable[object], run: RunFacts) -> Accepted:
    """The findings of a run. A draft that breaks a rule is refused by name; the others are kept."""
    findings: list[Finding] = []
    rejected: list[Rejected] = []
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        if not isinstance(draft, Mapping):
            rejected.append(Rejected(index, "", "", "", "a draft is an object"))
            continue
        try:
            found = finding_of(draft, run)
            if found.fingerprint in seen:
                raise InputError("issue", "another draft of this run has the same check, resource and issue")  # noqa: TRY301 - one way out
        except InputError as error:
            rejected.append(_rejected(index, draft, error))
        else:
            seen.add(found.fingerprint)
            findings.append(found)
    return Accepted(tuple(findings), tuple(rejected))


def finding_of(draft: Mapping[str, Any], run: RunFacts) -> Finding:
    """The finding that one draft becomes. InputError naming the field at fault."""
    form = canonical(draft)
    observed = form.pop("observed") or utc(run.observed)
    told = form.pop("run_date")
    if observed.date() != run.run_date or told not in {None, run.run_date}:
        raise InputError("run_date" if told else "observed", f"must be of the run's day, {run.run_date}")
    _require_coherence(form)
    fingerprint = fingerprint_of(form, run.tenant)
    return Finding(
        fingerprint=fingerprint,
        finding_id=finding_id_of(fingerprint, run),
        tenant=run.tenant,
        workspace=run.workspace,
        run_id=run.run_id,
        run_date=run.run_date,
        observed=observed,
        **form,
    )


def canonical(draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with every field of `FIELDS`, in Python's types. The canonical form of a canonical form is itself."""
    unknown = sorted(str(name) for name in draft if name not in _BY_NAME and name not in GIVEN)
    if unknown:
        raise InputError(unknown[0], "no such field")
    form = {field.name: _value(field, draft.get(field.name)) for field in FIELDS}
    return form | {
        "monthly_saving": form["monthly_saving"] if form["monthly_saving"] is not None else Decimal("0.000000"),
        "saving_basis": form["saving_basis"] or Basis.NONE,
        "currency": form["currency"] or "USD",
        "source": form["source"] or "FinOps",
        "evidence": form["evidence"] or {},
    }


def _value(field: Field, value: object) -> Any:
    try:
        found = wire.choice_of(value, field.choices) if field.choices else wire.READERS[field.kind](value)
    except ValueError as error:
        raise InputError(field.name, str(error)) from None
    if field.required and (found is None or found == ""):
        raise InputError(field.name, "is required")
    return found


def _require_coherence(form: Mapping[str, Any]) -> None:
    for name, pattern, rule in (
        ("check_id", _CHECK_ID, "must read like aws.ec2.idle_instance"),
        ("account", _ACCOUNT, "must be 12 digits"),
        ("issue", _ISSUE, "must be letters, digits and ._:/@- (at most 200)"),
        ("currency", _CURRENCY, "must be three capital letters"),
    ):
        if not pattern.fullmatch(form[name]):
            raise InputError(name, rule)
    for name, length in _LONGEST.items():
        if len(form[name]) > length:
            raise InputError(name, f"must have at most {length} characters")
    if not form["resource_id"] and form["kind"] != _ACCOUNT_KIND:
        raise InputError("resource_id", "is required unless the kind is account")
    if form["monthly_cost"] is not None and form["monthly_cost"] < 0:
        raise InputError("monthly_cost", "must not be negative")
    _require_saving(form["verdict"], form["saving_basis"], form["monthly_saving"])


def _require_saving(verdict: Verdict, basis: Basis, saving: Decimal) -> None:
    if saving < 0:
        raise InputError("monthly_saving", "must not be negative")
    if verdict is not Verdict.FLAGGED and (saving or basis is not Basis.NONE):
        raise InputError("monthly_saving", f"a verdict of {verdict} carries no saving")
    if basis is Basis.NONE and saving:
        raise InputError("saving_basis", "a saving needs a basis")
    if basis is not Basis.NONE and not saving:
        raise InputError("monthly_saving", f"a {basis} saving must be more than 0")


def fingerprint_of(form: Mapping[str, Any], tenant: str) -> str:
    """Is this the same issue as before? The same for the same check, scope and issue, whatever else differs.

    The scope is tenant, account, region, kind, and the resource's ARN, else its id.
    """
    resource = form["resource_arn"] or form["resource_id"]
    names = [form["check_id"], tenant, form["account"], form["region"], form["kind"], resource, form["issue"]]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:_DIGITS]


def finding_id_of(fingerprint: str, run: RunFacts) -> str:
    """The id of an issue's appearance on one day, or in one run."""
    salt = run.run_id if run.salt is FindingSalt.RUN else run.run_date.isoformat()
    return hashlib.sha256(f"{fingerprint}\n{run.salt}\n{salt}".encode()).hexdigest()[:_DIGITS]


def evidence_of(observation: Observation) -> dict[str, Any]:
    """What an observation saw, as it is stored: `facts`, `series`, `amounts` (decimal texts) and `window`."""
    window = (observation.window_start, observation.window_end)
    return {
        "facts": dict(observation.facts),
        "series": {name: list(values) for name, values in observation.series.items()},
        "amounts": {name: format(amount, "f") for name, amount in observation.amounts.items()},
        "window": [None if day is None else day.isoformat() for day in window],
    }


def wire_of(finding: Finding) -> dict[str, Any]:
    """The finding for API, JSON files and tests: decimal texts, ISO times in UTC, everything else as it is."""
    return {name: _on_the_wire(value) for name, value in asdict(finding).items()}


def _on_the_wire(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def _rejected(index: int, draft: Mapping[str, Any], error: InputError) -> Rejected:
    def shown(name: str) -> str:
        return wire.clean(str(draft.get(name) or ""))[:200]

    return Rejected(index, shown("check_id"), shown("resource_arn") or shown("resource_id"), error.field, error.message)
