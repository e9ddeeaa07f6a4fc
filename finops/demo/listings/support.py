"""Until when versions are supported: engines of RDS and Kubernetes on EKS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.population.releases import DATABASES, Release, kubernetes

if TYPE_CHECKING:
    from finops.demo.population.everything import Census
    from finops.demo.wire import Request

_RDS_PAGE = Page("Marker", "Marker", "MaxRecords", usual=100, least=20, most=100, code="InvalidParameterValue")
_EKS_PAGE = Page("nextToken", "nextToken", "maxResults", code="InvalidParameterException")
_DEFAULT_BEHIND = 2


@dataclass(frozen=True, slots=True)
class Support:
    """Answers for the day of one census."""

    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of both services."""
        return {
            ("rds", "DescribeDBMajorEngineVersions"): self.engines,
            ("eks", "DescribeClusterVersions"): self.cluster_versions,
        }

    def engines(self, request: Request) -> dict[str, Any]:
        """Major versions of engines with their spans of support."""
        refuse_unknown(request, ("Engine", "MajorEngineVersion", _RDS_PAGE.token, _RDS_PAGE.limit))
        engine, major = request.params.get("Engine"), request.params.get("MajorEngineVersion")
        found = [
            {"Engine": name, "MajorEngineVersion": one.version, "SupportedEngineLifecycles": _lifecycles(one)}
            for name, releases in DATABASES.items()
            for one in releases
            if engine in {None, name} and major in {None, one.version}
        ]
        shown, more = sliced(request, _RDS_PAGE, found)
        return {"DBMajorEngineVersions": list(shown), **more}

    def cluster_versions(self, request: Request) -> dict[str, Any]:
        """Versions of Kubernetes; those without any support only when all are asked for, or by name."""
        known = ("clusterVersions", "includeAll", "versionStatus", _EKS_PAGE.token, _EKS_PAGE.limit)
        refuse_unknown(request, known)
        today = self.census.today().today
        named, status = request.params.get("clusterVersions"), request.params.get("versionStatus")
        every = bool(named or status or request.params.get("includeAll"))
        releases = kubernetes(today)
        default = releases[-_DEFAULT_BEHIND].version
        found = [
            _version(one, today, default=one.version == default)
            for one in reversed(releases)
            if (not named or one.version in named)
            and status in {None, one.status(today)}
            and (every or one.status(today) != "UNSUPPORTED")
        ]
        shown, more = sliced(request, _EKS_PAGE, found)
        return {"clusterVersions": list(shown), **more}


def _lifecycles(one: Release) -> list[dict[str, Any]]:
    spans = (("standard", one.released, one.standard), ("extended", one.standard + timedelta(days=1), one.extended))
    return [
        {
            "LifecycleSupportName": f"open-source-rds-{name}-support",
            "LifecycleSupportStartDate": _instant(first),
            "LifecycleSupportEndDate": _instant(last) + timedelta(hours=23, minutes=59, seconds=59),
        }
        for name, first, last in spans
    ]


def _version(one: Release, today: date, *, default: bool) -> dict[str, Any]:
    status = one.status(today)
    return {
        "clusterVersion": one.version,
        "clusterType": "eks",
        "defaultPlatformVersion": "eks.9",
        "defaultVersion": default,
        "releaseDate": _instant(one.released),
        "endOfStandardSupportDate": _instant(one.standard),
        "endOfExtendedSupportDate": _instant(one.extended),
        "status": status.lower().replace("_", "-"),
        "versionStatus": status,
        "kubernetesPatchVersion": f"{one.version}.4",
    }


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
