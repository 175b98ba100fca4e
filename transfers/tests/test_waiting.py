"""A payment that waits because somebody asked for it is found again where one looks for it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts import instructions
from accounts.models import Account, Instruction
from tests.factories import UserFactory
from tests.support import sign_in
from transfers.payees import pausing
from transfers.payees.waiting import waiting_of
from transfers.tests.support import an_account, as_actor, confirm, owner_of, prepare
from transfers.tests.walking import page
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["/move/", "/view/", "/move/payees/"]


def signed_in(owner: Account) -> Client:
    client = Client()
    sign_in(client, UserFactory(customer=owner_of(owner)))
    return client


@pytest.fixture
def rich() -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


@pytest.fixture
def browser(rich: Account) -> Client:
    return signed_in(rich)


def held(rich: Account, receiver: Account) -> Instruction:
    draft = prepare(rich, receiver, "31000.00")
    pausing.answer(owner_of(rich), draft.id, pausing.Answer.ASKED, as_actor(owner_of(rich)))
    return draft


@pytest.mark.parametrize("path", PAGES)
def test_it_is_listed_with_how_long_it_still_waits(
    browser: Client, rich: Account, receiver: Account, path: str
) -> None:
    draft = held(rich, receiver)
    html = page(browser, path)
    assert f'href="/move/payments/{draft.id}/pause/"' in html
    (waiting,) = waiting_of(owner_of(rich))
    assert waiting.minutes == 30
    assert "Waits 30 more minutes, until" in html
    assert "WANJIKU M." in html
    assert "KES 31,000.00" in html


@pytest.mark.parametrize(("passed", "minutes"), [(0, 30), (1, 30), (60, 29), (1795, 1), (1800, 0), (4000, 0)])
def test_the_minutes_are_never_fewer_than_are_left(rich: Account, receiver: Account, passed: int, minutes: int) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        held(rich, receiver)
        traveller.shift(timedelta(seconds=passed))
        assert [row.minutes for row in waiting_of(owner_of(rich))] == [minutes]


def test_one_minute_is_said_as_one(rich: Account, receiver: Account) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        held(rich, receiver)
        traveller.shift(timedelta(seconds=1790))
        assert "Waits 1 more minute, until" in page(signed_in(rich), "/move/")


def test_once_the_wait_is_over_it_says_until_when_it_is_kept(rich: Account, receiver: Account) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        held(rich, receiver)
        traveller.shift(timedelta(minutes=31))
        assert "The wait is over. Kept for you until" in page(signed_in(rich), "/move/")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_sees_it(rich: Account, receiver: Account, path: str) -> None:
    draft = held(rich, receiver)
    stranger = an_account("Grace Atieno", "10.00")
    assert str(draft.id) not in page(signed_in(stranger), path)
    assert waiting_of(owner_of(stranger)) == []


def test_what_was_cancelled_sent_or_forgotten_is_not_listed(rich: Account, receiver: Account) -> None:
    customer = owner_of(rich)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        given_up, sent, forgotten = held(rich, receiver), held(rich, receiver), held(rich, receiver)
        assert len(waiting_of(customer)) == 3
        instructions.cancel(customer=customer, instruction_id=given_up.id, actor=as_actor(customer))
        traveller.shift(timedelta(minutes=40))
        confirm(sent)
        assert [row.instruction_id for row in waiting_of(customer)] == [forgotten.id]
        traveller.shift(timedelta(hours=24))
        assert waiting_of(customer) == []


def test_what_was_only_asked_or_is_ones_own_idea_does_not_wait(rich: Account, receiver: Account) -> None:
    customer = owner_of(rich)
    asked, own = prepare(rich, receiver, "31000.00"), prepare(rich, receiver, "32000.00")
    pausing.note_shown(asked)
    pausing.answer(customer, own.id, pausing.Answer.OWN_IDEA, as_actor(customer))
    assert waiting_of(customer) == []
