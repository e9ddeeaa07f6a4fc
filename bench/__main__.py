"""`python -m bench [NAME …]`: runs benchmarks, writes `bench/results/<name>.json` and the table in docs/performance.md.

A benchmark is a module of this package with `run(folder) -> list[Figure]`; a figure is a measurement and its bar.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, machine, table

NAMES = (
    "refresh",
    "discovery",
    "inventory",
    "findings",
    "anomalies",
    "forecasts",
    "tagging",
    "imports",
    "queries",
    "pages",
    "exports",
    "firings",
    "report_files",
    "report_office",
)
RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main(arguments: list[str]) -> int:
    """Runs the benchmarks named, all by default; 1 when a bar was missed, which the table marks."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(NAMES)}; all when none is given")
    names = parser.parse_args(arguments).names or list(NAMES)
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    RESULTS.mkdir(exist_ok=True)
    missed = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
            figures = importlib.import_module(f"bench.{name}").run(Path(folder))
        missed += sum(figure.met is False for figure in figures)
        _write(name, figures)
        sys.stdout.write(f"\n{name}\n{table(figures)}\n")
    _show()
    return 1 if missed else 0


def _write(name: str, figures: list[Figure]) -> None:
    record = {
        "benchmark": name,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _show() -> None:
    """Puts the stored results between the two marks of docs/performance.md; the prose around them stays."""
    parts = []
    for name in NAMES:
        path = RESULTS / f"{name}.json"
        if path.exists():
            record = json.loads(path.read_text(encoding="utf-8"))
            figures = [Figure(**figure) for figure in record["figures"]]
            parts.append(f"### {name}\n\n{record['measured'][:10]}, {record['machine']}.\n\n{table(figures)}")
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
