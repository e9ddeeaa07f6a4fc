"""Packages from outside add kinds by entry points; a broken one is named, and the others stay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
GOOD = """
from finops.aws.listing import Kind, Step, reading
STREAMS = reading("kinesis", "ListStreams", "Kinesis streams")
def kind(name): return Kind(kind=name, title=name, steps=(Step(STREAMS, "StreamNames[]"),), resource_id=".")
STREAM = kind("kinesis:stream")
SEVERAL = (kind("kinesis:one"), kind("kinesis:two"))
"""
# module: (its text, what is said of it)
BROKEN = {
    "raises": ("raise RuntimeError('out of order')", "out of order"),
    "unreadable": ("def f(:", "invalid syntax"),
    "empty": ("", "no attribute"),
    "number": ("KIND = 42", "no Kind"),
    "numbers": ("KIND = [42]", "no Kind"),
    "twice": (GOOD + "KIND = kind('ec2:volume')", "ec2:volume is declared twice"),
    "poor": ("import no_such_package", "no_such_package"),
    "wrong": ("1 / 0", "division by zero"),
    "halfway": ("from finops.aws.listing import Kind\nKIND = Kind()", "missing"),
    "pageless": (
        "from finops.aws.listing import Kind, Step, reading\nDOMAINS = reading('opensearch', 'ListVersions', 'x')\n"
        "KIND = Kind(kind='x:y', title='X', steps=(Step(DOMAINS, 'Versions[]'),), resource_id='.')",
        "opensearch:ListVersions has no paginator",
    ),
    "writing": (
        "from finops.aws.listing import Step, reading\nStep(reading('kinesis', 'DeleteStream', 'x'), 'x')",
        "DeleteStream is no read",
    ),
}
ASK = """
import json, logging, sys
logging.basicConfig(stream=sys.stderr)
import finops.aws
from finops.aws.permissions import permitted
print(json.dumps({"permitted": ["kinesis", "ListStreams"] in [list(pair) for pair in permitted()]}))
from finops.aws.services import kind_named, kinds, reads
print(json.dumps({
    "kinds": [kind.kind for kind in kinds()],
    "reads": sorted(reads().get(("kinesis", "ListStreams"), ())),
    "volume": kind_named("ec2:volume").title,
}))
"""


def asked(folder: Path, modules: dict[str, str], entries: dict[str, str]) -> tuple[dict[str, Any], str]:
    """What a fresh process knows with a package installed that has these modules and entry points; its log."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    about = folder / "visitor-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: visitor\nVersion: 1\n")
    lines = "".join(f"{name} = {target}\n" for name, target in entries.items())
    (about / "entry_points.txt").write_text(f"[finops.services]\n{lines}")
    paths = os.pathsep.join([str(folder), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": paths}
    )
    first, second = done.stdout.splitlines()
    return json.loads(first) | json.loads(second), done.stderr


def test_installed_kinds_are_listed_permitted_and_read(tmp_path: Path):
    found, log = asked(tmp_path, {"visitor": GOOD}, {"one": "visitor:STREAM", "more": "visitor:SEVERAL"})
    assert {"kinesis:stream", "kinesis:one", "kinesis:two", "ec2:volume"} <= set(found["kinds"])
    assert found["kinds"] == sorted(found["kinds"])
    assert found["permitted"] is True
    assert found["reads"] == ["HasMoreStreams", "NextToken", "StreamNames[]"]
    assert not log


def test_broken_ones_are_left_out_and_named(tmp_path: Path):
    modules = {f"visitor_{name}": text for name, (text, _) in BROKEN.items()}
    entries = {name: f"visitor_{name}:KIND" for name in BROKEN}
    found, log = asked(tmp_path, {**modules, "visitor": GOOD}, {**entries, "fine": "visitor:STREAM"})
    assert "kinesis:stream" in found["kinds"]
    assert found["volume"] == "EBS volume"
    for name, (_, why) in BROKEN.items():
        said = [line for line in log.splitlines() if f"the services of {name} (" in line]
        assert len(said) == 1
        assert why in said[0]
