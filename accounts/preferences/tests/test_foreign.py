"""Foreign money beside a balance: by a dated rate, said to be indicative, and never by a rate that is none."""

import re
from collections.abc import Generator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, AccountTerms, BranchCustomer, IndicativeRate, User
from accounts.preferences.foreign import Foreign, wanted_by
from accounts.preferences.tests.helpers import AS_IT_WAS, PAGE, somebody
from tests.factories import AccountFactory
from wekeza_portal import clock
from wekeza_portal.staff import figures

pytestmark = pytest.mark.django_db

D = Decimal
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=clock.NAIROBI)
SAID = "about USD 650.12 at 129.35 on 25/11/2026, indicative"
NONE = "We have no rate for USD of the last 7 days"


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    cache.clear()


def rate(kes: str = "129.35", code: str = "USD", day: date = date(2026, 11, 25)) -> None:
    IndicativeRate.objects.bulk_create([IndicativeRate(code=code, kes=D(kes), effective_from=day)])


def current(user: User, balance: str) -> Account:
    account = AccountFactory(customer=user.customer, balance=D(balance))
    AccountTerms.objects.create(account=account, kind="CURRENT")
    return account


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_the_balance_is_said_in_foreign_money_with_rate_day_and_that_it_is_indicative() -> None:
    rate()
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    assert SAID in home(client)


def test_several_accounts_are_said_together_too() -> None:
    rate()
    client, user = somebody(display_currency="USD")
    current(user, "1293.50")
    current(user, "11641.50")
    text = home(client)
    for words in ("about USD 10.00", "about USD 90.00", "Booked on all accounts KES 12,935.00", "about USD 100.00"):
        assert words in text


def test_nobody_sees_it_who_did_not_ask_and_nothing_is_asked_for_them() -> None:
    rate()
    client, user = somebody()
    current(user, "84093.02")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert "indicative" not in home(client)
    assert not [one for one in asked.captured_queries if "portal_indicative_rate" in one["sql"]]


def test_the_rate_is_not_asked_for_again_at_the_next_page() -> None:
    rate()
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    home(client)
    with CaptureQueriesContext(connection) as asked:
        assert SAID in home(client)
    assert not [one for one in asked.captured_queries if "portal_indicative_rate" in one["sql"]]


@pytest.mark.parametrize("why", ["none", "too old", "of tomorrow", "another's", "zero"])
def test_without_a_rate_that_counts_no_amount_is_shown_and_the_page_says_so(why: str) -> None:
    if why == "too old":
        rate(day=date(2026, 11, 17))
    elif why == "of tomorrow":
        rate(day=date(2026, 11, 26))
    elif why == "another's":
        rate(code="EUR")
    elif why == "zero":
        rate(day=date(2026, 11, 24))
        rate("0.00")
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    text = home(client)
    assert NONE in text
    assert "about USD" not in text
    assert "84,093.02" in text


def test_the_last_day_of_a_rate() -> None:
    rate(day=date(2026, 11, 18))
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    assert "at 129.35 on 18/11/2026, indicative" in home(client)


def test_the_newest_rate_in_force_counts() -> None:
    rate("100.00", day=date(2026, 11, 20))
    rate("129.35")
    rate("500.00", day=date(2026, 11, 26))
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    assert SAID in home(client)


def test_hidden_amounts_are_hidden_in_every_money() -> None:
    rate()
    client, user = somebody(display_currency="USD", hide_amounts=True)
    current(user, "84093.02")
    text = home(client)
    assert "650.12" not in text
    assert "indicative" in text


def test_below_zero_and_unknown_balances() -> None:
    rate()
    client, user = somebody(display_currency="USD")
    current(user, "-12.94")
    Account.objects.filter(pk=current(user, "5.00").pk).update(status="FROZEN")
    text = home(client)
    assert "about USD 0.04" in text
    assert "NaN" not in text


def test_what_is_paid_stays_in_shillings() -> None:
    rate()
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    page = client.get("/move/wekeza/").content.decode()
    assert "USD" not in page
    assert "KES" in page


def test_a_currency_nobody_offers_in_the_table_shows_nothing() -> None:
    client, user = somebody()
    current(user, "84093.02")
    User.objects.filter(pk=user.pk).update(display_currency="X'>")
    assert "indicative" not in home(client)


def test_choosing_it_on_the_page_shows_it_at_home() -> None:
    rate("170.25", code="GBP")
    client, user = somebody()
    current(user, "17025.00")
    client.post(PAGE, {**AS_IT_WAS, "display_currency": "GBP", "date_format": "WRITTEN"})
    assert "about GBP 100.00 at 170.25 on 25 November 2026, indicative" in home(client)


def test_staff_change_it_like_every_figure_from_tomorrow_on() -> None:
    payload = figures.payload_of(
        "indicative_rates", {"code": "USD", "value": D("131.10"), "effective_from": date(2026, 11, 26)}
    )
    figures.refuse_if_wrong(payload)
    assert figures.describe(payload) == "Foreign money, indicative, US dollar (USD): 131.10 from 26 November 2026"
    with pytest.raises(figures.BackDated):
        figures.refuse_if_wrong({**payload, "effective_from": "2026-11-25"})
    with pytest.raises(figures.BelowZero):
        figures.refuse_if_wrong({**payload, "value": "-1.00"})


def test_a_customer_read_without_their_login_costs_no_query() -> None:
    _client, user = somebody(display_currency="USD")
    with CaptureQueriesContext(connection) as asked:
        assert wanted_by(BranchCustomer.objects.get(pk=user.customer_id)) is None
    assert len(asked.captured_queries) == 1


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.decimals(min_value=D("0.01"), max_value=D("9999.99"), places=2),
)
def test_it_is_the_amount_over_the_rate_to_the_cent(amount: Decimal, kes: Decimal) -> None:
    worth = Foreign("USD", kes, date(2026, 11, 25)).worth(amount)
    assert worth is not None
    assert worth == worth.quantize(D("0.01"))
    assert abs(worth * kes - amount) <= D("0.005") * kes
    assert Foreign("USD").worth(amount) is None


def test_a_day_passes_and_the_rate_with_it() -> None:
    rate(day=date(2026, 11, 18))
    client, user = somebody(display_currency="USD")
    current(user, "84093.02")
    assert "indicative" in home(client)
    with time_machine.travel(NOW + timedelta(hours=12, minutes=1), tick=False):
        other, same = somebody(display_currency="USD")
        current(same, "84093.02")
        assert NONE in home(other)
