"""Stopping everything and asking who calls without signing in: one code, and nobody learns who is a customer."""

import io
import re
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.freezing.state import freeze_of
from accounts.identity import outside
from accounts.identity.tests.helpers import another, code_for
from accounts.models import BranchCustomer, Freeze, OneTimeCode, User
from tests.factories import (
    AccountFactory,
    BankCallFactory,
    BusinessFactory,
    CustomerFactory,
    PortalSwitchFactory,
    UserFactory,
)
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.models import Errand, RateCounter
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "nobody@example.com"


@pytest.fixture
def me() -> BranchCustomer:
    user: User = UserFactory()
    AccountFactory(customer=user.customer, balance=Decimal("5000.00"), account_number="ACC7000001")
    assert isinstance(user.customer, BranchCustomer)
    return user.customer


def ask(client: Client, who: str, way: str = "SMS", page: str = "/freeze/") -> Any:
    return client.post(page, {"who": who, "way": way})


def asked(who: str, way: str = "SMS", page: str = "/freeze/") -> Client:
    """A browser that asked, and the worker has been there."""
    client = Client()
    assert ask(client, who, way, page).status_code == 302
    outside.deliver()
    return client


def without_tokens(page: bytes) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"|[0-9a-f]{32}|[0-9a-f-]{36}', "X", page.decode())


@pytest.mark.parametrize("by", ["email", "number", "small letters", "blanks"])
def test_e_mail_or_account_number_and_one_code_stop_everything(me: BranchCustomer, by: str) -> None:
    names = {"email": me.email, "number": "ACC7000001", "small letters": "acc7000001", "blanks": "  ACC7000001 "}
    client = asked(names[by])
    answer = client.post("/freeze/code/", {"code": code_for(me)})
    assert (answer.status_code, answer["Location"]) == (303, "/freeze/done/")
    freeze = freeze_of(me.user_id)
    assert freeze is not None
    assert freeze.begun_by == Freeze.By.OUTSIDE
    assert "Everything is stopped" in client.get("/freeze/done/").content.decode()
    assert AuditEvent.objects.get(verb="freeze.begun").customer_id == me.user_id


def test_it_signs_out_whoever_is_in(me: BranchCustomer) -> None:
    thief = Client()
    sign_in(thief, User.objects.get(customer=me))
    asked(me.email).post("/freeze/code/", {"code": code_for(me)})
    assert thief.get("/").status_code == 302


def test_the_code_opens_no_session(me: BranchCustomer) -> None:
    client = asked(me.email)
    client.post("/freeze/code/", {"code": code_for(me)})
    assert client.get("/").status_code == 302
    assert client.get("/settings/freeze/").status_code == 302


def test_whoever_has_the_phone_does_not_get_the_code_that_was_asked_by_e_mail(me: BranchCustomer) -> None:
    asked(me.email, "EMAIL")
    assert list(OutboxMessage.objects.values_list("channel", "to")) == [(Channel.EMAIL, me.email)]


