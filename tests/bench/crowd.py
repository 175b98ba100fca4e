"""Simulated customers in a process of their own: `python -m tests.bench.crowd PORT SECONDS`, people as JSON on stdin.

70 % look at the dashboard, 20 % pay (form, review, confirm, receipt), 10 % read their history. Pages met before the
think time is over are not repeated, so a slow server is asked less: p95 and errors tell, not the rate.
"""

import json
import random
import sys
import threading
import time
from collections import Counter
from http.client import HTTPException
from typing import Any

from tests.bench.client import Browser

THINK = (3.0, 7.0)


class Customer(threading.Thread):
    def __init__(self, port: int, person: dict[str, Any], until: float) -> None:
        super().__init__(daemon=True)
        self.person, self.until = person, until
        self.browser = Browser(port, person["cookie"])
        self.times: list[float] = []
        self.wrong: Counter[str] = Counter()

    def run(self) -> None:
        time.sleep(random.uniform(0, THINK[1]))
        while time.monotonic() < self.until:
            try:
                random.choices([self.look, self.pay, self.read], [70, 20, 10])[0]()
            except (OSError, HTTPException) as error:
                self.wrong[type(error).__name__] += 1
            time.sleep(random.uniform(*THINK))

    def look(self) -> None:
        self.expect(200, *self.browser.get("/"))

    def read(self) -> None:
        self.expect(200, *self.browser.get("/view/"))

    def pay(self) -> None:
        self.expect(200, *self.browser.get("/move/wekeza/"))
        form = f"from_account={self.person['from']}&to_account={self.person['to']}&amount=10&note="
        if not self.expect(303, *self.browser.post("/move/wekeza/", form)):
            return
        review = self.browser.location
        self.expect(200, *self.browser.get(review))
        if self.expect(303, *self.browser.post(review.replace("/review/", "/confirm/"))):
            self.expect(200, *self.browser.get(self.browser.location))

    def expect(self, wanted: int, status: int, seconds: float, _body: bytes) -> bool:
        self.times.append(seconds)
        if status != wanted:
            self.wrong[str(status)] += 1
        return status == wanted


def main(port: int, seconds: float, people: list[dict[str, Any]]) -> None:
    threading.stack_size(256 * 1024)
    started = time.monotonic()
    crowd = [Customer(port, person, started + seconds) for person in people]
    for customer in crowd:
        customer.start()
    for customer in crowd:
        customer.join()
    times = sorted(t for customer in crowd for t in customer.times)
    wrong = sum((customer.wrong for customer in crowd), Counter())

    def at(share: float) -> int:
        return round(times[min(int(len(times) * share), len(times) - 1)] * 1000)

    figures = {
        "p50, ms": at(0.5), "p95, ms": at(0.95), "p99, ms": at(0.99), "pages": len(times),
        "pages/s": round(len(times) / seconds, 1), "errors": sum(wrong.values()),
        **{f"error {kind}": count for kind, count in wrong.items()},
    }  # fmt: skip
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin))
