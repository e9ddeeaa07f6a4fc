"""`prefs show`, `prefs set`, `prefs reset`: what a person chose to see, and from which values on things count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope
from finops.cli.frame import Result, Session, reported
from finops.cli.text import Table
from finops.model.people import Right
from finops.model.preferences import changes_between, differing, parts, with_choice
from user_prefs import Origin, Preferences, UserPreferences, thresholds_of, tunables_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.facade import Finops
    from finops.model.people import Person
    from user_prefs import Effective, Kept, TenantSettings, Tunable

_WHOSE = click.option("--persona", metavar="P", help="Whose: analyst, manager or admin; default admin.")


@click.group()
def prefs() -> None:
    """A person's settings: widgets, defaults, formats, thresholds, subscriptions."""


@prefs.command()
@_WHOSE
@click.option("--all", "everything", is_flag=True, help="Thresholds that hold by default too.")
@reported
def show(session: Session, *, persona: str | None, everything: bool) -> Result:
    """Shows what a person chose, and the value of each threshold with whose it is."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.ADMINISTER, tenant)
        someone = finops.access.person(persona or "admin")
        preferences = UserPreferences.of(session.settings)
        kept, shared = preferences.read(someone.principal), preferences.tenant(tenant)
        found = thresholds_of(kept.chosen, shared.chosen, tunables_of(finops.waste.checks))
        meta = Meta(tenant=tenant, as_of=finops.now())
    return _shown(someone, kept, found if everything else _moved(found), meta)


@prefs.command("set")
@click.argument("name")
@click.argument("value")
@_WHOSE
@reported
def set_choice(session: Session, *, name: str, value: str, persona: str | None) -> Result:
    """Sets a choice, as in `metric amortized`, or a threshold, as in `aws.ec2.idle_instance.cpu_average 3`."""

    def change(kept: Preferences, tunables: dict[str, Tunable]) -> Preferences:
        if name in tunables:
            return kept.with_threshold(name, tunables[name].parsed(value))
        return with_choice(kept, name, [part.strip() for part in value.split(",")])

    return _changed(session, persona, change)


@prefs.command()
@click.argument("name", required=False)
@_WHOSE
@reported
def reset(session: Session, *, name: str | None, persona: str | None) -> Result:
    """Brings one choice or threshold back to the usual; without a name all of them."""

    def change(kept: Preferences, tunables: dict[str, Tunable]) -> Preferences:
        if name is None:
            return Preferences(extra=kept.extra)
        if name in tunables or name in kept.thresholds:
            return kept.with_threshold(name, None)
        return with_choice(kept, name, ())

    return _changed(session, persona, change)


def _changed(
    session: Session, persona: str | None, change: Callable[[Preferences, dict[str, Tunable]], Preferences]
) -> Result:
    """Keeps a change of a person's settings, with an audit event: the terminal is the administrator's."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        operator = session.person(finops, Right.ADMINISTER, tenant)
        someone = finops.access.person(persona or "admin")
        preferences = UserPreferences.of(session.settings)
        tunables = {each.key: each for each in tunables_of(finops.waste.checks)}
        before = preferences.kept(someone.principal)
        after = preferences.change(someone.principal, lambda kept: change(kept, tunables))
        _audited(finops, tenant, by=operator, about=someone, changes=changes_between(before, after))
        shared = preferences.tenant(tenant).chosen
        told = _lock_words(before, after, shared)
        found = _moved(thresholds_of(after, shared, tunables.values()))
        meta = Meta(tenant=tenant, as_of=finops.now())
    return _shown(someone, preferences.read(someone.principal), found, meta, told=told)


def _audited(finops: Finops, tenant: str, *, by: Person, about: Person, changes: list[dict[str, object]]) -> None:
    if changes:
        finops.store.audit.add(
            tenant,
            "preferences.change",
            by=by.principal,
            at=finops.now(),
            object=about.principal,
            detail={"changes": changes},
        )


def _lock_words(before: Preferences, after: Preferences, shared: TenantSettings) -> tuple[str, ...]:
    """That a value which was set does not hold."""
    changed = [key for field, key in differing(before, after) if field == "thresholds" and key in after.thresholds]
    return tuple(f"{key} is locked for the tenant: the lock holds." for key in changed if key in shared.locks)


def _moved(found: tuple[Effective, ...]) -> tuple[Effective, ...]:
    return tuple(one for one in found if one.origin is not Origin.BUILT_IN)


def _shown(
    someone: Person, kept: Kept[Preferences], found: tuple[Effective, ...], meta: Meta, *, told: tuple[str, ...] = ()
) -> Result:
    choices: list[dict[str, object]] = [
        {"name": ".".join(filter(None, (field, key))), "value": list(value) if isinstance(value, tuple) else value}
        for (field, key), value in parts(kept.chosen).items()
        if field not in {"thresholds", "extra"}
    ]
    thresholds: list[dict[str, object]] = [
        {
            "name": one.tunable.key,
            "value": one.value,
            "unit": one.tunable.unit,
            "origin": str(one.origin),
            "default": one.tunable.default,
            "bounds": one.tunable.bounds,
        }
        for one in found
    ]
    data = {
        "principal": someone.principal,
        "revision": kept.revision,
        "set_aside": kept.set_aside,
        "choices": choices,
        "thresholds": thresholds,
    }
    rows = [("choice", str(each["name"]), _text(each["value"]), "person") for each in choices]
    rows += [("threshold", str(each["name"]), _text(each["value"]), str(each["origin"])) for each in thresholds]
    said = [f"{someone.name}, tenant {meta.tenant}: choices {len(choices)}, thresholds {len(thresholds)}.", *told]
    if kept.set_aside:
        said.append(f"A damaged file was set aside as {kept.set_aside}; the usual settings serve.")
    return Result(envelope(data, meta), tuple(said), Table(("kind", "name", "value", "whose"), tuple(rows)))


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
