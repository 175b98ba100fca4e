"""Cards, as the processor has made them and the portal keeps them."""

import uuid
from datetime import timedelta
from decimal import Decimal

import factory

from accounts.models import Card, CardSight, CardUse
from tests.factories.base import now
from tests.factories.branch import AccountFactory
from wekeza_portal import clock


class CardFactory(factory.django.DjangoModelFactory):
    """An active card on an account of its owner's."""

    class Meta:
        model = Card

    account = factory.SubFactory(AccountFactory)
    customer = factory.SelfAttribute("account.customer")
    account_number = factory.SelfAttribute("account.account_number")
    kind = Card.Kind.PHYSICAL
    state = Card.State.ACTIVE
    token = factory.LazyFunction(lambda: f"card_{uuid.uuid4().hex[:24]}")
    last_four = factory.Sequence(lambda n: f"{n % 10000:04d}")
    expires_on = factory.LazyFunction(lambda: clock.today() + timedelta(days=1460))
    name_on_card = "EMMANUEL OTIENO"
    ordered_at = now()
    made_at = now()
    activated_at = now()
    atm_daily = Decimal("50000.00")


class CardUseFactory(factory.django.DjangoModelFactory):
    """A refused use: one that was approved comes with its posting, through accounts.cards.authorising."""

    class Meta:
        model = CardUse

    processor_id = factory.LazyFunction(lambda: f"use-{uuid.uuid4().hex[:20]}")
    digest = "0" * 64
    card = factory.SubFactory(CardFactory)
    customer_id = factory.SelfAttribute("card.customer_id")
    channel = "SHOP"
    amount = Decimal("500.00")
    merchant = "NAIVAS"
    country = "KE"
    code = "51"
    why = "no_funds"
    business_date = factory.LazyFunction(clock.today)
    at = now()


class CardSightFactory(factory.django.DjangoModelFactory):
    """A look that can be had."""

    class Meta:
        model = CardSight

    id = factory.LazyFunction(uuid.uuid4)
    card = factory.SubFactory(CardFactory)
    what = CardSight.What.PIN
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=5))
