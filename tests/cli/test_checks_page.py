"""The page of checks is the one that the registry makes."""

from finops.cli.checks_page import PAGE, checks_markdown
from finops.waste.checks import checks


def test_the_page_of_checks_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == checks_markdown(checks()), "run: python -m finops.cli.checks_page"
