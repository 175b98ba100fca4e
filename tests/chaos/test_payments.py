"""Payments out of the bank while the rails misbehave and web and worker are killed -9: each ends once, none is lost.

Every registered rail is paid over, against the rail simulator with its faults on: amounts that are refused, time out,
are done but answered with 503, are reported twice or never; callbacks in the wrong order; lines that go dead. At the
end every payment is settled or given back, exactly those were executed that are settled, once, and the books tie.
`PAYMENTS=2000` is the long form (`make chaos`).
"""

import http.client
import os
import random
import sqlite3
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.bank import Portal, Server, free_port, wait_until
from tests.chaos.test_kills import Load

pytestmark = pytest.mark.mariadb

PAYMENTS = int(os.environ.get("PAYMENTS", "100"))
AT_ONCE = 200
"""Confirmed in one go: a code is good for five minutes."""
LEAST_DRAFTED = 0.9
"""The simulated companies know no such receiver for some numbers."""
TRIES = 20
WEATHER = ("accept_503", "refuse", "busy", "lost", "twice", "reverse")
FINAL = {"SETTLED", "RETURNED"}


class Outside:
    """The simulated companies of this bank: outlives every kill, as other companies do."""

    def __init__(self, portal: Portal, folder: Path) -> None:
        self.portal, self.file = portal, folder / "railsim.db"
        self.url = portal.environment["RAILSIM_URL"]

    def start(self) -> None:
        self.portal._start("railsim", "manage.py", "railsim")
        wait_until(self._answers, "the rail simulator")

    def fault(self, name: str, value: int) -> None:
        form = urllib.parse.urlencode({"company": "*", "name": name, "value": value}).encode()
        urllib.request.urlopen(f"{self.url}/_sim/faults", form, timeout=10).close()

    def executions(self) -> list[dict[str, Any]]:
        """What the companies did, each time they did it."""
        with sqlite3.connect(self.file) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT company, originator, reference FROM execution")]

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/", timeout=2).close()
        except OSError:
            return False
        return True


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """A running bank whose rails are all simulated."""
    server = Server(tmp_path)
    portal = Portal(server, tmp_path, RAILSIM_URL=f"http://127.0.0.1:{free_port()}", RAILSIM_DELAY="0")
    try:
        server.start()
        portal.make_bank()
        made = Outside(portal, tmp_path)
        made.start()
        portal.start_web()
        portal.start_worker()
        yield made
    finally:
        portal.stop()
        server.stop()


def bad_weather(outside: Outside, dice: random.Random, over: threading.Event) -> None:
    """One fault after another, each for a moment, until it is over; then none."""
    while not over.wait(dice.uniform(0.1, 0.6)):
        name = dice.choice(WEATHER)
        outside.fault(name, 1)
        over.wait(dice.uniform(0.1, 0.5))
        outside.fault(name, 0)


def killers(portal: Portal) -> list[Callable[[], None]]:
    def web() -> None:
        portal.kill("web")
        portal.start_web()

    def worker() -> None:
        portal.kill("worker")
        portal.start_worker()

    return [web, worker, worker, portal.kill_one_web_worker]


def kill_while(load: Load, portal: Portal, dice: random.Random) -> int:
    """kill -9 of web and worker at random until every customer is through; how often."""
    deeds, kills = killers(portal), 0
    while any(thread.is_alive() for thread in load.threads) or not kills:
        time.sleep(dice.uniform(0.1, 0.6))
        dice.choice(deeds)()
        kills += 1
    return kills


class Payers(Load):
    """They are told so where a rail has just been switched off because it refused everything, or a code has aged."""

    def may_be_told(self, response: http.client.HTTPResponse) -> bool:
        if response.status == 303:
            return str(response.getheader("Location")).startswith("/step-up/")
        return response.status == 200 and b"is not available at the moment" in response.body

    def resolve(self) -> None:
        """Again and again, with a code of now and stopped rails on again where it is not paid: more may stop."""
        for draft, cookie in self.unknown.items():
            for _ in range(TRIES):
                if self.try_once(draft, cookie):
                    break
                self.portal.ask("tests.chaos.outside", "make_ready", draft)
            assert draft in self.acknowledged, f"no answer about {draft}, told instead: {self.odd[-3:]}"


def pay(outside: Outside, count: int, first: int, dice: random.Random) -> set[str]:
    """Confirm `count` payments in bad weather among kills; the ids of those that were acknowledged."""
    portal, over = outside.portal, threading.Event()
    portal.ask("tests.chaos.outside", "switch_on")
    people = portal.ask("tests.chaos.outside", "prepare", str(count), str(first))
    assert sum(len(person["drafts"]) - 1 for person in people) >= count * LEAST_DRAFTED
    weather = threading.Thread(target=bad_weather, args=(outside, dice, over))
    weather.start()
    try:
        with Payers(portal, people) as load:
            kill_while(load, portal, dice)
        load.resolve()
    finally:
        over.set()
        weather.join()
    assert load.odd == []
    assert load.acknowledged == {draft for person in people for draft in person["drafts"][1:]}
    return load.acknowledged


def end_by_hand(outside: Outside, left: list[str]) -> None:
    """Of some orders a company never says what became of them: staff end those, with its own papers in hand."""
    done = {row["originator"] for row in outside.executions()} | {row["reference"] for row in outside.executions()}
    if left:
        books = outside.portal.ask("tests.chaos.outside", "look")
        rows = [row for row in books["payments"] if row["id"] in left]
        known = {row["id"]: {row["id"], row["id"].replace("-", ""), row["reference"]} for row in rows}
        ends = [f"{pk}:{'settle' if names & done else 'return'}" for pk, names in known.items()]
        outside.portal.ask("tests.chaos.outside", "by_hand", *ends)


def assert_ended_once(outside: Outside, books: dict[str, Any], acknowledged: set[str]) -> None:
    """What the companies did is what our books say, payment by payment."""
    payments = {payment["id"]: payment for payment in books["payments"]}
    assert acknowledged == set(payments) == set(books["posted"])
    assert {payment["state"] for payment in payments.values()} <= FINAL
    assert [payment for payment in payments.values() if payment["odd"]] == []
    names = {name: pk for pk, row in payments.items() for name in (pk, pk.replace("-", ""), row["reference"])}
    done = Counter(
        names.get(row["originator"]) or names.get(row["reference"]) or f"nobody's: {row}"
        for row in outside.executions()
    )
    assert {name: times for name, times in done.items() if times > 1} == {}, "executed twice"
    assert set(done) == {pk for pk, row in payments.items() if row["state"] == "SETTLED"}
    assert books["postings"] == 2 * len(payments)


def test_every_payment_ends_once_whatever_dies_and_whatever_rails_do(outside: Outside) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    dice, portal, acknowledged = random.Random(seed), outside.portal, set()
    for first in range(0, PAYMENTS, AT_ONCE):
        acknowledged |= pay(outside, min(AT_ONCE, PAYMENTS - first), first, dice)
    portal.kill("worker")
    finished = portal.ask("tests.chaos.outside", "finish")
    assert finished["without_staff"] == [], "what nobody knows after an hour is with staff"
    end_by_hand(outside, finished["open"])
    books = portal.ask("tests.chaos.outside", "look")
    assert_ended_once(outside, books, acknowledged)
    states = Counter(payment["state"] for payment in books["payments"])
    assert set(states) == FINAL, "both ends must have been met"
    assert (books["wrong_accounts"], books["differences"]) == ([], [])
    portal.start_worker()  # it seals what was written while there was none
    wait_until(lambda: portal._run("manage.py", "verifyaudit").returncode == 0, "the audit trail to be sealed")
