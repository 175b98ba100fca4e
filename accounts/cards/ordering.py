"""Asking for a card: a new one after a code, one in the place of a lost one for the bank's fee through the ledger.

A new one is free where it is collected; brought home by courier it is a payment of its own kind.
"""

import unicodedata
import uuid
from typing import Any

from accounts import instructions, limits
from accounts.cards import courier, errors, pricing, rules, stops, telling
from accounts.cards.acts import locked, note
from accounts.cards.authorising import lock_cards
from accounts.cards.selectors import card_for
from accounts.ledger import Leg, Receipt, Side, lock_same_account, post
from accounts.models import Account, Branch, BranchCustomer, Card, Instruction, Limit
from accounts.profile import rights
from accounts.selectors import account_for
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.rails import cards as processor
from wekeza_portal.staff import switches

ORDER, DELIVERY, REPLACEMENT = "CARD_ORDER", "CARD_DELIVERY", "CARD_REPLACEMENT"
MOST = 6
"""Cards of one customer that work or are on their way."""
NAME_LENGTH = 26
"""Characters on a card (ISO 7813)."""
FEE_INCOME = "fees.income"


def prepare_order(
    customer: BranchCustomer, *, kind: str, account: str, branch: str, by_courier: bool = False
) -> Instruction:
    """A draft of asking for a new card; of paying for the courier where a card is to be brought home. Raises
    SwitchedOff, CardsNotSetUp, CardsStopped, what `rights.require` refuses with, AccountNotActive, OneIsEnough,
    TooManyCards, BranchGone, what `courier.to_home_of` refuses with, Http404 for an account that is not the
    customer's."""
    _refuse_unless_offered()
    stops.refuse_if_stopped(customer.user_id)
    rights.require(customer, Limit.Code.MAY_HAVE_CARD)
    source = account_for(customer, account)
    delivery = _delivery(customer, kind, by_courier)
    place = branch if kind == Card.Kind.PHYSICAL and delivery is None else None
    _refuse_unless_possible(customer, kind, source.account_id, place, lock=False)
    payload = {
        "card_kind": kind,
        "from_account_id": str(source.account_id),
        "from_number": source.number,
        "branch": place or "",
    }
    if delivery is not None:
        return _draft(customer, DELIVERY, payload, delivery, delivery.price)
    return instructions.draft(
        customer=customer, kind=ORDER, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def _delivery(customer: BranchCustomer, kind: str, by_courier: bool) -> courier.Delivery | None:
    """A virtual card is brought nowhere."""
    return courier.to_home_of(customer) if by_courier and kind == Card.Kind.PHYSICAL else None


def _draft(
    customer: BranchCustomer,
    kind: str,
    payload: dict[str, str],
    delivery: courier.Delivery | None,
    price: pricing.Price,
) -> Instruction:
    """A payment for a card."""
    about = {**payload, "excise": str(price.excise)}
    if delivery is not None:
        about |= {"delivered_to": delivery.address, "courier_fee": str(delivery.price.amount)}
    return instructions.draft(
        customer=customer,
        kind=kind,
        payload=about,
        amount=price.amount,
        fee=ZERO,
        fee_row_id=price.row_id,
        payee_key=courier.payee_key(delivery),
    )


def execute_order(instruction: Instruction, actor: Actor) -> None:
    """Write the order down for the worker. Raises what `prepare_order` raises, and AccountGone."""
    account = _account_that_may_have_it(instruction)
    _enter(instruction, account, actor)


def execute_delivery(instruction: Instruction, actor: Actor) -> Receipt:
    """Take the courier's fee and write the order down, in one transaction. Raises what `prepare_order` raises,
    AccountGone, AddressChanged, FeeChanged, or what the ledger refuses with."""
    account = _account_that_may_have_it(instruction)
    delivery = courier.again(instruction)
    assert delivery is not None, "a payment for a courier has an address"
    _refuse_other_price(instruction, delivery.price)
    receipt = post(instruction_id=instruction.id, kind=DELIVERY, legs=_legs(instruction, account), actor=actor)
    _enter(instruction, account, actor, paid=receipt)
    return receipt


def _account_that_may_have_it(instruction: Instruction) -> Account:
    """The account of the reviewed order, locked, and everything asked again."""
    _refuse_unless_offered()
    customer, payload = instruction.customer, instruction.payload
    rights.require(customer, Limit.Code.MAY_HAVE_CARD)
    account_id, place = int(payload["from_account_id"]), payload["branch"] or None
    _refuse_unless_possible(customer, payload["card_kind"], account_id, place, lock=True)
    account = the_same_account(instruction)  # after the cards: the order in which an authorisation locks
    stops.refuse_if_stopped(instruction.customer_id)  # under the lock that whoever stops everything takes
    return account


def _enter(instruction: Instruction, account: Account, actor: Actor, paid: Receipt | None = None) -> None:
    card = _new_card(instruction, account, instruction.payload["card_kind"], Limit.Code.CARD_NEW_DAYS)
    card.instruction_id = instruction.id if paid is not None else None
    card.save(force_insert=True)
    note("card.ordered", card, actor, kind=card.kind, **({"reference": paid.reference} if paid is not None else {}))
    telling.changed(card, "ordered", card.pk)


def prepare_replacement(
    customer: BranchCustomer, card_id: uuid.UUID, *, account: str, branch: str, by_courier: bool = False
) -> Instruction:
    """A draft of paying for a card in the place of a lost one, and for the courier where it is to be brought home.
    Raises SwitchedOff, CardsNotSetUp, CardsStopped, what `rights.require` refuses with, NothingToReplace, BranchGone,
    what `courier.to_home_of` refuses with, Http404, NoCardFee."""
    _refuse_unless_offered()
    stops.refuse_if_stopped(customer.user_id)
    rights.require(customer, Limit.Code.MAY_HAVE_CARD)
    lost = card_for(customer, card_id).card
    if lost.state != Card.State.LOST or Card.objects.filter(replaces=lost).exists():
        raise errors.NothingToReplace()
    source, delivery = account_for(customer, account), _delivery(customer, lost.kind, by_courier)
    is_collected = lost.kind == Card.Kind.PHYSICAL and delivery is None
    if is_collected:
        _refuse_unless_branch(branch)
    payload = {
        "card": str(lost.pk),
        "last_four": lost.last_four,
        "from_account_id": str(source.account_id),
        "from_number": source.number,
        "branch": branch if is_collected else "",
    }
    return _draft(customer, REPLACEMENT, payload, delivery, _price_of_replacing(delivery))


def _price_of_replacing(delivery: courier.Delivery | None) -> pricing.Price:
    price = pricing.replacement(clock.today())
    return pricing.together(price, delivery.price if delivery is not None else None)


def _refuse_other_price(instruction: Instruction, price: pricing.Price) -> None:
    if (price.amount, str(price.excise)) != (instruction.amount, instruction.payload["excise"]):
        raise errors.FeeChanged(fee=format_kes(price.amount))


def execute_replacement(instruction: Instruction, actor: Actor) -> Receipt:
    """Take the fee and write the order down, in one transaction. Raises SwitchedOff, CardsNotSetUp, FeeChanged,
    CardsStopped, what `rights.require` refuses with, NothingToReplace, BranchGone, AccountGone, AddressChanged, what
    `courier.to_home_of` refuses with, or what the ledger refuses with."""
    _refuse_unless_offered()
    rights.require(instruction.customer, Limit.Code.MAY_HAVE_CARD)
    payload = instruction.payload
    lost = locked(instruction.customer, uuid.UUID(payload["card"]))
    if lost.state != Card.State.LOST or Card.objects.filter(replaces=lost).exists():
        raise errors.NothingToReplace()
    if payload["branch"]:
        _refuse_unless_branch(payload["branch"])
    paying = the_same_account(instruction)
    stops.refuse_if_stopped(instruction.customer_id)
    _refuse_other_price(instruction, _price_of_replacing(courier.again(instruction)))
    receipt = post(instruction_id=instruction.id, kind=REPLACEMENT, legs=_legs(instruction, paying), actor=actor)
    card = _replacing(instruction, lost)
    card.save(force_insert=True)
    note("card.ordered", card, actor, kind=card.kind, replaces=str(lost.pk), reference=receipt.reference)
    telling.changed(card, "ordered", card.pk)
    return receipt


def _legs(instruction: Instruction, paying: Account) -> list[Leg]:
    replaced = instruction.payload.get("last_four")
    says = f"Replacement of card ...{replaced} - Online" if replaced else "Courier for a card - Online"
    return [
        Leg(Side.DEBIT, instruction.amount, paying.account_id, txn_type="CARD_FEE_OUT", description=says),
        Leg(Side.CREDIT, instruction.amount, internal=FEE_INCOME),
    ]


def _replacing(instruction: Instruction, lost: Card) -> Card:
    """The card in the place of a lost one: on the same account, and what its owner allowed stays so."""
    account = Account.objects.get(pk=lost.account_id)
    days = Limit.Code.CARD_REPLACE_DAYS
    card = _new_card(instruction, account, lost.kind, days)
    now = rules.controls_at(lost, card.ordered_at)
    for name in (rules.ATM_DAILY, *rules.SWITCHES):
        setattr(card, name, getattr(now, name))
    card.replaces, card.instruction_id = lost, instruction.id
    return card


def _new_card(instruction: Instruction, account: Account, kind: str, days: str) -> Card:
    customer, now = instruction.customer, clock.now()
    found = limits.values([days, Limit.Code.CARD_ATM_DAY], tier=customer.kyc_tier, on=clock.today())
    is_made_here = kind == Card.Kind.PHYSICAL
    return Card(
        id=instruction.id,
        customer_id=customer.user_id,
        account_id=account.account_id,
        account_number=account.account_number,
        kind=kind,
        name_on_card=name_on_card(customer.full_name),
        branch_code=instruction.payload["branch"],
        delivered_to=instruction.payload.get("delivered_to", ""),
        promised_on=calendar.add_business_days(clock.today(), int(found[days])) if is_made_here else None,
        ordered_at=now,
        due_at=now,
        atm_daily=found[Limit.Code.CARD_ATM_DAY],
    )


def name_on_card(full_name: str) -> str:
    """The name as it is pressed into plastic: plain capitals, as many whole words as fit."""
    folded = unicodedata.normalize("NFKD", full_name).encode("ascii", "ignore").decode().upper()
    words = "".join(letter if letter.isalpha() or letter in " '-" else " " for letter in folded).split()
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        line = longer if len(longer) <= NAME_LENGTH else line
    return line or "CARD HOLDER"


def the_same_account(instruction: Instruction) -> Account:
    """The account as reviewed, locked. Raises AccountGone."""
    payload = instruction.payload
    account = lock_same_account(int(payload["from_account_id"]), payload["from_number"], instruction.customer_id)
    if account is None:
        raise errors.AccountGone()
    return account


def _refuse_unless_offered() -> None:
    switches.require_on(switches.CARDS)
    if not processor.may_be_asked():
        raise errors.CardsNotSetUp()


def _refuse_unless_possible(
    customer: BranchCustomer, kind: str, account_id: int, branch: str | None, *, lock: bool
) -> None:
    """`branch`: where it is collected; None where it is not.

    `lock`: one order after the other, so that two tabs order no second card.
    """
    if lock:
        BranchCustomer.objects.select_for_update().get(pk=customer.pk)
    own: Any = lock_cards(customer.user_id) if lock else Card.objects.filter(customer_id=customer.user_id)
    living = [card for card in own if not rules.is_over(rules.standing_of(card, clock.today()))]
    if len(living) >= MOST:
        raise errors.TooManyCards(most=MOST)
    if any(card.account_id == account_id and card.kind == kind for card in living):
        raise errors.OneIsEnough()
    account = Account.objects.filter(pk=account_id).first()
    if account is None or account.status != Account.Status.ACTIVE or (account.currency or "KES") != "KES":
        raise errors.AccountNotActive()
    if branch is not None:
        _refuse_unless_branch(branch)


def _refuse_unless_branch(code: str) -> None:
    if not Branch.objects.filter(branch_code=code, is_active=True).exists():
        raise errors.BranchGone()
