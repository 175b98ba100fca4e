"""The staff's side of a stop: one person stops at once, two lift it, and every look is written down."""

from decimal import Decimal

import pytest

from accounts.freezing import stopping
from accounts.freezing.state import freeze_of
from accounts.models import BranchCustomer, Freeze
from tests.factories import AccountFactory, UserFactory
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def me() -> BranchCustomer:
    user = UserFactory()
    AccountFactory(customer=user.customer, balance=Decimal("5000.00"), account_number="ACC7000001")
    assert isinstance(user.customer, BranchCustomer)
    return user.customer


def address(me: BranchCustomer, act: str = "") -> str:
    return f"/admin/boards/freezes/{me.user_id}/{act}"


@pytest.mark.parametrize("role", ["support", "risk", "operations"])
def test_one_of_the_staff_stops_at_once_and_it_is_written_down(me: BranchCustomer, role: str) -> None:
    person = staff(role)
    signed_in(person).post(address(me, "stop/"), {"reason": "SIM swap reported by phone"})
    freeze = freeze_of(me.user_id)
    assert freeze is not None
    assert (freeze.begun_by, freeze.by_staff) == (Freeze.By.STAFF, person.username)
    event = AuditEvent.objects.get(verb="freeze.begun")
    assert (event.actor_kind, event.data["reason"]) == ("staff", "SIM swap reported by phone")
    assert InboxItem.objects.filter(customer_id=me.user_id).exists()


def test_without_a_reason_nothing_is_stopped(me: BranchCustomer) -> None:
    signed_in(staff("risk")).post(address(me, "stop/"), {"reason": " "})
    assert freeze_of(me.user_id) is None


def test_audit_sees_and_stops_nobody(me: BranchCustomer) -> None:
    client = signed_in(staff("audit"))
    assert client.get(address(me)).status_code == 200
    assert client.post(address(me, "stop/"), {"reason": "x"}).status_code == 403
    assert freeze_of(me.user_id) is None


def test_it_takes_two_to_lift_it_and_the_maker_is_not_the_second(me: BranchCustomer) -> None:
    maker, checker = staff("risk"), staff("risk")
    stopping.stop(me.user_id, by=Freeze.By.STAFF, actor=Actor("staff", "1"), staff_code="RISK001", reason="x")
    first = signed_in(maker)
    first.post(address(me, "lift/"), {"reason": "Came to the branch with her ID"})
    proposal = Proposal.objects.get()
    first.post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"approve": "1"})
    assert freeze_of(me.user_id) is not None
    signed_in(checker).post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"approve": "1"})
    assert freeze_of(me.user_id) is None
    assert Freeze.objects.get().ended_by == Freeze.By.STAFF
    assert InboxItem.objects.filter(customer_id=me.user_id, title="Payments can leave again").exists()


def test_a_proposal_of_before_lifts_no_later_stop(me: BranchCustomer) -> None:
    stopping.stop(me.user_id, by=Freeze.By.STAFF, actor=Actor("staff", "1"), staff_code="RISK001", reason="x")
    signed_in(staff("risk")).post(address(me, "lift/"), {"reason": "Was her"})
    Freeze.objects.update(open_for=None)
    stopping.stop(me.user_id, by=Freeze.By.STAFF, actor=Actor("staff", "1"), staff_code="RISK001", reason="again")
    signed_in(staff("risk")).post(f"/admin/boards/proposals/{Proposal.objects.get().pk}/decide/", {"approve": "1"})
    assert freeze_of(me.user_id) is not None


def test_the_boards_and_the_customer_s_page_show_it_and_each_look_is_recorded(me: BranchCustomer) -> None:
    stopping.stop(me.user_id, by=Freeze.By.INSIDE, actor=Actor("customer", "1"))
    client = signed_in(staff("support"))
    assert address(me) in client.get("/admin/boards/freezes/").content.decode()
    assert "Everything is stopped since" in client.get(address(me)).content.decode()
    page = client.get(f"/admin/accounts/branchcustomer/{me.user_id}/")
    assert "Stopped since" in page.content.decode()
    assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=me.user_id).count() >= 3


def test_the_search_leads_to_one_customer(me: BranchCustomer) -> None:
    client = signed_in(staff("support"))
    for typed in ("ACC7000001", "acc7000001", str(me.user_id)):
        assert client.get("/admin/boards/freezes/", {"q": typed})["Location"] == address(me)
    assert "no personal customer" in client.get("/admin/boards/freezes/", {"q": "ACC0"}).content.decode()
