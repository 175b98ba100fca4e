"""At the counter: a customer who lost the phone, two people of the staff, the paper, and the way back in with it."""

from typing import Any

import pytest
from django.test import Client

from accounts.identity import counter
from accounts.identity.tests.helpers import code_for
from accounts.models import ActivationCode, User
from wekeza_portal.actors import Actor
from wekeza_portal.documents import pdf
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import staff

OLD, NEW = "+254711000222", "+254733999888"
NEW_PASSWORD = "kahawa chungu asubuhi"  # noqa: S105 - of an invented person
REASON = "Lost the phone in a matatu; ID card seen"


def actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


def propose(user: User, maker: User, *, kind: str = counter.ACTIVATION, phone: str = "0733999888") -> Proposal:
    assert user.customer is not None
    payload = counter.payload_of(user.customer, national_id=str(user.customer.national_id), phone=phone)
    return proposals.propose(kind, payload, reason=REASON, user=maker, actor=actor(maker))


def approve(proposal: Proposal, checker: User) -> Proposal:
    return proposals.approve(proposal.pk, user=checker, actor=actor(checker))


def approved(user: User, *, phone: str = "0733999888") -> ActivationCode:
    """One of support proposed, one of operations approved; not printed yet."""
    approve(propose(user, staff("support"), phone=phone), staff("operations"))
    return ActivationCode.objects.get(user=user, used_at=None, voided_at=None)


def printed(user: User, monkeypatch: pytest.MonkeyPatch, *, phone: str = "0733999888") -> str:
    """The code that stands on the paper."""
    with monkeypatch.context() as patch:
        return code_on_paper(approved(user, phone=phone), patch)


def code_on_paper(row: ActivationCode, monkeypatch: pytest.MonkeyPatch) -> str:
    """Print, and read what the printer got."""
    papers: list[str] = []

    def render(_template: str, context: dict[str, Any], **_more: Any) -> bytes:
        papers.append(context["code"])
        return b"%PDF"

    monkeypatch.setattr(pdf, "render", render)
    counter.print_once(row.pk, staff_code="SUP001", actor=Actor(kind="staff", id="1"))
    return papers[-1]


def begin(client: Client, user: User, code: str, **more: Any) -> Any:
    assert user.customer is not None
    return client.post("/activate/", {"email": user.customer.email, "code": code}, **more)


def give_code(client: Client, user: User) -> Any:
    assert user.customer is not None
    return client.post("/activate/code/", {"code": code_for(user.customer)})


def choose(client: Client, password: str = NEW_PASSWORD) -> Any:
    return client.post("/activate/password/", {"password": password, "password_again": password})


def come_back(client: Client, user: User, code: str) -> Any:
    """All the way; the answer to the password."""
    begin(client, user, code)
    give_code(client, user)
    return choose(client)
