"""What a customer's life is put together from: one function for each part of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts import instructions
from accounts.approvals import details
from accounts.cards import acts as card_acts
from accounts.cards import authorising as processor
from accounts.cards import opening, ordering, rules
from accounts.cards.tests import scenes as uses
from accounts.identity import passwordchange
from accounts.identity.factors import acts
from accounts.ledger import money_operation
from accounts.models import (
    Account,
    BranchCustomer,
    CustomerDetails,
    CustomerIdentity,
    Instruction,
    User,
)
from accounts.ownlimits import changing
from accounts.privacy import mydata
from accounts.profile import changing as contact_changes
from accounts.servicing import asking, catalogue, letters
from tests import many
from tests.factories import (
    AccountFactory,
    AuditEventFactory,
    BranchFactory,
    CardFactory,
    CardSightFactory,
    CardUseFactory,
    ConsentFactory,
    ContactChangeFactory,
    CustomerDetailsFactory,
    CustomerDocumentFactory,
    CustomerFactory,
    DataRequestFactory,
    InstructionFactory,
    SupportLookFactory,
    SupportViewFactory,
    TermsAcceptanceFactory,
    UploadFactory,
)
from transfers import services
from transfers.collecting import crediting
from transfers.collecting import working as collecting
from transfers.collecting.preparing import Wish as DepositWish
from transfers.collecting.preparing import prepare_deposit
from transfers.models import (
    BlockedAsker,
    Deposit,
    Incoming,
    MoneyRequest,
)
from transfers.payees import keeping, pausing
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.notifications.services import enqueue
from wekeza_portal.rails.base import Outcome, Status

LOST: dict[str, Any] = {"state": "LOST", "loss": "LOST", "lost_reference": "7KQ2-M9XD-4TWR", "lost_at": clock.now()}
WORDS = ["DEPOSIT", "MOBILE_MONEY_OUT", "MOBILE_MONEY_FEE", "BILL_PAYMENT", "INSURANCE_PREMIUM", "ODD_WORD"]
"""What the branch wrote beside their movements; the last one is no word that anybody knows."""


def prepare(
    customer: BranchCustomer, account: Account, payee: Account, actor: Actor, amount: Decimal = Decimal("2500.00")
) -> Instruction:
    return services.prepare_transfer(
        customer,
        from_number=account.account_number,
        to_number=payee.account_number,
        amount=amount,
        note="Rent for November",
        actor=actor,
    )


def requests(customer: BranchCustomer, actor: Actor) -> dict[str, Any]:
    """Of the branch: a wish with a paper, not sent yet, and one that was sent."""
    wish = details.draft(customer, detail="email", value="emmanuel@example.com")
    asked = details.draft(customer, detail="phone_number", value="+254733444555")
    UploadFactory(customer_id=customer.user_id, about=asked.id, name="a letter.png")
    return {
        "wish": wish,
        "added": UploadFactory(customer_id=customer.user_id, about=wish.id),
        "asked": details.send(customer, asked, actor),
    }


def somebody_new(customer: BranchCustomer, account: Account, actor: Actor) -> dict[str, Any]:
    """To be kept as a payee, paid a large amount, and paid with a file that asks who asked for it."""
    somebody = AccountFactory(customer=CustomerFactory(full_name="Grace Atieno"), balance=Decimal("10.00"))
    extras = keeping.Extras("Grace", Decimal("5000.00"))
    return {
        "keeping": keeping.prepare_wekeza(customer, somebody.account_number, extras),
        "large": prepare(customer, account, somebody, actor, amount=Decimal("30000.00")),
        "in_question": many.file_in_question(customer, account, somebody, Decimal("35000.00"), actor),
    }


def money_requests(customer: BranchCustomer, account: Account, payee: Account) -> dict[str, Any]:
    """One that this customer is asked, one that they ask, and somebody who may ask no more."""
    common = {
        "amount": Decimal("750.00"),
        "note": "Lunch",
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=14),
        "looked_at": clock.now(),
    }
    of = MoneyRequest.objects.create(
        asker_id=payee.customer_id, to_account=payee.account_number, payer_number=account.account_number,
        payer_id=customer.user_id, **common,
    )  # fmt: skip
    by = MoneyRequest.objects.create(
        asker_id=customer.user_id, to_account=account.account_number, payer_number="ACC9999999", **common
    )
    blocked = BlockedAsker.objects.create(customer_id=customer.user_id, asker_id=999_999, created_at=clock.now())
    return {"asked_of": of, "asked_by": by, "blocked": blocked}


def held(customer: BranchCustomer, account: Account, actor: Actor) -> Instruction:
    """A large payment to somebody new that was asked for by phone."""
    caller = AccountFactory(customer=CustomerFactory(full_name="Peter Njoroge"), balance=Decimal("10.00"))
    waiting = prepare(customer, account, caller, actor, amount=Decimal("32000.00"))
    pausing.answer(customer, waiting.id, pausing.Answer.ASKED, actor)
    return waiting


def raising(customer: BranchCustomer, actor: Actor) -> Instruction:
    low, high = ({"DAILY_OUT": Decimal(figure), "MONTHLY_OUT": None} for figure in ("400000.00", "450000.00"))
    changing.change(customer=customer, wanted=low, actor=actor)
    for _time in range(2):
        act = changing.change(customer=customer, wanted=high, actor=actor)
        assert act is not None
        if _time == 0:
            instructions.approve(customer=customer, instruction_id=act.id)
            instructions.carry_out(customer=customer, instruction_id=act.id, actor=actor)
    return act


def contacts(customer: BranchCustomer) -> dict[str, object]:
    """A new address to be reviewed, a new number that waits for its code, an address the old one may undo."""
    token = "4f" * 16
    common = {"customer_id": customer.user_id}
    ContactChangeFactory(**common, detail="email", state="IN_FORCE", undo_digest=contact_changes.digest(token),
        in_force_at=clock.now() - timedelta(hours=1), undo_until=clock.now() + timedelta(hours=71),
    )  # fmt: skip
    number = ContactChangeFactory(**common, detail="phone_number", old="0722000111", new="+254733444555")
    CustomerDetails.objects.filter(customer_id=customer.user_id).delete()
    CustomerDetailsFactory(**common)
    CustomerDocumentFactory(**common, kind="PHOTO", state="REFUSED", reason="Too dark to see your face.")
    draft = contact_changes.prepare(customer, "phone_number", "+254733444556")
    return {"contact_draft": draft, "contact": number, "undo_token": token}


def privacy(user: User, actor: Actor) -> dict[str, Any]:
    """Accepted terms, a copy of the data that is open, a consent, looks of the staff's, two requests."""
    customer = user.customer
    assert customer is not None
    copy = mydata.prepare(customer)
    instructions.approve(customer=customer, instruction_id=copy.id)
    instructions.carry_out(customer=customer, instruction_id=copy.id, actor=actor)
    common = {"customer_id": customer.user_id}
    ConsentFactory(**common)
    AuditEventFactory(**common, verb="staff.viewed", actor_kind="staff", subject="accounts.account:1")
    refused = {"state": "REFUSED", "answer": "The law makes us keep it: POCAMLA, section 46.", "ended_at": clock.now()}
    return {
        "accepted": TermsAcceptanceFactory(user=user),
        "copy": mydata.get(customer, copy.id),
        "data_request": DataRequestFactory(**common),
        "refused_request": DataRequestFactory(**common, kind="ERASURE", **refused),
    }


