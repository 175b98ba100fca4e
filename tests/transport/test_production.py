"""The portal as a bank runs it: gunicorn with production's settings behind TLS, looked at from outside."""

import base64
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import MySQLdb
import pytest

from tests.chaos.bank import Portal, Server
from tests.transport import CRASH
from tests.transport.observatory import modifiers, parsed, score
from tests.transport.terminator import HOST, certificate, listening
from tests.transport.visitor import Reply, Visitor

pytestmark = pytest.mark.mariadb

AT_LEAST = 130
PRODUCTION = {
    "DEMO": "0",
    "TLS": "1",
    "SECRET_KEY": "Zr8vLq2XwT6yBn4KdM9sHc3PfJ7gRt5UeQa1VbNxWz0YkSoIuDhFpGmCjEl",
    "FIELD_KEYS": "pW4tXz9Kc2LmVb7NqRs5HdJf8GyTe3Ua",
    "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
    "TRUSTED_PROXIES": "127.0.0.1",
    "SMS_USERNAME": "wekeza",
    "SMS_API_KEY": "key",
    "WEB_WORKERS": "3",
    "PYTHONPATH": ".",
}
INTEGRITY = re.compile(r'(?:src|href)="(/static/[^"]+)" integrity="sha384-([^"]+)"')
OPEN_PAGES = ["/login/", "/enrol/"]
PAGES = [
    *OPEN_PAGES, "/help/", "/verify/", "/verify/0000-0000-0000/", "/", "/move/", "/move/wekeza/", "/view/",
    "/settings/", "/no-such-page/", "/logout/", f"/{CRASH}", "/admin/", "/admin/login/", "/manifest.webmanifest",
    "/healthz", "/readyz",
]  # fmt: skip
# Asked by supervisors on this machine, who need no TLS; everything else leads there.
PROBES = {"/healthz", "/readyz"}
STATUS = {"/verify/0000-0000-0000/": 404, "/no-such-page/": 404, "/logout/": 405, f"/{CRASH}": 500, "/admin/": 302}


class OwnDatabase(Server):
    """A database of its own on the server that the tests run on."""

    def __init__(self, name: str) -> None:
        self.url = os.environ["DATABASE_URL"].replace("/wekeza_dfs_db?", f"/{name}?")
        self.name, self.socket = name, self.url.rpartition("unix_socket=")[2]

    def run(self, statement: str) -> None:
        connection = MySQLdb.connect(unix_socket=self.socket, user="root")
        connection.cursor().execute(statement)
        connection.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    database = OwnDatabase(f"wekeza_tls_{os.getpid()}")
    running = Portal(database, tmp_path_factory.mktemp("portal"), **PRODUCTION)
    database.run(f"CREATE DATABASE {database.name} CHARACTER SET utf8mb4")
    try:
        running.manage("migrate", "--verbosity", "0")
        running.manage("createbranch", "--verbosity", "0")
        running.manage("collectstatic", "--no-input", "--verbosity", "0")
        running.start_web("tests.transport.wsgi")
        yield running
    finally:
        running.stop()
        database.run(f"DROP DATABASE {database.name}")


