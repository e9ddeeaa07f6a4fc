"""AWS's own budgets, taken over as they are: asked for at most once a day unless a person asks, and free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.aws.budgets import FEATURE, described
from finops.aws.failures import failure_of
from finops.aws.identity import identity
from finops.model.errors import AwsError
from finops.model.metering import Caller
from finops.store.budgets import BudgetImport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.aws.calls import Calls
    from finops.store.budgets import BudgetStore

USER = "system"
_PAUSE = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class AwsImporter:
    """Asks the hub account for its budgets. Only `tenant` has what AWS answers: made-up answers stay in the demo's."""

    store: BudgetStore
    calls: Calls
    now: Callable[[], datetime]
    tenant: str

    def due(self, tenant: str) -> bool:
        """Whether AWS should be asked without anybody asking."""
        if tenant != self.tenant:
            return False
        before = self.store.imported(tenant)
        return before is None or self.now() - before.asked >= _PAUSE

    def ask(self, tenant: str, *, user: str = "") -> BudgetImport:
        """Takes over what AWS has now. A failure is kept and told, and what was imported before stays."""
        caller, now, account = Caller(tenant, FEATURE, user), self.now(), ""
        try:
            account = identity(self.calls, caller).account
            found = described(self.calls, caller, account, tenant)
        except AwsError as error:
            told = BudgetImport(now, account, failure=failure_of(error))
            self.store.import_failed(tenant, told)
            return told
        told = BudgetImport(now, account, told=now)
        self.store.replace_imported(tenant, found, told, by=user or USER)
        return told
