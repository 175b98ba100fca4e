"""An erasure takes two people, and a request never waits for a colleague who left or sits on it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import CustomerDetails, DataRequest, StaffMember, User
from accounts.privacy import erasing, requests
from accounts.privacy.requests import State
from accounts.privacy.tests.test_requests import WORDS, board_of, of
from tests.factories import CustomerDetailsFactory
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
GRANT = {"answer": "1", "decision": "grant", "words": WORDS}


def erasure(wanjiku: User) -> DataRequest:
    CustomerDetailsFactory(customer_id=wanjiku.customer_id)
    return of(wanjiku, kind="ERASURE")


def is_erased(wanjiku: User) -> bool:
    return not CustomerDetails.objects.filter(customer_id=wanjiku.customer_id).exists()


def proposed(row: DataRequest, desk: Client) -> Proposal:
    desk.post(board_of(row), {"claim": "1"})
    desk.post(board_of(row), GRANT)
    return Proposal.objects.get(kind=erasing.KIND)


def decide(desk: Client, proposal: Proposal, what: str = "approve") -> Any:
    return desk.post(f"/admin/boards/proposals/{proposal.pk}/decide/", {what: "1"}, follow=True)


# --- Two people ---------------------------------------------------------------------------------------------------


def test_one_proposes_another_approves_and_only_then_it_is_erased_and_told(wanjiku: User) -> None:
    row, maker, checker = erasure(wanjiku), staff(), staff("risk")
    desk = signed_in(maker)
    proposal = proposed(row, desk)
    row.refresh_from_db()
    assert (row.state, is_erased(wanjiku)) == (State.CLAIMED, False)
    assert not InboxItem.objects.filter(cause=f"data-request:{row.pk}").exists()
    assert "waits for a second person" in desk.get(board_of(row)).content.decode()
    other = signed_in(checker)
    assert WORDS in other.get(f"/admin/boards/proposals/{proposal.pk}/").content.decode()
    decide(other, proposal)
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_by) == (State.GRANTED, WORDS, maker.username)
    assert is_erased(wanjiku)
    assert InboxItem.objects.filter(cause=f"data-request:{row.pk}").count() == 1
    event = AuditEvent.objects.get(verb="data_request.answered")
    assert (event.actor_id, event.data["checker"]) == (str(checker.pk), checker.username)


def test_nobody_approves_their_own(wanjiku: User) -> None:
    row, desk = erasure(wanjiku), signed_in(staff())
    proposal = proposed(row, desk)
    decide(desk, proposal)
    proposal.refresh_from_db()
    assert (proposal.state, is_erased(wanjiku)) == (Proposal.State.PENDING, False)


def test_audit_proposes_and_approves_none(wanjiku: User) -> None:
    row = erasure(wanjiku)
    proposal = proposed(row, signed_in(staff()))
    decide(signed_in(staff("audit")), proposal)
    proposal.refresh_from_db()
    assert (proposal.state, is_erased(wanjiku)) == (Proposal.State.PENDING, False)


def test_no_service_lets_one_person_do_it(wanjiku: User) -> None:
    row = erasure(wanjiku)
    requests.claim(row.pk, by="A", actor=system("test"))
    with pytest.raises(requests.NeedsTwo):
        requests.answer(row.pk, is_granted=True, words=WORDS, by="A", actor=system("test"))
    for checker in ("A", ""):
        with pytest.raises(requests.NeedsTwo):
            requests.grant_erasure(row.pk, words=WORDS, by="A", checker=checker, actor=system("test"))
    assert not is_erased(wanjiku)


def test_what_is_no_erasure_is_not_granted_by_this_way(wanjiku: User) -> None:
    row = of(wanjiku)
    requests.claim(row.pk, by="A", actor=system("test"))
    with pytest.raises(requests.NeedsTwo):
        requests.grant_erasure(row.pk, words=WORDS, by="A", checker="B", actor=system("test"))


def test_a_double_click_proposes_once_and_refusing_takes_one(wanjiku: User) -> None:
    row, desk = erasure(wanjiku), signed_in(staff())
    proposal = proposed(row, desk)
    assert "proposed already" in desk.post(board_of(row), GRANT).content.decode()
    desk.post(board_of(row), {"answer": "1", "decision": "refuse", "words": WORDS})
    row.refresh_from_db()
    assert row.state == State.REFUSED
    decide(signed_in(staff("risk")), proposal)
    proposal.refresh_from_db()
    assert (proposal.state, is_erased(wanjiku)) == (Proposal.State.PENDING, False)


@pytest.mark.parametrize("how", ["withdrawn", "released", "taken over"])
def test_what_changed_hands_or_ended_meanwhile_is_not_erased(wanjiku: User, how: str) -> None:
    row, desk, other = erasure(wanjiku), signed_in(staff()), signed_in(staff("risk"))
    proposal = proposed(row, desk)
    if how == "withdrawn":
        assert wanjiku.customer is not None
        requests.withdraw(wanjiku.customer, row.pk, system("test"))
    elif how == "released":
        desk.post(board_of(row), {"release": "1"})
    else:
        DataRequest.objects.filter(pk=row.pk).update(due_on=clock.today())
        other.post(board_of(row), {"claim": "1"})
    decide(other, proposal)
    proposal.refresh_from_db()
    assert (proposal.state, is_erased(wanjiku)) == (Proposal.State.PENDING, False)


def test_refused_by_the_second_person_the_request_waits_as_before(wanjiku: User) -> None:
    row, desk = erasure(wanjiku), signed_in(staff())
    proposal = proposed(row, desk)
    decide(signed_in(staff("operations")), proposal, "refuse")
    row.refresh_from_db()
    assert (row.state, is_erased(wanjiku)) == (State.CLAIMED, False)
    assert "waits for a second person." not in desk.get(board_of(row)).content.decode()
    desk.post(board_of(row), GRANT)
    assert Proposal.objects.filter(kind=erasing.KIND, state=Proposal.State.PENDING).count() == 1


# --- Taking over --------------------------------------------------------------------------------------------------


def claimed_by(clerk: User, wanjiku: User, **more: Any) -> DataRequest:
    about = {"state": State.CLAIMED, "claimed_by": clerk.username, "claimed_at": clock.now()}
    return of(wanjiku, **{**about, **more})


@pytest.mark.parametrize("why", ["left", "moved", "login closed", "near", "overdue", "old"])
def test_a_colleague_takes_it_over_when_it_would_run_out(wanjiku: User, why: str) -> None:
    former, mine = staff(), staff("risk")
    days = {"near": 2, "overdue": -1}.get(why, 7)
    at = clock.now() - (timedelta(days=2, seconds=1) if why == "old" else timedelta(0))
    row = claimed_by(former, wanjiku, due_on=clock.today() + timedelta(days=days), claimed_at=at)
    member = StaffMember.objects.filter(staff_code=former.username)
    if why == "left":
        member.update(is_active=False)
    elif why == "moved":
        member.update(role="BRANCH_MANAGER")
    elif why == "login closed":
        User.objects.filter(pk=former.pk).update(is_active=False)
    desk = signed_in(mine)
    assert "Take it over" in desk.get(board_of(row)).content.decode()
    desk.post(board_of(row), {"claim": "1"})
    row.refresh_from_db()
    assert (row.state, row.claimed_by) == (State.CLAIMED, mine.username)
    assert AuditEvent.objects.get(verb="data_request.taken_over").data["before"] == former.username


@pytest.mark.parametrize(("days", "hours"), [(3, 0), (7, 48)])
def test_in_time_it_is_its_holders(wanjiku: User, days: int, hours: int) -> None:
    former, at = staff(), clock.now() - timedelta(hours=hours) + timedelta(minutes=5)
    row = claimed_by(former, wanjiku, due_on=clock.today() + timedelta(days=days), claimed_at=at)
    desk = signed_in(staff("risk"))
    assert "Take it over" not in desk.get(board_of(row)).content.decode()
    assert "A colleague" in desk.post(board_of(row), {"claim": "1"}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.claimed_by == former.username


def test_audit_takes_nothing_over_and_the_former_holder_answers_no_more(wanjiku: User) -> None:
    former = staff()
    row = claimed_by(former, wanjiku, due_on=clock.today())
    assert signed_in(staff("audit")).post(board_of(row), {"claim": "1"}).status_code == 403
    signed_in(staff("risk")).post(board_of(row), {"claim": "1"})
    refuse = {"answer": "1", "decision": "refuse", "words": WORDS}
    assert "A colleague" in signed_in(former).post(board_of(row), refuse).content.decode()
    row.refresh_from_db()
    assert row.state == State.CLAIMED
