"""What holds for every check, whoever wrote it: names, words, permissions, tests, remedies, caution."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from finops.aws.permissions import declared
from finops.model.findings import Basis, Observation, Verdict
from finops.waste.checks import check_named, checks
from finops.waste.judging import judged
from tests.waste.kit import OWN, REGION

if TYPE_CHECKING:
    from finops.waste.check import Check

HERE = Path(__file__).parent
ACTIONS = frozenset(json.loads((HERE.parent / "data" / "iam-actions.json").read_text(encoding="utf-8"))["actions"])
USUAL = {"id", "arn", "name", "account", "region"}

every_check = pytest.mark.parametrize("check", checks(), ids=lambda check: check.check_id)


@cache
def operations(service: str) -> frozenset[str]:
    return frozenset(Session().get_service_model(service).operation_names)


def module_of(check: Check) -> str:
    return check.measure.__module__.rpartition(".")[2]


def empty(check: Check, kind: str, issue: str = "") -> Observation:
    return Observation(check.check_id, OWN, REGION, kind, "r-1", arn="arn:aws:x:::r-1", name="r", issue=issue)


def test_ids_and_titles_are_unique_and_findable() -> None:
    assert len({check.check_id for check in checks()}) == len(checks())
    assert len({check.title for check in checks()}) == len(checks())
    assert [check_named(check.check_id) for check in checks()] == list(checks())


@every_check
def test_it_explains_itself_in_sentences_and_its_thresholds_have_words(check: Check) -> None:
    first = check.explanation.strip().partition("\n\n")[0]

    assert first.endswith(".")
    assert len(check.explanation.split()) > 20
    assert not check.title.endswith(".")
    for threshold in check.all_thresholds:
        assert threshold.text.strip()
        assert threshold.minimum < threshold.maximum


@every_check
def test_its_questions_exist_are_declared_and_need_an_action_that_exists(check: Check) -> None:
    for operation in check.operations:
        assert operation.name in operations(operation.service)
        assert operation.action in ACTIONS
        assert operation in declared()


@every_check
def test_it_has_a_test_with_each_verdict(check: Check) -> None:
    told = (HERE / "checks" / f"test_{module_of(check)}.py").read_text(encoding="utf-8")

    for verdict in ("FLAGGED", "OK", "UNDETERMINED"):
        assert f"Verdict.{verdict}" in told


@every_check
def test_its_remedy_renders_with_the_facts_it_names(check: Check) -> None:
    named = set(re.findall(r"\{(\w+)\}", " ".join((check.console, *check.command)))) - USUAL
    observation = Observation(
        check.check_id, OWN, REGION, "x:y", "r-1", arn="arn:aws:x:::r-1", name="r", facts=dict.fromkeys(named, "told")
    )
    found = check.remedy(observation)

    assert found.console.startswith(f"https://{REGION}.console.aws.amazon.com/")
    assert "{" not in found.console
    assert "{" not in found.command
    assert bool(found.command) == bool(check.command)


@every_check
def test_without_data_it_neither_flags_nor_approves(check: Check) -> None:
    for kind in check.kinds or ("account",):
        found = judged(check, empty(check, kind), check.defaults)

        assert found.verdict in {Verdict.UNDETERMINED, Verdict.NOT_APPLICABLE}
        assert found.saving.basis is Basis.NONE
        assert found.message


@every_check
@pytest.mark.parametrize("at", ["minimum", "maximum"])
def test_any_setting_within_the_bounds_judges(check: Check, at: str) -> None:
    levels = {threshold.name: getattr(threshold, at) for threshold in check.all_thresholds}

    for kind in check.kinds or ("account",):
        assert judged(check, empty(check, kind), levels).verdict in {Verdict.UNDETERMINED, Verdict.NOT_APPLICABLE}


_SECRET = re.compile(r"UserData|Password|Environment|SecretString|AuthToken|PrivateKey|Credential", re.IGNORECASE)


@every_check
def test_answers_that_may_carry_secrets_are_not_parsed_whole(check: Check) -> None:
    for operation in check.operations:
        model = Session().get_service_model(operation.service).operation_model(operation.name)
        secrets = {name for name in _member_names(model.output_shape) if _SECRET.search(name)}
        assert operation.reads or not secrets, f"{operation.name} tells {sorted(secrets)}"
        assert not [path for path in operation.reads if _SECRET.search(path)]


def _member_names(shape: Any, above: tuple[str, ...] = ()) -> set[str]:
    if shape is None or shape.name in above:
        return set()
    here = (*above, shape.name)
    if shape.type_name == "list":
        return _member_names(shape.member, here)
    if shape.type_name == "map":
        return _member_names(shape.value, here)
    members = getattr(shape, "members", {})
    return set(members) | {name for member in members.values() for name in _member_names(member, here)}
