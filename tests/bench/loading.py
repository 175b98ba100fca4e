"""Customers as they are: they look, think for 3 to 7 seconds, sometimes pay. How long do they wait?"""

import json
import subprocess
import sys
from typing import Any

from tests.chaos.bank import HOME, Portal

SECONDS = 45
CROWDS = (100, 400)


def measure(portal: Portal) -> dict[str, Any]:
    """p50, p95, p99 of a page, errors, pages per second; and whether the books tie afterwards."""
    figures: dict[str, Any] = {}
    people = portal.ask("tests.bench.people", "some", str(max(CROWDS)))
    portal.start_web()
    portal.start_worker()
    for crowd in CROWDS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.crowd", str(portal.port), str(SECONDS)],
            input=json.dumps(people[:crowd]), cwd=HOME, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name, figure in json.loads(done.stdout).items():
            figures[f"{crowd} customers: {name}"] = figure
    figures["differences in the ledger afterwards"] = len(portal.ask("tests.chaos.teller", "look")["differences"])
    return figures
