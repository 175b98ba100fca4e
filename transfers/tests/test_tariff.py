"""The price list: what is in force on a day, what will change, and the page that shows both to everybody."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Fee, FeeBand, Rate
from transfers import pricing
from transfers.tariff import tariff
from transfers.tests.walking import page
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


def today() -> date:
    return clock.today()


def test_every_price_is_the_one_that_a_payment_is_charged() -> None:
    found = tariff(today())
    with translation.override("en"):
        fees = {str(price.title): price.fee for price in found.prices}
    assert fees["To another bank"] == pricing.fee("BANK_TRANSFER", Decimal("500.00"), today()) == Decimal("150.00")
    assert fees["Paying a bill"] == Decimal("50.00")
    assert fees["To a stockbroker"] == Decimal("100.00")
    for band in found.bands:
        assert band.up_to is not None
        quote = pricing.quote("MOBILE_MONEY", band.up_to, today())
        assert (quote.fee, quote.excise) == (band.fee, band.excise)
    assert (found.bands[0].fee, found.bands[-1].fee) == (Decimal("11.00"), Decimal("315.00"))


def test_the_newest_row_that_has_begun_counts_and_one_to_come_is_a_change() -> None:
    tomorrow = today() + timedelta(days=1)
    Fee.objects.create(
        code=Fee.Code.BANK_TRANSFER, amount=Decimal("175.00"), effective_from=tomorrow, created_at=clock.now()
    )
    now, then = tariff(today()), tariff(tomorrow)
    assert Decimal("175.00") not in {price.fee for price in now.prices}
    (change,) = now.changes
    assert (change.on, [price.fee for price in change.prices]) == (tomorrow, [Decimal("175.00")])
    assert (change.bands, change.excise_rate) == ([], None)
    assert Decimal("175.00") in {price.fee for price in then.prices}
    assert then.changes == []


def test_a_new_tariff_of_phones_and_a_new_duty_are_shown_with_their_day() -> None:
    begins = today() + timedelta(days=10)
    FeeBand.objects.create(
        code=FeeBand.Code.MOBILE_MONEY, up_to=Decimal("250000.00"), amount=Decimal("20.00"), effective_from=begins,
        created_at=clock.now(),
    )  # fmt: skip
    Rate.objects.create(
        code=Rate.Code.EXCISE_TRANSFERS, per_cent=Decimal("20.0000"), effective_from=begins, created_at=clock.now()
    )
    (change,) = tariff(today()).changes
    assert [band.fee for band in change.bands] == [Decimal("20.00")]
    assert change.excise_rate == Decimal("20.0000")
    assert change.bands[0].excise == Decimal("3.33"), "by the duty of its own day"
    html = page(Client(), reverse("move_fees"))
    assert "20 per cent" in html
    assert "250,000.00" in html


def test_half_a_list_is_refused_rather_than_shown() -> None:
    with pytest.raises(pricing.NoFee):
        tariff(date(2000, 1, 1))


def test_anybody_may_read_it_and_a_customer_keeps_the_way_back(browser: Client) -> None:
    public = page(Client(), reverse("move_fees"))
    mine = page(browser, reverse("move_fees"))
    for html in (public, mine):
        assert "KES 150.00" in html
        assert "KES 19.57 excise duty inside" in html
        assert '<td class="num">315.00' in html
        assert "None are known" in html
    assert 'class="back"' in mine
    assert 'class="back"' not in public
