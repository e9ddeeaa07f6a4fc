"""Instance types by their names."""

from __future__ import annotations

import pytest

from finops.waste.instance_types import instance_type, is_superseded, one_size_down, superseding
from finops.waste.prices import shipped_prices


def listed(name: str) -> bool:
    return shipped_prices().of(f"ec2.instance:{name}", "us-east-1") is not None


@pytest.mark.parametrize(
    ("name", "smaller"),
    [
        ("m6i.2xlarge", "m6i.xlarge"),
        ("m6i.xlarge", "m6i.large"),
        ("m6i.large", None),
        ("m6g.large", "m6g.medium"),
        ("t3.nano", None),
        ("c5.9xlarge", "c5.4xlarge"),
        ("m4.10xlarge", "m4.4xlarge"),
        ("m7i.48xlarge", "m7i.24xlarge"),
        ("m5.metal", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_one_size_down_is_the_next_that_exists(name: str | None, smaller: str | None) -> None:
    assert one_size_down(name, listed) == smaller


@pytest.mark.parametrize(
    ("name", "newer"),
    [
        ("t2.micro", "t3.micro"),
        ("m4.large", "m6i.large"),
        ("c3.xlarge", "c6i.xlarge"),
        ("r4.16xlarge", "r6i.16xlarge"),
        ("m3.medium", "t3.medium"),
        ("m6i.large", None),
        ("", None),
    ],
)
def test_the_successor_has_the_same_size(name: str, newer: str | None) -> None:
    assert superseding(name) == newer
    assert is_superseded(name) == (newer is not None)


def test_every_listed_old_type_has_a_listed_successor() -> None:
    families = {"t2", "m3", "m4", "c3", "c4", "r3", "r4"}
    sizes = (
        "nano",
        "micro",
        "small",
        "medium",
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "10xlarge",
        "16xlarge",
    )
    old = [f"{family}.{size}" for family in families for size in sizes if listed(f"{family}.{size}")]

    assert len(old) > 30
    assert [name for name in old if not listed(str(superseding(name)))] == []


def test_names_have_two_parts() -> None:
    assert instance_type("m7i.metal-24xl") == ("m7i", "metal-24xl")
    assert instance_type("m7i.") is None
    assert instance_type(5) is None
