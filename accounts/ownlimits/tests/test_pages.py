"""Settings, Limits as a browser walks it; and those who try to walk around."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity import stepup
from accounts.identity.tests.helpers import code_for, sent_bodies
from accounts.models import BranchCustomer, Instruction, Limit, OwnLimit, User
from accounts.ownlimits.tests.test_changing import actor_of, change, give_code
from accounts.templatetags.limits import time_left
from tests.factories import AccountFactory, CustomerFactory, PortalSwitchFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
PAGE = "/settings/limits/"
DAILY, MONTHLY = Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT


@pytest.fixture
def user(db: None) -> User:
    user: User = UserFactory(customer=CustomerFactory(full_name="Nuria Achieng", kyc_tier="TIER_2"))
    AccountFactory(customer=user.customer, balance=D("90000.00"))
    return user


@pytest.fixture
def me(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


@pytest.fixture
def browser(user: User) -> Client:
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def page(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def own(me: BranchCustomer) -> dict[str, Decimal | None]:
    return {row.code: row.in_force(clock.now()) for row in OwnLimit.objects.filter(customer_id=me.user_id)}


def test_the_page_says_every_limit_and_what_is_left(browser: Client, me: BranchCustomer) -> None:
    change(me, daily="60000.00")
    said = text(page(browser))
    for words in (
        "The bank's limit KES 500,000.00",
        "Your own limit KES 60,000.00",
        "Left today KES 60,000.00",
        "Left this month KES 2,000,000.00",
        "None: the bank's counts",
        "To another bank KES 100.00 to KES 60,000.00",
        "Airtime KES 10.00 to KES 10,000.00",
        "in the first 24 hours KES 100,000.00",
        "without a code KES 20,000.00",
        "counts 24 hours later",
    ):
        assert words in said, words


@pytest.mark.parametrize(
    ("is_on", "said"), [(False, "(M-Pesa, Airtel Money)"), (True, "(M-Pesa, Airtel Money, T-Kash)")]
)
def test_t_kash_is_named_only_while_it_is_on(browser: Client, is_on: bool, said: str) -> None:
    PortalSwitch.objects.filter(code="TKASH").delete()
    if not is_on:
        PortalSwitchFactory(code="TKASH", is_on=False)
    assert f"To a phone {said} KES" in text(page(browser))


def test_what_is_used_and_left_is_hidden_with_the_amounts(browser: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(hide_amounts=True)
    html = page(browser)
    assert html.count("data-amount-hidden") == 5
    assert "Left today KES" not in text(html)


def test_lower_counts_with_the_click_and_no_code_is_sent(browser: Client, me: BranchCustomer) -> None:
    answer = browser.post(PAGE, {"daily": "60,000", "monthly": ""})
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert own(me) == {DAILY: D("60000.00"), MONTHLY: None}
    assert not sent_bodies(me)
    assert 'value="60,000.00"' in page(browser)


def test_higher_goes_by_review_and_code_to_a_countdown_that_can_be_stopped(browser: Client, me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        browser.post(PAGE, {"daily": "60000", "monthly": ""})
        answer = browser.post(PAGE, {"daily": "80000", "monthly": ""})
        act = Instruction.objects.latest("created_at")
        assert answer["Location"] == reverse("own_limits_review", args=[act.id])
        assert "KES 80,000.00" in page(browser, answer["Location"])
        answer = browser.post(reverse("own_limits_confirm", args=[act.id]))
        assert answer["Location"] == f"/step-up/?for={act.id}"
        assert own(me)[DAILY] == D("60000.00")
        step_up = page(browser, answer["Location"])
        assert "raise your limits: KES 80,000.00 a day" in step_up
        assert "code to raise your limits" in sent_bodies(me)[-1]
        answer = browser.post(answer["Location"], {"code": code_for(me)})
        assert answer["Location"] == PAGE
        time.shift(timedelta(minutes=1))
        said = text(page(browser))
        assert "Your own limit will be KES 80,000.00 from 21/11/2026, 09:00 on, in 23 hours and 59 minutes." in said
        browser.post(reverse("own_limits_keep"), {"limit": DAILY})
        assert "Your own limit will be" not in text(page(browser))
        time.shift(timedelta(days=2))
        assert own(me)[DAILY] == D("60000.00")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_what_is_sent_fits_one_sms_with_both_limits_at_their_longest(
    me: BranchCustomer, user: User, language: str
) -> None:
    User.objects.filter(pk=user.pk).update(language=language)
    change(me, daily="400000.00", monthly="1000000.00")
    act = change(me, daily="500000.00", monthly="2000000.00")
    assert act is not None
    stepup.send_code(act, me, language)
    give_code(act)
    told = sent_bodies(me)
    assert len(told) == 2
    assert all(len(body) <= 160 and body.isascii() for body in told), told
    assert all("KES 2,000,000.00" in body for body in told)


def test_a_cancelled_raise_is_over(browser: Client, me: BranchCustomer) -> None:
    change(me, daily="60000.00")
    act = change(me, daily="80000.00")
    assert act is not None
    browser.post(reverse("own_limits_cancel", args=[act.id]))
    assert "has run out" in page(browser, reverse("own_limits_review", args=[act.id]))
    browser.post(reverse("own_limits_confirm", args=[act.id]))
    assert own(me)[DAILY] == D("60000.00")
    assert OwnLimit.objects.get(code=DAILY).next_at is None


def test_a_double_click_raises_once(browser: Client, me: BranchCustomer) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False) as time:
        change(me, daily="60000.00")
        act = change(me, daily="80000.00")
        give_code(act)
        assert act is not None
        time.shift(timedelta(hours=2))
        answer = browser.post(reverse("own_limits_confirm", args=[act.id]))
        assert answer["Location"] == PAGE
        row = OwnLimit.objects.get(code=DAILY)
        assert row.next_at == clock.now() + timedelta(hours=22), "the wait does not begin anew"


@pytest.mark.parametrize(
    "typed",
    ["NaN", "-5", "0", "1e9", "1_000", "٥٠٠٠", "5000.005", "5 000", "x" * 10_000, "😀", "=HYPERLINK(1)",
     "<script>alert(1)</script>", "99999999999999999999", "5000\x00", "Infinity"],
)  # fmt: skip
def test_what_is_no_amount_is_refused_beside_its_field_and_changes_nothing(
    browser: Client, me: BranchCustomer, typed: str
) -> None:
    answer = browser.post(PAGE, {"daily": typed, "monthly": "100000"})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'aria-invalid="true"' in html
    assert "<script>alert" not in html
    assert not own(me)
    assert 'value="100000"' in html, "what was right stays typed"


@pytest.mark.parametrize("name", ["daily", "monthly"])
def test_more_than_the_banks_is_refused_with_the_figure_that_would_do(
    browser: Client, me: BranchCustomer, name: str
) -> None:
    answer = browser.post(PAGE, {"daily": "", "monthly": "", name: "2,000,000.01"})
    html = answer.content.decode()
    figure = "500,000.00" if name == "daily" else "2,000,000.00"
    assert f"The bank&#x27;s limit is KES {figure}. Enter that or less." in html
    assert f'id="id_{name}"' in html
    assert not own(me)


@pytest.mark.parametrize("code", ["", "STEP_UP_ALLOWANCE", "nonsense", "DAILY_OUT' OR 1=1", MONTHLY])
def test_there_is_nothing_to_stop_where_nothing_waits(browser: Client, me: BranchCustomer, code: str) -> None:
    change(me, daily="60000.00")
    give_code(change(me, daily="80000.00"))
    answer = browser.post(reverse("own_limits_keep"), {"limit": code}, follow=True)
    assert "no higher limit that waits" in answer.content.decode()
    assert OwnLimit.objects.get(code=DAILY).waits(clock.now())


def test_somebody_elses_raise_is_not_found_and_their_limit_stays(browser: Client) -> None:
    other = CustomerFactory()
    change(other, daily="60000.00")
    act = change(other, daily="80000.00")
    assert act is not None
    for name in ("review", "confirm", "cancel"):
        for key in (act.id, uuid.uuid4()):
            method = browser.get if name == "review" else browser.post
            assert method(reverse(f"own_limits_{name}", args=[key])).status_code == 404
    give_code(act)
    browser.post(reverse("own_limits_keep"), {"limit": DAILY})
    assert OwnLimit.objects.get(customer_id=other.user_id, code=DAILY).waits(clock.now())


def test_another_act_is_no_raise(browser: Client, me: BranchCustomer) -> None:
    from accounts import instructions

    act = instructions.draft(
        customer=me, kind="PAYEE_LIMIT", payload={"payee_id": str(uuid.uuid4())}, amount=D("0.00"), fee=D("0.00"),
        fee_row_id=None, payee_key="",
    )  # fmt: skip
    for name in ("confirm", "cancel"):
        assert browser.post(reverse(f"own_limits_{name}", args=[act.id])).status_code == 404


def test_a_payload_changed_behind_the_review_does_nothing(browser: Client, me: BranchCustomer) -> None:
    change(me, daily="60000.00")
    act = change(me, daily="80000.00")
    assert act is not None
    instruction = Instruction.objects.get(pk=act.pk)
    instruction.payload["to"] = {DAILY: "499999.00"}
    instruction.stepped_up_at = clock.now()
    instruction.save(update_fields=["payload", "stepped_up_at"])
    browser.post(reverse("own_limits_confirm", args=[act.id]))
    assert OwnLimit.objects.get(code=DAILY).next_at is None


def test_too_many_changes_in_an_hour_are_refused(browser: Client, me: BranchCustomer) -> None:
    for figure in range(40_000, 40_000 - 31, -1):
        answer = browser.post(PAGE, {"daily": str(figure), "monthly": ""})
    assert answer.status_code == 429
    assert own(me)[DAILY] == D("39971.00")


def test_the_export_has_the_own_limits(me: BranchCustomer) -> None:
    from wekeza_portal.registry import exporters

    change(me, daily="60000.00")
    found = exporters.get("payments").of(me)["own_limits"]
    assert [(row["code"], str(row["value"])) for row in found] == [(DAILY, "60000.00")]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "24 hours"), (86_399, "24 hours"), (86_340, "23 hours and 59 minutes"), (3_600, "1 hour"),
        (3_660, "1 hour and 1 minute"), (61, "2 minutes"), (1, "1 minute"), (0, "1 minute"), (-5, "1 minute"),
    ],
)  # fmt: skip
def test_the_countdown_never_says_less_than_there_is(seconds: int, words: str) -> None:
    with time_machine.travel("2026-11-20T09:00:00+03:00", tick=False):
        assert time_left(clock.now() + timedelta(seconds=seconds)) == words


def test_the_actor_is_named_in_the_trail(browser: Client, user: User, me: BranchCustomer) -> None:
    from wekeza_portal.audit.models import AuditEvent

    browser.post(PAGE, {"daily": "60000", "monthly": ""})
    event = AuditEvent.objects.get(verb="limit.lowered")
    assert (event.customer_id, event.actor_kind, event.data) == (
        me.user_id, actor_of(me).kind, {"limit": DAILY, "to": "60000.00"},
    )  # fmt: skip
