"""Asking for a card: what is refused, what it costs, and how it comes into being with the simulated processor."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.http import Http404

from accounts import checking, instructions
from accounts.cards import acts, errors, opening, ordering, papers, showing, working
from accounts.cards.tests.scenes import a_card, actor_of, balance, born, owner, with_a_code
from accounts.models import Account, BranchCustomer, Card, CardSight, CardUse, CustomerIdentity, Instruction, Posting
from accounts.profile import rights
from tests.factories import AccountFactory, BranchFactory, FeeFactory, PortalSwitchFactory, UserFactory
from wekeza_portal import calendar, clock
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator import cards as simulated
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def a_customer(balance: str = "5000.00", **changes: Any) -> tuple[BranchCustomer, Account]:
    customer = UserFactory(**{f"customer__{name}": value for name, value in changes.items()}).customer
    assert customer is not None
    born(customer)
    account: Account = AccountFactory(customer=customer, balance=D(balance))
    return customer, account


def order(customer: BranchCustomer, account: Account, kind: str = "PHYSICAL") -> Card:
    branch = BranchFactory().branch_code if kind == "PHYSICAL" else ""
    draft = ordering.prepare_order(customer, kind=kind, account=account.account_number, branch=branch)
    with_a_code(draft)
    return Card.objects.get(pk=draft.id)


def confirm(card: Card, draft: Instruction) -> None:
    instructions.confirm(customer=owner(card), instruction_id=draft.id, actor=actor_of(card))


def replacement(lost: Card, **changes: Any) -> Instruction:
    where = {"account": lost.account_number, "branch": BranchFactory().branch_code, **changes}
    return ordering.prepare_replacement(owner(lost), lost.pk, **where)


def lost_card(balance: str = "5000.00", **changes: Any) -> Card:
    return a_card(balance, **{"state": "LOST", "loss": "LOST", **changes})


def test_a_new_card_is_free_and_says_when_it_is_there() -> None:
    customer, account = a_customer()
    card = order(customer, account)
    assert (card.state, card.token, card.last_four) == ("ORDERED", None, "")
    assert card.promised_on == calendar.add_business_days(clock.today(), 7)
    assert (card.atm_daily, card.online, card.abroad, card.gambling) == (D("50000.00"), True, False, False)
    assert Posting.objects.count() == 0
    assert InboxItem.objects.get(customer_id=customer.user_id).cause == f"card-ordered:{card.pk}"


def test_there_is_one_card_of_a_kind_on_an_account() -> None:
    customer, account = a_customer()
    order(customer, account)
    order(customer, account, "VIRTUAL")
    for kind in ("PHYSICAL", "VIRTUAL"):
        with pytest.raises(errors.OneIsEnough):
            order(customer, account, kind)


def test_two_drafts_of_the_same_card_end_in_one() -> None:
    customer, account = a_customer()
    branch = BranchFactory().branch_code
    drafts = [
        ordering.prepare_order(customer, kind="PHYSICAL", account=account.account_number, branch=branch)
        for _ in range(2)
    ]
    with_a_code(drafts[0])
    with pytest.raises(errors.OneIsEnough):
        with_a_code(drafts[1])
    assert Card.objects.count() == 1


def test_nobody_has_more_than_six() -> None:
    customer, _account = a_customer()
    accounts = [AccountFactory(customer=customer) for _ in range(4)]
    for account in accounts[:3]:
        for kind in ("PHYSICAL", "VIRTUAL"):
            order(customer, account, kind)
    with pytest.raises(errors.TooManyCards):
        order(customer, accounts[3])


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_that_is_not_active_gets_no_card(status: str) -> None:
    customer, account = a_customer()
    Account.objects.filter(pk=account.pk).update(status=status)
    with pytest.raises(errors.AccountNotActive):
        order(customer, account)


def test_somebody_elses_account_gets_no_card() -> None:
    customer, _account = a_customer()
    _stranger, theirs = a_customer()
    with pytest.raises(Http404):
        order(customer, theirs)


def test_an_account_that_changed_hands_between_review_and_code_gets_none() -> None:
    customer, account = a_customer()
    draft = ordering.prepare_order(customer, kind="VIRTUAL", account=account.account_number, branch="")
    Account.objects.filter(pk=account.pk).update(customer=UserFactory().customer)
    with pytest.raises(errors.AccountGone):
        with_a_code(draft)
    assert Card.objects.count() == 0


@pytest.mark.parametrize("branch", ["", "NOWHERE"])
def test_a_branch_there_is_not_gives_no_card(branch: str) -> None:
    customer, account = a_customer()
    with pytest.raises(errors.BranchGone):
        ordering.prepare_order(customer, kind="PHYSICAL", account=account.account_number, branch=branch)


def test_what_is_switched_off_between_review_and_confirm_is_not_done() -> None:
    customer, account = a_customer()
    draft = ordering.prepare_order(customer, kind="VIRTUAL", account=account.account_number, branch="")
    lost = lost_card()
    bill = replacement(lost)
    PortalSwitchFactory(code="CARDS", is_on=False)
    with pytest.raises(SwitchedOff):
        with_a_code(draft)
    with pytest.raises(SwitchedOff):
        confirm(lost, bill)
    assert (balance(lost), Card.objects.count()) == (D("5000.00"), 1)


def test_a_portal_without_a_processor_offers_no_cards(settings: Any) -> None:
    settings.RAILS_NEED_CREDENTIALS = True
    customer, account = a_customer()
    with pytest.raises(errors.CardsNotSetUp):
        order(customer, account, "VIRTUAL")


@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("Emmanuel Otieno", "EMMANUEL OTIENO"),
        ("Ng\u0169g\u0129 wa Thiong'o", "NGUGI WA THIONG'O"),
        ("Anne-Marie " + "x" * 40, "ANNE-MARIE"),
        ("\U0001f600", "CARD HOLDER"),
        ("<script>", "SCRIPT"),
        ("A" * 30, "CARD HOLDER"),
    ],
)
def test_a_name_is_pressed_in_plain_capitals_and_whole_words(name: str, pressed: str) -> None:
    assert ordering.name_on_card(name) == pressed


# --- In the place of a lost one ---


def test_a_replacement_costs_the_fee_once_and_leaves_a_receipt() -> None:
    lost = lost_card(online=False, atm_daily=D("2000.00"))
    draft = replacement(lost)
    assert (draft.amount, draft.fee, draft.payload["excise"]) == (D("500.00"), D("0.00"), "83.33")
    for _ in range(3):
        confirm(lost, draft)
    assert balance(lost) == D("4500.00")
    card = Card.objects.get(replaces=lost)
    assert (card.online, card.atm_daily, card.account_id) == (False, D("2000.00"), lost.account_id)
    paper = papers.paper_of(Instruction.objects.get(pk=draft.pk))
    assert (paper.amount, paper.balance_after, paper.last_four) == (D("500.00"), D("4500.00"), lost.last_four)
    pdf = papers.receipt_pdf(paper, customer=owner(lost), language="sw", actor=actor_of(lost))
    assert pdf.startswith(b"%PDF")
    assert list(checking.differences()) == []


def test_another_account_of_the_same_owner_can_pay_for_it() -> None:
    lost = lost_card()
    other = AccountFactory(customer=owner(lost), balance=D("2000.00"))
    confirm(lost, replacement(lost, account=other.account_number))
    assert Account.objects.get(pk=other.pk).balance == D("1500.00")
    assert Card.objects.get(replaces=lost).account_id == lost.account_id


def test_a_second_replacement_is_neither_paid_nor_ordered() -> None:
    lost = lost_card()
    first, second = replacement(lost), replacement(lost)
    confirm(lost, first)
    with pytest.raises(errors.NothingToReplace):
        confirm(lost, second)
    with pytest.raises(errors.NothingToReplace):
        replacement(lost)
    assert balance(lost) == D("4500.00")


def test_a_card_that_works_or_is_somebody_elses_is_not_replaced() -> None:
    card, lost = a_card(), lost_card()
    with pytest.raises(errors.NothingToReplace):
        replacement(card)
    with pytest.raises(Http404):
        ordering.prepare_replacement(owner(card), lost.pk, account=card.account_number, branch="")


def test_a_fee_that_changed_since_the_review_is_not_taken() -> None:
    lost = lost_card()
    draft = replacement(lost)
    FeeFactory(code="CARD_REPLACEMENT", amount=D("700.00"), effective_from=clock.today())
    with pytest.raises(errors.FeeChanged):
        confirm(lost, draft)
    assert (balance(lost), Card.objects.count()) == (D("5000.00"), 1)


def test_without_the_money_nothing_is_ordered() -> None:
    lost = lost_card("499.99")
    with pytest.raises(Exception, match="up to"):
        confirm(lost, replacement(lost))
    assert Card.objects.count() == 1


# --- With the simulated processor, over its socket ---


def reported(sim: Simulator) -> None:
    sim.courier.deliver()
    callbacks.work_through()


def test_a_card_is_made_reported_collected_and_used(railsim: Simulator) -> None:
    customer, account = a_customer("9000.00")
    card = order(customer, account)
    assert working.work() == 1
    card.refresh_from_db()
    assert card.state == "MAKING"
    assert card.token is not None
    assert len(card.last_four) == 4
    reported(railsim)
    card.refresh_from_db()
    assert card.state == "ARRIVED"
    assert None not in (card.sent_at, card.arrived_at)
    with_a_code(opening.draft(customer, opening.ACTIVATE, card))
    said = simulated.use(railsim.desk("cards"), card.token, "SHOP", "1200.00")
    assert (said["status"], said["decision"]) == (200, "APPROVED")
    simulated.take_back(railsim.desk("cards"), CardUse.objects.get().processor_id)
    reported(railsim)
    assert balance(card) == D("9000.00")
    assert railsim.store.alarms() == []


@pytest.mark.parametrize(
    ("way", "code"),
    [("ATM", "00"), ("SHOP", "00"), ("CONTACTLESS", "00"), ("ONLINE", "00"), ("ABROAD", "57"), ("BET", "57")],
)
def test_every_way_of_the_simulators_page_is_understood(railsim: Simulator, way: str, code: str) -> None:
    card = a_card()
    assert simulated.use(railsim.desk("cards"), card.token or "", way, "100.00")["code"] == code


def test_a_virtual_card_works_as_soon_as_it_is_made_and_shows_its_number_once(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account, "VIRTUAL")
    working.work()
    card.refresh_from_db()
    assert card.state == "ACTIVE"
    draft = showing.draft_look(customer, card)
    with_a_code(draft)
    url = showing.look(customer, draft.id, actor_of(card))
    page = httpx.get(url)
    made = simulated.plastic(card.pk, clock.today())
    assert f"{made.number[:4]} {made.number[4:8]}" in page.text
    assert card.last_four == made.number[-4:]
    assert httpx.get(url).status_code == 410
    assert_unseen(railsim, made.number, made.pin)


def test_a_pin_is_shown_on_the_processors_page_and_is_written_nowhere(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account)
    working.work()
    reported(railsim)
    card.refresh_from_db()
    draft = showing.draft_look(customer, card)
    with_a_code(draft)
    made = simulated.plastic(card.pk, clock.today())
    assert f"<h2>{made.pin}</h2>" in httpx.get(showing.look(customer, draft.id, actor_of(card))).text
    assert_unseen(railsim, made.number, f"<h2>{made.pin}")


def assert_unseen(sim: Simulator, *secrets: str) -> None:
    """Neither in our tables nor in the simulator's log of what it said."""
    ours = [str(row) for model in (Card, CardSight, CardUse, RailCallback, InboxItem) for row in model.objects.values()]
    theirs = [str(row) for row in sim.store.rows("SELECT * FROM request")]
    for secret in secrets:
        assert secret not in "".join(ours + theirs)
        assert not [text for text in ours if " ".join(secret[n : n + 4] for n in range(0, 16, 4)) in text]


