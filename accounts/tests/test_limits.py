"""Which limit is in force, what is left of it, and when its day and month turn in Nairobi."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from accounts import limits
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Limit, LimitUsage
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

D = Decimal
TODAY = date(2026, 11, 23)


@pytest.fixture
def customer() -> BranchCustomer:
    return CustomerFactory(kyc_tier="TIER_2")


def take(customer: BranchCustomer, amount: str, *, on: date = TODAY, stepped_up: bool = True) -> None:
    @money_operation
    def run() -> None:
        limits.take(customer, D(amount), on=on, stepped_up=stepped_up)

    run()


@pytest.mark.parametrize("tier", ["TIER_1", "TIER_2", "TIER_3"])
def test_every_tier_starts_with_the_requirements_limits(tier: str) -> None:
    assert limits.value(Limit.Code.DAILY_OUT, tier=tier, on=TODAY) == D("500000")
    assert limits.value(Limit.Code.MONTHLY_OUT, tier=tier, on=TODAY) == D("2000000")
    assert limits.value(Limit.Code.SAVINGS_MINIMUM, tier=tier, on=TODAY) == D("1000")


def test_a_new_row_supersedes_from_its_day_on() -> None:
    Limit.objects.create(code="DAILY_OUT", kyc_tier="TIER_1", value=D("100"), effective_from=date(2026, 12, 1))
    assert limits.value("DAILY_OUT", tier="TIER_1", on=date(2026, 11, 30)) == D("500000")
    assert limits.value("DAILY_OUT", tier="TIER_1", on=date(2026, 12, 1)) == D("100")
    assert limits.value("DAILY_OUT", tier="TIER_2", on=date(2026, 12, 1)) == D("500000")


def test_a_missing_limit_stops_money_instead_of_letting_it_through(customer: BranchCustomer) -> None:
    Limit.objects.filter(code="DAILY_OUT").delete()
    with pytest.raises(LookupError, match="DAILY_OUT"):
        take(customer, "1.00")


def test_the_last_cent_passes_and_the_next_does_not(customer: BranchCustomer) -> None:
    take(customer, "499999.99")
    with pytest.raises(limits.DailyLimitExceeded) as refused:
        take(customer, "0.02")
    assert refused.value.left == D("0.01")
    assert "KES 0.01" in str(refused.value)
    assert "KES 500,000.00" in str(refused.value)
    take(customer, "0.01")
    assert limits.room(customer, TODAY).left == 0


def test_a_refusal_counts_nothing(customer: BranchCustomer) -> None:
    with pytest.raises(limits.DailyLimitExceeded):
        take(customer, "500000.01")
    assert not LimitUsage.objects.filter(used__gt=0).exists()


def test_the_month_binds_when_the_days_would_not(customer: BranchCustomer) -> None:
    for day in (2, 3, 4, 5):
        take(customer, "500000.00", on=date(2026, 11, day))
    with pytest.raises(limits.MonthlyLimitExceeded) as refused:
        take(customer, "1.00", on=date(2026, 11, 6))
    assert refused.value.left == 0
    take(customer, "1.00", on=date(2026, 12, 1))


def test_the_room_left_follows_nairobis_midnight(customer: BranchCustomer) -> None:
    take(customer, "500000.00", on=date(2026, 11, 30))
    with time_machine.travel("2026-11-30T20:59:59Z", tick=False):
        assert limits.room(customer).daily_left == 0
        assert limits.room(customer).monthly_left == D("1500000")
    with time_machine.travel("2026-11-30T21:00:00Z", tick=False):
        assert limits.room(customer).daily_left == D("500000")
        assert limits.room(customer).monthly_left == D("2000000")


def test_one_customers_use_leaves_another_alone(customer: BranchCustomer) -> None:
    take(customer, "500000.00")
    assert limits.room(CustomerFactory(), TODAY).daily_left == D("500000")


def test_the_allowance_asks_for_a_code_and_a_code_leaves_it_untouched(customer: BranchCustomer) -> None:
    take(customer, "20000.00", stepped_up=False)
    with pytest.raises(limits.AllowanceExceeded):
        take(customer, "0.01", stepped_up=False)
    take(customer, "300000.00", stepped_up=True)
    assert limits.used(customer, Limit.Code.STEP_UP_ALLOWANCE, TODAY) == D("20000")


def test_giving_back_never_goes_below_nothing(customer: BranchCustomer) -> None:
    take(customer, "100.00")

    @money_operation
    def give_back() -> None:
        limits.give_back(customer.user_id, D("150.00"), on=TODAY)

    give_back()
    assert limits.used(customer, Limit.Code.DAILY_OUT, TODAY) == 0
