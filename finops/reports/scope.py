"""A report's scope, read: names and values are those of the API's parameters, a wrong one an InputError naming it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from finops.model.assets import AssetFilter, Lifecycle, TagTerm
from finops.model.costs import Filter, Metric, dimension, metric
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from enum import StrEnum

EXCLUDE = "exclude:"
MAX_VALUES, MAX_LENGTH = 500, 1_024
MAX_WORDS, MAX_SEARCH = 20, 2_048

_CURRENCY = re.compile(r"[A-Z]{3}")
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
Choice = TypeVar("Choice", bound="StrEnum")


@dataclass(frozen=True, slots=True)
class Scope:
    """The values of a request's parameters, by name."""

    values: Mapping[str, tuple[str, ...]]

    def refuse_unknown(self, known: Collection[str], *, filters: bool = False) -> None:
        """InputError naming every parameter that is not known; with `filters`, dimensions of cost are known too."""
        unknown = sorted(name for name in self.values if name not in known and not (filters and _condition(name)))
        if unknown:
            offered = ", ".join(sorted(known)) or "none"
            raise InputError(unknown[0] or "query", f"unknown parameter: {', '.join(unknown)} (known: {offered})")

    def one(self, name: str) -> str | None:
        """The single value of a parameter, None for none; InputError when it is given twice or empty."""
        values = self.values.get(name, ())
        if len(values) > 1:
            raise InputError(name, f"{name} may be given once")
        if values and not values[0].strip():
            raise InputError(name, f"{name} is empty")
        return values[0].strip() if values else None

    def choice(self, name: str, offered: Collection[str]) -> str | None:
        """The single value of a parameter, which must be one of those offered."""
        text = self.one(name)
        if text is not None and text not in offered:
            raise InputError(name, f"{name} must be one of {', '.join(offered)}")
        return text

    def listed(self, name: str) -> tuple[str, ...]:
        """Values of a parameter that may be repeated or a comma list."""
        return _bounded(name, (part.strip() for value in self.values.get(name, ()) for part in value.split(",")))

    def whole(self, name: str) -> tuple[str, ...]:
        """Values of a parameter that may be repeated, commas being part of the value."""
        return _bounded(name, (value.strip() for value in self.values.get(name, ())))

    def among(self, name: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """Members of an enumeration from a parameter that may be repeated or a comma list."""
        offered = [str(each) for each in choices]
        for text in self.listed(name):
            if text not in offered:
                raise InputError(name, f"{name} must be one of {', '.join(offered)}")
        return tuple(choices(text) for text in self.listed(name))

    def metric(self) -> Metric | None:
        """What figures count; None: the default of the source that answers."""
        text = self.one("metric")
        return metric(text) if text else None

    def currency(self) -> str | None:
        """A currency code (ISO 4217)."""
        text = self.one("currency")
        if text is not None and not _CURRENCY.fullmatch(text):
            raise InputError("currency", "currency must be three capital letters, as in USD")
        return text

    def source(self) -> str | None:
        """The name of a source; whether it exists is for the costs to say."""
        text = self.one("source")
        if text is not None and not _SOURCE.fullmatch(text):
            raise InputError("source", "source must be the name of a source, as in cost_explorer or focus")
        return text

    def search(self) -> str:
        """Words to look for."""
        text = self.one("search") or ""
        if len(text) > MAX_SEARCH or len(text.split()) > MAX_WORDS:
            raise InputError("search", f"search takes at most {MAX_WORDS} words in {MAX_SEARCH} characters")
        return text

    def cost_filters(self, *, but: Collection[str] = ()) -> tuple[Filter, ...]:
        """Filters from `<dimension>` and `exclude:<dimension>`; only account ids may come as a comma list.

        An empty value means cost that carries no value there. `but` are names that mean something else here.
        """
        found: dict[tuple[str, bool], list[str]] = {}
        for name, values in self.values.items():
            condition = None if name in but else _condition(name)
            if condition:
                parts = (value.split(",") if condition[0] == "account" else [value] for value in values)
                found.setdefault(condition, []).extend(part for split in parts for part in split)
        return tuple(
            Filter(name, tuple(dict.fromkeys(values)), exclude=excluded) for (name, excluded), values in found.items()
        )

    def assets(self) -> AssetFilter:
        """The assets that `search`, `account`, `region`, `service`, `kind`, `lifecycle` and `tag` ask for."""
        lifecycles = self.among("lifecycle", Lifecycle)
        return AssetFilter(
            search=self.search(),
            accounts=self.listed("account"),
            regions=self.listed("region"),
            services=self.listed("service"),
            kinds=self.listed("kind"),
            lifecycles=lifecycles or AssetFilter().lifecycles,
            tags=_terms(self.values.get("tag", ())),
        )


def _condition(name: str) -> tuple[str, bool] | None:
    """The dimension and whether it is excluded, for a name that is a filter; None for any other."""
    plain = name.removeprefix(EXCLUDE)
    try:
        return dimension(plain), plain != name
    except InputError:
        return None


def _bounded(name: str, values: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(values))
    if not all(found):
        raise InputError(name, f"{name} is empty")
    if len(found) > MAX_VALUES or any(len(value) > MAX_LENGTH for value in found):
        raise InputError(name, f"{name} takes at most {MAX_VALUES} values of at most {MAX_LENGTH} characters")
    return found


def _terms(texts: Iterable[str]) -> tuple[TagTerm, ...]:
    """Terms of `Key`, `Key=value`, `Key=`; the first `=` ends the key."""
    found: dict[str, list[str]] = {}
    for text in _bounded("tag", texts):
        key, given, value = text.partition("=")
        if not key.strip():
            raise InputError("tag", "tag must be Key, Key=value or Key= (without the tag)")
        values = found.setdefault(key, [value] if given else [])
        if bool(values) is not bool(given):
            raise InputError("tag", f"tag asks for {key[:80]!r} with any value and with a certain one")
        if given and value not in values:
            values.append(value)
    return tuple(TagTerm(key, tuple(values)) for key, values in found.items())
