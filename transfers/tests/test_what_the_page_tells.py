"""What the pages of Move tell before, while and after paying: hidden figures, accounts that can't pay, both errors."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts import wording
from accounts.models import Account, AccountTerms, User
from tests.factories import AccountFactory
from transfers.tests.support import owner_of, pay, prepare
from transfers.tests.walking import address, fill_in, page

pytestmark = pytest.mark.django_db
HOW_TO_SHOW = "Amounts are hidden. To see them, choose"


def hide(user: User) -> None:
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])


def freeze(account: Account, status: str = "FROZEN") -> None:
    account.status = status
    account.save(update_fields=["status"])


# --- Hidden amounts -----------------------------------------------------------------------------------------------


def test_a_refused_form_tells_no_balance_while_amounts_are_hidden(
    browser: Client, user: User, sender: Account, receiver: Account
) -> None:
    hide(user)
    _status, _location, html = fill_in(browser, sender, receiver, amount="99999")
    assert "You can send up to KES ••••• now." in html
    assert HOW_TO_SHOW in html
    assert "12,400" not in html


def test_a_refused_form_tells_it_while_they_are_shown(browser: Client, sender: Account, receiver: Account) -> None:
    _status, _location, html = fill_in(browser, sender, receiver, amount="99999")
    assert "You can send up to KES 12,400.00 now." in html
    assert HOW_TO_SHOW not in html


def test_a_refused_review_tells_no_balance_while_amounts_are_hidden(
    browser: Client, user: User, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver, "500.00")
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("1234.56"))
    shown = browser.post(address("payment_confirm", instruction)).content.decode()
    assert "KES 234.56" in shown
    hide(user)
    hidden = browser.post(address("payment_confirm", instruction)).content.decode()
    assert "234.56" not in hidden
    assert "KES •••••" in hidden
    assert HOW_TO_SHOW in hidden


def test_a_refusal_after_the_code_tells_no_balance_either(user: User) -> None:
    hide(user)
    assert "294,819" not in wording.refusal_for(user, "You can send up to KES 294,819.00 now.")
    assert wording.refusal_for(user, "Check the number.") == "Check the number."


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("KES 1,000.00 stays. You can send KES 2.50.", "KES ••••• stays. You can send KES •••••."),
        ("You have -KES 39,000.00 now.", "You have KES ••••• now."),
        ("Up to KES 5.", "Up to KES •••••."),
        ("Amount in KES, 100 characters", "Amount in KES, 100 characters"),
    ],
)
def test_only_figures_are_left_out(text: str, without: str) -> None:
    assert wording.without_figures(text) == without


# --- Accounts that can't pay --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why", "what_to_do"),
    [
        ("FROZEN", "The bank has frozen this account", "what lifts it"),
        ("DORMANT", "is asleep", "make a deposit"),
        ("DISABLED", "closed for payments", "visit any branch"),
    ],
)
@pytest.mark.parametrize("name", ["move", "move_wekeza", "move_own"])
def test_when_no_account_can_pay_the_page_says_why_first_and_offers_nothing_to_send(
    browser: Client, sender: Account, name: str, status: str, why: str, what_to_do: str
) -> None:
    freeze(sender, status)
    html = page(browser, reverse(name)).split("<main", 1)[1].split("</main>", 1)[0]
    assert why in html
    assert what_to_do in html
    for pushing in ("Continue", "limit", "Where should it go?"):
        assert pushing not in html


def test_an_account_with_nothing_to_send_says_so(browser: Client, sender: Account) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("1000.00"))
    html = page(browser, reverse("move_wekeza"))
    assert "There is no money to send in this account now." in html
    assert "Continue" not in html


def test_of_a_frozen_and_an_active_account_only_the_active_one_is_offered(browser: Client, sender: Account) -> None:
    frozen = AccountFactory(customer=owner_of(sender), status="FROZEN")
    html = page(browser, reverse("move_wekeza"))
    options = re.findall(r'<option value="([^"]*)"', html)
    assert options == [sender.account_number]
    assert f"{frozen.account_number}</span>:</b> The bank has frozen this account" in html
    assert html.index("The bank has frozen") < html.index('<form class="card form"')
    assert "Continue" in html


def test_with_one_account_left_there_is_nothing_to_move_between(browser: Client, sender: Account) -> None:
    AccountFactory(customer=owner_of(sender), status="DORMANT")
    html = page(browser, reverse("move_own"))
    assert "Only one of your accounts can be used now" in html
    assert "is asleep" in html
    assert "Continue" not in html


def test_paying_from_a_frozen_account_is_still_refused(browser: Client, sender: Account, receiver: Account) -> None:
    freeze(sender)
    status, _location, html = fill_in(browser, sender, receiver)
    assert status == 200
    assert "This account is frozen" in html


# --- The form and the review --------------------------------------------------------------------------------------


def test_each_account_is_offered_with_what_can_be_sent(browser: Client, user: User, sender: Account) -> None:
    with_amount = f"Savings {sender.account_number}, KES 12,400.00</option>"
    assert with_amount in page(browser, reverse("move_wekeza"))
    hide(user)
    assert f"Savings {sender.account_number}</option>" in page(browser, reverse("move_wekeza"))


def test_a_bad_number_and_a_bad_amount_are_both_said_at_once(
    browser: Client, sender: Account, receiver: Account
) -> None:
    _status, _location, html = fill_in(browser, sender, receiver, to_account="!!", amount="abc")
    assert 'id="id_to_account_error"' in html
    assert 'id="id_amount_error"' in html


def test_an_amount_with_its_currency_in_front_is_taken(browser: Client, sender: Account, receiver: Account) -> None:
    assert fill_in(browser, sender, receiver, amount="KES 1,000")[0] == 303


def test_an_amount_with_blanks_is_refused_with_what_to_do(browser: Client, sender: Account, receiver: Account) -> None:
    assert "Leave out the spaces" in fill_in(browser, sender, receiver, amount="1 000")[2]


def test_the_review_says_what_can_be_spent_after_it(
    browser: Client, user: User, sender: Account, receiver: Account
) -> None:
    review = address("payment_review", prepare(sender, receiver, "500.00"))
    html = page(browser, review)
    assert "KES 12,900.00" in html
    assert re.search(r"You can then spend</dt><dd>.*KES 11,900.00", html)
    hide(user)
    assert "11,900" not in page(browser, review)


def test_where_nothing_is_kept_as_minimum_it_is_said_once(browser: Client, sender: Account, receiver: Account) -> None:
    AccountTerms.objects.create(account=sender, kind=AccountTerms.Kind.CURRENT)
    html = page(browser, address("payment_review", prepare(sender, receiver, "500.00")))
    assert "KES 12,900.00" in html
    assert "You can then spend" not in html


def test_the_receipt_leads_to_the_history_of_the_account_that_paid(
    browser: Client, sender: Account, receiver: Account
) -> None:
    html = page(browser, address("payment_receipt", pay(sender, receiver, "100.00")))
    link = f"/view/?account={sender.account_number}"
    assert f'href="{link}"' in html
    assert "Showing:" in page(browser, link)
