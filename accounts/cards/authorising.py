"""Answering each use of a card: refused with a code, or posted once, under the lock on all of its owner's cards.

Who freezes or blocks a card takes the same locks: a use is either posted before that, or refused. A question that comes
again, in parallel too, gets the first answer.
"""

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts import ledger, limits
from accounts.cards import rules, stops, telling
from accounts.cards.asking import Use, read_use
from accounts.cards.rules import Channel, Why
from accounts.content import content_hash
from accounts.ledger import Leg, Receipt, Side, money_operation
from accounts.models import BranchCustomer, Card, CardUse, Instruction, Limit
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.reading import UNREADABLE, read

logger = logging.getLogger(__name__)

KIND = "CARD_USE"
"""The kind of the instruction and of the posting."""
OWED = "cards.processor"
"""The internal account of what is owed to the processor for uses that were approved and not taken back."""
ACTOR = system("cards")
TXN_TYPES: Mapping[Channel, str] = {
    Channel.ATM: "CARD_ATM_OUT",
    Channel.SHOP: "CARD_SHOP_OUT",
    Channel.CONTACTLESS: "CARD_SHOP_OUT",
    Channel.ONLINE: "CARD_WEB_OUT",
}


class AnotherQuestion(Exception):
    """The id was used before for something else."""


