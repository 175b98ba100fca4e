"""Who looked at my data: staff views only, without names, the customer's own, page by page."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.privacy import looks
from tests.factories import AuditEventFactory, UserFactory
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff.readonly import ReadOnlyAdmin
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
PAGE = "/settings/privacy/looks/"


def page(client: Client, query: str = "") -> str:
    return client.get(PAGE + query).content.decode()


def looked(user: User, **more: object) -> AuditEvent:
    about = {"verb": "staff.viewed", "actor_kind": "staff", "subject": "accounts.account:17", **more}
    event: AuditEvent = AuditEventFactory(customer_id=user.customer_id, **about)
    return event


def test_a_real_look_of_the_staffs_is_there_with_role_and_without_name(client: Client, wanjiku: User) -> None:
    clerk = staff("risk")
    signed_in(clerk).get(f"/admin/accounts/branchcustomer/{wanjiku.customer_id}/")
    text = page(client)
    assert "Your name and contacts" in text
    assert "Risk" in text
    assert clerk.username not in text


def test_nobody_so_far(client: Client) -> None:
    assert "Nobody so far." in page(client)


def test_only_what_staff_looked_at_and_only_ones_own(client: Client, wanjiku: User) -> None:
    looked(wanjiku, verb="payment.posted")
    looked(wanjiku, actor_kind="customer")
    looked(wanjiku, verb="staff.block_proposed")
    looked(UserFactory())
    assert "Nobody so far." in page(client)


def test_what_was_looked_at_before_the_branchs_row_was_a_former_customers(client: Client, wanjiku: User) -> None:
    assert wanjiku.customer is not None
    looked(wanjiku, at=wanjiku.customer.created_at - timedelta(seconds=1))
    assert "Nobody so far." in page(client)


def test_a_copy_handed_over_by_staff_says_why(client: Client, wanjiku: User) -> None:
    looked(wanjiku, verb="customer.exported", actor_id="SUPPORT001", data={"reason": "DSR-1 <b>asked</b>"})
    text = page(client)
    assert "A copy of all your data, handed over" in text
    assert "DSR-1 &lt;b&gt;asked" in text
    assert "SUPPORT001" not in text


def test_pages_follow_each_other_without_gap_or_repetition(wanjiku: User) -> None:
    made = [looked(wanjiku).pk for _time in range(looks.PAGE_SIZE * 2 + 3)]
    assert wanjiku.customer is not None
    seen, before = [], ""
    while True:
        found = looks.page(wanjiku.customer, before)
        seen += [look.at for look in found.looks]
        if found.older is None:
            break
        before = str(found.older)
    assert len(seen) == len(made)


@pytest.mark.parametrize("before", ["", "x", "-1", "1e9", "٣", "9" * 30, "9" * 10_000, "🎉", "0", "<script>"])
def test_a_strange_page_is_no_error(client: Client, wanjiku: User, before: str) -> None:
    looked(wanjiku)
    assert client.get(PAGE, {"before": before}).status_code == 200


def test_lists_have_the_words_of_their_rows_and_what_is_unknown_is_just_data() -> None:
    assert looks.what_of("list:accounts.account") == looks.WHAT["accounts.account"]
    assert str(looks.what_of("something-new:7")) == "Your data"


# --- Every kind of look that the code notes -------------------------------------------------------------------------


def noted_in(source: str) -> Iterator[str]:
    """The kind in each call of record_view: what its text begins with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "record_view":
            said = node.args[2]
            first = said.values[0] if isinstance(said, ast.JoinedStr) else said
            text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            yield text.removeprefix("list:").partition(":")[0]


def noted_by_boards() -> set[str]:
    """Kinds by file of the staff's pages; admin's own, whose kind is the table's name, are asked of the site."""
    generic = {Path("wekeza_portal/staff/readonly.py")}
    root = Path(settings.BASE_DIR)
    files = [path for path in root.rglob("*.py") if not {".venv", "tests", "migrations"} & set(path.parts)]
    texts = {path: path.read_text() for path in files if path.relative_to(root) not in generic}
    return {kind for text in texts.values() if "record_view(" in text for kind in noted_in(text)}


def noted_by_admin() -> set[str]:
    pages = [page for page in portal_admin._registry.values() if isinstance(page, ReadOnlyAdmin)]
    about_somebody = [
        page
        for page in pages
        if "customer_id" in {field.attname for field in page.opts.concrete_fields}
        or type(page).customer_id_of is not ReadOnlyAdmin.customer_id_of
        or type(page).customers_on is not ReadOnlyAdmin.customers_on
    ]
    return {page.opts.label_lower for page in about_somebody}


def test_the_guard_finds_what_is_noted() -> None:
    calls = 'record_view(r, 1, "call")\nx.record_view(r, 1, f"list:card:{row}")\nrecord_view(r, 1, what)'
    assert set(noted_in(calls)) == {"call", "card", ""}
    assert {"support-view", "support-views", "data-request", "way-back"} <= noted_by_boards()
    assert {"accounts.account", "accounts.branchcustomer", "transfers.standingrun"} <= noted_by_admin()


def test_every_kind_of_look_has_words_of_its_own() -> None:
    """A kind that can't be read off the call is found as the empty one, which has no words."""
    assert noted_by_boards() | noted_by_admin() <= set(looks.WHAT)


def test_a_look_at_the_customers_own_pages_is_named(client: Client, wanjiku: User) -> None:
    looked(wanjiku, subject="support-view:482913 /accounts/")
    looked(wanjiku, subject="list:support-views")
    text = page(client)
    assert "Your own pages, with your consent" in text
    assert "Looks at your own pages" in text
