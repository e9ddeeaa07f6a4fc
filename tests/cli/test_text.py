"""Text for terminals and pipes: nothing from outside steers them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.cli.text import Table, aligned, amount, printable, tab_separated

ROWS = st.lists(
    st.tuples(st.text(st.characters(), max_size=12), st.decimals(-(10**9), 10**9, allow_nan=False, places=6)),
    max_size=8,
)


@given(st.text(st.characters()))
def test_no_text_moves_the_cursor_or_breaks_a_line(text):
    shown = printable(text)
    assert not set(shown) & set("\x1b\x07\x08\r\n\t\u202e\u2066\u2028")
    assert shown.encode().decode() == shown


@given(ROWS)
def test_tab_separated_lines_have_as_many_cells_as_columns(rows):
    lines = list(tab_separated(Table(("service", "cost"), tuple(rows))))
    assert len(lines) == len(rows) + 1
    assert all(line.count("\t") == 1 and line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert [Decimal(line.rstrip("\n").split("\t")[1]) for line in lines[1:]] == [cost for _, cost in rows]


def test_columns_line_up_also_with_wide_characters():
    table = Table(
        ("day", "service", "cost"),
        ((date(2026, 10, 1), "東京", Decimal("1234.5")), (date(2026, 10, 2), "EC2", Decimal("-0.005"))),
        ((None, "Total", Decimal("1234.495")),),
    )
    assert "".join(aligned(table)) == (
        "day         service      cost\n"
        "2026-10-01  東京     1,234.50\n"
        "2026-10-02  EC2          0.00\n"
        "            Total    1,234.50\n"
    )


def test_people_see_the_telling_columns_and_a_pipe_all_of_them():
    table = Table(("id", "name", "cost"), (("1", "a", Decimal(2)),), ((None, "Total", Decimal(2)),), ("cost", "name"))
    assert "".join(aligned(table)) == "cost  name\n2.00  a\n2.00  Total\n"
    assert "".join(tab_separated(table)) == "id\tname\tcost\n1\ta\t2.00\n"


def test_amounts_are_grouped_and_rounded_as_invoices_are():
    assert [amount(Decimal(text)) for text in ("1234567.891", "-0.5", "0")] == ["1,234,567.89", "-0.50", "0.00"]
