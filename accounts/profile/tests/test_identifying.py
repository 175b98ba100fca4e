"""Two members of staff say whether an ID was seen and when its holder was born; one alone opens and closes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.identity import links
from accounts.models import BranchCustomer, CustomerIdentity
from accounts.profile import identifying, rights
from tests.factories import BusinessFactory, CustomerFactory
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
BOARD = "/admin/boards/identity/"
REASON = "Seen at BR001 by TELLER001 today"


@pytest.fixture
def customer() -> BranchCustomer:
    row: BranchCustomer = CustomerFactory()
    return row


def propose(client: Client, of: BranchCustomer, **typed: str) -> Any:
    whole = {"customer": str(of.user_id), "is_seen": "1", "born_on": "1990-03-14", "reason": REASON, **typed}
    return client.post(BOARD, whole)


def test_two_people_write_down_a_birth_date(customer: BranchCustomer) -> None:
    maker, checker = signed_in(staff("support")), signed_in(staff("operations"))
    assert propose(maker, customer).status_code == 302
    proposal = Proposal.objects.get(kind="identity")
    assert rights.standing_of(customer).born_on is None
    proposals.approve(proposal.pk, user=staff("risk"), actor=identifying.system("test"))
    standing = rights.standing_of(customer)
    assert (standing.born_on, standing.is_identified) == (date(1990, 3, 14), True)
    row = CustomerIdentity.objects.get()
    assert row.decided_by.startswith(proposal.made_by_code)
    assert row.fingerprint == links.fingerprint(customer)
    assert AuditEvent.objects.get(verb="identity.decided").customer_id == customer.user_id
    page = checker.get(f"{BOARD}?customer={customer.user_id}").content.decode()
    assert "Identified by the branch" in page


def test_the_maker_alone_changes_nothing(customer: BranchCustomer) -> None:
    user = staff("operations")
    propose(signed_in(user), customer, is_seen="0", born_on="")
    with pytest.raises(proposals.OwnProposal):
        proposals.approve(Proposal.objects.get().pk, user=user, actor=identifying.system("test"))
    assert not CustomerIdentity.objects.exists()
    assert rights.standing_of(customer).is_identified


def test_closing_and_opening_again_keeps_the_birth_date(customer: BranchCustomer) -> None:
    maker = signed_in(staff("support"))
    for typed, expected in (
        ({}, True),
        ({"is_seen": "0", "born_on": ""}, False),
        ({"is_seen": "1", "born_on": ""}, True),
    ):
        propose(maker, customer, **typed)
        proposal = Proposal.objects.get(state="PENDING")
        proposals.approve(proposal.pk, user=staff("operations"), actor=identifying.system("test"))
        standing = rights.standing_of(customer)
        assert (standing.is_identified, standing.born_on) == (expected, date(1990, 3, 14))


def test_what_was_proposed_of_another_person_is_not_applied(customer: BranchCustomer) -> None:
    propose(signed_in(staff("support")), customer)
    BranchCustomer.objects.filter(pk=customer.pk).update(national_id="99999999")
    with pytest.raises(identifying.SomebodyElse):
        proposals.approve(Proposal.objects.get().pk, user=staff("operations"), actor=identifying.system("test"))
    assert not CustomerIdentity.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"customer": "999999"}, {"customer": "0"}, {"customer": "NaN"}, {"customer": "1e9"}, {"customer": "9" * 30},
        {"born_on": "2090-01-01"}, {"born_on": "1850-01-01"}, {"born_on": "14 March"}, {"reason": ""},
        {"reason": "x" * 301}, {"is_seen": "2"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(customer: BranchCustomer, typed: dict[str, str]) -> None:
    assert propose(signed_in(staff("support")), customer, **typed).status_code == 200
    assert not Proposal.objects.exists()


def test_a_director_of_a_business_is_no_personal_customer() -> None:
    director = CustomerFactory(business=BusinessFactory())
    assert propose(signed_in(staff("support")), director).status_code == 200
    assert not Proposal.objects.exists()


def test_who_may_only_look_proposes_nothing(customer: BranchCustomer) -> None:
    client = signed_in(staff("audit"))
    page = client.get(f"{BOARD}?customer={customer.user_id}").content.decode()
    assert "Propose" not in page
    assert propose(client, customer).status_code == 200
    assert not Proposal.objects.exists()


def test_a_look_at_a_customer_is_written_down(customer: BranchCustomer) -> None:
    signed_in(staff("support")).get(f"{BOARD}?customer={customer.user_id}")
    assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=customer.user_id).exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "٣", "9" * 40, "999999", "1' OR 1=1"])
def test_odd_numbers_find_nobody(number: str) -> None:
    assert signed_in(staff("support")).get(BOARD, {"customer": number}).status_code == 200
