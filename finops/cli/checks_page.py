"""Writes docs/waste-checks.md from the registry of checks: `python -m finops.cli.checks_page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from finops.waste.check import GUARDS
from finops.waste.checks import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.model.findings import Threshold
    from finops.waste.check import Check

PAGE = Path(__file__).parents[2] / "docs" / "waste-checks.md"
_INTRODUCTION = """# The waste checks

What each check looks for, what it asks AWS beyond the inventory, and the thresholds that anyone may move between their
bounds. A check measures once; its facts are judged with these numbers, as often as anybody likes.
[How findings live](findings.md) is told elsewhere.

Every check has these guards too, unless age is no excuse there:

{guards}

This page is written by `python -m finops.cli.checks_page`. A package from outside adds checks through the entry-point
group `finops.checkers`: an object of that group is a `finops.waste.check.Check` or an iterable of them.
"""


def checks_markdown(listed: Iterable[Check]) -> str:
    """The page: a section for each check."""
    guards = "\n".join(_threshold(guard) for guard in GUARDS)
    return _INTRODUCTION.format(guards=guards) + "".join(_section(check) for check in listed)


def _section(check: Check) -> str:
    action = check.action
    facts = [
        f"- Looks at: {', '.join(f'`{kind}`' for kind in check.kinds) or 'accounts and what they hold'}",
        f"- Asks AWS: {', '.join(f'`{each.action}`' for each in check.operations) or 'nothing more'}",
        f"- Category {check.category}, severity {check.severity}; action {action.action_type}, effort "
        f"{action.implementation_effort}",
        *map(_threshold, check.thresholds),
        *([f"- Source: <{check.source_url}>"] if check.source_url else []),
    ]
    return f"\n## {check.title}\n\n`{check.check_id}`\n\n{check.explanation.strip()}\n\n" + "\n".join(facts) + "\n"


def _threshold(threshold: Threshold) -> str:
    unit = f" {threshold.unit}" if threshold.unit else ""
    bounds = f"{threshold.minimum:g} to {threshold.maximum:g}"
    return f"- `{threshold.name}` = {threshold.default:g}{unit} ({bounds}): {threshold.text}"


if __name__ == "__main__":
    PAGE.write_text(checks_markdown(checks()), encoding="utf-8")
