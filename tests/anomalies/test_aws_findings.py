"""AWS's own anomalies beside ours: asked once a day, kept with their state, matched by service, account and days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.anomalies.aws_file import read, written
from finops.anomalies.aws_findings import AwsDesk
from finops.anomalies.aws_matching import fits, matched, unmatched
from finops.model.anomalies import Anomaly, AnomalyKind, AnomalyStatus, Direction
from finops.model.aws_anomalies import AwsFinding, AwsFindings, AwsState
from finops.model.errors import AwsError, CeilingReached, StoreError
from finops.model.metering import Caller
from finops.model.outcome import Failure
from finops.store.blobs import FolderBlobs

if TYPE_CHECKING:
    from pathlib import Path

    from finops.facade import Finops
    from finops.model.period import Period

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FINDING = AwsFinding(
    *("a-1", "arn:aws:ce::111111111111:anomalymonitor/m-1", "AWS Lambda", "111111111111", "us-east-1", "GB-Second"),
    start=date(2026, 11, 14),
    end=date(2026, 11, 15),
    score=0.9,
    impact=Decimal("120.25"),
)


class Aws:
    """What AWS would say, and how often it was asked."""

    def __init__(self, monitors: int = 1, trouble: Exception | None = None) -> None:
        self.count, self.trouble = monitors, trouble
        self.callers: list[Caller] = []

    def monitors(self, caller: Caller) -> int:
        self.callers.append(caller)
        if self.trouble is not None:
            raise self.trouble
        return self.count

    def findings(self, caller: Caller, period: Period) -> tuple[AwsFinding, ...]:
        self.callers.append(caller)
        self.asked = period
        return (FINDING,)


def desk(tmp_path: Path, aws: Aws, now: datetime = NOW) -> AwsDesk:
    return AwsDesk(FolderBlobs(tmp_path / "aws"), aws, now=lambda: now)


def denied() -> AwsError:
    return AwsError("may not", kind=AwsError.DENIED, code="AccessDeniedException", service="ce")


def test_before_anybody_asks_nothing_is_known_and_nothing_is_sent(tmp_path: Path) -> None:
    aws = Aws()
    assert desk(tmp_path, aws).kept("default") == AwsFindings()
    assert AwsFindings().state is AwsState.NEVER_ASKED
    assert not aws.callers


def test_it_asks_once_a_day_for_ninety_days_and_keeps_the_answer(tmp_path: Path) -> None:
    aws = Aws()
    first = desk(tmp_path, aws).ask("default", user="ann")
    again = desk(tmp_path, aws, NOW + timedelta(hours=14)).ask("default")
    assert first == again == desk(tmp_path, aws).kept("default")
    assert (first.state, first.findings, first.told_at) == (AwsState.TOLD, (FINDING,), NOW)
    assert aws.callers == [Caller("default", "anomalies.aws", "ann")] * 2, "monitors and findings, once"
    assert (aws.asked.start, aws.asked.last_day) == (date(2026, 8, 22), date(2026, 11, 20))
    desk(tmp_path, aws, NOW + timedelta(days=1)).ask("default")
    assert len(aws.callers) == 4, "another day"
    assert desk(tmp_path, aws).kept("other").state is AwsState.NEVER_ASKED


def test_without_monitors_it_asks_for_nothing_more_and_says_so(tmp_path: Path) -> None:
    aws = Aws(monitors=0)
    assert desk(tmp_path, aws).ask("default").state is AwsState.NO_MONITORS
    assert len(aws.callers) == 1
    assert desk(tmp_path, aws).kept("default").told_at is None, "nothing was told, which is not nothing found"


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (denied(), AwsState.DENIED),
        (AwsError("slow", kind=AwsError.THROTTLED, code="Throttling"), AwsState.FAILED),
        (CeilingReached("the budget is spent"), AwsState.FAILED),
    ],
)
def test_a_failure_is_kept_beside_the_last_good_answer_and_may_be_asked_again(
    tmp_path: Path, trouble: Exception, state: AwsState
) -> None:
    desk(tmp_path, Aws(), NOW - timedelta(days=2)).ask("default")
    found = desk(tmp_path, Aws(trouble=trouble)).ask("default")
    assert (found.state, found.asked, found.told_at) == (state, NOW, NOW - timedelta(days=2))
    assert found.findings == (FINDING,)
    assert found.failure is not None
    assert desk(tmp_path, Aws()).ask("default").state is AwsState.TOLD


def test_a_damaged_file_is_told_and_never_passes_for_no_findings(tmp_path: Path) -> None:
    desk(tmp_path, Aws()).ask("default")
    [file] = [each for each in (tmp_path / "aws").iterdir() if re.fullmatch(r"[0-9a-f]{64}\.json", each.name)]
    whole = file.read_bytes()
    for content in (b"", b"[]", whole[:-9], whole.replace(b'"version": 1', b'"version": 9')):
        file.write_bytes(content)
        with pytest.raises(StoreError):
            desk(tmp_path, Aws()).kept("default")
    assert desk(tmp_path, Aws()).ask("default").findings == (FINDING,), "asking again mends it"


AMOUNTS = st.decimals(-(10**9), 10**9, places=2)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
FINDINGS = st.builds(
    AwsFinding,
    *[st.text(max_size=20)] * 6,
    start=DAYS,
    end=DAYS | st.none(),
    score=st.floats(0, 1),
    impact=AMOUNTS,
    actual=AMOUNTS | st.none(),
    expected=AMOUNTS | st.none(),
    feedback=st.text(max_size=9),
)


@given(
    st.builds(
        AwsFindings,
        st.sampled_from(AwsState),
        st.datetimes(timezones=st.just(UTC)) | st.none(),
        st.datetimes(timezones=st.just(UTC)) | st.none(),
        DAYS | st.none(),
        st.integers(0, 100),
        st.lists(FINDINGS, max_size=3).map(tuple),
        st.builds(Failure, st.text(max_size=9), st.text(max_size=40)) | st.none(),
    )
)
def test_what_is_kept_comes_back_to_the_last_cent(answer: AwsFindings) -> None:
    assert read(written(answer)) == answer


# Matching


def ours(service: str = "AWS Lambda", account: str = "111111111111", start: int = 14, last: int = 16) -> Anomaly:
    zero = Decimal(0)
    return Anomaly(
        anomaly_id=f"{service}{account}{start}",
        kind=AnomalyKind.SPIKE,
        direction=Direction.UP,
        status=AnomalyStatus.OVER,
        account=account,
        service=service,
        currency="USD",
        start=date(2026, 11, start),
        flagged_first=date(2026, 11, start),
        last_seen=date(2026, 11, last),
        day=date(2026, 11, start),
        actual=zero,
        expected=zero,
        lower=zero,
        upper=zero,
        impact=zero,
        expected_total=zero,
        score=9.0,
        impact_month=None,
    )


@pytest.mark.parametrize(
    ("anomaly", "same"),
    [
        (ours(), True),
        (ours(start=16, last=18), True),  # AWS dates by when it noticed: a day beside it is the same event
        (ours(start=17, last=18), False),
        (ours(start=10, last=12), False),
        (ours(start=10, last=13), True),
        (ours(service="Amazon S3"), False),
        (ours(account="222222222222"), False),
        (replace(ours(), direction=Direction.DOWN), False),
    ],
)
def test_the_same_service_account_and_days_are_the_same_event(anomaly: Anomaly, *, same: bool) -> None:
    assert fits(anomaly, FINDING) is same


def test_an_unnamed_account_fits_any_and_an_open_end_reaches_today() -> None:
    assert fits(ours(account="222222222222"), replace(FINDING, account=""))
    assert fits(ours(start=28, last=30), replace(FINDING, end=None))


def test_the_largest_of_several_stands_beside_ours_and_none_of_them_is_alone() -> None:
    larger = replace(FINDING, finding_id="a-2", impact=Decimal(900))
    alone = replace(FINDING, finding_id="a-3", service="Amazon S3")
    found = (FINDING, larger, alone)
    assert matched([ours()], found) == {ours().anomaly_id: larger}
    assert unmatched([ours()], found) == (alone,)
    assert unmatched([], found) == found


# In the demo


def test_the_demo_has_both_beside_each_other_and_something_only_aws_found(finops: Finops) -> None:
    finops.jobs.run("anomalies.detect", "demo", {"aws": True}, user="test")
    found = finops.anomalies.list("demo")
    beside = [each for each in found.items if each.aws is not None]
    assert found.aws.known.state is AwsState.TOLD
    assert len(beside) >= 3
    for each in beside:
        assert each.aws is not None
        assert each.aws.service == each.anomaly.service
        assert abs(each.aws.impact / each.anomaly.impact - 1) < Decimal("0.2")
    assert found.aws.unmatched
    assert finops.anomalies.anomaly("demo", beside[0].anomaly.anomaly_id).aws == beside[0].aws


def test_a_plain_detection_asks_nobody_and_a_refresh_of_the_demo_does(finops: Finops) -> None:
    before = finops.anomalies.aws("demo").asked
    finops.jobs.run("anomalies.detect", "demo", {}, user="test")
    assert finops.anomalies.aws("demo").asked == before
    finops.jobs.run("costs.refresh", "demo", {}, user="test")
    assert finops.anomalies.aws("demo").state is AwsState.TOLD
