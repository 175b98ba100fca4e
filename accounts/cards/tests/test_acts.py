"""Stopping, opening, tightening and loosening a card."""

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.http import Http404

from accounts import instructions
from accounts.cards import acts, errors, opening, rules, showing, stops
from accounts.cards.tests.scenes import a_card, actor_of, ask, owner, question, with_a_code
from accounts.models import Card, CardSight, Instruction
from tests.factories import LimitFactory, PortalSwitchFactory, UserFactory
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.cards import Said
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def fresh(card: Card) -> Card:
    return Card.objects.get(pk=card.pk)


def wanted(card: Card, **changes: Any) -> rules.Controls:
    return replace(rules.controls_at(fresh(card), clock.now()), **changes)


def tighten(card: Card, **changes: Any) -> dict[str, Any]:
    return acts.tighten(owner(card), card.pk, wanted(card, **changes), actor_of(card))[1]


def loosen(card: Card, **looser: Any) -> Instruction:
    draft = opening.draft_loosening(owner(card), fresh(card), looser)
    with_a_code(draft)
    return draft


def told(card: Card) -> list[str]:
    rows = InboxItem.objects.filter(customer_id=card.customer_id)
    return [row.cause.split(":")[0] for row in rows.order_by("id")]


def test_a_frozen_card_stays_frozen_however_often_it_is_frozen() -> None:
    card = a_card()
    acts.freeze(owner(card), card.pk, actor_of(card))
    first = fresh(card).frozen_at
    acts.freeze(owner(card), card.pk, actor_of(card))
    assert first is not None
    assert fresh(card).frozen_at == first
    assert AuditEvent.objects.filter(verb="card.frozen").count() == 1


def test_a_card_is_unfrozen_by_a_code_and_not_without_one() -> None:
    card = a_card(frozen_at=clock.now())
    draft = opening.draft(owner(card), opening.UNFREEZE, card)
    with pytest.raises(instructions.StepUpRequired):
        instructions.carry_out(customer=owner(card), instruction_id=draft.id, actor=actor_of(card))
    assert fresh(card).frozen_at is not None
    with_a_code(draft)
    assert fresh(card).frozen_at is None
    assert told(card) == ["card-unfrozen"]
    assert ask(question(card)).json()["code"] == "00"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"blocked_at": clock.now()}, errors.CardBlocked),
        ({"state": "LOST", "loss": "LOST"}, errors.CardIsOver),
        ({"expires_on": clock.today() - timedelta(days=1)}, errors.CardIsOver),
    ],
)
def test_no_code_opens_a_card_that_is_blocked_or_over(changes: dict[str, Any], refusal: type[Exception]) -> None:
    card = a_card(frozen_at=clock.now())
    draft = opening.draft(owner(card), opening.UNFREEZE, card)
    Card.objects.filter(pk=card.pk).update(**changes)
    with pytest.raises(refusal):
        with_a_code(draft)
    assert fresh(card).frozen_at is not None


def test_no_code_opens_a_card_while_everything_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card(frozen_at=clock.now())
    draft = opening.draft(owner(card), opening.UNFREEZE, card)
    monkeypatch.setitem(stops.stops._entries, "test", lambda customer_id: True)
    with pytest.raises(errors.CardsStopped):
        with_a_code(draft)
    assert fresh(card).frozen_at is not None


def test_somebody_elses_card_is_nobodys() -> None:
    card, stranger = a_card(), UserFactory().customer
    assert stranger is not None
    for act in (
        lambda: acts.freeze(stranger, card.pk, actor_of(card)),
        lambda: acts.report_lost(stranger, card.pk, "LOST", actor_of(card)),
        lambda: acts.tighten(stranger, card.pk, wanted(card), actor_of(card)),
        lambda: acts.freeze(stranger, uuid.uuid4(), actor_of(card)),
    ):
        with pytest.raises(Http404):
            act()
    draft = opening.draft(stranger, opening.UNFREEZE, card)
    with pytest.raises(Http404):
        with_a_code(draft)
    assert fresh(card).state == "ACTIVE"


