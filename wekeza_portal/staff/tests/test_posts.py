"""A login is for one post: who is moved at the branch, or whose code somebody else has, comes in no more."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import StaffMember, User
from tests.factories import BranchFactory, StaffFactory
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import door, people
from wekeza_portal.staff.models import StaffPost
from wekeza_portal.staff.tests.scenes import PASSWORD, signed_in, staff, try_to_sign_in

pytestmark = pytest.mark.django_db


def move(user: User, **changes: Any) -> None:
    StaffMember.objects.filter(staff_code=user.username).update(**changes)


@pytest.mark.parametrize("how", ["role", "branch", "person", "name", "email", "inactive"])
def test_it_is_in_force_at_the_next_request_and_at_the_next_sign_in(how: str) -> None:
    user = staff("support")
    client = signed_in(user)
    assert client.get("/admin/").status_code == 200
    if how == "person":
        StaffMember.objects.filter(staff_code=user.username).delete()
        StaffFactory(staff_code=user.username)
    else:
        changes = {
            "role": {"role": "BRANCH_MANAGER"}, "branch": {"branch": BranchFactory()}, "inactive": {"is_active": False},
            "name": {"full_name": "Another Name"}, "email": {"email": "another@wekeza.com"},
        }  # fmt: skip
        move(user, **changes[how])
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/boards/calls/").status_code == 302
    assert try_to_sign_in(Client(), user).status_code == 200, "and nobody is let in anew"


def test_spaces_and_capitals_of_the_same_name_shut_nothing() -> None:
    user = staff("support")
    client = signed_in(user)
    row = StaffMember.objects.get(staff_code=user.username)
    move(user, full_name=f" {row.full_name.upper()}  ", email=row.email.upper())
    assert client.get("/admin/").status_code == 200


def test_moved_back_the_same_session_does_not_come_back_but_the_login_does() -> None:
    user = staff("support")
    client = signed_in(user)
    role = StaffMember.objects.get(staff_code=user.username).role
    move(user, role="BRANCH_MANAGER")
    client.get("/admin/")
    move(user, role=role)
    assert client.get("/admin/").status_code == 302
    assert try_to_sign_in(Client(), user).status_code == 302


def test_set_up_anew_it_is_for_the_post_of_now() -> None:
    user = staff("support")
    signed_in(user)
    move(user, role="BRANCH_MANAGER")
    assert not door.is_staff(user)
    people.set_up(user.username, PASSWORD, ["operations"], actor=system("test"))
    user.refresh_from_db()
    assert door.is_staff(user)
    assert StaffPost.objects.get(pk=user.pk).role == "BRANCH_MANAGER"
    assert set(user.groups.values_list("name", flat=True)) == {"operations"}


def test_an_untied_login_is_shut_at_once_and_no_sign_in_ties_it() -> None:
    user = staff("support")
    client = signed_in(user)
    StaffPost.objects.filter(pk=user.pk).delete()
    assert client.get("/admin/").status_code == 302
    page = try_to_sign_in(Client(), user).content.decode()
    assert "set it up anew with addstaff" in page
    assert not StaffPost.objects.filter(pk=user.pk).exists()
    assert AuditEvent.objects.filter(verb="staff.sign_in_refused").count() == 1


def test_a_tie_from_before_the_person_was_part_of_it_is_shut() -> None:
    user = staff("support")
    StaffPost.objects.filter(pk=user.pk).update(person="")
    assert not door.is_staff(user)
    assert "addstaff" in try_to_sign_in(Client(), user).content.decode()


@pytest.mark.parametrize("wrong", [{"password": "not the password 7"}, {"code": "000000"}])
def test_who_has_not_both_factors_is_not_told_that_the_post_has_changed(wrong: dict[str, str]) -> None:
    user = staff("support")
    move(user, role="BRANCH_MANAGER")
    page = try_to_sign_in(Client(), user, **wrong).content.decode()
    assert "addstaff" not in page
    assert "Staff code, password or code is not right" in page


def test_who_left_the_list_is_told_nothing_either() -> None:
    user = staff("support")
    move(user, is_active=False)
    assert "addstaff" not in try_to_sign_in(Client(), user).content.decode()


def test_the_tie_of_one_person_copied_to_another_opens_nothing() -> None:
    one, other = staff("support"), staff("support")
    copied = StaffPost.objects.get(pk=one.pk).person
    StaffPost.objects.filter(pk=other.pk).update(person=copied)
    assert door.is_staff(one)
    assert not door.is_staff(other)


def test_the_person_costs_no_query_more(django_assert_num_queries: Any) -> None:
    user = staff("support")
    with django_assert_num_queries(2):
        assert door.is_staff(user)
