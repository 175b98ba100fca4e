"""What staff see of callbacks: all of it, as text, and nothing they could change."""

import pytest
from django.test import Client

from wekeza_portal.rails import callbacks, circuit
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/rails/railcallback/"


def came(body: bytes = b"id=ATXid_1&status=<script>alert(1)</script>") -> RailCallback:
    Client().post(callbacks.path_for("sms"), body, content_type="text/plain")
    callbacks.work_through()
    return RailCallback.objects.latest("id")


@pytest.mark.parametrize("role", ["support", "audit"])
def test_staff_find_a_callback_and_read_it_as_it_came(role: str) -> None:
    row, client = came(), signed_in(staff(role))
    for query in ("", "?q=sms", "?q=FAILED"):
        assert "unreadable" in client.get(LIST + query).content.decode()
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    assert "status=&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "RailCallback object" not in page
    assert "registry.callback_handlers" not in page


def test_bytes_that_are_no_text_are_shown_too() -> None:
    row = came(b"\xff\xfe")
    assert signed_in(staff("support")).get(f"{LIST}{row.pk}/").status_code == 200


def test_nobody_changes_or_removes_a_callback() -> None:
    row, client = came(), signed_in(staff("operations"))
    for path in (LIST, f"{LIST}{row.pk}/", f"{LIST}{row.pk}/delete/", f"{LIST}add/"):
        client.post(path, {"state": "NEW", "reason": "mine", "post": "yes"})
    kept = RailCallback.objects.get()
    assert (kept.state, kept.reason, bytes(kept.body)) == (row.state, row.reason, bytes(row.body))


def test_staff_see_which_company_does_not_answer() -> None:
    for _ in range(circuit.FAILURES):
        circuit.failed("mpesa")
    assert "mpesa" in signed_in(staff("support")).get("/admin/rails/railcircuit/").content.decode()
