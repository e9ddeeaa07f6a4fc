"""AWS Organizations tag policies, read and written: what AWS can say survives the round trip with its meaning.

    imported('{"tags": {"owner": {"tag_key": {"@@assign": "Owner"}}}}')  # -> a Policy
    exported(policy)                                                   # -> the document, and what AWS cannot say

A key without `report_required_tag_for` need not be there; where it is, its spelling and its values count. Effective
policies (without operators) are read too. `@@append` and `@@remove` change a parent's list, which is not in the
document, so they are refused: import the effective policy instead.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finops.model.errors import InputError
from finops.model.tagging import EVERYTHING, Policy, Rule, ValueCase
from finops.tagging.kinds import aws_types, collapsed, own_patterns
from finops.tagging.policy import CHILD_FIELDS, policy_document, policy_of

ASSIGN, ALLOWED = "@@assign", "@@operators_allowed_for_child_policies"
_OPERATOR = "@@"
MAX_TEXT = 1_000_000
_PARTS = tuple(name for name in CHILD_FIELDS if name)
_OTHERS = ("@@append", "@@remove")


@dataclass(frozen=True, slots=True)
class Exported:
    """A tag policy as AWS takes it. `lost` tells what of ours it cannot say, by the field: a sentence each."""

    document: Mapping[str, Any]
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The document as JSON."""
        return json.dumps(self.document, indent=2, ensure_ascii=False)


def imported(text: str | bytes) -> Policy:
    """The policy of a tag policy's JSON text. InputError naming what AWS would not take, or what cannot be known."""
    document = _json(text)
    tags = _members(document, "policy", ("tags",)).get("tags")
    if not isinstance(tags, Mapping):
        raise InputError("tags", "a tag policy is an object with the member tags")
    found = {
        name: _rule(name, each, f"tags.{name[:60]}") for name, each in tags.items() if not _is_operator(name, "tags")
    }
    folded: dict[str, str] = {}
    for name in found:
        if folded.setdefault(name.casefold(), name) != name:
            raise InputError(f"tags.{name[:60]}", "two policy keys that differ only in their case are one key to AWS")
    policy = {"rules": list(found.values()), "children": _allowed(tags, "tags")}
    return policy_of(policy)


def exported(policy: Policy) -> Exported:
    """The tag policy that says the same, and what it leaves unsaid."""
    tags: dict[str, Any] = {}
    if policy.children:
        tags[ALLOWED] = list(policy.children)
    lost: list[tuple[str, str]] = []
    for number, rule in enumerate(policy.rules):
        name = rule.key.lower()
        if name in tags or name.startswith(_OPERATOR):
            why = "takes a key that begins with @@ for an operator" if name.startswith(_OPERATOR) else (
                "has one rule for keys that differ only in case"
            )  # fmt: skip
            lost.append((f"rules[{number}].key", f"AWS {why}; this is left out"))
            continue
        tags[name] = _entry(rule)
        lost += [(f"rules[{number}].{field}", told) for field, told in _unsaid(rule)]
    if policy.untaggable:
        lost.append(("untaggable", "AWS knows itself what cannot be tagged"))
    return Exported({"tags": tags}, tuple(lost))


def _rule(name: str, given: object, at: str) -> dict[str, Any]:
    """The document of one of our rules."""
    entry = _members(given, at, (*_PARTS, ALLOWED))
    key = _assigned(entry.get("tag_key"), f"{at}.tag_key", usual=name.lower())
    if not isinstance(key, str) or key.casefold() != name.casefold():
        raise InputError(f"{at}.tag_key", "tag_key must be the policy key but for its case")
    values = _texts(_assigned(entry.get("tag_value"), f"{at}.tag_value", usual=[]), f"{at}.tag_value")
    required = _kinds(entry, "report_required_tag_for", at)
    children = {part: _allowed(entry.get(part), f"{at}.{part}") for part in _PARTS} | {"": _allowed(entry, at)}
    return {
        "key": key,
        "values": [] if "*" in values else values,
        "required": bool(required),
        "required_kinds": [] if required == [EVERYTHING] else required,
        "enforced": _kinds(entry, "enforced_for", at),
        "children": {part: operators for part, operators in children.items() if operators},
    }


