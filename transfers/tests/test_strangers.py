"""A file finds out nothing about strangers: what fits is said, and everything else looks alike."""

import html
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.ledger import money_operation, reverse
from accounts.models import Account, Instruction, LimitUsage, Posting
from tests.factories import LimitFactory
from transfers.many import strangers
from transfers.many.strangers import fits
from transfers.models import PayeeLookup, PaymentFile
from transfers.payees import keeping, together
from transfers.payees.keeping import Extras
from transfers.tests.support import an_account, as_actor, balance, confirm_unasked, owner_of, pay, prepare
from transfers.tests.test_many import (
    START,
    RowState,
    State,
    _no_rails,
    client,
    confirm,
    friends,
    line,
    payer,
    problems,
    ready,
    states,
    upload,
    uploaded,
    work,
)
from wekeza_portal import clock
from wekeza_portal.actors import system

__all__ = ["_no_rails", "client", "friends", "payer"]
pytestmark = pytest.mark.django_db(transaction=True)
NOT_THEIRS = "We found no account that can be paid with this number and this name. Check both with the person."


@pytest.mark.parametrize(
    "typed",
    [
        "Wanjiku Mwangi", "MWANGI wanjiku", "wanjiku ng'ang'a mwangi", "Wanjiku N. Mwangi", "Mrs Wanjiku Mwangi",
        "Ng\u2019ang\u2019a, Wanjiku", "W\u00e1njiku  Mwangi ", "Nganga Mwangi W", "Mwangi-Wanjiku",
    ],
)  # fmt: skip
def test_a_name_as_people_write_it_fits(typed: str) -> None:
    assert fits(typed, "WANJIKU NG'ANG'A MWANGI")


@pytest.mark.parametrize(
    "typed",
    [
        "", "Wanjiku", "W. Mwangi", "W N M", "Wanjiku Kamau", "Wanjiku Mwangi Kamau", "Wanjiku Wanjiku", "Mrs Mwangi",
        "Wanj Mwan", "* *", "%% __", "Wanjiku\u0000Mwang", "Wanjiku K. Mwangi", "x" * 500,
    ],
)  # fmt: skip
def test_what_could_be_a_guess_does_not_fit(typed: str) -> None:
    assert not fits(typed, "WANJIKU NG'ANG'A MWANGI")


@given(st.text(), st.text())
def test_a_name_fits_only_with_two_whole_names_of_the_owners(typed: str, owner: str) -> None:
    if fits(typed, owner):
        assert len(strangers._names(typed) & strangers._names(owner)) >= 2


def test_fifty_numbers_without_names_tell_nothing(client: Client, payer: Account) -> None:
    """However many of them bank here: each row is asked for a name, and nothing was looked up."""
    people = [an_account("Jane Wambui Njeri") for _number in range(20)]
    rows = [nameless(one.account_number) for one in people] + [nameless(f"ACC90000{n}") for n in range(10, 20)]
    response = upload(client, payer, *rows)
    text = html.unescape(response.content.decode())
    assert text.count(str(strangers.NameNeeded())) == len(rows)
    assert "JANE" not in text.upper()
    assert not PayeeLookup.objects.exists()
    assert not PaymentFile.objects.exists()


def nameless(number: str) -> str:
    return f"wekeza,{number},,,100,Wages"


def test_nobody_closed_business_and_another_name_look_alike(client: Client, payer: Account) -> None:
    closed = an_account("Jane Wambui", status="FROZEN")
    gone = an_account("Jane Wambui")
    type(owner_of(gone)).objects.filter(pk=gone.customer_id).update(is_active=False)
    other = an_account("Peter Otieno")
    file = uploaded(
        client, payer, *(line(one, name="Jane Wambui") for one in
        (closed.account_number, gone.account_number, other.account_number, "ACC9000001")),
    )  # fmt: skip
    assert problems(file) == [NOT_THEIRS] * 4
    text = client.get(f"/move/many/{file.id}/").content.decode()
    assert "PETER" not in text.upper()


def test_a_treasurer_pays_fifty_members_whose_names_are_known(client: Client, payer: Account) -> None:
    members = [an_account(f"Member{'abcdefghij'[n % 10]} Chama{'klmno'[n // 10]}", "0.00") for n in range(50)]
    file = uploaded(client, payer, *(line(one.account_number) for one in members))
    assert file.state == State.READY
    confirm(payer, file)
    work()
    assert states(file) == [RowState.SENT] * 50
    assert {balance(one) for one in members} == {100}


