"""Brings bill files into the lake: one import for all files given, what was left out and why.

All files of one command belong together: parts of a month do not replace each other, and everything becomes visible at
once. The same bill given twice counts once. Importing a billing period of a provider's billing account again replaces
it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.costs.sources.focus import FOCUS, SOURCE
from finops.model.costs import ImportResult
from finops.model.errors import InputError, StoreError
from finops.model.outcome import Failure
from finops.store.bill_files import BillReader, StagedBill
from finops.store.bill_paths import UNREADABLE, BillFile, bill_files

if TYPE_CHECKING:
    from pathlib import Path

    from finops.store import LineCommit, LineWriter, Run, Store
    from finops.store.bill_judge import Loss

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and what happens now."""

KIND = "bill.import"
"""Kind of run in the ledger."""
_HALF = Decimal("0.0000000000000000005")


def import_bill(
    store: Store, tenant: str, paths: Sequence[str], *, rejects: Path, progress: Progress | None = None
) -> ImportResult:
    """Imports the files behind `paths` (files, folders, patterns, `file://`, `s3://`) as one import.

    Lines that cannot be read go to `<rejects>/<run id>.csv` (path, line, reason, original); a file that cannot be read
    is a failure in the result while the others are imported. InputError when not one of the files is a bill that can be
    read; StoreError when nothing could be stored. Either way stored lines stay as they were.
    """
    sweep = bill_files(paths, store.lake)
    if not sweep.items:
        raise InputError("paths", _sentences(sweep.failures) or "no path was given")
    run = store.ledger.begin(tenant, KIND, SOURCE)
    tally = _Tally(rejects / f"{run.run_id}.csv", list(sweep.failures))
    report = progress or (lambda _done, _all, _what: None)
    with store.lines.begin(tenant, SOURCE, run) as writer, BillReader(store.lines.staging, FOCUS) as reader:
        for done, file in enumerate(sweep.items):
            report(done, len(sweep.items), file.name)
            _import_file(store, reader, writer, file, tally)
        if not tally.digests:
            raise InputError("paths", _sentences(tally.failures))
        report(len(sweep.items), len(sweep.items), "storing")
        commit = writer.commit(failures=[*tally.failures, *_rejection(tally)], detail=tally.detail())
    return _result(run, commit, tally)


@dataclass
class _Tally:
    """What happened so far, file by file."""

    rejects_file: Path
    failures: list[Failure]
    digests: dict[str, str] = field(default_factory=dict)  # digest → name
    rejected: int = 0
    warned: int = 0
    notes: list[str] = field(default_factory=list)
    unknown_columns: dict[str, None] = field(default_factory=dict)

    def detail(self) -> dict[str, object]:
        """What the ledger keeps of the import, JSON-friendly."""
        files = [{"name": name, "digest": digest} for digest, name in self.digests.items()]
        return {"files": files, "rejected": self.rejected, "warnings": self.warned, "notes": self.notes[:20]}


def _import_file(store: Store, reader: BillReader, writer: LineWriter, file: BillFile, tally: _Tally) -> None:
    try:
        path = file.local(store.lake, reader.folder)
        bill = reader.stage(path, file.name)
    except InputError as error:
        tally.failures.append(Failure(UNREADABLE, error.message))
        return
    if bill.digest in tally.digests:
        tally.notes.append(f"{file.name} is the same bill as {tally.digests[bill.digest]} and was counted once")
    else:
        tally.digests[bill.digest] = file.name
        _take(reader, writer, bill, tally)
    reader.drop(bill)


def _take(reader: BillReader, writer: LineWriter, bill: StagedBill, tally: _Tally) -> None:
    if bill.judgement.rejected:
        _write_rejects(reader, bill, tally)
    reader.write(bill, writer)
    tally.warned += bill.judgement.warned
    tally.notes += [_loss_note(bill.name, loss) for loss in bill.judgement.losses]
    tally.unknown_columns |= dict.fromkeys(bill.unknown_columns)
    if not bill.judgement.lines:
        tally.notes.append(f"{bill.name} holds no lines")


def _write_rejects(reader: BillReader, bill: StagedBill, tally: _Tally) -> None:
    """Appends the rejected lines; StoreError when fewer or more turn up than were counted, since none may get lost."""
    try:
        tally.rejects_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = not tally.rejects_file.exists()
        with tally.rejects_file.open("a", encoding="utf-8", newline="") as handle:
            rows = csv.writer(handle)
            if fresh:
                rows.writerow(("path", "line", "reason", "original"))
            written = 0
            for reject, original in reader.rejects(bill):
                rows.writerow((reject.path, reject.line, reject.reason, original))
                written += 1
    except OSError as error:
        raise StoreError(f"rejected lines cannot be written to {tally.rejects_file} ({error.strerror})") from None
    if written != bill.judgement.rejected:
        raise StoreError(
            f"{bill.name} changed while it was read: {written} of {bill.judgement.rejected} rejected lines found"
        )
    tally.rejected += written


def _rejection(tally: _Tally) -> list[Failure]:
    if not tally.rejected:
        return []
    return [Failure("lines_rejected", f"{_lines(tally.rejected)} could not be read, see {tally.rejects_file}")]


def _loss_note(name: str, loss: Loss) -> str:
    if loss.rounded:
        what = "digits of binary noise" if loss.noise else "more than 18 decimals"
        moved = _HALF * loss.lines
        return (
            f"{name}: {loss.column} has {what} in {_lines(loss.lines)} and was rounded to 18 decimals, "
            f"which moves its total by at most {moved:.1E}"
        )
    shown = "; ".join(f"line {line}: {text}" for line, text in loss.examples)
    return f"{name}: {loss.column} cannot be read in {_lines(loss.lines)}, imported without it ({shown})"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _sentences(failures: Sequence[Failure]) -> str:
    return "; ".join(failure.message for failure in failures)


def _result(run: Run, commit: LineCommit, tally: _Tally) -> ImportResult:
    return ImportResult(
        run_id=run.run_id,
        source=SOURCE,
        files=tuple(tally.digests.values()),
        periods=commit.billing_periods,
        imported=commit.imported,
        rejected=tally.rejected,
        warnings=tally.warned,
        replaced=commit.replaced,
        totals=commit.totals,
        rejects_file=str(tally.rejects_file) if tally.rejected else "",
        warning_notes=tuple(tally.notes),
        unknown_columns=tuple(tally.unknown_columns),
        failures=tuple(tally.failures),
    )
