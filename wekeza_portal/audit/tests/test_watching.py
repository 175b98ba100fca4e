"""The worker's eye on the chain: what it keeps for the front page, and what it notices without starting anew."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from wekeza_portal import clock
from wekeza_portal.audit import watching
from wekeza_portal.audit.models import AuditHead
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.audit.tests.support import happen, intrude, sealed
from wekeza_portal.registry import worker_steps
from wekeza_portal.staff import kept
from wekeza_portal.staff.models import KeptCheck
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        AuditHead.objects.update_or_create(pk=1, defaults={"noted_on": clock.today()})
        yield traveller


def found() -> KeptCheck:
    row = kept.latest(kept.AUDIT_CHAIN)
    assert row is not None
    return row


def front_page() -> str:
    return signed_in(staff("audit")).get("/admin/").content.decode()


def later(traveller: time_machine.Traveller) -> None:
    """A minute and a second on, when the watcher looks again whatever it found."""
    traveller.shift(timedelta(seconds=61))


def test_the_worker_watches() -> None:
    assert worker_steps.get("watch-audit") is watching.watch


def test_it_keeps_how_far_the_chain_is_intact(nine: time_machine.Traveller) -> None:
    sealed(5)
    watching.watch()
    assert (found().faults, found().reached, found().words) == (0, 5, "")
    happen(2)
    seal_waiting()
    watching.watch()
    assert found().reached == 7
    assert "newest link proved: #7 (checked 23/11/2026 09:00)" in front_page()


def test_a_failing_verifyaudit_turns_the_line_red_at_once(nine: time_machine.Traveller) -> None:
    """The worker has proved the old links today and looks at them again tomorrow only."""
    sealed(6)
    watching.watch()
    intrude(
        "UPDATE portal_audit_event SET verb = 'x' WHERE id = (SELECT event_id FROM portal_audit_seal WHERE number = 5)"
    )
    with pytest.raises(CommandError):
        call_command("verifyaudit")
    later(nine)
    watching.watch()
    page = front_page()
    assert "newest link proved" not in page
    assert page.count("broken after #4") == 2


def test_the_page_says_when_every_link_was_proved(nine: time_machine.Traveller) -> None:
    sealed(6)
    watching.watch()
    nine.shift(timedelta(hours=3))
    happen(2)
    seal_waiting()
    watching.watch()
    page = front_page()
    assert "newest link proved: #8 (checked 23/11/2026 12:00)" in page
    assert "all up to #6 proved at 23/11/2026 09:00" in page
    nine.shift(timedelta(days=1))
    watching.watch()
    assert "all up to #8 proved at 24/11/2026 12:00" in front_page()


def test_a_chain_that_did_not_grow_is_left_alone_for_a_minute(nine: time_machine.Traveller) -> None:
    sealed(3)
    watching.watch()
    before = found().ran_at
    nine.shift(timedelta(seconds=30))
    assert watching.watch() == 0
    assert found().ran_at == before
    nine.shift(timedelta(seconds=31))
    watching.watch()
    assert found().ran_at > before


def test_a_fault_in_new_links_is_named_at_once() -> None:
    sealed(3)
    watching.watch()
    happen(3)
    seal_waiting()
    intrude(
        "UPDATE portal_audit_event SET verb = 'x' WHERE id = (SELECT event_id FROM portal_audit_seal WHERE number = 5)"
    )
    watching.watch()
    assert (found().faults, found().reached) == (1, 4)
    assert "number 5" in found().words
    page = front_page()
    assert "broken after #4" in page
    assert "staff__alarm" in page


def test_a_fault_in_old_links_is_found_by_the_daily_round(nine: time_machine.Traveller) -> None:
    sealed(6)
    watching.watch()
    intrude(
        "UPDATE portal_audit_event SET verb = 'x' WHERE id = (SELECT event_id FROM portal_audit_seal WHERE number = 2)"
    )
    later(nine)
    watching.watch()
    assert found().faults == 0, "today's round over the old links is done"
    nine.shift(timedelta(days=1))
    watching.watch()
    assert (found().faults, found().reached) == (1, 1)
    assert "number 2" in found().words


def test_a_fault_stays_until_that_very_place_is_proved_again(nine: time_machine.Traveller) -> None:
    events = sealed(4)
    intrude("UPDATE portal_audit_event SET verb = 'x' WHERE id = %s", events[1].pk)
    watching.watch()
    later(nine)
    watching.watch()
    assert found().faults == 1
    intrude("UPDATE portal_audit_event SET verb = %s WHERE id = %s", "test.happened", events[1].pk)
    later(nine)
    watching.watch()
    assert (found().faults, found().reached) == (0, 4)


def test_a_tail_that_was_cut_is_noticed(nine: time_machine.Traveller) -> None:
    sealed(5)
    watching.watch()
    intrude("DELETE FROM portal_audit_seal WHERE number > 3")
    intrude("UPDATE portal_audit_head SET number = 3")
    later(nine)
    watching.watch()
    assert found().faults == 1
    assert "number 4 is missing" in found().words


def test_a_seal_in_the_middle_that_was_deleted_is_noticed() -> None:
    sealed(5)
    intrude("DELETE FROM portal_audit_seal WHERE number = 3")
    watching.watch()
    assert "number 3 is missing" in found().words


def test_a_long_chain_is_walked_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LINKS_A_STEP", 4)
    sealed(10)
    for reached in (4, 8, 10):
        watching.watch()
        assert found().reached == reached
    assert found().faults == 0


def test_verifyaudit_keeps_its_own_result_beside_the_workers() -> None:
    sealed(3)
    watching.watch()
    call_command("verifyaudit")
    row = kept.latest(kept.AUDIT_PROOF)
    assert row is not None
    assert (row.faults, row.reached) == (0, 3)
    with pytest.raises(CommandError):
        call_command("verifyaudit", head=f"9:{'0' * 64}")
    row = kept.latest(kept.AUDIT_PROOF)
    assert row is not None
    assert row.faults == 1
    assert found().faults == 0
    assert "Last run of verifyaudit" in front_page()


def test_a_worker_that_does_not_look_is_alarming(nine: time_machine.Traveller) -> None:
    from wekeza_portal.audit.admin import chain_lines

    assert chain_lines()[0][2] is True
    sealed(1)
    watching.watch()
    assert chain_lines()[0][2] is False
    nine.shift(timedelta(minutes=11))
    assert chain_lines()[0][2] is True
