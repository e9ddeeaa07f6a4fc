"""How fresh and how whole the inventory is: badges beside the title, what could not be read and what to grant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import asset_names, numbers
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from finops.inventory import Standing
    from finops.model.outcome import Failure

MOST_TOLD = 20
_TOLD = 3


def badges(found: Standing, *, now: datetime, stale_after: timedelta, accounts: Mapping[str, str]) -> None:
    """When the inventory was last checked, and a button that opens what could not be."""
    if found.checked is not None:
        stale = now - found.checked > stale_after
        age = f" · {numbers.ago(found.checked, now)}" if stale else ""
        st.badge(
            f"Checked {numbers.clock(found.checked)}{age}",
            icon=":material/update:" if stale else ":material/schedule:",
            color="orange" if stale else "gray",
            help=_oldest(found, now),
        )
    if found.partial:
        label = f":orange-badge[:material/warning: {partial_words(found)}]"
        with st.popover(label, type="tertiary", key="inventory.failures"):
            failures(found.failures, accounts)


def _oldest(found: Standing, now: datetime) -> str | None:
    if found.oldest is None or found.oldest == found.checked:
        return None
    return f"The place checked longest ago: {numbers.clock(found.oldest)}, {numbers.ago(found.oldest, now)}."


def partial_words(found: Standing) -> str:
    """`3 of 50 accounts could not be read`, `1 of 8 accounts partly read`, or both."""
    whole = numbers.counted(len(found.accounts), "account")
    closed, partly = len(found.closed), len(set(found.failed) - set(found.closed))
    words = []
    if closed:
        words.append(f"{closed} of {whole} could not be read")
    if partly:
        words.append(f"{partly} of {whole} partly read" if not closed else f"{partly} partly read")
    return ", ".join(words) or "partly read"


def failures(found: Sequence[Failure], accounts: Mapping[str, str]) -> None:
    """What could not be read, in the inventory's own words."""
    st.markdown("What could not be read stays as it was known before.")
    failure_list(found, accounts)


def failure_list(found: Sequence[Failure], accounts: Mapping[str, str]) -> None:
    """Each failure with account, region, service, the missing action and what to grant; equal ones told once."""
    together: dict[Failure, list[str]] = defaultdict(list)
    for failure in found:
        together[replace(failure, account="")].append(account_words(failure.account, accounts))
    lines = [failure_words(failure, who) for failure, who in together.items()]
    st.markdown("\n".join(lines[:MOST_TOLD]))
    if len(lines) > MOST_TOLD:
        st.markdown(f":small[:gray[And {len(lines) - MOST_TOLD} more: the API lists all of them.]]")


def failure_words(failure: Failure, who: Sequence[str]) -> str:
    """A line of a Markdown list: where and what to do, and below it what AWS said."""
    service = "" if failure.service == "sts" else asset_names.service_name(failure.service)
    place = " in ".join(escaped(part) for part in (service, failure.region) if part)
    if failure.missing_action:
        advice = f"grant {action_words(failure)}"
    elif _throttled(failure.code):
        advice = "throttled; the next discovery asks again"
    else:
        advice = escaped(failure.code, limit=60)
    told = f":small[:gray[{escaped(failure.message)}]]"
    named = escaped(", ".join(who), limit=1000)
    return f"- **{named}**{f', {place}' if place else ''}: {advice}.  \n  {told}"


def account_words(account: str, accounts: Mapping[str, str]) -> str:
    """`sandbox (123456789012)`; the id alone where no name is known."""
    name = accounts.get(account) or ""
    return f"{name} ({account})" if name and name != account else account or "own account"


def action_words(failure: Failure) -> str:
    """The missing action and to whom it is granted, as Markdown."""
    action = plain_line(failure.missing_action).replace("`", "")
    if action == "sts:AssumeRole":
        return f"`{action}` on the account's role to this server, and let the role trust it"
    return f"`{action}` to the role this server uses in that account"


def warning(found: Standing, accounts: Mapping[str, str]) -> None:
    """The partial state in one line; the rest stays."""
    if found.partial:
        warning_line(partial_words(found), found.failures, accounts)


def warning_line(words: str, failures: Sequence[Failure], accounts: Mapping[str, str]) -> None:
    """Says in one line how much is partial, who denies what, and what did not answer."""
    told = [*_denials(failures, accounts), *_silences(failures, accounts)]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    st.warning(
        f"**{escaped(words[:1].upper() + words[1:])}.** {'; '.join(told[:_TOLD])}{more}. The rest is complete.",
        icon=":material/warning:",
    )


def _denials(failures: Sequence[Failure], accounts: Mapping[str, str]) -> list[str]:
    """Markdown: which accounts deny which actions, those with the same ones together."""
    actions: dict[str, set[str]] = defaultdict(set)
    for failure in failures:
        if failure.missing_action:
            actions[failure.account].add(plain_line(failure.missing_action).replace("`", ""))
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for account, denied in actions.items():
        together[tuple(sorted(denied))].append(account)
    return [
        f"{_named(who, accounts)} {'denies' if len(who) == 1 else 'deny'} {_some([f'`{one}`' for one in denied])}"
        for denied, who in together.items()
    ]


def _silences(failures: Sequence[Failure], accounts: Mapping[str, str]) -> list[str]:
    """Markdown: what failed otherwise, services of one region and reason together."""
    services: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for failure in failures:
        if not failure.missing_action:
            what = "throttled" if _throttled(failure.code) else failure.code
            services[what, failure.region, failure.account].add(asset_names.service_name(failure.service) or "AWS")
    together: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (what, region, account), named in services.items():
        together[what, region, tuple(sorted(named))].append(account)
    return [_silence(*place, _named(who, accounts)) for place, who in together.items()]


def _silence(what: str, region: str, services: Sequence[str], who: str) -> str:
    """`EC2, RDS and 1 more in us-east-1 are throttled for prod-core`."""
    place = _some([escaped(one, limit=40) for one in services]) + (f" in {escaped(region, limit=40)}" if region else "")
    if what == "throttled":
        return f"{place} {'is' if len(services) == 1 else 'are'} throttled for {who}"
    return f"{place} {'fails' if len(services) == 1 else 'fail'} with {escaped(what, limit=40)} for {who}"


def _throttled(code: str) -> bool:
    """Whether AWS says that it was asked too often, in one of its many spellings."""
    return any(word in code for word in ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown"))


def _named(who: Sequence[str], accounts: Mapping[str, str]) -> str:
    """Names of a few accounts, the number of many."""
    distinct = list(dict.fromkeys(who))
    if len(distinct) > _TOLD:
        return numbers.counted(len(distinct), "account")
    return _some([escaped(accounts.get(one) or one or "the own account", limit=60) for one in distinct])


def _some(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 3 more`."""
    shown = [*parts[:_TOLD], *([f"{len(parts) - _TOLD} more"] if len(parts) > _TOLD else [])]
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
