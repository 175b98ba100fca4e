"""The chain: every event once, in an order without gaps; and whatever an intruder does to it is named."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from wekeza_portal import clock, crypto
from wekeza_portal.audit.chain import Head, current_head, parse_head
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.audit.sealing import LONGEST_TRANSACTION, ChainDoesNotFit, seal_batch, seal_waiting
from wekeza_portal.audit.tests.support import happen, intrude, sealed
from wekeza_portal.audit.verifying import verify
from wekeza_portal.registry import worker_steps

pytestmark = pytest.mark.django_db
FORGED = "f" * 64


@pytest.fixture(autouse=True)
def _head_noted_today() -> None:
    """The daily note is an event of its own; the tests that are about it take this back."""
    AuditHead.objects.update_or_create(pk=1, defaults={"noted_on": clock.today()})


def fault() -> str:
    verdict = verify()
    assert verdict.fault is not None, "the intrusion must be seen"
    return verdict.fault


# --- Sealing --------------------------------------------------------------------------------------


def test_events_are_numbered_from_one_without_gaps_and_the_chain_is_proved() -> None:
    events = sealed(5)
    rows = list(AuditSeal.objects.order_by("number").values_list("number", "event_id"))
    assert rows == [(n, event.pk) for n, event in enumerate(events, start=1)]
    verdict = verify()
    assert verdict.is_intact
    assert verdict.head == current_head() == Head(5, AuditSeal.objects.get(number=5).digest)


def test_an_empty_trail_is_intact() -> None:
    assert verify().head == Head(0, "")
    assert seal_waiting() == 0
    assert verify().is_intact


def test_the_worker_seals() -> None:
    assert worker_steps.get("seal-audit") is seal_waiting


def test_batches_chain_onto_each_other() -> None:
    happen(7)
    assert [seal_batch(3) for _ in range(4)] == [3, 3, 1, 0]
    assert verify().head.number == 7
    assert verify().is_intact


def test_a_row_that_committed_late_with_a_lower_id_gets_the_next_number() -> None:
    late, *others = happen(3)
    values = {field.attname: getattr(late, field.attname) for field in AuditEvent._meta.local_concrete_fields}
    intrude("DELETE FROM portal_audit_event WHERE id = %s", late.pk)
    assert seal_waiting() == 2
    AuditEvent.objects.bulk_create([AuditEvent(**values)])
    assert seal_waiting() == 1
    assert AuditSeal.objects.get(event_id=values["id"]).number == 3
    assert others[0].pk > values["id"]
    assert verify().is_intact


def test_one_later_than_any_transaction_lives_is_sealed_the_next_day(caplog: pytest.LogCaptureFixture) -> None:
    late, _ = happen(2)
    values = {field.attname: getattr(late, field.attname) for field in AuditEvent._meta.local_concrete_fields}
    intrude("DELETE FROM portal_audit_event WHERE id = %s", late.pk)
    now = clock.now()
    for minutes in (0, 16, 32):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            AuditHead.objects.update(noted_on=clock.today())
            happen()
            seal_waiting()
    AuditEvent.objects.bulk_create([AuditEvent(**values)])
    with time_machine.travel(now + timedelta(minutes=33), tick=False):
        AuditHead.objects.update(noted_on=clock.today())
        assert seal_waiting() == 0
    with time_machine.travel(now + timedelta(days=1), tick=False):
        seal_waiting()
    assert AuditSeal.objects.filter(event_id=values["id"]).exists()
    assert verify().is_intact


def test_settled_ids_follow_at_a_distance_longer_than_a_transaction() -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False):
        sealed(3)
    row = AuditHead.objects.get()
    assert (row.settled_id, row.watched_id) == (0, AuditEvent.objects.latest("pk").pk)
    with time_machine.travel(now + LONGEST_TRANSACTION, tick=False):
        AuditHead.objects.update(noted_on=clock.today())
        happen()
        seal_waiting()
    assert AuditHead.objects.get().settled_id == row.watched_id


def test_a_quiet_worker_round_writes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    sealed(2)
    with django_assert_num_queries(2) as captured:
        assert seal_waiting() == 0
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)


def test_writing_an_event_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1) as captured:
        happen()
    assert "portal_audit_event" in captured.captured_queries[0]["sql"]


def test_the_head_is_written_out_once_a_day(caplog: pytest.LogCaptureFixture) -> None:
    sealed(2)
    AuditHead.objects.update(noted_on=clock.today() - timedelta(days=1))
    head = current_head()
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            seal_waiting()
    assert caplog.messages.count(f"audit chain head {head}") == 1
    assert AuditEvent.objects.get(verb="audit.head").data == {"head": str(head)}
    assert verify(head).is_intact
    assert verify().head.number == 3


# --- Keys -----------------------------------------------------------------------------------------

OLD, NEW = "old-key-" * 8, "new-key-" * 8


def test_the_chain_goes_on_under_a_new_key_and_the_old_part_is_still_proved(settings: LazySettings) -> None:
    settings.FIELD_KEYS = [OLD]
    sealed(2)
    settings.FIELD_KEYS = [NEW, OLD]
    happen(2)
    seal_waiting()
    assert AuditSeal.objects.values("key_id").distinct().count() == 2
    assert verify().is_intact


def test_a_key_that_is_gone_is_named(settings: LazySettings) -> None:
    settings.FIELD_KEYS = [OLD]
    sealed(2)
    settings.FIELD_KEYS = [NEW]
    assert fault().startswith("number 1:")
    assert "not in FIELD_KEYS" in fault()


def test_keys_are_separate_for_each_purpose_and_their_ids_give_nothing_away(settings: LazySettings) -> None:
    settings.FIELD_KEYS = [NEW, OLD]
    chain, other = crypto.signing_keys("audit-chain"), crypto.signing_keys("other")
    assert len(chain) == 2
    assert not set(chain) & set(other)
    assert not set(chain.values()) & set(other.values())
    plain = {hashlib.sha256(key.encode()).hexdigest()[:12] for key in (OLD, NEW)}
    assert not set(chain) & plain


# --- What an intruder does ------------------------------------------------------------------------

EDITS: dict[str, tuple[str, object]] = {
    "at": ("at = %s", "2020-01-01 00:00:00"),
    "verb": ("verb = %s", "test.other"),
    "actor_kind": ("actor_kind = %s", "staff"),
    "actor_id": ("actor_id = %s", "somebody"),
    "customer_id": ("customer_id = %s", 7),
    "subject": ("subject = %s", "posting:X"),
    "data": ("data = %s", '{"n": 30}'),
    "request_id": ("request_id = %s", "another"),
    "ip": ("ip = %s", "192.0.2.99"),
}


def test_every_column_can_be_edited_in_the_tests_below() -> None:
    assert set(EDITS) == {field.attname for field in AuditEvent._meta.local_concrete_fields} - {"id"}


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_named(column: str) -> None:
    events = sealed(5)
    change, value = EDITS[column]
    intrude(f"UPDATE portal_audit_event SET {change} WHERE id = %s", value, events[2].pk)
    assert fault() == f"number 3: event {events[2].pk} or its seal is not as it was sealed"
    assert verify().head.number == 2


@pytest.mark.parametrize("change", [f"digest = '{FORGED}'", "event_id = event_id + 100000"])
def test_an_edited_seal_is_named(change: str) -> None:
    sealed(5)
    intrude(f"UPDATE portal_audit_seal SET {change} WHERE number = 3")
    assert fault().startswith("number 3:")


def test_a_deleted_event_is_named() -> None:
    events = sealed(5)
    intrude("DELETE FROM portal_audit_event WHERE id = %s", events[1].pk)
    assert fault() == f"number 2: event {events[1].pk} was deleted"


@pytest.mark.parametrize("number", [1, 3])
def test_an_event_deleted_with_its_seal_is_named(number: int) -> None:
    events = sealed(5)
    intrude("DELETE FROM portal_audit_event WHERE id = %s", events[number - 1].pk)
    intrude("DELETE FROM portal_audit_seal WHERE number = %s", number)
    assert fault() == f"number {number} is missing: its seal was deleted"


def test_a_deleted_event_is_named_even_when_the_later_ones_are_moved_up() -> None:
    events = sealed(5)
    intrude("DELETE FROM portal_audit_event WHERE id = %s", events[2].pk)
    intrude("DELETE FROM portal_audit_seal WHERE number = 3")
    for number in (4, 5):
        intrude("UPDATE portal_audit_seal SET number = %s WHERE number = %s", number - 1, number)
    assert fault().startswith(f"number 3: event {events[3].pk}")


def test_two_swapped_events_are_named() -> None:
    first, second, third = sealed(3)
    for column, value in (("data", '{"n": 3}'), ("at", third.at.replace(tzinfo=None))):
        intrude(f"UPDATE portal_audit_event SET {column} = %s WHERE id = %s", value, second.pk)
    intrude("UPDATE portal_audit_event SET data = %s WHERE id = %s", '{"n": 2}', third.pk)
    assert fault().startswith(f"number 2: event {second.pk}")
    assert first.pk < second.pk


def test_two_swapped_seals_are_named() -> None:
    events = sealed(4)
    pairs = ((2, 99), (3, 2), (99, 3))
    for number, other in pairs:
        intrude("UPDATE portal_audit_seal SET number = %s WHERE number = %s", other, number)
    assert fault().startswith(f"number 2: event {events[2].pk}")


def _inserted(at: Any = None) -> AuditEvent:
    at = at or clock.now()
    return AuditEvent.objects.create(at=at, verb="test.never", actor_kind="staff", actor_id="1", data={})


def test_an_event_inserted_behind_the_head_with_a_made_up_seal_is_named() -> None:
    sealed(3)
    event = _inserted()
    intrude("INSERT INTO portal_audit_seal VALUES (4, %s, %s, %s)", event.pk, FORGED, "0" * 12)
    assert fault() == f"number 4: event {event.pk} was inserted beyond the head 3"
    with pytest.raises(ChainDoesNotFit):
        happen() and seal_batch()


def test_also_when_the_head_is_moved_with_it() -> None:
    sealed(3)
    event, key_id = _inserted(), AuditSeal.objects.first().key_id
    intrude("INSERT INTO portal_audit_seal VALUES (4, %s, %s, %s)", event.pk, FORGED, key_id)
    intrude("UPDATE portal_audit_head SET number = 4, digest = %s", FORGED)
    assert fault() == f"number 4: event {event.pk} or its seal is not as it was sealed"


def test_an_event_inserted_in_place_of_another_is_named() -> None:
    sealed(3)
    event = _inserted()
    intrude("UPDATE portal_audit_seal SET event_id = %s WHERE number = 2", event.pk)
    assert fault() == f"number 2: event {event.pk} or its seal is not as it was sealed"


def test_an_unsealed_event_may_be_a_minute_old_and_no_older() -> None:
    sealed(2)
    fresh = _inserted(clock.now() - timedelta(seconds=50))
    assert verify().is_intact
    old = _inserted(clock.now() - timedelta(seconds=70))
    assert old.pk > fresh.pk
    assert fault().startswith(f"event {old.pk} of ")


def test_a_tail_cut_off_is_named() -> None:
    events = sealed(5)
    intrude("DELETE FROM portal_audit_seal WHERE number > 3")
    intrude("DELETE FROM portal_audit_event WHERE id > %s", events[2].pk)
    assert fault() == "number 4 is missing: the tail up to 5 was cut"


def test_also_when_the_head_is_moved_back_because_only_the_sealer_can_sign_one() -> None:
    events = sealed(5)
    digest = AuditSeal.objects.get(number=3).digest
    intrude("DELETE FROM portal_audit_seal WHERE number > 3")
    intrude("DELETE FROM portal_audit_event WHERE id > %s", events[2].pk)
    intrude("UPDATE portal_audit_head SET number = 3, digest = %s", digest)
    assert fault() == "the head 3 was not written by the sealer: the tail may have been cut"


def test_also_when_the_head_row_is_deleted() -> None:
    sealed(2)
    intrude("DELETE FROM portal_audit_head")
    assert "was inserted beyond the head 0" in fault()


def test_a_tail_cut_off_with_an_older_head_put_back_shows_against_a_head_kept_elsewhere() -> None:
    events = sealed(3)
    older = AuditHead.objects.values().get()
    happen(2)
    seal_waiting()
    kept = parse_head(str(current_head()))
    intrude("DELETE FROM portal_audit_seal WHERE number > 3")
    intrude("DELETE FROM portal_audit_event WHERE id > %s", events[2].pk)
    AuditHead.objects.update(**older)
    assert verify().is_intact, "nothing in the database can tell"
    assert verify(kept).fault == "number 4 is missing: the tail up to the noted 5 was cut"


def test_a_chain_made_anew_with_the_key_shows_against_a_head_kept_elsewhere() -> None:
    events = sealed(3)
    kept = current_head()
    intrude("UPDATE portal_audit_event SET verb = 'test.other' WHERE id = %s", events[0].pk)
    intrude("DELETE FROM portal_audit_seal")
    AuditHead.objects.update(number=0, digest="", proof="", settled_id=0)
    seal_waiting()
    assert verify().is_intact, "nothing in the database can tell"
    assert verify(kept).fault == "number 3 is not the one that was noted: the chain was made anew"


# --- The command ----------------------------------------------------------------------------------


def test_the_command_prints_the_head_and_takes_it_back(capsys: pytest.CaptureFixture[str]) -> None:
    sealed(3)
    call_command("verifyaudit")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Audit trail intact to #3."
    happen(1)
    seal_waiting()
    call_command("verifyaudit", head=second.removeprefix("head "))
    assert "intact to #4" in capsys.readouterr().out


def test_the_command_ends_with_one_and_names_the_row() -> None:
    events = sealed(3)
    intrude("UPDATE portal_audit_event SET actor_id = 'x' WHERE id = %s", events[1].pk)
    with pytest.raises(CommandError, match=rf"number 2: event {events[1].pk} .* Intact up to 1\.") as refusal:
        call_command("verifyaudit")
    assert refusal.value.returncode == 1


@pytest.mark.parametrize("text", ["3", "x:y", f"-1:{FORGED}", f"3:{FORGED}0", "", ":"])
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a head"):
        parse_head(text)


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
def test_rows_of_the_trail_are_not_deleted_from_python_either(model: Any) -> None:
    sealed(1)
    with pytest.raises(TypeError):
        model.objects.get().delete()
