"""The page of kinds is what the declarations say."""

from finops.aws.services import kinds
from finops.cli.kinds_page import PAGE, kinds_markdown


def test_the_page_is_what_the_declarations_say():
    assert PAGE.read_text(encoding="utf-8") == kinds_markdown(kinds()), "run: python -m finops.cli.kinds_page"


def test_each_kind_has_a_row_with_its_calls_permissions_and_details():
    rows = {line.split(" | ")[0].strip("| `"): line for line in kinds_markdown(kinds()).splitlines() if "| `" in line}
    assert set(rows) == {kind.kind for kind in kinds()}
    for kind in kinds():
        row = rows[kind.kind]
        assert row.count("|") == 7
        assert all(step.operation.name in row and step.operation.action in row for step in kind.steps)
        assert all(name in row for name in kind.details)
    assert "stored_bytes*" in rows["logs:log-group"]
    assert "retention_days," in rows["logs:log-group"]
    assert "once for all regions" in rows["s3:bucket"]
    assert "sweep (`lambda:function`)" in rows["lambda:function"]