def test_a_lost_card_is_blocked_for_good_with_one_reference_and_the_processor_is_to_be_told() -> None:
    card = a_card()
    references = {acts.report_lost(owner(card), card.pk, "STOLEN", actor_of(card)) for _ in range(3)}
    row = fresh(card)
    assert references == {row.lost_reference}
    assert (row.state, row.loss) == ("LOST", "STOLEN")
    assert row.due_at is not None
    assert told(card) == ["card-lost"]
    with pytest.raises(errors.CardIsOver):
        acts.freeze(owner(card), card.pk, actor_of(card))


def test_a_card_that_waits_at_the_branch_works_once_it_is_activated() -> None:
    card = a_card(state="ARRIVED", activated_at=None)
    assert ask(question(card)).json()["code"] == "78"
    with_a_code(opening.draft(owner(card), opening.ACTIVATE, card))
    assert ask(question(card)).json()["code"] == "00"


def test_a_card_that_is_not_there_yet_can_not_be_activated() -> None:
    card = a_card(state="SENT")
    with pytest.raises(errors.NotThere):
        with_a_code(opening.draft(owner(card), opening.ACTIVATE, card))


# --- What a card may do ---


def test_less_holds_at_once_and_more_is_given_back_to_be_asked_for() -> None:
    card = a_card()
    assert tighten(card, online=False, abroad=True, atm_daily=D("1000.00")) == {"abroad": True}
    now = rules.controls_at(fresh(card), clock.now())
    assert (now.online, now.abroad, now.atm_daily) == (False, False, D("1000.00"))
    assert ask(question(card, channel="ONLINE")).json()["code"] == "57"


def test_more_holds_a_day_after_the_code_and_not_before() -> None:
    card = a_card()
    abroad = {"country": "UG"}
    with time_machine.travel(clock.now(), tick=True) as moment:
        loosen(card, abroad=True)
        assert told(card) == ["card-loosened"]
        moment.shift(timedelta(hours=23, minutes=59))
        assert ask(question(card, **abroad)).json()["code"] == "57"
        moment.shift(timedelta(minutes=2))
        assert ask(question(card, **abroad)).json()["code"] == "00"


def test_the_wait_is_the_banks_dated_figure() -> None:
    LimitFactory(code="CARD_LOOSEN_HOURS", value=D("2.00"), effective_from=clock.today())
    card = a_card()
    loosen(card, gambling=True)
    _value, since = rules.waiting_at(fresh(card), clock.now())["gambling"]
    assert timedelta(hours=1, minutes=59) < since - clock.now() <= timedelta(hours=2)


def test_what_was_asked_for_already_is_not_asked_for_twice_and_can_be_given_up() -> None:
    card = a_card()
    loosen(card, abroad=True)
    assert tighten(card, abroad=True) == {}
    assert set(rules.waiting_at(fresh(card), clock.now())) == {"abroad"}
    assert tighten(card, abroad=False) == {}
    assert fresh(card).wishes == {}


def test_a_second_wish_leaves_the_first_ones_hour_alone() -> None:
    card = a_card()
    with time_machine.travel(clock.now(), tick=True) as moment:
        loosen(card, abroad=True)
        moment.shift(timedelta(hours=20))
        loosen(card, gambling=True)
        moment.shift(timedelta(hours=5))
        now = rules.controls_at(fresh(card), clock.now())
        assert (now.abroad, now.gambling) == (True, False)
        tighten(card, online=False, gambling=True)
        row = fresh(card)
        assert (row.abroad, row.online, set(row.wishes)) == (True, False, {"gambling"})


def test_tightening_what_had_just_been_loosened_wins() -> None:
    card = a_card()
    with time_machine.travel(clock.now(), tick=True) as moment:
        loosen(card, abroad=True)
        moment.shift(timedelta(hours=25))
        tighten(card, abroad=False)
        assert not rules.controls_at(fresh(card), clock.now()).abroad


def test_a_loosening_of_other_settings_than_were_reviewed_is_refused() -> None:
    card = a_card(atm_daily=D("1000.00"))
    draft = opening.draft_loosening(owner(card), card, {"atm_daily": D("50000.00")})
    tighten(card, atm_daily=D("500.00"))
    with pytest.raises(errors.ControlsChanged):
        with_a_code(draft)
    assert fresh(card).wishes == {}


