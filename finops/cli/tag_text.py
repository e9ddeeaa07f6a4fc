"""Tag compliance as tables and sentences for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.cli.text import Table, amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GROUP_COLUMNS = ("group", "name", "percent", "cost_percent", "judged", "compliant", "violating", "untagged", "unknown")
PART_COLUMNS = ("cause", "cost", "resources", "unseen_cost")
ACCURACY_COLUMNS = ("signal", "tagged", "guessed", "right", "accuracy", "coverage")
RULE_COLUMNS = ("key", "aliases", "kinds", "required", "values", "case", "inherit", "since", "exemptions")


def headline(data: Mapping[str, Any], meta: Mapping[str, Any]) -> Iterator[str]:
    """How assets stand as a whole and by key."""
    score, targets = data["score"], data["targets"]
    version = f"policy version {meta['policy_version']}" if meta["policy_version"] else "the starter policy"
    count = f"{_share(score['percent'])} of {score['judged']:,} assets (target {targets['percent']} %)"
    cost = f"{_share(score['cost_percent'])} of their cost (target {targets['cost_percent']} %)"
    yield f"Tenant {meta['tenant']}, {version}: {count} and {cost} comply."
    apart = {name: score[name] for name in ("exempt", "untaggable", "unknown", "unpriced") if score[name]}
    if apart:
        yield f"Apart from these: {', '.join(f'{count:,} {name}' for name, count in apart.items())}."
    for each in data["keys"]:
        money = ", ".join(f"{amount(cost['untagged'])} {cost['currency']} untagged" for cost in each["costs"])
        shares = f"{_share(each['percent'])} by count, {_share(each['cost_percent'])} by cost"
        yield f"{each['key']}: {shares}{f', {money}' if money else ''}."
    yield f"{meta['total']:,} violations{' or other verdicts asked for' if not score['violating'] else ''}."


def rule_table(rules: Iterable[Mapping[str, Any]]) -> Table:
    """The rules of a policy, a line each."""
    return Table(RULE_COLUMNS, tuple(tuple(_cell(rule, name) for name in RULE_COLUMNS) for rule in rules))


def _cell(rule: Mapping[str, Any], name: str) -> str:
    value = rule[name]
    if name == "values":
        return ", ".join((*value, *(f"/{each}/" for each in rule["patterns"]))) or "any"
    if name == "exemptions":
        return "; ".join(f"until {each['until']}: {each['reason']}" for each in value)
    if isinstance(value, list):
        return ", ".join(value)
    return {True: "yes", False: "no", None: ""}.get(value, str(value)) if not isinstance(value, str) else value


def _share(percent: object) -> str:
    return "unknown" if percent is None else f"{percent} %"
