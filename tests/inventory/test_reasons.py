"""One sentence for what failed in many places."""

from __future__ import annotations

from finops.inventory.reasons import told_once
from finops.model.outcome import Failure

A, B = "111111111111", "222222222222"


def denied(account: str, region: str, service: str = "lambda", action: str = "lambda:ListFunctions") -> Failure:
    return Failure("AccessDeniedException", f"AWS denied {action}.", account, region, service, action)


def test_regions_of_one_reason_are_gathered_and_named():
    [told] = told_once([denied(A, "us-east-1"), denied(A, "eu-west-1"), denied(A, "us-east-1")])
    assert (told.account, told.region, told.missing_action) == (A, "", "lambda:ListFunctions")
    assert told.message == "AWS denied lambda:ListFunctions (in eu-west-1, us-east-1)."


def test_a_single_region_stays_where_it_was():
    assert told_once([denied(A, "us-east-1")]) == (denied(A, "us-east-1"),)


def test_accounts_services_and_actions_stay_apart():
    failures = [denied(A, "r"), denied(B, "r"), denied(A, "r", "rds", "rds:DescribeDBInstances")]
    assert {(told.account, told.service) for told in told_once(failures)} == {
        (A, "lambda"),
        (B, "lambda"),
        (A, "rds"),
    }


def test_an_account_that_cannot_be_entered_is_one_failure_whatever_was_asked():
    failures = [denied(A, region, service, "sts:AssumeRole") for region in ("r", "s") for service in ("ec2", "rds")]
    [told] = told_once(failures)
    assert (told.account, told.region, told.service, told.missing_action) == (A, "", "sts", "sts:AssumeRole")
