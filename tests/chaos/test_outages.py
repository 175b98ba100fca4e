"""The database is down, hangs, is full or takes no writes: a calm 503 in under three seconds, and back by itself."""

import http.client
import signal
import threading
import time
from collections.abc import Callable, Iterator

import MySQLdb
import pytest

from tests.chaos.bank import Portal, bank, wait_until

pytestmark = pytest.mark.mariadb

IN_TIME = 3.0
BACK_WITHIN = 10.0
OPEN_PAGES = ["/healthz", "/help/", "/login/", "/manifest.webmanifest", "/static/portal.css"]
CONNECTIONS = 60


class Outage:
    """One way for the database to be away: how it begins and how it ends."""

    def __init__(self, portal: Portal) -> None:
        self.server = portal.server
        self.held: list[MySQLdb.Connection] = []

    def stop(self) -> None:
        self.server.kill()

    def start(self) -> None:
        self.server.start()

    def freeze(self) -> None:
        self.server.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.server.signal(signal.SIGCONT)

    def fill(self) -> None:
        """Throw everybody out, then take every connection there is and the one kept for administrators."""
        mine = MySQLdb.connect(unix_socket=str(self.server.socket), user="root")
        mine.query(f"SET GLOBAL max_connections = {CONNECTIONS // 4}")
        self._throw_out()
        self.held.append(mine)
        try:
            while True:
                self.held.append(MySQLdb.connect(unix_socket=str(self.server.socket), user="root"))
        except MySQLdb.OperationalError as error:
            assert error.args[0] == 1040  # noqa: PT017 - too many connections: that is what was wanted

    def make_read_only(self) -> None:
        """As a replica is, for everybody but this connection: the portal's user may be an administrator here."""
        mine = MySQLdb.connect(unix_socket=str(self.server.socket), user="root")
        mine.query("REVOKE READ_ONLY ADMIN, SUPER ON *.* FROM root@localhost")
        mine.query("SET GLOBAL read_only = 1")
        self.held.append(mine)
        self._throw_out()

    def make_writable(self) -> None:
        self.held[0].query("SET GLOBAL read_only = 0")
        self.held[0].query("GRANT READ_ONLY ADMIN, SUPER ON *.* TO root@localhost")
        self.held[0].close()

    def _throw_out(self) -> None:
        for line in (self.server.sql("SELECT id FROM information_schema.processlist WHERE db > ''") or "").split():
            self.server.sql(f"KILL {line}")

    def let_go(self) -> None:
        self.held[0].query(f"SET GLOBAL max_connections = {CONNECTIONS}")
        for connection in self.held:
            connection.close()


