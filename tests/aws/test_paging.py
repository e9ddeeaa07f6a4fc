"""Page tokens: where the next one comes from, and when there is none."""

from __future__ import annotations

import pytest

from finops.aws.paging import Tokens


def test_a_plain_token_goes_into_the_next_request():
    tokens = Tokens.of({"input_token": "NextToken", "output_token": "NextToken", "result_key": "Accounts"})
    assert tokens.following({"NextToken": "b"}) == {"NextToken": "b"}
    assert tokens.following({"Accounts": []}) == {}
    assert tokens.following({"NextToken": ""}) == {}


def test_dotted_fields_flags_and_several_tokens():
    rule = {
        "input_token": ["StartName", "StartType"],
        "output_token": ["Next.Name", "Next.Type"],
        "more_results": "IsTruncated",
    }
    tokens = Tokens.of(rule)
    following = {"Next": {"Name": "a", "Type": "b"}}
    assert tokens.following({**following, "IsTruncated": True}) == {"StartName": "a", "StartType": "b"}
    assert tokens.following({**following, "IsTruncated": False}) == {}
    assert tokens.following({"Next": None}) == {}


def test_tokens_computed_from_items_are_refused_when_declared():
    with pytest.raises(ValueError, match="not supported"):
        Tokens.of({"input_token": "Marker", "output_token": "NextMarker || Contents[-1].Key"})
    with pytest.raises(ValueError, match="each token"):
        Tokens(("a", "b"), ("a",))
