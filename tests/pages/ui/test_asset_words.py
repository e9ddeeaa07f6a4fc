"""The words and cells of Inventory: what stands in the table, in the panel, in the history, in the warning."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from export import asset_columns
from finops.inventory import Standing
from finops.model.assets import SORTS, Asset, AssetChange, ChangeKind, Lifecycle
from finops.model.jobs import Job, JobStatus, Progress
from finops.model.outcome import Failure
from pages.ui import (
    asset_detail,
    asset_events,
    asset_names,
    asset_panel,
    asset_table,
    inventory_head,
    job_parts,
    job_watch,
)
from pages.ui import inventory_discovery as discovery
from pages.ui.asset_answers import News
from pages.ui.asset_view import Breakdown
from tests.pages.conftest import plain

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACCOUNTS = {"111111111111": "prod-core", "222222222222": "sandbox", "333333333333": "staging"}
LOOK = asset_table.Look(ACCOUNTS, NOW)


def asset(**changes: Any) -> Asset:
    usual: dict[str, Any] = {
        "asset_id": "a" * 32,
        "tenant": "demo",
        "kind": "ec2:instance",
        "service": "ec2",
        "account": "111111111111",
        "region": "us-east-1",
        "resource_id": "i-0a41f2c9",
        "name": "batch-runner-07",
        "arn": "arn:aws:ec2:us-east-1:111111111111:instance/i-0a41f2c9",
        "state": "running",
        "lifecycle": Lifecycle.ACTIVE,
        "created": NOW - timedelta(days=100),
        "first_seen": NOW - timedelta(days=9),
        "last_seen": NOW,
        "tags": {"aws:autoscaling:groupName": "g", "Owner": "data", "Name": "batch-runner-07"},
        "details": {"instance_type": "m7i.large"},
        "cost": Decimal("12.345"),
        "currency": "USD",
    }
    return Asset(**{**usual, **changes})


# The table


def test_a_row_reads_as_people_say_it() -> None:
    row = asset_table.frame([asset()], asset_table.DEFAULT, LOOK).iloc[0]
    assert list(row.index) == ["name", "cost", "kind", "account", "region", "state", "age", "tags"]
    assert row["name"] == "batch-runner-07"
    assert row["kind"] == "EC2 instance"
    assert row["account"] == "prod-core"
    assert row["state"] == ["running"]
    assert plain(row["age"]) == "3 months"
    assert row["cost"] == pytest.approx(12.345)
    assert row["tags"] == ["Name=batch-runner-07", "Owner=data", "aws:autoscaling:groupName=g"]


def test_unknown_is_a_dash_and_never_zero_or_untagged() -> None:
    columns = ("name", "cost", "age", "tags", "tag:Owner", "missing_since")
    row = asset_table.frame([asset(name="", cost=None, created=None, tags=None)], columns, LOOK).iloc[0]
    assert row["name"] == "i-0a41f2c9", "what has no name is called by its id"
    assert row["age"] == "—"
    assert all(row[column] is None for column in ("cost", "tags", "tag:Owner", "missing_since"))
    bare = asset_table.frame([asset(tags={})], columns, LOOK).iloc[0]
    assert bare["tags"] == ["none"]
    assert bare["tag:Owner"] == ""


def test_what_is_missing_or_gone_says_so_beside_its_state() -> None:
    assert asset_table.state_cell(asset(lifecycle=Lifecycle.MISSING)) == ["running", "Missing"]
    assert asset_table.state_cell(asset(lifecycle=Lifecycle.GONE, state="")) == ["Gone"]


def test_currencies_are_never_mixed_in_one_column_of_figures() -> None:
    mixed = [asset(), asset(currency="EUR"), asset(cost=None, currency="")]
    assert list(asset_table.frame(mixed, ("cost",), LOOK)["cost"]) == ["$12.35", "€12.35", "—"]


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "just now"), (0.3, "7 hours"), (12, "12 days"), (61, "2 months"), (400, "13 months"), (1500, "4 years")],
)
def test_ages(days: float, words: str) -> None:
    assert plain(asset_table.age(NOW - timedelta(days=days), NOW)) == words


def test_columns_of_a_person_are_those_that_exist_and_the_name_is_always_there() -> None:
    assert asset_table.known(("cost", "bogus", "tag:Owner", "tag:Nope", "cost"), ("Owner",)) == (
        "name",
        "cost",
        "tag:Owner",
    )
    assert asset_table.known((), ()) == asset_table.DEFAULT
    assert asset_table.known(("bogus",), ()) == asset_table.DEFAULT


def test_a_file_has_the_id_and_the_fields_behind_the_columns() -> None:
    assert asset_table.file_columns(("name", "age", "cost", "account", "tag:Owner")) == (
        *("asset_id", "name", "created", "cost", "currency", "account", "account_name", "tag:Owner"),
    )


def test_every_column_can_be_exported() -> None:
    assert set(asset_table.file_columns(tuple(asset_table.TITLES))) <= set(asset_columns())


def test_the_list_can_be_sorted_by_a_click_on_whatever_sql_can_sort() -> None:
    assert set(asset_table.SORTED_BY.values()) == set(SORTS)


# What happened


@pytest.mark.parametrize(
    ("field", "before", "after", "words"),
    [
        ("state", "running", "stopped", "running → stopped"),
        ("name", "a", "", "a → —"),
        ("tags", {"Owner": "data-team"}, {"Owner": "ml-team"}, "Owner data-team → ml-team"),
        ("tags", {"Owner": "x"}, {"Tier": "gold"}, "Owner x removed, Tier gold added"),
        ("tags", None, {"A": "1"}, "A 1 added"),
        ("details", {"size_gib": 8, "encrypted": True}, {"size_gib": 80}, "Encrypted yes removed, Size, GiB 8 → 80"),
        ("details", {"zones": ["a"]}, {"zones": ["a", "b"]}, "Zones a → a, b"),
        (
            "tags",
            {},
            dict.fromkeys("abcdef", "1"),
            "a 1 added, b 1 added, c 1 added, d 1 added and 2 more",
        ),
    ],
)
def test_a_change_is_told_as_before_and_after(field: str, before: object, after: object, words: str) -> None:
    change = AssetChange("a", NOW, ChangeKind.CHANGED, field, before, after)
    assert asset_events.step(change) == words
    assert asset_events.what(change) == f"{field.capitalize()} changed"


def test_events_without_values_have_a_name_alone() -> None:
    for kind in (ChangeKind.APPEARED, ChangeKind.MISSING, ChangeKind.GONE, ChangeKind.BACK):
        assert asset_events.step(AssetChange("a", NOW, kind)) == ""
        assert asset_events.what(AssetChange("a", NOW, kind)).lower() == kind.value


def test_assets_are_counted_once_for_each_kind_of_change() -> None:
    sets = {(ChangeKind.CHANGED,): 10, (ChangeKind.MISSING, ChangeKind.CHANGED): 5, (ChangeKind.BACK,): 4}
    news = News((), {frozenset(kinds): count for kinds, count in sets.items()})
    assert news.kinds == (ChangeKind.CHANGED, ChangeKind.MISSING, ChangeKind.BACK)
    assert news.count((ChangeKind.CHANGED, ChangeKind.MISSING)) == 15
    assert news.count((ChangeKind.MISSING, ChangeKind.BACK)) == 9
    assert news.count((ChangeKind.GONE,)) == 0


# The panel


def test_bars_add_up_to_all_assets_and_name_the_rest() -> None:
    counts = {f"svc{number:02d}": number for number in range(1, 31)}
    bars = asset_panel.count_bars(counts, Breakdown.SERVICE, {})
    assert len(bars) == asset_panel.MOST_BARS + 1
    assert bars[0].name == "svc30"
    assert bars[-1].name == "16 more"
    assert sum(bar.amount for bar in bars) == sum(counts.values())
    assert asset_panel.share_words(1, Decimal(1000)) == "<1%"


def test_bars_call_things_by_their_names() -> None:
    assert asset_panel.count_bars({"222222222222": 1}, Breakdown.ACCOUNT, ACCOUNTS)[0].name == "sandbox"
    assert asset_panel.count_bars({"ec2:volume": 1}, Breakdown.KIND, {})[0].name == "EBS volume"
    assert asset_panel.count_bars({"lambda": 1}, Breakdown.SERVICE, {})[0].name == "Lambda"


@pytest.mark.parametrize(
    ("value", "words"), [(True, "yes"), (False, "no"), (1204, "1,204"), (["a", "b"], "a, b"), ([], "—"), ("x", "x")]
)
def test_details_in_words(value: Any, words: str) -> None:
    assert asset_detail.detail_words(value) == words


def test_details_keep_their_units_and_leave_out_what_is_unknown() -> None:
    assert asset_detail.detail_facts({"size_gib": 8, "engine_version": "16.2", "iops": None}) == [
        ("Size, GiB", "8"),
        ("Engine version", "16.2"),
    ]


@pytest.mark.parametrize(
    ("arn", "start"),
    [
        ("arn:aws:s3:::bucket", "https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3As3"),
        ("arn:aws-cn:s3:::bucket", "https://console.amazonaws.cn/go/view?arn=arn%3Aaws-cn"),
        ("arn:aws-us-gov:s3:::b&x=1", "https://console.amazonaws-us-gov.com/go/view?arn="),
    ],
)
def test_the_console_of_each_partition(arn: str, start: str) -> None:
    link = asset_names.console_link(arn)
    assert link is not None
    assert link.startswith(start)
    assert "&" not in link


@pytest.mark.parametrize("arn", ["", "i-123", "arn:evil.example:x:y", "javascript:alert(1)"])
def test_no_console_link_for_what_is_no_arn(arn: str) -> None:
    assert asset_names.console_link(arn) is None


# What could not be read


def denied(account: str, action: str, service: str = "lambda") -> Failure:
    return Failure("AccessDeniedException", f"not authorized: {action}", account, "us-east-1", service, action)


def standing(*failures: Failure, closed: tuple[str, ...] = (), accounts: int = 50) -> Standing:
    ids = tuple(sorted({failure.account for failure in failures}))
    return Standing(NOW, NOW, 1, tuple(map(str, range(accounts))), closed, ids, failures)


def test_partly_read_and_closed_accounts_are_told_apart() -> None:
    one = denied("222222222222", "lambda:ListFunctions")
    shut = denied("111111111111", "sts:AssumeRole", "sts")
    assert inventory_head.partial_words(standing(one, accounts=8)) == "1 of 8 accounts partly read"
    assert (
        inventory_head.partial_words(standing(shut, closed=("111111111111",))) == "1 of 50 accounts could not be read"
    )
    both = inventory_head.partial_words(standing(one, shut, closed=("111111111111",)))
    assert both == "1 of 50 accounts could not be read, 1 partly read"


def test_a_failure_names_account_id_service_region_action_and_what_aws_said() -> None:
    line = plain(inventory_head.failure_words(denied("222222222222", "lambda:ListFunctions"), ("sandbox (2222)",)))
    assert line.startswith("- **sandbox (2222)**, Lambda in us-east-1: grant `lambda:ListFunctions` to the role")
    assert "not authorized: lambda:ListFunctions" in line


def test_a_hostile_failure_stays_text() -> None:
    bad = "`](https://host.invalid) ![x](https://host.invalid/a.png)"
    line = inventory_head.failure_words(Failure(bad, bad, "1", bad, bad, bad), (bad,))
    outside, action = re.subn(r"grant `[^`]*` to", "", line)
    assert action == 1, "the action is code, where nothing is markup, and cannot end it"
    assert not re.search(r"(?<!\\)[\]`!<]", outside.replace("]]", ""))


# Jobs


def job(**changes: Any) -> Job:
    usual: dict[str, Any] = {
        "job_id": "j1",
        "tenant": "demo",
        "kind": "inventory.discover",
        "arguments": {},
        "status": JobStatus.RUNNING,
        "user": "persona:manager",
        "created": NOW,
        "started": NOW - timedelta(seconds=75),
    }
    return Job(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": JobStatus.PENDING}, "Discovery is about to begin"),
        ({}, "Discovering: asking which accounts and regions there are"),
        (
            {"progress": Progress(812, 2400, items=1204, calls=900, failures=3, seconds_left=20)},
            "Discovering: 1,204 assets, 812 of 2,400 listings, 900 calls, 3 failed, about 20 seconds left",
        ),
        (
            {"progress": Progress(1, 2400, items=1, calls=1, seconds_left=150)},
            "Discovering: 1 asset, 1 of 2,400 listings, 1 call, about 2 minutes left",
        ),
    ],
)
def test_progress_in_words(changes: dict[str, Any], words: str) -> None:
    assert discovery.words(job(**changes)) == words


def test_the_bar_never_runs_over() -> None:
    assert job_watch.share(job(progress=Progress(5, 4))) == 1.0
    assert job_watch.share(job()) == 0.0


@pytest.mark.parametrize(
    ("status", "failures", "words"),
    [
        (JobStatus.COMPLETED, (), "Discovery ended: 2,487 assets seen, 12 appeared"),
        (JobStatus.PARTIAL, (Failure("x", "denied"),), "Discovery ended in part: 2,487 assets seen, 12 appeared"),
        (JobStatus.FAILED, (Failure("x", "no account is known"),), "Discovery failed: no account is known"),
        (JobStatus.INTERRUPTED, (), "Discovery was interrupted: 2,487 assets seen, 12 appeared"),
    ],
)
def test_the_end_in_words(status: JobStatus, failures: tuple[Failure, ...], words: str) -> None:
    ended = job(status=status, counts={"seen": 2487, "appeared": 12, "missing": 0}, failures=failures)
    assert discovery.outcome_words(ended) == words


def test_a_job_says_what_it_did_how_long_and_for_whom() -> None:
    ended = job(status=JobStatus.PARTIAL, ended=NOW, counts={"seen": 2487, "calls": 3104, "back": 0})
    row = job_parts.frame([ended], NOW).iloc[0]
    assert row["Job"] == "Discovery"
    assert row["Status"] == ["Partial"]
    assert row["Took"] == "75 seconds"
    assert row["Result"] == "2,487 assets seen, 3,104 calls"
    assert row["Who"] == "manager"
    waiting = job_parts.frame([job(status=JobStatus.PENDING, started=None, kind="a.b", user="")], NOW).iloc[0]
    assert (waiting["Job"], waiting["Took"], waiting["Who"]) == ("a.b", "—", "—")
