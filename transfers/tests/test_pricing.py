"""What payments cost: every edge of the tariff, the duty inside, and that a missing price stops money."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Fee, FeeBand, Rate
from transfers.destinations import Kind
from transfers.pricing import NoFee, excise_inside, quote, tariff

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
# The tariff the bank publishes. Amount, fee: each band's upper edge and the first cent above it.
EDGES = [
    ("10", "11"), ("100", "11"), ("100.01", "22"), ("500", "22"), ("500.01", "29"), ("1000", "29"), ("1000.01", "29"),
    ("1500", "29"), ("1500.01", "44"), ("2500", "44"), ("2500.01", "56"), ("3500", "56"), ("3500.01", "75"),
    ("5000", "75"), ("5000.01", "87"), ("7500", "87"), ("7500.01", "115"), ("10000", "115"), ("10000.01", "167"),
    ("15000", "167"), ("15000.01", "185"), ("20000", "185"), ("20000.01", "197"), ("35000", "197"),
    ("35000.01", "278"), ("50000", "278"), ("50000.01", "315"), ("150000", "315"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "fee"), EDGES)
def test_each_edge_of_the_mobile_tariff(amount: str, fee: str) -> None:
    price = quote(Kind.MOBILE_MONEY, Decimal(amount), TODAY)
    assert price.fee == Decimal(fee)
    assert price.total == Decimal(amount) + Decimal(fee)


def test_an_amount_above_the_highest_band_has_no_price() -> None:
    with pytest.raises(NoFee):
        quote(Kind.MOBILE_MONEY, Decimal("150000.01"), TODAY)


@pytest.mark.parametrize(
    ("kind", "fee", "excise"),
    [
        (Kind.BANK_TRANSFER, "150.00", "19.57"),
        (Kind.BANK_BY_PHONE, "150.00", "19.57"),
        (Kind.BILL_PAYMENT, "50.00", "6.52"),
        (Kind.CDSC_TRANSFER, "100.00", "13.04"),
        (Kind.AIRTIME, "0.00", "0.00"),
    ],
)
def test_the_flat_fees_of_the_requirement_with_the_duty_inside(kind: Kind, fee: str, excise: str) -> None:
    price = quote(kind, Decimal("5000.00"), TODAY)
    assert (price.fee, price.excise) == (Decimal(fee), Decimal(excise))


@pytest.mark.parametrize(("fee", "excise"), [("11", "1.43"), ("50", "6.52"), ("100", "13.04"), ("315", "41.09")])
def test_the_duty_inside_a_fee_by_the_sources_own_values(fee: str, excise: str) -> None:
    assert excise_inside(Decimal(fee), Decimal("15")) == Decimal(excise)


@given(fee=st.decimals("0", "1000", places=2), rate=st.decimals("0", "50", places=4))
def test_the_duty_is_never_below_zero_nor_all_of_the_fee(fee: Decimal, rate: Decimal) -> None:
    excise = excise_inside(fee, rate)
    assert Decimal(0) <= excise
    assert excise < fee or fee == excise == 0
    assert excise.as_tuple().exponent == -2


def test_a_new_tariff_replaces_the_whole_of_the_old_one_from_its_day() -> None:
    begins = date(2027, 1, 1)
    FeeBand.objects.create(code="MOBILE_MONEY", effective_from=begins, up_to="150000.00", amount="20.00")
    assert quote(Kind.MOBILE_MONEY, Decimal("100"), date(2026, 12, 31)).fee == Decimal("11.00")
    assert quote(Kind.MOBILE_MONEY, Decimal("100"), begins).fee == Decimal("20.00")
    assert [band.amount for band in tariff(begins)] == [Decimal("20.00")]


def test_a_quote_names_the_row_it_used() -> None:
    band = FeeBand.objects.get(code="MOBILE_MONEY", up_to="500.00")
    assert quote(Kind.MOBILE_MONEY, Decimal("300"), TODAY).row_id == band.pk
    flat = Fee.objects.get(code="BANK_TRANSFER")
    assert quote(Kind.BANK_TRANSFER, Decimal("300"), TODAY).row_id == flat.pk


@pytest.mark.parametrize("missing", [Fee, Rate])
def test_a_missing_price_stops_money_instead_of_making_it_free(missing: type[Fee] | type[Rate]) -> None:
    missing.objects.all().delete()
    with pytest.raises(NoFee):
        quote(Kind.BANK_TRANSFER, Decimal("300"), TODAY)
