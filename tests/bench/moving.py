"""Transfers through the real service against a bare loop that replays the statements of one of them.

The bare loop sends what one confirm sends, statement by statement, through mysqlclient and nothing else: no Python of
ours, no Django. It is the most that this database and these statements allow.
"""

import json
import subprocess
import sys
from typing import Any

from tests.chaos.bank import HOME, Portal

SECONDS = 5
SETTINGS = [("1 connection", 1, False), ("8 connections", 8, False), ("8, one hot account", 8, True)]


def measure(portal: Portal) -> dict[str, Any]:
    """Transfers per second: bare, confirm alone, draft and confirm; 1 and 8 processes, and 8 on one hot account."""
    figures: dict[str, Any] = {}
    for title, processes, hot in SETTINGS:
        rates = {what: _run(portal, what, processes, hot) for what in ("bare", "confirm", "both")}
        figures[f"{title}: bare, transfers/s"] = round(rates["bare"])
        for what, words in (("confirm", "confirm"), ("both", "draft + confirm")):
            figures[f"{title}: {words}, transfers/s"] = round(rates[what])
            figures[f"{title}: {words}, of bare"] = round(rates[what] / rates["bare"], 2)
    return figures


def _run(portal: Portal, what: str, processes: int, hot: bool) -> float:
    """Start the processes, release them together, add up what each did in its time."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.mover", what, str(number), str(SECONDS), str(int(hot))],
            cwd=HOME, env=portal.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(processes)
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [json.loads(process.communicate()[0]) for process in running]
    return sum(answer["rate"] for answer in answers)
