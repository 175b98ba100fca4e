"""Limits of one's own: lower at once, higher after a code and a wait, never above the bank's, held by the ledger."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts import instructions, limits
from accounts.ledger import Receipt
from accounts.models import Account, AccountTerms, BranchCustomer, Instruction, Limit, OwnLimit
from accounts.ownlimits import changing
from tests.factories import AccountFactory, CustomerFactory
from tests.payments import pay
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db

D = Decimal
DAILY, MONTHLY = Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT
DAY = timedelta(hours=24)


def a_payer(balance: str = "900000.00") -> Account:
    account: Account = AccountFactory(balance=D(balance), customer=CustomerFactory(kyc_tier="TIER_2"))
    AccountTerms.objects.create(account_id=account.account_id, kind=AccountTerms.Kind.CURRENT)
    return account


def owner_of(account: Account) -> BranchCustomer:
    assert account.customer is not None
    return account.customer


@pytest.fixture
def payer() -> Account:
    return a_payer()


@pytest.fixture
def me(payer: Account) -> BranchCustomer:
    return owner_of(payer)


@pytest.fixture
def receiver() -> Account:
    return a_payer("0.00")


def actor_of(customer: BranchCustomer) -> Actor:
    return Actor(kind="customer", id="1", customer_id=customer.user_id)


def change(customer: BranchCustomer, **figures: str | None) -> Instruction | None:
    """change(me, daily="5000", monthly=None)."""
    codes = {"daily": DAILY, "monthly": MONTHLY}
    wanted = {codes[name]: D(figure) if figure else None for name, figure in figures.items()}
    return changing.change(customer=customer, wanted=wanted, actor=actor_of(customer))


def give_code(act: Instruction | None) -> None:
    assert act is not None
    instructions.approve(customer=act.customer, instruction_id=act.id)
    instructions.carry_out(customer=act.customer, instruction_id=act.id, actor=actor_of(act.customer))


def figure(customer: BranchCustomer, code: str = DAILY) -> Decimal:
    return limits.figures_for(customer, [code], clock.today())[code]


def test_a_lower_limit_counts_at_once_without_a_code(me: BranchCustomer, payer: Account, receiver: Account) -> None:
    assert change(me, daily="5000.00") is None
    assert figure(me) == D("5000.00")
    with pytest.raises(limits.DailyLimitExceeded) as refused:
        pay(payer, receiver, D("5000.01"))
    assert (refused.value.left, refused.value.is_own) == (D("5000.00"), True)
    assert "You set your daily limit to KES 5,000.00" in str(refused.value)
    assert isinstance(pay(payer, receiver, D("5000.00")), Receipt)
    with pytest.raises(limits.DailyLimitExceeded):
        pay(payer, receiver, D("0.01"))


def test_the_month_has_a_limit_of_its_own(me: BranchCustomer, payer: Account, receiver: Account) -> None:
    change(me, daily=None, monthly="7000.00")
    pay(payer, receiver, D("7000.00"))
    with pytest.raises(limits.MonthlyLimitExceeded) as refused:
        pay(payer, receiver, D("1.00"))
    assert "You set your monthly limit to KES 7,000.00" in str(refused.value)


def test_the_banks_limit_is_named_where_it_is_the_lower_one(
    me: BranchCustomer, payer: Account, receiver: Account
) -> None:
    change(me, daily="500000.00")
    with pytest.raises(limits.DailyLimitExceeded) as refused:
        pay(payer, receiver, D("500000.01"))
    assert str(refused.value) == "You can send up to KES 500,000.00 today. Your daily limit is KES 500,000.00."


def test_between_own_accounts_no_limit_counts(me: BranchCustomer, payer: Account) -> None:
    change(me, daily="1.00", monthly="1.00")
    other = AccountFactory(customer=me, balance=D("0.00"))
    assert isinstance(pay(payer, other, D("800000.00"), kind="TRANSFER_OWN"), Receipt)  # type: ignore[arg-type]


def test_lower_than_what_was_sent_already_leaves_nothing(me: BranchCustomer, payer: Account, receiver: Account) -> None:
    pay(payer, receiver, D("9000.00"))
    change(me, daily="100.00")
    assert limits.room(me).daily_left == 0
    with pytest.raises(limits.DailyLimitExceeded) as refused:
        pay(payer, receiver, D("0.01"))
    assert refused.value.left == 0


def test_another_customer_keeps_the_banks_limit(me: BranchCustomer) -> None:
    change(me, daily="100.00", monthly="100.00")
    stranger = CustomerFactory()
    assert (figure(stranger), figure(stranger, MONTHLY)) == (D("500000.00"), D("2000000.00"))
    assert not limits.room(stranger).own


def test_higher_needs_a_code_and_then_a_day(me: BranchCustomer, payer: Account, receiver: Account) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        act = change(me, daily="9000.00")
        assert act is not None
        with pytest.raises(instructions.StepUpRequired):
            instructions.carry_out(customer=me, instruction_id=act.id, actor=actor_of(me))
        assert not OwnLimit.objects.get(code=DAILY).waits(clock.now())
        give_code(act)
        time.move_to("2026-11-21T08:59:59+03:00")
        with pytest.raises(limits.DailyLimitExceeded):
            pay(payer, receiver, D("5000.01"))
        time.move_to("2026-11-21T09:00:00+03:00")
        pay(payer, receiver, D("9000.00"))
        with pytest.raises(limits.DailyLimitExceeded):
            pay(payer, receiver, D("0.01"))


def test_giving_up_the_own_limit_waits_like_raising_it(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        give_code(change(me, daily=None))
        assert figure(me) == D("5000.00")
        time.shift(DAY)
        assert figure(me) == D("500000.00")
        assert not limits.room(me).own


def test_how_long_it_waits_is_the_banks_figure(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False):
        Limit.objects.bulk_create([Limit(code="OWN_LIMIT_HOURS", value=D("48"), effective_from=date(2026, 11, 20))])
        change(me, daily="5000.00")
        give_code(change(me, daily="6000.00"))
        row = OwnLimit.objects.get(code=DAILY)
        assert row.next_at == clock.now() + timedelta(hours=48)


def test_never_above_the_bank(me: BranchCustomer) -> None:
    for wanted in ("500000.01", "9999999999999.99"):
        with pytest.raises(changing.AboveTheBanks, match="s limit is KES"):
            change(me, daily=wanted, monthly="100.00")
    assert not OwnLimit.objects.exists(), "the other one was not lowered either"


def test_a_raise_is_refused_where_the_bank_went_below_it(me: BranchCustomer) -> None:
    change(me, daily="5000.00")
    act = change(me, daily="90000.00")
    Limit.objects.bulk_create([Limit(code=DAILY, kyc_tier="TIER_2", value=D("50000"), effective_from=clock.today())])
    with pytest.raises(changing.AboveTheBanks):
        give_code(act)
    assert OwnLimit.objects.get(code=DAILY).next_at is None


def test_the_bank_tightening_its_own_limit_binds_above_the_customers(me: BranchCustomer) -> None:
    change(me, daily="90000.00")
    Limit.objects.bulk_create([Limit(code=DAILY, kyc_tier="TIER_2", value=D("50000"), effective_from=clock.today())])
    assert figure(me) == D("50000.00")
    assert not limits.room(me).own


def test_one_is_lowered_at_once_while_the_other_waits_for_its_code(me: BranchCustomer) -> None:
    change(me, daily="5000.00", monthly="50000.00")
    act = change(me, daily="9000.00", monthly="40000.00")
    assert act is not None
    assert act.payload == {"before": {DAILY: "5000.00"}, "to": {DAILY: "9000.00"}}
    assert (figure(me), figure(me, MONTHLY)) == (D("5000.00"), D("40000.00"))


def test_the_same_figure_changes_nothing_and_lets_a_raise_wait_on(me: BranchCustomer) -> None:
    change(me, daily="5000.00")
    give_code(change(me, daily="9000.00"))
    assert change(me, daily="5000.00", monthly=None) is None
    assert OwnLimit.objects.get(code=DAILY).waits(clock.now())


def test_lowering_gives_up_a_raise_that_waits(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        give_code(change(me, daily="9000.00"))
        change(me, daily="4000.00")
        time.shift(DAY * 2)
        assert figure(me) == D("4000.00")


def test_a_raise_is_called_off_once(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        give_code(change(me, daily="9000.00"))
        assert changing.keep(customer=me, code=DAILY, actor=actor_of(me))
        assert not changing.keep(customer=me, code=DAILY, actor=actor_of(me))
        assert not changing.keep(customer=me, code=MONTHLY, actor=actor_of(me))
        time.shift(DAY * 2)
        assert figure(me) == D("5000.00")


def test_what_has_begun_is_not_called_off_any_more(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        give_code(change(me, daily="9000.00"))
        time.shift(DAY)
        assert not changing.keep(customer=me, code=DAILY, actor=actor_of(me))
        assert figure(me) == D("9000.00")
        change(me, daily="8000.00")
        assert figure(me) == D("8000.00")


def test_a_review_from_before_a_lowering_does_nothing(me: BranchCustomer) -> None:
    change(me, daily="5000.00")
    act = change(me, daily="9000.00")
    change(me, daily="1000.00")
    with pytest.raises(changing.ChangedMeanwhile):
        give_code(act)
    assert OwnLimit.objects.get(code=DAILY).next_at is None


def test_a_second_raise_begins_the_wait_anew(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="5000.00")
        give_code(change(me, daily="9000.00"))
        time.shift(timedelta(hours=23))
        give_code(change(me, daily="8000.00"))
        time.shift(timedelta(hours=1))
        assert figure(me) == D("5000.00")
        time.shift(timedelta(hours=23))
        assert figure(me) == D("8000.00")


def test_whoever_raises_is_told_before_it_counts(me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False):
        change(me, daily="5000.00", monthly="9000.00")
        assert not InboxItem.objects.filter(customer_id=me.user_id).exists(), "lowering tells nobody"
        give_code(change(me, daily="9000.00", monthly=None))
    item = InboxItem.objects.get(customer_id=me.user_id)
    assert item.category == InboxItem.Category.SECURITY
    sms = OutboxMessage.objects.get(cause=item.cause)
    assert "from 21 Nov 09:00: KES 9,000.00 a day, the bank's limit a month." in sms.body
    assert len(sms.body) <= 160
    assert {row.verb for row in AuditEvent.objects.filter(customer_id=me.user_id)} >= {
        "limit.lowered", "limit.raise_waits",
    }  # fmt: skip


def test_a_missing_limit_of_the_bank_stops_money_whatever_the_customer_set(me: BranchCustomer) -> None:
    change(me, daily="5000.00")
    Limit.objects.filter(code=DAILY).delete()
    with pytest.raises(LookupError, match="DAILY_OUT"):
        figure(me)


def test_the_banks_and_the_customers_figure_come_with_one_question(
    me: BranchCustomer, django_assert_num_queries: Any
) -> None:
    change(me, daily="5000.00")
    with django_assert_num_queries(1):
        found = limits.figures_for(me, [DAILY, MONTHLY, Limit.Code.SAVINGS_MINIMUM], clock.today())
    assert found == {DAILY: D("5000.00"), MONTHLY: D("2000000.00"), Limit.Code.SAVINGS_MINIMUM: D("1000.00")}
    assert (found.own, found.of_the_bank[DAILY]) == ({DAILY}, D("500000.00"))


figures = st.none() | st.decimals(min_value="0.01", max_value="900000", places=2)
NOON = datetime(2026, 11, 20, 12, tzinfo=clock.NAIROBI)


@given(value=figures, following=figures, hours=st.integers(-48, 48) | st.none())
def test_the_model_and_the_statement_agree_on_what_is_in_force(
    value: Decimal | None, following: Decimal | None, hours: int | None
) -> None:
    customer = BranchCustomer(user_id=987_654, kyc_tier="TIER_2")
    next_at = None if hours is None else NOON + timedelta(hours=hours)
    OwnLimit.objects.filter(customer_id=customer.user_id).delete()
    row = OwnLimit.objects.create(
        customer_id=customer.user_id, code=DAILY, value=value, next_value=following, next_at=next_at, changed_at=NOON
    )
    with time_machine.travel(NOON, tick=False):
        own, of_the_bank = row.in_force(clock.now()), D("500000.00")
        assert figure(customer) == (of_the_bank if own is None else min(own, of_the_bank))
