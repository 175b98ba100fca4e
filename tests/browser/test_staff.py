"""The staff's pages in Chromium: no policy report, nothing inaccessible, nothing that runs."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Posting
from accounts.proofs import making
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.test_pages import faults_of, open_watched
from tests.factories import (
    JobRunFactory,
    OutboxMessageFactory,
    PortalSwitchFactory,
    PostingFactory,
    ProposalFactory,
    UploadFactory,
)
from tests.pages import Scene
from transfers.tests.scripted import pay_out
from wekeza_portal import clock
from wekeza_portal.staff.tests.scenes import PASSWORD, code_of, staff

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]


def pages(scene: Scene) -> list[str]:
    assert scene.user.customer is not None
    message = OutboxMessageFactory(customer_id=scene.user.customer.user_id)
    paper = UploadFactory(customer_id=scene.user.customer.user_id, state="HANDED_IN")
    out = pay_out(scene.account)
    PortalSwitchFactory(code="MOBILE_MONEY")
    JobRunFactory(state="FAILED", error="ValueError in accounts/jobs.py, pay")
    posting = Posting.objects.get(instruction_id=scene.paid.pk)
    PostingFactory(posted_at=clock.now() - timedelta(days=1), business_date=clock.today() - timedelta(days=1))
    sheet = making.make_proof(clock.today() - timedelta(days=1))
    return [
        "/admin/",
        "/admin/accounts/",
        f"/admin/boards/proposals/{ProposalFactory().pk}/",
        "/admin/boards/proposals/",
        "/admin/boards/figures/",
        "/admin/boards/figures/limits/",
        "/admin/boards/switches/",
        "/admin/boards/switches/INTERNAL_TRANSFERS/",
        "/admin/boards/roles/",
        "/admin/boards/support-views/",
        f"/admin/boards/support-views/{scene.look_of_before.pk}/",
        "/admin/boards/birth-dates/",
        "/admin/boards/calendar/",
        "/admin/boards/calendar/propose/",
        "/admin/boards/jobs/",
        f"/admin/accounts/branchcustomer/?q={scene.user.customer.user_id}",
        f"/admin/accounts/branchcustomer/{scene.user.customer.user_id}/",
        "/admin/accounts/accounttransaction/",
        "/admin/accounts/posting/",
        f"/admin/accounts/instruction/{scene.paid.pk}/",
        f"/admin/notifications/outboxmessage/{message.pk}/",
        "/admin/uploads/upload/",
        f"/admin/uploads/upload/{paper.pk}/",
        f"/admin/boards/where/?q={posting.reference}",
        f"/admin/boards/where/?q={scene.account.account_number}",
        "/admin/boards/where/?q=nobody-knows-this",
        "/admin/boards/payments/",
        f"/admin/boards/payments/{out.pk}/",
        f"/admin/boards/payments/{out.pk}/settle/",
        "/admin/boards/suspense/",
        "/admin/boards/money-in/",
        f"/admin/boards/money-in/{scene.received.pk}/",
        f"/admin/boards/deposits/{scene.ringing.pk}/",
        f"/admin/boards/deposits/{scene.ringing.pk}/unpaid/",
        "/admin/boards/rails/",
        "/admin/boards/directory/",
        "/admin/boards/directory/billers/new/",
        "/admin/boards/fees/",
        "/admin/boards/fees/propose/",
        "/admin/boards/proofs/",
        f"/admin/boards/proofs/{sheet.day.isoformat()}/",
        "/admin/password_change/",
    ]


def sign_in(visitor: Visitor) -> None:
    user = staff("operations")
    visitor.go("/admin/login/")
    visitor.page.fill("[name=username]", user.username)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.fill("[name=code]", code_of(user))
    visitor.press_submit()
    assert visitor.path == "/admin/"


@pytest.mark.parametrize(
    ("scheme", "language", "viewport"),
    [("light", "en", DESKTOP), ("dark", "sw", PHONE)],
    ids=["light-english-desktop", "dark-kiswahili-phone"],
)
def test_no_staff_page_has_a_fault(visit: Visit, scheme: str, language: str, viewport: dict[str, int]) -> None:
    visitor = open_watched(visit, scheme=scheme, language=language, viewport=viewport)
    faults = faults_of(visitor, "/admin/login/")
    scene = Scene.set_up()
    sign_in(visitor)
    addresses = pages(scene)
    for path in addresses:
        visitor.go(path)
    assert visitor.complaints == []  # before axe comes, which writes styles into the pages it looks at
    faults += [fault for path in addresses for fault in faults_of(visitor, path)]
    assert faults == []


def test_the_wildest_texts_stay_text(visit: Visit) -> None:
    scene = Scene.set_up()
    scene.fill_branch_with("\"'><script>window.__x=1</script><img src=x onerror=window.__x=1>{{7*7}}" + "W" * 60)
    ProposalFactory(reason="<img src=x onerror=window.__x=1>")
    visitor = open_watched(visit, viewport=DESKTOP)
    sign_in(visitor)
    for path in pages(scene):
        visitor.go(path)
        assert visitor.page.evaluate("window.__x") is None, path
        assert visitor.page.evaluate("window.__reports") == [], path
