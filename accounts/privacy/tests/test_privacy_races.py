"""At the same moment on a real MariaDB: one acceptance, one change of a consent, one answer."""

import threading
from collections.abc import Callable

import pytest

from accounts.models import BranchCustomer, Consent, TermsAcceptance, User
from accounts.privacy import consents, erasing, requests, terms
from accounts.privacy.requests import AlreadyEnded, SomebodyElseHasIt
from accounts.privacy.tests.conftest import new_terms
from tests.factories import CustomerFactory, DataRequestFactory, UserFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import staff

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
MANY = 8


def giving(customer: BranchCustomer) -> Callable[[], bool]:
    actor = Actor(kind="customer", id="1", customer_id=customer.user_id)
    return lambda: consents.change(customer, "PARTNERS", give=True, version=1, actor=actor)


def test_a_double_click_gives_a_consent_once() -> None:
    customer = CustomerFactory()
    assert sorted(map(bool, at_once([giving(customer)] * MANY))) == [False] * (MANY - 1) + [True]
    assert Consent.objects.count() == 1


def test_without_the_lock_it_would_be_written_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    customer, real, both = CustomerFactory(), consents.may, threading.Barrier(2)

    def may_then_wait(*asked: object) -> bool:
        found = real(*asked)  # type: ignore[arg-type] # as it was asked
        both.wait(timeout=30)
        return found

    monkeypatch.setattr(consents, "_lock", lambda _customer: None)
    monkeypatch.setattr(consents, "may", may_then_wait)
    at_once([giving(customer)] * 2)
    assert Consent.objects.count() == 2


def test_the_terms_are_accepted_once() -> None:
    new_terms()
    user: User = UserFactory()
    actor = Actor(kind="customer", id=str(user.pk), customer_id=user.customer_id)
    now = clock.now()

    def accept() -> None:
        terms.accept(user, 2, signed_in_at=now, language="en", actor=actor, user_agent="x")

    assert at_once([accept] * MANY) == [None] * MANY
    assert TermsAcceptance.objects.filter(user=user).count() == 1
    assert AuditEvent.objects.filter(verb="terms.accepted").count() == 1


def test_one_of_two_colleagues_takes_a_request_and_it_is_answered_once() -> None:
    row = DataRequestFactory(customer_id=UserFactory().customer_id, kind="OBJECTION")
    codes = [staff(role).username for role in ("support", "risk")]
    taken = at_once([lambda by=by: requests.claim(row.pk, by=by, actor=system("test")) for by in codes])
    assert sum(isinstance(one, SomebodyElseHasIt) for one in taken) == 1
    row.refresh_from_db()

    def answer() -> object:
        return requests.answer(row.pk, is_granted=True, words="x" * 20, by=row.claimed_by, actor=system("test"))

    done = at_once([answer] * MANY)
    assert sum(isinstance(one, AlreadyEnded) for one in done) == MANY - 1
    assert InboxItem.objects.filter(cause=f"data-request:{row.pk}").count() == 1


def test_an_erasure_is_proposed_once_and_of_two_checkers_one_carries_it_out() -> None:
    row, maker = DataRequestFactory(customer_id=UserFactory().customer_id, kind="ERASURE"), staff("support")
    requests.claim(row.pk, by=maker.username, actor=system("test"))
    made = at_once([lambda: erasing.propose(row, words="x" * 20, user=maker, actor=system("test"))] * MANY)
    assert sum(isinstance(one, erasing.AlreadyProposed) for one in made) == MANY - 1
    proposal, checkers = Proposal.objects.get(), [staff("risk"), staff("operations")]

    def approving(user: User) -> Callable[[], Proposal]:
        return lambda: proposals.approve(proposal.pk, user=user, actor=system("test"))

    done = at_once([approving(user) for user in checkers])
    assert sum(isinstance(one, proposals.AlreadyDecided) for one in done) == 1
    assert AuditEvent.objects.filter(verb="data_request.answered").count() == 1