def answer(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and answer to one question of the processor's: see docs/cards.md."""
    try:
        processor.refuse_unless_signed(processor.AUTHORISE, body, headers, now_only=True)
        use = read_use(read(body))
    except processor.WrongSignature as wrong:
        logger.warning("a card use was not believed: %s", wrong)
        return 403, {"error": "signature"}
    except UNREADABLE as error:
        return 400, {"error": f"{type(error).__name__}: {error}"[:100]}
    try:
        return 200, _asked_again(use)
    except AnotherQuestion:
        return 409, {"error": "this id was another question"}
    except ledger.BankIsBusy:
        return 503, {"code": rules.BUSY}


def _asked_again(use: Use) -> dict[str, Any]:
    """Once more where the same id was being answered for another card at the same moment."""
    try:
        return authorise(use)
    except IntegrityError:
        return authorise(use)


@money_operation
def authorise(use: Use) -> dict[str, Any]:
    """Decide, and post what is approved. Raises AnotherQuestion, BankIsBusy."""
    cards = lock_cards_of_token(use.card)
    known = CardUse.objects.filter(processor_id=use.id).first()
    if known is not None:
        if known.digest != use.digest:
            raise AnotherQuestion()
        return said(known)
    card = next((row for row in cards if row.token == use.card), None)
    if card is None:
        return {"id": use.id, "decision": "REFUSED", "code": rules.NO_SUCH_CARD, "reference": ""}
    row = blank_use(use, card)
    why = _refusal(use, card, cards, row)
    if why is None:
        why = _posted(row, use, card)
    if why is not None:
        row.code, row.why = rules.CODES[why], why
    row.save(force_insert=True)
    return said(row)


def lock_cards_of_token(token: str) -> list[Card]:
    """All cards of the owner of the one with this token, locked; empty where there is none."""
    owner = Card.objects.filter(token=token).values_list("customer_id", flat=True).first()
    return [] if owner is None else lock_cards(owner)


def lock_cards(customer_id: int) -> list[Card]:
    """All cards of a customer, locked in primary-key order: their uses and changes happen one after the other."""
    return list(Card.objects.select_for_update().filter(customer_id=customer_id).order_by("pk"))


def blank_use(use: Use, card: Card) -> CardUse:
    """The row of a use that is not decided yet."""
    now = clock.now()
    return CardUse(
        processor_id=use.id,
        digest=use.digest,
        card=card,
        customer_id=card.customer_id,
        channel=use.channel,
        amount=use.amount,
        original_amount=use.original_amount,
        original_currency=use.original_currency,
        merchant=use.merchant,
        city=use.city,
        country=use.country,
        category=use.category,
        code=rules.APPROVED,
        business_date=now.astimezone(clock.NAIROBI).date(),
        at=now,
    )


def said(row: CardUse) -> dict[str, Any]:
    """The answer that was decided."""
    decision = "APPROVED" if row.is_approved else "REFUSED"
    return {"id": row.processor_id, "decision": decision, "code": row.code, "reference": row.reference}


def _refusal(use: Use, card: Card, cards: Iterable[Card], row: CardUse) -> Why | None:
    """What forbids this use before the money is looked at."""
    standing = rules.standing_of(card, row.business_date)
    if standing in rules.OBSTACLES:
        return rules.OBSTACLES[standing]
    owner = owner_of(card)
    if owner is None:
        return Why.ACCOUNT
    if stops.is_stopped(card.customer_id):
        return Why.STOPPED
    controls = rules.controls_at(card, row.at)
    why = rules.forbidden(card, controls, use.channel, country=use.country, category=use.category)
    if why is None and use.channel is Channel.ATM:
        why = _beyond_cash(use, card, controls, row, owner.kyc_tier)
    return why


def owner_of(card: Card) -> BranchCustomer | None:
    """Whose card it is; None where the branch has closed that person, or gave the id to somebody else."""
    owner = BranchCustomer.objects.filter(pk=card.customer_id, is_active=True, business__isnull=True).first()
    return owner if owner is not None and owner.created_at <= card.ordered_at else None


def _beyond_cash(use: Use, card: Card, controls: rules.Controls, row: CardUse, tier: str) -> Why | None:
    today = CardUse.objects.filter(customer_id=card.customer_id, business_date=row.business_date, channel=Channel.ATM)
    taken = list(today)
    bank = limits.value(Limit.Code.CARD_ATM_DAY, tier=tier, on=row.business_date)
    return rules.beyond_cash(
        use.amount,
        by_card=together(other for other in taken if other.card_id == card.pk),
        own=min(controls.atm_daily, bank),
        by_all=together(taken),
        bank=bank,
    )


def together(uses: Iterable[CardUse]) -> Decimal:
    """KES these uses take from a limit."""
    return sum((use.counts for use in uses), ZERO)


def _posted(row: CardUse, use: Use, card: Card) -> Why | None:
    """Post it, in a savepoint: what the ledger refuses leaves nothing behind but the refusal."""
    try:
        with transaction.atomic():
            receipt = _post(row, use, card)
    except ledger.InsufficientFunds:
        return Why.NO_FUNDS
    except limits.RecoveryCapExceeded:
        return Why.RECOVERY
    except (PortalError, _AnotherOwner):
        return Why.ACCOUNT
    row.reference = receipt.reference
    telling.used(row)
    return None


class _AnotherOwner(Exception):
    """The branch's scripts gave the account's id to somebody else."""


def _post(row: CardUse, use: Use, card: Card) -> Receipt:
    instruction = _instruct(row, card)
    if ledger.lock_same_account(card.account_id, card.account_number, card.customer_id) is None:
        raise _AnotherOwner()
    says = f"Card ...{card.last_four} {use.merchant} {use.city}".strip()
    legs = [
        Leg(Side.DEBIT, use.amount, card.account_id, txn_type=TXN_TYPES[use.channel], description=f"{says} - Online"),
        Leg(Side.CREDIT, use.amount, internal=OWED),
    ]
    return ledger.post(instruction_id=instruction.id, kind=KIND, legs=legs, actor=ACTOR)


def _instruct(row: CardUse, card: Card) -> Instruction:
    """The instruction of a use: the owner's, given with the card instead of on a page, and never anybody's draft."""
    instruction = Instruction(
        id=row.public_id,
        customer_id=card.customer_id,
        kind=KIND,
        payload={"card": str(card.pk), "processor_id": row.processor_id, "merchant": row.merchant},
        amount=row.amount,
        fee=ZERO,
        created_at=row.at,
        expires_at=row.at,
    )
    instruction.content_hash = content_hash(instruction)
    instruction.save(force_insert=True)
    return instruction
