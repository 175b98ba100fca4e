"""Some rails say only afterwards who was paid: that name is shown, confirms a payee, and stops one that changed."""

import csv
import io
import subprocess
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction, User
from transfers import destinations
from transfers.errors import NameChanged
from transfers.models import Payment, SavedPayee, StandingOrder, StandingRun
from transfers.outside import working
from transfers.outside.preparing import Wish
from transfers.payees import keeping, selectors
from transfers.standing import paying, reasons, setting
from transfers.standing import what as whats
from transfers.tests.outside import REFUSED, FakeRail, drafted, ended, fill
from transfers.tests.standing import confirm as set_up
from transfers.tests.standing import plan
from transfers.tests.support import an_account, as_actor, balance, confirm_unasked, owner_of
from transfers.tests.walking import page
from wekeza_portal.rails.base import Outcome, Status

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "95000.00")


def arrived(name: str) -> Outcome:
    return Outcome(Status.PAID, receipt="SKQ4XYZ123", name=name)


def sent(browser: Client, sender: Account, fakes: dict[str, FakeRail], name: str, amount: str = "100") -> Instruction:
    """A payment that M-Pesa says it gave to `name`; the customer wrote Jane Wambui."""
    return ended(browser, "move_mobile", sender, fakes["MPESA"], arrived(name), amount=amount)


def kept(browser: Client, paid: Instruction) -> SavedPayee:
    browser.post(reverse("payment_keep", args=[paid.id]))
    return SavedPayee.objects.get()


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def test_the_receipt_says_both_names_where_they_differ(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    paid = sent(browser, sender, fakes, "JOHN KAMAU")
    html = page(browser, reverse("payment_receipt", args=[paid.id]))
    assert "arrived at JOHN KAMAU" in html
    assert "Name that M-Pesa gave" in html
    assert "Jane Wambui" in html
    paper = text_of(browser.get(reverse("payment_receipt_pdf", args=[paid.id])).content)
    assert "Name that M-Pesa gave" in paper
    assert "JOHN KAMAU" in paper
    assert "Jane Wambui" in paper


@pytest.mark.parametrize(("name", "said"), [("", "0722 123 456"), ("JANE  WAMBUI", "Jane Wambui")])
def test_the_same_name_or_none_is_said_once(
    browser: Client, sender: Account, fakes: dict[str, FakeRail], name: str, said: str
) -> None:
    paid = sent(browser, sender, fakes, name)
    html = page(browser, reverse("payment_receipt", args=[paid.id]))
    assert f"arrived at {said}" in html, "a name only where somebody else than the payer said it"
    assert "Name that M-Pesa gave" not in html


def test_what_did_not_arrive_names_nobody_else(browser: Client, sender: Account, fakes: dict[str, FakeRail]) -> None:
    refused = Outcome(Status.REFUSED, code="2040", customer="not_registered", name="JOHN KAMAU")
    paid = ended(browser, "move_mobile", sender, fakes["MPESA"], refused)
    assert "JOHN KAMAU" not in page(browser, reverse("payment_receipt", args=[paid.id]))


def test_the_history_and_its_export_say_both_and_find_either(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    sent(browser, sender, fakes, "JOHN KAMAU")
    for word in ("kamau", "wambui"):
        answer = browser.get(reverse("history_csv"), {"q": word})
        lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
        assert any("JOHN KAMAU (Jane Wambui)" in cell for line in lines for cell in line), lines


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "<script>alert(1)</script>", "x" * 500, "a\u202eb"])
def test_an_odd_name_from_a_rail_is_only_text(
    browser: Client, sender: Account, fakes: dict[str, FakeRail], name: str
) -> None:
    paid = sent(browser, sender, fakes, name)
    html = page(browser, reverse("payment_receipt", args=[paid.id]))
    assert "<script>alert(1)" not in html
    kept(browser, paid)
    assert "<script>alert(1)" not in page(browser, reverse("payees"))
    assert browser.get(reverse("payment_receipt_pdf", args=[paid.id])).status_code == 200


