"""A login is for one post: who is moved at the branch, or whose code somebody else has, comes in no more."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import StaffMember, User
from tests.factories import BranchFactory, StaffFactory
from wekeza_portal.actors import system
from wekeza_portal.staff import door, people
from wekeza_portal.staff.models import StaffPost
from wekeza_portal.staff.tests.scenes import PASSWORD, signed_in, staff, try_to_sign_in

pytestmark = pytest.mark.django_db


def move(user: User, **changes: Any) -> None:
    StaffMember.objects.filter(staff_code=user.username).update(**changes)


@pytest.mark.parametrize("how", ["role", "branch", "person", "inactive"])
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
        }  # fmt: skip
        move(user, **changes[how])
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/boards/calls/").status_code == 302
    assert try_to_sign_in(Client(), user).status_code == 200, "and nobody is let in anew"


def test_what_else_changes_at_the_branch_shuts_nothing() -> None:
    user = staff("support")
    client = signed_in(user)
    move(user, full_name="Another Name", email="another@wekeza.com")
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


def test_a_login_from_before_is_tied_when_it_signs_in() -> None:
    user = staff("support")
    assert not StaffPost.objects.filter(pk=user.pk).exists()
    signed_in(user)
    before = StaffPost.objects.get(pk=user.pk)
    signed_in(user)
    assert StaffPost.objects.get(pk=user.pk).since == before.since
