"""Runs from an inventory to stored findings, over days: what opens, what closes, and what nobody may touch."""

from __future__ import annotations

import gc
import weakref
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from config import load_settings
from finops.facade import open_finops
from finops.model.errors import InputError
from finops.model.findings import Act, Deed, FindingStatus, Verdict
from finops.model.outcome import Failure
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion, Waste, WasteOptions
from tests.waste.kit import OWN, REGION, Metrics, asset, desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops
    from finops.model.assets import Asset
    from finops.model.metering import Caller
    from finops.waste.check import Check
    from finops.waste.context import Context

TENANT = "default"
UNATTACHED, IDLE = "aws.ebs.unattached_volume", "aws.ec2.idle_instance"
PLACE = ("ec2:volume", OWN, REGION)
DENIED = Failure("AccessDenied", "no", OWN, REGION, "ec2", "ec2:DescribeVolumes")
DETAILS = {"size_gib": 100, "volume_type": "gp3"}


def volume(name: str, **fields: Any) -> Asset:
    return asset("ec2:volume", name, "available", details=DETAILS, **fields)


@dataclass
class Days:
    """A sight over an inventory that tests change from day to day."""

    at: datetime = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assets: list[Asset] = field(default_factory=list)
    failed: dict[tuple[str, str, str], Failure] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked: list[str] = []
        self.desk = desk([])

    @property
    def calls(self) -> Any:
        return self.desk.context.reads.calls

    def now(self) -> datetime:
        return self.at

    def context(self, tenant: str, at: datetime, caller: Caller) -> Context:  # noqa: ARG002 - the signature of a sight
        self.desk = desk(self.assets, self.answers, failed=self.failed, complete=[PLACE])
        return replace(self.desk.context, tenant=tenant, now=at)

    def later(self, days: int = 1) -> None:
        self.at += timedelta(days=days)


@pytest.fixture
def days() -> Days:
    return Days(assets=[volume("vol-1"), volume("vol-2")])


@pytest.fixture
def house(tmp_path: Path, days: Days) -> Iterator[Finops]:
    with closing(open_finops(load_settings(data_dir=tmp_path), now=days.now)) as finops:
        yield finops


@pytest.fixture
def waste(house: Finops, days: Days) -> Waste:
    return Waste(house.store, house.costs, days, now=days.now, options=WasteOptions(("keep",)))  # type: ignore[arg-type]


def statuses(waste: Waste) -> dict[str, FindingStatus]:
    """How everything stands that was ever flagged, by resource id."""
    found = waste._store.finding_states.states(TENANT)  # noqa: SLF001 - states, whatever is listed
    return {state.resource_id: state.status for state in found.values()}


def listed(waste: Waste, *wanted: FindingStatus) -> list[str]:
    question = FindingQuestion(statuses=wanted) if wanted else FindingQuestion()
    return sorted(item.finding.resource_id for item in waste.findings(TENANT, question).items)


def test_what_is_flagged_opens_and_what_is_gone_resolves(waste: Waste, days: Days) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    assert statuses(waste) == {"vol-1": FindingStatus.OPEN, "vol-2": FindingStatus.OPEN}

    days.later()
    days.assets = [volume("vol-2")]
    outcome = waste.run(TENANT, chosen=(UNATTACHED,))

    assert statuses(waste) == {"vol-1": FindingStatus.RESOLVED, "vol-2": FindingStatus.OPEN}
    assert outcome.counts["resolved"] == 1
    assert listed(waste) == ["vol-2"]


def test_what_comes_back_is_reopened_with_the_same_fingerprint(waste: Waste, days: Days) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    first = {item.finding.resource_id: item.finding.fingerprint for item in waste.findings(TENANT).items}
    days.later()
    days.assets = []
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later()
    days.assets = [volume("vol-1")]
    waste.run(TENANT, chosen=(UNATTACHED,))

    (item,) = waste.findings(TENANT).items
    assert (item.status, item.finding.fingerprint) == (FindingStatus.REOPENED, first["vol-1"])
    assert item.first_seen == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert item.last_seen == days.at


@pytest.mark.parametrize("kept", [[], ["vol-1", "vol-2"]], ids=["forgotten", "remembered"])
def test_a_place_that_could_not_be_listed_resolves_nothing(waste: Waste, days: Days, kept: list[str]) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later()
    days.assets, days.failed = [volume(name) for name in kept], {PLACE: DENIED}

    outcome = waste.run(TENANT, chosen=(UNATTACHED,))

    assert set(statuses(waste).values()) == {FindingStatus.OPEN}
    assert outcome.failures == (DENIED,)


def test_what_is_left_out_by_its_tag_is_not_said_to_be_resolved(waste: Waste, days: Days) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later()
    days.assets = [volume("vol-1", tags={"keep": ""}), volume("vol-2")]

    waste.run(TENANT, chosen=(UNATTACHED,))

    assert statuses(waste)["vol-1"] is FindingStatus.OPEN
    assert listed(waste) == ["vol-2"]