def test_members_paid_before_need_no_name(client: Client, payer: Account, friends: list[Account]) -> None:
    pay(payer, friends[0], "10.00")
    file = uploaded(client, payer, nameless(friends[0].account_number))
    assert states(file) == [RowState.CHECKED]


def test_somebody_kept_needs_no_name(client: Client, payer: Account, friends: list[Account]) -> None:
    """It was shown when they were kept."""
    customer = owner_of(payer)
    act = keeping.prepare_wekeza(customer, friends[0].account_number, Extras())
    with transaction.atomic():
        keeping.execute_keep(act, as_actor(customer))
    assert states(uploaded(client, payer, nameless(friends[0].account_number))) == [RowState.CHECKED]


def test_guesses_are_counted_also_when_they_are_wrong(
    client: Client, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(strangers, "NAMES", replace(strangers.NAMES, limit=3))
    other = an_account("Peter Otieno")
    guesses = [
        f"wekeza,{other.account_number},,Guess Number{letter},{amount},"
        for letter, amount in zip("abcd", (1, 2, 3, 4), strict=True)
    ]
    file = uploaded(client, payer, *guesses)
    assert [words == NOT_THEIRS for words in problems(file)] == [True] * 3 + [False]
    assert "Too many tries" in problems(file)[-1]


# --- Several files of new people ----------------------------------------------------------------------------------


@pytest.fixture
def cap() -> None:
    LimitFactory(code="NEW_PAYEE_DAY", value=300, effective_from=clock.today())


def of_one(client: Client, payer: Account, friend: Account, amount: str) -> PaymentFile:
    have = set(PaymentFile.objects.values_list("pk", flat=True))
    uploaded(client, payer, line(friend.account_number, amount))
    return PaymentFile.objects.exclude(pk__in=have).get()


@pytest.mark.usefixtures("cap")
def test_the_second_file_of_the_day_has_what_the_first_left(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    confirm(payer, of_one(client, payer, friends[0], "200"))
    work()
    second = of_one(client, payer, friends[1], "100.01")
    assert second.state == State.FAULTY
    for words in ("KES 100.01 of the file", "The most is KES 300.00 a day", "KES 200.00 went today"):
        assert words in second.problem
    assert of_one(client, payer, friends[2], "100").state == State.READY


@pytest.mark.usefixtures("cap")
def test_files_checked_before_any_was_paid_are_added_up_under_the_lock(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    files = [of_one(client, payer, friend, "300") for friend in friends]
    assert {file.state for file in files} == {State.READY}
    for file in files:
        confirm(payer, file)
    work()
    assert sorted(states(file)[0] for file in files) == [RowState.REFUSED, RowState.REFUSED, RowState.SENT]
    refused = next(file for file in files if states(file) == [RowState.REFUSED])
    assert "By files, up to KES 0.00 can still go today" in problems(refused)[0]
    assert balance(payer) == START - 300


@pytest.mark.usefixtures("cap")
def test_the_next_day_and_what_came_back_make_room(client: Client, payer: Account, friends: list[Account]) -> None:
    first = of_one(client, payer, friends[0], "300")
    confirm(payer, first)
    work()
    assert together.used(owner_of(payer), clock.today()) == 300
    give_back(Instruction.objects.get(pk=first.rows.get().instruction_id))
    assert together.used(owner_of(payer), clock.today()) == 0
    confirm(payer, of_one(client, payer, friends[1], "300"))
    work()
    assert of_one(client, payer, friends[2], "300").state == State.FAULTY
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert together.used(owner_of(payer), clock.today()) == 0


@money_operation
def give_back(paid: Instruction) -> None:
    reverse(posting=Posting.objects.get(instruction_id=paid.id), reason="test", actor=system("test"))


@pytest.mark.usefixtures("cap")
def test_payments_by_hand_and_to_people_known_are_not_counted(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    confirm_unasked(prepare(payer, friends[0], "300.00"))
    assert not LimitUsage.objects.filter(code=together.COUNTER).exists()
    assert of_one(client, payer, friends[1], "300").state == State.READY


def test_a_file_of_known_people_counts_nothing(client: Client, payer: Account, friends: list[Account]) -> None:
    with time_machine.travel(clock.now() - timedelta(days=3)):
        for friend in friends:
            pay(payer, friend, "10.00")
    file: Any = ready(client, payer, friends)
    confirm(payer, file)
    work()
    assert states(file) == [RowState.SENT] * 3
    assert not LimitUsage.objects.filter(code=together.COUNTER).exists()
