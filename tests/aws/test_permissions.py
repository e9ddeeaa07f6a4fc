"""The table of permitted operations, and the policies made from it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from botocore.session import Session

import finops.aws
from finops.aws.permissions import Operation, declare, declared, permitted
from finops.aws.policy import iam_policy, sid
from finops.model.errors import InputError

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "iam-actions.json").read_text(encoding="utf-8"))["actions"]
WRITES = re.compile(
    r"^(Send|Create|Delete|Put|Update|Modify|Terminate|Start|Stop|Tag|Untag|Attach|Detach|Run|Reboot|Set)"
)


@pytest.mark.parametrize("operation", declared(), ids=lambda operation: f"{operation.service}:{operation.name}")
def test_each_operation_exists_and_explains_itself(operation: Operation):
    assert operation.name in Session().get_service_model(operation.service).operation_names
    assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", operation.action)
    assert operation.action in REFERENCE
    assert operation.feature
    assert operation.lost
    assert operation.price >= 0


def test_every_operation_reads_mail_aside():
    doing = {(operation.service, operation.name) for operation in declared() if WRITES.match(operation.name)}
    assert doing == {(operation.service, operation.name) for operation in declared() if operation.writes}
    assert doing == {("sesv2", "SendEmail")}


def test_only_cost_explorer_costs_money_and_each_of_its_requests_does():
    priced = {operation.service for operation in declared() if operation.price}
    free = {operation.service for operation in declared() if not operation.price}
    assert priced == {"ce"}
    assert "ce" not in free


def test_the_table_is_complete_whoever_is_asked_first():
    for module in walk_packages(finops.aws.__path__, prefix="finops.aws."):
        assert module.name in sys.modules
    assert {("ce", "GetCostAndUsage"), ("organizations", "ListAccounts"), ("sts", "GetCallerIdentity")} <= permitted()


def test_one_operation_cannot_be_declared_in_two_ways():
    known = declared()[0]
    assert declare(known) is known
    with pytest.raises(ValueError, match="declared twice"):
        declare(Operation(known.service, known.name, "x:Y", "other", "other"))
    assert declared()[0] == known


def statements(policy: dict[str, Any]) -> dict[str, Any]:
    json.dumps(policy)
    assert policy["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert sids == sorted(set(sids))
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in sids)
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_the_hub_may_do_what_is_declared_and_assume_the_member_role_and_nothing_else():
    found = statements(iam_policy("hub", role_name="reader", partition="aws-cn"))
    actions = {action for statement in found.values() for action in statement["Action"]}
    assert actions == {operation.action for operation in declared()} | {"sts:AssumeRole"}
    assert not any("*" in action for action in actions)
    assert found["AssumeMemberRoles"]["Resource"] == "arn:aws-cn:iam::*:role/reader"
    assert found["CostsRefresh"]["Action"] == ["ce:GetCostAndUsage", "ce:GetCostAndUsageWithResources"]


def test_an_action_that_covers_more_than_is_called_is_limited_to_what_is():
    found = statements(iam_policy("member", partition="aws-cn"))["InventoryApigatewayGET"]
    assert found["Action"] == ["apigateway:GET"]
    assert found["Resource"] == ["arn:aws-cn:apigateway:*::/apis", "arn:aws-cn:apigateway:*::/restapis"]


def test_mail_is_granted_for_identities_and_configuration_sets_in_the_hub_alone():
    found = statements(iam_policy("hub"))["MailSesSendRawEmail"]
    assert found["Action"] == ["ses:SendRawEmail"]
    assert found["Resource"] == ["arn:aws:ses:*:*:configuration-set/*", "arn:aws:ses:*:*:identity/*"]
    assert "ses:SendRawEmail" not in json.dumps(iam_policy("member"))


def test_members_grant_only_what_is_called_in_them():
    found = statements(iam_policy("member"))
    actions = {action for statement in found.values() for action in statement["Action"]}
    assert actions == {operation.action for operation in declared() if operation.scope == "member"}
    assert "ce:GetCostAndUsage" not in actions


def test_trust_names_the_hub_and_demands_the_external_id():
    found = statements(iam_policy("trust", account="222222222222", external_id="abc"))["HubMayAssume"]
    assert found["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
    assert found["Condition"] == {"StringEquals": {"sts:ExternalId": "abc"}}
    assert "Condition" not in statements(iam_policy("trust"))["HubMayAssume"]


def test_an_unknown_kind_is_an_input_error():
    with pytest.raises(InputError, match="hub, member, trust"):
        iam_policy("root")  # type: ignore[arg-type]


def test_statement_ids_hold_letters_and_digits_only():
    assert sid("costs.refresh-now") == "CostsRefreshNow"
