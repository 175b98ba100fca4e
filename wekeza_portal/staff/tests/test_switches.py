"""The switches: each one that says it guards something is really asked, and sign-in can't be closed for everybody."""

import ast
import re
import threading
from datetime import date
from pathlib import Path

import pytest

from accounts.models import User
from tests.factories import PortalSwitchFactory
from tests.together import at_once
from wekeza_portal.actors import Actor
from wekeza_portal.staff import proposals, switches
from wekeza_portal.staff.models import PortalSwitch
from wekeza_portal.staff.tests.scenes import signed_in, staff

ROOT = Path(__file__).resolve().parents[3]
APPS = ["wekeza_portal", "accounts", "transfers", "lending", "insurance", "savings", "statements"]
ASKED = {"require_on", "off_row", "off_rows", "is_on"}
OUTSIDE = {
    "MPESA", "AIRTEL_MONEY", "TKASH", "PESALINK", "CDSC", "BILLS", "CARDS",
    "SMS_CODES", "EMAIL_CODES", "TOTP_CODES", "PASSKEYS", "BACKUP_CODES",
}  # fmt: skip


def askers() -> dict[str, set[str]]:
    """Which modules both name a switch and ask for one, by code; the module that declares them and apps.py aside."""
    found: dict[str, set[str]] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if "/tests/" in name or name.endswith(("staff/switches.py", "staff/boards.py", "apps.py")):
                continue
            names = _attributes_of_switches(path)
            if names & ASKED:
                for code in names & set(switches.known()):
                    found.setdefault(code, set()).add(name)
    return found


def asked_by_table() -> set[str]:
    """Payments out of the bank ask for whatever their table of kinds and rails names: see transfers.outside.kinds."""
    from transfers.destinations import Network
    from transfers.outside.kinds import KINDS, RAILS

    asks = "switches.require_on(code)" in (ROOT / "transfers/outside/preparing.py").read_text(encoding="utf-8")
    return {kind.switch for kind in KINDS.values()} | set(RAILS.values()) | set(Network.values) if asks else set()


def _attributes_of_switches(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    named = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {node.attr for node in named if isinstance(node.value, ast.Name) and node.value.id == "switches"}


def test_every_switch_that_says_it_guards_is_asked_and_every_one_asked_says_so() -> None:
    asked = askers()
    guarded = {code for code, switch in switches.known().items() if switch.guards}
    assert {"INTERNAL_TRANSFERS", "SMS_CODES", "EMAIL_CODES"} <= guarded, "the guard must see those there are"
    assert set(asked) | asked_by_table() == guarded


def test_every_rail_and_every_second_factor_has_a_switch() -> None:
    assert set(switches.known()) >= OUTSIDE


@pytest.mark.django_db
def test_tkash_is_off_from_the_beginning_with_a_notice_in_both_languages() -> None:
    row = switches.off_row(switches.TKASH)
    assert row is not None
    assert row.notice_en
    assert row.notice_sw
    assert row.since == date(2026, 1, 1)
    switches.install(PortalSwitch)
    assert PortalSwitch.objects.filter(code="TKASH").count() == 1
    assert not switches.is_on(switches.TRUSTED_DEVICES)
    assert all(switches.is_on(code) for code in set(switches.known()) - {"TKASH", "TRUSTED_DEVICES"})


def test_every_code_fits_its_column() -> None:
    longest = PortalSwitch._meta.get_field("code").max_length
    assert all(len(code) <= longest for code in switches.known())


def off(code: str) -> dict[str, object]:
    return {"code": code, "is_on": False, "notice_en": "Off.", "notice_sw": "Imezimwa.", "since": "2026-11-25"}


def propose(code: str, user: User) -> proposals.Proposal:
    return proposals.propose("switch", off(code), reason="x", user=user, actor=actor(user))


def actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


@pytest.mark.django_db
@pytest.mark.parametrize(("there", "last"), [("SMS_CODES", "EMAIL_CODES"), ("EMAIL_CODES", "SMS_CODES")])
def test_the_last_way_to_send_codes_cannot_be_switched_off(there: str, last: str) -> None:
    PortalSwitchFactory(code=there)
    user = staff("operations")
    with pytest.raises(switches.LastWayToSendCodes):
        propose(last, user)
    page = signed_in(user).post(
        f"/admin/boards/switches/{last}/",
        {"notice_en": "a", "notice_sw": "b", "since": "2026-11-25", "reason": "x"},
    )
    assert "nobody could sign in any more" in page.content.decode()
    assert switches.is_on(last)


@pytest.mark.django_db
def test_another_switch_does_not_mind_which_codes_are_off() -> None:
    PortalSwitchFactory(code="SMS_CODES")
    assert propose("BILLS", staff("operations")).state == "PENDING"


@pytest.mark.django_db
def test_of_two_waiting_proposals_only_one_way_goes_off() -> None:
    maker, checker = staff("operations"), staff("operations")
    first, second = propose("SMS_CODES", maker), propose("EMAIL_CODES", maker)
    proposals.approve(first.pk, user=checker, actor=actor(checker))
    with pytest.raises(switches.LastWayToSendCodes):
        proposals.approve(second.pk, user=checker, actor=actor(checker))
    assert not switches.is_on("SMS_CODES")
    assert switches.is_on("EMAIL_CODES")
    second.refresh_from_db()
    assert second.state == "PENDING"


def _approve_both() -> list[object]:
    maker, checkers = staff("operations"), [staff("operations"), staff("operations")]
    waiting = [propose("SMS_CODES", maker), propose("EMAIL_CODES", maker)]

    def approve(n: int) -> object:
        return proposals.approve(waiting[n].pk, user=checkers[n], actor=actor(checkers[n]))

    return list(at_once([lambda: approve(0), lambda: approve(1)]))


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_ways_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race itself: both have looked before either has written."""
    met = threading.Barrier(2)
    looked = switches.refuse_if_wrong

    def look_and_wait(payload: dict[str, object]) -> None:
        looked(payload)
        if not payload["is_on"] and threading.current_thread() is not threading.main_thread():
            met.wait(timeout=60)

    monkeypatch.setattr(switches, "_hold_ways", lambda: None)
    monkeypatch.setattr(switches, "refuse_if_wrong", look_and_wait)
    assert not [one for one in _approve_both() if isinstance(one, Exception)]
    assert [switches.is_on(code) for code in switches.SENT_CODES] == [False, False]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_the_same_moment_leave_one_way_on() -> None:
    done = _approve_both()
    assert sum(isinstance(one, Exception) for one in done) == 1, done
    assert [switches.is_on(code) for code in switches.SENT_CODES].count(True) == 1


def cells(page: str, title: str) -> str:
    row = next(row for row in page.split("<tr>") if f">{title}<" in row)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


@pytest.mark.django_db
def test_the_page_calls_nothing_on_that_nobody_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for code, guards in (("ASKED", True), ("UNASKED", False)):
        monkeypatch.setitem(switches._switches, code, switches.Switch(f"{code} service", guards=guards))
    page = signed_in(staff("support")).get("/admin/boards/switches/").content.decode()
    assert cells(page, "ASKED service") == "ASKED service On"
    assert cells(page, "UNASKED service") == "UNASKED service Nothing in the portal asks for it yet."