def test_a_payee_kept_from_such_a_receipt_has_the_name_that_was_said(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    row = kept(browser, sent(browser, sender, fakes, "JOHN KAMAU"))
    assert (row.confirmed_name, row.confirmed_at) == ("JOHN KAMAU", row.created_at)
    assert "JOHN KAMAU" in page(browser, reverse("payees"))
    assert 'value="JOHN KAMAU"' in page(browser, f"/move/mobile/?payee={row.id}")


def test_the_first_arrival_confirms_a_payee_kept_before(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    row = kept(browser, sent(browser, sender, fakes, ""))
    assert row.confirmed_name == ""
    sent(browser, sender, fakes, "JOHN KAMAU", "200")
    row.refresh_from_db()
    assert (row.confirmed_name, row.renamed_to) == ("JOHN KAMAU", "")
    assert row.confirmed_at is not None
    sent(browser, sender, fakes, "John  Kamau", "300")
    row.refresh_from_db()
    assert row.renamed_to == ""


def test_another_name_at_arrival_stops_the_next_payment(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    row = kept(browser, sent(browser, sender, fakes, "JANE  WAMBUI NJERI"))
    late = drafted(browser, "move_mobile", sender, amount="300")
    sent(browser, sender, fakes, "JOHN KAMAU", "200")
    opening = balance(sender)
    status, _location, html = fill(browser, "move_mobile", sender, amount="400")
    assert status == 200
    assert "is now JOHN KAMAU" in html
    with pytest.raises(NameChanged):
        confirm_unasked(late)
    assert balance(sender) == opening
    html = page(browser, reverse("payee", args=[row.id]))
    assert "Name at the last payment" in html
    assert "JOHN KAMAU" in html


def test_removed_and_kept_again_it_is_paid_under_the_new_name(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    row = kept(browser, sent(browser, sender, fakes, "JANE WAMBUI NJERI"))
    again = sent(browser, sender, fakes, "JOHN KAMAU", "200")
    keeping.remove(owner_of(sender), row.id, as_actor(owner_of(sender)))
    assert kept(browser, again).confirmed_name == "JOHN KAMAU"
    sent(browser, sender, fakes, "JOHN KAMAU", "300")
    assert SavedPayee.objects.get().renamed_to == ""


def test_a_standing_order_stops_too_and_says_why(
    browser: Client, user: User, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    kept(browser, sent(browser, sender, fakes, "JANE WAMBUI NJERI"))
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_phone("0722123456", "MPESA"), D("500"), "", "Jane Wambui")
    order = set_up(setting.prepare(customer, whats.payment(customer, wish, actor=as_actor(customer)), plan()), sender)
    sent(browser, sender, fakes, "JOHN KAMAU", "200")
    StandingOrder.objects.filter(pk=order.pk).update(next_due=order.created_at.date())
    paying.pay_due(order.created_at.date())
    run = StandingRun.objects.get()
    assert (run.state, run.reason) == ("WAITING", reasons.RECEIVER)


def test_somebody_elses_payee_keeps_its_name(
    browser: Client, sender: Account, receiver: Account, fakes: dict[str, FakeRail]
) -> None:
    row = kept(browser, sent(browser, sender, fakes, "JANE WAMBUI NJERI"))
    SavedPayee.objects.filter(pk=row.pk).update(customer_id=owner_of(receiver).user_id)
    sent(browser, sender, fakes, "JOHN KAMAU", "200")
    assert SavedPayee.objects.get().renamed_to == ""


def test_paid_four_times_counts_what_arrived(browser: Client, sender: Account, fakes: dict[str, FakeRail]) -> None:
    row = kept(browser, sent(browser, sender, fakes, "JANE WAMBUI"))
    ended(browser, "move_mobile", sender, fakes["MPESA"], REFUSED, amount="200")
    assert Payment.objects.filter(state="RETURNED").count() == 1
    shown = selectors.shown(owner_of(sender), row)
    assert shown.times == 1
    assert "Paid once" in page(browser, reverse("payees"))
    assert working.work() == 0
