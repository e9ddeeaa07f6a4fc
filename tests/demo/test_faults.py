"""Trouble that is played: who is denied what, and which region asks to slow down for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.estate import Estate
from finops.demo.faults import standing_faults
from finops.demo.handler import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions

PROD, SANDBOX = (Estate().members[index].account_id for index in (1, 6))
ROLE = f"arn:aws:sts::{SANDBOX}:assumed-role/finops-read/finops-dashboard-read"


@pytest.fixture(scope="module")
def troubled(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> AwsSessions:
    return open_sessions(estate, troubled=True)


def refusal(client: Any, name: str) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        getattr(client, name)()
    error, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return error["Code"], error["Message"], status


def test_a_sandbox_is_denied_in_the_words_of_each_service(troubled: AwsSessions) -> None:
    code, words, status = refusal(troubled.client("lambda", account=SANDBOX), "list_functions")
    assert (code, status) == ("AccessDeniedException", 403)
    assert words == (
        f"User: {ROLE} is not authorized to perform: lambda:ListFunctions on resource: * "
        "because no identity-based policy allows the lambda:ListFunctions action"
    )
    code, words, status = refusal(troubled.client("ec2", account=SANDBOX), "describe_snapshots")
    assert (code, status) == ("UnauthorizedOperation", 403)
    assert words == (
        f"You are not authorized to perform this operation. User: {ROLE} is not authorized to perform: "
        "ec2:DescribeSnapshots because no identity-based policy allows the ec2:DescribeSnapshots action"
    )
    assert refusal(troubled.client("secretsmanager", account=SANDBOX), "list_secrets")[0] == "AccessDeniedException"
    volumes: Any = troubled.client("ec2", account=SANDBOX)
    assert volumes.describe_volumes()["Volumes"]


def test_one_region_of_production_is_throttled_always_and_no_other(troubled: AwsSessions) -> None:
    asia = {
        service: troubled.client(service, account=PROD, region="ap-southeast-1") for service in ("ec2", "rds", "logs")
    }
    for _ in range(3):
        assert refusal(asia["ec2"], "describe_snapshots")[0] == "RequestLimitExceeded"
    assert refusal(asia["rds"], "describe_db_snapshots")[:2] == ("Throttling", "Rate exceeded")
    assert refusal(asia["logs"], "describe_log_groups")[:2] == ("ThrottlingException", "Rate exceeded")
    spared: Any = asia["ec2"]
    assert spared.describe_instances()["Reservations"]
    germany: Any = troubled.client("ec2", account=PROD, region="eu-central-1")
    assert germany.describe_snapshots()["Snapshots"]


def test_trouble_of_an_estate_without_such_accounts_is_none() -> None:
    assert standing_faults(Estate(accounts=1)) == ()
    assert {fault.service for fault in standing_faults(Estate(accounts=3))} == {"ec2", "rds", "logs"}


def test_given_trouble_can_be_kept_to_a_region(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    fault = Fault("ec2", "DescribeVpcs", (PROD,), "RequestLimitExceeded", "slow down, {arn}", regions=("us-east-2",))
    sessions = open_sessions(estate, faults=(fault,))
    assert (
        "slow down, arn:aws:sts::"
        in refusal(sessions.client("ec2", account=PROD, region="us-east-2"), "describe_vpcs")[1]
    )
    elsewhere: Any = sessions.client("ec2", account=PROD, region="us-east-1")
    assert elsewhere.describe_vpcs()["Vpcs"]
