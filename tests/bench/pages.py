"""The dashboard against the least page Django can make, on the same server; queries of every customer page."""

import threading
import time
from statistics import median
from typing import Any

from tests.bench.client import Browser
from tests.chaos.bank import Portal

SECONDS, TURNS, BROWSERS = 4, 5, 8


def measure_dashboard(portal: Portal) -> dict[str, Any]:
    """Pages per second with 8 browsers that never rest: session + user + one query, and the whole dashboard."""
    people = portal.ask("tests.bench.people", "some", "8")
    portal.start_web("tests.bench.wsgi")
    rates: dict[str, list[float]] = {"/bench/minimal/": [], "/": []}
    for turn in range(TURNS + 1):  # in turns, so that whatever else the machine does slows both; the first warms up
        for path in rates:
            rate = _rate(portal, path, [person["cookie"] for person in people])
            rates[path] += [rate] if turn else []
    minimal, dashboard = (median(found) for found in rates.values())
    return {
        "minimal page (session, user, one query), pages/s": round(minimal),
        "dashboard, pages/s": round(dashboard),
        "dashboard, of minimal": round(dashboard / minimal, 2),
    }


def _rate(portal: Portal, path: str, cookies: list[str]) -> float:
    done = [0] * BROWSERS
    until = time.monotonic() + SECONDS

    def look(number: int) -> None:
        browser = Browser(portal.port, cookies[number])
        while time.monotonic() < until:
            status, _seconds, _body = browser.get(path)
            assert status == 200, status
            done[number] += 1

    started = time.monotonic()
    threads = [threading.Thread(target=look, args=[number]) for number in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - started)


def measure_queries(portal: Portal) -> dict[str, Any]:
    """Queries per customer page once the process is warm."""
    return {f"{path}, queries": count for path, count in portal.ask("tests.bench.people", "queries").items()}
