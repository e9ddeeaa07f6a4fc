"""Incomplete uploads: their age, their size, rules that end them, and lists that are too long."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.s3_incomplete_uploads import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import NOW, asset, desk, judgement

GIB = 2**30
NO_RULES = {"GetBucketLifecycleConfiguration": lambda _: Refusal("NoSuchLifecycleConfiguration", status=404)}


def upload(key: str, days: int, storage: str = "STANDARD") -> dict[str, Any]:
    return {"Key": key, "UploadId": f"u-{key}", "Initiated": NOW - timedelta(days=days), "StorageClass": storage}


def listing(*uploads: dict[str, Any]) -> Any:
    return lambda params: {"Bucket": params["Bucket"], "IsTruncated": False, "Uploads": list(uploads)}


def parts(params: dict[str, Any]) -> dict[str, Any]:
    return {"Bucket": params["Bucket"], "IsTruncated": False, "Parts": [{"PartNumber": 1, "Size": 60 * GIB}] * 2}


@pytest.mark.parametrize(("days", "verdict"), [(6, Verdict.OK), (7, Verdict.FLAGGED), (200, Verdict.FLAGGED)])
def test_seven_days_are_long_enough(days: int, verdict: Verdict) -> None:
    answers = {**NO_RULES, "ListMultipartUploads": listing(upload("a", days)), "ListParts": parts}

    found = desk([asset("s3:bucket", "b")], answers).verdicts(CHECK)["b"]

    assert found.verdict is verdict
    if verdict is Verdict.FLAGGED:
        assert (found.saving.amount, found.saving.basis) == (Decimal("2.76"), Basis.DERIVED)


def test_the_age_can_be_moved_afterwards() -> None:
    uploads = (upload("a", 5), upload("b", 20))
    at = desk([asset("s3:bucket", "b")], {**NO_RULES, "ListMultipartUploads": listing(*uploads), "ListParts": parts})

    assert at.verdicts(CHECK, upload_days=5)["b"].saving.amount == Decimal("5.52")
    assert at.verdicts(CHECK, upload_days=20)["b"].saving.amount == Decimal("2.76")
    assert at.verdicts(CHECK, upload_days=21)["b"].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ({"Filter": {}}, 0),
        ({"Filter": {"Prefix": ""}}, 0),
        ({"Prefix": ""}, 0),
        ({"Filter": {"Prefix": "tmp/"}}, 1),
        ({"Prefix": "tmp/"}, 1),
    ],
)
def test_a_rule_for_the_whole_bucket_ends_them(limits: dict[str, Any], asked: int) -> None:
    rule = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, **limits}
    answers = {
        "GetBucketLifecycleConfiguration": lambda _: {"Rules": [rule]},
        "ListMultipartUploads": listing(upload("a", 30)),
        "ListParts": parts,
    }
    at = desk([asset("s3:bucket", "b")], answers)

    assert at.verdicts(CHECK)["b"].verdict is (Verdict.FLAGGED if asked else Verdict.OK)
    assert at.wire.operations.count("ListMultipartUploads") == asked


@pytest.mark.parametrize("denied", ["GetBucketLifecycleConfiguration", "ListMultipartUploads"])
def test_what_is_refused_is_undetermined(denied: str) -> None:
    answers = {**NO_RULES, "ListMultipartUploads": listing(), denied: lambda _: Refusal("AccessDenied", status=403)}
    at = desk([asset("s3:bucket", "b")], answers)

    assert len(at.measured(CHECK)[1]) == 1
    assert at.verdicts(CHECK)["b"].verdict is Verdict.UNDETERMINED


def test_sizes_that_are_refused_leave_the_uploads_and_no_dollars() -> None:
    answers = {
        **NO_RULES,
        "ListMultipartUploads": listing(upload("a", 30)),
        "ListParts": lambda _: Refusal("AccessDenied", status=403),
    }
    at = desk([asset("s3:bucket", "b")], answers)

    found = at.verdicts(CHECK)["b"]

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)
    assert at.measured(CHECK)[1][0].missing_action == "s3:ListMultipartUploadParts"


def test_a_bucket_without_uploads_is_fine_and_one_that_was_finished_meanwhile_stores_nothing() -> None:
    clean = desk([asset("s3:bucket", "b")], {**NO_RULES, "ListMultipartUploads": listing()}).verdicts(CHECK)["b"]
    answers = {
        **NO_RULES,
        "ListMultipartUploads": listing(upload("a", 30)),
        "ListParts": lambda _: Refusal("NoSuchUpload", status=404),
    }
    finished = desk([asset("s3:bucket", "b")], answers)

    assert clean.verdict is Verdict.OK
    assert finished.measured(CHECK)[1] == []
    assert finished.verdicts(CHECK, min_saving=0)["b"].saving.amount == 0


def test_sizes_of_the_fifty_oldest_are_added_up_and_it_says_so() -> None:
    uploads = [upload(f"k{number}", 10 + number) for number in range(60)]
    at = desk([asset("s3:bucket", "b")], {**NO_RULES, "ListMultipartUploads": listing(*uploads), "ListParts": parts})

    facts = at.measured(CHECK)[0][0].facts

    assert (facts["uploads"], facts["uploads_measured"], facts["sizes_complete"]) == (60, 50, False)
    assert "oldest ones alone" in at.verdicts(CHECK)["b"].message


def test_a_list_without_an_end_is_left_after_five_pages() -> None:
    def page(params: dict[str, Any]) -> dict[str, Any]:
        number = int(params.get("KeyMarker", "0")) + 1
        more = {"IsTruncated": True, "NextKeyMarker": str(number), "NextUploadIdMarker": str(number)}
        return {"Bucket": "b", "Uploads": [upload(f"k{number}", 30)], **more}

    at = desk([asset("s3:bucket", "b")], {**NO_RULES, "ListMultipartUploads": page, "ListParts": parts})

    facts = at.measured(CHECK)[0][0].facts

    assert (facts["uploads"], facts["uploads_complete"]) == (5, False)


def test_parts_on_their_way_to_another_class_are_counted_and_not_priced() -> None:
    uploads = (upload("a", 30, "STANDARD_IA"), upload("b", 30))
    at = desk([asset("s3:bucket", "b")], {**NO_RULES, "ListMultipartUploads": listing(*uploads), "ListParts": parts})

    found = at.verdicts(CHECK)["b"]

    assert found.saving.amount == Decimal("2.76")
    assert found.message.startswith("2 uploads")


def test_an_unknown_series_is_undetermined() -> None:
    assert judgement(CHECK, {"abort_rule": False}).verdict is Verdict.UNDETERMINED
