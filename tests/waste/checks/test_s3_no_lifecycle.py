"""Buckets without lifecycle rules: none, switched off, refused."""

from __future__ import annotations

from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.s3_no_lifecycle import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import asset, desk, judgement

RULE = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"}}
ANSWERS: dict[str, dict[str, Any] | Refusal] = {
    "ruled": {"Rules": [RULE]},
    "off": {"Rules": [{**RULE, "Status": "Disabled"}]},
    "bare": Refusal("NoSuchLifecycleConfiguration", status=404),
    "denied": Refusal("AccessDenied", status=403),
    "broken": {},
}


@pytest.mark.parametrize(("rules", "verdict"), [(0, Verdict.FLAGGED), (1, Verdict.OK), (None, Verdict.UNDETERMINED)])
def test_one_enabled_rule_is_enough(rules: int | None, verdict: Verdict) -> None:
    found = judgement(CHECK, {"enabled_rules": rules})

    assert found.verdict is verdict
    assert found.saving.basis is Basis.NONE


def test_no_configuration_is_an_answer_and_a_refusal_is_none() -> None:
    buckets = [asset("s3:bucket", name) for name in ANSWERS]
    at = desk(buckets, {"GetBucketLifecycleConfiguration": lambda params: ANSWERS[params["Bucket"]]})

    assert {name: one.verdict for name, one in at.verdicts(CHECK).items()} == {
        "ruled": Verdict.OK,
        "off": Verdict.FLAGGED,
        "bare": Verdict.FLAGGED,
        "denied": Verdict.UNDETERMINED,
        "broken": Verdict.UNDETERMINED,
    }
    failures = at.measured(CHECK)[1]
    assert sorted(failure.missing_action for failure in failures) == ["", "s3:GetLifecycleConfiguration"]
