"""The page of permissions is what the code can call."""

from finops.aws.permissions import declared
from finops.cli.permissions_page import PAGE, permissions_markdown


def test_the_page_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == permissions_markdown(), "run: python -m finops.cli.permissions_page"


def test_each_permitted_operation_has_its_row_and_paid_ones_their_price():
    page = permissions_markdown()
    for operation in declared():
        row = next(line for line in page.splitlines() if f"| {operation.service} {operation.name} |" in line)
        assert f"`{operation.action}`" in row
        assert operation.lost in row
        assert ("$0.01" in row) == (operation.service == "ce")
