"""Paths into answers, and what is made of what they find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.aws.fields import (
    Found,
    Source,
    count,
    detail,
    earliest,
    gauge,
    joined,
    last,
    moment,
    or_else,
    paths_of,
    present,
    tag,
    tags_of,
    text,
    total,
    values,
    when,
)

ITEM = {
    "Id": "a",
    "Deep": {"Er": {"Still": 7}},
    "List": [{"Name": "b"}, {"Name": "a"}, {"Name": "b"}, {}, None],
    "Words": ["z", "y"],
    "None": None,
    "Empty": "",
    "Tags": [{"Key": "Team", "Value": "x"}, {"Key": "Bare"}, {"Value": "keyless"}, "odd"],
    "Map": {"Key": "k", "Value": "v"},
    "At": datetime(2026, 11, 2, tzinfo=UTC),
}
FOUND = Found(ITEM, Found("cluster", Found({"Name": "root"})))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Id", ["a"]),
        ("Deep.Er.Still", [7]),
        ("List[].Name", ["b", "a", "b"]),
        ("Words[]", ["z", "y"]),
        ("^", ["cluster"]),
        ("^^Name", ["root"]),
        (".", [ITEM]),
        ("Nowhere", []),
        ("Id.Deeper", []),
        ("Id[]", []),
        ("List.Name", []),
        ("None", []),
        ("^Name", []),
        ("^^^Name", []),
    ],
)
def test_a_path_finds_everything_at_its_end(path: str, expected: list[Any]):
    assert values(FOUND, path) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Id", "a"),
        ("Deep", None),
        ("At", None),
        ("List[].Name", ["a", "b"]),
        ("Words[]", ["y", "z"]),
        ("Nowhere[]", []),
        (count("List[].Name"), 3),
        (count("Nowhere[].Name"), 0),
        (present("Id"), True),
        (present("Empty"), False),
        (present("Nowhere", "yes", "no"), "no"),
        (or_else("Nowhere", "std"), "std"),
        (or_else("Empty", "std"), "std"),
        (or_else("Deep.Er.Still", 0), 7),
        (when("At"), "2026-11-02T00:00:00Z"),
        (when("Id"), None),
        (tag("Tags[]", "Team"), "x"),
        (tag("Tags[]", "Other"), None),
        (joined("Id", "^"), "a/cluster"),
        (joined("Id", "Nowhere"), None),
        (last("^"), "cluster"),
        (last("Nowhere"), None),
        (gauge("Deep.Er.Still"), 7),
        (gauge(count("Words[]")), 2),
    ],
)
def test_a_detail_is_a_scalar_a_sorted_list_or_nothing(source: Source, expected: object):
    assert detail(FOUND, source) == expected


def test_sums_are_of_numbers_only():
    sizes = Found({"Disks": [{"Size": 8}, {"Size": 30}, {}, {"Size": "12"}]})
    assert detail(sizes, total("Disks[].Size")) == 38
    assert detail(sizes, total("Nowhere[].Size")) is None


def test_the_last_part_of_arns_and_urls():
    arn = Found({"Arn": "arn:aws:ecs:eu-west-1:1:service/fleet/web"})
    assert detail(arn, last("Arn", ":service/")) == "fleet/web"
    assert detail(Found("https://sqs.eu-west-1.amazonaws.com/1/jobs.fifo"), last(".")) == "jobs.fifo"
    assert text(arn, last("Arn", "#")) == "arn:aws:ecs:eu-west-1:1:service/fleet/web"
    assert text(Found({"Arn": "ends/"}), last("Arn")) == ""


def test_a_text_of_several_is_the_first_in_order_and_of_nothing_empty():
    assert text(FOUND, "List[].Name") == "a"
    assert text(FOUND, "Nowhere[]") == ""
    assert text(FOUND, "") == ""
    assert text(FOUND, "Deep.Er.Still") == "7"


def test_sources_tell_what_they_look_at():
    assert paths_of("A.B") == ("A.B",)
    assert paths_of("") == ()
    assert paths_of(joined("A", "B")) == ("A", "B")
    assert paths_of(gauge(when("A"))) == ("A",)


def test_tags_are_lists_of_pairs_or_a_map_as_declared():
    assert tags_of(FOUND, "Tags[]") == {"Team": "x", "Bare": ""}
    assert tags_of(FOUND, "Map") == {"Key": "k", "Value": "v"}
    assert tags_of(Found({"t": [{"key": "a", "value": "b"}]}), "t[]") == {"a": "b"}
    assert tags_of(FOUND, "Nowhere[]") == {}


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        datetime(2026, 11, 20, 12),  # noqa: DTZ001 - AWS's times without a zone are UTC
        datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1))),
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.000Z",
        "2026-11-20T12:00:00.000+0000",
        "2026-11-20T13:00:00+01:00",
        " 2026-11-20T12:00:00 ",
        NOON.timestamp(),
        int(NOON.timestamp()),
        int(NOON.timestamp() * 1000),
        str(int(NOON.timestamp())),
        f"{NOON.timestamp():.3f}",
        str(int(NOON.timestamp() * 1000)),
        "1.795176E9",
    ],
)
def test_times_are_read_however_they_are_written(written: object):
    at = moment(written)
    assert at is not None
    assert abs(at - NOON) < timedelta(seconds=1)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "odd",
    ["", "yesterday", "2026-13-45", None, True, [], {}, b"2026", float("nan"), float("inf"), 1e300, "9" * 400, "1e999"],
)
def test_what_is_no_time_is_none(odd: object):
    assert moment(odd) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes(), st.binary(), st.none(), st.booleans()))
def test_no_value_ever_breaks_the_reading_of_a_time(value: object):
    at = moment(value)
    assert at is None or at.tzinfo is UTC


ANYTHING = st.recursive(
    st.none() | st.text() | st.integers() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("AB"), inner),
)


@given(ANYTHING)
def test_no_shape_ever_breaks_a_path(item: object):
    for path in (".", "A", "A.B", "A[].B", "A[].B[]", "^A"):
        values(Found(item), path)
        read = detail(Found(item), path)
        assert read is None or isinstance(read, str | int | float | list)


def test_the_earliest_of_several_times_counts_and_unreadable_ones_do_not():
    item = Found({"A": "2026-11-02T00:00:00Z", "B": [{"C": "nonsense"}, {"C": 1700000000}]})
    assert earliest(item, ("A", "B[].C")) == datetime.fromtimestamp(1700000000, UTC)
    assert earliest(item, ("Nowhere",)) is None
