"""The contract of findings: what a draft may be, what it becomes, and that this never changes unnoticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.findings import ActionType, Basis, Category, Effort, Observation, Severity, Verdict
from finops.store.finding_rows import FINDING_COLUMNS, OBSERVED_COLUMNS, finding_table, findings_of, observed_rows
from finops.waste.contract import (
    FIELDS,
    GIVEN,
    FindingSalt,
    RunFacts,
    accepted,
    canonical,
    evidence_of,
    finding_of,
    fingerprint_of,
    wire_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

GOLDEN = json.loads((Path(__file__).parents[1] / "data/findings/golden.json").read_text("utf-8"))
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
RUN = RunFacts("default", "main", "01a1f84a-95c0-7000-8000-03ae46d38e48", NOW)
DRAFT: dict[str, Any] = GOLDEN["cases"][0]["draft"]


def selected(columns: str, table: pa.Table) -> pa.Table:
    """What a query over stored rows gives back."""
    return duckdb.from_arrow(table).query("stored", f"SELECT {columns} FROM stored").to_arrow_table()


def draft(**given: Any) -> dict[str, Any]:
    return {**DRAFT, **given}


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_golden_records_stay_what_they_are(case: dict[str, Any]) -> None:
    """A change here orphans every state, comment and snooze that people gave to stored findings."""
    assert wire_of(finding_of(case["draft"], RUN)) == case["record"]


def test_a_fingerprint_can_be_made_by_hand() -> None:
    case = GOLDEN["cases"][0]["record"]
    words = [case[name] for name in ("check_id", "tenant", "account", "region", "kind", "resource_arn", "issue")]
    assert hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32] == case["fingerprint"]
    salted = f"{case['fingerprint']}\nday\n2026-11-20"
    assert hashlib.sha256(salted.encode()).hexdigest()[:32] == case["finding_id"]


def test_ids_are_of_the_day_or_of_the_run() -> None:
    later = replace(RUN, run_id="another", observed=NOW + timedelta(hours=3))
    tomorrow = replace(RUN, observed=NOW + timedelta(days=1))

    def ids(*runs: RunFacts) -> set[str]:
        return {finding_of(DRAFT, run).finding_id for run in runs}

    def salted(run: RunFacts) -> RunFacts:
        return replace(run, salt=FindingSalt.RUN)

    assert len(ids(RUN, later)) == 1
    assert len(ids(RUN, tomorrow)) == 2
    assert len(ids(salted(RUN), salted(later), RUN)) == 3
    assert {finding_of(DRAFT, run).fingerprint for run in (RUN, later, tomorrow)} == {
        GOLDEN["cases"][0]["record"]["fingerprint"]
    }


@pytest.mark.parametrize(
    "given",
    [
        {"check_id": "aws.ec2.other"}, {"account": "222222222222"}, {"region": "us-east-1"}, {"kind": "ec2:other"},
        {"resource_arn": "arn:other"}, {"resource_arn": "", "resource_id": "i-2"}, {"issue": "other"},
    ],
)  # fmt: skip
def test_another_scope_is_another_issue(given: dict[str, str]) -> None:
    assert finding_of(draft(**given), RUN).fingerprint != finding_of(DRAFT, RUN).fingerprint


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"check_id": "Idle"}, "check_id"),
        ({"check_id": ""}, "check_id"),
        ({"title": "  "}, "title"),
        ({"category": "idleness"}, "category"),
        ({"account": "12345678901"}, "account"),
        ({"account": "\N{ARABIC-INDIC DIGIT ONE}" * 12}, "account"),
        ({"account": 123456789012}, "account"),
        ({"region": ""}, "region"),
        ({"resource_id": " "}, "resource_id"),
        ({"verdict": "bad"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"severity": "urgent"}, "severity"),
        ({"monthly_saving": "0"}, "monthly_saving"),
        ({"monthly_saving": "0.0000001"}, "monthly_saving"),
        ({"monthly_saving": "-1"}, "monthly_saving"),
        ({"monthly_saving": 12.5}, "monthly_saving"),
        ({"monthly_saving": "NaN"}, "monthly_saving"),
        ({"monthly_saving": "1e12"}, "monthly_saving"),
        ({"monthly_saving": "1e999999999"}, "monthly_saving"),
        ({"check_id": f"aws.{'x' * 125}"}, "check_id"),
        ({"region": "x" * 65}, "region"),
        ({"kind": "x" * 129}, "kind"),
        ({"monthly_saving": True}, "monthly_saving"),
        ({"saving_basis": "none"}, "saving_basis"),
        ({"saving_basis": ""}, "saving_basis"),
        ({"verdict": "ok"}, "monthly_saving"),
        ({"verdict": "not_applicable", "monthly_saving": "0"}, "monthly_saving"),
        ({"verdict": "undetermined"}, "monthly_saving"),
        ({"monthly_cost": "-0.01"}, "monthly_cost"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "US"}, "currency"),
        ({"issue": "with blank"}, "issue"),
        ({"action_type": "Explode"}, "action_type"),
        ({"restart_needed": "maybe"}, "restart_needed"),
        ({"restart_needed": ""}, "restart_needed"),
        ({"observed": "2026-11-20T09:30:00"}, "observed"),
        ({"observed": "yesterday"}, "observed"),
        ({"observed": "2026-11-21T00:30:00Z"}, "observed"),
        ({"observed": "0001-01-01T00:00:00+14:00"}, "observed"),
        ({"run_date": "2026-11-21"}, "run_date"),
        ({"run_date": "20.11.2026"}, "run_date"),
        ({"run_date": NOW}, "run_date"),
        ({"created": datetime(2026, 1, 1)}, "created"),  # noqa: DTZ001 - that is the fault
        ({"tags": ["Owner"]}, "tags"),
        ({"tags": {"Owner": None}}, "tags"),
        ({"evidence": [1]}, "evidence"),
        ({"evidence": {"a": float("nan")}}, "evidence"),
        ({"evidence": {"a": {1: 2}}}, "evidence"),
        ({"evidence": {"a": {NOW}}}, "evidence"),
        ({"titel": "Idle"}, "titel"),
    ],
)  # fmt: skip
def test_a_draft_that_breaks_a_rule_is_refused_by_field(given: dict[str, Any], field: str) -> None:
    found = accepted([draft(**given)], RUN)
    assert not found.findings
    (refused,) = found.rejected
    assert (refused.index, refused.field) == (0, field)
    assert refused.reason
    json.dumps([refused.check_id, refused.resource, refused.reason])


def test_one_bad_draft_of_a_hundred_is_refused_by_name_and_the_others_are_kept() -> None:
    drafts = [
        draft(resource_arn=f"arn:{number}", account="no" if number == 41 else "111111111111") for number in range(100)
    ]
    drafts.append(draft(resource_arn="arn:7", name="again", message="the same issue once more"))
    found = accepted(drafts, RUN)
    assert len(found.findings) == 99
    assert [(each.index, each.check_id, each.resource, each.field) for each in found.rejected] == [
        (41, DRAFT["check_id"], "arn:41", "account"), (100, DRAFT["check_id"], "arn:7", "issue"),
    ]  # fmt: skip
    assert next(each for each in found.findings if each.resource_arn == "arn:7").name == DRAFT["name"]


def test_what_is_no_object_is_refused_too() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    found = accepted([None, "text", DRAFT, draft(evidence=deep, issue="deep")], RUN)
    assert [(each.index, each.field) for each in found.rejected] == [(0, ""), (1, ""), (3, "evidence")]
    assert len(found.findings) == 1


def test_an_account_needs_no_resource() -> None:
    guard = draft(
        kind="account", resource_id="", resource_arn="", monthly_saving="", saving_basis="none", region="global"
    )
    assert finding_of(guard, RUN).resource_id == ""


def test_a_flag_without_dollars_is_allowed_when_it_says_so() -> None:
    assert finding_of(draft(saving_basis="none", monthly_saving=None), RUN).monthly_saving == 0


def test_times_are_kept_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    found = finding_of(draft(observed="2026-11-20T09:30:00+05:30", created=datetime(2026, 1, 1, tzinfo=east)), RUN)
    assert found.observed == datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert wire_of(found)["created"] == "2025-12-31T18:30:00Z"


def test_every_field_is_told_once_and_is_a_field_of_a_finding() -> None:
    names = [field.name for field in FIELDS]
    assert len(set(names)) == len(names)
    assert {*names, *GIVEN} == set(wire_of(finding_of(DRAFT, RUN)))


# Properties

TEXTS = st.text(max_size=20)
MONEY = st.decimals(0, Decimal("1e11"), places=6) | st.decimals(0, 1000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ZONES = st.timezones() | st.just(UTC)


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    """Drafts that keep the contract, in every way a value may be written."""
    verdict = draw(st.sampled_from(Verdict))
    saving = draw(MONEY.filter(lambda amount: round(amount, 6) > 0))
    flagged = verdict is Verdict.FLAGGED and draw(st.booleans())
    moment = draw(st.datetimes(datetime(1990, 1, 2), datetime(2030, 1, 1), timezones=ZONES))  # noqa: DTZ001 - it gets one
    return {
        "check_id": draw(st.sampled_from(["aws.ec2.idle_instance", "acme.thing"])),
        "title": draw(TEXTS) + "t",
        "category": draw(st.sampled_from([*Category, *(each.upper() for each in Category)])),
        "account": draw(st.from_regex(r"[0-9]{12}", fullmatch=True)),
        "region": draw(st.sampled_from(["global", " eu-central-1 "])),
        "kind": "ec2:instance",
        "resource_id": draw(TEXTS) + "x",
        "resource_arn": draw(TEXTS),
        "name": draw(TEXTS | st.none()),
        "issue": draw(st.sampled_from(["", "gp3", None, "a:b/c"])),
        "verdict": draw(st.sampled_from([verdict, verdict.upper()])),
        "severity": draw(st.sampled_from(Severity)),
        "message": draw(TEXTS) + "m",
        "monthly_saving": draw(st.sampled_from([saving, format(saving, "f")]))
        if flagged
        else draw(st.sampled_from(["", 0])),
        "saving_basis": draw(st.sampled_from([each for each in Basis if each is not Basis.NONE])) if flagged else "",
        "currency": draw(st.sampled_from(["", "EUR"])),
        "monthly_cost": draw(st.none() | MONEY | st.just("")),
        "action_type": draw(st.sampled_from(ActionType)),
        "implementation_effort": draw(st.sampled_from(Effort)),
        "restart_needed": draw(st.sampled_from([True, False, "true", "False"])),
        "rollback_possible": draw(st.booleans()),
        "source": draw(TEXTS),
        "created": draw(st.sampled_from([moment, moment.isoformat(), "", None])),
        "tags": draw(st.none() | st.dictionaries(TEXTS, TEXTS, max_size=3)),
        "evidence": draw(st.none() | st.dictionaries(TEXTS, JSON, max_size=3)),
    }


@given(drafts())
def test_the_canonical_form_is_its_own_canonical_form(given: dict[str, Any]) -> None:
    form = canonical(given)
    assert canonical(form) == form
    assert list(form) == [field.name for field in FIELDS]


@given(drafts())
def test_a_finding_survives_the_wire_json_and_parquet(given: dict[str, Any]) -> None:
    (found,) = accepted([given], RUN).findings
    wired = json.loads(json.dumps(wire_of(found)))
    assert accepted([wired], RUN).findings == (found,)
    table = finding_table([found])
    assert list(findings_of(selected(FINDING_COLUMNS, table))) == [found]


@given(drafts(), drafts())
def test_a_fingerprint_hangs_on_scope_and_issue_alone(one: dict[str, Any], other: dict[str, Any]) -> None:
    scope = ("check_id", "account", "region", "kind", "resource_id", "resource_arn", "issue")
    moved = other | {name: one[name] for name in scope}
    elsewhere = RunFacts("default", "other", "another", NOW + timedelta(days=400))
    assert finding_of(moved, elsewhere).fingerprint == finding_of(one, RUN).fingerprint
    assert fingerprint_of(canonical(one), "rival") != fingerprint_of(canonical(one), "default")
    same = [canonical(one)[name] for name in scope] == [canonical(other)[name] for name in scope]
    if not same and canonical(one)["resource_arn"] != canonical(other)["resource_arn"]:
        assert finding_of(other, RUN).fingerprint != finding_of(one, RUN).fingerprint


def test_an_observation_is_read_back_from_its_finding() -> None:
    seen = Observation(
        "aws.ec2.idle_instance", "111111111111", "eu-central-1", "ec2:instance", "i-1", arn="arn:1", name="web",
        issue="cpu", created=NOW, tags={"a": "b"}, facts={"state": "running", "many": ["x"], "none": None, "x": 0.1},
        series={"cpu": (1.5, None, 2.0)}, window_start=date(2026, 11, 6), window_end=date(2026, 11, 20),
        amounts={"bill": Decimal("12.3400000001"), "committed": Decimal(0)}, currency="EUR",
    )  # fmt: skip
    bare = Observation("aws.ec2.idle_instance", "111111111111", "eu-central-1", "ec2:instance", "i-2")
    for each in (seen, bare):
        given = draft(
            evidence=evidence_of(each), resource_id=each.resource_id, resource_arn=each.arn, name=each.name,
            issue=each.issue, created=each.created, tags=each.tags, currency=each.currency,
        )  # fmt: skip
        table = finding_table([finding_of(given, RUN)])
        (row,) = observed_rows(selected(OBSERVED_COLUMNS, table))
        assert row[-1] == each
        assert table.num_rows == 1
