"""Calls of the bank's staff: who opens one, what the customer reads meanwhile and afterwards, and when it is over."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.http import Http404
from django.test import Client

from accounts.calling import departments, selectors, services
from accounts.models import BankCall, BranchCustomer, StaffMember, User
from tests.factories import AccountFactory, BankCallFactory, LimitFactory, StaffFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db(transaction=True)
CALLER = Actor(kind="staff", id="7")


@pytest.fixture
def user() -> User:
    made: User = UserFactory()
    AccountFactory(customer=made.customer, account_number="ACC7000001")
    return made


@pytest.fixture
def me(user: User) -> BranchCustomer:
    assert isinstance(user.customer, BranchCustomer)
    return user.customer


@pytest.fixture
def inside(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def open_call(me: BranchCustomer, code: str = "SUPPORT777", name: str = "Achieng Odhiambo", who: int = 7) -> BankCall:
    if not StaffMember.objects.filter(staff_code=code).exists():
        StaffFactory(staff_code=code, full_name=name)
    return services.open_call(
        me, staff_id=who, staff_code=code, department="FRAUD", about="A payment that looked unusual", actor=CALLER
    )


def test_the_page_names_caller_department_and_reference_while_it_is_open(me: BranchCustomer, inside: Client) -> None:
    assert "Nobody from the bank is calling you now" in inside.get("/calling/").content.decode()
    call = open_call(me)
    page = inside.get("/calling/").content.decode()
    for words in ("Achieng Odhiambo", "Fraud and security", call.reference, "A payment that looked unusual"):
        assert words in page
    services.end_call(call.id, staff_id=7, actor=CALLER)
    assert "Nobody from the bank is calling you now" in inside.get("/calling/").content.decode()


def test_home_and_inbox_say_it_while_it_is_open_and_not_after(me: BranchCustomer, inside: Client) -> None:
    call = open_call(me)
    for page in ("/", "/inbox/"):
        assert "is on the phone with you" in inside.get(page).content.decode()
    services.end_call(call.id, staff_id=7, actor=CALLER)
    assert "is on the phone with you" not in inside.get("/").content.decode()


def test_a_stranger_reads_nothing_of_it(me: BranchCustomer) -> None:
    open_call(me)
    client = Client()
    sign_in(client, UserFactory())
    for page in ("/", "/calling/"):
        assert "Achieng" not in client.get(page).content.decode()


def test_it_is_over_after_the_dated_minutes_without_anybody_doing_anything(me: BranchCustomer, inside: Client) -> None:
    LimitFactory(code="CALL_MINUTES", kyc_tier="", value=Decimal("4.00"), effective_from=clock.today())
    with time_machine.travel(clock.now(), tick=False) as time:
        call = open_call(me)
        time.shift(timedelta(minutes=4) - timedelta(seconds=1))
        assert selectors.open_call_of(me.user_id) == call
        time.shift(timedelta(seconds=1))
        assert selectors.open_call_of(me.user_id) is None
        page = inside.get("/calling/").content.decode()
        assert "Nobody from the bank is calling you now" in page
        assert call.reference in page, "it stands among the calls of before"
        assert open_call(me).pk != call.pk, "and another one can be opened"


def test_one_customer_has_one_call_at_a_time_also_in_parallel(me: BranchCustomer) -> None:
    open_call(me)
    with pytest.raises(services.AlreadyOnThePhone, match="Achieng"):
        open_call(me, code="RISK777", name="Wanjiru Kimani")


@pytest.mark.mariadb
def test_of_two_who_open_at_the_same_moment_one_is_told_of_the_other(me: BranchCustomer) -> None:
    for code in ("SUPPORT777", "RISK777"):
        StaffFactory(staff_code=code)
    results = at_once([lambda: open_call(me), lambda: open_call(me, code="RISK777")])
    assert sum(isinstance(one, BankCall) for one in results) == 1, results
    assert sum(isinstance(one, services.AlreadyOnThePhone) for one in results) == 1, results


def test_only_the_caller_ends_it_and_once(me: BranchCustomer) -> None:
    call = open_call(me)
    with pytest.raises(services.AnothersCall):
        services.end_call(call.id, staff_id=8, actor=CALLER)
    first = services.end_call(call.id, staff_id=7, actor=CALLER).ended_at
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert services.end_call(call.id, staff_id=7, actor=CALLER).ended_at == first
    assert AuditEvent.objects.filter(verb="call.ended").count() == 1
    with pytest.raises(Http404):
        services.end_call(uuid.uuid4(), staff_id=7, actor=CALLER)


def test_the_name_is_the_branch_s_and_nobody_off_the_list_calls(me: BranchCustomer) -> None:
    with pytest.raises(services.NotOnTheList):
        services.open_call(me, staff_id=1, staff_code="GONE", department="FRAUD", about="x", actor=CALLER)
    StaffFactory(staff_code="LEFT", is_active=False)
    with pytest.raises(services.NotOnTheList):
        services.open_call(me, staff_id=1, staff_code="LEFT", department="FRAUD", about="x", actor=CALLER)
    assert not BankCall.objects.exists()


def test_each_call_is_in_the_trail_with_caller_department_and_reference(me: BranchCustomer) -> None:
    call = open_call(me)
    event = AuditEvent.objects.get(verb="call.opened")
    assert event.customer_id == me.user_id
    assert (event.data["caller"], event.data["department"], event.data["reference"]) == (
        "SUPPORT777", "FRAUD", call.reference,
    )  # fmt: skip


def test_the_customer_sees_the_calls_of_before_and_none_of_a_former_person(me: BranchCustomer, inside: Client) -> None:
    BankCallFactory(customer_id=me.user_id, caller="Mine Before")
    BankCallFactory(customer_id=me.user_id, caller="Somebody Elses", opened_at=me.created_at - timedelta(days=1))
    page = inside.get("/calling/").content.decode()
    assert "Mine Before" in page
    assert "Somebody Elses" not in page


def test_what_staff_write_is_text_on_the_customer_s_page(me: BranchCustomer, inside: Client) -> None:
    BankCallFactory(customer_id=me.user_id, open_for=me.user_id, ended_at=None, about="<script>x</script>")
    assert "<script>x" not in inside.get("/calling/").content.decode()


# --- The staff's page ------------------------------------------------------------------------------------------------


def typed(**changes: str) -> dict[str, str]:
    return {"customer": "ACC7000001", "department": "FRAUD", "about": "A payment", **changes}


def test_staff_open_a_call_from_the_board_and_end_it(me: BranchCustomer, inside: Client) -> None:
    board = signed_in(staff("risk"))
    board.post("/admin/boards/calls/open/", typed())
    call = BankCall.objects.get()
    assert call.customer_id == me.user_id
    assert call.reference in board.get("/admin/boards/calls/").content.decode()
    assert call.caller in inside.get("/").content.decode()
    board.post(f"/admin/boards/calls/{call.pk}/end/")
    assert selectors.open_call_of(me.user_id) is None
    assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=me.user_id).exists()


def test_audit_looks_and_calls_nobody(me: BranchCustomer) -> None:
    board = signed_in(staff("audit"))
    assert "Open the call" not in board.get("/admin/boards/calls/").content.decode().partition("<h2>")[2]
    assert board.post("/admin/boards/calls/open/", typed()).status_code == 403
    assert not BankCall.objects.exists()


@pytest.mark.parametrize("wrong", [{"customer": "ACC9"}, {"customer": ""}, {"department": "CEO"}, {"about": ""}])
def test_what_does_not_fit_opens_nothing_and_keeps_what_was_typed(me: BranchCustomer, wrong: dict[str, str]) -> None:
    page = signed_in(staff("risk")).post("/admin/boards/calls/open/", typed(**wrong))
    assert page.status_code == 200
    assert not BankCall.objects.exists()
    if "about" not in wrong:
        assert 'value="A payment"' in page.content.decode()


@pytest.mark.parametrize(
    ("role", "fitting"),
    [("support", {"SUPPORT"}), ("risk", {"FRAUD", "LENDING"}), ("operations", {"OPERATIONS", "LENDING"})],
)
def test_each_role_calls_from_its_own_departments_only(me: BranchCustomer, role: str, fitting: set[str]) -> None:
    board = signed_in(staff(role))
    shown = board.get("/admin/boards/calls/").content.decode()
    assert {name for name in BankCall.Department.values if f'<option value="{name}"' in shown} == fitting
    for name in set(BankCall.Department.values) - fitting:
        assert board.post("/admin/boards/calls/open/", typed(department=name)).status_code == 200
    assert not BankCall.objects.exists()
    assert board.post("/admin/boards/calls/open/", typed(department=min(fitting))).status_code == 302
    assert BankCall.objects.get().department == min(fitting)


def test_whoever_has_two_roles_has_both_and_audit_has_none() -> None:
    both = staff("support")
    both.groups.add(Group.objects.get(name="risk"))
    assert [value for value, _words in departments.choices_for(both)] == ["FRAUD", "SUPPORT", "LENDING"]
    assert departments.choices_for(staff("audit")) == []