def looks(customer: BranchCustomer) -> dict[str, Any]:
    """A look at the customer's pages that staff have asked for, and one that is over with a page looked at.

    Not "open", so that no page here asks one question more than every page of everybody: it has tests of its own.
    """
    before = SupportLookFactory(view__customer_id=customer.user_id).view
    waits = {"approved_at": None, "ends_at": None, "ended_at": None, "ended_by": ""}
    return {"look": SupportViewFactory(customer_id=customer.user_id, **waits), "look_of_before": before}


def changed_password(customer: BranchCustomer) -> Instruction:
    """As it stands afterwards: really changing it would end the customer's sessions."""
    state = Instruction.State.DONE
    done: Instruction = InstructionFactory(
        customer=customer, kind=passwordchange.KIND, amount=0, state=state, posted_at=clock.now()
    )
    return done


def cards(customer: BranchCustomer, account: Account, actor: Actor) -> dict[str, Any]:
    """One that works and was used, one that was lost, one that was paid for in the place of another, one that a courier
    has brought."""
    if not CustomerIdentity.objects.filter(customer_id=customer.user_id).exists():
        uses.born(customer)
    common = {"account": account, "customer": customer}
    card, lost, former = (CardFactory(**common, **more) for more in ({}, LOST, LOST))
    CardUseFactory(card=card)
    processor.authorise(uses.use(card, "750.00"))
    controls = replace(rules.controls_at(card, clock.now()), abroad=True)
    card, looser = card_acts.tighten(customer, card.pk, controls, actor)
    where = {"account": account.account_number, "branch": BranchFactory().branch_code}
    paid = ordering.prepare_replacement(customer, former.pk, **where)
    instructions.confirm(customer=customer, instruction_id=paid.id, actor=actor)
    CustomerDetails.objects.filter(customer_id=customer.user_id).delete()
    CustomerDetailsFactory(customer_id=customer.user_id, home_since=clock.now() - timedelta(days=30))
    arrived = {"state": "ARRIVED", "arrived_at": clock.now(), "delivered_to": "House 4, Umoja Estate, Nairobi"}
    return {
        "card": card,
        "lost": lost,
        "card_brought": CardFactory(**common, **arrived),
        "card_bill_home": ordering.prepare_replacement(customer, lost.pk, **where, by_courier=True),
        "card_wish": opening.draft_loosening(customer, card, looser),
        "card_bill": ordering.prepare_replacement(customer, lost.pk, **where),
        "card_paid": paid,
        "sight": CardSightFactory(card=card),
    }


