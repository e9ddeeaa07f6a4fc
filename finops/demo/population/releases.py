"""Versions of engines and of Kubernetes with the days on which their support ends, as AWS's calendars name them.

What lies beyond the calendars of 2026 is carried on at the usual pace, so that the made-up estate keeps up with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_NOTICE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Release:
    """A major version: `released`, the last days of standard and of extended support."""

    version: str
    released: date
    standard: date
    extended: date

    def status(self, day: date) -> str:
        """Its support on a day, as EKS spells it."""
        if day <= self.standard:
            return "STANDARD_SUPPORT"
        return "EXTENDED_SUPPORT" if day <= self.extended else "UNSUPPORTED"


_FIRST_MINOR = 30
_FIRST_RELEASED = (
    (date(2024, 5, 23), date(2025, 7, 23)),
    (date(2024, 9, 26), date(2025, 11, 26)),
    (date(2025, 1, 23), date(2026, 3, 23)),
    (date(2025, 5, 29), date(2026, 7, 29)),
    (date(2025, 10, 2), date(2026, 12, 2)),
    (date(2026, 1, 27), date(2027, 3, 27)),
)
_PACE, _STANDARD_DAYS, _EXTENDED_DAYS, _MINORS = 120, 425, 365, 20


def kubernetes(day: date) -> tuple[Release, ...]:
    """The versions of Kubernetes that EKS has released by a day, the oldest first."""
    found = []
    for index in range(_MINORS):
        if index < len(_FIRST_RELEASED):
            released, standard = _FIRST_RELEASED[index]
        else:
            released = _FIRST_RELEASED[-1][0] + timedelta(days=_PACE * (index - len(_FIRST_RELEASED) + 1))
            standard = released + timedelta(days=_STANDARD_DAYS)
        extended = standard + timedelta(days=_EXTENDED_DAYS)
        found.append(Release(f"1.{_FIRST_MINOR + index}", released, standard, extended))
    return tuple(one for one in found if one.released <= day)


def supported_version(day: date, *, ahead: int) -> str:
    """The version of a cluster that is looked after: the oldest with some weeks of standard support left, or newer."""
    fresh = [one for one in kubernetes(day) if one.standard > day + timedelta(days=_NOTICE_DAYS)]
    return fresh[min(ahead, len(fresh) - 1)].version


_MYSQL = (
    Release("5.7", date(2016, 2, 22), date(2024, 2, 29), date(2027, 2, 28)),
    Release("8.0", date(2018, 10, 23), date(2026, 7, 31), date(2029, 7, 31)),
    Release("8.4", date(2024, 11, 21), date(2029, 7, 31), date(2032, 7, 31)),
)
_POSTGRES = (
    Release("12", date(2020, 3, 31), date(2025, 2, 28), date(2028, 2, 28)),
    Release("13", date(2021, 2, 24), date(2026, 2, 28), date(2029, 2, 28)),
    Release("14", date(2022, 2, 3), date(2027, 2, 28), date(2030, 2, 28)),
    Release("15", date(2023, 2, 27), date(2028, 2, 29), date(2031, 2, 28)),
    Release("16", date(2024, 2, 15), date(2029, 2, 28), date(2032, 2, 29)),
    Release("17", date(2025, 2, 20), date(2030, 2, 28), date(2033, 2, 28)),
)
_AURORA_MYSQL = (
    Release("5.7", date(2018, 2, 6), date(2024, 10, 31), date(2027, 2, 28)),
    Release("8.0", date(2021, 11, 18), date(2028, 4, 30), date(2029, 7, 31)),
)
DATABASES: dict[str, tuple[Release, ...]] = {
    "aurora-mysql": _AURORA_MYSQL,
    "aurora-postgresql": _POSTGRES[1:],
    "mysql": _MYSQL,
    "postgres": _POSTGRES,
}
"""Major versions by engine of RDS."""
