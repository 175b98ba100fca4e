"""A file with a large payment to somebody new: the question is asked once, before the code, and its answer is kept."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import instructions
from accounts.instructions import Held
from accounts.models import Account, Instruction, OneTimeCode, User
from tests.factories import LimitFactory, UserFactory
from tests.support import sign_in
from transfers.models import PaymentFile, ScamPause
from transfers.payees import figures, pausing
from transfers.payees.waiting import waiting_of
from transfers.tests.support import as_actor, balance, owner_of, pay, prepare
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
    states,
    uploaded,
    work,
)
from wekeza_portal import clock

__all__ = ["_no_rails", "client", "friends", "payer"]
pytestmark = pytest.mark.django_db(transaction=True)
Answer = ScamPause.Answer


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def file(at: time_machine.Traveller, client: Client, payer: Account, friends: list[Account]) -> PaymentFile:
    """Two small payments and a large one, all to people who were never paid."""
    LimitFactory(code="SCAM_FLOOR", value=Decimal("5000.00"), effective_from=clock.today())
    amounts = ("100", "8000", "200")
    rows = [line(friend.account_number, amount) for friend, amount in zip(friends, amounts, strict=True)]
    return uploaded(client, payer, *rows)


def page(file: PaymentFile) -> str:
    return f"/move/payments/{file.instruction_id}/pause/"


def asked_of(file: PaymentFile) -> dict[str, str]:
    """The answers that are kept for its rows, by receiver's number."""
    rows = Instruction.objects.filter(pk__in=file.rows.values("instruction_id"))
    answers = dict(ScamPause.objects.values_list("pk", "answer"))
    return {row.payload["to_number"]: answers[row.pk] for row in rows if row.pk in answers}


def to_the_code(file: PaymentFile) -> str:
    return f"/step-up/?for={file.instruction_id}"


def test_it_asks_once_naming_the_rows_before_any_code(
    client: Client, payer: Account, friends: list[Account], file: PaymentFile
) -> None:
    assert file.state == State.READY
    assert client.post(f"/move/many/{file.id}/confirm/")["Location"] == page(file)
    text = client.get(page(file)).content.decode()
    assert "Did somebody ask you to make these payments by phone, message or link?" in text
    assert friends[1].account_number in text
    assert friends[0].account_number not in text
    assert not OneTimeCode.objects.exists()
    assert balance(payer) == START


def test_ones_own_idea_goes_on_to_the_code_and_pays_every_row(
    client: Client, payer: Account, friends: list[Account], file: PaymentFile
) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    assert client.post(page(file), {"answer": "OWN_IDEA"})["Location"] == to_the_code(file)
    assert asked_of(file) == {friends[1].account_number: Answer.OWN_IDEA}
    confirm(payer, file)
    work()
    assert (states(file), problems(file)) == ([RowState.SENT] * 3, [""] * 3)
    assert balance(friends[1]) == Decimal("8010.00")
    assert set(ScamPause.objects.values_list("outcome", flat=True)) == {"PAID"}


def test_the_right_code_does_not_get_around_the_question(payer: Account, file: PaymentFile) -> None:
    with pytest.raises(Held):
        confirm(payer, file)
    work()
    file.refresh_from_db()
    assert (file.state, balance(payer)) == (State.READY, START)


def test_somebody_asked_holds_the_file_and_then_lets_it_go(
    client: Client, payer: Account, file: PaymentFile, at: time_machine.Traveller
) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    assert client.post(page(file), {"answer": "ASKED"})["Location"] == page(file)
    text = client.get(page(file)).content.decode()
    assert "This payment waits a little" in text
    assert client.post(f"/move/many/{file.id}/confirm/")["Location"] == page(file)
    at.shift(timedelta(minutes=30, seconds=1))
    sign_in_again(client, payer)
    assert "The wait is over" in client.get(page(file)).content.decode()
    assert client.post(f"/move/payments/{file.instruction_id}/confirm/")["Location"] == to_the_code(file)
    confirm(payer, file)
    work()
    assert states(file) == [RowState.SENT] * 3


def sign_in_again(client: Client, payer: Account) -> None:
    sign_in(client, User.objects.get(customer=payer.customer))


def test_what_somebody_asked_for_is_not_paid_past_its_file_either(
    client: Client, payer: Account, friends: list[Account], file: PaymentFile
) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "ASKED"})
    small, customer = prepare(payer, friends[1], "10.00"), owner_of(payer)
    with pytest.raises(Held):
        instructions.confirm(customer=customer, instruction_id=small.id, actor=as_actor(customer))
    pay(payer, friends[0], "10.00")  # nobody was asked about this one


def test_given_up_on_its_page_the_file_is_over_and_pays_nothing(
    client: Client, payer: Account, file: PaymentFile
) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "ASKED"})
    customer = owner_of(payer)
    assert [row.instruction_id for row in waiting_of(customer)] == [file.instruction_id]
    response = client.post(f"/move/payments/{file.instruction_id}/cancel/", follow=True)
    assert response.redirect_chain[-1][0] == f"/move/many/{file.id}/"
    file.refresh_from_db()
    assert (file.state, balance(payer)) == (State.CANCELLED, START)
    assert set(ScamPause.objects.values_list("outcome", flat=True)) == {"CANCELLED"}
    assert waiting_of(customer) == []
    assert client.post(f"/move/many/{file.id}/confirm/").status_code == 200


