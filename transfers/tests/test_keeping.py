"""Payees: kept after a code or from a receipt, the customer's own limit, and what stops a payment to one."""

import uuid
from decimal import Decimal

import pytest
from django.http import Http404

from accounts import instructions
from accounts.ledger import money_operation, reverse
from accounts.models import Account, BranchCustomer, Instruction, Posting
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from transfers import destinations
from transfers.errors import AboveOwnLimit, NameChanged, OwnerChanged, PayeeLookupLimit, UnknownPayee
from transfers.models import Biller, Broker, KnownPayee, SavedPayee
from transfers.payees import errors, keeping, newness, selectors
from transfers.payees.keeping import Extras
from transfers.tests.outgoing import PHONE, prepare_to_phone
from transfers.tests.support import an_account, as_actor, balance, confirm, owner_of, pay, prepare
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def mine() -> Account:
    return an_account("Emmanuel Odenyire", "90000.00")


@pytest.fixture
def me(mine: Account) -> BranchCustomer:
    return owner_of(mine)


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


def do(act: Instruction, *, with_code: bool = True) -> None:
    customer = BranchCustomer.objects.get(pk=act.customer_id)
    if with_code:
        instructions.approve(customer=customer, instruction_id=act.id)
    instructions.carry_out(customer=customer, instruction_id=act.id, actor=as_actor(customer))


def keep(me: BranchCustomer, receiver: Account, **extras: object) -> SavedPayee:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras(**extras))
    do(act)
    return SavedPayee.objects.get(pk=act.id)


# --- By hand -------------------------------------------------------------------------------------------------------