def test_metrics_that_fail_leave_an_idle_instance_open(waste: Waste, days: Days) -> None:
    quiet = {("CPUUtilization", statistic, "i-1"): [1.0] * 30 for statistic in ("Average", "Maximum")}
    days.assets = [asset("ec2:instance", "i-1", "running")]
    days.answers = {"GetMetricData": Metrics(quiet)}
    waste.run(TENANT, chosen=(IDLE,))
    assert listed(waste) == ["i-1"]

    days.later()
    days.answers = {}
    waste.run(TENANT, chosen=(IDLE,))

    assert statuses(waste) == {"i-1": FindingStatus.OPEN}
    assert waste.coverage(TENANT).states[IDLE, OWN, REGION][0] != "ok"


def test_a_rerun_of_the_day_replaces_and_changes_no_byte_apart_from_run_facts(waste: Waste) -> None:
    def told() -> list[Any]:
        wanted = FindingQuestion(FindingFilter(verdicts=()), statuses=(), order=FindingOrder("resource_id", limit=None))
        return [replace(item.finding, run_id="") for item in waste.findings(TENANT, wanted).items]

    waste.run(TENANT, chosen=(UNATTACHED,))
    before = told()
    waste.run(TENANT, chosen=(UNATTACHED,))

    assert told() == before
    assert len(before) == 2


def test_another_workspace_opens_nothing_and_is_not_shown(waste: Waste) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,), workspace="trial")

    assert statuses(waste) == {}
    assert waste.findings(TENANT).total == 0
    assert waste.findings(TENANT, FindingQuestion(workspace="trial")).total == 2


@pytest.mark.parametrize(("chosen", "workspace"), [(("aws.no.such_check",), "main"), ((), "Not a name")])
def test_an_unknown_check_or_workspace_is_refused(waste: Waste, chosen: tuple[str, ...], workspace: str) -> None:
    with pytest.raises(InputError):
        waste.run(TENANT, chosen=chosen, workspace=workspace)


def test_what_people_did_decides_what_is_listed(waste: Waste, days: Days) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    first, second = (item.finding.fingerprint for item in waste.findings(TENANT).items)
    until = days.at + timedelta(days=3)
    waste.act(TENANT, [first], Act(Deed.SNOOZE, "ana", days.at, until=until, reason="later"))
    waste.act(TENANT, [second], Act(Deed.ASSIGN, "ana", days.at, owner="data-team"))

    assert waste.findings(TENANT).total == 1
    assert waste.findings(TENANT, FindingQuestion(statuses=(FindingStatus.SNOOZED,))).total == 1
    assert waste.findings(TENANT, FindingQuestion(owner="data-team")).total == 1
    assert waste.findings(TENANT, FindingQuestion(owner="nobody")).total == 0
    days.later(4)
    assert waste.findings(TENANT).total == 2
    assert next(event.action for event in waste.history(TENANT, second)) == "assign"


def test_other_thresholds_are_tried_without_a_call(waste: Waste, days: Days) -> None:
    days.assets = [volume("vol-new", age_days=10), volume("vol-old", age_days=300)]
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later(7)
    waste.run(TENANT, chosen=(UNATTACHED,))
    asked = len(days.desk.wire.asked)

    tried = waste.back_test(TENANT, UNATTACHED, {"unattached_days": 30})

    assert [(day.now.findings, day.tried.findings) for day in tried.days] == [(2, 1), (2, 1)]
    assert (len(tried.more), len(tried.fewer)) == (0, 1)
    assert tried.today is not None
    assert tried.today.now.saving == 2 * tried.today.tried.saving
    assert len(days.desk.wire.asked) == asked
    assert waste.findings(TENANT).total == 2  # nothing is kept of a trial


@pytest.mark.parametrize("levels", [{"unattached_days": -1}, {"unattached_days": 9999}, {"no_such": 1}])
def test_thresholds_out_of_bounds_are_refused(waste: Waste, levels: dict[str, float]) -> None:
    with pytest.raises(InputError):
        waste.back_test(TENANT, UNATTACHED, levels)


def test_before_the_first_run_there_is_nothing_and_no_run(waste: Waste) -> None:
    found = waste.findings(TENANT)

    assert (found.items, found.run) == ((), None)
    assert waste.coverage(TENANT).run is None
    assert waste.back_test(TENANT, UNATTACHED, {}).today is None


def test_all_verdicts_are_kept_to_be_judged_again(waste: Waste, days: Days) -> None:
    days.assets = [volume("vol-1"), asset("ec2:volume", "vol-2", "in-use"), asset("ec2:volume", "vol-3", "")]
    waste.run(TENANT, chosen=(UNATTACHED,))

    wanted = FindingQuestion(FindingFilter(verdicts=()), statuses=())
    found = {item.finding.resource_id: item.finding.verdict for item in waste.findings(TENANT, wanted).items}

    assert found == {"vol-1": Verdict.FLAGGED, "vol-2": Verdict.NOT_APPLICABLE, "vol-3": Verdict.UNDETERMINED}


