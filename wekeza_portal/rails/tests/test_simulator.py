"""The simulator keeps what it is told, plays the faults it is asked for, and sounds the alarm for a double payment."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from wekeza_portal.rails.simulator.delivery import MOST_ATTEMPTS
from wekeza_portal.rails.simulator.desk import Desk
from wekeza_portal.rails.simulator.server import Simulator

SMS = {"username": "sandbox", "to": "+254711000111", "message": "Hello"}


class Ear(BaseHTTPRequestHandler):
    """Takes callbacks; answers what `statuses` says, then 200."""

    heard: list[str] = []
    statuses: list[int] = []

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[str]:
    Ear.heard, Ear.statuses = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/callback"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sim(ear: str) -> Iterator[Simulator]:
    simulator = Simulator(addresses={"sms": ear})
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def desk(sim: Simulator) -> Desk:
    return Desk(sim.store, "sms", delay=0, secret="simulated", addresses={})


def send(sim: Simulator, key: str = "simulated", **changes: str) -> httpx.Response:
    return httpx.post(f"{sim.url}/sms/version1/messaging", data={**SMS, **changes}, headers={"apiKey": key})


def fault(sim: Simulator, name: str, value: int = 1, company: str = "sms") -> httpx.Response:
    return httpx.post(f"{sim.url}/_sim/faults", data={"company": company, "name": name, "value": str(value)})


def state(sim: Simulator) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{sim.url}/_sim/state.json").json()
    return found


def deliver(sim: Simulator) -> int:
    return int(httpx.post(f"{sim.url}/_sim/deliver").json()["delivered"])


def test_it_keeps_what_it_received_and_what_it_answered(sim: Simulator) -> None:
    send(sim)
    (request,) = state(sim)["requests"]
    assert (request["company"], request["path"], request["status"]) == ("sms", "/version1/messaging", 201)
    assert "message=Hello" in request["body"]
    assert "ATXid_" in request["answer"]


def test_it_calls_back_in_order_and_only_once_each(sim: Simulator) -> None:
    send(sim)
    assert Ear.heard == []
    assert [deliver(sim), deliver(sim)] == [2, 0]
    assert ["status=Sent" in Ear.heard[0], "status=Success" in Ear.heard[1]] == [True, True]
    assert {callback["state"] for callback in state(sim)["callbacks"]} == {"SENT"}


def test_a_callback_that_is_not_taken_is_sent_again(sim: Simulator) -> None:
    Ear.statuses = [500, 503]
    send(sim)
    assert [deliver(sim), deliver(sim), deliver(sim)] == [2, 2, 0]


def test_a_callback_that_nobody_takes_is_given_up(sim: Simulator, desk: Desk, ear: str) -> None:
    Ear.statuses = [500] * MOST_ATTEMPTS
    desk.call_back(ear, {"id": 1})
    for _ in range(MOST_ATTEMPTS):
        deliver(sim)
    (callback,) = state(sim)["callbacks"]
    assert (callback["state"], callback["attempts"], callback["note"]) == ("GAVE UP", MOST_ATTEMPTS, "HTTP 500")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_it_answers_no_page_of_elsewhere(sim: Simulator, headers: dict[str, str]) -> None:
    form = {"company": "sms", "name": "busy", "value": "1"}
    assert httpx.post(f"{sim.url}/_sim/faults", data=form, headers=headers).status_code == 403
    assert httpx.get(sim.url, headers=headers).status_code == 403
    assert send(sim).status_code != 503


def test_its_own_page_may_send_its_form(sim: Simulator) -> None:
    form = {"company": "sms", "name": "busy", "value": "1", "back": "1"}
    assert httpx.post(f"{sim.url}/_sim/faults", data=form, headers={"Origin": sim.url}).status_code == 200


@pytest.mark.parametrize("url", ["http://8.8.8.8/x", "http://example.com/x", "http://169.254.169.254/", "file:///etc"])
def test_it_calls_nobody_but_this_machine(sim: Simulator, desk: Desk, url: str) -> None:
    desk.call_back(url, {"id": 1})
    deliver(sim)
    assert "ValueError" in state(sim)["callbacks"][0]["note"]


def test_the_courier_calls_back_by_itself_when_the_delay_is_over(sim: Simulator) -> None:
    fault(sim, "delay", 3600)
    send(sim)
    fault(sim, "delay", 0)
    send(sim, message="Second")
    assert sim.courier.deliver(now_only=True) == 2
    assert len(Ear.heard) == 2
    assert {row["state"] for row in state(sim)["callbacks"]} == {"SENT", "WAITING"}


# --- Faults -------------------------------------------------------------------------------------------------------


def test_it_can_do_what_was_asked_and_say_it_did_not(sim: Simulator) -> None:
    fault(sim, "accept_503")
    assert send(sim).status_code == 503
    assert deliver(sim) == 2


def test_it_can_be_busy_and_do_nothing(sim: Simulator) -> None:
    fault(sim, "busy", company="*")
    assert send(sim).status_code == 503
    assert deliver(sim) == 0


def test_it_can_hang_up(sim: Simulator) -> None:
    fault(sim, "refuse")
    with pytest.raises(httpx.RemoteProtocolError):
        send(sim)


def test_it_can_be_slow(sim: Simulator) -> None:
    fault(sim, "slow", 5)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sim.url}/sms/version1/messaging", data=SMS, timeout=0.2)
    sim.store.reset()


@pytest.mark.parametrize(("name", "heard"), [("lost", 0), ("twice", 4)])
def test_it_can_lose_or_repeat_callbacks(sim: Simulator, name: str, heard: int) -> None:
    fault(sim, name)
    send(sim)
    deliver(sim)
    assert len(Ear.heard) == heard


def test_it_can_call_back_in_the_wrong_order(sim: Simulator) -> None:
    fault(sim, "reverse", company="*")
    send(sim)
    deliver(sim)
    assert "status=Success" in Ear.heard[0]


@pytest.mark.parametrize(
    "form",
    [
        {"name": "unknown", "value": "1"},
        {"company": "nobody", "name": "slow", "value": "1"},
        {"name": "slow", "value": "-1"},
        {"name": "slow", "value": "1e9"},
        {"name": "slow", "value": "99999999"},
        {},
    ],
)
def test_it_refuses_a_fault_it_does_not_know(sim: Simulator, form: dict[str, str]) -> None:
    assert httpx.post(f"{sim.url}/_sim/faults", data=form).status_code == 400
    assert state(sim)["faults"] == []


def test_reset_forgets_everything(sim: Simulator) -> None:
    fault(sim, "lost")
    send(sim)
    httpx.post(f"{sim.url}/_sim/reset")
    assert all(rows == [] for rows in state(sim).values())


# --- Alarm --------------------------------------------------------------------------------------------------------


def pay(desk: Desk, originator: str, reference: str) -> None:
    desk.execute(originator, reference=reference, amount="500", receiver="254711000111")


def test_different_payments_are_no_alarm(sim: Simulator, desk: Desk) -> None:
    pay(desk, "id-1", "REF-1")
    pay(desk, "id-2", "REF-2")
    pay(desk, "id-3", "")
    pay(desk, "id-4", "")
    assert state(sim)["alarms"] == []


def test_one_id_executed_twice_is_an_alarm(sim: Simulator, desk: Desk) -> None:
    pay(desk, "id-1", "REF-1")
    pay(desk, "id-1", "REF-1")
    assert state(sim)["alarms"] == ["sms: id-1 was executed 2 times"]


def test_two_ids_for_one_reference_are_an_alarm(sim: Simulator, desk: Desk) -> None:
    pay(desk, "id-1", "REF-1")
    pay(desk, "id-2", "REF-1")
    assert state(sim)["alarms"] == ["sms: reference REF-1 was paid under 2 ids"]
    assert "Executed twice" in httpx.get(sim.url).text


def test_an_id_is_taken_once_unless_told_to_forget(sim: Simulator, desk: Desk) -> None:
    assert [desk.take("id-1", {}), desk.take("id-1", {})] == [True, False]
    fault(sim, "forgets_ids")
    assert desk.take("id-1", {})


# --- The page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_what_came_and_went_newest_first_and_runs_none_of_it(sim: Simulator) -> None:
    send(sim, message="First <script>alert(1)</script>")
    send(sim, message="Second", to="<b>")
    page = httpx.get(sim.url).text
    assert page.index("message=Second") < page.index("message=First")
    assert "<script>" not in page
    assert "None: no payment was executed twice." in page


def test_a_fault_set_on_the_page_shows_there(sim: Simulator) -> None:
    form = {"company": "sms", "name": "slow", "value": "1", "back": "1"}
    assert "Seconds before it answers = 1" in httpx.post(f"{sim.url}/_sim/faults", data=form).text


# --- Bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nobody/x", "/sms/nowhere", "/_sim/nowhere", "/sms", "/favicon.ico"])
def test_unknown_addresses_are_404(sim: Simulator, path: str) -> None:
    assert httpx.get(sim.url + path).status_code == 404
    assert httpx.post(sim.url + path).status_code == 404


def test_a_body_it_cannot_read_is_answered_not_crashed_on(sim: Simulator) -> None:
    answer = httpx.post(f"{sim.url}/sms/version1/messaging", content=b"\xff\xfe", headers={"apiKey": "simulated"})
    assert answer.status_code == 400
    assert state(sim)["requests"][0]["status"] == 400


def test_what_it_knows_survives_its_process(tmp_path: Any) -> None:
    first = Simulator(tmp_path / "railsim.db")
    first.start()
    send(first)
    first.stop()
    second = Simulator(tmp_path / "railsim.db")
    assert [json.loads(row["answer"])["SMSMessageData"] for row in second.store.rows("SELECT answer FROM request")]
    second.start()
    second.stop()


# --- Callers that hang up -----------------------------------------------------------------------------------------


def hang_up(sim: Simulator, path: str) -> None:
    """Ask for a page, wait until it is being answered, and reset the line before it was read."""
    where = urlsplit(sim.url)
    assert where.hostname is not None
    assert where.port is not None
    with socket.create_connection((where.hostname, where.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        line.recv(1)


def end_of_callers(sim: Simulator) -> None:
    """Wait until the thread of every caller has ended, having said what it had to say."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=5)


def test_a_caller_that_hangs_up_leaves_no_traceback(sim: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        hang_up(sim, "/")
    end_of_callers(sim)
    assert httpx.get(f"{sim.url}/_sim/state.json").status_code == 200
    assert capfd.readouterr().err == ""


def test_a_fault_of_its_own_is_still_told(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sim, "answer", lambda request: 1 / 0)
    with pytest.raises(httpx.HTTPError):
        httpx.get(sim.url)
    end_of_callers(sim)
    assert "ZeroDivisionError" in capfd.readouterr().err
