"""One discovery against the stand-in for AWS, in a process of its own: prints seconds, peak memory and counts as JSON.

AWS_ENDPOINT_URL=http://127.0.0.1:PORT python -m bench.discovery_run FOLDER '{"accounts": 50, "regions": [...]}'
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import peak_mib
from config import load_settings
from finops.facade import open_finops
from finops.model.accounts import Account

TENANT = "default"
OWN = 111111111111


def discovered(folder: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Runs the discovery once and says how it went."""
    settings = load_settings(
        environ_endpoint="http://127.0.0.1",
        mode="aws",
        auth="none",
        secret_key="k" * 40,
        data_dir=folder,
        role_name="reader",
    )
    finops = open_finops(settings)
    ids = [str(OWN + number) for number in range(asked["accounts"])]
    accounts = [Account(account, f"account-{number}", "ACTIVE") for number, account in enumerate(ids)]
    finops.store.accounts.save(TENANT, accounts, at=finops.now())
    opened = peak_mib()
    before, cpu = time.perf_counter(), time.process_time()
    outcome = finops.inventory.discover(
        TENANT, accounts=ids, regions=asked["regions"], services=asked["kinds"], user="bench"
    )
    took, cpu = time.perf_counter() - before, time.process_time() - cpu
    found = {
        "seconds": took,
        "cpu": cpu,
        "peak_mib": peak_mib(),
        "added_mib": peak_mib() - opened,
        "counts": dict(outcome.counts),
        "failures": [f"{each.service} {each.region} {each.code}: {each.message}" for each in outcome.failures][:3],
    }
    finops.close()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(discovered(Path(sys.argv[1]), json.loads(sys.argv[2]))))
