"""Letters: the fee and the letter come together or not at all, once, and say what the books said."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from accounts import checking, instructions, ledger
from accounts.freezing.errors import Frozen
from accounts.ledger_errors import AccountCannotPay, InsufficientFunds, MayOnlyLook
from accounts.models import (
    Account,
    AccountTransaction,
    BankLetter,
    BranchCustomer,
    Fee,
    Instruction,
    LimitUsage,
    Posting,
    PostingLeg,
    User,
)
from accounts.servicing import errors, letters
from accounts.servicing.pricing import excise_inside, price_of
from accounts.servicing.tests.scenes import a_customer, accounts, branch_sets, never_identified, stop_everything
from accounts.tests.approvals import ANYONE
from accounts.vocabulary import FEES, Direction, direction_of, group_of
from tests.factories import AccountFactory, CustomerFactory, FeeFactory, PortalSwitchFactory
from tests.support import all_the_money
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.staff import switches
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db
D = Decimal
ACCOUNT, BALANCE = BankLetter.Kind.ACCOUNT, BankLetter.Kind.BALANCE


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


def prepare(customer: BranchCustomer, **changes: Any) -> Instruction:
    """A letter about the savings account, paid from the current one."""
    savings, current = accounts(customer)
    wanted = {"account": savings.account_number, "addressee": "Embassy of Norway", "pay_from": current.account_number}
    return letters.prepare(customer, BALANCE, **(wanted | changes))


def confirm(draft: Instruction) -> Any:
    actor = Actor(kind="customer", id="1", customer_id=draft.customer_id)
    return instructions.confirm(customer=draft.customer, instruction_id=draft.id, actor=actor)


def free(customer: BranchCustomer, **changes: Any) -> BankLetter:
    wanted = {"account": accounts(customer)[0].account_number, "addressee": "", "actor": ANYONE} | changes
    return letters.write_free(customer, ACCOUNT, **wanted)


def legs() -> dict[str, Decimal]:
    return {leg.internal_account: leg.amount for leg in PostingLeg.objects.exclude(internal_account="")}


def nothing_happened(before: dict[int, Decimal]) -> bool:
    return all_the_money() == before and not Posting.objects.exists() and not BankLetter.objects.exists()


def test_the_fee_is_taken_once_and_its_duty_goes_to_the_taxman(customer: BranchCustomer) -> None:
    before = all_the_money()
    current = accounts(customer)[1]
    draft = prepare(customer)
    assert (draft.amount, draft.fee, draft.payload["excise"]) == (D("300.00"), D("0.00"), "50.00")
    first, second = confirm(draft), confirm(draft)
    assert first.reference == second.reference
    after = all_the_money()
    assert after.pop(current.account_id) == before.pop(current.account_id) - D("300.00")
    assert after == before
    assert legs() == {"fees.income": D("250.00"), "tax.excise": D("50.00")}
    assert BankLetter.objects.count() == 1
    assert list(checking.differences()) == []


def test_its_owner_is_told_once_in_their_language_without_the_whole_number(customer: BranchCustomer) -> None:
    User.objects.filter(customer=customer).update(language="sw")
    draft = prepare(customer)
    confirm(draft)
    confirm(draft)
    message = OutboxMessage.objects.get(cause=f"letter-made:{draft.id}")
    assert "KES 300.00" in message.body
    assert accounts(customer)[0].account_number not in message.body
    assert "Si wewe?" in message.body
    assert len(message.body) <= 160
    item = InboxItem.objects.get(cause=f"letter-made:{draft.id}")
    assert item.customer_id == customer.user_id


def test_a_free_letter_is_told_too_and_once(customer: BranchCustomer) -> None:
    letter = free(customer)
    free(customer)
    assert InboxItem.objects.get().cause == f"letter-made:{letter.pk}"


def test_a_draft_moves_nothing(customer: BranchCustomer) -> None:
    before = all_the_money()
    prepare(customer)
    assert nothing_happened(before)


def test_the_branch_reads_one_row_in_words_it_sums_rightly(customer: BranchCustomer) -> None:
    confirm(prepare(customer))
    row = AccountTransaction.objects.get()
    assert (row.txn_type, row.amount, row.description) == (
        "LETTER_FEE_OUT",
        D("300.00"),
        "Letter from the bank - Online",
    )
    assert direction_of(row.txn_type) is Direction.OUT
    assert group_of(row.txn_type) == FEES
    assert "IN" not in row.txn_type


def test_it_says_what_was_booked_when_it_was_made(customer: BranchCustomer) -> None:
    confirm(prepare(customer))
    letter = BankLetter.objects.get()
    savings = accounts(customer)[0]
    assert (letter.balance, letter.account_number) == (D("50000.00"), savings.account_number)
    assert (letter.holder, letter.national_id, letter.addressee) == ("Emmanuel Otieno", "23456789", "Embassy of Norway")
    assert letter.account_status == "ACTIVE"
    with_later = Account.objects.get(pk=savings.pk)
    with_later.balance = D("7.00")
    with_later.save(update_fields=["balance"])
    assert letters.letter_for(customer, letter.pk).balance == D("50000.00")


def test_paid_from_the_account_it_is_about_it_says_the_balance_after_the_fee(customer: BranchCustomer) -> None:
    current = accounts(customer)[1].account_number
    receipt = confirm(prepare(customer, account=current, pay_from=current))
    letter = BankLetter.objects.get()
    assert letter.balance == D("19700.00") == receipt.balance_after(accounts(customer)[1].account_id)
    assert letter.reference == receipt.reference


def test_the_fee_counts_against_no_limit_of_move(customer: BranchCustomer) -> None:
    confirm(prepare(customer))
    assert not LimitUsage.objects.exclude(used=0).exists()


@pytest.mark.parametrize("balance", ["1299.99", "1000.00", "0.00", "-5.00"])
def test_without_the_money_there_is_no_letter(customer: BranchCustomer, balance: str) -> None:
    savings = accounts(customer)[0]
    savings.balance = D(balance)
    savings.save(update_fields=["balance"])
    draft = prepare(customer, pay_from=savings.account_number)
    before = all_the_money()
    with pytest.raises(InsufficientFunds):
        confirm(draft)
    assert nothing_happened(before)


def test_the_last_shilling_above_the_minimum_is_enough(customer: BranchCustomer) -> None:
    savings = accounts(customer)[0]
    savings.balance = D("1300.00")
    savings.save(update_fields=["balance"])
    confirm(prepare(customer, pay_from=savings.account_number))
    assert Account.objects.get(pk=savings.pk).balance == D("1000.00")


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_that_cannot_pay_pays_for_no_letter(customer: BranchCustomer, status: str) -> None:
    draft = prepare(customer)
    branch_sets(accounts(customer)[1], status)
    before = all_the_money()
    with pytest.raises(AccountCannotPay):
        confirm(draft)
    assert nothing_happened(before)


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_a_letter_about_such_an_account_says_its_state(customer: BranchCustomer, status: str) -> None:
    branch_sets(accounts(customer)[0], status)
    confirm(prepare(customer))
    assert BankLetter.objects.get().account_status == status


def test_while_everything_is_stopped_nothing_is_paid(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    before = all_the_money()
    stop_everything(customer)
    with pytest.raises(Frozen):
        confirm(draft)
    with pytest.raises(Frozen):
        prepare(customer)
    assert nothing_happened(before)


def test_while_everything_is_stopped_a_free_letter_is_made(customer: BranchCustomer) -> None:
    stop_everything(customer)
    assert free(customer).fee == ZERO


def test_who_may_only_look_gets_free_letters_alone(customer: BranchCustomer) -> None:
    never_identified(customer)
    with pytest.raises(MayOnlyLook):
        prepare(customer)
    assert free(customer).balance is None


def test_who_lost_the_right_meanwhile_pays_nothing(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    before = all_the_money()
    never_identified(customer)
    with pytest.raises(MayOnlyLook):
        confirm(draft)
    assert nothing_happened(before)


def test_switched_off_nothing_is_prepared_paid_or_made(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    before = all_the_money()
    PortalSwitchFactory(code=switches.SERVICES, is_on=False)
    with pytest.raises(SwitchedOff):
        prepare(customer)
    with pytest.raises(SwitchedOff):
        confirm(draft)
    with pytest.raises(SwitchedOff):
        free(customer)
    assert nothing_happened(before)


@pytest.mark.parametrize("amount", ["299.00", "301.00", "0.00"])
def test_a_fee_that_changed_since_is_not_taken(customer: BranchCustomer, amount: str) -> None:
    draft = prepare(customer)
    before = all_the_money()
    FeeFactory(code=Fee.Code.BALANCE_LETTER, amount=D(amount), effective_from=clock.today())
    with pytest.raises(errors.PriceChanged):
        confirm(draft)
    assert nothing_happened(before)


def test_without_a_fee_row_there_is_no_letter(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    Fee.objects.filter(code__in=[Fee.Code.BALANCE_LETTER, Fee.Code.ACCOUNT_LETTER]).delete()
    for attempt in (lambda: prepare(customer), lambda: confirm(draft), lambda: free(customer)):
        with pytest.raises(errors.NoPrice):
            attempt()


def test_a_letter_that_costs_something_is_never_written_free(customer: BranchCustomer) -> None:
    with pytest.raises(errors.PriceChanged):
        letters.write_free(customer, BALANCE, account=accounts(customer)[0].account_number, addressee="", actor=ANYONE)
    FeeFactory(code=Fee.Code.ACCOUNT_LETTER, amount=D("50.00"), effective_from=clock.today())
    with pytest.raises(errors.PriceChanged, match=r"KES 50\.00"):
        free(customer)
    assert BankLetter.objects.count() == 0


def test_a_letter_that_is_free_is_never_paid_for(customer: BranchCustomer) -> None:
    FeeFactory(code=Fee.Code.BALANCE_LETTER, amount=D("0.00"), effective_from=clock.today())
    with pytest.raises(ValueError, match="free"):
        prepare(customer)


@pytest.mark.parametrize("which", ["account", "pay_from"])
def test_somebody_elses_account_is_as_unknown_as_none(customer: BranchCustomer, which: str) -> None:
    theirs = AccountFactory(customer=CustomerFactory(), balance=D("90000.00"))
    for number in (theirs.account_number, "ACC0", ""):
        with pytest.raises(Http404):
            prepare(customer, **{which: number})
    with pytest.raises(Http404):
        free(customer, account=theirs.account_number)
    assert Instruction.objects.count() == 0


@pytest.mark.parametrize("index", [0, 1])
def test_an_account_that_changed_hands_since_is_refused(customer: BranchCustomer, index: int) -> None:
    draft = prepare(customer)
    account = accounts(customer)[index]
    account.customer = CustomerFactory()
    account.save(update_fields=["customer"])
    before = all_the_money()
    with pytest.raises(errors.AccountGone):
        confirm(draft)
    assert nothing_happened(before)


@pytest.mark.parametrize("index", [0, 1])
def test_an_id_that_was_given_to_another_account_is_refused(customer: BranchCustomer, index: int) -> None:
    draft = prepare(customer)
    account = accounts(customer)[index]
    account.account_number = "ACC9999991"
    account.save(update_fields=["account_number"])
    before = all_the_money()
    with pytest.raises(errors.AccountGone):
        confirm(draft)
    assert nothing_happened(before)


def test_a_balance_that_nobody_knows_is_not_confirmed(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    savings = accounts(customer)[0]
    savings.balance = None
    savings.save(update_fields=["balance"])
    before = all_the_money()
    with pytest.raises(errors.BalanceUnknown):
        prepare(customer)
    with pytest.raises(errors.BalanceUnknown):
        confirm(draft)
    assert nothing_happened(before)


def test_a_stranger_confirms_nothing_of_mine(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    before = all_the_money()
    with pytest.raises(Http404):
        instructions.confirm(customer=CustomerFactory(), instruction_id=draft.id, actor=ANYONE)
    assert nothing_happened(before)


def test_a_cancelled_draft_is_not_paid(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    before = all_the_money()
    instructions.cancel(customer=customer, instruction_id=draft.id, actor=ANYONE)
    with pytest.raises(instructions.InstructionCancelled):
        confirm(draft)
    assert nothing_happened(before)


def test_a_draft_that_was_tampered_with_is_not_paid(customer: BranchCustomer) -> None:
    draft = prepare(customer)
    draft.payload["addressee"] = "Somebody else"
    draft.save(update_fields=["payload"])
    before = all_the_money()
    with pytest.raises(ledger.ContentChanged):
        confirm(draft)
    assert nothing_happened(before)


def test_if_the_letter_cannot_be_written_the_fee_is_not_taken(
    customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = prepare(customer)
    before = all_the_money()

    def broken(*_args: object) -> None:
        raise RuntimeError("killed here")

    monkeypatch.setattr(letters, "_write", broken)
    with pytest.raises(RuntimeError):
        confirm(draft)
    monkeypatch.undo()
    assert nothing_happened(before)
    confirm(draft)
    assert BankLetter.objects.count() == 1


def test_a_reversed_fee_comes_back_whole(customer: BranchCustomer) -> None:
    before = all_the_money()
    draft = prepare(customer)
    receipt = confirm(draft)
    posting = Posting.objects.get(reference=receipt.reference)

    take_back = ledger.money_operation(ledger.reverse)
    take_back(posting=posting, reason="made in error", actor=ANYONE)
    assert all_the_money() == before
    assert list(checking.differences()) == []


def test_a_fee_without_its_letter_is_found_and_a_letter_without_its_fee(customer: BranchCustomer) -> None:
    confirm(prepare(customer))
    BankLetter.objects.update(id=uuid.uuid4())
    kinds = sorted(found.kind for found in checking.differences())
    assert kinds == ["fee_without_letter", "letter_without_fee"]


def test_a_letter_that_says_another_fee_is_found(customer: BranchCustomer) -> None:
    confirm(prepare(customer))
    BankLetter.objects.update(fee=D("3.00"))
    assert [found.kind for found in checking.differences()] == ["letter_without_fee"]


def test_the_same_free_letter_of_the_same_day_is_the_same_letter(customer: BranchCustomer) -> None:
    first, second = free(customer), free(customer)
    assert first.pk == second.pk
    assert free(customer, addressee="Embassy of Norway").pk != first.pk
    assert free(customer, account=accounts(customer)[1].account_number).pk != first.pk


def test_what_changed_since_makes_another_letter(customer: BranchCustomer) -> None:
    first = free(customer)
    branch_sets(accounts(customer)[0], "DORMANT")
    assert free(customer).pk != first.pk


def test_free_letters_move_no_money_and_have_no_instruction(customer: BranchCustomer) -> None:
    before = all_the_money()
    letter = free(customer)
    assert all_the_money() == before
    assert (letter.reference, Instruction.objects.count(), Posting.objects.count()) == ("", 0, 0)


def test_nobody_fills_the_disk_with_free_letters(customer: BranchCustomer) -> None:
    for number in range(letters.FREE_LETTERS.limit):
        free(customer, addressee=f"Reader {number}")
    with pytest.raises(TooMany):
        free(customer, addressee="One too many")
    assert BankLetter.objects.count() == letters.FREE_LETTERS.limit


def test_a_letter_is_its_owners_alone(customer: BranchCustomer) -> None:
    letter = free(customer)
    for other in (CustomerFactory(), a_namesake(customer)):
        with pytest.raises(Http404):
            letters.letter_for(other, letter.pk)
        assert letters.letters_of(other) == []
    with pytest.raises(Http404):
        letters.letter_for(customer, uuid.uuid4())
    assert [one.pk for one in letters.letters_of(customer)] == [letter.pk]


def a_namesake(customer: BranchCustomer) -> BranchCustomer:
    """Another person whom a script gave the same id."""
    other = BranchCustomer.objects.get(pk=customer.pk)
    other.national_id = "11112222"
    return other


@given(
    amount=st.decimals(min_value="0.01", max_value="99999.99", places=2),
    per_cent=st.decimals(min_value="0", max_value="100", places=4),
)
def test_the_duty_inside_never_exceeds_the_fee(amount: Decimal, per_cent: Decimal) -> None:
    duty = excise_inside(amount, per_cent)
    assert ZERO <= duty <= amount
    assert duty == duty.quantize(D("0.01"))
    assert abs(duty * (100 + per_cent) - amount * per_cent) <= D("0.005") * (100 + per_cent)


@given(count=st.integers(min_value=2, max_value=500))
def test_so_many_cheques_cost_so_many_times_one(count: int) -> None:
    """The duty of the whole, not so many rounded ones."""
    amount = D("20.00") * count
    assert excise_inside(amount, D("20.0000")) == (amount / 6).quantize(D("0.01"), rounding="ROUND_HALF_UP")


def test_the_price_of_a_book_is_taken_from_the_price_of_a_cheque() -> None:
    price = price_of(Fee.Code.CHEQUE_LEAF, clock.today(), count=25)
    assert (price.amount, price.excise) == (D("500.00"), D("83.33"))
