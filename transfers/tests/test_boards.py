"""The staff's figures of the scam question: behind a permission, without anybody's name."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse_lazy

from transfers.models import ScamPause
from wekeza_portal import clock
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = reverse_lazy("admin:scam_pauses")


def asked(kind: str, answer: str = "", outcome: str = "", weeks: int = 0) -> ScamPause:
    return ScamPause.objects.create(
        instruction_id=uuid4(), customer_id=987654, kind=kind, payee_key="mobile:MPESA:254722123456",
        shown_at=clock.now() - timedelta(weeks=weeks), answer=answer, outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize("role", ["risk", "operations", "audit"])
def test_these_roles_see_the_figures_and_nobodys_name(role: str) -> None:
    asked("MOBILE_MONEY", "ASKED", "CANCELLED")
    asked("MOBILE_MONEY", "OWN_IDEA", "PAID")
    asked("TRANSFER_INTERNAL", weeks=1)
    html = signed_in(staff(role)).get(str(BOARD)).content.decode()
    assert "To a phone" in html
    assert "To a Wekeza customer" in html
    assert '<td class="num">2</td><td class="num">1</td><td class="num">1</td><td class="num">1</td>' in html
    assert "987654" not in html
    assert "254722123456" not in html


def test_support_does_not_see_them() -> None:
    assert signed_in(staff("support")).get(str(BOARD)).status_code == 403


def test_an_empty_board_says_so() -> None:
    assert "was not shown in these weeks" in signed_in(staff("risk")).get(str(BOARD)).content.decode()
