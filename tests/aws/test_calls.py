"""The one road of every call: what is charged, what a failure says, when a place is left alone, how pages end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from finops.aws.calls import Ask, Calls
from finops.aws.cost_explorer import GET_COST_AND_USAGE, TOKENS
from finops.aws.failures import failure_of
from finops.aws.identity import GET_CALLER_IDENTITY
from finops.aws.organizations import LIST_ACCOUNTS
from finops.aws.permissions import Operation
from finops.model.errors import AwsError, CeilingReached
from tests.aws.asking import ACCOUNTS, CALLER, CENT, COSTS, GOOD, PARAMS, URL, calls
from tests.aws.wire import NOW, PocketMeter, Reply, Script, Wire, error, page, sessions

if TYPE_CHECKING:
    from botocore.session import Session

IDENTITY = Reply(
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/ann</Arn>"
    "<UserId>x</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def failure(script: Script, ask: Ask = COSTS) -> tuple[AwsError, Wire, PocketMeter]:
    caller, wire, meter = calls(script)
    with pytest.raises(AwsError) as raised:
        caller.call(ask, CALLER)
    return raised.value, wire, meter


def test_a_paid_call_is_metered_by_feature_and_user_at_its_price():
    caller, _, meter = calls([GOOD])
    assert caller.call(COSTS, CALLER)["ResultsByTime"][0]["TimePeriod"]["Start"] == "2026-11-01"
    [record] = meter.records
    assert (record.service, record.operation, record.outcome, record.price) == ("ce", "GetCostAndUsage", "ok", CENT)
    assert (record.caller.feature, record.caller.user) == ("costs.refresh", "ann")
    assert meter.spent == CENT
    assert caller.counts() == {("ce", "GetCostAndUsage", "ok"): 1}


def test_throttling_is_retried_by_botocore_and_charged_once():
    caller, wire, meter = calls([error("LimitExceededException", "Rate limit exceeded"), GOOD])
    caller.call(COSTS, CALLER)
    assert len(wire.requests) == 2
    assert (meter.spent, meter.outcomes) == (CENT, ["ok"])


def test_throttling_that_lasts_is_throttled_after_six_attempts_and_free():
    found, wire, meter = failure([error("LimitExceededException", "Rate limit exceeded")])
    assert (found.kind, len(wire.requests), meter.spent) == (AwsError.THROTTLED, 6, 0)
    assert meter.records[0].price == 0


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error("AccessDeniedException", "You may not"), AwsError.DENIED),
        (error("AccessDeniedException", "User not enabled for cost explorer access"), AwsError.NOT_ENABLED),
        (error("DataUnavailableException", "not yet"), AwsError.NOT_ENABLED),
        (error("OptInRequired", "subscribe"), AwsError.NOT_ENABLED),
        (error("ExpiredTokenException", "The security token is expired"), AwsError.EXPIRED),
        (error("UnrecognizedClientException", "invalid token", 403), AwsError.EXPIRED),
        (error("ValidationException", "Start date (and hour) should be before end date"), AwsError.INVALID),
        (error("ThrottlingException", "Rate exceeded"), AwsError.THROTTLED),
        (error("Whatever", "slow down", 429), AwsError.THROTTLED),
        (error("InternalFailure", "", 500), AwsError.UNAVAILABLE),
        (Reply("<html>Bad gateway</html>", 502), AwsError.UNAVAILABLE),
        (Reply("", 503), AwsError.UNAVAILABLE),
        (Reply("<html>Log in to the proxy</html>", 403), AwsError.MALFORMED),
    ],
)
def test_answered_errors_have_a_kind_and_cost_nothing(reply: Reply, kind: str):
    found, _, meter = failure([reply])
    assert found.kind == kind
    assert (found.service, found.operation, found.region) == ("ce", "GetCostAndUsage", "us-east-1")
    assert (meter.spent, meter.outcomes) == (0, [kind])


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html>hello</html>", b'{"ResultsByTime": [{"TimePeriod": {"Sta', b"[]", b'{"ResultsByTime": 5}'],
)
def test_a_success_without_its_content_is_malformed_and_charged(body: bytes):
    found, _, meter = failure([Reply(body)])
    assert found.kind == AwsError.MALFORMED
    assert meter.spent == CENT


def test_a_bad_timestamp_is_malformed():
    found, _, _ = failure([Reply({"Accounts": [{"Id": "1", "JoinedTimestamp": "half past nine"}]})], ACCOUNTS)
    assert found.kind == AwsError.MALFORMED


def test_denied_names_the_action_that_aws_names():
    message = "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: sts:AssumeRole on resource: x"
    found, _, _ = failure([error("AccessDeniedException", message)])
    assert found.missing_action == "sts:AssumeRole"
    told = failure_of(found)
    assert (told.code, told.missing_action, told.service) == ("AccessDeniedException", "sts:AssumeRole", "ce")
    assert "arn:aws:iam::111111111111:user/ann" in told.message


def test_denied_without_a_name_falls_back_to_the_declared_action():
    found, _, _ = failure([error("AccessDeniedException", "no")])
    assert found.missing_action == "ce:GetCostAndUsage"


def test_messages_and_causes_carry_no_secret():
    token = "IQoJb3JpZ2luX2VjEGQaCXVzLWVhc3QtMSJHMEUCIQD+abc/" * 3
    text = f"Signature of AKIAIOSFODNN7EXAMPLE does not match {token}\nx-amz-security-token:{token}"
    found, _, _ = failure([error("SignatureDoesNotMatch", text, 403)])
    assert "AKIA…MPLE" in str(found)
    assert "IOSFODNN" not in str(found)
    assert token[:20] not in str(found)
    assert found.__cause__ is None
    assert found.__suppress_context__


def test_a_proxys_password_is_not_shown():
    found, _, _ = failure([ProxyConnectionError(proxy_url="http://ann:hunter2@proxy:3128", error=OSError("no"))])
    assert found.kind == AwsError.UNAVAILABLE
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "lost",
    [ReadTimeoutError(endpoint_url=URL), ConnectionClosedError(endpoint_url=URL)],
    ids=["read timeout", "connection closed"],
)
def test_a_paid_request_whose_answer_is_lost_is_not_repeated_and_keeps_its_reservation(lost: Exception):
    found, wire, meter = failure([lost, GOOD])
    assert found.kind == AwsError.UNAVAILABLE
    assert len(wire.requests) == 1
    assert meter.spent == meter.records[0].price == CENT


@pytest.mark.parametrize(
    "unsent", [ConnectTimeoutError(endpoint_url=URL), EndpointConnectionError(endpoint_url=URL, error=OSError("no"))]
)
def test_a_paid_request_that_never_left_is_retried_and_free(unsent: Exception):
    found, wire, meter = failure([unsent])
    assert (found.kind, len(wire.requests), meter.spent) == (AwsError.UNAVAILABLE, 3, 0)


def test_a_free_request_whose_answer_is_lost_is_retried():
    caller, wire, _ = calls([ReadTimeoutError(endpoint_url=URL), Reply({"Accounts": []})])
    assert caller.call(ACCOUNTS, CALLER)["Accounts"] == []
    assert len(wire.requests) == 2


def test_at_the_ceiling_nothing_is_sent():
    caller, wire, meter = calls([GOOD], PocketMeter(ceiling=Decimal("0.015")))
    caller.call(COSTS, CALLER)
    with pytest.raises(CeilingReached):
        caller.call(COSTS, CALLER)
    assert (len(wire.requests), meter.spent) == (1, CENT)


def test_the_ceiling_holds_under_threads():
    caller, wire, meter = calls([GOOD], PocketMeter(ceiling=Decimal("0.05")))
    caller.sessions.client("ce", region="us-east-1")

    def attempt(_: int) -> bool:
        try:
            caller.call(COSTS, CALLER)
        except CeilingReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        served = list(pool.map(attempt, range(24)))
    assert (sum(served), len(wire.requests), meter.spent) == (5, 5, Decimal("0.05"))


def test_an_undeclared_operation_is_refused_and_free():
    stop = Operation("ec2", "TerminateInstances", "ec2:TerminateInstances", "x", "x", price=CENT)
    found, wire, meter = failure([GOOD], Ask(stop, {"InstanceIds": ["i-1"]}, ()))
    assert (found.kind, wire.requests, meter.spent) == (AwsError.REFUSED, [], 0)
    assert "TerminateInstances" in str(found)


def test_wrong_parameters_are_invalid_and_free():
    found, wire, meter = failure([GOOD], Ask(GET_COST_AND_USAGE, {"Granularity": 7}, (), region="us-east-1"))
    assert (found.kind, wire.requests, meter.spent) == (AwsError.INVALID, [], 0)


def test_another_account_without_a_role_is_refused_with_the_setting_to_set():
    found, _, _ = failure([IDENTITY], Ask(LIST_ACCOUNTS, {}, (), account="222222222222"))
    assert found.kind == AwsError.REFUSED
    assert "FINOPS_ROLE_NAME" in str(found)
    assert found.account == "222222222222"


def test_a_role_that_is_over_as_soon_as_it_is_assumed_is_expired_and_free():
    over = Reply(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE000000001</AccessKeyId>"
        "<SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken><Expiration>2026-11-20T08:59:00Z</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    wire, meter = Wire([IDENTITY, over]), PocketMeter()
    caller = Calls(sessions(wire.hook, role_name="reader"), meter, now=lambda: NOW)
    with pytest.raises(AwsError) as raised:
        caller.call(Ask(GET_COST_AND_USAGE, PARAMS, (), account="222222222222"), CALLER)
    assert (raised.value.kind, meter.spent) == (AwsError.EXPIRED, 0)


def test_a_role_that_may_not_be_assumed_names_that_permission():
    refused = Reply(
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error></ErrorResponse>",
        403,
    )
    wire, meter = Wire([IDENTITY, refused]), PocketMeter()
    caller = Calls(sessions(wire.hook, role_name="reader"), meter, now=lambda: NOW)
    with pytest.raises(AwsError) as raised:
        caller.call(Ask(GET_COST_AND_USAGE, PARAMS, (), account="222222222222"), CALLER)
    assert (raised.value.kind, raised.value.missing_action) == (AwsError.DENIED, "sts:AssumeRole")
    assert (raised.value.account, meter.spent) == ("222222222222", 0)


def test_missing_credentials_say_so():
    wire = Wire([GOOD])
    caller = Calls(sessions(wire.hook, static_keys=None), PocketMeter(), now=lambda: NOW)
    with pytest.raises(AwsError) as raised:
        caller.call(COSTS, CALLER)
    assert (raised.value.kind, raised.value.code, wire.requests) == (AwsError.EXPIRED, "NoCredentialsError", [])


# Pages


def test_pages_follow_botocores_paginator_and_meter_each():
    def listed(body: dict[str, Any]) -> Reply:
        turn = int(body.get("NextToken", "0"))
        return Reply({"Accounts": [{"Id": f"{turn:012d}"}], **({"NextToken": str(turn + 1)} if turn < 2 else {})})

    caller, _, meter = calls(listed)
    found = [answer["Accounts"][0]["Id"] for answer in caller.pages(ACCOUNTS, CALLER)]
    assert found == ["000000000000", "000000000001", "000000000002"]
    assert meter.outcomes == ["ok"] * 3


def test_an_operation_without_paginator_takes_the_tokens_named():
    caller, wire, meter = calls([page(token="a"), page(token="b"), page()])
    assert len(list(caller.pages(COSTS, CALLER, tokens=TOKENS))) == 3
    assert [body.get("NextPageToken") for body in wire.requests] == [None, "a", "b"]
    assert meter.spent == 3 * CENT


def test_an_operation_whose_paging_nobody_knows_is_a_programming_error():
    caller, wire, _ = calls([GOOD])
    with pytest.raises(ValueError, match="token fields"):
        next(caller.pages(COSTS, CALLER))
    assert wire.requests == []


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_a_repeated_token_is_malformed(tokens: list[str]):
    caller, wire, _ = calls([page(token=token) for token in tokens])
    with pytest.raises(AwsError) as raised:
        list(caller.pages(COSTS, CALLER, tokens=TOKENS))
    assert (raised.value.kind, len(wire.requests)) == (AwsError.MALFORMED, len(tokens))


def test_more_pages_than_the_limit_are_an_error_and_never_a_short_list():
    caller, wire, _ = calls(lambda body: page(token=body.get("NextPageToken", "") + "x"))
    with pytest.raises(AwsError, match="more than 3 pages"):
        list(caller.pages(COSTS, CALLER, tokens=TOKENS, limit=3))
    assert len(wire.requests) == 3


def test_the_ceiling_stops_between_pages():
    caller, wire, meter = calls([page(token="a"), page(token="b"), page()], PocketMeter(ceiling=Decimal("0.02")))
    with pytest.raises(CeilingReached):
        list(caller.pages(COSTS, CALLER, tokens=TOKENS))
    assert (len(wire.requests), meter.spent) == (2, Decimal("0.02"))


def test_a_hook_that_answers_is_what_the_demo_does():
    class Answer:
        status_code = 200

    def hook(session: Session) -> None:
        session.register("before-call", lambda **_: (Answer(), {"Account": "1", "Arn": "arn:aws:iam::1:root"}))

    meter = PocketMeter()
    answer = Calls(sessions(hook), meter, now=lambda: NOW).call(Ask(GET_CALLER_IDENTITY, {}, ("Account",)), CALLER)
    assert answer["Account"] == "1"
