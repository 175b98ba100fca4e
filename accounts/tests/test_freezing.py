"""The stop itself: what it does in one transaction, who is told, and the slow way back."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import Http404
from django.test import Client

from accounts import instructions
from accounts.freezing import lifting, stopping
from accounts.freezing.errors import Frozen, LiftedByStaffOnly, NotFrozen
from accounts.freezing.state import freeze_of, refuse_if_frozen
from accounts.ledger import PostingKind
from accounts.models import Account, BranchCustomer, Freeze, Instruction, SignedInSession, User
from tests.factories import AccountFactory, LimitFactory, UserFactory
from tests.payments import pay
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import Channel, InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
By = Freeze.By


@pytest.fixture
def user() -> User:
    made: User = UserFactory()
    AccountFactory(customer=made.customer, balance=Decimal("50000.00"))
    return made


@pytest.fixture
def me(user: User) -> BranchCustomer:
    assert isinstance(user.customer, BranchCustomer)
    return user.customer


@pytest.fixture
def stranger() -> User:
    made: User = UserFactory()
    return made


def actor(customer: BranchCustomer) -> Actor:
    return Actor(kind="customer", id="1", customer_id=customer.user_id)


def stop(customer: BranchCustomer, by: By = By.INSIDE, **staff: str) -> Freeze:
    return stopping.stop(customer.user_id, by=by, actor=actor(customer), **staff)


def lift(customer: BranchCustomer, *, with_code: bool = True) -> None:
    """The whole way of the customer: a draft, the code, carried out. The wait is still to come."""
    draft = lifting.prepare(customer)
    if with_code:
        instructions.approve(customer=customer, instruction_id=draft.id)
    instructions.carry_out(customer=customer, instruction_id=draft.id, actor=actor(customer))


def told(customer: BranchCustomer) -> list[str]:
    return list(InboxItem.objects.filter(customer_id=customer.user_id).order_by("pk").values_list("title", flat=True))


def test_it_stops_and_says_since_when_and_by_whom(me: BranchCustomer) -> None:
    freeze = stop(me)
    assert (freeze.customer_id, freeze.begun_by, freeze.is_the_banks) == (me.user_id, "INSIDE", False)
    with pytest.raises(Frozen, match="Everything is stopped since"):
        refuse_if_frozen(me.user_id)
    event = AuditEvent.objects.get(verb="freeze.begun")
    assert (event.customer_id, event.data["by"], event.data["again"]) == (me.user_id, "INSIDE", False)


def test_it_stops_nobody_else(me: BranchCustomer, stranger: User) -> None:
    stop(me)
    assert stranger.customer is not None
    refuse_if_frozen(stranger.customer.user_id)


def test_it_ends_every_session_and_no_stranger_s(user: User, me: BranchCustomer, stranger: User) -> None:
    mine, theirs, other = Client(), Client(), Client()
    sign_in(mine, user)
    sign_in(theirs, user)
    sign_in(other, stranger)
    stop(me)
    assert mine.get("/").status_code == 302
    assert theirs.get("/").status_code == 302
    assert other.get("/").status_code == 200
    assert SignedInSession.objects.filter(user=user, ended_at=None).count() == 0


def test_the_customer_is_told_by_sms_and_e_mail_and_in_the_inbox(me: BranchCustomer) -> None:
    stop(me)
    item = InboxItem.objects.get()
    assert (item.category, item.can_be_archived) == (InboxItem.Category.SECURITY, False)
    assert set(OutboxMessage.objects.values_list("channel", flat=True)) == {Channel.SMS, Channel.EMAIL}
    assert all(len(row.body) <= 160 for row in OutboxMessage.objects.filter(channel=Channel.SMS))


def test_every_notice_fits_one_sms_in_both_languages(user: User, me: BranchCustomer) -> None:
    for language in ("en", "sw"):
        User.objects.filter(pk=user.pk).update(language=language)
        stop(me)
        lift(me)
        lifting.call_off(me, actor(me))
        lift(me)
        Freeze.objects.filter(open_for=me.user_id).update(lift_at=clock.now())
        assert lifting.lift_due() == 1
    texts = list(OutboxMessage.objects.filter(channel=Channel.SMS).values_list("body", flat=True))
    assert len(texts) == 10
    assert max(map(len, texts)) <= 160, max(texts, key=len)


def test_pressing_twice_is_one_stop_and_one_notice(me: BranchCustomer) -> None:
    first, second = stop(me), stop(me)
    assert (first.id, first.since) == (second.id, second.since)
    assert told(me) == ["Everything is stopped"]
    assert AuditEvent.objects.filter(verb="freeze.begun").count() == 2


def test_money_that_leaves_is_refused_by_the_ledger_and_between_own_accounts_it_moves(me: BranchCustomer) -> None:
    mine = Account.objects.get(customer=me)
    second = AccountFactory(customer=me, balance=Decimal("0.00"))
    stop(me)
    with pytest.raises(Frozen):
        pay(mine, AccountFactory(), Decimal("100.00"))
    pay(mine, second, Decimal("100.00"), kind=PostingKind.TRANSFER_OWN)
    assert Account.objects.get(pk=second.pk).balance == Decimal("100.00")
    assert Account.objects.get(pk=mine.pk).balance == Decimal("49900.00")


def test_money_still_comes_in(me: BranchCustomer) -> None:
    stop(me)
    pay(AccountFactory(balance=Decimal("5000.00")), Account.objects.get(customer=me), Decimal("100.00"))
    assert Account.objects.get(customer=me).balance == Decimal("50100.00")


# --- Lifting -------------------------------------------------------------------------------------------------------


def test_lifting_needs_a_code(me: BranchCustomer) -> None:
    stop(me)
    with pytest.raises(instructions.StepUpRequired):
        lift(me, with_code=False)
    assert Freeze.objects.get().lift_at is None


def test_it_waits_for_the_dated_minutes_and_tells_at_once(me: BranchCustomer) -> None:
    LimitFactory(code="UNFREEZE_MINUTES", kyc_tier="", value=Decimal("45.00"), effective_from=clock.today())
    stop(me)
    with time_machine.travel(clock.now(), tick=False):
        lift(me)
        assert Freeze.objects.get().lift_at == clock.now() + timedelta(minutes=45)
    assert told(me)[-1] == "The stop on your payments is to end"
    assert OutboxMessage.objects.filter(cause__contains=":asked:").count() == 2
    with pytest.raises(Frozen):
        refuse_if_frozen(me.user_id)


def test_only_when_the_wait_is_over_payments_can_leave_again(me: BranchCustomer) -> None:
    stop(me)
    lift(me)
    due = Freeze.objects.get().lift_at
    assert due is not None
    with time_machine.travel(due - timedelta(seconds=1), tick=False):
        assert lifting.lift_due() == 0
    with time_machine.travel(due, tick=False):
        assert lifting.lift_due() == 1
        assert lifting.lift_due() == 0
    refuse_if_frozen(me.user_id)
    freeze = Freeze.objects.get()
    assert (freeze.open_for, freeze.ended_by) == (None, "INSIDE")
    assert told(me)[-1] == "Payments can leave again"
    assert AuditEvent.objects.filter(verb="freeze.ended").count() == 1


def test_a_second_code_makes_the_wait_no_shorter_and_no_longer(me: BranchCustomer) -> None:
    stop(me)
    lift(me)
    first = Freeze.objects.get().lift_at
    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        lift(me)
    assert Freeze.objects.get().lift_at == first


def test_one_press_without_a_code_keeps_it_stopped(me: BranchCustomer) -> None:
    stop(me)
    lift(me)
    assert lifting.call_off(me, actor(me))
    assert Freeze.objects.get().lift_at is None
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert lifting.lift_due() == 0
    assert told(me)[-1] == "Everything stays stopped"
    assert not lifting.call_off(me, actor(me))


def test_stopping_again_calls_the_lifting_off_too(me: BranchCustomer) -> None:
    stop(me)
    lift(me)
    stop(me, By.OUTSIDE)
    assert Freeze.objects.get().lift_at is None
    assert told(me)[-1] == "Everything stays stopped"


def test_a_code_from_before_the_end_lifts_no_later_stop(me: BranchCustomer) -> None:
    stop(me)
    old = lifting.prepare(me)
    instructions.approve(customer=me, instruction_id=old.id)
    lift(me)
    Freeze.objects.update(lift_at=clock.now())
    lifting.lift_due()
    stop(me)
    with pytest.raises(NotFrozen):
        instructions.carry_out(customer=me, instruction_id=old.id, actor=actor(me))
    assert Freeze.objects.get(open_for=me.user_id).lift_at is None


def test_nothing_is_lifted_where_nothing_is_stopped(me: BranchCustomer) -> None:
    with pytest.raises(NotFrozen):
        lifting.prepare(me)


def test_nobody_lifts_a_stranger_s(me: BranchCustomer, stranger: User) -> None:
    stop(me)
    assert stranger.customer is not None
    with pytest.raises(NotFrozen):
        lifting.prepare(stranger.customer)
    assert not lifting.call_off(stranger.customer, actor(stranger.customer))
    draft = lifting.prepare(me)
    with pytest.raises(Http404):
        instructions.carry_out(customer=stranger.customer, instruction_id=draft.id, actor=actor(stranger.customer))


# --- The staff's ---------------------------------------------------------------------------------------------------


def test_what_the_staff_stopped_the_customer_cannot_lift(me: BranchCustomer) -> None:
    stop(me, By.STAFF, staff_code="RISK001", reason="SIM swap reported")
    with pytest.raises(LiftedByStaffOnly):
        lifting.prepare(me)


def test_the_staff_join_a_stop_that_is_about_to_end_and_it_does_not(me: BranchCustomer) -> None:
    stop(me)
    lift(me)
    due = Freeze.objects.get().lift_at
    assert due is not None
    stop(me, By.STAFF, staff_code="RISK001", reason="Caller failed the questions")
    with time_machine.travel(due + timedelta(minutes=1)):
        assert lifting.lift_due() == 0
    freeze = freeze_of(me.user_id)
    assert freeze is not None
    assert (freeze.begun_by, freeze.by_staff) == ("INSIDE", "RISK001")


def test_a_draft_of_lifting_is_worth_nothing_once_the_staff_have_joined(me: BranchCustomer) -> None:
    stop(me)
    draft = lifting.prepare(me)
    instructions.approve(customer=me, instruction_id=draft.id)
    stop(me, By.STAFF, staff_code="RISK001", reason="x")
    with pytest.raises(LiftedByStaffOnly):
        instructions.carry_out(customer=me, instruction_id=draft.id, actor=actor(me))
    assert Instruction.objects.get(pk=draft.id).state == Instruction.State.DRAFT


def test_the_customer_is_never_shown_the_staff_s_words(user: User, me: BranchCustomer) -> None:
    stop(me, By.STAFF, staff_code="RISK001", reason="We suspect her nephew")
    client = Client()
    sign_in(client, user)
    page = client.get("/settings/freeze/").content.decode()
    assert "nephew" not in page
    assert "RISK001" not in page
    assert "nephew" not in "".join(OutboxMessage.objects.values_list("body", flat=True))


# --- The pages inside ----------------------------------------------------------------------------------------------


def test_one_press_inside_stops_signs_out_here_too_and_says_so(user: User, me: BranchCustomer) -> None:
    client = Client()
    sign_in(client, user)
    assert "Stop everything now" in client.get("/settings/freeze/").content.decode()
    answer = client.post("/settings/freeze/now/")
    assert (answer.status_code, answer["Location"]) == (303, "/freeze/done/")
    assert "Since" in client.get("/freeze/done/").content.decode()
    assert freeze_of(me.user_id) is not None
    assert client.get("/").status_code == 302


def test_the_page_that_says_done_is_nobody_s_who_did_not_do_it() -> None:
    assert Client().get("/freeze/done/")["Location"] == "/freeze/"


def test_signing_in_goes_on_and_every_page_says_what_is_stopped(user: User, me: BranchCustomer) -> None:
    stop(me)
    client = Client()
    sign_in(client, user)
    for address in ("/", "/move/", "/view/", "/more/", "/inbox/", "/settings/freeze/"):
        assert "Everything is stopped since" in client.get(address).content.decode(), address


def test_without_a_stop_no_page_says_so(user: User) -> None:
    client = Client()
    sign_in(client, user)
    assert "Everything is stopped" not in client.get("/").content.decode()


def test_lifting_leads_to_a_code_and_the_page_then_says_when_it_ends(user: User, me: BranchCustomer) -> None:
    stop(me)
    client = Client()
    sign_in(client, user)
    answer = client.post("/settings/freeze/lift/")
    assert answer["Location"].startswith("/step-up/?for=")
    instructions.approve(customer=me, instruction_id=answer["Location"].partition("=")[2])
    lift(me)
    assert "Keep everything stopped" in client.get("/settings/freeze/").content.decode()
    client.post("/settings/freeze/keep/")
    assert "Let payments leave again" in client.get("/settings/freeze/").content.decode()


def test_a_form_that_says_more_than_the_button_changes_nothing_more(user: User, stranger: User) -> None:
    client = Client()
    sign_in(client, user)
    assert stranger.customer is not None
    client.post("/settings/freeze/now/", {"customer_id": stranger.customer.user_id, "by": "STAFF", "staff_code": "X"})
    assert freeze_of(stranger.customer.user_id) is None
    assert Freeze.objects.get().begun_by == "INSIDE"
