"""What the review of a file says of each row: the kind, where it goes, and how many names are not as typed."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.models import Account
from transfers.tests.outside import FakeRail
from transfers.tests.test_many import client, friends, line, payer, uploaded
from wekeza_portal.rails.base import Receiver

__all__ = ["client", "friends", "payer"]
pytestmark = pytest.mark.django_db(transaction=True)
Fakes = dict[str, FakeRail]


def words_of(client: Client, address: str) -> str:
    html = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(html)))


def test_each_row_says_its_kind_and_where_it_goes(
    client: Client, payer: Account, friends: list[Account], fakes: Fakes
) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    fakes["PESALINK"].receiver = Receiver("SOMEBODY ELSE")
    file = uploaded(
        client, payer,
        line(friends[0].account_number),
        line("14123456789", "500", "bill", "KPLC_PREPAID", name="JANE WANJIKU"),
        line("1102345678", "500", "bank", "01"),
        line("0722123456", "500", "phone", name="Mama Njeri"),
        line("0733123456", "100", "airtime", name="JANE WANJIKU"),
    )  # fmt: skip
    assert file.state == "READY", list(file.rows.values_list("problem", flat=True))
    said = words_of(client, f"/move/many/{file.id}/")
    for part in (
        "To a Wekeza account",
        "Bill: Kenya Power prepaid (tokens)",
        "To another bank: KCB",
        "To a phone: M-Pesa",
        "Airtime: Airtel airtime",
    ):
        assert part in said
    assert "differs from what you typed" not in said


@pytest.mark.parametrize(
    ("numbers", "words"), [(1, "1 name differs from what you typed"), (2, "2 names differ from what you typed")]
)
def test_names_that_are_not_as_typed_are_counted_above_the_button(
    client: Client, payer: Account, friends: list[Account], fakes: Fakes, numbers: int, words: str
) -> None:
    fakes["PESALINK"].receiver = Receiver("JANE WAMBUI")
    others = [line(f"110234567{end}", "500", "bank", "01") for end in range(numbers)]
    file = uploaded(client, payer, *others, line(friends[0].account_number))
    assert file.state == "READY", [file.problem, *file.rows.values_list("problem", flat=True)]
    said = words_of(client, f"/move/many/{file.id}/")
    assert said.index(words) < said.index(f"Pay KES {file.total:,.2f} in {numbers + 1} payments (KES")


def test_a_row_that_is_wrong_says_what_was_typed(client: Client, payer: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = Receiver(refusal="no_account")
    file = uploaded(client, payer, line("1102345678", "500", "bank", "01"))
    assert file.state == "FAULTY"
    assert "bank 1102345678" in words_of(client, f"/move/many/{file.id}/")
