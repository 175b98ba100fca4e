"""The help page says how long each way takes and what it costs, from the dated rows of the day."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Fee
from tests.factories import FeeFactory
from transfers.overview import ways_in_short
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


def shown() -> str:
    html = Client().get("/help/").content.decode()
    return re.sub(r"<[^>]+>|\s+", " ", html.partition('id="how-long"')[2].partition("</section>")[0])


def test_every_way_stands_there_with_its_time_and_price() -> None:
    text = shown()
    ways = ways_in_short()
    assert len(ways) == 8
    for way in ways:
        assert str(way.title) in text
        assert str(way.arrives) in text
    assert text.count("No fee") == sum(not way.most for way in ways)
    phone = next(way for way in ways if way.least != way.most)
    assert re.search(rf"{phone.least:,.2f} +to +KES {phone.most:,.2f}", text)


def test_a_price_of_a_later_day_is_not_said_before_it() -> None:
    for days, amount in ((0, "151.00"), (1, "399.00")):
        FeeFactory(
            code=Fee.Code.BANK_TRANSFER, amount=Decimal(amount), effective_from=clock.today() + timedelta(days=days)
        )
    text = shown()
    assert "KES 151.00" in text
    assert "KES 399.00" not in text


def test_without_prices_the_help_page_still_helps_and_names_none() -> None:
    Fee.objects.all().delete()
    assert ways_in_short() == []
    response = Client().get("/help/")
    assert response.status_code == 200
    assert "how-long" not in response.content.decode()
