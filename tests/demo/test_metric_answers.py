"""GetMetricData at botocore's wire: pages, order, refusals, and nothing for what AWS does not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.aws.calls import Calls
from finops.aws.cloudwatch import Series, Window, series_values
from finops.demo.estate import Estate
from finops.model.metering import Caller
from tests.aws.wire import PocketMeter
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions
    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource

PROD = Estate().members[1].account_id
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
START = MIDNIGHT - timedelta(days=10)


@pytest.fixture(scope="module")
def cloudwatch(sessions: AwsSessions) -> Any:
    return sessions.client("cloudwatch", account=PROD)


@pytest.fixture(scope="module")
def nodes(population: Population) -> list[Resource]:
    found = population.at("ec2:instance", PROD, "us-east-1")
    return [one for one in found if one.role == "busy" and (TODAY.date() - one.life.born).days > 20][:4]


def cpu(identifier: str, instance: str, statistic: str = "Average", **changes: Any) -> dict[str, Any]:
    dimensions = [{"Name": "InstanceId", "Value": instance}]
    metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": dimensions}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": statistic, **changes}}


def asked(cloudwatch: Any, *queries: dict[str, Any], **params: Any) -> dict[str, Any]:
    span = {"StartTime": START, "EndTime": MIDNIGHT, **params}
    answer: dict[str, Any] = cloudwatch.get_metric_data(MetricDataQueries=list(queries), **span)
    return answer


def test_days_come_newest_first_unless_asked_otherwise(cloudwatch: Any, nodes: list[Resource]) -> None:
    query = cpu("a", nodes[0].id)
    (newest,) = asked(cloudwatch, query)["MetricDataResults"]
    (oldest,) = asked(cloudwatch, query, ScanBy="TimestampAscending")["MetricDataResults"]
    assert oldest["Timestamps"] == [START + timedelta(days=number) for number in range(10)]
    assert newest["Timestamps"] == oldest["Timestamps"][::-1]
    assert newest["Values"] == oldest["Values"][::-1]
    assert (newest["Id"], newest["Label"], newest["StatusCode"]) == ("a", "CPUUtilization", "Complete")


def test_a_start_within_a_period_counts_from_its_beginning(cloudwatch: Any, nodes: list[Resource]) -> None:
    hourly = cpu("a", nodes[0].id, Period=3600)
    span = {"StartTime": MIDNIGHT - timedelta(hours=2, minutes=30), "EndTime": MIDNIGHT + timedelta(minutes=59)}
    (result,) = asked(cloudwatch, hourly, ScanBy="TimestampAscending", **span)["MetricDataResults"]
    assert [at.hour for at in result["Timestamps"]] == [21, 22, 23]


@pytest.mark.parametrize("size", [1, 3, 7, 10, 20, 39, 40, 100])
def test_pages_of_every_size_hold_the_same_points(cloudwatch: Any, nodes: list[Resource], size: int) -> None:
    queries = [cpu(f"m{number}", one.id) for number, one in enumerate(nodes)]
    queries.insert(2, cpu("none", "i-0123456789abcdef0"))
    queries.append(cpu("last", "i-0123456789abcdef1"))
    (whole,) = [asked(cloudwatch, *queries)["MetricDataResults"]]
    found: dict[str, list[float]] = {}
    states: dict[str, list[str]] = {}
    pages = 0
    token: dict[str, str] = {}
    while True:
        page = asked(cloudwatch, *queries, MaxDatapoints=size, **token)
        pages += 1
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= size
        for result in page["MetricDataResults"]:
            found.setdefault(result["Id"], []).extend(result["Values"])
            states.setdefault(result["Id"], []).append(result["StatusCode"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == {result["Id"]: result["Values"] for result in whole}
    assert pages == max(1, -(-40 // size))
    assert all(state[-1] == "Complete" and set(state[:-1]) <= {"PartialData"} for state in states.values())


def test_what_aws_does_not_know_has_no_data(cloudwatch: Any, nodes: list[Resource]) -> None:
    queries = [cpu("gone", "i-0123456789abcdef0"), cpu("space", nodes[0].id), cpu("name", nodes[0].id)]
    queries[1]["MetricStat"]["Metric"] = {**queries[1]["MetricStat"]["Metric"], "Namespace": "AWS/EC3"}
    queries[2]["MetricStat"]["Metric"] = {**queries[2]["MetricStat"]["Metric"], "MetricName": "CPU"}
    queries.append(cpu("more", nodes[0].id))
    queries[3]["MetricStat"]["Metric"]["Dimensions"].append({"Name": "Zone", "Value": "a"})
    for result in asked(cloudwatch, *queries)["MetricDataResults"]:
        assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_metrics_stay_in_their_account_and_region(sessions: AwsSessions, nodes: list[Resource]) -> None:
    for place in ({"account": PROD, "region": "eu-central-1"}, {"account": Estate().members[2].account_id}):
        (result,) = asked(sessions.client("cloudwatch", **place), cpu("a", nodes[0].id))["MetricDataResults"]
        assert result["Values"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Period": 300}, "NotInDemo"),
        ({"Stat": "p99"}, "NotInDemo"),
        ({"Unit": "Percent"}, "NotInDemo"),
    ],
)
def test_what_the_demo_does_not_follow_is_refused(
    cloudwatch: Any, nodes: list[Resource], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        asked(cloudwatch, cpu("a", nodes[0].id, **change))
    assert caught.value.response["Error"]["Code"] == code


def test_requests_against_the_rules_are_refused(cloudwatch: Any, nodes: list[Resource]) -> None:
    good = cpu("a", nodes[0].id)
    for queries, params, words in (
        ([good, good], {}, "not unique"),
        ([cpu("A", nodes[0].id)], {}, "lower-case"),
        ([cpu(f"m{number}", nodes[0].id) for number in range(501)], {}, "size greater than 500"),
        ([good], {"StartTime": MIDNIGHT}, "must be less than"),
        ([good], {"MaxDatapoints": 100_801}, "between 1 and 100800"),
        ([good], {"NextToken": "bm90IGEgdG9rZW4="}, "token is invalid"),
        ([{"Id": "e", "Expression": "SUM(METRICS())"}], {}, "does not follow Expression"),
        ([good], {"LabelOptions": {"Timezone": "+0100"}}, "does not follow LabelOptions"),
    ):
        with pytest.raises(ClientError, match=words):
            asked(cloudwatch, *queries, **params)


def test_a_token_belongs_to_its_question(cloudwatch: Any, nodes: list[Resource]) -> None:
    query = cpu("a", nodes[0].id)
    token = asked(cloudwatch, query, MaxDatapoints=4)["NextToken"]
    assert asked(cloudwatch, query, MaxDatapoints=6, NextToken=token)["MetricDataResults"]
    with pytest.raises(ClientError, match="changed between pages"):
        asked(cloudwatch, cpu("b", nodes[0].id), MaxDatapoints=4, NextToken=token)


def test_the_product_reads_them(open_sessions: Callable[..., AwsSessions], nodes: list[Resource]) -> None:
    calls = Calls(open_sessions(Estate()), PocketMeter(), now=lambda: TODAY)
    wanted = [Series("AWS/EC2", "CPUUtilization", "Average", (("InstanceId", one.id),)) for one in nodes]
    found = series_values(calls, (PROD, "us-east-1"), wanted, Window.of_days(TODAY, 14), Caller("demo", "waste", "ann"))
    assert all(len(values) == 14 and all(20 < value < 70 for value in values if value) for values in found)
