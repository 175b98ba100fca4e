"""The staff's board of services: seen by all roles, finished by two of them, each look recorded."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from accounts.approvals import watching
from accounts.models import ApprovalRequest, BranchCustomer, ServiceDone, User
from accounts.servicing import catalogue
from accounts.servicing.tests.scenes import a_customer, ask
from accounts.tests.approvals import branch_decides, fresh
from tests.support import sign_in
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import roles
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
BOARD = "/admin/boards/services/"


@pytest.fixture(autouse=True)
def _roles() -> None:
    call_command("migrate", verbosity=0)
    for app in apps.get_app_configs():
        roles.install(app.label)


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


def agreed(customer: BranchCustomer) -> ApprovalRequest:
    request = ask(customer, catalogue.CHEQUE_BOOK)
    branch_decides(request, "APPROVED")
    watching.watch()
    return request


def given(request: ApprovalRequest) -> str:
    return f"{BOARD}{request.id}/given/"


@pytest.mark.parametrize("role", ["support", "risk", "operations", "audit"])
def test_every_role_sees_what_waits_and_the_look_is_recorded(customer: BranchCustomer, role: str) -> None:
    request = ask(customer, catalogue.MANDATE)
    page = signed_in(staff(role)).get(BOARD).content.decode()
    assert request.queue_id in page
    seen = AuditEvent.objects.filter(verb="staff.viewed", subject="list:services")
    assert {event.customer_id for event in seen} == {customer.user_id}


@pytest.mark.parametrize("role", ["support", "operations"])
def test_it_is_handed_over_and_its_owner_is_told(customer: BranchCustomer, role: str) -> None:
    request, member = agreed(customer), staff(role)
    signed_in(member).post(given(request))
    watching.watch()
    assert fresh(request).state == "DONE"
    assert ServiceDone.objects.get().staff == member.username


@pytest.mark.parametrize("role", ["risk", "audit"])
def test_others_only_look(customer: BranchCustomer, role: str) -> None:
    request, client = agreed(customer), signed_in(staff(role))
    assert "given/" not in client.get(BOARD).content.decode()
    assert client.post(given(request)).status_code == 403
    assert not ServiceDone.objects.exists()


def test_what_is_not_approved_is_not_finished(customer: BranchCustomer) -> None:
    request = ask(customer, catalogue.CHEQUE_BOOK)
    page = signed_in(staff("support")).post(given(request), follow=True).content.decode()
    assert "This was not approved" in page
    assert not ServiceDone.objects.exists()


def test_a_refusal_and_a_change_of_mind_are_shown(customer: BranchCustomer) -> None:
    request = ask(customer, catalogue.CHEQUE_BOOK)
    for decision in ("APPROVED", "REJECTED"):
        branch_decides(request, decision, "No such stock")
        watching.watch()
    watching.look_for_flips()
    page = signed_in(staff("audit")).get(BOARD).content.decode()
    assert "No such stock" in page
    assert '<span class="staff__alarm">1</span>' in page


def test_a_customer_is_none_of_the_staff(customer: BranchCustomer) -> None:
    client = Client()
    sign_in(client, User.objects.get(customer_id=customer.user_id))
    assert client.get(BOARD).status_code in {302, 403, 404}
