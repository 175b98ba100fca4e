"""Many at once on a real MariaDB: a block and a use, one question, one limit; each race is first shown to exist."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts import checking, instructions
from accounts.cards import acts, authorising, ordering, reports
from accounts.cards.asking import Use, read_use
from accounts.cards.tests.scenes import a_card, actor_of, balance, owner, question, use
from accounts.ledger import money_operation
from accounts.models import Account, Card, CardUse, Posting
from tests.factories import BranchFactory
from tests.payments import instruct, pay
from tests.support import all_the_money
from tests.together import at_once

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
D = Decimal


def approved() -> set[str]:
    return set(CardUse.objects.filter(code="00").values_list("processor_id", flat=True))


def codes(results: list[Any]) -> list[str]:
    return sorted(result["code"] if isinstance(result, dict) else repr(result) for result in results)


def cash(card: Card, amount: str) -> Use:
    return use(card, amount, channel="ATM", category="6011")


def unlocked(after_reading: Callable[[], Any]) -> Callable[[int], list[Card]]:
    """What lock_cards would be without its lock."""

    def read_only(customer_id: int) -> list[Card]:
        cards = list(Card.objects.filter(customer_id=customer_id).order_by("pk"))
        after_reading()
        return cards

    return read_only


def freeze(card: Card) -> set[str]:
    """Freeze it; what was approved when the freeze had returned."""
    acts.freeze(owner(card), card.pk, actor_of(card))
    return approved()


def test_without_the_lock_a_card_pays_after_it_was_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card("1000.00")
    was_read, is_frozen = threading.Event(), threading.Event()

    def seam() -> None:
        was_read.set()
        assert is_frozen.wait(30)

    def freeze_in_between() -> set[str]:
        assert was_read.wait(30)
        seen = freeze(card)
        is_frozen.set()
        return seen

    monkeypatch.setattr(authorising, "lock_cards", unlocked(seam))
    said, seen = at_once([lambda: authorising.authorise(use(card)), freeze_in_between])
    assert seen == set()
    assert isinstance(said, dict)
    assert said["code"] == "00"
    assert balance(card) == D("0.00")


def test_once_a_freeze_has_returned_nothing_more_is_approved() -> None:
    for _round in range(8):
        card = a_card("100000.00")
        uses = [use(card, "100.00") for _ in range(10)]
        *said, seen = at_once([*[lambda u=u: authorising.authorise(u) for u in uses], lambda card=card: freeze(card)])
        assert set(codes(said)) <= {"00", "62"}
        own = {row.id for row in uses}
        assert approved() & own == seen & own
        assert balance(card) == D("100000.00") - 100 * len(approved() & own)


def test_a_loss_and_a_freeze_of_everything_hold_the_same() -> None:
    card = a_card("100000.00")
    second = a_card(customer=owner(card), account=Account.objects.get(pk=card.account_id))

    def lose() -> set[str]:
        acts.report_lost(owner(card), card.pk, "STOLEN", actor_of(card))
        return approved()

    def stop() -> set[str]:
        acts.freeze_all(card.customer_id, actor=actor_of(card))
        return approved()

    firsts, seconds = [use(card, "100.00") for _ in range(8)], [use(second, "100.00") for _ in range(8)]
    questions = [lambda u=u: authorising.authorise(u) for u in (*firsts, *seconds)]
    *_said, after_loss, after_stop = at_once([*questions, lose, stop])
    assert isinstance(after_loss, set)
    assert isinstance(after_stop, set)
    assert approved() & {row.id for row in firsts} == after_loss & {row.id for row in firsts}
    assert approved() == after_stop
    assert list(checking.differences()) == []


def test_one_question_twenty_times_at_once_is_answered_alike_and_posted_once() -> None:
    card = a_card("1000.00")
    before = all_the_money()
    asked = use(card, "300.00")
    said = at_once([lambda: authorising.authorise(asked)] * 20)
    assert said == [said[0]] * 20
    assert isinstance(said[0], dict)
    assert said[0]["code"] == "00"
    assert Posting.objects.count() == 1
    assert balance(card) == D("700.00")
    assert sum(before.values()) - sum(all_the_money().values()) == D("300.00")
    assert list(checking.differences()) == []


def test_one_id_for_two_cards_at_once_pays_with_one_of_them() -> None:
    first, second = a_card("1000.00"), a_card("1000.00")
    asked = question(first, "300.00")
    both = [read_use(asked), read_use({**asked, "card": second.token})]
    said = at_once([lambda u=u: authorising._asked_again(u) for u in both] * 5)
    assert sum(isinstance(one, authorising.AnotherQuestion) for one in said) == 5
    assert sum(isinstance(one, dict) for one in said) == 5
    assert balance(first) + balance(second) == D("1700.00")


def test_without_the_lock_twice_the_days_cash_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card("200000.00")
    barrier = threading.Barrier(2)
    monkeypatch.setattr(authorising, "lock_cards", unlocked(lambda: None))
    real = authorising.together

    def both_have_looked(uses: Any) -> Decimal:
        found = real(uses)
        if not barrier.broken:
            barrier.wait(timeout=30)
        return found

    monkeypatch.setattr(authorising, "together", both_have_looked)
    said = at_once([lambda u=u: authorising.authorise(u) for u in (cash(card, "50000.00"), cash(card, "50000.00"))])
    assert codes(said) == ["00", "00"]
    assert balance(card) == D("100000.00")


def test_the_days_cash_holds_to_the_cent_under_twenty_at_once_from_two_cards() -> None:
    first = a_card("500000.00")
    second = a_card(customer=owner(first), account=Account.objects.get(pk=first.account_id))
    uses = [cash(card, "9999.99") for card in (first, second) for _ in range(10)]
    said = at_once([lambda u=u: authorising.authorise(u) for u in uses])
    assert codes(said) == ["00"] * 5 + ["61"] * 15
    assert balance(first) == D("500000.00") - 5 * D("9999.99")
    assert list(checking.differences()) == []


def test_money_for_three_is_spent_by_three_of_thirty_uses_and_transfers() -> None:
    card = a_card("300.00")
    account, receiver = Account.objects.get(pk=card.account_id), Account.objects.get(pk=a_card("0.00").account_id)
    uses = [use(card, "100.00") for _ in range(15)]
    drafts = [instruct(account, D("100.00")) for _ in range(15)]
    said = at_once(
        [
            *[lambda u=u: authorising.authorise(u) for u in uses],
            *[lambda d=d: pay(account, receiver, D("100.00"), instruction=d) for d in drafts],
        ]
    )
    assert len(said) == 30
    assert balance(card) == D("0.00")
    assert Posting.objects.count() == 3
    assert list(checking.differences()) == []


def test_a_use_and_its_reversal_at_once_end_with_the_money_where_it_was() -> None:
    for _round in range(6):
        card = a_card("1000.00")
        asked = use(card, "400.00")
        take_back = money_operation(reports.take_back)
        at_once([lambda u=asked: authorising.authorise(u), *[lambda u=asked, t=take_back: t(u)] * 4])
        assert balance(card) == D("1000.00")
    assert list(checking.differences()) == []


def test_a_lost_card_is_replaced_and_paid_for_once_by_two_tabs() -> None:
    card = a_card("5000.00", state="LOST", loss="LOST")
    branch = BranchFactory()
    customer = owner(card)
    drafts = [
        ordering.prepare_replacement(customer, card.pk, account=card.account_number, branch=branch.branch_code)
        for _ in range(6)
    ]
    at_once(
        [lambda d=d: instructions.confirm(customer=customer, instruction_id=d.id, actor=actor_of(card)) for d in drafts]
    )
    assert balance(card) == D("4500.00")
    assert Card.objects.filter(replaces=card).count() == 1
    assert Posting.objects.count() == 1