def test_nobody_allows_more_cash_than_the_bank() -> None:
    card = a_card()
    with pytest.raises(errors.AboveBankLimit):
        tighten(card, atm_daily=D("50000.01"))
    LimitFactory(code="CARD_ATM_DAY", value=D("10000.00"), effective_from=clock.today())
    lower = a_card(atm_daily=D("1000.00"))
    with pytest.raises(errors.AboveBankLimit):
        with_a_code(opening.draft_loosening(owner(lower), lower, {"atm_daily": D("20000.00")}))


def test_while_cards_are_switched_off_all_that_opens_is_refused_and_all_that_stops_is_done() -> None:
    card, second = a_card(frozen_at=clock.now()), a_card()
    draft = opening.draft(owner(card), opening.UNFREEZE, card)
    look = showing.draft_look(owner(second), second)
    PortalSwitchFactory(code="CARDS", is_on=False)
    for act in (draft, look):
        with pytest.raises(SwitchedOff):
            with_a_code(act)
    with pytest.raises(SwitchedOff):
        opening.draft_loosening(owner(second), second, {"abroad": True})
    assert tighten(second, online=False) == {}
    assert ask(question(second)).json()["code"] == "00"
    acts.freeze(owner(second), second.pk, actor_of(second))
    acts.report_lost(owner(second), second.pk, "LOST", actor_of(second))
    assert fresh(second).state == "LOST"


# --- Looking at a PIN ---


def allowed(card: Card) -> CardSight:
    draft = showing.draft_look(owner(card), card)
    with_a_code(draft)
    return CardSight.objects.get(pk=draft.id)


def test_a_look_is_had_once_and_its_address_is_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card()
    sight = allowed(card)
    secret = "https://cards.example/looks/CANARY-7391"
    monkeypatch.setattr(processor, "look", lambda *asked: Said(url=secret))
    assert showing.look(owner(card), sight.pk, actor_of(card)) == secret
    with pytest.raises(errors.SightOver):
        showing.look(owner(card), sight.pk, actor_of(card))
    kept = [str(row) for model in (AuditEvent, InboxItem, CardSight, Instruction) for row in model.objects.values()]
    assert "CANARY" not in "".join(kept)


def test_a_look_is_over_after_five_minutes() -> None:
    card = a_card()
    sight = allowed(card)
    CardSight.objects.update(expires_at=clock.now())
    with pytest.raises(errors.SightOver):
        showing.look(owner(card), sight.pk, actor_of(card))


def test_a_processor_that_does_not_answer_costs_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card()
    sight = allowed(card)
    monkeypatch.setattr(processor, "look", lambda *asked: Said())
    with pytest.raises(errors.ProcessorSilent):
        showing.look(owner(card), sight.pk, actor_of(card))
    monkeypatch.setattr(processor, "look", lambda *asked: Said(url="https://cards.example/looks/1"))
    assert showing.look(owner(card), sight.pk, actor_of(card))


def test_a_card_that_was_lost_after_the_code_shows_nothing() -> None:
    card = a_card()
    sight = allowed(card)
    acts.report_lost(owner(card), card.pk, "STOLEN", actor_of(card))
    with pytest.raises(errors.NotThere):
        showing.look(owner(card), sight.pk, actor_of(card))


def test_a_card_that_was_blocked_or_stopped_after_the_code_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    card, second = a_card(), a_card()
    sight, other = allowed(card), allowed(second)
    Card.objects.filter(pk=card.pk).update(blocked_at=clock.now())
    with pytest.raises(errors.CardBlocked):
        showing.look(owner(card), sight.pk, actor_of(card))
    monkeypatch.setitem(stops.stops._entries, "test", lambda customer_id: True)
    with pytest.raises(errors.CardsStopped):
        showing.look(owner(second), other.pk, actor_of(second))
    assert CardSight.objects.filter(used_at=None).count() == 2


def test_a_strangers_look_is_nobodys() -> None:
    sight, stranger = allowed(a_card()), UserFactory().customer
    assert stranger is not None
    with pytest.raises(Http404):
        showing.sight_for(stranger, sight.pk)


def test_a_card_that_is_still_being_made_has_nothing_to_show() -> None:
    card = a_card(state="MAKING")
    with pytest.raises(errors.NotThere):
        showing.draft_look(owner(card), card)
