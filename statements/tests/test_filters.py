"""The history by what is known of the payments behind it: state, way, payee, words; and what is on its way."""

import re

import pytest
from django.test import Client

from accounts.models import Account, BranchCustomer
from statements import tracing
from statements.tests.support import a_payment_out, signed_in_owner
from tests.factories import AccountFactory, CustomerFactory, TransactionFactory
from transfers.tests.support import an_account, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> tuple[Client, BranchCustomer, Account]:
    return signed_in_owner(balance="20000.00")


def found(client: Client, **asked: str) -> set[str]:
    response = client.get("/view/", asked)
    assert response.status_code == 200
    return set(re.findall(r"/view/movements/([^/\"]+)/", response.content.decode()))


def test_each_state_shows_its_own_rows(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    at_branch = TransactionFactory(account=account).reference_code
    _payment, going = a_payment_out(account, state="UNKNOWN", name="Going")
    _payment, gone = a_payment_out(account, state="SETTLED", name="Gone")
    _payment, back = a_payment_out(account, state="RETURNED", name="Back")
    assert found(client, state="on-its-way") == {going.reference_code}
    assert found(client, state="done") == {at_branch, gone.reference_code}
    returned = found(client, state="returned")
    assert back.reference_code in returned
    assert len(returned) == 2, "the payment and what gave it back"
    assert len(found(client)) == 5


def test_each_way_shows_its_own_rows(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    at_branch = TransactionFactory(account=account).reference_code
    _payment, phone = a_payment_out(account, rail="MPESA")
    _payment, bank = a_payment_out(account, rail="PESALINK")
    pay(account, an_account("Wanjiku Mwangi"))
    assert found(client, rail="branch") == {at_branch}
    assert found(client, rail="MPESA") == {phone.reference_code}
    assert found(client, rail="PESALINK") == {bank.reference_code}
    assert len(found(client, rail="wekeza")) == 1
    assert found(client, rail="MPESA", state="returned") == set()


def test_a_payee_is_chosen_from_those_who_were_paid(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    _payment, row = a_payment_out(account, name="Baraka Shop")
    a_payment_out(account, name="Other Shop")
    a_payment_out(an_account("Stranger"), name="Secret Shop")
    payees = tracing.payees_of(customer)
    assert [payee.label for payee in payees] == ["Baraka Shop 0722 123 456", "Other Shop 0722 123 456"]
    assert found(client, payee=payees[0].value) == {row.reference_code}


def test_what_stands_in_the_address_says_nothing_about_the_payee(owner: tuple[Client, BranchCustomer, Account]) -> None:
    _client, customer, account = owner
    a_payment_out(account)
    payee = tracing.payees_of(customer)[0]
    assert re.fullmatch(r"[0-9a-f]{16}", payee.value)


@pytest.mark.parametrize("field", ["state", "rail", "payee"])
@pytest.mark.parametrize("value", ["nobody", "=1+1", "' OR 1=1", "A" * 10_000, "mobile:Baraka Shop"])
def test_what_is_not_offered_is_refused_and_shows_nothing(
    owner: tuple[Client, BranchCustomer, Account], field: str, value: str
) -> None:
    client, _customer, account = owner
    a_payment_out(account)
    assert found(client, **{field: value}) == set()


@pytest.mark.parametrize("words", ["baraka", "SHOP", "0722 123", "+254722123456", "0722123456", "sugar", "m-pesa"])
def test_words_find_what_the_payer_was_shown(owner: tuple[Client, BranchCustomer, Account], words: str) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(account)
    TransactionFactory(account=account)
    assert row.reference_code in found(client, q=words)


def test_the_rails_own_receipt_finds_its_payment(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(account, state="SETTLED")
    assert found(client, q="rkt7xy12") == {row.reference_code}


def test_the_name_behind_a_masked_one_cannot_be_found_by_trying(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    pay(account, an_account("Wanjiku Mwangi"))
    assert len(found(client, q="WANJIKU M.")) == 1
    assert found(client, q="Mwangi") == set()


def test_what_others_paid_is_never_found(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, _account = owner
    a_payment_out(an_account("Stranger"), name="Their Shop")
    assert found(client, q="Their Shop") == set()
    assert found(client, state="on-its-way") == set()


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "🎉", "=HYPERLINK(", "<script>", "١٢٣"])
def test_odd_words_are_only_words(owner: tuple[Client, BranchCustomer, Account], words: str) -> None:
    client, _customer, account = owner
    a_payment_out(account)
    response = client.get("/view/", {"q": words})
    assert response.status_code == 200
    assert "<script>" not in re.sub(r"<script[^>]+>", "", response.content.decode())


def test_what_is_on_its_way_stands_apart_with_its_state(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    assert "On their way" not in client.get("/view/").content.decode()
    going, _row = a_payment_out(account, state="SENT")
    a_payment_out(account, state="SETTLED", name="Arrived")
    a_payment_out(an_account("Stranger"))
    text = client.get("/view/").content.decode()
    assert "On their way" in text
    assert f"/move/payments/{going.pk}/" in text
    assert [one.payment_id for one in tracing.on_their_way(customer)] == [going.pk]


def test_a_movement_leads_to_its_receipt_and_to_paying_again(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    payment, row = a_payment_out(account)
    text = client.get(f"/view/movements/{row.reference_code}/").content.decode()
    assert f'href="/move/payments/{payment.pk}/"' in text
    assert f'href="/move/mobile/?like={payment.pk}"' in text


def test_the_receiver_of_a_transfer_gets_neither(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    sender = an_account("Wanjiku Mwangi")
    instruction = pay(sender, account)
    reference = found(client).pop()
    text = client.get(f"/view/movements/{reference}/").content.decode()
    assert str(instruction.pk) not in text
    assert "Pay again" not in text


def test_somebody_with_two_accounts_sees_both(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    second = AccountFactory(customer=customer)
    rows = {a_payment_out(each)[1].reference_code for each in (account, second)}
    assert found(client, state="on-its-way") == rows
    assert found(client, state="on-its-way", account=second.account_number) < rows


def test_a_customer_who_paid_nobody_is_not_asked_whom() -> None:
    assert tracing.payees_of(CustomerFactory()) == []
