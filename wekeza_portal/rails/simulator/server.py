"""Listens on this machine and hands each request to its company; what stands below /_sim/ is for tests and people."""

import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from wekeza_portal.rails.simulator import page, phones
from wekeza_portal.rails.simulator.companies import COMPANIES
from wekeza_portal.rails.simulator.company import Accepted, Reply, Request
from wekeza_portal.rails.simulator.delivery import Courier
from wekeza_portal.rails.simulator.desk import Desk, not_found
from wekeza_portal.rails.simulator.store import Store

HOST = "127.0.0.1"
LARGEST_BODY = 1024 * 1024
FAULTS = {
    "accept_503": "Does what was asked and answers 503",
    "slow": "Seconds before it answers",
    "refuse": "Hangs up without an answer",
    "busy": "Answers 503 and does nothing",
    "delay": "Seconds before it calls back",
    "lost": "Never calls back",
    "twice": "Further copies of each callback",
    "reverse": "Calls back in the wrong order (all companies)",
    "forgets_ids": "Takes an id it has seen for a new order",
    "prompt_open": "Seconds a prompt stays open on the phone",
    "prompt_asks": "A person answers prompts on this page (M-Pesa)",
    "token_seconds": "Seconds an access token lives",
}
LARGEST_FAULT = 3600


class Simulator:
    """All simulated companies behind one port. `port` 0 takes a free one; see `url`."""

    def __init__(
        self,
        file: Path | str = ":memory:",
        *,
        port: int = 0,
        delay: int = 0,
        secret: str = "simulated",  # noqa: S107 - it guards nothing
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self.store = Store(file)
        self.courier = Courier(self.store)
        told = addresses or {}
        self._desks = {name: Desk(self.store, name, delay=delay, secret=secret, addresses=told) for name in COMPANIES}
        self._server = _Server((HOST, port), _Handler)
        self._server.simulator = self
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def desk(self, company: str) -> Desk:
        """The place of one company, for tests and for what it hands out of band. LookupError for an unknown one."""
        return self._desks[company]

    def serve(self) -> None:
        """Answer until `stop`."""
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> None:
        """Answer in a thread of its own, for tests."""
        threading.Thread(target=self.serve, name="simulator", daemon=True).start()

    def stop(self) -> None:
        self.courier.stop()
        self._server.shutdown()
        self._server.server_close()
        self.store.close()

    def answer(self, request: Request) -> Reply | None:
        """What the request gets; None: no answer, the line goes dead."""
        if request.path == "/" or request.path.startswith("/_sim/"):
            return self._own(request)
        name, _, rest = request.path.lstrip("/").partition("/")
        if name not in COMPANIES:
            return not_found()
        here = Request(request.method, f"/{rest}", request.query, request.headers, request.body)
        reply = self._company(name, here)
        status, answer = (reply.status, _kept(reply)) if reply else (0, "hung up")
        self.store.log(name, request.method, here.path, request.body.decode("utf-8", "replace"), status, answer)
        return reply

    def _company(self, name: str, request: Request) -> Reply | None:
        desk = self._desks[name]
        if desk.fault("refuse"):
            return None
        if seconds := desk.fault("slow"):
            time.sleep(seconds)
        if desk.fault("busy"):
            return Reply(503, {"error": "busy"})
        handler = COMPANIES[name].find(request.method, request.path)
        if handler is None:
            return not_found()
        try:
            reply = handler(desk, request)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            return Reply(400, {"error": f"{type(error).__name__}: {error}"})
        if isinstance(reply, Accepted) and desk.fault("accept_503"):
            return Reply(503, {"error": "busy"})
        return reply

    def _own(self, request: Request) -> Reply:
        if request.method == "GET" and request.path == "/":
            return self._page()
        if request.method == "GET" and request.path == "/_sim/state.json":
            return Reply(200, page.state(self.store))
        if request.method != "POST":
            return not_found()
        if request.path == "/_sim/reset":
            self.store.reset()
        elif request.path == "/_sim/deliver":
            return Reply(200, {"delivered": self.courier.deliver()})
        elif request.path == "/_sim/faults":
            return self._set_fault(request)
        elif request.path == "/_sim/prompts":
            return self._page(phones.answer(self.desk("mpesa"), request.form()))
        elif request.path == "/_sim/paybill":
            return self._page(phones.pay(self.desk("mpesa"), request.form(), self.courier.ask))
        else:
            return not_found()
        return Reply(200, {"done": True})

    def _set_fault(self, request: Request) -> Reply:
        """A form: company (or *), name, value. From the page it leads back to the page."""
        form = request.form()
        company, name, value = form.get("company", "*"), form.get("name", ""), form.get("value", "0")
        known = name in FAULTS and (company == "*" or company in COMPANIES)
        if not known or not value.isdecimal() or int(value) > LARGEST_FAULT:
            return Reply(400, {"error": "no such fault"})
        self.store.set_fault(company, name, int(value))
        return self._page() if "back" in form else Reply(200, {"done": True})

    def _page(self, said: str = "") -> Reply:
        shown = page.render(self.store, COMPANIES, FAULTS, phones.render(self.desk("mpesa")), said)
        return Reply(200, shown, "text/html; charset=utf-8")


def _kept(reply: Reply) -> str:
    return "not written down" if reply.is_secret else reply.body().decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    simulator: Simulator

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up (a closed tab, a stopped worker, a time-out) is no fault of ours; all else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_GET

    def _answer(self) -> None:
        if not self._is_from_here():
            self.close_connection = True
            self.send_error(403, "Only pages and programs of this machine are answered")
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            return
        where = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, where.path, dict(parse_qsl(where.query)), headers, self.rfile.read(length))
        reply = self.server.simulator.answer(request)
        if reply is None:
            self.close_connection = True
            return
        body = reply.body()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _is_from_here(self) -> bool:
        """A page of elsewhere can send forms to this machine, or call it by a name of its own: neither is answered."""
        port = self.server.server_address[1]
        here = {f"{HOST}:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        fits = origin is None or origin.removeprefix("http://") in here
        return self.headers.get("Host", "") in here and fits

    def log_message(self, format: str, *args: Any) -> None:
        """The page is the log."""
