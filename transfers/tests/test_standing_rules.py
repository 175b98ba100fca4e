"""The words and dates of orders, and what staff see: pure rules, then the admin."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from transfers.errors import AccountsChanged, TransferRefused
from transfers.models import Rhythm, StandingOrder, StandingRun
from transfers.standing import reasons
from transfers.standing.selectors import next_dates
from transfers.standing.wording import ending, when
from transfers.tests.standing import an_order
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.calendar import Calendar
from wekeza_portal.recurrence import occurrences
from wekeza_portal.staff.tests import scenes

DAYS = st.dates(date(2026, 1, 1), date(2045, 12, 31))
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@pytest.mark.parametrize(
    ("rhythm", "day", "english", "swahili"),
    [
        ("ONCE", date(2026, 12, 1), "once, on 1 December 2026", "mara moja, tarehe 1 Disemba 2026"),
        ("DAILY", date(2026, 12, 1), "every day, from 1 December 2026", "kila siku, kuanzia 1 Disemba 2026"),
        ("WEEKLY", date(2026, 12, 1), "every week, on Tuesday", "kila wiki, siku ya Jumanne"),
        ("FORTNIGHTLY", date(2026, 12, 1), "every two weeks, on Tuesday", "kila wiki mbili, siku ya Jumanne"),
        ("MONTHLY", date(2026, 12, 2), "every month, on the 2nd", "kila mwezi, tarehe 2"),
        ("MONTHLY", date(2026, 12, 28), "every month, on the 28th", "kila mwezi, tarehe 28"),
        (
            "MONTHLY", date(2026, 12, 31), "every month, on the 31st or the month's last day",
            "kila mwezi, tarehe 31 au siku ya mwisho ya mwezi",
        ),
        (
            "QUARTERLY", date(2026, 12, 30), "every three months, on the 30th or the month's last day",
            "kila miezi mitatu, tarehe 30 au siku ya mwisho ya mwezi",
        ),
        (
            "YEARLY", date(2028, 2, 29), "every year, on the last day of February",
            "kila mwaka, siku ya mwisho ya Februari",
        ),
        ("YEARLY", date(2026, 12, 12), "every year, on 12 December", "kila mwaka, tarehe 12 Disemba"),
    ],
)  # fmt: skip
def test_dates_are_said_as_people_say_them(rhythm: str, day: date, english: str, swahili: str) -> None:
    assert when(rhythm, day) == english
    with translation.override("sw"):
        assert when(rhythm, day) == swahili


def test_the_end_is_said_in_words() -> None:
    said = [ending(None, None), ending(date(2027, 1, 31), None), ending(None, 1), ending(None, 12)]
    assert said == ["until you end it", "until 31 January 2027", "1 time", "12 times"]


@given(rhythm=st.sampled_from(Rhythm.values), day=DAYS)
@PATIENT
def test_every_rhythm_has_words_on_every_day_in_both_languages(rhythm: str, day: date) -> None:
    for language in ("en", "sw"):
        with translation.override(language):
            assert "%" not in when(rhythm, day)


@given(
    rhythm=st.sampled_from(Rhythm.values),
    day=DAYS,
    holiday=st.sampled_from(StandingOrder.NotWorking.values),
    skipped=st.integers(0, 6),
)
@PATIENT
def test_the_next_dates_are_the_rules_own_from_the_present_one_on(
    rhythm: str, day: date, holiday: str, skipped: int
) -> None:
    order, days = StandingOrder(rhythm=rhythm, begins=day, on_holiday=holiday), Calendar()
    order.next_nominal = order.rule.nominal(skipped)
    found = next_dates(order, days)
    if order.next_nominal is None:
        assert found == []
        return
    assert found[0].nominal == order.next_nominal
    ahead = occurrences(order.rule, days, order.next_nominal - timedelta(days=40))
    expected = [one for one, _n in zip(ahead, range(60), strict=False) if one.nominal >= order.next_nominal][:5]
    assert found == expected
    assert [one.nominal for one in found] == sorted({one.nominal for one in found})


def test_every_reason_has_words_and_every_refusal_of_a_transfer_a_reason() -> None:
    assert set(reasons._BY_CODE.values()) <= set(reasons.WORDS)
    assert set(reasons.SHORT) | {reasons.STOPPED} == set(reasons.WORDS)
    assert reasons.reason_of(AccountsChanged()) == reasons.RECEIVER

    class Unheard(TransferRefused):
        code = "never_heard_of"

    assert reasons.reason_of(Unheard()) == reasons.OTHER
    assert reasons.notice_of(AccountsChanged()) == {}


@pytest.mark.django_db
def test_whatever_the_customer_confirmed_is_in_the_digest(sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    changes = {
        "customer_id": 999_999, "fingerprint": "x", "kind": "AIRTIME", "payload": {}, "payee_key": "x",
        "from_number": "x", "amount": Decimal("1.00"), "rhythm": "DAILY", "begins": date(2030, 1, 1),
        "until": date(2030, 1, 1), "times": 3, "on_holiday": "NEXT", "mode": "REMIND",
    }  # fmt: skip
    for name, value in changes.items():
        fresh = StandingOrder.objects.get(pk=order.pk)
        setattr(fresh, name, value)
        assert fresh.digest() != order.content_hash, name


@pytest.mark.django_db
def test_staff_look_at_orders_and_runs_leave_a_trace_and_change_nothing(sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    run = StandingRun.objects.create(
        order=order, nominal=order.begins, due_on=order.begins, state="FAILED", reason="MONEY", made_at=clock.now()
    )
    browser = scenes.signed_in(scenes.staff("support"))
    addresses = [
        reverse("admin:transfers_standingorder_changelist"),
        f"{reverse('admin:transfers_standingorder_changelist')}?q={order.public_id}",
        reverse("admin:transfers_standingorder_change", args=[order.pk]),
        reverse("admin:transfers_standingrun_changelist"),
        f"{reverse('admin:transfers_standingrun_changelist')}?q={sender.customer_id}",
        reverse("admin:transfers_standingrun_change", args=[run.pk]),
    ]
    for number, address in enumerate(addresses, start=1):
        response = browser.get(address)
        assert response.status_code == 200, address
        seen = AuditEvent.objects.filter(verb__contains="view", customer_id=sender.customer_id)
        assert seen.count() >= number, address
    assert browser.post(addresses[2], {"amount": "1.00"}).status_code == 403
    order.refresh_from_db()
    assert order.amount == Decimal("500.00")
