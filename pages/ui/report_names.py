"""What reports, formats, schedules and mails are called on the page, and the words of how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.delivery.cron import words as cron_words
from finops.delivery.cron import zone_of
from finops.model.delivery import DeliveryStatus, FiringStatus, ScheduleStatus
from finops.model.reports import Format
from pages.ui import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.model.delivery import Firing
    from finops.model.reports import Export

FORMAT_NAMES = {Format.XLSX: "Excel", Format.CSV: "CSV", Format.JSON: "JSON"}
FORMAT_ICONS = {
    Format.XLSX: ":material/table:",
    Format.CSV: ":material/csv:",
    Format.JSON: ":material/data_object:",
}
AUDIENCE = {
    "executive-summary": "For managers: the month on one page.",
    "cost-by-service": "For engineering leads: which service moved the bill.",
    "cost-by-account": "For account owners: what each account cost.",
    "cost-by-tag": "For team leads: what each value of a tag cost.",
    "cost-detail": "For analysts: rows for a spreadsheet of their own.",
    "showback": "For finance: who bears which part of the bill.",
    "savings": "For engineers: what to switch off, resize or buy.",
    "tag-compliance": "For platform teams: what lacks its tags.",
    "anomalies": "For engineers on duty: what cost more than expected.",
    "inventory": "For auditors and platform teams: what there is.",
    "budget-forecast": "For finance: what the months to come will cost.",
    "digest": "For everyone who reads one mail a week.",
    "health": "For whoever runs this tool: how fresh and whole it is.",
}
DELIVERY_NAMES = {
    DeliveryStatus.UNCERTAIN: "Uncertain",
    DeliveryStatus.FAILED: "Failed",
    DeliveryStatus.QUEUED: "Waiting",
    DeliveryStatus.SENDING: "Sending",
    DeliveryStatus.SENT: "Sent",
    DeliveryStatus.WITHHELD: "Withheld",
}
DELIVERY_COLOURS = ["orange", "red", "gray", "blue", "green", "gray"]
DELIVERY_WORDS = {
    DeliveryStatus.QUEUED: "It waits to be sent.",
    DeliveryStatus.SENDING: "It is being handed over.",
    DeliveryStatus.SENT: "The transport took it.",
    DeliveryStatus.FAILED: "It was not taken.",
    DeliveryStatus.UNCERTAIN: "Nobody can tell whether it left. It is never sent again by itself.",
    DeliveryStatus.WITHHELD: "It was not sent on purpose.",
}
KIND_NAMES = {"report": "Report", "alert": "Alert", "digest": "Digest", "trial": "Dry run"}
SCHEDULE_NAMES = {ScheduleStatus.ACTIVE: "Active", ScheduleStatus.PAUSED: "Paused"}
SCHEDULE_COLOURS = ["green", "orange"]
_KIB, _MIB = 1024, 1024**2


def size(count: int) -> str:
    """`830 B`, `24 KiB`, `1.4 MiB`."""
    if count < _KIB:
        return f"{count} B"
    return f"{count / _KIB:,.0f} KiB" if count < _MIB else f"{count / _MIB:,.1f} MiB"


def sentence(text: str) -> str:
    """A reason as a sentence: `The server is busy (451).`; empty for none."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def at(moment: datetime, zone: str) -> str:
    """An instant on the clocks of a zone, without its name: `Mon 30 Nov 07:00`."""
    there = moment.astimezone(zone_of(zone))
    return f"{there:%a} {there.day} {there:%b %H:%M}"


def at_in(moment: datetime, zone: str) -> str:
    """The same with the zone: `Mon 30 Nov 07:00 Europe/Berlin`."""
    return f"{at(moment, zone)} {zone}"


def when(cron: str, zone: str) -> str:
    """A schedule's times in words: `At 07:00 on Monday, Europe/Berlin`."""
    return f"{cron_words(cron)}, {zone}"


def file_words(export: Export, zone: str) -> str:
    """`Excel, 24 KiB, made Fri 27 Nov 10:00, kept until Fri 11 Dec 10:00`, and whether something is missing in it."""
    told = (
        f"{FORMAT_NAMES[export.format]}, {size(export.size)}, made {at(export.made_at, zone)},"
        f" kept until {at(export.expires, zone)}"
    )
    return f"{told}, something is missing in it" if export.partial else told


def firing_words(firing: Firing, mails: Mapping[str, int]) -> str:
    """What became of a firing: `3 sent`, `2 sent, 1 failed`, `No news, nothing sent`, `Failed, tried again 07:05`."""
    if firing.status is FiringStatus.QUEUED:
        named = ((DELIVERY_NAMES[status].lower(), mails.get(status.value, 0)) for status in DELIVERY_NAMES)
        return ", ".join(f"{count:,} {name}" for name, count in named if count) or "queued"
    if firing.status is FiringStatus.FAILED:
        return "Failed, will be tried again" if firing.retry_at else "Failed"
    return {FiringStatus.SILENT: "No news, nothing sent", FiringStatus.CLAIMED: "Being made"}[firing.status]


def firing_notes(firing: Firing) -> str:
    """Late, skipped and why, in one line; empty where there is nothing to say."""
    parts = (
        "late" if firing.late else "",
        f"{numbers.counted(firing.skipped, 'earlier time')} skipped" if firing.skipped else "",
        firing.reason,
    )
    return "; ".join(part for part in parts if part)
