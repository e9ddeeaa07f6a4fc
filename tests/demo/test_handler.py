from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import Session

from finops.demo.handler import DemoOptions, Fault, demo_hook
from finops.model.errors import AwsError
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_session import AwsSessions
    from finops.demo.estate import Estate

QUESTION: dict[str, Any] = {
    "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
    "Granularity": "MONTHLY",
    "Metrics": ["UnblendedCost"],
}


def bare_session(estate: Estate) -> Session:
    """A session with the demo's hook and nothing else between it and AWS."""
    session = Session()
    demo_hook(estate, now=lambda: TODAY)(session)
    return session


def test_what_has_no_answer_is_refused_and_never_sent(sessions: AwsSessions, estate: Estate) -> None:
    s3: Any = sessions.client("s3")
    with pytest.raises(AwsError, match="no answer for s3:GetBucketWebsite; nothing was sent") as caught:
        s3.get_bucket_website(Bucket="raw-events")
    assert (caught.value.kind, caught.value.service, caught.value.operation) == ("refused", "s3", "GetBucketWebsite")
    session = bare_session(estate)
    session.set_credentials("AKIADEMO102110211021", "secret")
    ec2: Any = session.create_client("ec2", region_name="eu-central-1")
    with pytest.raises(AwsError, match="ec2:TerminateInstances"):
        ec2.terminate_instances(InstanceIds=["i-0123456789abcdef0"])


def test_parameters_are_checked_by_botocore_itself(ce: Any) -> None:
    with pytest.raises(ParamValidationError, match="Granularity"):
        ce.get_cost_and_usage(TimePeriod=QUESTION["TimePeriod"], Metrics=["UnblendedCost"])


def test_somebody_elses_keys_are_turned_down(estate: Estate) -> None:
    session = bare_session(estate)
    for key, token in (("AKIAIOSFODNN7EXAMPLE", None), ("AKIADEMO999999999999", None), ("ASIADEMO102110211021", None)):
        session.set_credentials(key, "secret", token)
        ce: Any = session.create_client("ce", region_name="us-east-1")
        with pytest.raises(ClientError, match="security token included in the request is invalid") as caught:
            ce.get_cost_and_usage(**QUESTION)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_nothing_of_the_machine_is_asked_for_and_no_socket_opens(
    estate: Estate,
    open_sessions: Callable[..., AwsSessions],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With real-looking keys, a broken profile and instance metadata switched on, the demo still answers as itself."""
    broken = tmp_path / "config"
    broken.write_text("[profile work]\nregion = eu-west-3\ncredential_process = /bin/false\n")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-to-be-used",
        "AWS_SESSION_TOKEN": "not-to-be-used",
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(broken),
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/never",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9/never",
    }.items():
        monkeypatch.setenv(name, value)

    def closed(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", closed)
    monkeypatch.setattr(socket, "create_connection", closed)
    monkeypatch.setattr(socket, "getaddrinfo", closed)
    sessions = open_sessions(estate)
    base: Any = sessions.client("sts")
    assert base.get_caller_identity()["Account"] == estate.management.account_id
    member: Any = sessions.client("ce", account=estate.members[1].account_id)
    assert member.get_cost_and_usage(**QUESTION)["ResultsByTime"]
    accounts: Any = sessions.client("organizations")
    assert len(accounts.list_accounts()["Accounts"]) == 8


def test_the_same_question_gets_the_same_answer_with_its_request_id(
    estate: Estate, open_sessions: Callable[..., AwsSessions]
) -> None:
    one: Any = open_sessions(estate).client("ce")
    other: Any = open_sessions(estate).client("ce")
    assert one.get_cost_and_usage(**QUESTION) == other.get_cost_and_usage(**QUESTION)
    elsewhere = one.get_cost_and_usage(**{**QUESTION, "Metrics": ["BlendedCost"]})
    first = one.get_cost_and_usage(**QUESTION)
    assert elsewhere["ResponseMetadata"]["RequestId"] != first["ResponseMetadata"]["RequestId"]


def test_threads_share_one_bill(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    ce: Any = open_sessions(estate).client("ce")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ce.get_cost_and_usage(**QUESTION)["ResultsByTime"], range(16)))
    assert all(answer == answers[0] for answer in answers)


def test_trouble_strikes_where_it_is_told_to(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    struck = estate.members[2].account_id
    denied = Fault("ce", "GetTags", (struck,), "AccessDeniedException", "User not enabled for cost explorer access")
    sessions = open_sessions(estate, faults=(denied,))
    member: Any = sessions.client("ce", account=struck)
    with pytest.raises(ClientError, match="User not enabled for cost explorer access") as caught:
        member.get_tags(TimePeriod=QUESTION["TimePeriod"])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert member.get_cost_and_usage(**QUESTION)["ResultsByTime"]
    neighbour: Any = sessions.client("ce", account=estate.members[3].account_id)
    assert neighbour.get_tags(TimePeriod=QUESTION["TimePeriod"])["Tags"]


def test_trouble_may_pass(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    ce: Any = open_sessions(estate, faults=(Fault("ce", times=2),)).client("ce")
    for _ in range(2):
        with pytest.raises(ce.exceptions.LimitExceededException, match="Rate limit exceeded"):
            ce.get_cost_and_usage(**QUESTION)
    assert ce.get_cost_and_usage(**QUESTION)["ResultsByTime"]


def test_a_role_that_may_not_be_assumed(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    denied = Fault("sts", "AssumeRole", code="AccessDenied", message="is not authorized", status=403)
    sessions = open_sessions(estate, faults=(denied,))
    member: Any = sessions.client("ce", account=estate.members[1].account_id)
    with pytest.raises(ClientError, match="is not authorized") as caught:
        member.get_cost_and_usage(**QUESTION)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_answers_are_checked_in_full_or_in_samples_alike(estate: Estate) -> None:
    answers = []
    for full in (False, True):
        session = Session()
        demo_hook(estate, now=lambda: TODAY, options=DemoOptions(check_in_full=full))(session)
        session.set_credentials("AKIADEMO102110211021", "secret")
        ce: Any = session.create_client("ce", region_name="us-east-1")
        answers.append(ce.get_cost_and_usage(**QUESTION, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}]))
    assert answers[0] == answers[1]
