"""Names and tags as teams give them: by application and environment, complete, incomplete, misspelt or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.demo.estate import KINDS, TAG_COMBINATIONS, TAG_KEYS
from finops.demo.noise import key, unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.demo.population.ground import Ground

_UNTAGGED_SHARE = 0.17
_RETAGGED_SHARE = 0.04
_RETAGGED_DAYS = 40
_MISSPELT_SHARE = 0.03
_MANAGED_SHARE = 0.4
_APPS = {
    "management": ("billing",),
    "prod": ("storefront", "checkout", "catalog"),
    "data": ("lakehouse", "reporting"),
    "ml": ("experiments", "ranking"),
    "staging": ("storefront", "checkout"),
    "shared": ("network", "ci"),
    "sandbox": ("playground", "spike"),
    "security": ("audit",),
}
_ENVIRONMENTS = {
    "management": "mgmt",
    "staging": "staging",
    "sandbox": "sbx",
    "security": "sec",
}
_MISSPELT = {"Environment": "environment", "CostCenter": "Cost-Center", "Owner": "owner", "Application": "App"}


@dataclass(frozen=True, slots=True)
class Badge:
    """Whose a resource is: the application and environment its name is made of, and the tags it carries."""

    app: str
    environment: str
    tags: Mapping[str, str]

    def name(self, part: str, number: int | None = None) -> str:
        """`checkout-api-prod-07`; without a number `checkout-api-prod`."""
        stem = f"{self.app}-{part}-{self.environment}"
        return stem if number is None else f"{stem}-{number:02d}"


def badge(account_kind: str, day: date, *words: object) -> Badge:
    """The badge of one resource. A few are tagged differently after some weeks; a sixth never were."""
    choices = KINDS[account_kind].tags
    first = key("badge", *words)
    values = tagged = TAG_COMBINATIONS[choices[first % len(choices)]]
    if unit("retagged", *words) < _RETAGGED_SHARE:
        turn = (day.toordinal() + first % _RETAGGED_DAYS) // _RETAGGED_DAYS
        tagged = TAG_COMBINATIONS[choices[key("badge", turn, *words) % len(choices)]]
    apps = _APPS[account_kind]
    app = values[TAG_KEYS.index("Application")] or apps[first // 31 % len(apps)]
    environment = _ENVIRONMENTS.get(account_kind, "dev" if values[0] == "development" else "prod")
    return Badge(app, environment, _tags(tagged, *words))


def _tags(values: Sequence[str], *words: object) -> dict[str, str]:
    if unit("untagged", *words) < _UNTAGGED_SHARE:
        return {}
    tags = {name: value for name, value in zip(TAG_KEYS, values, strict=True) if value}
    if tags and unit("misspelt", *words) < _MISSPELT_SHARE:
        tags = {_MISSPELT[name]: value for name, value in tags.items()}
    if tags and unit("managed", *words) < _MANAGED_SHARE:
        tags["ManagedBy"] = "terraform"
    return tags


def aws_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most services spell them."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def stacked(tags: Mapping[str, str], ground: Ground, name: str) -> dict[str, str]:
    """Tags with those that CloudFormation adds, for a quarter of what it can put up."""
    number = ground.number("stack", name)
    if number % 4:
        return dict(tags)
    stack = f"{ground.account.name}-{name.partition('-')[0]}"
    return {
        **tags,
        "aws:cloudformation:stack-name": stack,
        "aws:cloudformation:logical-id": "Resource" + f"{number:016X}"[:8],
        "aws:cloudformation:stack-id": ground.arn("cloudformation", f"stack/{stack}/{ground.code('stack', stack)}"),
    }
