"""Does a page get slower as the bank grows? The same customer with 10 thousand and with 5 million rows around him."""

import statistics
from typing import Any

from tests.bench.client import Browser
from tests.chaos.bank import Portal

SIZES = (10_000, 5_000_000)
OWN = 1_000
TIMES = 40
PAGES = {"dashboard (month totals, 90 days)": "/", "history": "/view/", "this month": "/view/?period=month"}


def measure(portal: Portal) -> dict[str, Any]:
    """Median milliseconds of each page, and by how much it grew. The customer has as many rows of his own in both."""
    found: dict[str, dict[int, float]] = {name: {} for name in PAGES}
    for size in SIZES:
        person = portal.ask("tests.bench.people", "heavy", str(size), str(OWN))
        portal.start_web()
        browser = Browser(portal.port, person["cookie"])
        for name, path in PAGES.items():
            found[name][size] = _median(browser, path)
        portal.kill("web")
    small, large = SIZES
    figures: dict[str, Any] = {}
    for name, times in found.items():
        figures[f"{name}: {small:,} rows, ms"] = round(times[small] * 1000, 1)
        figures[f"{name}: {large:,} rows, ms"] = round(times[large] * 1000, 1)
        figures[f"{name}: grew"] = round(times[large] / times[small], 2)
    return figures


def _median(browser: Browser, path: str) -> float:
    for _ in range(6):  # both web processes learn what they keep
        browser.get(path)
    seen = [browser.get(path) for _ in range(TIMES)]
    assert {status for status, _seconds, _body in seen} == {200}
    return statistics.median(seconds for _status, seconds, _body in seen)
