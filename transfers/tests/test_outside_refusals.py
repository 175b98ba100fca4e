"""Payments out of the bank that are refused: at which field, in which words, with what kept, and nothing changed."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account
from transfers.models import Payment
from transfers.tests.outside import (
    FORMS,
    RAIL,
    FakeRail,
    drafted,
    fill,
    posted,
)
from transfers.tests.support import what_was_written
from transfers.tests.walking import address, page
from wekeza_portal import clock
from wekeza_portal.rails.base import Receiver

pytestmark = pytest.mark.django_db
KINDS = sorted(FORMS)
Fakes = dict[str, FakeRail]


# --- What is refused, and where it is said ------------------------------------------------------------------------

BAD = [
    ("move_mobile", "phone", "12"),
    ("move_mobile", "phone", "0722 123 456 0722 123 456 07221"),
    ("move_mobile", "phone", "٠٧٢٢١٢٣٤٥٦"),
    ("move_mobile", "network", "VISA"),
    ("move_mobile", "name", "x" * 10_000),
    ("move_mobile", "note", "y" * 10_000),
    ("move_mobile", "amount", "100.50"),
    ("move_mobile", "amount", "150001"),
    ("move_mobile", "from_account", "ACC9999999"),
    ("move_airtime", "phone", "hello"),
    ("move_airtime", "amount", "1"),
    ("move_bank", "bank", "77"),
    ("move_bank", "bank", ""),
    ("move_bank", "account", "12"),
    ("move_bank", "account", "=HYPERLINK(1)"),
    ("move_bank", "name", ""),
    ("move_bank", "name", "x" * 10_000),
    ("move_bank_phone", "phone", "12"),
    ("move_bank_phone", "phone", ""),
    ("move_bank_phone", "phone", "=HYPERLINK(1)"),
    ("move_bank_phone", "phone", "🎉"),
    ("move_bank_phone", "phone", "0722123456\x00"),
    ("move_bank_phone", "phone", "7" * 10_000),
    ("move_bank_phone", "name", "x" * 10_000),
    ("move_bank_phone", "note", "y" * 10_000),
    ("move_bank_phone", "amount", "99.99"),
    ("move_bank_phone", "from_account", "ACC9999999"),
    ("move_bill", "account", "12"),
    ("move_bill", "account", "<script>alert(1)</script>"),
    ("move_bill", "amount", "99"),
    ("move_bill", "amount", "35001"),
    ("move_cdsc", "broker", "NOBODY"),
    ("move_cdsc", "cds_number", "0722123456789"),
    ("move_cdsc", "cds_number", "123456-EI"),
    ("move_cdsc", "client_type", "XX"),
    *[(name, "amount", amount) for name in KINDS for amount in
      ("", "NaN", "0", "-1", "1e9", "1000000000", "١٠٠", "100 000", "Infinity", "0x10", "99999999999999999999")],
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "value"), BAD)
def test_bad_input_is_refused_at_its_field_keeps_the_rest_and_changes_nothing(
    browser: Client, sender: Account, fakes: Fakes, name: str, field: str, value: str
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    before = what_was_written()
    status, _location, html = fill(browser, name, sender, **{field: value})
    assert status == 200
    at = "client_type" if value == "123456-EI" else field
    assert f'id="id_{at}_error"' in html
    assert '<a href="#id_' in html, "the summary leads to the field"
    assert "<title>Error: " in html
    assert ">Error: Error" not in html
    assert what_was_written() == before
    for kept, typed in FORMS[name].items():
        if kept != field and typed and kept not in {"bank", "broker", "client_type"}:
            assert f'value="{typed}"' in html, kept


@pytest.mark.parametrize("name", KINDS)
def test_several_problems_are_said_at_once(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    wrong = {"move_bank": "account", "move_bill": "account", "move_cdsc": "cds_number"}.get(name, "phone")
    _status, _location, html = fill(browser, name, sender, **{wrong: "1", "amount": "2000000"})
    assert f'id="id_{wrong}_error"' in html
    assert 'id="id_amount_error"' in html
    assert "can be up to KES" in html


def test_an_amount_the_account_does_not_hold_is_said_beside_a_wrong_number(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    _status, _location, html = fill(browser, "move_mobile", sender, phone="1", amount="13000")
    assert 'id="id_phone_error"' in html
    assert "must stay in a savings account. The fee is KES " in html


@pytest.mark.parametrize(("amount", "why"), [
    ("12,350", "KES 1,000.00 must stay in a savings account."),
    ("14,000", "There is not enough money in this account."),
])  # fmt: skip
def test_what_the_fee_makes_too_much_names_the_fee(
    browser: Client, sender: Account, fakes: Fakes, amount: str, why: str
) -> None:
    _status, _location, html = fill(browser, "move_bank", sender, amount=amount)
    assert f"{why} The fee is KES 150.00: with it you can send up to KES 12,250.00 now." in html
    assert fill(browser, "move_bank", sender, amount="12,250")[0] == 303, "the figure that it names works"


@pytest.mark.parametrize("name", ["move_mobile", "move_bank", "move_bank_phone"])
@pytest.mark.parametrize("said", ["<script>alert(1)</script>", "🎉 Jane 👨‍👩‍👧", "=1+1", '"><img src=x>'])
def test_odd_names_are_shown_as_text(browser: Client, sender: Account, fakes: Fakes, name: str, said: str) -> None:
    fakes[RAIL[name]].receiver = Receiver()
    status, location, html = fill(browser, name, sender, name=said)
    shown = page(browser, location) if status == 303 else html
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_the_new_payee_cap_is_refused_with_what_would_pass(browser: Client, sender: Account, fakes: Fakes) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    posted(browser, "move_bank", sender, amount="60000")
    _status, _location, html = fill(browser, "move_bank", sender, amount="60000")
    assert "To somebody new you can send up to KES 40,000.00" in html
    assert re.search(r"The cap ends (today|tomorrow) at \d\d:\d\d\.", html)


def test_what_is_left_to_a_new_receiver_and_until_when_stands_on_the_review(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    posted(browser, "move_bank", sender, amount="60000")
    first = Payment.objects.get().received_at.astimezone(clock.NAIROBI)
    html = page(browser, address("payment_review", drafted(browser, "move_bank", sender, amount="100")))
    assert "KES 40,000.00" in html
    assert f"The cap ends tomorrow at {first:%H:%M}." in html or f"The cap ends today at {first:%H:%M}." in html


def test_a_number_that_the_other_side_does_not_know_is_refused_at_its_field(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["PESALINK"].receiver = Receiver(refusal="wrong_account")
    _status, _location, html = fill(browser, "move_bank", sender)
    assert re.search(r'id="id_account_error".*does not know this account', html, re.DOTALL)


def test_a_rails_own_bounds_are_kept(browser: Client, sender: Account, fakes: Fakes) -> None:
    from wekeza_portal.rails.base import Limits

    fakes["MPESA"].limits = Limits(Decimal("10.00"), Decimal("3000.00"), whole=True)
    _status, _location, html = fill(browser, "move_mobile", sender, amount="3001")
    assert "up to KES 3,000.00" in html
