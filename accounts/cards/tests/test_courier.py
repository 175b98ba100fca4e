"""A card brought home by courier: where to, for how much, who is refused, and how it comes with the processor."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from accounts import checking, instructions, limits
from accounts.cards import courier, errors, opening, ordering, papers, pricing, working
from accounts.cards.tests.scenes import a_card, balance, born, with_a_code
from accounts.freezing import stopping
from accounts.models import Account, BranchCustomer, Card, CustomerDetails, Freeze, Instruction, Posting, User
from accounts.profile import details
from tests.factories import (
    AccountFactory,
    BranchFactory,
    CustomerDetailsFactory,
    FeeFactory,
    LimitFactory,
    PortalSwitchFactory,
    UserFactory,
)
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
HOME = "Plot 7, Ngong Road, Nairobi"


def at_home(customer: BranchCustomer, days: float = 8, **changes: Any) -> CustomerDetails:
    """The customer said so many days ago where they live."""
    since = clock.now() - timedelta(days=days)
    said = {"home_address": "Plot 7, Ngong Road", "town": "Nairobi", "home_since": since, **changes}
    row: CustomerDetails = CustomerDetailsFactory(customer_id=customer.user_id, **said)
    return row


def a_customer(
    money: str = "5000.00", *, name: str = "Amina Otieno", days: float = 8
) -> tuple[BranchCustomer, Account]:
    customer = UserFactory(customer__full_name=name).customer
    assert customer is not None
    born(customer)
    at_home(customer, days)
    account: Account = AccountFactory(customer=customer, balance=D(money))
    return customer, account


def wish(customer: BranchCustomer, account: Account, **changes: Any) -> Instruction:
    wanted = {"kind": "PHYSICAL", "account": account.account_number, "branch": "", "by_courier": True, **changes}
    return ordering.prepare_order(customer, **wanted)


def lost_card(money: str = "5000.00", **changes: Any) -> Card:
    card = a_card(money, **{"state": "LOST", "loss": "LOST", **changes})
    at_home(card.customer)
    return card


def bill(lost: Card, **changes: Any) -> Instruction:
    where = {"account": lost.account_number, "branch": "", "by_courier": True, **changes}
    return ordering.prepare_replacement(lost.customer, lost.pk, **where)


def actor(customer: BranchCustomer) -> Actor:
    return Actor(kind="customer", id="1", customer_id=customer.user_id)


def pay(draft: Instruction) -> None:
    """With the code that a courier always needs."""
    customer = draft.customer
    instructions.approve(customer=customer, instruction_id=draft.id)
    instructions.confirm(customer=customer, instruction_id=draft.id, actor=actor(customer))


def left(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D("0.00")


def ties() -> bool:
    return list(checking.differences()) == []


# --- What it costs ---


def test_a_new_card_by_courier_costs_its_fee_once_with_excise_inside() -> None:
    customer, account = a_customer()
    draft = wish(customer, account)
    assert (draft.kind, draft.amount, draft.fee) == ("CARD_DELIVERY", D("350.00"), D("0.00"))
    assert (draft.payload["excise"], draft.payload["delivered_to"]) == ("58.33", HOME)
    pay(draft)
    for _ in range(2):
        instructions.confirm(customer=customer, instruction_id=draft.id, actor=actor(customer))
    assert left(account) == D("4650.00")
    card = Card.objects.get()
    assert (card.pk, card.delivered_to, card.branch_code, card.instruction_id) == (draft.id, HOME, "", draft.id)
    assert card.state == "ORDERED"
    assert InboxItem.objects.filter(cause=f"card-ordered:{card.pk}").count() == 1
    assert ties()


def test_its_receipt_says_where_it_goes_and_is_a_paper() -> None:
    customer, account = a_customer()
    draft = wish(customer, account)
    pay(draft)
    paper = papers.paper_of(Instruction.objects.get(pk=draft.pk))
    assert (paper.amount, paper.excise, paper.last_four) == (D("350.00"), D("58.33"), "")
    assert (paper.delivered_to, paper.balance_after, paper.is_returned) == (HOME, D("4650.00"), False)
    pdf = papers.receipt_pdf(paper, customer=customer, language="sw", actor=actor(customer))
    assert pdf.startswith(b"%PDF")


def test_a_replacement_by_courier_costs_both_fees_in_one_payment() -> None:
    lost = lost_card()
    draft = bill(lost)
    assert (draft.kind, draft.amount) == ("CARD_REPLACEMENT", D("850.00"))
    assert (draft.payload["excise"], draft.payload["courier_fee"]) == ("141.66", "350.00")
    pay(draft)
    assert balance(lost) == D("4150.00")
    card = Card.objects.get(replaces=lost)
    assert (card.delivered_to, card.branch_code) == (HOME, "")
    assert Posting.objects.count() == 1
    assert ties()


def test_collecting_stays_as_it_was_free_and_without_an_address() -> None:
    customer, account = a_customer()
    branch = BranchFactory().branch_code
    draft = wish(customer, account, branch=branch, by_courier=False)
    assert (draft.kind, draft.amount, draft.payload.get("delivered_to")) == ("CARD_ORDER", D("0.00"), None)
    with_a_code(draft)
    assert (Card.objects.get().delivered_to, Card.objects.get().branch_code) == ("", branch)
    assert not Posting.objects.exists()


def test_a_virtual_card_is_brought_nowhere_and_stays_free() -> None:
    customer, account = a_customer()
    assert wish(customer, account, kind="VIRTUAL").kind == "CARD_ORDER"
    lost = lost_card(kind="VIRTUAL")
    assert bill(lost).amount == D("500.00")


def test_a_branch_that_was_typed_besides_is_not_kept() -> None:
    customer, account = a_customer()
    assert wish(customer, account, branch="NOWHERE").payload["branch"] == ""


@pytest.mark.parametrize("what", ["order", "replacement"])
def test_a_fee_that_changed_since_the_review_is_not_taken(what: str) -> None:
    lost = lost_card()
    account = AccountFactory(customer=lost.customer, balance=D("5000.00"))
    draft = wish(lost.customer, account) if what == "order" else bill(lost)
    FeeFactory(code="CARD_COURIER", amount=D("400.00"), effective_from=clock.today())
    with pytest.raises(errors.FeeChanged):
        pay(draft)
    assert (balance(lost), left(account), Card.objects.count()) == (D("5000.00"), D("5000.00"), 1)


def test_without_a_price_nothing_is_brought_for_nothing() -> None:
    customer, account = a_customer()
    FeeFactory(code="CARD_COURIER", amount=D("0.00"), effective_from=clock.today())
    with pytest.raises(pricing.NoCardFee):
        wish(customer, account)
    assert courier.offer(customer) is None
    page = browser(customer).get("/settings/cards/new/").content.decode()
    assert "courier brings" not in page
    assert "A courier can bring" not in page, "the profile is not to blame"


def test_without_the_money_nothing_is_ordered() -> None:
    customer, account = a_customer("349.99")
    with pytest.raises(Exception, match="up to"):
        pay(wish(customer, account))
    assert not Card.objects.exists()
    assert left(account) == D("349.99")


# --- A code always, once ---


@pytest.mark.parametrize("what", ["order", "replacement"])
def test_it_always_needs_a_code_also_the_second_time(what: str) -> None:
    lost = lost_card()
    account = AccountFactory(customer=lost.customer, balance=D("5000.00"))
    first = wish(lost.customer, account)
    pay(first)
    Card.objects.filter(pk=first.pk).update(state="LOST", loss="LOST")
    draft = wish(lost.customer, account) if what == "order" else bill(lost)
    with pytest.raises(instructions.StepUpRequired):
        instructions.confirm(customer=lost.customer, instruction_id=draft.id, actor=actor(lost.customer))
    assert (left(account), balance(lost)) == (D("4650.00"), D("5000.00"))


def test_two_drafts_of_the_same_card_end_in_one_that_is_paid_once() -> None:
    customer, account = a_customer()
    first, second = wish(customer, account), wish(customer, account)
    pay(first)
    with pytest.raises(errors.OneIsEnough):
        pay(second)
    assert (left(account), Card.objects.count()) == (D("4650.00"), 1)


@pytest.mark.mariadb
def test_two_presses_at_the_same_moment_pay_once() -> None:
    customer, account = a_customer()
    draft = wish(customer, account)
    instructions.approve(customer=customer, instruction_id=draft.id)

    def press() -> None:
        instructions.confirm(customer=customer, instruction_id=draft.id, actor=actor(customer))

    at_once([press, press])
    assert (left(account), Card.objects.count(), Posting.objects.count()) == (D("4650.00"), 1, 1)
    assert ties()


# --- Whose home, and since when ---


@pytest.mark.parametrize("missing", [{"home_address": ""}, {"town": ""}, {"home_address": "  ", "town": " "}])
def test_without_an_address_and_a_town_no_courier_is_sent(missing: dict[str, str]) -> None:
    customer, account = a_customer()
    CustomerDetails.objects.update(**missing)
    assert courier.offer(customer) is None
    with pytest.raises(errors.NoHomeAddress):
        wish(customer, account)


def test_without_a_profile_no_courier_is_sent() -> None:
    customer, account = a_customer()
    CustomerDetails.objects.all().delete()
    with pytest.raises(errors.NoHomeAddress):
        wish(customer, account)


def test_the_address_of_a_former_holder_of_the_id_is_nobodys() -> None:
    customer, account = a_customer()
    CustomerDetails.objects.update(created_at=customer.created_at - timedelta(days=1))
    with pytest.raises(errors.NoHomeAddress):
        wish(customer, account)


@pytest.mark.parametrize(("days", "is_sent"), [(0, False), (6.9, False), (7, True), (400, True)])
def test_an_address_of_the_last_seven_days_is_refused(days: float, is_sent: bool) -> None:
    customer, account = a_customer(days=days)
    if is_sent:
        assert wish(customer, account).payload["delivered_to"] == HOME
        return
    with pytest.raises(errors.AddressTooNew, match="7 days"):
        wish(customer, account)


def test_an_address_nobody_knows_the_age_of_is_refused() -> None:
    customer, account = a_customer()
    CustomerDetails.objects.update(home_since=None)
    with pytest.raises(errors.AddressTooNew):
        wish(customer, account)


def test_how_old_it_must_be_is_the_banks_dated_figure() -> None:
    customer, account = a_customer()
    LimitFactory(code="CARD_ADDRESS_DAYS", value=D("30.00"), effective_from=clock.today())
    with pytest.raises(errors.AddressTooNew, match="30 days"):
        wish(customer, account)


@pytest.mark.parametrize("what", ["order", "replacement"])
def test_a_thief_who_changes_the_address_after_the_review_gets_no_card(what: str) -> None:
    lost = lost_card()
    account = AccountFactory(customer=lost.customer, balance=D("5000.00"))
    draft = wish(lost.customer, account) if what == "order" else bill(lost)
    elsewhere = {"home_address": "A thief's door", "town": "Mombasa", "postal_address": ""}
    details.keep(lost.customer, details.HOME, elsewhere, actor(lost.customer))
    with pytest.raises(errors.AddressTooNew):
        pay(draft)
    CustomerDetails.objects.update(home_since=clock.now() - timedelta(days=30))
    with pytest.raises(errors.AddressChanged):
        pay(draft)
    assert (balance(lost), left(account), Card.objects.count()) == (D("5000.00"), D("5000.00"), 1)


def test_an_address_changed_after_the_order_does_not_redirect_the_card() -> None:
    customer, account = a_customer()
    pay(wish(customer, account))
    elsewhere = {"home_address": "A thief's door", "town": "Mombasa", "postal_address": ""}
    details.keep(customer, details.HOME, elsewhere, actor(customer))
    assert Card.objects.get().delivered_to == HOME


# --- While everything waits ---


@pytest.mark.parametrize("what", ["order", "replacement"])
def test_a_stop_of_everything_sends_no_courier(what: str) -> None:
    lost = lost_card()
    account = AccountFactory(customer=lost.customer, balance=D("5000.00"))
    draft = wish(lost.customer, account) if what == "order" else bill(lost)
    stopping.stop(lost.customer_id, by=Freeze.By.INSIDE, actor=actor(lost.customer))
    with pytest.raises(errors.CardsStopped):
        pay(draft)
    with pytest.raises(errors.CardsStopped):
        wish(lost.customer, account)
    assert (balance(lost), left(account), Card.objects.count()) == (D("5000.00"), D("5000.00"), 1)


@pytest.mark.parametrize("what", ["order", "replacement"])
def test_the_cap_after_a_new_password_sends_no_courier_but_a_branch_still_gives_cards(what: str) -> None:
    lost = lost_card()
    account = AccountFactory(customer=lost.customer, balance=D("5000.00"))
    draft = wish(lost.customer, account) if what == "order" else bill(lost)
    limits.begin_recovery(lost.customer)
    with pytest.raises(limits.JustBackIn):
        pay(draft)
    with pytest.raises(limits.JustBackIn):
        wish(lost.customer, account)
    assert (balance(lost), left(account), Card.objects.count()) == (D("5000.00"), D("5000.00"), 1)
    assert wish(lost.customer, account, branch=BranchFactory().branch_code, by_courier=False).kind == "CARD_ORDER"


def test_what_is_switched_off_between_review_and_confirm_is_not_done() -> None:
    customer, account = a_customer()
    draft = wish(customer, account)
    PortalSwitchFactory(code="CARDS", is_on=False)
    with pytest.raises(SwitchedOff):
        pay(draft)
    assert (left(account), Card.objects.count()) == (D("5000.00"), 0)


# --- Somebody else's ---


def test_nobody_orders_on_or_pays_from_what_is_somebody_elses() -> None:
    customer, account = a_customer()
    _stranger, theirs = a_customer()
    lost = lost_card()
    with pytest.raises(Http404):
        wish(customer, theirs)
    with pytest.raises(Http404):
        ordering.prepare_replacement(customer, lost.pk, account=account.account_number, branch="", by_courier=True)
    with pytest.raises(Http404):
        bill(lost, account=account.account_number)
    draft = wish(customer, account)
    with pytest.raises(Http404):
        instructions.confirm(customer=lost.customer, instruction_id=draft.id, actor=actor(lost.customer))


def test_an_account_that_changed_hands_pays_nothing() -> None:
    customer, account = a_customer()
    draft = wish(customer, account)
    Account.objects.filter(pk=account.pk).update(customer=UserFactory().customer)
    with pytest.raises(errors.AccountGone):
        pay(draft)
    assert (left(account), Card.objects.count()) == (D("5000.00"), 0)


# --- With the simulated processor, over its socket ---


def test_the_processor_is_told_the_address_and_the_card_is_brought_and_activated(railsim: Simulator) -> None:
    customer, account = a_customer()
    pay(wish(customer, account))
    assert working.work() == 1
    card = Card.objects.get()
    kept = railsim.store.recall("cards", "card", card.token or "")
    assert (kept["address"], kept["branch"]) == (HOME, "")
    railsim.courier.deliver()
    callbacks.work_through()
    card.refresh_from_db()
    assert card.state == "ARRIVED"
    causes = set(InboxItem.objects.values_list("cause", flat=True))
    assert {f"card-sent:{card.pk}", f"card-arrived:{card.pk}"} <= causes
    with_a_code(opening.draft(customer, opening.ACTIVATE, card))
    card.refresh_from_db()
    assert card.state == "ACTIVE"


def test_a_card_that_is_collected_is_sent_no_address(railsim: Simulator) -> None:
    customer, account = a_customer()
    branch = BranchFactory().branch_code
    with_a_code(wish(customer, account, branch=branch, by_courier=False))
    working.work()
    kept = railsim.store.recall("cards", "card", Card.objects.get().token or "")
    assert (kept["address"], kept["branch"]) == ("", branch)


def test_a_new_card_that_is_refused_gives_the_couriers_fee_back_once(railsim: Simulator) -> None:
    customer, account = a_customer(name="Refuse Me")
    draft = wish(customer, account)
    pay(draft)
    working.work()
    card = Card.objects.get()
    assert (card.state, left(account)) == ("REFUSED", D("5000.00"))
    Card.objects.update(due_at=clock.now())
    working.work()
    assert left(account) == D("5000.00")
    assert papers.paper_of(Instruction.objects.get(pk=draft.pk)).is_returned
    assert ties()


def test_a_replacement_that_is_refused_gives_both_fees_back(railsim: Simulator) -> None:
    lost = lost_card(customer=UserFactory(customer__full_name="Refuse Me").customer)
    pay(bill(lost))
    assert balance(lost) == D("4150.00")
    working.work()
    assert (Card.objects.get(replaces=lost).state, balance(lost)) == ("REFUSED", D("5000.00"))
    assert ties()


# --- The pages ---


def browser(customer: BranchCustomer) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer_id=customer.user_id))
    return client


def typed(account: Account, **changes: str) -> dict[str, str]:
    return {"kind": "PHYSICAL", "account": account.account_number, "delivery": "COURIER", "branch": "", **changes}


def test_a_card_is_chosen_by_courier_reviewed_with_its_price_and_asked_for_a_code() -> None:
    customer, account = a_customer()
    client = browser(customer)
    page = client.get("/settings/cards/new/").content.decode()
    assert f"A courier brings it to {HOME}: KES 350.00 extra" in page
    review = client.post("/settings/cards/new/", typed(account), follow=True)
    text = review.content.decode()
    for words in ("KES 350.00", "58.33", HOME, "Pay KES 350.00 and order the card"):
        assert words in text
    draft = Instruction.objects.get(kind="CARD_DELIVERY")
    answer = client.post(f"/settings/cards/drafts/{draft.pk}/confirm/")
    assert answer["Location"] == f"/step-up/?for={draft.pk}"
    instructions.approve(customer=customer, instruction_id=draft.id)
    for _ in range(2):
        answer = client.post(f"/settings/cards/drafts/{draft.pk}/confirm/")
        assert answer["Location"] == f"/settings/cards/receipts/{draft.pk}/"
    assert left(account) == D("4650.00")
    receipt = client.get(answer["Location"]).content.decode()
    assert HOME in receipt
    assert "In the place of card" not in receipt
    assert client.get(f"/settings/cards/receipts/{draft.pk}/receipt.pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("state", "words"),
    [("ORDERED", "A courier brings it to"), ("SENT", "With the courier"), ("ARRIVED", "Delivered: activate it")],
)
def test_the_cards_page_follows_it_to_the_door(state: str, words: str) -> None:
    customer, account = a_customer()
    pay(wish(customer, account))
    arrived = clock.now() if state == "ARRIVED" else None
    Card.objects.update(state=state, arrived_at=arrived, token="card_12345678", last_four="1234")
    page = browser(customer).get(f"/settings/cards/{Card.objects.get().pk}/").content.decode()
    assert words in page
    assert HOME in page
    assert "At the branch" not in page


def test_who_has_no_address_is_shown_where_to_add_it_and_can_force_nothing() -> None:
    customer, account = a_customer()
    CustomerDetails.objects.all().delete()
    client = browser(customer)
    page = client.get("/settings/cards/new/").content.decode()
    assert 'href="/settings/profile/"' in page
    assert "A courier brings it" not in page
    answer = client.post("/settings/cards/new/", typed(account))
    assert "Choose how you get the card." in answer.content.decode()
    assert not Instruction.objects.exists()


def test_a_new_address_is_refused_beside_the_choice_and_keeps_what_was_typed() -> None:
    customer, account = a_customer(days=1)
    answer = browser(customer).post("/settings/cards/new/", typed(account))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Your home address was changed in the last 7 days" in page
    assert 'value="COURIER" ' in page
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("delivery", ["", "BRANCH", "courier", "x" * 10_000, "<script>"])
def test_what_is_no_courier_needs_a_branch(delivery: str) -> None:
    customer, account = a_customer()
    page = browser(customer).post("/settings/cards/new/", typed(account, delivery=delivery)).content.decode()
    assert "Choose where you will collect it." in page or "Choose how you get the card." in page
    assert "<script>" not in page.replace("<script>&", "")
    assert not Instruction.objects.exists()


def test_a_lost_card_is_replaced_by_courier_for_both_fees() -> None:
    lost = lost_card()
    data = {"account": lost.account_number, "delivery": "COURIER"}
    review = browser(lost.customer).post(f"/settings/cards/{lost.pk}/replace/", data, follow=True)
    text = review.content.decode()
    assert "Pay KES 850.00 and order the card" in text
    assert "KES 350.00" in text


def test_an_address_writes_nothing_into_the_page() -> None:
    customer, account = a_customer()
    CustomerDetails.objects.update(home_address="<b>x</b>=HYPERLINK(", town="Nairobi")
    client = browser(customer)
    assert "<b>x</b>" not in client.get("/settings/cards/new/").content.decode()
    assert "<b>x</b>" not in client.post("/settings/cards/new/", typed(account), follow=True).content.decode()
