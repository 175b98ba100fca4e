"""What may be asked for, and how often."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Account
from tests.together import at_once
from transfers.asking import answers, asks, selectors
from transfers.asking.taking import RequestOver
from transfers.models import MoneyRequest
from transfers.tests.asking.scenes import NOBODY, State, ask, asked, browser, draft, form
from transfers.tests.support import as_actor, owner_of
from wekeza_portal import clock, ratelimit

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_number_is_asked_once_at_a_time_in_either_case_of_letters(asker: Account) -> None:
    ask(asker, NOBODY)
    for number in (NOBODY, NOBODY.lower()):
        with pytest.raises(asks.AskedAlready):
            ask(asker, number)
    assert MoneyRequest.objects.count() == 1


@pytest.mark.mariadb
def test_two_tabs_store_one_request(asker: Account) -> None:
    done = at_once([lambda: ask(asker, NOBODY)] * 3)
    assert MoneyRequest.objects.count() == 1
    assert sum(isinstance(each, asks.AskedAlready) for each in done) == 2


def test_the_eleventh_of_a_day_is_refused_and_the_page_says_so(asker: Account) -> None:
    for number in range(10):
        ask(asker, f"ACC888000{number}")
    with pytest.raises(ratelimit.TooMany):
        ask(asker, "ACC8880010")
    assert browser(asker).post("/move/requests/ask/", form(asker)).status_code == 429
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        ask(asker, "ACC8880011")


def test_taking_back_and_asking_again_does_not_become_a_nuisance(asker: Account) -> None:
    for _number in range(3):
        asks.take_back(owner_of(asker), ask(asker, NOBODY).id, as_actor(owner_of(asker)))
    with pytest.raises(ratelimit.TooMany):
        ask(asker, NOBODY)


def test_it_runs_out_after_fourteen_days_and_can_then_be_asked_again(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)):
        assert not answers.is_open(request)
        assert str(selectors.asked_by(owner_of(asker))[0].state) == "Ran out"
        with pytest.raises(RequestOver):
            draft(payer, request)
        assert ask(asker, payer.account_number).state == State.OPEN


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e9", "1000000000", "٥٠٠", "500000.01", "=1+1", "9" * 10_000])
def test_it_refuses_odd_amounts_beside_the_field_and_keeps_what_was_typed(asker: Account, amount: str) -> None:
    response = browser(asker).post("/move/requests/ask/", form(asker, amount=amount))
    assert response.status_code == 200
    assert not MoneyRequest.objects.exists()
    assert 'id="id_amount"' in response.content.decode()
    assert NOBODY in response.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"payer": ""}, {"payer": "'; DROP TABLE x"}, {"payer": "A" * 10_000}, {"payer": "<script>"},
        {"note": "x" * 101}, {"note": "a\u202eb"}, {"to_account": ""}, {"to_account": NOBODY}, {"known": NOBODY},
    ],
)  # fmt: skip
def test_it_refuses_what_it_cannot_use(asker: Account, typed: dict[str, str]) -> None:
    response = browser(asker).post("/move/requests/ask/", form(asker, **typed))
    assert response.status_code == 200
    assert not MoneyRequest.objects.exists()


def test_money_comes_only_to_an_account_of_ones_own(asker: Account, payer: Account) -> None:
    customer, actor = owner_of(asker), as_actor(owner_of(asker))
    with pytest.raises(asks.NotYourAccount):
        asks.ask(customer, to_account=payer.account_number, payer=NOBODY, amount=Decimal("5.00"), note="", actor=actor)
    with pytest.raises(asks.AskingYourself):
        ask(asker, asker.account_number.lower())