def test_given_up_on_the_files_own_page_it_counts_as_given_up(client: Client, file: PaymentFile) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(f"/move/many/{file.id}/cancel/")
    assert set(ScamPause.objects.values_list("outcome", flat=True)) == {"CANCELLED"}


def test_the_figures_count_each_payment_asked_about_and_no_file_beside_it(client: Client, file: PaymentFile) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "ASKED"})
    (counted,) = figures.lines()
    assert (counted.kind, counted.counts["shown"], counted.counts["held"]) == ("TRANSFER_INTERNAL", 1, 1)


def test_a_hold_from_another_payment_holds_the_file(
    client: Client, payer: Account, friends: list[Account], file: PaymentFile
) -> None:
    customer = owner_of(payer)
    other = prepare(payer, friends[1], "9000.00")
    pausing.answer(customer, other.id, Answer.ASKED, as_actor(customer))
    assert client.post(f"/move/many/{file.id}/confirm/")["Location"] == page(file)
    assert "This payment waits a little" in client.get(page(file)).content.decode()


def test_a_hold_that_begins_after_the_code_refuses_that_row_in_clear_words(
    client: Client, payer: Account, friends: list[Account], file: PaymentFile
) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "OWN_IDEA"})
    confirm(payer, file)
    customer = owner_of(payer)
    other = prepare(payer, friends[1], "9000.00")
    pausing.answer(customer, other.id, Answer.ASKED, as_actor(customer))
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.SENT, RowState.REFUSED, RowState.SENT])
    assert problems(file)[1].startswith("This one can't go with a file")
    assert balance(payer) == START - Decimal("300.00")


def test_a_row_that_became_more_than_usual_after_the_code_is_refused_in_clear_words(
    client: Client, payer: Account, friends: list[Account], at: Any
) -> None:
    file = uploaded(client, payer, *(line(friend.account_number, "4000") for friend in friends))
    confirm(payer, file)
    LimitFactory(code="SCAM_FLOOR", value=Decimal("1000.00"), effective_from=clock.today())
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.REFUSED] * 3)
    assert balance(payer) == START


def test_a_file_of_usual_sizes_is_not_asked_about(
    client: Client, payer: Account, friends: list[Account], at: time_machine.Traveller
) -> None:
    file = uploaded(client, payer, *(line(friend.account_number, "4000") for friend in friends))
    assert client.post(f"/move/many/{file.id}/confirm/")["Location"] == to_the_code(file)


def test_nobody_answers_for_somebody_elses_file(file: PaymentFile, friends: list[Account]) -> None:
    UserFactory(customer=owner_of(friends[0]))
    stranger = Client()
    sign_in_again(stranger, friends[0])
    assert stranger.get(page(file)).status_code == 404
    assert stranger.post(page(file), {"answer": "OWN_IDEA"}).status_code == 404
    assert stranger.post(f"/move/payments/{file.instruction_id}/cancel/").status_code == 404
    with pytest.raises(Held):
        instructions.refuse_while_held(Instruction.objects.get(pk=file.instruction_id))


def test_the_question_is_asked_with_few_queries_however_many_rows(
    client: Client, payer: Account, at: Any, django_assert_max_num_queries: Any
) -> None:
    LimitFactory(code="SCAM_FLOOR", value=Decimal("100.00"), effective_from=clock.today())
    rows = [line(f"07221234{n:02}", "500", kind="phone", where="mpesa") for n in range(40)]
    file = uploaded(client, payer, *rows)
    client.post(f"/move/many/{file.id}/confirm/")
    with django_assert_max_num_queries(14):
        assert "0722 123 439" in client.get(page(file)).content.decode()


def test_a_file_whose_draft_was_forgotten_can_still_be_given_up(client: Client, file: PaymentFile) -> None:
    Instruction.objects.filter(pk=file.instruction_id).delete()
    assert client.post(f"/move/many/{file.id}/cancel/").status_code == 303
    file.refresh_from_db()
    assert file.state == State.CANCELLED


def test_given_up_after_the_code_it_is_paid_all_the_same(client: Client, payer: Account, file: PaymentFile) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "OWN_IDEA"})
    confirm(payer, file)
    client.post(f"/move/payments/{file.instruction_id}/cancel/")
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.SENT] * 3)
    assert set(ScamPause.objects.values_list("outcome", flat=True)) == {"PAID"}


def test_yes_after_the_code_stops_what_was_not_sent_yet(client: Client, payer: Account, file: PaymentFile) -> None:
    client.post(f"/move/many/{file.id}/confirm/")
    client.post(page(file), {"answer": "OWN_IDEA"})
    confirm(payer, file)
    client.post(page(file), {"answer": "ASKED"})
    work()
    assert states(file) == [RowState.SENT, RowState.REFUSED, RowState.SENT]
