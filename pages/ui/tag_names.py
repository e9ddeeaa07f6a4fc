"""What verdicts, causes of untagged dollars and activations are called on the pages, and their colours."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from finops.model.tagging import Activation, TagVerdict
from finops.tagging.autopsy import Cause
from pages.ui import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE, _NEARLY = Decimal(100), Decimal("99.9")

VERDICT_NAMES: Mapping[TagVerdict, str] = MappingProxyType(
    {
        TagVerdict.MISSING: "Missing",
        TagVerdict.EMPTY: "Empty",
        TagVerdict.BAD_VALUE: "Bad value",
        TagVerdict.BAD_CASE: "Bad case",
        TagVerdict.ALIAS: "Other key",
        TagVerdict.OK: "OK",
        TagVerdict.EXEMPT: "Exempt",
        TagVerdict.UNTAGGABLE: "Untaggable",
        TagVerdict.UNKNOWN: "Unknown",
    }
)
VERDICT_COLOURS: Mapping[TagVerdict, str] = MappingProxyType(
    {
        TagVerdict.MISSING: "red",
        TagVerdict.EMPTY: "red",
        TagVerdict.BAD_VALUE: "orange",
        TagVerdict.BAD_CASE: "orange",
        TagVerdict.ALIAS: "orange",
        TagVerdict.OK: "green",
        TagVerdict.EXEMPT: "blue",
        TagVerdict.UNTAGGABLE: "gray",
        TagVerdict.UNKNOWN: "gray",
    }
)
VERDICT_WORDS: Mapping[TagVerdict, str] = MappingProxyType(
    {
        TagVerdict.MISSING: "The key is not there.",
        TagVerdict.EMPTY: "The key is there without a value.",
        TagVerdict.BAD_VALUE: "The value is none of those allowed.",
        TagVerdict.BAD_CASE: "The key or the value is right but for capital letters.",
        TagVerdict.ALIAS: "The value stands under another key that means the same.",
        TagVerdict.OK: "As the rule asks.",
        TagVerdict.EXEMPT: "Forgiven by the rule for now.",
        TagVerdict.UNTAGGABLE: "AWS has no tags for it.",
        TagVerdict.UNKNOWN: "Its tags could not be read.",
    }
)
NO_RULE = "No rule"
"""What is said where no rule is about an asset."""

CAUSE_NAMES: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NOT_TAGGED: "Not tagged",
        Cause.NOT_ACTIVATED: "Key not activated",
        Cause.TAGGED_LATER: "Tagged later",
        Cause.VARIANT: "Other spelling",
        Cause.CANNOT_BE_TAGGED: "Cannot be tagged",
        Cause.NO_RESOURCE: "Names no resource",
    }
)
CAUSE_WHO: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NOT_TAGGED: "owner",
        Cause.NOT_ACTIVATED: "payer",
        Cause.TAGGED_LATER: "nobody",
        Cause.VARIANT: "owner",
        Cause.CANNOT_BE_TAGGED: "share out",
        Cause.NO_RESOURCE: "share out",
    }
)
"""Who must act, in a word or two for a bar."""
CAUSE_WORDS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NOT_TAGGED: "The resource's owner sets the tag.",
        Cause.NOT_ACTIVATED: "Whoever pays the bill activates the key as a cost allocation tag.",
        Cause.TAGGED_LATER: "Nobody: it is tagged now, and the cost before that stays untagged.",
        Cause.VARIANT: "The owner spells the key as the policy does.",
        Cause.CANNOT_BE_TAGGED: "Nobody can tag it: share it out by another measure.",
        Cause.NO_RESOURCE: "Nobody can tag it: the bill names no resource, so share it out by another measure.",
    }
)
ACTIVATION_NAMES: Mapping[Activation, str] = MappingProxyType(
    {
        Activation.ACTIVE: "activated in billing",
        Activation.INACTIVE: "not activated in billing",
        Activation.UNLISTED: "unknown to billing",
        Activation.UNKNOWN: "of unknown activation: it was never asked",
    }
)


def verdict_name(verdict: TagVerdict | None) -> str:
    """The verdict in words; None: no rule is about the asset."""
    return NO_RULE if verdict is None else VERDICT_NAMES[verdict]


def percent_words(value: Decimal | None) -> str:
    """`87.4%`; what is not all of it never reads as `100.0%`."""
    return numbers.percent(value if value is None or value >= _WHOLE else min(value, _NEARLY))
