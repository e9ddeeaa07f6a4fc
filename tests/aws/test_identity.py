"""Whose credentials these are, and which accounts there are."""

from __future__ import annotations

import json

import pytest

from finops.aws.calls import Calls
from finops.aws.identity import identity
from finops.aws.organizations import accounts
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, error, sessions

CALLER = Caller()


def calls(*replies: Reply) -> Calls:
    return Calls(sessions(Wire(replies).hook), PocketMeter(), now=lambda: NOW)


def caller_identity(arn: str) -> Reply:
    return Reply(
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>x</UserId>"
        "<Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


@pytest.mark.parametrize(
    ("arn", "principal", "partition"),
    [
        ("arn:aws:iam::111111111111:user/ann", "user/ann", "aws"),
        ("arn:aws:iam::111111111111:root", "root", "aws"),
        ("arn:aws-cn:sts::111111111111:assumed-role/finops-hub/ann@example.com", "role/finops-hub", "aws-cn"),
    ],
)
def test_identity_names_the_role_without_its_session(arn: str, principal: str, partition: str):
    found = identity(calls(caller_identity(arn)), CALLER)
    assert (found.account, found.principal, found.partition) == ("111111111111", principal, partition)


@pytest.mark.parametrize("reply", [caller_identity("nothing"), Reply("<html>hi</html>"), Reply("not xml")])
def test_an_answer_that_names_nobody_is_malformed(reply: Reply):
    with pytest.raises(AwsError) as raised:
        identity(calls(reply), CALLER)
    assert raised.value.kind == AwsError.MALFORMED


def test_accounts_come_from_all_pages_without_their_mail_addresses():
    first = {"Id": "111111111111", "Name": "prod", "Status": "ACTIVE", "Email": "root@example.com"}
    second = {"Id": "222222222222", "Name": "old", "Status": "SUSPENDED", "Email": "old@example.com"}
    found = accounts(calls(Reply({"Accounts": [first], "NextToken": "t"}), Reply({"Accounts": [second]})), CALLER)
    assert [(account.id, account.name, account.status) for account in found.items] == [
        ("111111111111", "prod", "ACTIVE"),
        ("222222222222", "old", "SUSPENDED"),
    ]
    assert not found.partial
    assert [account.email for account in found.items] == ["r…@example.com", "o…@example.com"]
    assert "root@" not in json.dumps(repr(found), ensure_ascii=False)


def test_a_denied_later_page_keeps_the_accounts_and_names_the_permission():
    first = Reply({"Accounts": [{"Id": "111111111111", "Name": "prod", "Status": "ACTIVE"}], "NextToken": "t"})
    found = accounts(calls(first, error("AccessDeniedException", "no")), CALLER)
    assert [account.id for account in found.items] == ["111111111111"]
    [failure] = found.failures
    assert (failure.code, failure.missing_action) == ("AccessDeniedException", "organizations:ListAccounts")
