"""Parsing, rounding, splitting and printing shillings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wekeza_portal import money

cents = st.integers(min_value=1, max_value=999_999_999_999_999).map(lambda n: Decimal(n) / 100)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1500", "1500.00"),
        ("1500.5", "1500.50"),
        ("1,500.50", "1500.50"),
        ("1,000,000", "1000000.00"),
        (" 20 ", "20.00"),
        ("0.01", "0.01"),
        ("9999999999999.99", "9999999999999.99"),
        ("007", "7.00"),
        ("KES 5", "5.00"),
        ("KES 1,000", "1000.00"),
        ("Ksh 1,500.50", "1500.50"),
        (" ksh 20 ", "20.00"),
        ("KES1000", "1000.00"),
    ],
)
def test_it_reads_what_people_type(typed: str, amount: str) -> None:
    parsed = money.parse_amount(typed)
    assert str(parsed) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "0", "0.00", "-1", "-0", "+5", "0.001", "NaN", "nan", "Infinity", "-Infinity", "1e2", "1E5", "1_000",
        "١٢٣", "１００", "1,00", "1,0000", ",100", "1.000,00", "1 000", "10^15", "1000000000000000",
        "99999999999999", "9" * 10_000, "1\x00", "\x001", "\u200f100", "100\u202e", "KES", "KES ", "KES KES 5",
        "KES -5", "KES  5", "KES 1e3", "USD 5", "KESH 5", "5 KES", "5/-", "ten", ".", ".5",
        "5.", "1..2", "0x10", "1\n2", "=1+1", "'; DROP TABLE accounts; --",
    ],
)  # fmt: skip
def test_it_refuses_what_is_not_an_amount(typed: str) -> None:
    with pytest.raises(money.InvalidAmount) as refused:
        money.parse_amount(typed)
    assert str(refused.value)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("0", money.AmountTooSmall),
        ("KES 0", money.AmountTooSmall),
        ("1 000", money.AmountHasSpaces),
        ("1 000 000.50", money.AmountHasSpaces),
        ("KES 1\u00a0000", money.AmountHasSpaces),
        ("0.001", money.AmountTooPrecise),
        ("10.999", money.AmountTooPrecise),
        ("1000000000000000", money.AmountTooLarge),
    ],
)
def test_it_says_what_is_wrong(typed: str, kind: type[money.InvalidAmount]) -> None:
    with pytest.raises(kind):
        money.parse_amount(typed)


@given(cents)
def test_every_amount_is_read_back_from_its_printed_form(amount: Decimal) -> None:
    printed = money.format_kes(amount.quantize(money.CENT))
    if amount <= money.LARGEST:
        assert money.parse_amount(printed) == amount
        assert money.parse_amount(printed.removeprefix("KES ")) == amount


@given(cents, st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=12).filter(any))
def test_split_parts_always_add_up(total: Decimal, weights: list[int]) -> None:
    parts = money.split(total, [Decimal(weight) for weight in weights])
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_split_gives_the_odd_cents_to_the_largest_remainders_first() -> None:
    assert money.split(Decimal("100.00"), [Decimal(1)] * 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert money.split(Decimal("-0.05"), [Decimal(1), Decimal(1)]) == [Decimal("-0.03"), Decimal("-0.02")]


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(1), Decimal(-1)]])
def test_split_refuses_meaningless_weights(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.split(Decimal("1.00"), weights)


def test_halves_are_rounded_away_from_zero() -> None:
    assert money.round_half_up(Decimal("0.005")) == Decimal("0.01")
    assert money.round_half_up(Decimal("2.675")) == Decimal("2.68")
    assert money.round_half_up(Decimal("-0.005")) == Decimal("-0.01")


@pytest.mark.parametrize("wrong", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), 1, "1.00"])
def test_exact_never_loses_a_cent(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"places|exact"):
        money.exact(wrong)


def test_it_prints_negative_amounts_with_the_sign_in_front() -> None:
    assert money.format_kes(Decimal("-1234.5")) == "-KES 1,234.50"
    assert money.format_kes(Decimal("0")) == "KES 0.00"