OUTAGES = {
    "down": (Outage.stop, Outage.start),
    "hung": (Outage.freeze, Outage.thaw),
    "out of connections": (Outage.fill, Outage.let_go),
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with bank(tmp_path_factory.mktemp("bank"), connections=CONNECTIONS) as running:
        yield running


@pytest.fixture(scope="module")
def person(portal: Portal) -> dict:
    return portal.ask("tests.chaos.teller", "prepare", "2", "16")[0]


def timed(ask: Callable[[], http.client.HTTPResponse]) -> tuple[int, float, http.client.HTTPResponse]:
    started = time.monotonic()
    response = ask()
    return response.status, time.monotonic() - started, response


def in_parallel(asks: list[Callable[[], http.client.HTTPResponse]]) -> list[tuple[int, float]]:
    answers: list[tuple[int, float]] = []
    threads = [threading.Thread(target=lambda a=ask: answers.append(timed(a)[:2])) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("kind", OUTAGES)
def test_an_outage_is_a_calm_page_in_time_and_ends_by_itself(portal: Portal, person: dict, kind: str) -> None:
    begin, end = OUTAGES[kind]
    drafts = iter(person["drafts"][1 + 3 * list(OUTAGES).index(kind) :])
    cookie, draft, other = person["cookie"], next(drafts), next(drafts)
    assert portal.get("/", cookie).status == 200
    outage = Outage(portal)
    begin(outage)
    try:
        pages = [lambda path=path: portal.get(path, cookie) for path in ["/", "/", "/", "/move/", "/view/", "/save/"]]
        payments = [lambda: portal.confirm(draft, cookie), lambda: portal.confirm(other, cookie)]
        first = in_parallel([*pages, *payments])
        again = in_parallel([*pages, *payments])
        status, seconds, response = timed(lambda: portal.get("/", cookie))
    finally:
        end(outage)
    assert {answer[0] for answer in [*first, *again]} == {503}, "everything that needs the database says so"
    assert max(answer[1] for answer in [*first, *again]) < IN_TIME
    assert (status, response.getheader("Retry-After") is not None) == (503, True)
    assert seconds < IN_TIME
    assert b"<h1" in response.body, "a page, not a trace"
    took = wait_until(lambda: portal.get("/", cookie).status == 200, "the portal to be back", BACK_WITHIN)
    assert took < BACK_WITHIN
    for payment in (draft, other):
        assert portal.confirm(payment, cookie).getheader("Location") == f"/move/payments/{payment}/"
    books = portal.ask("tests.chaos.teller", "look")
    assert (books["differences"], books["wrong_accounts"]) == ([], [])
    assert len(books["posted"]) == len(set(books["posted"]))
    assert {draft, other} <= set(books["posted"])


@pytest.mark.parametrize("kind", OUTAGES)
def test_open_pages_answer_during_an_outage_and_nobody_is_signed_out(portal: Portal, person: dict, kind: str) -> None:
    begin, end = OUTAGES[kind]
    cookie = person["cookie"]
    assert portal.get("/", cookie).status == 200
    outage = Outage(portal)
    begin(outage)
    try:
        answers = {path: timed(lambda path=path: portal.get(path, cookie)) for path in OPEN_PAGES}
        ready = portal.get("/readyz").status
    finally:
        end(outage)
    assert {path: status for path, (status, _seconds, _response) in answers.items()} == dict.fromkeys(OPEN_PAGES, 200)
    assert max(seconds for _status, seconds, _response in answers.values()) < IN_TIME
    assert not [
        path for path, (_s, _t, response) in answers.items() if "session" in (response.getheader("Set-Cookie") or "")
    ]
    assert ready == 503
    wait_until(lambda: portal.get("/", cookie).status == 200, "the same session to go on", BACK_WITHIN)


def test_a_database_that_takes_no_writes_takes_no_payment(portal: Portal, person: dict) -> None:
    """What can be read may be read; a payment is refused in time and made once, later."""
    cookie, draft = person["cookie"], person["drafts"][11]
    outage = Outage(portal)
    outage.make_read_only()
    try:
        status, seconds, response = timed(lambda: portal.confirm(draft, cookie))
        page, ready = portal.get("/", cookie).status, portal.get("/readyz").status
    finally:
        outage.make_writable()
    assert (status, ready) == (503, 503)
    assert page in {200, 503}
    assert seconds < IN_TIME
    assert b"<h1" in response.body
    wait_until(lambda: portal.get("/readyz").status == 200, "the portal to be back", BACK_WITHIN)
    assert portal.confirm(draft, cookie).getheader("Location") == f"/move/payments/{draft}/"
    books = portal.ask("tests.chaos.teller", "look")
    assert books["posted"].count(draft) == 1
    assert (books["differences"], books["wrong_accounts"]) == ([], [])


def test_a_payment_caught_by_a_hanging_database_is_paid_once_or_not_at_all(portal: Portal, person: dict) -> None:
    """The server freezes while payments are under way: 503 in time for them, too, and one posting each in the end."""
    drafts, cookie = person["drafts"][-3:], person["cookie"]
    blocker = MySQLdb.connect(unix_socket=str(portal.server.socket), user="root", db="wekeza_dfs_db")
    blocker.query("BEGIN")
    blocker.query("SELECT * FROM accounts FOR UPDATE")
    blocker.store_result()
    answers: list[tuple[int, float]] = []
    payers = [
        threading.Thread(target=lambda d=draft: answers.append(timed(lambda: portal.confirm(d, cookie))[:2]))
        for draft in drafts
    ]
    for payer in payers:
        payer.start()
    time.sleep(0.5)
    frozen = time.monotonic()
    portal.server.signal(signal.SIGSTOP)
    for payer in payers:
        payer.join()
    waited = time.monotonic() - frozen
    portal.server.signal(signal.SIGCONT)
    blocker.close()
    assert [status for status, _seconds in answers] == [503] * 3
    assert waited < IN_TIME
    wait_until(lambda: portal.get("/", cookie).status == 200, "the portal to be back", BACK_WITHIN)
    for draft in drafts:
        assert portal.confirm(draft, cookie).getheader("Location") == f"/move/payments/{draft}/"
    books = portal.ask("tests.chaos.teller", "look")
    assert books["posted"].count(drafts[0]) == 1
    assert books["differences"] == []
