"""What customers agreed to and asked for about their data."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory

from accounts.models import Consent, DataRequest, LegalText, PrivacyFigure, TermsAcceptance
from tests.factories.base import now
from tests.factories.identity import UserFactory
from wekeza_portal import clock


def _first(kind: str) -> Any:
    return factory.LazyFunction(lambda: LegalText.objects.get(kind=kind, version=1))


class LegalTextFactory(factory.django.DjangoModelFactory):
    """A second version of the privacy notice, from tomorrow."""

    class Meta:
        model = LegalText

    kind = LegalText.Kind.NOTICE
    version = factory.Sequence(lambda n: n + 2)
    effective_from = factory.LazyAttribute(lambda o: clock.today() + timedelta(days=o.version))
    text_en = "## Why\nBecause."
    text_sw = "## Kwa nini\nKwa sababu."


class TermsAcceptanceFactory(factory.django.DjangoModelFactory):
    """The version of the terms that a fresh portal has."""

    class Meta:
        model = TermsAcceptance

    user = factory.SubFactory(UserFactory)
    text = _first("TERMS")
    accepted_at = now()
    language = "en"
    ip = "41.90.1.2"


class ConsentFactory(factory.django.DjangoModelFactory):
    """News by SMS, given on the website."""

    class Meta:
        model = Consent

    customer_id = factory.Sequence(lambda n: 900_000 + n)
    purpose = LegalText.Kind.MARKETING_SMS
    is_given = True
    text = _first("MARKETING_SMS")
    at = now()
    how = Consent.How.PORTAL


class PrivacyFigureFactory(factory.django.DjangoModelFactory):
    """More days for a copy of the data, from tomorrow."""

    class Meta:
        model = PrivacyFigure

    code = PrivacyFigure.Code.ACCESS
    effective_from = factory.Sequence(lambda n: clock.today() + timedelta(days=n + 1))
    value = Decimal("6.00")


class DataRequestFactory(factory.django.DjangoModelFactory):
    """A wish to have something corrected, due in a week."""

    class Meta:
        model = DataRequest

    reference = factory.LazyFunction(lambda: uuid.uuid4().hex[:12].upper())
    customer_id = factory.Sequence(lambda n: 900_000 + n)
    kind = DataRequest.Kind.CORRECTION
    details = "My name is spelt wrongly."
    made_at = now()
    due_on = factory.LazyFunction(lambda: clock.today() + timedelta(days=7))
    figure = factory.LazyFunction(lambda: PrivacyFigure.objects.get(code="CORRECTION", created_by="seed"))
