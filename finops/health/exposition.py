"""Prometheus text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sample:
    """One value under its labels."""

    labels: tuple[tuple[str, str], ...]
    value: Decimal | int


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, type, one sentence of help, and its samples (none: HELP and TYPE alone)."""

    name: str
    kind: Literal["counter", "gauge"]
    told: str
    samples: tuple[Sample, ...]


def exposition(families: Iterable[Family]) -> str:
    """The text of all families, each with HELP and TYPE, ending in a line feed."""
    lines = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.told)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"{family.name}{_labels(sample)} {_number(sample.value)}" for sample in family.samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(sample: Sample) -> str:
    if not sample.labels:
        return ""
    inner = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels)
    return f"{{{inner}}}"


def _number(value: Decimal | int) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
