"""Page tokens: which field of an answer goes into which parameter of the next request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token parameters and, pairwise, the fields of the answer they come from.

    `more` names a flag that ends the list when false. Fields may be dotted (`DistributionList.NextMarker`).
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    more: str = ""

    def __post_init__(self) -> None:
        if not self.inputs or len(self.inputs) != len(self.outputs):
            raise ValueError("each token parameter needs the field it comes from")
        if any(letter in field for field in self.outputs for letter in "|[]"):
            raise ValueError("a token that must be computed from the items is not supported")

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Tokens:
        """The tokens of a botocore paginator's rule."""
        return cls(_texts(rule["input_token"]), _texts(rule["output_token"]), str(rule.get("more_results", "")))

    def following(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The token parameters of the next request; empty when this page is the last."""
        if self.more and _field(answer, self.more) is False:
            return {}
        found = ((name, _field(answer, path)) for name, path in zip(self.inputs, self.outputs, strict=True))
        return {name: value for name, value in found if value}


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _field(answer: Mapping[str, Any], path: str) -> Any:
    value: Any = answer
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