def test_nobody_is_kept_without_a_code(me: BranchCustomer, receiver: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    with pytest.raises(instructions.StepUpRequired):
        do(act, with_code=False)
    assert not SavedPayee.objects.exists()
    assert not KnownPayee.objects.exists()
    assert instructions.needs_step_up(act)


def test_with_the_code_it_is_kept_told_and_its_day_begins(me: BranchCustomer, receiver: Account) -> None:
    row = keep(me, receiver, nickname="Mama", own_limit=D("5000.00"))
    assert (row.kind, row.nickname, row.own_limit) == ("WEKEZA", "Mama", D("5000.00"))
    assert row.confirmed_name == "WANJIKU M."
    assert row.confirmed_at is not None
    item, sms = InboxItem.objects.get(), OutboxMessage.objects.get()
    assert (item.category, item.link_name) == ("SECURITY", "payee")
    assert "WANJIKU M. ..." in sms.body
    assert receiver.account_number not in sms.body
    assert newness.room(me, row.payee_key) is not None
    assert AuditEvent.objects.filter(verb="payee.kept", customer_id=me.user_id).exists()


def test_a_second_confirm_keeps_nobody_twice(me: BranchCustomer, receiver: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    do(act)
    do(act)
    assert SavedPayee.objects.count() == OutboxMessage.objects.count() == 1


def test_two_drafts_of_the_same_payee_keep_one(me: BranchCustomer, receiver: Account) -> None:
    first, second = (keeping.prepare_wekeza(me, receiver.account_number, Extras()) for _ in range(2))
    do(first)
    with pytest.raises(errors.AlreadyKept):
        do(second)
    with pytest.raises(errors.AlreadyKept):
        keeping.prepare_wekeza(me, receiver.account_number, Extras())


def test_a_cancelled_act_is_not_done(me: BranchCustomer, receiver: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    instructions.cancel(customer=me, instruction_id=act.id, actor=as_actor(me))
    with pytest.raises(instructions.ActIsOver):
        do(act)
    assert not SavedPayee.objects.exists()


def test_what_was_reviewed_is_what_is_kept(me: BranchCustomer, receiver: Account, mine: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    instructions.approve(customer=me, instruction_id=act.id)
    act.payload["key"] = "wekeza:ACC999:someone"
    act.save(update_fields=["payload"])
    with pytest.raises(instructions.ActIsOver):
        do(act)
    assert not SavedPayee.objects.exists()


def test_an_act_is_no_payment_and_a_payment_no_act(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    draft = prepare(mine, receiver)
    with pytest.raises(Http404):
        instructions.get(me, act.id)
    with pytest.raises(Http404):
        instructions.confirm(customer=me, instruction_id=act.id, actor=as_actor(me))
    with pytest.raises(Http404):
        instructions.carry_out(customer=me, instruction_id=draft.id, actor=as_actor(me))
    with pytest.raises(Http404):
        instructions.get_act(me, draft.id)


def test_somebody_elses_act_is_nobodys(me: BranchCustomer, receiver: Account) -> None:
    act = keeping.prepare_wekeza(me, receiver.account_number, Extras())
    stranger = owner_of(an_account("Third Person"))
    with pytest.raises(Http404):
        instructions.carry_out(customer=stranger, instruction_id=act.id, actor=as_actor(stranger))


def test_housekeeping_keeps_what_was_done(me: BranchCustomer, receiver: Account) -> None:
    from datetime import timedelta

    from wekeza_portal import clock

    row = keep(me, receiver)
    left = keeping.prepare_wekeza(me, an_account("Third Person").account_number, Extras())
    assert instructions.forget_undone(clock.now() + timedelta(days=3)) == 1
    assert Instruction.objects.filter(pk=row.id).exists()
    assert not Instruction.objects.filter(pk=left.id).exists()


def test_looking_for_strangers_by_keeping_them_counts_like_paying_them(me: BranchCustomer) -> None:
    for number in range(5):
        with pytest.raises(UnknownPayee):
            keeping.prepare_wekeza(me, f"ACC700000{number}", Extras())
    with pytest.raises(PayeeLookupLimit):
        keeping.prepare_wekeza(me, "ACC7000009", Extras())


def test_ones_own_account_is_not_kept(me: BranchCustomer, mine: Account) -> None:
    with pytest.raises(errors.OwnAccount):
        keeping.prepare_wekeza(me, mine.account_number, Extras())


def every_destination() -> list[destinations.Destination]:
    Biller.objects.filter(code="KPLC_PREPAID").update(paybill="888880")
    biller = next(row for row in Biller.objects.exclude(category="AIRTIME") if row.can_be_paid)
    Broker.objects.update(paybill="123456")
    Biller.objects.filter(category="AIRTIME").update(paybill="654321")
    broker = Broker.objects.first()
    assert broker is not None
    return [
        destinations.to_phone(PHONE, "MPESA"),
        destinations.airtime(PHONE, "MPESA"),
        destinations.to_bank("01", "1234567890"),
        destinations.to_biller(biller.code, biller.account_example),
        destinations.to_broker(broker.code, "12345", "LI"),
    ]


def test_every_kind_is_kept_and_fills_in_the_page_that_pays_it(me: BranchCustomer) -> None:
    for destination in every_destination():
        act = keeping.prepare_outside(me, destination, Extras(typed_name="Mama"))
        do(act)
        typed = selectors.typed_for(me, act.id, destination.kind)
        row = SavedPayee.objects.get(pk=act.id)
        assert row.payee_key == destination.key
        assert row.destination["values"] == destination.values
        assert any(typed.values())
    assert len(selectors.kept_by(me)) == 5


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_longest_name_still_fits_one_sms(me: BranchCustomer, language: str) -> None:
    UserFactory(customer=me, language=language)
    extras = Extras(typed_name="W" * 60, own_limit=D("100000.00"))
    act = keeping.prepare_outside(me, destinations.to_phone(PHONE, "MPESA"), extras)
    do(act)
    raised = keeping.set_limit(me, act.id, D("150000.00"), as_actor(me))
    assert raised is not None
    do(raised)
    bodies = [message.body for message in OutboxMessage.objects.all()]
    assert len(bodies) == 2
    assert max(len(body) for body in bodies) <= 160
    assert all(body.isascii() for body in bodies)


def test_there_is_a_most(me: BranchCustomer, receiver: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 1)
    keep(me, receiver)
    with pytest.raises(errors.TooManyKept):
        keeping.prepare_outside(me, destinations.to_phone(PHONE, "MPESA"), Extras())


# --- From a receipt ------------------------------------------------------------------------------------------------


def test_whom_one_paid_is_kept_at_once(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    paid = pay(mine, receiver)
    row, is_new = keeping.keep_paid(me, paid.id, as_actor(me))
    assert is_new
    assert keeping.keep_paid(me, paid.id, as_actor(me)) == (row, False)
    assert (row.kind, row.confirmed_name, row.payee_key) == ("WEKEZA", "WANJIKU M.", paid.payee_key)


def test_a_receiver_outside_keeps_the_kind_of_its_payment(me: BranchCustomer, mine: Account) -> None:
    paid = prepare_to_phone(mine, "500.00")
    confirm(paid)
    row, _is_new = keeping.keep_paid(me, paid.id, as_actor(me))
    assert (row.kind, row.confirmed_name) == ("MOBILE_MONEY", "")


def test_a_draft_is_not_kept_from(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    with pytest.raises(errors.NotKeepable):
        keeping.keep_paid(me, prepare(mine, receiver).id, as_actor(me))


def test_a_payment_that_came_back_makes_nobody_known(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    paid = pay(mine, receiver)
    give_back(paid)
    with pytest.raises(errors.NotKeepable):
        keeping.keep_paid(me, paid.id, as_actor(me))


@money_operation
def give_back(paid: Instruction) -> None:
    reverse(posting=Posting.objects.get(instruction_id=paid.id), reason="test", actor=system("test"))


def test_somebody_elses_receipt_keeps_nobody(mine: Account, receiver: Account) -> None:
    paid = pay(mine, receiver)
    stranger = owner_of(an_account("Third Person"))
    with pytest.raises(Http404):
        keeping.keep_paid(stranger, paid.id, as_actor(stranger))


def test_ones_own_account_is_not_kept_from_a_receipt(me: BranchCustomer, mine: Account) -> None:
    other = AccountFactory(customer=me, balance=D("0.00"))
    with pytest.raises(errors.NotKeepable):
        keeping.keep_paid(me, pay(mine, other).id, as_actor(me))


# --- The own limit -------------------------------------------------------------------------------------------------


def test_a_lower_limit_holds_at_once(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    row = keep(me, receiver)
    draft = prepare(mine, receiver, "1000.00")
    assert keeping.set_limit(me, row.id, D("999.99"), as_actor(me)) is None
    with pytest.raises(AboveOwnLimit):
        prepare(mine, receiver, "1000.00")
    with pytest.raises(AboveOwnLimit):
        confirm(draft)
    assert balance(receiver) == D("0.00")
    pay(mine, receiver, "999.99")


def test_the_limit_holds_for_payments_out_between_form_and_confirm(me: BranchCustomer, mine: Account) -> None:
    act = keeping.prepare_outside(me, destinations.to_phone(PHONE, "MPESA"), Extras())
    do(act)
    draft = prepare_to_phone(mine, "1000.00")
    keeping.set_limit(me, act.id, D("500.00"), as_actor(me))
    with pytest.raises(AboveOwnLimit):
        confirm(draft)


@pytest.mark.parametrize("wished", [D("2000.00"), None])
def test_raising_or_lifting_needs_a_code_and_is_told(
    me: BranchCustomer, receiver: Account, wished: Decimal | None
) -> None:
    row = keep(me, receiver, own_limit=D("1000.00"))
    act = keeping.set_limit(me, row.id, wished, as_actor(me))
    assert act is not None
    row.refresh_from_db()
    assert row.own_limit == D("1000.00")
    with pytest.raises(instructions.StepUpRequired):
        do(act, with_code=False)
    do(act)
    row.refresh_from_db()
    assert row.own_limit == wished
    assert InboxItem.objects.filter(cause=f"payee-limit:{act.id}").exists()


def test_raising_from_a_limit_that_changed_is_refused(me: BranchCustomer, receiver: Account) -> None:
    row = keep(me, receiver, own_limit=D("1000.00"))
    act = keeping.set_limit(me, row.id, D("2000.00"), as_actor(me))
    assert act is not None
    keeping.set_limit(me, row.id, D("10.00"), as_actor(me))
    with pytest.raises(errors.BusyLimit):
        do(act)


def test_the_same_limit_changes_nothing(me: BranchCustomer, receiver: Account) -> None:
    row = keep(me, receiver, own_limit=D("1000.00"))
    assert keeping.set_limit(me, row.id, D("1000.00"), as_actor(me)) is None
    assert not AuditEvent.objects.filter(verb="payee.limit_lowered").exists()


# --- Somebody else's, another name ---------------------------------------------------------------------------------


def test_somebody_elses_payee_is_nobodys(me: BranchCustomer, receiver: Account) -> None:
    row = keep(me, receiver)
    stranger = owner_of(an_account("Third Person"))
    for act in (
        lambda: keeping.rename(stranger, row.id, "X", as_actor(stranger)),
        lambda: keeping.set_limit(stranger, row.id, D("1.00"), as_actor(stranger)),
        lambda: keeping.remove(stranger, row.id, as_actor(stranger)),
    ):
        with pytest.raises(errors.PayeeGone):
            act()
    for look in (
        lambda: selectors.get(stranger, row.id),
        lambda: selectors.typed_for(stranger, row.id, "WEKEZA"),
        lambda: selectors.get(me, uuid.uuid4()),
    ):
        with pytest.raises(Http404):
            look()
    assert selectors.kept_by(stranger) == []


def test_an_account_given_to_somebody_else_is_not_paid(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    keep(me, receiver)
    Account.objects.filter(pk=receiver.pk).update(customer=CustomerFactory(full_name="Wanjiku Mwangi"))
    with pytest.raises(OwnerChanged) as refused:
        prepare(mine, receiver)
    assert refused.value.field == "to_account"


def test_another_name_on_a_wekeza_account_stops_the_payment(
    me: BranchCustomer, mine: Account, receiver: Account
) -> None:
    keep(me, receiver)
    BranchCustomer.objects.filter(pk=receiver.customer_id).update(full_name="Grace Njeri Otieno")
    with pytest.raises(NameChanged) as refused:
        prepare(mine, receiver)
    assert "WANJIKU M." in str(refused.value)
    assert "GRACE O." in str(refused.value)
    assert "Njeri" not in str(refused.value)


def test_removed_and_kept_again_it_is_paid_under_its_new_name(
    me: BranchCustomer, mine: Account, receiver: Account
) -> None:
    row = keep(me, receiver)
    BranchCustomer.objects.filter(pk=receiver.customer_id).update(full_name="Grace Njeri Otieno")
    keeping.remove(me, row.id, as_actor(me))
    assert keep(me, receiver).confirmed_name == "GRACE O."
    pay(mine, receiver)


def test_removing_does_not_end_the_first_day(me: BranchCustomer, receiver: Account) -> None:
    row = keep(me, receiver)
    before = KnownPayee.objects.get().first_at
    keeping.remove(me, row.id, as_actor(me))
    keep(me, receiver)
    assert KnownPayee.objects.get().first_at == before


def test_the_list_counts_payments_and_finds_by_any_word(me: BranchCustomer, mine: Account, receiver: Account) -> None:
    row = keep(me, receiver, nickname="Mama 🎉 <b>")
    pay(mine, receiver, "10.00")
    pay(mine, receiver, "20.00")
    for text in ("", "mama", "wanjiku", receiver.account_number.lower(), "mama wanjiku"):
        ((_words, (one,)),) = selectors.kept_by(me, text)
        assert (one.id, one.times) == (row.id, 2)
    assert selectors.kept_by(me, "nobody") == []


# --- Removing one that has a limit ---------------------------------------------------------------------------------


def test_removing_does_not_take_the_own_limit_away_without_a_code(
    me: BranchCustomer, mine: Account, receiver: Account
) -> None:
    row = keep(me, receiver, own_limit=D("100.00"))
    act = keeping.remove(me, row.id, as_actor(me))
    assert act is not None
    with pytest.raises(instructions.StepUpRequired):
        do(act, with_code=False)
    assert SavedPayee.objects.get().own_limit == D("100.00")
    with pytest.raises(AboveOwnLimit):
        prepare(mine, receiver, "500.00")


def test_with_the_code_it_is_removed_once_recorded_and_told(
    me: BranchCustomer, mine: Account, receiver: Account
) -> None:
    act = keeping.remove(me, keep(me, receiver, own_limit=D("100.00")).id, as_actor(me))
    assert act is not None
    for _ in range(2):
        do(act)
    assert not SavedPayee.objects.exists()
    assert AuditEvent.objects.filter(verb="payee.removed").count() == 1
    assert OutboxMessage.objects.filter(body__contains="off your payees, and your limit with it").count() == 1
    prepare(mine, receiver, "500.00")


def test_a_limit_lowered_in_the_meantime_is_not_removed_with_the_old_review(
    me: BranchCustomer, receiver: Account
) -> None:
    row = keep(me, receiver, own_limit=D("100.00"))
    act = keeping.remove(me, row.id, as_actor(me))
    assert act is not None
    keeping.set_limit(me, row.id, D("50.00"), as_actor(me))
    with pytest.raises(errors.BusyLimit):
        do(act)
    assert SavedPayee.objects.get().own_limit == D("50.00")


def test_one_without_a_limit_is_removed_at_once(me: BranchCustomer, receiver: Account) -> None:
    assert keeping.remove(me, keep(me, receiver).id, as_actor(me)) is None
    assert not SavedPayee.objects.exists()
