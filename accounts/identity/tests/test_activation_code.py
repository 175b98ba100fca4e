"""Back in with a branch's paper: it works once, for one customer, beside a code to the phone, and caps payments."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts import limits
from accounts.identity import activation, alerts, tries
from accounts.identity.tests.counterscenes import (
    NEW,
    NEW_PASSWORD,
    OLD,
    approved,
    begin,
    choose,
    code_on_paper,
    come_back,
    give_code,
    printed,
)
from accounts.identity.tests.helpers import WRONG, another, code_for, give_password, is_signed_in
from accounts.models import (
    ActivationCode,
    AuthenticatorApp,
    BackupCode,
    BranchCustomer,
    KnownDevice,
    OneTimeCode,
    Passkey,
    ResetLink,
    User,
    Way,
)
from tests.factories import (
    PASSWORD,
    AuthenticatorAppFactory,
    BackupCodeFactory,
    KnownDeviceFactory,
    PasskeyFactory,
    PortalSwitchFactory,
    ResetLinkFactory,
    UserFactory,
)
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock, ratelimit
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db
REFUSAL = "That e-mail and code don&#x27;t fit."


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku() -> User:
    return UserFactory(customer__phone_number="0711000222")


@pytest.fixture
def paper(wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code on it."""
    return printed(wanjiku, monkeypatch)


def opens(user: User, password: str) -> bool:
    return bool(User.objects.get(pk=user.pk).check_password(password))


def refused(answer: Any) -> bool:
    return answer.status_code == 200 and REFUSAL in answer.content.decode()


# --- The way ------------------------------------------------------------------------------------------------------


def test_with_paper_and_code_phone_and_password_are_new(client: Client, wanjiku: User, paper: str) -> None:
    assert begin(client, wanjiku, paper).headers["Location"] == "/activate/code/"
    sent = OneTimeCode.objects.get()
    assert (sent.channel, sent.sent_to) == ("SMS", "+254 ••• ••• 888")
    assert OutboxMessage.objects.get(cause=f"code:{sent.pk}").to == NEW
    assert give_code(client, wanjiku).headers["Location"] == "/activate/password/"
    assert choose(client).headers["Location"] == "/login/"
    assert "Your new password is set" in client.get("/login/").content.decode()
    assert not is_signed_in(client)
    assert opens(wanjiku, NEW_PASSWORD)
    assert BranchCustomer.objects.get(pk=wanjiku.customer_id).phone_number == NEW
    browser = Client()
    give_password(browser, wanjiku, NEW_PASSWORD)
    assert not is_signed_in(browser), "the second factor is asked for as ever"
    browser.post("/login/code/", {"code": code_for(wanjiku.customer, browser)})
    assert is_signed_in(browser)


def test_the_page_of_the_forgotten_password_leads_there(client: Client) -> None:
    assert 'href="/activate/"' in client.get("/forgot/").content.decode()


def test_whatever_was_before_opens_nothing_any_more(client: Client, wanjiku: User, paper: str) -> None:
    other = Client()
    sign_in(other, wanjiku)
    AuthenticatorAppFactory(user=wanjiku)
    PasskeyFactory(user=wanjiku)
    BackupCodeFactory(user=wanjiku)
    ResetLinkFactory(user=wanjiku)
    User.objects.filter(pk=wanjiku.pk).update(preferred_way=Way.APP)
    theirs = AuthenticatorAppFactory()
    come_back(client, wanjiku, paper)
    assert not is_signed_in(other)
    assert "not right" in give_password(Client(), wanjiku, PASSWORD).content.decode()
    for model in (Passkey, BackupCode, KnownDevice):
        assert not model.objects.filter(user=wanjiku).exists(), model
    assert list(AuthenticatorApp.objects.all()) == [theirs]
    assert not ResetLink.objects.filter(used_at=None).exists()
    assert User.objects.get(pk=wanjiku.pk).preferred_way == Way.SMS
    event = AuditEvent.objects.get(verb="activation.used")
    assert event.data == {"voided": ["APP", "PASSKEY", "BACKUP"]}


