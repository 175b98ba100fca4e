"""kill -9 of every process of the bank while customers pay: nothing acknowledged is lost, halved or repeated.

Proves the death of processes, not a power cut: the operating system keeps its cache.
`SOAK_SECONDS=3600` goes on killing for that long (`make soak`).
"""

import http.client
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.bank import PATIENCE, Portal, bank, wait_until

pytestmark = pytest.mark.mariadb

SECONDS = float(os.environ.get("SOAK_SECONDS", "8"))
CUSTOMERS, DRAFTS = 6, 60
PAUSE = 1.2


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with bank(tmp_path) as running:
        running.start_sealer()
        yield running


class Load:
    """Customers who confirm one draft after another until told to stop, and note what they were told."""

    def __init__(self, portal: Portal, people: list[dict]) -> None:
        self.portal = portal
        self.acknowledged: set[str] = set()
        self.unknown: dict[str, str] = {}
        self.odd: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._pay, args=(person,)) for person in people]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _pay(self, person: dict) -> None:
        for draft in person["drafts"][1:]:
            if self.over.is_set():
                return
            if self.try_once(draft, person["cookie"]) is None:
                self.unknown[draft] = person["cookie"]
                time.sleep(0.1)

    def try_once(self, draft: str, cookie: str) -> bool | None:
        """True: told that it was paid. None: nobody knows. Everything else is noted as odd."""
        try:
            response = self.portal.confirm(draft, cookie)
        except (OSError, http.client.HTTPException):
            return None
        if response.status == 303 and response.getheader("Location") == f"/move/payments/{draft}/":
            self.acknowledged.add(draft)
            return True
        if response.status != 503 and not self.may_be_told(response):
            self.odd.append(f"{response.status} {response.getheader('Location')}")
        return None

    def may_be_told(self, response: http.client.HTTPResponse) -> bool:
        """Whether this is a truthful "not now": nothing was done, and it can be tried again."""
        return False

    def resolve(self) -> None:
        """Ask again about everything nobody knows: the same instruction, so it can only be paid once."""
        for draft, cookie in self.unknown.items():
            try:
                wait_until(lambda d=draft, c=cookie: bool(self.try_once(d, c)), f"an answer about {draft}", PATIENCE)
            except AssertionError as error:
                error.add_note(f"told instead: {self.odd[-3:]}")
                raise


def killers(portal: Portal) -> dict[str, Callable[[], None]]:
    def web() -> None:
        portal.kill("web")
        portal.start_web()

    def worker() -> None:
        portal.kill("worker")
        portal.start_worker()

    def sealer() -> None:
        portal.kill("sealer")
        portal.start_sealer()

    def database() -> None:
        portal.server.kill()
        portal.server.start()

    return {
        "web worker": portal.kill_one_web_worker,
        "web": web,
        "worker": worker,
        "sealer": sealer,
        "database": database,
    }


def kill_for(seconds: float, portal: Portal, dice: random.Random) -> list[str]:
    """Each of them at least once, in random order, with random pauses, until the time is over."""
    deeds, done, until = killers(portal), [], time.monotonic() + seconds
    while time.monotonic() < until or len(done) < len(deeds):
        left = [name for name in deeds if name not in done] or list(deeds)
        name = dice.choice(left)
        time.sleep(dice.uniform(0.2, PAUSE))
        deeds[name]()
        done.append(name)
    return done


def assert_books(portal: Portal, load: Load) -> None:
    books = portal.ask("tests.chaos.teller", "look")
    assert sorted(set(books["posted"])) == sorted(books["posted"])
    assert load.acknowledged <= set(books["posted"]), "an acknowledged transfer was lost"
    assert books["differences"] == []
    assert books["wrong_accounts"] == []
    assert float(books["total"]) + float(_fees(portal)) == books["accounts"] * 100_000
    portal.manage("verifyaudit")  # ends with 1, and fails here, at the first event that is not as it was sealed


def _fees(portal: Portal) -> str:
    """What customers paid to the bank itself: it left their accounts and is in no other."""
    found = portal.server.sql(
        "SELECT COALESCE(SUM(amount), 0) FROM portal_posting_leg WHERE internal_account <> ''", "wekeza_dfs_db"
    )
    assert found is not None
    return found.strip()


def assert_messages(portal: Portal) -> None:
    """Every payment told both sides once; whatever was being sent when the worker died was sent in the end."""
    posted = portal.ask("tests.chaos.teller", "look")["posted"]
    portal.kill("worker")
    told = portal.ask("tests.chaos.teller", "settle")
    expected = [f"transfer-{side}:{payment}" for payment in posted for side in ("sent", "received")]
    assert sorted(told["causes"]) == sorted(expected)
    assert told["states"] == ["SENT"]
    assert (told["lost"], told["repeated"], told["beyond_attempts"]) == ([], [], [])


def test_kill_9_of_anything_loses_no_acknowledged_transfer_and_repeats_none(portal: Portal) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    dice = random.Random(seed)
    until = time.monotonic() + SECONDS
    while True:
        people = portal.ask("tests.chaos.teller", "prepare", str(CUSTOMERS), str(DRAFTS))
        with Load(portal, people) as load:
            killed = kill_for(min(8.0, SECONDS), portal, dice)
        load.resolve()
        assert load.odd == []
        assert load.acknowledged, "nobody paid: the test shows nothing"
        assert load.unknown, "nobody noticed: the test shows nothing"
        assert set(killed) == {"web worker", "web", "worker", "sealer", "database"}
        assert_books(portal, load)
        if time.monotonic() >= until:
            break
    assert_messages(portal)
