"""Declarations that cannot be right are refused when they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from finops.aws.fields import gauge, joined
from finops.aws.listing import Batch, Kind, Linked, Step, filled, reading
from finops.aws.permissions import Operation
from finops.aws.services import kind_named

LIST_TABLES = reading("dynamodb", "ListTables", "DynamoDB tables")
DESCRIBE_TABLE = reading("dynamodb", "DescribeTable", "DynamoDB tables")
LISTED = Step(LIST_TABLES, "TableNames[]")
DESCRIBED = Step(DESCRIBE_TABLE, "Table", each={"TableName": "."}, paged=False)
GOOD = Kind(
    kind="test:table",
    title="Table",
    steps=(LISTED, DESCRIBED),
    resource_id=joined("TableName", "^"),
    arn="arn:{partition}:x:{region}:{account}:{TableArn}/{id}",
    tags="Tags[]",
    details={"size_bytes": gauge("TableSizeBytes"), "state": "TableStatus"},
    links=(Linked("in", "ec2:vpc", "Network.Vpc"),),
)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "table"},
        {"kind": "Test:table"},
        {"title": ""},
        {"rate": 0},
        {"details": {"sizeBytes": "TableSizeBytes"}},
        {"details": {"size bytes": "TableSizeBytes"}},
        {"steps": ()},
        {"steps": (DESCRIBED,)},
        {"steps": (LISTED, LISTED)},
        {"resource_id": "^^TableName"},
        {"links": (Linked("in", "ec2:vpc", "^^Vpc"),)},
        {"steps": (LISTED, replace(DESCRIBED, each={"TableName": "^"}))},
    ],
)
def test_a_declaration_that_cannot_work_is_refused(change: dict[str, Any]):
    with pytest.raises(ValueError, match=r"test:table|table|is not declared well"):
        replace(GOOD, **change)


@pytest.mark.parametrize("name", ["DeleteTable", "PutItem", "CreateTable", "TagResource"])
def test_only_reads_can_be_steps(name: str):
    with pytest.raises(ValueError, match="is no read"):
        Step(Operation("dynamodb", name, f"dynamodb:{name}", "inventory", "x"), "x")


def test_a_kind_tells_what_it_reads_of_which_answer():
    assert sorted((operation.name, path) for operation, path in GOOD.reads) == [
        ("DescribeTable", "Table"),
        ("DescribeTable", "Table.Network.Vpc"),
        ("DescribeTable", "Table.TableArn"),
        ("DescribeTable", "Table.TableName"),
        ("DescribeTable", "Table.TableSizeBytes"),
        ("DescribeTable", "Table.TableStatus"),
        ("DescribeTable", "Table.Tags[]"),
        ("ListTables", "TableNames[]"),
    ]
    assert GOOD.service == "test"
    assert GOOD.client == "dynamodb"
    assert GOOD.gauges == {"size_bytes"}


def test_paths_into_earlier_items_belong_to_the_earlier_answer():
    read = {(operation.name, path) for operation, path in kind_named("qbusiness:index").reads}
    assert ("ListApplications", "applications[].applicationId") in read
    assert ("ListIndices", "indices[].indexId") in read


def test_a_batch_is_asked_for_by_its_path():
    batched = Step(DESCRIBE_TABLE, "Tables[]", batch=Batch("TableNames", "Name", 5), paged=False)
    assert batched.asked_paths == ("Name",)
    assert batched.must_hold == "Tables"
    assert Step(DESCRIBE_TABLE, "Tables[]", proof="").must_hold == ""


def test_a_template_with_a_gap_is_no_arn():
    words = {"partition": "aws", "region": "", "account": "1", "id": "x", "A.B": "y"}
    assert filled("arn:{partition}:s:{region}:{account}:{A.B}/{id}", words) == "arn:aws:s::1:y/x"
    assert filled("arn:{partition}:{Missing}", words) == ""


def test_declaring_a_read_twice_in_the_same_words_is_once_and_otherwise_an_error():
    assert reading("dynamodb", "ListTables", "DynamoDB tables") == LIST_TABLES
    with pytest.raises(ValueError, match="declared twice"):
        reading("dynamodb", "ListTables", "something else")
