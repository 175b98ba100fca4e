"""Many writers and several sealers on a real MariaDB: one unbroken chain, whoever dies when."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountTerms
from tests.factories import AccountFactory
from tests.payments import instruct, pay
from tests.together import at_once, go, start_process
from wekeza_portal import clock
from wekeza_portal.audit import sealing
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.audit.sealing import seal_batch, seal_waiting, unsealed
from wekeza_portal.audit.tests.support import happen
from wekeza_portal.audit.verifying import verify
from wekeza_portal.money import parse_amount

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
KEY = "a key for all sealers of these tests"
SEALER = "wekeza_portal.audit.tests.sealing_process"


@pytest.fixture(autouse=True)
def _one_key_and_a_head_noted_today(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """The key is shared with the processes; the daily note is an event of its own and would not be counted."""
    settings.FIELD_KEYS = [KEY]
    monkeypatch.setenv("FIELD_KEYS", KEY)
    AuditHead.objects.update_or_create(pk=1, defaults={"noted_on": clock.today()})


def assert_one_unbroken_chain(events: int) -> None:
    numbers = list(AuditSeal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, events + 1))
    assert set(AuditSeal.objects.values_list("event_id", flat=True)) == set(
        AuditEvent.objects.values_list("pk", flat=True)
    )
    verdict = verify()
    assert verdict.fault is None
    assert verdict.head.number == events


def writer(rounds: int) -> Callable[[], int]:
    """Transactions of one to three events, every seventh rolled back: ids commit out of order and have gaps."""

    def write() -> int:
        kept = 0
        for n in range(rounds):
            with transaction.atomic():
                happen(1 + n % 3)
                if n % 7 == 6:
                    transaction.set_rollback(True)
                else:
                    kept += 1 + n % 3
        return kept

    return write


def test_twenty_writers_and_two_sealers_make_one_unbroken_chain() -> None:
    sealers = [start_process(SEALER, "on") for _ in range(2)]
    for sealer in sealers:
        go(sealer)
    kept = at_once([writer(20)] * 20)
    assert all(isinstance(count, int) for count in kept), kept
    total = sum(count for count in kept if isinstance(count, int))
    deadline = time.monotonic() + 30
    while unsealed().exists() and time.monotonic() < deadline:
        connection.close()
    for sealer in sealers:
        sealer.communicate("stop\n", timeout=30)
        assert sealer.returncode == 0
    assert_one_unbroken_chain(total)
    assert AuditEvent.objects.latest("pk").pk > total, "some were rolled back, so the ids have gaps"


def test_ids_that_commit_out_of_order_are_numbered_in_the_order_in_which_they_were_seen() -> None:
    written, committed = threading.Event(), threading.Event()

    def slow() -> int:
        with transaction.atomic():
            (event,) = happen()
            written.set()
            committed.wait(timeout=30)
        return event.pk

    def quick() -> int:
        written.wait(timeout=30)
        (event,) = happen()
        seal_waiting()
        committed.set()
        return event.pk

    low, high = at_once([slow, quick])
    seal_waiting()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert low < high
    assert list(AuditSeal.objects.order_by("number").values_list("event_id", flat=True)) == [high, low]
    assert_one_unbroken_chain(2)


def test_a_second_sealer_goes_on_without_waiting_for_the_first() -> None:
    happen(3)
    with transaction.atomic():
        assert seal_batch() == 3
        assert at_once([seal_batch]) == [0]
    assert_one_unbroken_chain(3)


def test_without_the_lock_on_the_head_two_sealers_would_take_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race exists: with the lock taken away, the unique number is what stops the second."""
    happen(4)
    barrier = threading.Barrier(2)
    append = sealing._append

    def together(row: AuditHead, events: list[AuditEvent]) -> None:
        barrier.wait(timeout=30)
        append(row, events)

    monkeypatch.setattr(sealing, "_append", together)
    monkeypatch.setattr(AuditHead.objects, "select_for_update", lambda **_: AuditHead.objects.all())
    results = at_once([seal_batch, seal_batch])
    assert sorted(type(result).__name__ for result in results)[0] in {"IntegrityError", "OperationalError"}
    monkeypatch.undo()
    assert_one_unbroken_chain(4)


@pytest.mark.parametrize(("where", "sealed"), [("between", 10), ("within", 0)])
def test_a_sealer_killed_between_two_batches_or_within_one_leaves_the_chain_whole(where: str, sealed: int) -> None:
    happen(25)
    sealer = start_process(SEALER, where)
    os.kill(sealer.pid, signal.SIGKILL)
    sealer.wait(timeout=30)
    assert AuditSeal.objects.count() == sealed
    deadline = time.monotonic() + 20
    while unsealed().exists() and time.monotonic() < deadline:
        seal_batch(10)  # nothing while the server still holds the dead one's lock
    assert_one_unbroken_chain(25)


def test_the_money_writes_its_event_and_nothing_of_the_chain() -> None:
    sender, receiver = AccountFactory(balance=parse_amount("5000.00")), AccountFactory()
    AccountTerms.objects.create(account_id=sender.account_id, kind=AccountTerms.Kind.CURRENT)
    draft = instruct(sender, parse_amount("500.00"))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        pay(sender, receiver, parse_amount("500.00"), instruction=draft)
    audit = [query["sql"] for query in captured.captured_queries if "portal_audit" in query["sql"]]
    assert len(audit) == 1
    assert audit[0].startswith("INSERT INTO `portal_audit_event`")


def test_money_is_not_kept_waiting_by_a_sealer_at_work() -> None:
    sender, receiver = AccountFactory(balance=parse_amount("5000.00")), AccountFactory()
    draft = instruct(sender, parse_amount("500.00"))
    happen(3)
    with transaction.atomic():
        seal_batch()
        (receipt,) = at_once([lambda: pay(sender, receiver, parse_amount("500.00"), instruction=draft)])
    assert not isinstance(receipt, Exception), receipt
    seal_waiting()
    assert_one_unbroken_chain(AuditEvent.objects.count())