@pytest.fixture(scope="module")
def visitor(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Signed in: the session was made in the same bank, by a process of its own."""
    pem = certificate(tmp_path_factory.mktemp("certificate"))
    people = portal.ask("tests.chaos.teller", "prepare", "2", "2")
    with listening(portal.port, pem=pem) as tls_port, listening(portal.port) as clear_port:
        someone = Visitor(pem, tls_port, clear_port, jar={"__Host-session": people[0]["cookie"]})
        someone.paid, someone.draft = people[0]["drafts"]
        yield someone


@pytest.fixture(scope="module")
def replies(visitor: Visitor) -> dict[str, Reply]:
    """One reply of every kind that the portal gives, by its address."""
    stranger = Visitor(visitor.pem, visitor.tls_port, visitor.clear_port, received=visitor.received)
    found = {path: (stranger if path in OPEN_PAGES else visitor).get(path) for path in PAGES}
    style = INTEGRITY.search(found["/"].text)
    assert style is not None
    pdf = f"/move/payments/{visitor.paid}/receipt.pdf"
    review = f"/move/payments/{visitor.draft}/review/"
    found |= {path: visitor.get(path) for path in (style.group(1), pdf, review)}
    assert found[pdf].content.startswith(b"%PDF-")
    found["/language/"] = visitor.post(
        "/language/", {"language": "sw", "next": "/help/"}, token=visitor.token("/help/")
    )
    return found


def test_every_kind_of_answer_is_there(replies: dict[str, Reply]) -> None:
    assert {path: reply.status for path, reply in replies.items() if path in PAGES} == {
        path: STATUS.get(path, 200) for path in PAGES
    }
    assert replies["/language/"].status == 303
    assert b"the secret of the trace" not in replies[f"/{CRASH}"].content
    assert re.search(r"<code>[0-9a-f]{8}</code>", replies[f"/{CRASH}"].text), "the request's id"


def test_every_answer_over_tls_scores_at_least_130(visitor: Visitor, replies: dict[str, Reply]) -> None:
    answers = {path: visitor.answer(reply, "/" if path in PROBES else path) for path, reply in replies.items()}
    scores = {path: score(answer) for path, answer in answers.items()}
    assert {path: modifiers(answers[path]) for path, total in scores.items() if total < AT_LEAST} == {}
    assert scores["/"] == scores["/login/"] == scores["/no-such-page/"] == scores[f"/{CRASH}"] == 140


def test_a_form_without_its_token_is_refused_at_the_same_score(visitor: Visitor) -> None:
    reply = visitor.post("/login/", {"email": "a@example.com", "password": "x"})
    assert reply.status == 403
    assert score(visitor.answer(reply, "/login/")) >= AT_LEAST


def test_every_cookie_is_tied_to_this_host_and_kept_from_scripts(visitor: Visitor, replies: dict[str, Reply]) -> None:
    cookies = [cookie for cookie in parsed(tuple(visitor.received)) if cookie["max-age"] != "0"]
    assert {cookie.key for cookie in cookies} >= {"__Host-csrf", "__Host-data", "__Host-language"}
    for cookie in cookies:
        assert cookie.key.startswith("__Host-"), cookie.key
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] in {"Lax", "Strict"}, cookie.key


def test_without_tls_there_is_nothing_but_the_way_to_tls(visitor: Visitor) -> None:
    for path in ("/", "/login/", "/static/portal.css", "/admin/login/", "/no-such-page/"):
        reply = visitor.get(path, tls=False)
        assert reply.status == 301, path
        assert reply.headers["location"].startswith(f"https://{HOST}"), path
        assert reply.cookies == (), path


def test_browsers_are_told_to_come_by_tls_for_two_years(replies: dict[str, Reply]) -> None:
    for path, reply in replies.items():
        expected = "max-age=63072000; includeSubDomains; preload"
        assert reply.headers["strict-transport-security"] == expected, path


def test_what_says_that_it_came_by_tls_is_believed_from_our_proxy_alone(visitor: Visitor) -> None:
    assert visitor.get("/login/", tls=False, **{"X-Forwarded-Proto": "https"}).status == 301


def test_scripts_and_styles_are_what_their_page_says(visitor: Visitor, replies: dict[str, Reply]) -> None:
    named = {found for reply in replies.values() for found in INTEGRITY.findall(reply.text)}
    assert {path.rpartition(".")[2] for path, _digest in named} == {"css", "js"}
    for path, digest in named:
        content = visitor.get(path).content
        assert base64.b64encode(hashlib.sha384(content).digest()).decode() == digest, path
    for path in ("/", "/login/", "/help/"):
        tags = re.findall(r"<(?:script|link rel=\"stylesheet\")[^>]*>", replies[path].text)
        assert tags
        assert all("integrity=" in tag for tag in tags), path


def test_a_session_of_the_demos_cookie_name_opens_nothing(visitor: Visitor) -> None:
    stranger = Visitor(visitor.pem, visitor.tls_port, visitor.clear_port)
    stranger.jar["wekeza_session"] = visitor.jar["__Host-session"]
    assert stranger.get("/").status == 302


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:443"]
)
def test_a_forged_host_gets_no_page_and_no_redirect(visitor: Visitor, host: str) -> None:
    for path in ("/login/", "/", "/no-such-page/"):
        reply = visitor.get(path, Host=host)
        assert reply.status == 400, path
        assert "evil.example" not in reply.text
        assert "location" not in reply.headers


# What costs something or can be guessed, and how often one address may: whoever asks, whichever process answers.
BUDGETS: list[tuple[str, Callable[[int], dict[str, str]] | None, int]] = [
    ("/login/", lambda n: {"email": f"nobody{n}@example.com", "password": "a wrong one"}, 50),
    ("/admin/login/", lambda n: {"username": f"NOBODY{n}", "password": "a wrong one", "code": "000000"}, 50),
    ("/enrol/", lambda n: {"email": f"nobody{n}@example.com", "secret": "x", "national_id": f"{n:08d}"}, 20),
    ("/verify/0000-0000-0000/", None, 30),
]
BEYOND = 4


@pytest.mark.parametrize(("path", "typed", "limit"), BUDGETS, ids=[row[0] for row in BUDGETS])
def test_three_processes_share_one_budget_for_each_address(
    visitor: Visitor, path: str, typed: Callable[[int], dict[str, str]] | None, limit: int
) -> None:
    """All at once; and a forged X-Forwarded-For is nobody else's budget."""
    source = f"127.0.7.{10 + [row[0] for row in BUDGETS].index(path)}"
    guesser = Visitor(visitor.pem, visitor.tls_port, visitor.clear_port, source=source)
    token = guesser.token(path) if typed else ""

    def guess(n: int) -> Reply:
        forged = {"X-Forwarded-For": f"203.0.113.{n}"}
        return guesser.post(path, typed(n), token=token, **forged) if typed else guesser.get(path, **forged)

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(guess, range(limit + BEYOND)))
    stopped = [reply for reply in replies if reply.status == 429]
    assert len(stopped) == BEYOND, sorted({reply.status for reply in replies})
    assert all(int(reply.headers["retry-after"]) > 0 for reply in stopped)
    other = Visitor(visitor.pem, visitor.tls_port, visitor.clear_port, source=f"127.0.8.{limit}")
    assert other.get(path).status != 429
