"""What staff may look at, and the trace each look leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import AccountTransaction
from tests.factories import (
    AccountFactory,
    AuditEventFactory,
    CustomerFactory,
    OutboxMessageFactory,
    TransactionFactory,
)
from tests.pages import Scene
from wekeza_portal import crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


def looks() -> list[tuple[int | None, str]]:
    rows = AuditEvent.objects.filter(verb="staff.viewed").order_by("pk")
    return list(rows.values_list("customer_id", "subject"))


def test_each_look_at_a_customer_is_written_down() -> None:
    scene = Scene.set_up()
    customer = scene.user.customer
    assert customer is not None
    user = staff("support")
    client = signed_in(user)
    pages = {
        f"/admin/accounts/branchcustomer/{customer.user_id}/": f"accounts.branchcustomer:{customer.user_id}",
        f"/admin/accounts/account/{scene.account.pk}/": f"accounts.account:{scene.account.pk}",
        f"/admin/accounts/instruction/{scene.paid.pk}/": f"accounts.instruction:{scene.paid.pk}",
        f"/admin/accounts/branchcustomer/?q={customer.user_id}": "list:accounts.branchcustomer",
        f"/admin/accounts/accounttransaction/?q={scene.account.account_number}": "list:accounts.accounttransaction",
        "/admin/accounts/posting/": "list:accounts.posting",
    }
    for page, subject in pages.items():
        before = len(looks())
        assert client.get(page).status_code == 200, page
        assert looks()[before:] == [(customer.user_id, subject)], page
    by_us = AuditEvent.objects.filter(verb="staff.viewed").exclude(actor_id="test")  # a look of the scene's own
    assert set(by_us.values_list("actor_id", flat=True)) == {str(user.pk)}


def test_a_look_that_shows_nothing_is_nobodys() -> None:
    client = signed_in(staff("support"))
    client.get("/admin/accounts/branchcustomer/")
    client.get("/admin/accounts/branchcustomer/?q=nobody-like-this")
    client.get("/admin/accounts/branchcustomer/999999/")
    assert looks() == []


def test_who_may_not_look_leaves_no_false_trace() -> None:
    customer = CustomerFactory()
    assert signed_in(staff(None)).get(f"/admin/accounts/branchcustomer/{customer.user_id}/").status_code == 403
    assert looks() == []


@pytest.mark.parametrize(
    "words", [lambda c: c.email.upper(), lambda c: c.phone_number, lambda c: f"0{c.phone_number[4:]}",
              lambda c: c.national_id, lambda c: c.full_name[:9].lower(), lambda c: str(c.user_id)],
)  # fmt: skip
def test_a_customer_is_found_by_what_a_caller_says(words: Callable[[Any], str]) -> None:
    wanted = CustomerFactory(full_name="Zawadi Njeri", phone_number="+254722123456", national_id="31234567")
    CustomerFactory(full_name="Another Person")
    page = signed_in(staff("support")).get("/admin/accounts/branchcustomer/", {"q": words(wanted)})
    assert [row.pk for row in page.context_data["cl"].result_list] == [wanted.pk]


def test_secrets_are_on_no_page() -> None:
    customer = CustomerFactory(password_hash="branch-secret-xyz", national_id="31234567")
    secret = OutboxMessageFactory(is_secret=True, body=crypto.encrypt("482913"), customer_id=customer.user_id)
    plain = OutboxMessageFactory(body="Your account was credited.", customer_id=customer.user_id)
    client = signed_in(staff("audit"))
    pages = [
        f"/admin/accounts/branchcustomer/{customer.user_id}/",
        f"/admin/notifications/outboxmessage/?q={customer.user_id}",
        f"/admin/notifications/outboxmessage/{secret.pk}/",
    ]
    for page in pages:
        body = client.get(page).content.decode()
        assert "branch-secret-xyz" not in body
        assert secret.body not in body
        assert "482913" not in body
        assert "31234567" not in body
    assert "Secret: never shown" in client.get(pages[2]).content.decode()
    assert "was credited" in client.get(f"/admin/notifications/outboxmessage/{plain.pk}/").content.decode()


def statements(client: Any, page: str) -> list[str]:
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert client.get(page).status_code == 200
    return seen


def test_transactions_are_never_counted_or_skipped() -> None:
    account = AccountFactory()
    rows = [TransactionFactory(account=account) for _n in range(60)]
    client = signed_in(staff("audit"))
    for page in (
        "/admin/accounts/accounttransaction/",
        f"/admin/accounts/accounttransaction/?q={account.account_number}",
    ):
        asked = [sql for sql in statements(client, page) if "transactions" in sql]
        assert not any("COUNT(" in sql.upper() or "OFFSET" in sql.upper() for sql in asked)
        assert any("LIMIT 26" in sql for sql in asked)
    seen: list[int] = []
    page = "/admin/accounts/accounttransaction/"
    query = ""
    for _page in range(3):
        listed = client.get(page + query).context_data["cl"]
        seen += [row.pk for row in listed.result_list]
        query = listed.older
    assert seen == sorted((row.pk for row in rows), reverse=True)
    assert query == ""


def test_a_strange_question_is_no_error() -> None:
    client = signed_in(staff("audit"))
    for page in ("accounttransaction", "posting", "instruction", "branchcustomer", "account"):
        for query in ("?before=x", "?before=99999999999999999999", "?q=%00", "?q=' OR 1=1", "?p=7", "?all=", "?o=1.2"):
            assert client.get(f"/admin/accounts/{page}/{query}").status_code in {200, 302}, f"{page}{query}"


def test_the_matrix_shows_what_the_groups_hold_and_nothing_else() -> None:
    held = {
        (role, f"{permission.content_type.app_label}.{permission.codename}")
        for role in roles.ROLES
        for permission in Group.objects.get(name=role).permissions.all()
    }
    shown = {
        (role, f"{permission.content_type.app_label}.{permission.codename}")
        for permission, row in roles.matrix()
        for role, holds in zip(roles.ROLES, row, strict=True)
        if holds
    }
    granted = {(role, name) for role, names in roles._granted.items() for name in names}
    assert shown == held == granted
    page = signed_in(staff("audit")).get("/admin/boards/roles/").content.decode()
    for _role, name in held:
        assert name in page


def test_a_permission_given_by_hand_is_shown_and_taken_back_at_the_next_migrate() -> None:
    from django.contrib.auth.models import Permission

    extra = Permission.objects.get(codename="view_auditevent")
    Group.objects.get(name="support").permissions.add(extra)
    assert dict(roles.matrix())[extra][list(roles.ROLES).index("support")] is True
    roles.install("audit")
    assert dict(roles.matrix())[extra][list(roles.ROLES).index("support")] is False


def test_no_role_can_change_a_table() -> None:
    for _role, names in roles._granted.items():
        assert not {name for name in names if name.partition(".")[2].split("_")[0] in {"add", "change", "delete"}}


def test_every_board_and_table_is_open_to_some_role() -> None:
    names = set().union(*roles._granted.values())
    assert {board.permission for board in portal_admin.boards} <= names
    for model in portal_admin._registry:
        assert f"{model._meta.app_label}.view_{model._meta.model_name}" in names


def test_reading_the_trail_does_not_make_it_grow_for_ever() -> None:
    customer = CustomerFactory()
    AuditEventFactory(customer_id=customer.user_id, verb="payment.posted")
    client = signed_in(staff("audit"))
    client.get("/admin/audit/auditevent/")
    first = len(looks())
    client.get("/admin/audit/auditevent/")
    assert len(looks()) - first == first == 1


def test_the_staff_app_leaves_the_users_table_of_django_alone() -> None:
    assert not portal_admin.is_registered(apps.get_model("auth", "Group"))
    assert AccountTransaction in portal_admin._registry
