"""To another bank PesaLink carries what it carries: for more, the page says what to do, and nothing pretends."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction, Limit
from transfers.tests.outside import FakeRail, fill
from transfers.tests.support import an_account
from transfers.tests.walking import page
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "5000000.00")


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_says_where_larger_amounts_go_and_with_what_papers(
    browser: Client, fakes: dict[str, FakeRail]
) -> None:
    said = text(page(browser, reverse("move_bank")))
    assert "Online you can send up to KES 500,000.00 a day. For more, go to a branch" in said
    assert "999,999" not in said, "no more in one payment than in a day"
    for words in ("go to a branch", "RTGS is not offered online", "your national ID", "invoice", "working days only"):
        assert words in said, words


def test_the_figures_are_the_banks_own_even_where_the_customer_has_less(
    browser: Client, fakes: dict[str, FakeRail]
) -> None:
    browser.post(reverse("own_limits"), {"daily": "1000", "monthly": ""})
    assert "up to KES 500,000.00 a day" in text(page(browser, reverse("move_bank")))


def test_where_a_day_allows_more_both_figures_are_said(browser: Client, fakes: dict[str, FakeRail]) -> None:
    Limit.objects.filter(code="DAILY_OUT").update(value=2_000_000)
    said = text(page(browser, reverse("move_bank")))
    assert "up to KES 2,000,000.00 a day, and up to KES 999,999.00 in one payment to another bank. For more" in said


def test_the_largest_payment_is_the_same_on_the_form_and_on_the_page_of_the_limits(
    browser: Client, fakes: dict[str, FakeRail]
) -> None:
    for daily, most in ((None, "500,000.00"), ("60000", "60,000.00")):
        if daily:
            browser.post(reverse("own_limits"), {"daily": daily, "monthly": ""})
        limits = text(page(browser, reverse("own_limits")))
        for name, words in (("move_bank", "To another bank"), ("move_cdsc", "To a stockbroker")):
            said = re.search(
                r"One payment can be from (KES [\d,.]+) to (KES [\d,]+\.\d\d) ?\.", text(page(browser, reverse(name)))
            )
            assert said is not None
            assert said[2] == f"KES {most}"
            assert f"{words} {said[1]} to {said[2]}" in limits


@pytest.mark.parametrize("name", ["move_mobile", "move_airtime", "move_cdsc"])
def test_other_pages_speak_of_no_rtgs(browser: Client, fakes: dict[str, FakeRail], name: str) -> None:
    assert "RTGS" not in page(browser, reverse(name))


@pytest.mark.parametrize("amount", ["999,999.01", "1,000,000", "5,000,000"])
def test_more_than_pesalink_carries_is_refused_and_names_the_branch(
    browser: Client, sender: Account, fakes: dict[str, FakeRail], amount: str
) -> None:
    for tier in ("TIER_1", "TIER_2", "TIER_3"):
        Limit.objects.bulk_create(
            [Limit(code="DAILY_OUT", kyc_tier=tier, value=9_000_000, effective_from=clock.today())]
        )
    status, _where, html = fill(browser, "move_bank", sender, amount=amount)
    assert status == 200
    assert "can be up to KES 999,999.00. A branch can send more at once, by RTGS." in html
    assert not Instruction.objects.exists()


def test_another_kind_above_its_bound_keeps_its_own_words(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    _status, _where, html = fill(browser, "move_mobile", sender, amount="150001")
    assert "You can send the rest in a second one." in html
    assert "RTGS" not in html