def _kinds(entry: Mapping[str, Any], part: str, at: str) -> list[str]:
    types = _texts(_assigned(entry.get(part), f"{at}.{part}", usual=[]), f"{at}.{part}")
    for number, each in enumerate(types):
        if ":" not in each:
            raise InputError(f"{at}.{part}[{number}]", "a type is named as in ec2:instance or ec2:ALL_SUPPORTED")
    return list(collapsed(pattern for each in types for pattern in own_patterns(each)))


def _assigned(given: object, at: str, *, usual: object) -> object:
    """What a part is set to: under `@@assign`, or as it stands in an effective policy."""
    if given is None:
        return usual
    if not isinstance(given, Mapping):
        return given
    for operator in _OTHERS:
        if operator in given:
            told = f"{operator} changes what a parent policy says, which is not in here; import the effective policy"
            raise InputError(f"{at}.{operator}", told)
    _members(given, at, (ASSIGN, ALLOWED))
    return given.get(ASSIGN, usual)


def _allowed(given: object, at: str) -> list[str]:
    operators = given.get(ALLOWED, []) if isinstance(given, Mapping) else []
    return _texts(operators, f"{at}.{ALLOWED}")


def _texts(given: object, at: str) -> list[str]:
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list):
        raise InputError(at, f"{at} must be a list of texts")
    for number, each in enumerate(given):
        if not isinstance(each, str):
            raise InputError(f"{at}[{number}]", "it must be a text")
    return list(dict.fromkeys(given))


def _is_operator(name: str, at: str) -> bool:
    if name.startswith(_OPERATOR) and name != ALLOWED:
        raise InputError(f"{at}.{name[:60]}", f"{name[:60]} has no meaning there")
    return name == ALLOWED


def _members(given: object, at: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InputError(at, f"{at} must be an object")
    for name in given:
        if name not in known:
            raise InputError(f"{at}.{name[:60]}", f"a tag policy has no {name[:60]} there; known: {', '.join(known)}")
    return given


def _json(text: str | bytes) -> object:
    if len(text) > MAX_TEXT:
        raise InputError("policy", f"a policy has at most {MAX_TEXT:,} characters")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise InputError("policy", "the file is not JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InputError(name[:60], f"{name[:60]} stands there twice")
        found[name] = value
    return found


def _entry(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {"tag_key": {ASSIGN: rule.key}}
    if rule.values and not rule.patterns:
        entry["tag_value"] = {ASSIGN: list(rule.values)}
    if rule.enforced:
        entry["enforced_for"] = {ASSIGN: _types(rule.enforced)}
    if rule.required:
        entry["report_required_tag_for"] = {ASSIGN: _types(rule.required_kinds or rule.kinds)}
    for part, operators in rule.children:
        place = entry if not part else entry.setdefault(part, {})
        place[ALLOWED] = list(operators)
    return entry


def _types(patterns: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(name for pattern in patterns for name in aws_types(pattern)))


def _unsaid(rule: Rule) -> list[tuple[str, str]]:
    """What AWS has no words for, of one rule."""
    usual = policy_document(Policy((Rule(rule.key),)))["rules"][0]
    told = {
        "aliases": "AWS knows other spellings only by their case",
        "patterns": "AWS has no regular expressions; no values are named, so any value passes there",
        "inherit": "AWS lets no resource inherit its account's tags",
        "since": "AWS judges resources of any age",
        "exemptions": "AWS exempts nobody",
    }
    given = policy_document(Policy((rule,)))["rules"][0]
    found = [(field, why) for field, why in told.items() if given[field] != usual[field]]
    if rule.case is ValueCase.NORMALISE:
        found.append(("case", "AWS takes values letter for letter"))
    if rule.kinds != (EVERYTHING,):
        found.append(("kinds", "AWS judges spelling and values on every resource type"))
    return found
