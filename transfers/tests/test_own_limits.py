"""What customers made of their limits, on the pages of Move: shown, asked for before the draft, and when confirmed."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts import instructions, limits
from accounts.models import Account, Instruction
from accounts.ownlimits.tests.test_changing import change
from tests.factories import AccountFactory
from transfers import errors
from transfers.standing.errors import NeverWithinTheLimit
from transfers.tests import standing
from transfers.tests.outside import FORMS, FakeRail, drafted
from transfers.tests.support import an_account, balance, confirm, owner_of, pay, prepare
from transfers.tests.walking import address, fill_in, page

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "95000.00")


def test_every_page_of_move_shows_what_the_own_limits_leave(
    browser: Client, sender: Account, receiver: Account, fakes: dict[str, FakeRail]
) -> None:
    pay(sender, receiver, "500.00")
    change(owner_of(sender), daily="4000.00", monthly="9000.00")
    for name in ("move", "move_wekeza", "move_mobile", "move_airtime", "move_bank", "move_cdsc"):
        html = page(browser, reverse(name))
        assert "KES 3,500.00" in html, name
        assert "KES 8,500.00" in html, name
        assert "you can send KES 4,000.00 a day and KES 9,000.00 a month" in html, name
    assert reverse("own_limits") in page(browser, reverse("move"))


def test_the_form_refuses_with_the_limit_and_what_would_pass(
    browser: Client, sender: Account, receiver: Account
) -> None:
    change(owner_of(sender), daily="4000.00")
    status, _where, html = fill_in(browser, sender, receiver, amount="4000.01")
    assert status == 200
    assert "You can send up to KES 4,000.00 today. You set your daily limit to KES 4,000.00." in html
    assert not Instruction.objects.exists()


def test_the_month_is_refused_by_its_own_name(sender: Account, receiver: Account) -> None:
    change(owner_of(sender), monthly="4000.00")
    with pytest.raises(errors.OwnMonthlyLimit, match=r"monthly limit to KES 4,000\.00"):
        prepare(sender, receiver, "4000.01")
    pay(sender, receiver, "4000.00")
    with pytest.raises(errors.MonthlyLimitReached):
        prepare(sender, receiver, "1.00")


@pytest.mark.parametrize("name", [name for name in sorted(FORMS) if name != "move_airtime"])
def test_no_way_out_of_the_bank_goes_around_it(
    browser: Client, sender: Account, fakes: dict[str, FakeRail], name: str
) -> None:
    change(owner_of(sender), daily="1200.00")
    draft = drafted(browser, name, sender, amount="1200")
    change(owner_of(sender), daily="1199.99")
    with pytest.raises(limits.DailyLimitExceeded):
        confirm(draft)
    assert balance(sender) == D("95000.00")


def test_a_draft_from_before_the_lowering_says_why_on_its_review(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    draft = prepare(sender, receiver, "900.00")
    browser.post(reverse("own_limits"), {"daily": "500", "monthly": ""})
    answer = browser.post(address("payment_confirm", draft))
    assert answer.status_code == 200
    assert "You can send up to KES 400.00 today. You set your daily limit to KES 500.00." in answer.content.decode()
    assert balance(sender) == D("94900.00")


def test_an_order_above_the_own_limit_is_not_set_up(sender: Account, receiver: Account) -> None:
    change(owner_of(sender), daily="4000.00")
    with pytest.raises(NeverWithinTheLimit, match=r"KES 4,000.00"):
        standing.draft(sender, receiver, "4000.01")


def test_between_own_accounts_the_own_limit_asks_nothing(sender: Account) -> None:
    change(owner_of(sender), daily="10.00", monthly="10.00")
    other = AccountFactory(customer=owner_of(sender), balance=D("0.00"))
    draft = prepare(sender, other, "50000.00")
    instructions.confirm(customer=owner_of(sender), instruction_id=draft.id, actor=standing.as_actor(owner_of(sender)))
    assert balance(other) == D("50000.00")
