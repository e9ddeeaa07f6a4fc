"""Policies as documents (JSON-friendly mappings) and back, each rule checked: a faulty one is refused with its field.

policy_of({"rules": [{"key": "Owner"}]})
policy_of({"rules": [{"key": "Owner", "patterns": ["("]}]})  # InputError on rules[0].patterns[0]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from finops.model.errors import InputError
from finops.model.tagging import EVERYTHING, MAX_KEY, MAX_VALUE, Exemption, Policy, Rule, ValueCase
from finops.tagging.kinds import is_pattern

MAX_RULES, MAX_LISTED, MAX_PATTERN, MAX_REASON = 100, 500, 200, 500
CHILD_FIELDS = ("", "tag_key", "tag_value", "enforced_for", "report_required_tag_for")
"""Where AWS's `@@operators_allowed_for_child_policies` may stand in a rule; "" is the rule itself."""
CHILD_OPERATORS = ("@@all", "@@none", "@@assign", "@@append", "@@remove")

STARTER = Policy(
    (
        Rule(
            "Environment",
            aliases=("Env", "Stage"),
            values=("production", "staging", "development", "test", "sandbox"),
        ),
        Rule("Owner", aliases=("Team", "Contact")),
        Rule("CostCenter", aliases=("Cost-Center", "Cost_Center", "CC")),
        Rule("Application", aliases=("App", "AppName")),
    )
)
"""What is offered while a tenant has kept no policy of its own."""

_RULE_FIELDS = (
    *("key", "aliases", "kinds", "required", "required_kinds", "values", "patterns", "case", "inherit", "since"),
    *("exemptions", "enforced", "children"),
)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REFERENCE = re.compile(r"\\[1-9]|\(\?(?!:)")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|[()|*+?{]|.", re.DOTALL)
MAX_REPEATS = 3
"""Of anything, without a bound, in one expression: each one multiplies the work on a value that does not match."""


def policy_document(policy: Policy) -> dict[str, Any]:
    """The policy as JSON has it: every field of every rule, days as YYYY-MM-DD."""
    return {
        "rules": [_rule_document(rule) for rule in policy.rules],
        "untaggable": list(policy.untaggable),
        "children": list(policy.children),
    }


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "aliases": list(rule.aliases),
        "kinds": list(rule.kinds),
        "required": rule.required,
        "required_kinds": list(rule.required_kinds),
        "values": list(rule.values),
        "patterns": list(rule.patterns),
        "case": str(rule.case),
        "inherit": rule.inherit,
        "since": None if rule.since is None else rule.since.isoformat(),
        "exemptions": [
            {
                "until": each.until.isoformat(),
                "reason": each.reason,
                "accounts": list(each.accounts),
                "kinds": list(each.kinds),
            }
            for each in rule.exemptions
        ],
        "enforced": list(rule.enforced),
        "children": {name: list(operators) for name, operators in rule.children},
    }


def policy_of(document: object) -> Policy:
    """The policy of a document; absent fields have their usual values. InputError naming the field at fault."""
    fields = _object(document, "policy", ("rules", "untaggable", "children"))
    given = fields.get("rules", [])
    if not isinstance(given, list):
        raise InputError("rules", "rules must be a list")
    if len(given) > MAX_RULES:
        raise InputError("rules", f"a policy has at most {MAX_RULES} rules")
    policy = Policy(
        tuple(_rule(each, f"rules[{number}]") for number, each in enumerate(given)),
        _kinds(fields.get("untaggable", []), "untaggable"),
        _operators(fields.get("children", []), "children"),
    )
    return checked(policy)


def checked(policy: Policy) -> Policy:
    """The policy itself. InputError where two rules are about one key, or an alias is the key of another rule."""
    owners: dict[str, int] = {}
    for number, rule in enumerate(policy.rules):
        if rule.key in owners:
            told = f"rule {owners[rule.key]} is about the key {_told(rule.key)} already"
            raise InputError(f"rules[{number}].key", told)
        owners[rule.key] = number
    for number, rule in enumerate(policy.rules):
        for place, alias in enumerate(rule.aliases):
            if alias in owners:
                field = f"rules[{number}].aliases[{place}]"
                raise InputError(field, f"{_told(alias)} is the key of rule {owners[alias]}, so it is no alias")
    return policy


def _rule(given: object, at: str) -> Rule:
    fields = _object(given, at, _RULE_FIELDS)
    key = _key(fields.get("key"), f"{at}.key")
    required = _flag(fields.get("required", True), f"{at}.required")
    return Rule(
        key,
        aliases=_listed(fields.get("aliases", []), f"{at}.aliases", _key),
        kinds=_kinds(fields.get("kinds", [EVERYTHING]), f"{at}.kinds", least=1),
        required=required,
        required_kinds=_kinds(fields.get("required_kinds", []), f"{at}.required_kinds"),
        values=_listed(fields.get("values", []), f"{at}.values", _value),
        patterns=_listed(fields.get("patterns", []), f"{at}.patterns", _pattern),
        case=_case(fields.get("case", ValueCase.STRICT), f"{at}.case"),
        inherit=_flag(fields.get("inherit", False), f"{at}.inherit"),
        since=_since(fields.get("since"), f"{at}.since"),
        exemptions=_exemptions(fields.get("exemptions", []), f"{at}.exemptions"),
        enforced=_kinds(fields.get("enforced", []), f"{at}.enforced"),
        children=_children(fields.get("children", {}), f"{at}.children"),
    )


