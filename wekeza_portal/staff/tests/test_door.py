"""Who gets to /admin/, and how little else gets them there."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import StaffMember, User
from tests.factories import AccountFactory, ProposalFactory, StaffFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import people, totp
from wekeza_portal.staff.models import StaffTotp
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.tests.scenes import PASSWORD, code_of, signed_in, staff, try_to_sign_in

pytestmark = pytest.mark.django_db
OPEN = {"login"}
# Pages of every member of staff, whatever the role.
FOR_ALL_STAFF = {"index", "login", "logout", "password_change", "password_change_done", "jsi18n"}


def staff_patterns(entries: Any = None) -> Iterator[URLPattern]:
    for entry in portal_admin.get_urls() if entries is None else entries:
        if isinstance(entry, URLResolver):
            yield from staff_patterns(entry.url_patterns)
        else:
            yield entry


def addresses() -> dict[str, str]:
    """Every address below /admin/ with something real in its place."""
    account, proposal = AccountFactory(), ProposalFactory()
    real: dict[str, dict[str, Any]] = {
        "proposal": {"proposal_id": proposal.pk},
        "proposal_decide": {"proposal_id": proposal.pk},
        "figure_propose": {"name": "fees"},
        "switch_propose": {"code": "INTERNAL_TRANSFERS"},
        "app_list": {"app_label": "accounts"},
        "accounts_account_change": {"object_id": account.pk},
    }
    found = {}
    for pattern in staff_patterns():
        assert pattern.name is not None
        arguments = real.get(pattern.name)
        if arguments is None and pattern.pattern.regex.groupindex:
            arguments = dict.fromkeys(pattern.pattern.regex.groupindex, "1")
            if "uuid" in str(pattern.pattern):
                arguments = dict.fromkeys(pattern.pattern.regex.groupindex, proposal.pk)
        found[pattern.name] = reverse(f"admin:{pattern.name}", kwargs=arguments)
    return found


def test_nobody_gets_in_without_signing_in() -> None:
    customer = Client()
    sign_in(customer, UserFactory())
    half = Client()
    half.post("/admin/login/", {"username": staff().username, "password": PASSWORD, "code": ""})
    for visitor in (Client(), customer, half):
        for name, address in addresses().items():
            if name in OPEN:
                continue
            for method in ("get", "post"):
                answer = getattr(visitor, method)(address)
                assert answer.status_code == 302, f"{method} {address}: {answer.status_code}"
                onwards = "/admin/" if name == "logout" else "/admin/login/"
                assert answer["Location"].startswith(onwards), address


def test_staff_without_a_role_see_no_table_and_no_board() -> None:
    client = signed_in(staff(None))
    for name, address in addresses().items():
        if name not in FOR_ALL_STAFF:
            answer = client.get(address)
            assert answer.status_code in {403, 404}, f"{address}: {answer.status_code}"
    assert b"/admin/accounts/" not in client.get("/admin/").content


def test_the_wrong_role_is_refused() -> None:
    support = signed_in(staff("support"))
    assert support.get("/admin/audit/auditevent/").status_code == 403
    assert support.get("/admin/boards/figures/fees/").status_code == 403
    assert support.get("/admin/boards/switches/INTERNAL_TRANSFERS/").status_code == 403
    assert support.get("/admin/accounts/account/").status_code == 200


def test_nothing_can_be_added_changed_or_deleted_in_a_table() -> None:
    client = signed_in(staff("audit"))
    account = AccountFactory(status="ACTIVE")
    address = f"/admin/accounts/account/{account.pk}/"
    assert client.post(address, {"status": "FROZEN"}).status_code == 403
    for way in ("add/", f"{account.pk}/delete/", f"{account.pk}/history/"):
        assert client.get(f"/admin/accounts/account/{way}").status_code in {302, 404}, way
    account.refresh_from_db()
    assert account.status == "ACTIVE"


def test_a_customer_stays_a_customer_and_staff_stay_staff() -> None:
    client = signed_in(staff("audit"))
    for page in ("/", "/move/", "/settings/", "/view/"):
        assert client.get(page).status_code == 403, page
    assert client.get("/admin/").status_code == 200
    customer: User = UserFactory()
    customer.is_staff = True
    customer.save()
    totp.new_device(customer.pk)
    answer = try_to_sign_in(Client(), customer, password="correct horse battery 9")
    assert answer.status_code == 200, "a customer's login is never a member of staff"
    assert customer.customer is not None
    by_mail = {"username": customer.customer.email, "password": "correct horse battery 9", "code": code_of(customer)}
    assert Client().post("/admin/login/", by_mail).status_code == 200


def test_staff_cannot_sign_in_at_the_customers_door() -> None:
    user = staff()
    client = Client()
    client.post("/login/", {"email": user.username, "password": PASSWORD})
    assert client.get("/login/code/").status_code == 302


@pytest.mark.parametrize("wrong", [{"password": "not that one at all"}, {"code": "000000"}, {"username": "NOBODY"}])
def test_each_of_the_three_must_be_right_and_the_answer_is_the_same(wrong: dict[str, str]) -> None:
    user = staff()
    StaffTotp.objects.filter(user=user).update(last_step=-1)
    if "code" in wrong:
        wrong = {"code": "000000" if code_of(user) != "000000" else "000001"}
    answer = try_to_sign_in(Client(), user, **wrong)
    assert answer.status_code == 200
    assert b"Staff code, password or code is not right" in answer.content


def test_a_wrong_password_does_not_use_the_code_up() -> None:
    user = staff()
    code = code_of(user)
    assert try_to_sign_in(Client(), user, password="not that one at all", code=code).status_code == 200
    assert try_to_sign_in(Client(), user, code=code).status_code == 302


def test_ten_tries_and_the_door_stays_shut_even_for_the_right_ones() -> None:
    user = staff()
    for _try in range(10):
        try_to_sign_in(Client(), user, password="not that one at all")
    answer = try_to_sign_in(Client(), user)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_whoever_leaves_the_branchs_list_is_out_at_the_next_request() -> None:
    user = staff("audit")
    client = signed_in(user)
    assert client.get("/admin/").status_code == 200
    StaffMember.objects.filter(staff_code=user.username).update(is_active=False)
    assert client.get("/admin/").status_code == 302
    StaffMember.objects.filter(staff_code=user.username).update(is_active=True)
    assert client.get("/admin/").status_code == 302, "the session is gone for good"


def test_losing_a_role_holds_from_the_next_request() -> None:
    user = staff("audit")
    client = signed_in(user)
    assert client.get("/admin/audit/auditevent/").status_code == 200
    user.groups.clear()
    assert client.get("/admin/audit/auditevent/").status_code == 403


def test_losing_the_authenticator_ends_the_session() -> None:
    user = staff("audit")
    client = signed_in(user)
    StaffTotp.objects.filter(user=user).delete()
    assert client.get("/admin/").status_code == 302


def test_ten_idle_minutes_end_the_session() -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        client = signed_in(staff())
        time.shift(timedelta(seconds=settings.SESSION_IDLE_SECONDS - 1))
        assert client.get("/admin/").status_code == 200
        time.shift(timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1))
        assert client.get("/admin/").status_code == 302


def test_eight_hours_end_it_however_busy() -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        client = signed_in(staff())
        for _step in range(settings.SESSION_ABSOLUTE_SECONDS // 540):
            time.shift(timedelta(seconds=540))
            assert client.get("/admin/").status_code == 200
        time.shift(timedelta(seconds=540))
        assert client.get("/admin/").status_code == 302


def test_signing_in_gives_a_new_session_and_signing_out_kills_it() -> None:
    client = Client()
    client.get("/admin/login/")
    user = staff()
    client.session["planted"] = "yes"
    before = client.session.session_key
    assert try_to_sign_in(client, user).status_code == 302
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert key != before
    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get("/admin/").status_code == 302


def test_every_way_in_and_out_is_written_down() -> None:
    user = staff()
    try_to_sign_in(Client(), user, password="not that one at all")
    signed_in(user).post("/admin/logout/")
    verbs = list(AuditEvent.objects.filter(actor_kind="staff", actor_id=str(user.pk)).values_list("verb", flat=True))
    assert verbs == ["staff.sign_in_refused", "staff.signed_in", "staff.signed_out"]


def test_every_change_needs_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(staff("operations")).cookies
    for name, address in addresses().items():
        assert client.post(address).status_code in {403, 405, 404}, name


def policy(client: Client, page: str) -> dict[str, str]:
    header = client.get(page)["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


def test_the_policy_is_the_portals_without_trusted_types() -> None:
    client = signed_in(staff("audit"))
    for page in ("/admin/", "/admin/accounts/account/", "/admin/boards/switches/", "/admin/jsi18n/"):
        ours = dict(part.strip().split(" ", 1) for part in client.get(page)["Content-Security-Policy"].split(";"))
        expected = dict(
            part.strip().split(" ", 1) for part in client.get("/help/")["Content-Security-Policy"].split(";")
        )
        del expected["require-trusted-types-for"], expected["trusted-types"]
        assert ours == expected, page
    assert "no-store" in client.get("/admin/")["Cache-Control"]


def test_a_staff_password_has_fourteen_characters() -> None:
    user = staff()
    client = signed_in(user)
    for new in ("short-one-13x", "aaaaaaaaaaaaaaaa", f"{user.username}-{user.username}"):
        answer = client.post("/admin/password_change/", {"old": PASSWORD, "new": new})
        assert answer.status_code == 200, new
    assert client.post("/admin/password_change/", {"old": "wrong", "new": "a quite different one 3"}).status_code == 200
    answer = client.post("/admin/password_change/", {"old": PASSWORD, "new": "a quite different one 3"})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    user.refresh_from_db()
    assert user.check_password("a quite different one 3")


def test_a_new_password_ends_the_other_sessions() -> None:
    user = staff()
    here = signed_in(user)
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        there = signed_in(user)
        here.post("/admin/password_change/", {"old": PASSWORD, "new": "a quite different one 3"})
        assert there.get("/admin/").status_code == 302
        assert here.get("/admin/").status_code == 200


def test_only_somebody_on_the_branchs_list_gets_a_login() -> None:
    StaffFactory(staff_code="GONE01", is_active=False)
    from wekeza_portal.actors import system

    for code in ("NOBODY", "GONE01"):
        with pytest.raises(people.NotOnTheList):
            people.set_up(code, "a long staff password 7", ["risk"], actor=system("test"))
    assert not User.objects.filter(username__in=["NOBODY", "GONE01"]).exists()


def test_the_front_page_counts_readable_secrets_by_format() -> None:
    import hashlib

    from tests.factories import CustomerFactory

    CustomerFactory(password_hash=hashlib.sha256(b"x").hexdigest())
    CustomerFactory(password_hash="$2b$12$mTgX/0Ypglk/q4ArbswZ6.JOItVDf9bWA2.npq5aDvgC2tAxkuH3u")
    CustomerFactory(password_hash="!portal:\nabc")
    UserFactory()
    from accounts.admin import readable_secrets

    cache.clear()
    values = {str(label): number for label, number, _alarm in readable_secrets()}
    assert values["Plain text, enrolled customers"] == 1
    assert values["Plain text, whole table"] == 1
    assert values["SHA-256, whole table"] == 1
    assert values["bcrypt, whole table"] == 1
    assert values["bcrypt, enrolled customers"] == 0
    assert b"Readable secrets" in signed_in(staff("support")).get("/admin/").content


def test_the_key_is_not_readable_in_the_table() -> None:
    user = staff()
    row = StaffTotp.objects.get(user=user)
    secret = totp.address(row, user.username).split("secret=")[1].split("&")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM portal_staff_totp")
        everything = repr(cursor.fetchall())
    assert secret not in everything
    assert totp._key(row) not in everything
