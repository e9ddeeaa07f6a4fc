"""Every right is decided for every role, and nothing is allowed by omission."""

from __future__ import annotations

import pytest

from config import load_settings
from finops.access import PERSONAS, Access, check_binding
from finops.model.errors import ConfigError, InputError, NotAllowed
from finops.model.people import Person, Right, Role

SECRET = "x" * 40

EVERYBODY, MANAGERS, ADMINS = "analyst manager admin", "manager admin", "admin"
ALLOWED = {
    "costs.view": EVERYBODY,
    "costs.export": EVERYBODY,
    "costs.refresh": MANAGERS,
    "bills.import": MANAGERS,
    "inventory.view": EVERYBODY,
    "inventory.discover": MANAGERS,
    "findings.view": EVERYBODY,
    "findings.act": EVERYBODY,
    "findings.run": MANAGERS,
    "tags.view": EVERYBODY,
    "tags.policy": MANAGERS,
    "anomalies.view": EVERYBODY,
    "anomalies.judge": EVERYBODY,
    "budgets.view": EVERYBODY,
    "budgets.edit": MANAGERS,
    "reports.view": EVERYBODY,
    "reports.schedule": MANAGERS,
    "health.view": EVERYBODY,
    "admin": ADMINS,
}


def access(*held: str, usual: str = "default", made_up: str = "demo") -> Access:
    return Access(lambda: held, usual=usual, made_up=made_up)


def test_every_right_is_decided_for_every_role() -> None:
    assert set(ALLOWED) == {str(right) for right in Right}
    for right, roles in ALLOWED.items():
        allowed = {str(role) for role in Role if access().may(Person("p", "P", role), Right(right))}
        assert allowed == set(roles.split()), right


@pytest.mark.parametrize("right", list(Right))
def test_a_role_nobody_knows_may_nothing(right: Right) -> None:
    stranger = Person("p", "P", "owner")  # type: ignore[arg-type]
    assert not access().may(stranger, right)
    with pytest.raises(NotAllowed):
        access().demand(stranger, right)


def test_a_principal_is_somebody_or_nobody() -> None:
    assert [access().holder(person.principal) for person in PERSONAS] == list(PERSONAS)
    assert access().holder("manager") is None  # a role's name is nobody's principal
    assert access().holder("") is None


def test_a_refusal_names_the_right() -> None:
    with pytest.raises(NotAllowed, match=r"Analyst.*costs\.refresh") as caught:
        access().demand(access().person("analyst"), Right.REFRESH_COSTS)
    assert caught.value.right == Right.REFRESH_COSTS


def test_there_is_a_persona_for_every_role_and_the_weakest_is_taken_when_none_is_chosen() -> None:
    assert {person.role for person in PERSONAS} == set(Role)
    assert access().person(None).role is Role.ANALYST
    assert access().person("admin").role is Role.ADMIN
    assert len({person.principal for person in PERSONAS}) == len(PERSONAS)


@pytest.mark.parametrize("name", ["", "Admin", "root", "persona:admin"])
def test_an_unknown_persona_is_an_error_not_a_guess(name: str) -> None:
    with pytest.raises(InputError, match="analyst, manager, admin"):
        access().person(name)


def test_a_person_bound_to_tenants_sees_no_other() -> None:
    bound = Person("p", "P", Role.ADMIN, ("acme",))
    assert access().may(bound, Right.VIEW_COSTS, tenant="acme")
    assert not access().may(bound, Right.VIEW_COSTS, tenant="default")
    with pytest.raises(NotAllowed, match="default"):
        access().demand(bound, Right.VIEW_COSTS, tenant="default")
    assert "default" not in access("acme", "default").tenants(bound)


@pytest.mark.parametrize(
    ("held", "opening", "listed"),
    [
        ((), "demo", ("demo",)),
        (("demo",), "demo", ("demo",)),
        (("default",), "default", ("default",)),
        (("default", "demo"), "default", ("default", "demo")),
        (("acme", "demo"), "demo", ("demo", "acme")),
    ],
)
def test_pages_open_on_the_own_bill_once_there_is_one(
    held: tuple[str, ...], opening: str, listed: tuple[str, ...]
) -> None:
    analyst = access().person(None)
    assert access(*held).opening_tenant(analyst) == opening
    assert access(*held).tenants(analyst) == listed


def test_aws_mode_never_shows_made_up_data() -> None:
    real = access("demo", made_up="")
    analyst = real.person(None)
    assert real.opening_tenant(analyst) == "default"
    assert real.tenants(analyst) == ("default",)
    assert not real.may(analyst, Right.VIEW_COSTS, tenant="demo")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_demo_without_sign_in_serves_this_machine(host: str) -> None:
    check_binding(load_settings(), host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "0.0.0.0",  # noqa: S104 - what must be refused
        "::",
        "192.168.1.4",
        "example.com",
        "localhost.example.com",
    ],
)
def test_without_sign_in_no_other_machine_gets_in(host: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        check_binding(load_settings(), host)
    assert caught.value.variable == "FINOPS_AUTH"


def test_aws_mode_has_to_say_that_it_means_no_sign_in() -> None:
    with pytest.raises(ConfigError, match="FINOPS_AUTH=none"):
        check_binding(load_settings(mode="aws", secret_key=SECRET), "127.0.0.1")
    check_binding(load_settings(mode="aws", secret_key=SECRET, auth="none"), "127.0.0.1")


@pytest.mark.parametrize("auth", ["local", "oidc", "both"])
def test_sign_in_that_does_not_exist_yet_is_refused_not_ignored(auth: str) -> None:
    with pytest.raises(ConfigError, match="not part of this version"):
        check_binding(load_settings(auth=auth), "127.0.0.1")