def _object(given: object, at: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InputError(at, f"{at} must be an object")
    for name in given:
        if name not in known:
            raise InputError(f"{at}.{_short(name)}", f"{at} has no {_told(str(name))}; known: {', '.join(known)}")
    return given


def _listed(given: object, at: str, read: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise InputError(at, f"{at} must be a list")
    if len(given) > MAX_LISTED:
        raise InputError(at, f"{at} has at most {MAX_LISTED} members")
    found = tuple(read(each, f"{at}[{number}]") for number, each in enumerate(given))
    for number, each in enumerate(found):
        if each in found[:number]:
            raise InputError(f"{at}[{number}]", f"{_told(each)} stands there twice")
    return found


def _text(given: object, at: str, most: int) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InputError(at, f"{at} must be a text that is not empty")
    if len(given) > most:
        raise InputError(at, f"{at} has at most {most} characters")
    if "\0" in given or given.encode("utf-16", "surrogatepass").decode("utf-16", "replace") != given:
        raise InputError(at, f"{at} holds a character that no tag can have")
    return given


def _key(given: object, at: str) -> str:
    return _text(given, at, MAX_KEY)


def _value(given: object, at: str) -> str:
    text = _text(given, at, MAX_VALUE)
    if text.count("*") > 1:
        raise InputError(at, "a value has at most one *")
    return text


def _pattern(given: object, at: str) -> str:
    text = _text(given, at, MAX_PATTERN)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(at, f"{at} is not a regular expression: {error}") from None
    if _REFERENCE.search(text) or _may_take_for_ever(text):
        told = (
            f"it looks around, repeats a choice or a repetition, or repeats more than {MAX_REPEATS} times without end"
        )
        raise InputError(at, f"{at} may take for ever on some value: {told}")
    return text


def _may_take_for_ever(text: str) -> bool:
    """Whether a repeated group holds a choice or a repetition, or too much is repeated."""
    signs = [*_TOKEN.findall(text), ""]
    open_groups: list[bool] = []
    repeats = 0
    for sign, following in pairwise(signs):
        if sign in {"(", "(?:"}:
            open_groups.append(False)
        elif sign == ")" and open_groups:
            if open_groups.pop() and following in {"*", "+", "{"}:
                return True
        elif sign in {"|", "*", "+", "?", "{"}:
            open_groups = [True] * len(open_groups)
            repeats += sign in {"*", "+"}
    return repeats > MAX_REPEATS


def _kind(given: object, at: str) -> str:
    text = _text(given, at, MAX_KEY)
    if not is_pattern(text):
        raise InputError(at, f"{at} must be *, a service as in ec2:*, or a kind as in ec2:instance")
    return text


def _kinds(given: object, at: str, *, least: int = 0) -> tuple[str, ...]:
    found = _listed(given, at, _kind)
    if len(found) < least:
        raise InputError(at, f"{at} names no kind; * is every kind")
    return found


def _flag(given: object, at: str) -> bool:
    if not isinstance(given, bool):
        raise InputError(at, f"{at} must be true or false")
    return given


def _case(given: object, at: str) -> ValueCase:
    if given not in tuple(ValueCase):
        raise InputError(at, f"{at} must be one of {', '.join(ValueCase)}")
    return ValueCase(str(given))


def _since(given: object, at: str) -> date | None:
    return None if given is None else _day(given, at)


def _day(given: object, at: str) -> date:
    try:
        return date.fromisoformat(given) if isinstance(given, str) and _DAY.fullmatch(given) else date.fromisoformat("")
    except ValueError:
        raise InputError(at, f"{at} must be a day as YYYY-MM-DD") from None


def _account(given: object, at: str) -> str:
    if not isinstance(given, str) or not _ACCOUNT.fullmatch(given):
        raise InputError(at, f"{at} must be a 12-digit account id")
    return given


def _exemptions(given: object, at: str) -> tuple[Exemption, ...]:
    if not isinstance(given, list) or len(given) > MAX_LISTED:
        raise InputError(at, f"{at} must be a list of at most {MAX_LISTED} members")
    return tuple(_exemption(each, f"{at}[{number}]") for number, each in enumerate(given))


def _exemption(given: object, at: str) -> Exemption:
    fields = _object(given, at, ("until", "reason", "accounts", "kinds"))
    return Exemption(
        _day(fields.get("until"), f"{at}.until"),
        _text(fields.get("reason"), f"{at}.reason", MAX_REASON),
        _listed(fields.get("accounts", []), f"{at}.accounts", _account),
        _kinds(fields.get("kinds", [EVERYTHING]), f"{at}.kinds", least=1),
    )


def _operator(given: object, at: str) -> str:
    if given not in CHILD_OPERATORS:
        raise InputError(at, f"{at} must be one of {', '.join(CHILD_OPERATORS)}")
    return str(given)


def _operators(given: object, at: str) -> tuple[str, ...]:
    return _listed(given, at, _operator)


def _children(given: object, at: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    fields = _object(given, at, CHILD_FIELDS)
    return tuple((name, _operators(fields[name], f"{at}.{name}")) for name in CHILD_FIELDS if fields.get(name))


def _told(text: str) -> str:
    return repr(_short(text))


def _short(text: object) -> str:
    return str(text)[:60]