def test_an_order_that_was_not_answered_is_sent_again_and_makes_one_card(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account, "VIRTUAL")
    railsim.store.set_fault("cards", "accept_503", 1)
    working.work()
    card.refresh_from_db()
    assert (card.state, card.token) == ("ORDERED", None)
    assert working.work() == 0, "not before it is due again"
    railsim.store.set_fault("cards", "accept_503", 0)
    Card.objects.update(due_at=clock.now())
    working.work()
    card.refresh_from_db()
    assert card.state == "ACTIVE"
    made = railsim.store.rows("SELECT * FROM note WHERE kind = 'card'")
    assert len(made) == 1


def test_an_order_that_is_refused_gives_the_fee_back(railsim: Simulator) -> None:
    lost = lost_card(customer=UserFactory(customer__full_name="Refuse Me").customer)
    confirm(lost, replacement(lost))
    assert balance(lost) == D("4500.00")
    working.work()
    card = Card.objects.get(replaces=lost)
    assert (card.state, balance(lost)) == ("REFUSED", D("5000.00"))
    Card.objects.filter(pk=card.pk).update(due_at=clock.now())
    assert balance(lost) == D("5000.00")
    assert list(checking.differences()) == []


def test_the_processor_is_told_of_a_lost_card_until_it_has_heard(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account, "VIRTUAL")
    working.work()
    acts.report_lost(customer, card.pk, "STOLEN", actor_of(card))
    railsim.store.set_fault("cards", "busy", 1)
    working.work()
    card.refresh_from_db()
    assert card.told_at is None
    railsim.store.set_fault("cards", "busy", 0)
    Card.objects.update(due_at=clock.now())
    working.work()
    card.refresh_from_db()
    assert card.told_at is not None
    assert card.due_at is None
    kept = railsim.store.recall("cards", "card", card.token or "")
    assert kept["ended"] == "STOLEN"


