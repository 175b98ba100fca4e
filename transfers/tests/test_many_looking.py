"""All that is wrong with a file is said at once: nobody puts it right in rounds."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, User
from tests.factories import AccountFactory, UserFactory
from tests.support import sign_in
from transfers.many import strangers
from transfers.many.reading import COLUMNS
from transfers.models import PaymentFile, SavedPayee
from transfers.selectors import payee_key
from transfers.tests.support import an_account, owner_of, pay
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
NEEDS_NAME = "You never paid this account. Write whose it is"


@pytest.fixture
def payer() -> Account:
    account = an_account("Emmanuel Odenyire", "100000.00")
    UserFactory(customer=owner_of(account))
    return account


@pytest.fixture
def client(payer: Account) -> Client:
    browser = Client()
    sign_in(browser, User.objects.get(customer=payer.customer))
    return browser


def problems(client: Client, payer: str, *lines: str) -> dict[int, str]:
    """What is said of each row; nothing was kept."""
    content = "\n".join([",".join(COLUMNS), *lines]).encode()
    typed = {"from_account": payer, "file": SimpleUploadedFile("wages.csv", content)}
    page = client.post("/move/many/", typed).content.decode()
    assert not PaymentFile.objects.exists()
    found = re.findall(r"<dt>Row (\d+)<.*?<dd class=\"wrap said\">(.*?)</dd>", page, re.S)
    return {int(number): words for number, words in found}


def test_every_fault_of_a_row_is_said_beside_it(client: Client, payer: Account) -> None:
    said = problems(
        client, payer.account_number,
        f"bank,12,77,{'x' * 61},NaN,{'n' * 101}",
        "pesalink,12345,68,,-5,",
        "phone,12,Safaricom,Jane,abc,",
        "cheque,,,,,",
        "bill,12,KPLC_PREPAID,,1e9,",
    )  # fmt: skip
    assert sorted(said) == [2, 3, 4, 5, 6]
    for words in ("Choose the bank from the list.", "6 to 16 digits", "up to 100 characters", "up to 60 characters"):
        assert words in said[2]
    assert "leave bank_or_biller empty" in said[3]
    assert "Enter a Kenyan mobile number" in said[3]
    assert "Enter a Kenyan mobile number" in said[4]
    assert "Choose the network of this number." in said[4]
    assert "The kind must be one of" in said[5]
    for row in said.values():
        assert row.count("Enter an amount in shillings") == 1, "the amount is wrong in each of them"


def test_bounds_and_whole_shillings_are_said_with_the_rest_before_any_name_is_asked(
    client: Client, payer: Account
) -> None:
    said = problems(
        client, payer.account_number,
        "phone,0722123456,,Jane,100.50,",
        "phone,0722123456,,Jane,999999,",
        "wekeza,ACC9999999,,,100,",
        f"wekeza,{payer.account_number},,,100,",
    )  # fmt: skip
    assert "whole shillings only: enter KES 100.00 or KES 101.00." in said[2]
    assert "can be up to" in said[3]
    assert NEEDS_NAME in said[4]
    assert sorted(said) == [2, 3, 4, 5]


def test_rows_are_looked_at_even_where_the_paying_account_is_wrong(client: Client, payer: Account) -> None:
    stranger = an_account("Grace Atieno", "10.00")
    said = problems(client, stranger.account_number, "cheque,,,,1,", "wekeza,ACC9999999,,,100,")
    assert sorted(said) == [2, 3]
    said = problems(client, "", "cheque,,,,1,")
    assert sorted(said) == [2]


def test_who_was_paid_kept_or_is_the_customer_needs_no_name(client: Client, payer: Account) -> None:
    customer = owner_of(payer)
    paid, kept, stranger = (an_account(f"Wanjiku {letter}wangi", "10.00") for letter in "MNO")
    own = AccountFactory(customer=customer)
    pay(payer, paid, "10.00")
    SavedPayee.objects.create(
        customer_id=customer.user_id, kind="WEKEZA", payee_key=payee_key(kept), destination={}, created_at=clock.now()
    )
    for account in (paid, kept, own):
        assert strangers.missing_name(customer, account.account_number, "") == ""
    for number in (stranger.account_number, "ACC9999999"):
        assert NEEDS_NAME in strangers.missing_name(customer, number, "Wanjiku")
        assert strangers.missing_name(customer, number, "Wanjiku Owangi") == "", "whether it fits is asked later"


def test_a_full_file_is_looked_at_with_a_bounded_number_of_questions(
    client: Client, payer: Account, django_assert_max_num_queries: object
) -> None:
    lines = [f"phone,07221234{number:02},,Jane,100.50," for number in range(50)]
    with django_assert_max_num_queries(50 * 12):  # type: ignore[operator]
        assert len(problems(client, payer.account_number, *lines)) == 50