def statements_of(seen: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, without the values; read at once: the next request clears the log."""
    return [re.sub(r"'[^']*'|\d+", "?", one["sql"].split("VALUES")[0])[:60] for one in seen]


def test_nothing_tells_who_is_a_customer(me: BranchCustomer) -> None:
    """Same pages, same statuses, same statements, for a customer and everybody who is none."""
    director = CustomerFactory(business=BusinessFactory())
    not_online, closed = CustomerFactory(), UserFactory(customer=CustomerFactory(is_active=False)).customer
    seen: dict[str, tuple[Any, ...]] = {}
    for who in (me.email, "ACC7000001", NOBODY, "ACC9999999", director.email, not_online.email, closed.email):
        RateCounter.objects.all().delete()  # whoever comes first from an address makes its row
        client = Client()
        with CaptureQueriesContext(connection) as first:
            answer = ask(client, who)
        work = statements_of(first)
        outside.deliver()
        page = client.get("/freeze/code/")
        with CaptureQueriesContext(connection) as second:
            wrong = client.post("/freeze/code/", {"code": "000000"})
        work += statements_of(second)
        seen[who] = (
            answer.status_code, answer["Location"], without_tokens(page.content), wrong.status_code,
            without_tokens(wrong.content), *work,
        )  # fmt: skip
    first_seen, *others = seen.values()
    for other in others:
        for mine, theirs in zip(first_seen, other, strict=True):
            assert mine == theirs


def test_the_request_looks_nobody_up(me: BranchCustomer) -> None:
    client = Client()
    with CaptureQueriesContext(connection) as made:
        ask(client, me.email)
    assert not [one for one in made if '"users"' in one["sql"] or "`users`" in one["sql"] or "accounts" in one["sql"]]
    assert Errand.objects.count() == 1
    assert me.email not in Errand.objects.get().data


def test_five_wrong_codes_use_it_up_and_a_right_one_then_stops_nothing(me: BranchCustomer) -> None:
    client = asked(me.email)
    right = code_for(me)
    for _ in range(5):
        client.post("/freeze/code/", {"code": another(right)})
    assert "can&#x27;t be used any more" in client.post("/freeze/code/", {"code": right}).content.decode()
    assert freeze_of(me.user_id) is None


def test_a_code_works_once_and_in_the_browser_that_asked(me: BranchCustomer) -> None:
    first, other = asked(me.email), asked(NOBODY)
    code = code_for(me)
    other.post("/freeze/code/", {"code": code})
    assert freeze_of(me.user_id) is None
    first.post("/freeze/code/", {"code": code})
    assert freeze_of(me.user_id) is not None
    assert first.get("/freeze/code/")["Location"] == "/freeze/"


def test_a_code_for_looking_who_calls_stops_nothing(me: BranchCustomer) -> None:
    client = asked(me.email, page="/calling/")
    ask(client, me.email)
    calling = code_for(me)
    client.post("/freeze/code/", {"code": calling})
    assert freeze_of(me.user_id) is None


@pytest.mark.parametrize("who", ["known", "unknown"])
def test_the_limiter_comes_first_and_counts_alike(me: BranchCustomer, who: str) -> None:
    name = me.email if who == "known" else NOBODY
    for _ in range(5):
        assert ask(Client(), name).status_code == 302
    answer = ask(Client(), name)
    assert (answer.status_code, "Retry-After" in answer) == (429, True)
    assert Errand.objects.count() == 5


def test_one_customer_gets_three_codes_in_ten_minutes_by_whatever_name(me: BranchCustomer) -> None:
    for name in (me.email, "ACC7000001", me.email, "ACC7000001", me.email):
        asked(name)
    assert OutboxMessage.objects.count() == 3
    assert OneTimeCode.objects.count() == 5


def test_a_way_of_sending_codes_that_is_off_is_said_to_everybody_and_tells_nobody_apart(me: BranchCustomer) -> None:
    PortalSwitchFactory(code="EMAIL_CODES", is_on=False, notice_en="No e-mail today.", notice_sw="Hakuna.")
    assert "No e-mail today." in Client().get("/freeze/").content.decode()
    asked(me.email, "EMAIL")
    assert not OutboxMessage.objects.exists()
    assert OneTimeCode.objects.get().customer_id == 0


@pytest.mark.parametrize("typed", ["", "x" * 10_000, "\x00", "💸", "<script>", "=HYPERLINK(1)", "' OR 1=1 --", "٠٧٢٢"])
def test_whatever_is_typed_is_answered_and_never_shown_as_html(typed: str) -> None:
    answer = ask(Client(), typed)
    assert answer.status_code in {200, 302}
    assert "<script>" not in answer.content.decode().partition("<main")[2].partition("</main")[0]
    outside.deliver()


def test_nothing_is_lifted_from_outside(me: BranchCustomer) -> None:
    client = asked(me.email)
    client.post("/freeze/code/", {"code": code_for(me)})
    for page in ("/settings/freeze/lift/", "/settings/freeze/keep/"):
        assert client.post(page)["Location"].startswith("/login/")
    for page in ("/freeze/", "/freeze/code/", "/freeze/done/"):
        text = client.get(page, follow=True).content.decode().partition("<main")[2]
        assert "/settings/freeze/lift/" not in text


def test_whoever_is_signed_in_has_the_button_inside(me: BranchCustomer) -> None:
    client = Client()
    sign_in(client, User.objects.get(customer=me))
    assert client.get("/freeze/")["Location"] == "/settings/freeze/"


def test_the_card_is_a_page_in_both_languages_for_everybody() -> None:
    answer = Client().get("/freeze/card.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as paper:
        assert len(paper.pages) == 1


# --- Who is calling ------------------------------------------------------------------------------------------------


def proven(me: BranchCustomer) -> Client:
    client = asked("ACC7000001", page="/calling/")
    client.post("/calling/code/", {"code": code_for(me)})
    return client


def test_with_a_code_it_says_nobody_and_flips_with_the_call(me: BranchCustomer) -> None:
    client = proven(me)
    assert "Nobody from the bank is calling you now" in client.get("/calling/").content.decode()
    call = BankCallFactory(customer_id=me.user_id, open_for=me.user_id, ended_at=None)
    page = client.get("/calling/").content.decode()
    assert f"{call.caller} is on the phone with you" in page
    assert call.reference in page
    call.ended_at, call.open_for = clock.now(), None
    call.save()
    assert "Nobody from the bank is calling you now" in client.get("/calling/").content.decode()


def test_without_a_code_it_says_nothing_about_anybody(me: BranchCustomer) -> None:
    call = BankCallFactory(customer_id=me.user_id, open_for=me.user_id, ended_at=None)
    for client in (Client(), asked("ACC7000001", page="/calling/")):
        assert call.caller not in client.get("/calling/").content.decode()
    assert "Continue" in Client().get("/calling/").content.decode()


def test_outside_it_shows_no_calls_of_before(me: BranchCustomer) -> None:
    BankCallFactory(customer_id=me.user_id, caller="Old Caller")
    assert "Old Caller" not in proven(me).get("/calling/").content.decode()