def test_a_card_that_was_lost_before_it_was_made_is_made_and_ended(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account)
    acts.report_lost(customer, card.pk, "LOST", actor_of(card))
    assert working.work() == 2
    card.refresh_from_db()
    assert (card.state, card.due_at) == ("LOST", None)
    assert card.told_at is not None


def test_late_reports_do_not_take_a_card_back(railsim: Simulator) -> None:
    customer, account = a_customer()
    card = order(customer, account)
    working.work()
    railsim.store.set_fault("*", "reverse", 1)
    reported(railsim)
    card.refresh_from_db()
    assert card.state == "ARRIVED"


def test_who_calls_the_simulator_without_the_key_gets_nothing(railsim: Simulator) -> None:
    for path in ("/v1/cards", "/v1/cards/card_12345678/looks"):
        assert httpx.post(f"{railsim.url}/cards{path}", json={}).status_code == 403
    assert httpx.get(f"{railsim.url}/cards/use").status_code == 200


@pytest.mark.parametrize(("year", "refusal"), [(2015, rights.TooYoung), (None, rights.AgeUnknown)])
def test_nobody_gets_a_card_who_is_a_child_or_whose_age_nobody_knows(
    year: int | None, refusal: type[Exception]
) -> None:
    customer, account = a_customer()
    CustomerIdentity.objects.all().delete()
    if year is not None:
        born(customer, year)
    with pytest.raises(refusal):
        order(customer, account)
    assert not Card.objects.exists()


def test_an_order_that_waits_is_asked_the_age_again() -> None:
    customer, account = a_customer()
    branch = BranchFactory().branch_code
    draft = ordering.prepare_order(customer, kind="PHYSICAL", account=account.account_number, branch=branch)
    CustomerIdentity.objects.all().delete()
    with pytest.raises(rights.AgeUnknown):
        with_a_code(draft)
    assert not Card.objects.exists()