def services_and_letters(customer: BranchCustomer, account: Account, actor: Actor) -> dict[str, Any]:
    """Of the branch: closing an account, not sent, and a reference, sent. Letters: one to be paid for, one paid."""
    closing = {"account": account.account_number, "rest": "CASH", "purpose": "I move abroad"}
    known = {"account": account.account_number, "addressee": "Landlord", "branch": BranchFactory().branch_code}
    asked = asking.draft(customer, catalogue.REFERENCE, known)
    about = {"account": account.account_number, "addressee": "Embassy", "pay_from": account.account_number}
    paid = letters.prepare(customer, "BALANCE", **about)
    instructions.confirm(customer=customer, instruction_id=paid.id, actor=actor)
    return {
        "service": asking.draft(customer, catalogue.CLOSE_ACCOUNT, closing),
        "served": asking.send(customer, asked, actor),
        "letter_bill": letters.prepare(customer, "BALANCE", **about),
        "letter": letters.letter_for(customer, paid.id),
    }


def money_in(account: Account, actor: Actor) -> dict[str, Any]:
    """Deposits from M-Pesa: a draft, one on the phone, one that was refused; and money that came to the paybill."""
    customer = account.customer
    assert customer is not None
    made: dict[str, Any] = {}
    for name, amount, msisdn in (
        ("deposit", "1500", "254722000111"),
        ("ringing", "700", "254711222333"),
        ("refused", "800", "254733444555"),
    ):
        draft = prepare_deposit(customer, DepositWish(account.account_number, msisdn, Decimal(amount)), actor=actor)
        made[name] = draft
        if name != "deposit":
            instructions.approve(customer=customer, instruction_id=draft.id)
            instructions.confirm(customer=customer, instruction_id=draft.id, actor=actor)
            made[name] = Deposit.objects.get(pk=draft.id)
    no = Outcome(Status.REFUSED, "1032", customer="cancelled")
    collecting.take_note(made["refused"], no, asked=False)
    word = crediting.Word(Incoming.Way.PAYBILL, Decimal("2500.00"), "SKP63E9YF4", "PETER KAMAU")
    made["received"] = money_operation(crediting.take_in)(word, crediting.target_at(account))
    return made


def change_factors(user: User, kind: str) -> Instruction:
    """A change of the second factors, confirmed and done."""
    customer = user.customer
    assert customer is not None
    act = acts.prepare(user, customer, kind)
    instructions.approve(customer=customer, instruction_id=act.id)
    instructions.carry_out(customer=customer, instruction_id=act.id, actor=Actor("customer", str(user.pk)))
    return act


def message_to_try(customer: BranchCustomer) -> OutboxMessage:
    """Asked for by its customer, and still on its way out."""
    return enqueue(
        cause=f"test-message:{customer.user_id}",
        event=Event.ASKED,
        channel=Channel.SMS,
        to="+254722000111",
        customer_id=customer.user_id,
        subject="Test message",
        body="Wekeza: this is the test message that you asked for.",
    )
