"""What the processor reports by itself: a use was taken back, a card has left or arrived. Callback `cards.report`."""

from collections.abc import Mapping
from typing import Any

from accounts import ledger
from accounts.cards import rules, telling
from accounts.cards.asking import Use, read_use
from accounts.cards.authorising import ACTOR, blank_use, lock_cards_of_token
from accounts.cards.rules import Why
from accounts.ledger import money_operation
from accounts.models import Card, CardUse, Posting
from wekeza_portal import clock
from wekeza_portal.audit.services import record
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.reading import read, text_of
from wekeza_portal.registry import CallbackHandler, CallbackIgnored

State = Card.State
REASON = "taken back by the card processor"
PROGRESS = {State.ORDERED: 0, State.MAKING: 1, State.SENT: 2, State.ARRIVED: 3, State.ACTIVE: 4}


def parse(body: bytes, headers: dict[str, str]) -> Mapping[str, Any]:
    """The report. ValueError for one that the processor did not sign, or that is none."""
    try:
        processor.refuse_unless_signed(processor.REPORT, body, headers, now_only=False)
    except processor.WrongSignature as wrong:
        raise ValueError(str(wrong)) from wrong
    message = read(body)
    if message.get("type") not in {"REVERSAL", "CARD"}:
        raise ValueError("no report")
    return message


def handle(message: Mapping[str, Any]) -> str:
    """Do it once, inside the money operation that closes the callback; a remark for staff."""
    return take_back(read_use(message)) if message["type"] == "REVERSAL" else follow(message)


HANDLER = CallbackHandler(parse=parse, handle=handle, operation=money_operation)


def take_back(use: Use) -> str:
    """Give back what a use took. Before its question has come, that question is answered no when it does.

    Raises CallbackIgnored for a card we don't know, and for a report that does not fit what was asked.
    """
    cards = lock_cards_of_token(use.card)
    card = next((row for row in cards if row.token == use.card), None)
    if card is None:
        raise CallbackIgnored("no card of ours")
    row = CardUse.objects.select_for_update().filter(processor_id=use.id).first()
    if row is None:
        row = blank_use(use, card)
        row.code, row.why = rules.CODES[Why.TAKEN_BACK], Why.TAKEN_BACK
        row.save(force_insert=True)
        return "came before its question, which will be refused"
    if row.digest != use.digest:
        raise CallbackIgnored("speaks of another use under the same id")
    if not row.is_approved:
        return "was refused: nothing to give back"
    if row.reversed_at is not None:
        return "was given back before"
    _give_back(row)
    return f"gave back {row.reference}"


def _give_back(row: CardUse) -> None:
    posting = Posting.objects.get(instruction_id=row.public_id)
    ledger.reverse(posting=posting, reason=REASON, actor=ACTOR)
    row.reversed_at = clock.now()
    row.save(update_fields=["reversed_at"])
    telling.taken_back(row)


def follow(message: Mapping[str, Any]) -> str:
    """Note that a card is on its way or has arrived; reports that come late or twice change nothing."""
    state = text_of(message, "state", 10)
    if state not in {State.SENT, State.ARRIVED}:
        raise CallbackIgnored("no state of a card")
    card = Card.objects.select_for_update().filter(token=text_of(message, "card", 64)).first()
    if card is None:
        raise CallbackIgnored("no card of ours", look_again=True)
    if PROGRESS.get(State(card.state), 9) >= PROGRESS[State(state)]:
        return "known already"
    now = clock.now()
    card.state, card.sent_at = state, card.sent_at or now
    card.arrived_at = now if state == State.ARRIVED else None
    card.save(update_fields=["state", "sent_at", "arrived_at"])
    record(f"card.{state.lower()}", actor=ACTOR, customer_id=card.customer_id, subject=f"card:{card.pk}")
    if state == State.ARRIVED:
        telling.arrived(card)
    elif card.delivered_to:
        telling.changed(card, "sent", card.pk)
    return state
