"""What Tag compliance asks the facade, each question once per state of everything: a warm rerun asks nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from finops.model.assets import AssetFilter
from finops.model.errors import InputError
from finops.model.tagging import TagVerdict
from finops.model.thresholds import GENERAL, TAGS
from finops.tagging import ViolationQuestion
from finops.tagging.compliance import OWNER_KEY, TARGET_COST, TARGET_COUNT
from pages.ui import numbers
from pages.ui.asset_view import pages_of
from pages.ui.cache import remembered
from user_prefs import UserPreferences, thresholds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from finops.inventory import AssetDetail, Standing
    from finops.model.period import Period
    from finops.model.tagging import DayScore, Policy, PolicyVersion
    from finops.tagging import Suggestions, Variants, Violation, ViolationPage, WhatIf
    from finops.tagging.autopsy import Autopsy
    from finops.tagging.compliance import Compliance
    from finops.tagging.fixing import Fix
    from finops.tagging.history import Movement
    from pages.ui.page import Context
    from pages.ui.tag_view import TagView

T = TypeVar("T")

EVERYTHING = AssetFilter(lifecycles=())
FACETS = ("account", "service", "region", "kind")
MOST_FIXES = 5_000
MOST_VERDICTS = 1_000
"""Verdicts that are looked through for those of one asset, which is found by its ARN."""
EXAMPLES = 12
"""Changed verdicts that a trial shows."""


@dataclass(frozen=True, slots=True)
class Targets:
    """From which percentages on compliance is good enough for the person."""

    count: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Answers:
    """Tag compliance of the context's tenant as the page asks it."""

    context: Context

    @cached_property
    def version(self) -> str:
        """Changes with the inventory, the policy, the day, evaluations that were kept and the stored bill."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        latest = max((one.evaluated for one in tagging.trend(tenant)), default=None)
        return f"{self.context.version} {tagging.version(tenant)} {latest}"

    def kept(self, question: Hashable, build: Callable[[], T]) -> T:
        """What was built for this question as long as everything stands as it does."""
        return remembered((self.context.tenant, self.version, "tags", question), build)

    @cached_property
    def held(self) -> PolicyVersion:
        """The policy that holds; version 0 is the starter."""
        return self.context.finops.tagging.policy(self.context.tenant)

    @cached_property
    def versions(self) -> tuple[PolicyVersion, ...]:
        """Every version kept, newest first."""
        return self.kept("versions", lambda: self.context.finops.tagging.versions(self.context.tenant))

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that rules of the policy are about."""
        return self.held.policy.keys

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self.kept("accounts", lambda: {account.id: account.name for account in inventory.accounts(tenant)})

    def standing(self, only: AssetFilter | None = None) -> Standing:
        """How fresh and whole the inventory is; asked anew every minute, since it moves when nothing was found."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        minute = self.context.now.replace(second=0, microsecond=0)
        return self.kept(("standing", only, minute), lambda: inventory.standing(tenant, only))

    @cached_property
    def offered(self) -> Mapping[str, tuple[str, ...]]:
        """Everything the filters can choose from, most used first."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        counted = self.kept("offered", lambda: inventory.counts(tenant, EVERYTHING, FACETS))
        return {
            facet: tuple(sorted(found, key=lambda value: (-found[value], value))) for facet, found in counted.items()
        }

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Values of the tag Owner in use."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self.kept("owners", lambda: inventory.tag_values(tenant, OWNER_KEY))

    @cached_property
    def period(self) -> Period | None:
        """The days that the costs of assets are of."""
        return self.context.finops.costs.resource_period(self.context.tenant)

    def month(self, amount: Decimal) -> Decimal:
        """An amount of these days as a month."""
        return amount / self.period.days * 365 / 12 if self.period is not None else amount

    @property
    def cost_days(self) -> str:
        """The days in words; empty while none are known."""
        return "" if self.period is None else numbers.days(self.period, today=self.context.now.date())

    @cached_property
    def targets(self) -> Targets:
        """The person's own targets, else the tenant's, else the usual ones."""
        tunables = [each for each in GENERAL if each.owner == TAGS]
        settings = UserPreferences.of(self.context.finops.settings).tenant(self.context.tenant).chosen
        found = {
            each.tunable.name: Decimal(str(each.value))
            for each in thresholds_of(self.context.preferences, settings, tunables)
        }
        return Targets(found.get("target_count_percent", TARGET_COUNT), found.get("target_cost_percent", TARGET_COST))

    def compliance(self, only: AssetFilter, *, by: str = "", key: str = "") -> Compliance:
        """The figures of a filter."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("compliance", only, by, key), lambda: tagging.compliance(tenant, only, by=by, key=key))

    def movement(self, only: AssetFilter) -> Movement:
        """Drift and fixes of a filter."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("movement", only), lambda: tagging.movement(tenant, only))

    def page(self, view: TagView) -> tuple[ViolationPage, TagView]:
        """The view's page of the table, and the view with a page that there is."""
        found = self.violations(view.question)
        last = pages_of(found.total)
        if view.page <= last:
            return found, view
        view = replace(view, page=last)
        return self.violations(view.question), view

    def violations(self, question: ViolationQuestion) -> ViolationPage:
        """A page of verdicts."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(question, lambda: tagging.violations(tenant, question))

    def total(self, view: TagView) -> int:
        """How many verdicts a view has."""
        return self.violations(replace(view.question, offset=0, limit=0)).total

    def detail(self, asset_id: str) -> AssetDetail | None:
        """One asset with its history; None when there is none."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        try:
            return self.kept(("detail", asset_id), lambda: inventory.detail(tenant, asset_id))
        except InputError:
            return None

    def verdicts(self, found: AssetDetail) -> tuple[Violation, ...]:
        """What every rule says of one asset."""
        page = self.violations(ViolationQuestion(_alone(found), verdicts=tuple(TagVerdict), limit=MOST_VERDICTS))
        return tuple(one for one in page.items if one.asset.asset_id == found.asset.asset_id)

    def fixes(self, found: AssetDetail, keys: tuple[str, ...]) -> tuple[Fix, ...]:
        """Tags that would mend one asset's violations of some keys."""
        if not keys:
            return ()
        return tuple(
            fix
            for fix in self.fix_list(_alone(found), keys, limit=MOST_VERDICTS)
            if fix.asset.asset_id == found.asset.asset_id
        )

    def fix_list(self, only: AssetFilter, keys: tuple[str, ...], *, limit: int = MOST_FIXES) -> tuple[Fix, ...]:
        """Tags that would mend violations of a filter."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        asked = ("fixes", only, keys, limit)
        return self.kept(asked, lambda: tagging.fix_list(tenant, only, keys=keys, limit=limit))

    def suggestions(self, key: str) -> Suggestions:
        """How well values of a key are guessed."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("suggestions", key), lambda: tagging.suggestions(tenant, key, limit=1))

    def trend(self, key: str) -> tuple[DayScore, ...]:
        """Kept scores of the last days."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("trend", key), lambda: tagging.trend(tenant, key))

    def autopsy(self, key: str) -> Autopsy:
        """Why dollars of a key are untagged."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("autopsy", key), lambda: tagging.autopsy(tenant, key))

    def variants(self, only: AssetFilter) -> Variants:
        """Keys and values that are spelled in several ways."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("variants", only), lambda: tagging.variants(tenant, only))

    def what_if(self, policy: Policy) -> WhatIf:
        """What another policy would say of all assets. InputError for a faulty rule."""
        tagging, tenant = self.context.finops.tagging, self.context.tenant
        return self.kept(("what_if", policy), lambda: tagging.what_if(tenant, policy, limit=EXAMPLES))


def _alone(found: AssetDetail) -> AssetFilter:
    """The narrowest filter there is that lets an asset through: its place and kind, and the words of its ARN or id."""
    asset = found.asset
    return AssetFilter(
        search=asset.arn or asset.resource_id,
        accounts=(asset.account,),
        regions=(asset.region,),
        kinds=(asset.kind,),
        lifecycles=(),
    )
