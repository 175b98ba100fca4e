"""Who looked at my data: staff views only, without names, the customer's own, page by page."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.privacy import looks
from tests.factories import AuditEventFactory, UserFactory
from wekeza_portal.audit.models import AuditEvent
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


def test_every_subject_has_words() -> None:
    assert looks.what_of("list:accounts.account") == looks.WHAT["accounts.account"]
    assert str(looks.what_of("something-new:7")) == "Your data"
