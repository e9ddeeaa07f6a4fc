"""What would mend violations, for a person to do: rows for a table, and lines for the AWS command line.

The product itself changes nothing in AWS; these are texts. Every word of a line is quoted for a POSIX shell.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.tagging import TagVerdict, ValueCase
from finops.tagging.judging import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from finops.model.tagging import TaggedAsset
    from finops.tagging.judging import Judge, Judged
    from finops.tagging.suggestions import Guess

ARNS_A_CALL = 20
"""TagResources takes so many: docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html"""
GLOBAL_REGION = "us-east-1"
"""Where the tagging API keeps resources that have no region."""
_HEAD = (
    "# Tags to set, for a person to read and run: nothing here was done.",
    "# Use credentials of the account that is named above each line.",
)


@dataclass(frozen=True, slots=True)
class Fix:
    """One tag to set on one asset, and why. `confidence` is 1 where the value is the asset's own, spelled otherwise."""

    asset: TaggedAsset
    key: str
    verdict: TagVerdict
    value: str
    confidence: float
    reason: str


def fix_of(judge: Judge, asset: TaggedAsset, judged: Judged, guess: Callable[[], Guess | None]) -> Fix | None:
    """What would mend one violation; None where nobody can tell a value. `guess` is asked where the asset has none."""
    rule, verdict = judge.rule, judged.verdict
    if verdict in {TagVerdict.ALIAS, TagVerdict.BAD_CASE} and not judged.inherited:
        value = closest(judged.value, rule.values) or judged.value
        if judge.of_value(value) is TagVerdict.OK:
            told = f"it has {judged.found_key[:80]} = {judged.value[:80]}"
            return Fix(asset, rule.key, verdict, value, 1.0, told)
    found = guess()
    if found is None:
        return None
    value = (closest(found.value, rule.values) or found.value) if rule.case is ValueCase.NORMALISE else found.value
    return Fix(asset, rule.key, verdict, value, found.confidence, found.evidence)


FIX_COLUMNS = (
    *("Identifier", "Tag: Name", "Service", "Type", "Region", "Account", "ARN", "Key", "Value"),
    *("Verdict", "Confidence", "Reason"),
)
"""The columns of a fix list: those of an export of AWS's Tag Editor, then the tag to set and why."""


def fix_record(fix: Fix) -> dict[str, str]:
    """One row of a fix list by `FIX_COLUMNS`."""
    asset = fix.asset
    values = (
        *(asset.resource_id, asset.name, asset.service, asset.kind.partition(":")[2], asset.region, asset.account),
        *(asset.arn, fix.key, fix.value, str(fix.verdict), f"{fix.confidence:.2f}", fix.reason),
    )
    return dict(zip(FIX_COLUMNS, values, strict=True))


def cli_lines(fixes: Iterable[Fix]) -> Iterator[str]:
    """`aws resourcegroupstaggingapi tag-resources …` for each account, region and set of tags.

    Assets without an ARN are told in comments.
    """
    yield from _HEAD
    tags: dict[TaggedKey, dict[str, str]] = {}
    for fix in fixes:
        asset = fix.asset
        if not asset.arn:
            told = f"{_comment(asset.resource_id)} in {_comment(asset.account)}"
            yield f"# no ARN is known of {told}: {_comment(fix.key)}"
            continue
        region = asset.region if asset.region != "global" else GLOBAL_REGION
        tags.setdefault((asset.account, region, asset.arn), {})[fix.key] = fix.value
    calls: dict[tuple[str, str, str], list[str]] = {}
    for (account, region, arn), wanted in sorted(tags.items()):
        calls.setdefault((account, region, json.dumps(wanted, sort_keys=True)), []).append(arn)
    last = ""
    for (account, region, wanted_text), arns in sorted(calls.items()):
        if account != last:
            yield f"# account {_comment(account)}"
            last = account
        for start in range(0, len(arns), ARNS_A_CALL):
            words = ["aws", "resourcegroupstaggingapi", "tag-resources", "--region", region, "--resource-arn-list"]
            yield shlex.join([*words, *arns[start : start + ARNS_A_CALL], "--tags", wanted_text])


TaggedKey = tuple[str, str, str]


def _comment(text: str) -> str:
    """A text that cannot end the comment it stands in."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)[:120]
