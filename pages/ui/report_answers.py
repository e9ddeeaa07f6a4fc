"""What the Reports page asks the facade, each thing once a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import streamlit as st

from finops.delivery.cron import zone_of
from finops.model.delivery import DeliveryStatus
from finops.model.errors import InputError
from finops.model.people import Right
from pages.ui import offers
from pages.ui.report_view import PAGE_SIZE, ReportView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from finops.model.delivery import Delivery, Firing, Schedule
    from finops.model.reports import Export
    from finops.reports import Definition
    from pages.ui.page import Context
    from pages.ui.view import Offer

RECENT = timedelta(days=30)
MOST_COUNTED = 1_000
MOST_FIRINGS = 200
HISTORY = 20


@dataclass(frozen=True)
class Answers:
    """Reports, files, schedules and mails of the context's tenant."""

    context: Context

    @property
    def today(self) -> date:
        """The day of this run."""
        return self.context.now.date()

    @cached_property
    def zone(self) -> str:
        """The person's time zone, as their browser tells it; UTC where it does not."""
        named = st.context.timezone or ""
        try:
            zone_of(named)
        except InputError:
            return "UTC"
        return named

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The reports that this person may see, by name."""
        found = self.context.finops.reports.definitions
        return {each.name: each for each in found if all(self.context.may(right) for right in each.rights)}

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, those that this person chose first."""
        chosen = [name for name in self.context.preferences.reports if name in self.definitions]
        return tuple(dict.fromkeys((*chosen, *self.definitions)))

    def title(self, report: str) -> str:
        """What a report is called, also one that this person may not see."""
        found = {each.name: each.title for each in self.context.finops.reports.definitions}
        return found.get(report, report)

    @cached_property
    def may_schedule(self) -> bool:
        """Whether this person may schedule and send."""
        return self.context.may(Right.SCHEDULE_REPORTS)

    @cached_property
    def may_export(self) -> bool:
        """Whether this person may take files away."""
        return self.context.may(Right.EXPORT)

    @cached_property
    def offer(self) -> Offer:
        """What the tenant's bill has."""
        return offers.offer(self.context)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        return self.context.finops.costs.account_names(self.context.tenant)

    @cached_property
    def files(self) -> tuple[Export, ...]:
        """The person's own files that can still be fetched, newest first."""
        return self.context.finops.exports.of_owner(self.context.tenant, self.context.person.principal)

    # Schedules

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every schedule by name."""
        return self.context.finops.delivery.schedules.list(self.context.tenant)

    def schedule(self, schedule_id: str) -> Schedule | None:
        """One of them."""
        return next((each for each in self.schedules if each.schedule_id == schedule_id), None)

    @cached_property
    def called(self) -> dict[str, str]:
        """Name of each schedule by its id."""
        return {each.schedule_id: each.name for each in self.schedules}

    @cached_property
    def last_firings(self) -> dict[str, Firing]:
        """The latest firing of each schedule, by the schedule's id."""
        delivery, tenant = self.context.finops.delivery, self.context.tenant
        found: dict[str, Firing] = {}
        for firing in delivery.firings(tenant, limit=MOST_FIRINGS)[0]:
            found.setdefault(firing.schedule_id, firing)
        for schedule in self.schedules:
            if schedule.last_run is not None and schedule.schedule_id not in found:
                late = delivery.firings(tenant, schedule_id=schedule.schedule_id, limit=1)[0]
                found |= {schedule.schedule_id: late[0]} if late else {}
        return found

    @cached_property
    def last_mails(self) -> dict[str, dict[str, int]]:
        """How the mails of those firings stand, by the firing's id."""
        return self.context.finops.delivery.standing(tuple(self.last_firings.values()))

    def history(self, schedule: Schedule) -> tuple[tuple[Firing, ...], int, dict[str, dict[str, int]]]:
        """The latest firings of a schedule, how many there are, and how their mails stand."""
        delivery = self.context.finops.delivery
        found, total = delivery.firings(self.context.tenant, schedule_id=schedule.schedule_id, limit=HISTORY)
        return found, total, delivery.standing(found)

    # Mails

    def mails(self, view: ReportView) -> tuple[tuple[Delivery, ...], int]:
        """One page of the mails of a view, newest first, and how many there are."""
        return self.context.finops.delivery.deliveries(
            self.context.tenant,
            schedule_id=view.of,
            statuses=view.statuses,
            limit=PAGE_SIZE,
            offset=(view.page - 1) * PAGE_SIZE,
        )

    def mail(self, delivery_id: str) -> Delivery | None:
        """One mail; None when there is none of this id here."""
        try:
            return self.context.finops.delivery.one(self.context.tenant, delivery_id)
        except InputError:
            return None

    @cached_property
    def counts(self) -> dict[DeliveryStatus, int]:
        """How many mails of this tenant stand how."""
        asked = self.context.finops.delivery.deliveries
        return {status: asked(self.context.tenant, statuses=(status,), limit=1)[1] for status in DeliveryStatus}

    @cached_property
    def sent_lately(self) -> tuple[int, bool]:
        """Mails sent within thirty days, and whether there are more than were counted."""
        sent, total = self.context.finops.delivery.deliveries(
            self.context.tenant, statuses=(DeliveryStatus.SENT,), limit=MOST_COUNTED
        )
        since = self.context.now - RECENT
        lately = sum(each.sent_at is not None and each.sent_at >= since for each in sent)
        return lately, lately == len(sent) < total