def test_old_and_new_contacts_are_told(
    nine: time_machine.Traveller, client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_back(client, wanjiku, printed(wanjiku, monkeypatch))
    used = OutboxMessage.objects.filter(cause__startswith="activation-used:")
    assert set(used.values_list("to", flat=True)) == {NEW, wanjiku.customer.email}
    changed = OutboxMessage.objects.filter(cause__startswith="contact-changed:")
    assert set(changed.values_list("to", flat=True)) == {OLD, NEW, wanjiku.customer.email}
    words = used[0].body
    assert words.startswith("Phone and password of your Wekeza account were set anew at 23/11/2026 09:00;")
    assert len(words) <= 160
    assert InboxItem.objects.filter(category="SECURITY").count() == 3, "given out, changed, used"


def test_payments_are_capped_for_24_hours(
    nine: time_machine.Traveller, client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_back(client, wanjiku, printed(wanjiku, monkeypatch))
    assert "KES 20,000.00 at most can go to others until 24 November, 09:00" in client.get("/login/").content.decode()
    cap = limits.room(wanjiku.customer).recovery
    assert cap is not None
    assert cap.until == clock.now() + timedelta(hours=24)


def test_the_new_number_confirms_nothing_by_sms_for_72_hours(client: Client, wanjiku: User, paper: str) -> None:
    come_back(client, wanjiku, paper)
    row = User.objects.get(pk=wanjiku.pk)
    assert row.known_phone == NEW
    assert row.phone_changed_at is not None


def test_with_the_same_number_as_before_it_is_no_new_one(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_back(client, wanjiku, printed(wanjiku, monkeypatch, phone=""))
    row = User.objects.get(pk=wanjiku.pk)
    assert (row.phone_changed_at, opens(wanjiku, NEW_PASSWORD)) == (None, True)
    assert not OutboxMessage.objects.filter(cause__startswith="contact-changed:").exists()


def test_who_locked_the_sign_in_can_sign_in_at_once(client: Client, wanjiku: User, paper: str) -> None:
    for _time in range(tries.LOGIN_ACCOUNT.limit):
        give_password(Client(), wanjiku, WRONG)
    come_back(client, wanjiku, paper)
    assert give_password(Client(), wanjiku, NEW_PASSWORD).status_code == 302


# --- One use, one customer, 24 hours ------------------------------------------------------------------------------


def test_it_works_once(client: Client, wanjiku: User, paper: str) -> None:
    come_back(client, wanjiku, paper)
    assert refused(begin(Client(), wanjiku, paper))


def test_of_two_browsers_the_first_to_end_counts(client: Client, wanjiku: User, paper: str) -> None:
    other = Client()
    begin(client, wanjiku, paper)
    give_code(client, wanjiku)
    begin(other, wanjiku, paper)
    give_code(other, wanjiku)
    choose(client)
    late = choose(other, "another one of mine 9")
    assert late.headers["Location"] == "/activate/"
    assert "fit" in other.get("/activate/").content.decode()
    assert opens(wanjiku, NEW_PASSWORD)


def test_it_lives_24_hours(nine: time_machine.Traveller, wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    code = printed(wanjiku, monkeypatch)
    nine.shift(timedelta(hours=24) - timedelta(seconds=1))
    assert begin(Client(), wanjiku, code).status_code == 302
    nine.shift(timedelta(seconds=1))
    assert refused(begin(Client(), wanjiku, code))


def test_it_is_somebodys_alone(wanjiku: User, paper: str) -> None:
    assert refused(begin(Client(), UserFactory(), paper))


def test_what_was_never_printed_fits_nothing(client: Client, wanjiku: User) -> None:
    row = approved(wanjiku)
    for code in ("", "0000-0000-0000-0000", str(row.pk)[:19]):
        assert begin(client, wanjiku, code).status_code == 200
    assert not OneTimeCode.objects.exists()


def test_the_second_paper_voids_the_first(wanjiku: User, paper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    second = code_on_paper(approved(wanjiku), monkeypatch)
    assert refused(begin(Client(), wanjiku, paper))
    assert begin(Client(), wanjiku, second).status_code == 302


def test_a_second_paper_stops_who_is_on_the_way_with_the_first(client: Client, wanjiku: User, paper: str) -> None:
    begin(client, wanjiku, paper)
    give_code(client, wanjiku)
    approved(wanjiku)
    assert choose(client).headers["Location"] == "/activate/"
    assert opens(wanjiku, PASSWORD)


@pytest.mark.parametrize("columns", [{"is_active": False}, {"national_id": "99999999"}, {"password_hash": "reset"}])
def test_what_the_branch_changes_on_the_way_stops_it(
    client: Client, wanjiku: User, paper: str, columns: dict[str, Any]
) -> None:
    begin(client, wanjiku, paper)
    give_code(client, wanjiku)
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(**columns)
    assert choose(client).headers["Location"] == "/activate/"
    assert opens(wanjiku, PASSWORD)


# --- Nothing is skipped and nothing is revealed -------------------------------------------------------------------


def test_the_paper_alone_changes_nothing(client: Client, wanjiku: User, paper: str) -> None:
    begin(client, wanjiku, paper)
    assert client.get("/activate/password/").headers["Location"] == "/activate/"
    assert choose(client).headers["Location"] == "/activate/"
    assert opens(wanjiku, PASSWORD)


def test_a_wrong_code_to_the_phone_leads_nowhere(client: Client, wanjiku: User, paper: str) -> None:
    begin(client, wanjiku, paper)
    wrong = client.post("/activate/code/", {"code": another(code_for(wanjiku.customer))})
    assert "That code is not right" in wrong.content.decode()
    assert choose(client).headers["Location"] == "/activate/"


def test_a_code_for_signing_in_is_none_for_this(client: Client, wanjiku: User, paper: str) -> None:
    give_password(Client(), wanjiku)
    login_code = code_for(wanjiku.customer)
    begin(client, wanjiku, paper)
    if code_for(wanjiku.customer) != login_code:
        assert client.post("/activate/code/", {"code": login_code}).status_code == 200
    assert not client.session["activation"][3]


def test_where_sms_is_switched_off_e_mail_does_not_stand_in(client: Client, wanjiku: User, paper: str) -> None:
    PortalSwitchFactory(code=switches.SMS_CODES, is_on=False, notice_en="SMS is down.")
    assert "SMS is down." in begin(client, wanjiku, paper).content.decode()
    assert not OneTimeCode.objects.exists()
    assert ActivationCode.objects.get().used_at is None


def test_half_of_it_is_no_login_and_lasts_fifteen_minutes(
    nine: time_machine.Traveller, client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = printed(wanjiku, monkeypatch)
    begin(client, wanjiku, code)
    assert not is_signed_in(client)
    give_code(client, wanjiku)
    assert not is_signed_in(client)
    nine.shift(timedelta(minutes=15, seconds=1))
    assert choose(client).headers["Location"] == "/activate/"
    assert opens(wanjiku, PASSWORD)


def test_a_planted_session_does_not_come_along(client: Client, wanjiku: User, paper: str) -> None:
    client.get("/activate/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["wekeza_session"] = session.session_key
    begin(client, wanjiku, paper)
    assert "planted" not in client.session
    assert client.session.session_key != session.session_key


def work_of(email: str, code: str) -> tuple[int, str, list[str]]:
    import re

    browser = Client()
    browser.get("/activate/")
    with CaptureQueriesContext(connection) as captured:
        answer = browser.post("/activate/", {"email": email, "code": code})
    work = [re.sub(r"SAVEPOINT.*|'[^']*'|\b\d+\b|NULL", "?", query["sql"]) for query in captured]
    text = re.sub(r'value="[^"]*"|data-used[^<]*<|<code>\w+</code>', "X", answer.content.decode())
    return answer.status_code, text, work


def test_a_wrong_code_an_unknown_address_and_nobody_with_a_paper_look_alike(wanjiku: User, paper: str) -> None:
    wrong = "0000-0000-0000-0000"
    work_of("somebody@example.com", wrong)  # the counts of this address and network are there
    known = work_of(wanjiku.customer.email, wrong)
    without_paper = work_of(UserFactory().customer.email, wrong)
    unknown = work_of("nobody@example.com", wrong)
    assert REFUSAL in known[1]
    assert known[:2] == without_paper[:2] == unknown[:2]
    assert known[2] == without_paper[2]


def test_guessing_ends_after_five_tries_also_for_the_right_one(
    nine: time_machine.Traveller, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = printed(wanjiku, monkeypatch)
    for number in range(5):
        assert refused(begin(Client(), wanjiku, f"0000-0000-0000-000{number}"))
    assert begin(Client(), wanjiku, code).status_code == 429
    nine.shift(timedelta(minutes=31))
    assert begin(Client(), wanjiku, code).status_code == 302


def test_one_address_guessing_for_many_is_stopped_at_twenty(nine: time_machine.Traveller) -> None:
    answers = [Client().post("/activate/", {"email": f"p{n}@example.com", "code": "0" * 16}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]


@pytest.mark.parametrize("password", ["short", "WekezaBank2026", "password1234", "0733999888 aa"])
def test_a_bad_password_is_refused_and_may_be_chosen_again(
    client: Client, wanjiku: User, paper: str, password: str
) -> None:
    begin(client, wanjiku, paper)
    give_code(client, wanjiku)
    assert choose(client, password).status_code == 200
    assert opens(wanjiku, PASSWORD)
    assert choose(client).headers["Location"] == "/login/"


@given(
    code=st.text(max_size=60), email=st.sampled_from(["", "x", "a@b", "n@example.com", "=1+1@x.ke", "😀@example.com"])
)
def test_whatever_is_typed_is_refused_and_nothing_breaks(code: str, email: str) -> None:
    with ratelimit_off():
        answer = Client().post("/activate/", {"email": email, "code": code})
    assert answer.status_code == 200


def ratelimit_off() -> Any:
    """So that chance finds no "too many"."""
    from unittest.mock import patch

    return patch.object(ratelimit, "consume")


def test_a_notice_that_cannot_be_written_leaves_everything_as_it_was(
    client: Client, wanjiku: User, paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    KnownDeviceFactory(user=wanjiku)
    begin(client, wanjiku, paper)
    give_code(client, wanjiku)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "activation_used", _fail)
        client.raise_request_exception = False
        assert choose(client).status_code == 500
    assert opens(wanjiku, PASSWORD)
    assert ActivationCode.objects.get().used_at is None
    assert AuthenticatorApp.objects.count() == KnownDevice.objects.count() == 1
    assert BranchCustomer.objects.get(pk=wanjiku.customer_id).phone_number == "0711000222"
    assert choose(client).headers["Location"] == "/login/", "and it can be done later"


def _fail(*_arguments: object) -> None:
    raise OSError("disk full")


def test_another_code_voids_the_one_before(
    nine: time_machine.Traveller, client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = printed(wanjiku, monkeypatch)
    begin(client, wanjiku, code)
    first = code_for(wanjiku.customer)
    nine.shift(timedelta(seconds=31))
    client.post("/activate/code/resend/")
    assert OneTimeCode.objects.filter(used_at=None).count() == 1
    if code_for(wanjiku.customer) != first:
        assert client.post("/activate/code/", {"code": first}).status_code == 200
    assert give_code(client, wanjiku).headers["Location"] == "/activate/password/"


# --- At once ------------------------------------------------------------------------------------------------------


def states(user: User, code: str, monkeypatch: pytest.MonkeyPatch, how_many: int) -> list[Client]:
    """Browsers that have given both codes and only choose a password now."""
    from accounts.identity import codes

    generous = ratelimit.Policy("generous", 100, timedelta(minutes=30))
    monkeypatch.setattr(codes, "CODE_SENDS", generous)
    browsers = [Client() for _ in range(how_many)]
    for browser in browsers:
        begin(browser, user, code)
        give_code(browser, user)
    return browsers


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_four_browsers_that_choose_at_once_one_sets_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory(customer__phone_number="0711000222")
    browsers = states(user, printed(user, monkeypatch), monkeypatch, 4)
    chosen = [f"my own long sentence {number}" for number in range(4)]
    answers = at_once(
        [lambda b=b, p=p: choose(b, p).headers["Location"] for b, p in zip(browsers, chosen, strict=True)]
    )
    assert sorted(map(str, answers)) == ["/activate/"] * 3 + ["/login/"]
    winner = chosen[[str(answer) for answer in answers].index("/login/")]
    assert opens(user, winner)
    assert AuditEvent.objects.filter(verb="activation.used").count() == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race shown: both read the paper as unused before either uses it up."""
    import threading

    user = UserFactory(customer__phone_number="0711000222")
    browsers = states(user, printed(user, monkeypatch), monkeypatch, 2)
    together, row = threading.Barrier(2), activation._row

    def read_together(state: activation.Activation, *, locked: bool = False) -> ActivationCode:
        found = row(state)
        if locked:
            together.wait(timeout=30)
        return found

    monkeypatch.setattr(activation, "_row", read_together)
    answers = at_once([lambda b=b: choose(b).headers["Location"] for b in browsers])
    assert sorted(map(str, answers)) == ["/login/", "/login/"]


def test_a_state_that_was_made_up_opens_nothing(client: Client, wanjiku: User) -> None:
    session = client.session
    session["activation"] = [str(uuid.uuid4()), "nonce", clock.now().isoformat(), True]
    session.save()
    client.cookies["wekeza_session"] = session.session_key
    assert choose(client).headers["Location"] == "/activate/"
