"""Every page of the staff's tried by every role: who is not granted its permission is refused, and changes nothing.

What a page needs is read from the site itself, so that a new board or table is tried without being listed here.
"""

from typing import Any

import pytest
from django.test import Client

from tests.test_url_guards import WRITES, WRITTEN_BY_LOOKING
from wekeza_portal.staff import roles
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.tests.scenes import signed_in, staff
from wekeza_portal.staff.tests.test_door import FOR_ALL_STAFF, addresses

pytestmark = pytest.mark.django_db

REFUSED = {403, 404}
CONTENT: dict[str, Any] = {"reason": "x", "approve": "1", "status": "FROZEN", "value": "1", "is_staff": "1"}


def needed() -> dict[str, str]:
    """The permission that each page asks for, by the name of its address; all pages but those of every member."""
    found = {board.name: board.permission for board in portal_admin.boards}
    for model in portal_admin._registry:
        app, name = model._meta.app_label, model._meta.model_name
        for page in ("changelist", "change"):
            found[f"{app}_{name}_{page}"] = f"{app}.view_{name}"
    return found


def held(role: str) -> set[str]:
    """As the tables say, which is what a request is judged by."""
    column = list(roles.ROLES).index(role)
    return {f"{p.content_type.app_label}.{p.codename}" for p, cells in roles.matrix() if cells[column]}


def test_the_site_says_of_every_page_what_it_needs() -> None:
    assert set(addresses()) - set(needed()) == FOR_ALL_STAFF | {"app_list"}
    everything = set().union(*(held(role) for role in roles.ROLES))
    assert {page for page, permission in needed().items() if permission not in everything} == set()


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_role_opens_what_it_was_granted_and_nothing_else(role: str) -> None:
    granted, client, pages = held(role), signed_in(staff(role)), addresses()
    for name, permission in needed().items():
        status = client.get(pages[name]).status_code
        if permission in granted:
            assert status in {200, 302, 404, 405}, f"{role} was granted {name}: {status}"
        else:
            assert status == 403, f"{role} was not granted {name}: {status}"


@pytest.mark.parametrize("role", [*roles.ROLES, None])
def test_no_role_changes_anything_where_it_may_not_even_look(role: str | None) -> None:
    granted = held(role) if role else set()
    client, pages = signed_in(staff(role)), addresses()
    before = list(Proposal.objects.order_by("pk").values())
    for name, permission in needed().items():
        if permission not in granted:
            answer, written = posted(client, pages[name])
            assert answer.status_code == 403, f"{role} posted to {name}: {answer.status_code}"
            assert written <= WRITTEN_BY_LOOKING, f"{role} posted to {name}"
    assert list(Proposal.objects.order_by("pk").values()) == before


def posted(client: Client, path: str) -> tuple[Any, set[str]]:
    """The answer to a POST, and the tables it wrote."""
    from django.db import connection

    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        answer = client.post(path, CONTENT)
    return answer, {match.group(1) for sql in seen if (match := WRITES.match(sql))}
