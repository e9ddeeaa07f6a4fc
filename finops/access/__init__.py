"""Who may do what: one function that pages, API and commands ask before they do anything.

People are three personas for now, chosen in the sidebar. Sign-in will bring people of its own; nothing that asks here
changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config import DEMO_TENANT
from finops.access.binding import check_binding
from finops.model.errors import InputError, NotAllowed
from finops.model.people import Person, Right, Role

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PERSONAS", "RIGHTS", "Access", "check_binding"]

_VIEWS = frozenset(
    {
        *(Right.VIEW_COSTS, Right.VIEW_INVENTORY, Right.VIEW_FINDINGS, Right.VIEW_TAGS),
        *(Right.VIEW_ANOMALIES, Right.VIEW_BUDGETS, Right.VIEW_REPORTS, Right.VIEW_HEALTH),
    }
)
_ANALYST = _VIEWS | {Right.EXPORT, Right.ACT_ON_FINDINGS, Right.JUDGE_ANOMALIES}
_MANAGER = _ANALYST | {
    *(Right.REFRESH_COSTS, Right.IMPORT_BILLS, Right.DISCOVER, Right.RUN_CHECKS, Right.EDIT_TAG_POLICY),
    *(Right.SCHEDULE_REPORTS, Right.EDIT_BUDGETS),
}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ANALYST: _ANALYST,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _MANAGER | {Right.ADMINISTER},
}
"""What each role may do; whatever is not listed is refused. Refreshing spends money: readers may not."""

PERSONAS: tuple[Person, ...] = (
    Person("persona:analyst", "Analyst", Role.ANALYST),
    Person("persona:manager", "Manager", Role.MANAGER),
    Person("persona:admin", "Admin", Role.ADMIN),
)


class Access:
    """Decides for one process. Safe to share between threads.

    `held` tells the tenants that hold data, `usual` is the tenant of this installation (`default` unless configured),
    `made_up` the one of made-up data: empty where it is not to be seen, in aws mode.
    """

    def __init__(self, held: Callable[[], tuple[str, ...]], *, usual: str, made_up: str) -> None:
        self._held = held
        self._usual = usual
        self._made_up = made_up

    def personas(self) -> tuple[Person, ...]:
        """Everyone who can be chosen, the one with the fewest rights first."""
        return PERSONAS

    def person(self, name: str | None) -> Person:
        """The persona of a role's name, the analyst for None; InputError for anything else."""
        if name is None:
            return PERSONAS[0]
        for person in PERSONAS:
            if name == str(person.role):
                return person
        raise InputError("persona", f"persona must be one of {', '.join(person.role for person in PERSONAS)}")

    def holder(self, principal: str) -> Person | None:
        """Whoever is this principal now; None for one who is unknown, or may do nothing any more."""
        return next((person for person in PERSONAS if person.principal == principal), None)

    def may(self, person: Person, right: Right, *, tenant: str = "") -> bool:
        """Whether a person has a right, and sees the tenant it is about."""
        return right in RIGHTS.get(person.role, frozenset()) and (not tenant or self._sees(person, tenant))

    def demand(self, person: Person, right: Right, *, tenant: str = "") -> None:
        """NotAllowed unless the person may; its sentence says what is missing."""
        if right not in RIGHTS.get(person.role, frozenset()):
            raise NotAllowed(f"{person.name} may not do that: it needs the right {right}.", right=right)
        if tenant and not self._sees(person, tenant):
            raise NotAllowed(f"{person.name} does not see tenant {tenant}.", right=right)

    def tenants(self, person: Person) -> tuple[str, ...]:
        """The tenants a person can choose, the opening one first; those that hold data, or the opening one alone."""
        seen = [tenant for tenant in self._held() if self._sees(person, tenant)]
        opening = self._opening(seen)
        return tuple(dict.fromkeys((opening, *seen)))

    def opening_tenant(self, person: Person) -> str:
        """The installation's own tenant once it holds data, else the made-up one: a first look is never empty."""
        return self._opening([tenant for tenant in self._held() if self._sees(person, tenant)])

    def _opening(self, seen: list[str]) -> str:
        if self._usual in seen:
            return self._usual
        return self._made_up or self._usual

    def _sees(self, person: Person, tenant: str) -> bool:
        if tenant == DEMO_TENANT and not self._made_up:
            return False
        return not person.tenants or tenant in person.tenants
