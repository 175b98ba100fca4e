"""Everything a person could get wrong, each refused with its own plain sentence and nothing written."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from accounts import instructions
from accounts.ledger import PostingKind
from accounts.models import Account, BranchCustomer, Instruction, LimitUsage
from tests.factories import (
    AccountFactory,
    AccountTermsFactory,
    BusinessFactory,
    CustomerFactory,
    FeeFactory,
    LimitFactory,
    LimitUsageFactory,
)
from transfers import errors
from transfers.models import PayeeLookup
from transfers.pricing import NoFee
from transfers.services import prepare_transfer
from transfers.tests.support import (
    an_account,
    as_actor,
    balance,
    confirm,
    known_for_long,
    owner_of,
    pay,
    prepare,
    what_was_written,
)
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.errors import PortalError
from wekeza_portal.money import AmountTooSmall

pytestmark = pytest.mark.django_db


def refusal(sender: Account, receiver: Account | str, amount: str = "500.00", note: str = "Rent") -> PortalError:
    """The refusal, after checking that it wrote nothing and moved nothing."""
    before = (what_was_written(), balance(sender))
    with pytest.raises(PortalError) as caught:
        prepare(sender, receiver, amount, note)
    assert (what_was_written(), balance(sender)) == before
    return caught.value


def used_up(customer: BranchCustomer, code: str, amount: str) -> LimitUsage:
    today = clock.today()
    period = today.strftime("%Y-%m") if code == "MONTHLY_OUT" else today.isoformat()
    usage: LimitUsage = LimitUsageFactory(customer=customer, code=code, period=period, used=Decimal(amount))
    return usage


def test_it_stores_a_draft_with_the_masked_name_and_moves_nothing(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver, "500.00", "School fees")
    assert instruction.state == Instruction.State.DRAFT
    assert instruction.kind == PostingKind.TRANSFER_INTERNAL
    assert (instruction.amount, instruction.fee) == (Decimal("500.00"), Decimal("0.00"))
    assert instruction.fee_row_id is not None
    assert instruction.payload["to_name"] == "WANJIKU M."
    assert instruction.payload["note"] == "School fees"
    assert instruction.payee_key.startswith(f"wekeza:{receiver.account_number}:")
    assert balance(sender) == Decimal("13400.00")
    assert balance(receiver) == Decimal("10000.00")


def test_between_own_accounts_it_is_an_own_transfer_without_fee_limit_or_new_payee(sender: Account) -> None:
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    used_up(owner_of(sender), "DAILY_OUT", "500000.00")
    second = AccountFactory(customer=owner_of(sender))
    instruction = prepare(sender, second)
    assert instruction.kind == PostingKind.TRANSFER_OWN
    assert (instruction.fee, instruction.fee_row_id, instruction.payee_key) == (Decimal("0.00"), None, "")
    assert not PayeeLookup.objects.exists()


def test_the_fee_of_the_day_is_shown_before_confirming(sender: Account, receiver: Account) -> None:
    row = FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    FeeFactory(amount=Decimal("90.00"))
    instruction = prepare(sender, receiver)
    assert (instruction.fee, instruction.fee_row_id) == (Decimal("25.00"), row.pk)


def test_without_any_fee_row_money_stops_instead_of_going_free(sender: Account, receiver: Account) -> None:
    from accounts.models import Fee

    Fee.objects.all().delete()
    with pytest.raises(NoFee):
        prepare(sender, receiver)


def test_it_refuses_a_number_that_nobody_has(sender: Account) -> None:
    assert isinstance(refusal(sender, "ACC9999999"), errors.UnknownPayee)


def test_it_refuses_to_pay_from_a_strangers_account_and_notes_who_tried(sender: Account, receiver: Account) -> None:
    stranger = an_account("Third Person")
    customer = owner_of(sender)
    with pytest.raises(errors.UnknownSource):
        prepare_transfer(
            customer,
            from_number=stranger.account_number,
            to_number=receiver.account_number,
            amount=Decimal("1.00"),
            note="",
            actor=as_actor(customer),
        )
    event = AuditEvent.objects.get(verb="access.denied")
    assert event.customer_id == customer.user_id
    assert not Instruction.objects.exists()
    assert balance(stranger) == Decimal("10000.00")


def test_a_number_that_does_not_exist_as_source_is_no_attempt_on_anybody(sender: Account, receiver: Account) -> None:
    customer = owner_of(sender)
    with pytest.raises(errors.UnknownSource):
        prepare_transfer(
            customer,
            from_number="ACC0000000",
            to_number=receiver.account_number,
            amount=Decimal("1.00"),
            note="",
            actor=as_actor(customer),
        )
    assert not AuditEvent.objects.filter(verb="access.denied").exists()


def test_a_business_account_is_only_said_to_be_unpayable_online(sender: Account) -> None:
    business = AccountFactory(customer=None, business=BusinessFactory(business_name="Duka Kubwa Ltd"))
    told = refusal(sender, business)
    assert isinstance(told, errors.BusinessPayee)
    assert str(told) == "This account can't be paid online."


def test_a_directors_account_is_a_business_account_too(sender: Account) -> None:
    director = AccountFactory(customer=CustomerFactory(business=BusinessFactory()))
    assert isinstance(refusal(sender, director), errors.BusinessPayee)


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_it_says_the_same_whatever_is_wrong_with_the_receivers_account(sender: Account, status: str) -> None:
    told = refusal(sender, an_account("Wanjiku Mwangi", status=status))
    assert str(told) == "This account can't receive money now."


def test_a_receiver_who_left_the_bank_and_an_account_of_nobody_cannot_receive(sender: Account) -> None:
    gone = AccountFactory(customer=CustomerFactory(is_active=False))
    nobodys = AccountFactory(customer=None)
    dollars = an_account("Wanjiku Mwangi", currency="USD")
    for account in (gone, nobodys, dollars):
        assert isinstance(refusal(sender, account), errors.PayeeUnavailable)


def test_it_refuses_the_same_account_on_both_sides_in_any_case(sender: Account) -> None:
    assert isinstance(refusal(sender, sender), errors.SameAccount)
    assert isinstance(refusal(sender, sender.account_number.lower()), errors.SameAccount)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("FROZEN", errors.SourceFrozen), ("DORMANT", errors.SourceDormant), ("DISABLED", errors.SourceDisabled)],
)
def test_each_state_of_the_own_account_has_its_own_sentence(
    receiver: Account, status: str, expected: type[PortalError]
) -> None:
    told = refusal(an_account("Emmanuel Odenyire", status=status), receiver)
    assert type(told) is expected
    assert told.field == "from_account"


def test_it_names_the_minimum_that_must_stay_and_what_can_be_sent(sender: Account, receiver: Account) -> None:
    told = refusal(sender, receiver, "13000.00")
    assert isinstance(told, errors.MinimumBalance)
    assert str(told) == "KES 1,000.00 must stay in a savings account. You can send up to KES 12,400.00 now."
    assert prepare(sender, receiver, "12400.00").amount == Decimal("12400.00")


def test_beyond_the_balance_it_says_what_can_be_sent_now(sender: Account, receiver: Account) -> None:
    told = refusal(sender, receiver, "13400.01")
    assert isinstance(told, errors.InsufficientFunds)
    assert "You can send up to KES 12,400.00 now." in str(told)


def test_a_current_account_can_be_emptied(sender: Account, receiver: Account) -> None:
    AccountTermsFactory(account=sender)
    assert prepare(sender, receiver, "13400.00").amount == Decimal("13400.00")
    assert isinstance(refusal(sender, receiver, "13400.01"), errors.InsufficientFunds)


@pytest.mark.parametrize(
    ("booked", "expected"),
    [("1000.00", errors.OnlyMinimumLeft), ("0.00", errors.NothingToSend), ("-50.00", errors.NothingToSend)],
)
def test_where_nothing_can_be_sent_it_offers_no_figure_of_zero(
    receiver: Account, booked: str, expected: type[PortalError]
) -> None:
    told = refusal(an_account("Emmanuel Odenyire", booked), receiver)
    assert type(told) is expected
    assert "KES 0.00" not in str(told)


def test_the_fee_is_left_out_of_what_can_be_sent(sender: Account, receiver: Account) -> None:
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    assert "up to KES 12,375.00 now" in str(refusal(sender, receiver, "12400.00"))
    assert prepare(sender, receiver, "12375.00").fee == Decimal("25.00")


def test_the_daily_limit_is_refused_with_what_is_left_today(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "5000000.00")
    used_up(owner_of(rich), "DAILY_OUT", "487600.00")
    told = refusal(rich, receiver, "12400.01")
    assert isinstance(told, errors.DailyLimit)
    assert "You can send up to KES 12,400.00 today." in str(told)
    assert prepare(rich, receiver, "12400.00")


def test_the_monthly_limit_is_refused_with_what_is_left_this_month(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "5000000.00")
    used_up(owner_of(rich), "MONTHLY_OUT", "1999000.00")
    told = refusal(rich, receiver, "1000.01")
    assert isinstance(told, errors.MonthlyLimit)
    assert "You can send up to KES 1,000.00 this month." in str(told)


@pytest.mark.parametrize(
    ("code", "used", "expected"),
    [
        ("DAILY_OUT", "500000.00", errors.DailyLimitReached),
        ("MONTHLY_OUT", "2000000.00", errors.MonthlyLimitReached),
    ],
)
def test_a_limit_that_is_used_up_says_when_it_opens_again(
    receiver: Account, code: str, used: str, expected: type[PortalError]
) -> None:
    rich = an_account("Emmanuel Odenyire", "5000000.00")
    used_up(owner_of(rich), code, used)
    told = refusal(rich, receiver, "1.00")
    assert type(told) is expected
    assert "again" in str(told)


def test_the_figure_offered_respects_every_reason_at_once(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "600000.00")
    used_up(owner_of(rich), "DAILY_OUT", "499900.00")
    assert "up to KES 100.00 now" in str(refusal(rich, receiver, "700000.00"))


def test_a_tier_the_bank_tightened_has_its_own_limit(receiver: Account) -> None:
    customer = CustomerFactory(kyc_tier="TIER_1")
    rich = AccountFactory(customer=customer, balance=Decimal("600000.00"))
    LimitFactory(kyc_tier="TIER_1", value=Decimal("50000.00"), effective_from=clock.today())
    assert "up to KES 50,000.00 today" in str(refusal(rich, receiver, "50000.01"))


def test_yesterdays_payments_do_not_count_today(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "600000.00")
    LimitUsageFactory(customer=owner_of(rich), period=date(2020, 2, 29).isoformat(), used=Decimal("500000.00"))
    known_for_long(rich, receiver)
    assert prepare(rich, receiver, "500000.00")


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "-0.00"])
def test_it_refuses_amounts_that_move_nothing_or_the_wrong_way(sender: Account, receiver: Account, amount: str) -> None:
    assert isinstance(refusal(sender, receiver, amount), AmountTooSmall)


def test_it_refuses_fractions_of_a_cent_as_a_mistake_of_ours(sender: Account, receiver: Account) -> None:
    with pytest.raises(ValueError, match="places"):
        prepare(sender, receiver, "1.001")


def test_it_refuses_a_note_of_101_characters(sender: Account, receiver: Account) -> None:
    assert isinstance(refusal(sender, receiver, note="a" * 101), errors.NoteTooLong)
    assert prepare(sender, receiver, note="a" * 100)


def test_what_is_wrong_on_the_own_side_costs_no_look_up(sender: Account, receiver: Account) -> None:
    refusal(sender, receiver, "99999.00")
    refusal(sender, receiver, note="a" * 101)
    assert not PayeeLookup.objects.exists()


def test_every_refusal_has_a_sentence_for_its_field_in_every_language(sender: Account) -> None:
    for language in ("en", "sw"):
        with translation.override(language):
            told = refusal(sender, "ACC9999999")
            assert str(told).strip()
            assert told.field == "to_account"


def test_the_number_given_to_a_new_owner_is_a_new_payee(sender: Account, receiver: Account) -> None:
    pay(sender, receiver)
    assert not instructions.needs_step_up(prepare(sender, receiver))
    new_owner = CustomerFactory(full_name="Barasa Wafula")
    Account.objects.filter(pk=receiver.pk).update(customer_id=new_owner.user_id)
    assert instructions.needs_step_up(prepare(sender, receiver))


def test_a_draft_is_not_paid_to_whoever_owns_the_number_by_now(sender: Account, receiver: Account) -> None:
    draft = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(customer_id=CustomerFactory(full_name="Barasa Wafula").user_id)
    with pytest.raises(errors.AccountsChanged):
        confirm(draft)
    assert balance(receiver) == Decimal("10000.00")


@pytest.mark.mariadb
@pytest.mark.parametrize("spoil", ["{} ", "{}\u0301", "Â{}"])
def test_a_number_has_one_spelling_whatever_the_collation_says(sender: Account, spoil: str) -> None:
    mine = AccountFactory(customer=sender.customer)
    with pytest.raises(errors.UnknownPayee):
        prepare(sender, spoil.format(mine.account_number))
    with pytest.raises((errors.SameAccount, errors.UnknownPayee)):
        prepare(sender, spoil.format(sender.account_number))