def test_what_is_resolved_and_gone_is_listed_as_it_was(waste: Waste, days: Days) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later()
    days.assets = [volume("vol-2")]
    waste.run(TENANT, chosen=(UNATTACHED,))

    (gone,) = waste.findings(TENANT, FindingQuestion(statuses=(FindingStatus.RESOLVED,))).items

    assert (gone.finding.resource_id, gone.status) == ("vol-1", FindingStatus.RESOLVED)
    assert gone.last_seen == datetime(2026, 11, 20, 9, tzinfo=UTC)
    every = FindingQuestion(statuses=tuple(FindingStatus), order=FindingOrder("resource_id", descending=False))
    assert [item.finding.resource_id for item in waste.findings(TENANT, every).items] == ["vol-1", "vol-2"]


def test_what_one_check_could_not_see_is_still_told_after_a_run_of_another(waste: Waste, days: Days) -> None:
    days.failed = {PLACE: DENIED}
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later()
    waste.run(TENANT, chosen=("aws.ec2.unassociated_address",))

    assert waste.findings(TENANT).failures == (DENIED,)
    assert waste.coverage(TENANT).states[UNATTACHED, OWN, REGION] == ("denied", "ec2:DescribeVolumes")


def test_runs_of_other_workspaces_do_not_hide_the_main_one(waste: Waste) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))
    for _ in range(3):
        waste.run(TENANT, chosen=(UNATTACHED,), workspace="trial")

    run = waste.last_run(TENANT)

    assert run is not None
    assert run.detail["workspace"] == "main"


def test_a_persons_thresholds_judge_the_list_without_a_call(waste: Waste, days: Days) -> None:
    days.assets = [
        volume("vol-new", age_days=10),
        volume("vol-old", age_days=300),
        asset("ec2:volume", "vol-x", "in-use"),
    ]
    waste.run(TENANT, chosen=(UNATTACHED,))
    asked = len(days.desk.wire.asked)

    def strict(check: Check) -> dict[str, float]:
        return {**check.defaults, **({"unattached_days": 30} if check.check_id == UNATTACHED else {})}

    mine = waste.findings(TENANT, FindingQuestion(levels=waste.deviations(strict)))
    wanted = FindingFilter(verdicts=(Verdict.OK,), search="vol-new")
    fine = waste.findings(TENANT, FindingQuestion(wanted, statuses=(), levels=waste.deviations(strict)))

    assert [item.finding.resource_id for item in mine.items] == ["vol-old"]
    assert [item.finding.message for item in fine.items] == ["100 GiB of gp3, unattached for 10 days: not long enough."]
    assert waste.deviations(lambda check: check.defaults) == ()
    assert waste.findings(TENANT).total == 2
    assert len(days.desk.wire.asked) == asked


@pytest.mark.parametrize(
    "only",
    [
        FindingFilter(search="vol-1 GIB"),
        FindingFilter(search="nothing"),
        FindingFilter(accounts=(OWN,), regions=(REGION,), kinds=("ec2:volume",)),
        FindingFilter(checks=("aws.ec2.idle_instance",)),
        FindingFilter(severities=("high",)),
        FindingFilter(categories=("unattached",), verdicts=()),
    ],
)
def test_a_filter_says_the_same_of_what_is_judged_again(waste: Waste, only: FindingFilter) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))

    def almost(check: Check) -> dict[str, float]:
        return {**check.defaults, "min_saving": 0.5}

    question = FindingQuestion(only, order=FindingOrder("resource_id", descending=False))
    told = waste.findings(TENANT, question)
    again = waste.findings(TENANT, replace(question, levels=waste.deviations(almost)))

    assert [item.finding for item in again.items] == [item.finding for item in told.items]


def test_checks_of_accounts_are_in_the_matrix_too(waste: Waste, days: Days) -> None:
    days.answers = {
        "DescribeBudgets": lambda _: {"Budgets": [{"BudgetName": "all"}]},
        "GetAnomalyMonitors": lambda _: {"AnomalyMonitors": []},
    }
    waste.run(TENANT, chosen=("aws.account.no_guardrail",))

    assert {key: state for key, (state, _) in waste.coverage(TENANT).states.items()} == {
        ("aws.account.no_guardrail", OWN, "global"): "ok"
    }


def test_the_estate_of_a_past_day_is_gone_before_the_next_one_opens(waste: Waste, days: Days) -> None:
    opened: list[weakref.ref[Days]] = []

    @contextmanager
    def estate(back: int) -> Iterator[Days]:
        gc.collect()
        assert [each() for each in opened] == [None] * len(opened)
        past = Days(at=days.at - timedelta(days=back), assets=[volume("vol-1")])
        opened.append(weakref.ref(past))
        yield past

    waste.run_through(TENANT, [partial(estate, back) for back in (21, 14, 7)])  # type: ignore[misc]

    assert len(opened) == 3
    assert statuses(waste) == {"vol-1": FindingStatus.OPEN, "vol-2": FindingStatus.OPEN}
