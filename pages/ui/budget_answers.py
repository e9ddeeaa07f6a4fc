"""What the budgets half asks the facade. How budgets stand is kept there while costs and budgets stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.people import Right
from pages.ui import budget_names, offers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from finops.model.budgets import BudgetDetail, BudgetStanding, Growth, WhatIf
    from finops.store.budgets import BudgetImport
    from pages.ui.page import Context
    from pages.ui.view import Offer


@dataclass(frozen=True)
class Answers:
    """The budgets of the context's tenant as the page asks them."""

    context: Context

    @property
    def today(self) -> date:
        """The day of this run."""
        return self.context.now.date()

    @cached_property
    def standings(self) -> tuple[BudgetStanding, ...]:
        """Every budget in its running period, the worst first."""
        return tuple(sorted(self.context.finops.budgets.list(self.context.tenant), key=budget_names.severity))

    @cached_property
    def imported(self) -> BudgetImport | None:
        """When AWS was last asked for its own budgets."""
        return self.context.finops.budgets.imported(self.context.tenant)

    def detail(self, budget_id: str) -> BudgetDetail | None:
        """One budget with its burn-down; None when there is none."""
        try:
            return self.context.finops.budgets.show(self.context.tenant, budget_id)
        except InputError:
            return None

    def what_if(self, budget_id: str, growth: Growth) -> WhatIf:
        """What growth would do. InputError names the field at fault."""
        return self.context.finops.budgets.what_if(self.context.tenant, budget_id, growth)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        return self.context.finops.costs.account_names(self.context.tenant)

    @cached_property
    def offer(self) -> Offer:
        """What the tenant's bill has: dimensions, metrics and their values."""
        return offers.offer(self.context)

    @cached_property
    def may_edit(self) -> bool:
        """Whether this person may make, change and remove budgets."""
        return self.context.may(Right.EDIT_BUDGETS)
