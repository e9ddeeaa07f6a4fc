"""What people do with a schedule: pause, resume, remove, run now for its readers, try out on themselves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

import scheduler
from finops.model.delivery import FiringStatus
from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from pages.ui import numbers, report_mail, report_names, report_work, schedule_names
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.facade import Finops
    from finops.model.delivery import Delivery, Firing, Schedule
    from pages.ui.page import Context
    from pages.ui.report_answers import Answers
    from pages.ui.report_work import Tell

    Said = tuple[bool, str]
    """Whether it went well, and the sentence that says what it came to."""

RUN, TRY = "schedule.run", "schedule.try"
_SAID, _ASKED, _DONE = "schedules.said", "schedules.asked", "schedules.done"


def key(field: str) -> str:
    """A widget's key: another one after each deed, so that its popover closes."""
    return f"schedule.deed.{st.session_state.get(_DONE, 0)}.{field}"


def say(said: Said) -> None:
    """Leaves what there is to say for the next run, and closes what asked."""
    st.session_state[_SAID] = said
    st.session_state[_DONE] = st.session_state.get(_DONE, 0) + 1


def told() -> None:
    """Says once what the last deed came to; what went wrong stays until the next run."""
    good, sentence = st.session_state.pop(_SAID, (True, ""))
    if sentence and good:
        st.toast(escaped(sentence), icon=":material/check_circle:")
    elif sentence:
        st.error(escaped(sentence), icon=":material/error:")


def ask_for(schedule_id: str) -> None:
    """Has a schedule opened at the next run."""
    st.session_state[_ASKED] = schedule_id


def asked() -> str | None:
    """The schedule to be opened, once; None where nobody asked."""
    found: str | None = st.session_state.pop(_ASKED, None)
    return found


def pause(context: Context, schedule: Schedule) -> None:
    """It fires no more until it is resumed."""
    kept = context.finops.delivery.schedules
    done = partial(kept.pause, context.tenant, schedule.schedule_id, by=context.person.principal)
    _do(context, done, f"{schedule.name} is paused.")


def resume(context: Context, schedule: Schedule) -> None:
    """It fires again from its next time on."""
    kept = context.finops.delivery.schedules
    done = partial(kept.resume, context.tenant, schedule.schedule_id, by=context.person.principal)
    _do(context, done, f"{schedule.name} fires again.")


def remove(context: Context, schedule: Schedule) -> None:
    """Forgets it; mails of it that wait are withheld."""
    kept = context.finops.delivery.schedules
    done = partial(kept.remove, context.tenant, schedule.schedule_id, by=context.person.principal)
    if _do(context, done, f"{schedule.name} was removed. Its deliveries stay listed."):
        ask_for("")


def run_now(context: Context, schedule: Schedule) -> None:
    """Begins to make its report and to mail it to its readers."""
    if _allowed(context):
        asks = (context.finops, context.tenant, schedule.schedule_id, context.person.principal)
        report_work.begin(RUN, f"Running {schedule.name}", partial(_ran, *asks))


def try_out(context: Context, schedule: Schedule, to: str) -> None:
    """Begins to make its report and to mail it to one address instead of its readers."""
    address = str(st.session_state.get(to) or "").strip()
    if _allowed(context):
        report_mail.remember_address(address)
        report_work.begin(TRY, f"Sending {schedule.name} to {address}", partial(_tried, context, schedule, address))


def collect(answers: Answers) -> None:
    """Takes in what was run meanwhile, or draws how far it is."""
    done = report_work.collected(RUN)
    if done is not None:
        say(_failed("Nothing was sent.", done.error) if done.error else _run_words(answers, done.result))
    done = report_work.collected(TRY)
    if done is not None:
        say(_failed("Nothing was sent.", done.error) if done.error else _try_words(answers.context, *done.result))


def _ran(finops: Finops, tenant: str, schedule_id: str, by: str, tell: Tell) -> Firing:
    """The firing as it ended. What hinders the post is left to its next turn: the mails are queued."""
    tell("It makes the report")
    finops.delivery.fire_now(tenant, schedule_id, lambda one, firing: scheduler.mailings(finops, one, firing), by=by)
    tell("It sends the mails")
    finops.delivery.send_due()
    return finops.delivery.firings(tenant, schedule_id=schedule_id, limit=1)[0][0]


def _run_words(answers: Answers, firing: Firing) -> Said:
    mails = answers.context.finops.delivery.standing((firing,)).get(firing.firing_id, {})
    name = answers.called.get(firing.schedule_id, "The schedule")
    if firing.status is FiringStatus.SILENT:
        return (True, f"{name}: there is no news, so nothing was sent.")
    bad = schedule_names.went_wrong(firing, mails)
    reason = f" {report_names.sentence(firing.reason)}" if firing.reason else " Deliveries says why." if bad else ""
    return (not bad, f"{name}: {schedule_names.result_words(firing, mails)}.{reason}")


def _tried(context: Context, schedule: Schedule, to: str, tell: Tell) -> tuple[str, int, Delivery | None]:
    """The address, how many mails it gets, and how the last of them stands."""
    tell("It makes the report")
    count = scheduler.tried(context.finops, schedule, to, by=context.person.principal)
    tell("It sends the mail")
    return to, count, report_mail.sent_now(context, to) if count else None


def _try_words(context: Context, to: str, count: int, mail: Delivery | None) -> Said:
    if not count:
        return (True, "There is no news now, so its readers would get no mail either.")
    return report_mail.sent_words(context, mail, to)


def _failed(said: str, error: FinopsError) -> Said:
    text = error.message if isinstance(error, InputError) else str(error)
    return (False, f"{said} {report_names.sentence(text)}")


def _allowed(context: Context) -> bool:
    try:
        context.finops.access.demand(context.person, Right.SCHEDULE_REPORTS, tenant=context.tenant)
    except FinopsError as error:
        say(_failed("Nothing was done.", error))
        return False
    return True


def _do(context: Context, done: Callable[[], object], sentence: str) -> bool:
    if not _allowed(context):
        return False
    try:
        done()
    except FinopsError as error:
        say(_failed("Nothing was changed.", error))
        return False
    say((True, sentence))
    return True


def readers(schedule: Schedule) -> str:
    """`3 readers`."""
    return numbers.counted(len(schedule.recipients), "reader")
