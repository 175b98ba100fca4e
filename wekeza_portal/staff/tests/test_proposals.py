"""Maker and checker: figures and switches."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from accounts.models import Fee, Limit, User
from tests.factories import FeeFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import figures, proposals, switches
from wekeza_portal.staff.models import PortalSwitch, Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff


def actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


def fee(amount: str = "30.00", days: int = 1) -> dict[str, Any]:
    begins = (clock.today() + timedelta(days=days)).isoformat()
    keys = {"code": "INTERNAL_TRANSFER"}
    return {"figure": "fees", "keys": keys, "value": amount, "effective_from": begins}


def propose(user: User, payload: dict[str, Any] | None = None) -> Proposal:
    return proposals.propose("figure", payload or fee(), reason="Board decision 7", user=user, actor=actor(user))


def approve(proposal: Proposal, user: User) -> Proposal:
    return proposals.approve(proposal.pk, user=user, actor=actor(user))


@pytest.mark.django_db
def test_a_figure_comes_into_force_once_another_person_approves_it() -> None:
    maker, checker = staff("risk"), staff("risk")
    proposal = propose(maker)
    assert not Fee.objects.filter(amount=Decimal("30.00")).exists()
    approve(proposal, checker)
    row = Fee.objects.get(amount=Decimal("30.00"))
    assert row.effective_from == clock.today() + timedelta(days=1)
    assert row.created_by == f"{maker.username}, {checker.username}"
    done = {event.verb: event.actor_id for event in AuditEvent.objects.filter(subject=f"proposal:{proposal.pk}")}
    assert done == {"staff.proposed": str(maker.pk), "staff.approved": str(checker.pk)}


@pytest.mark.django_db
def test_the_maker_is_not_the_checker() -> None:
    maker = staff("risk")
    proposal = propose(maker)
    with pytest.raises(proposals.OwnProposal):
        approve(proposal, maker)
    proposal.refresh_from_db()
    assert proposal.state == "PENDING"
    client = signed_in(maker)
    client.post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"approve": "1"})
    proposal.refresh_from_db()
    assert proposal.state == "PENDING"
    assert b'name="approve"' not in client.get(f"/admin/boards/proposals/{proposal.pk}/").content


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, -1, -200])
def test_a_back_dated_row_is_refused(days: int) -> None:
    with pytest.raises(figures.BackDated):
        propose(staff("risk"), fee(days=days))
    assert not Proposal.objects.exists()


@pytest.mark.django_db
def test_a_row_that_became_back_dated_while_waiting_is_refused_too() -> None:
    maker, checker = staff("risk"), staff("risk")
    proposal = propose(maker)
    Proposal.objects.filter(pk=proposal.pk).update(payload=fee(days=0))
    with pytest.raises(figures.BackDated):
        approve(proposal, checker)
    proposal.refresh_from_db()
    assert proposal.state == "PENDING"
    assert Fee.objects.filter(effective_from=clock.today()).count() == 0


@pytest.mark.django_db
def test_a_day_has_one_figure_and_none_is_below_zero() -> None:
    FeeFactory(effective_from=clock.today() + timedelta(days=1))
    with pytest.raises(figures.AlreadyThere):
        propose(staff("risk"))
    with pytest.raises(figures.BelowZero):
        propose(staff("risk"), fee("-1.00", days=2))


@pytest.mark.django_db
def test_who_may_not_propose_or_approve_does_not() -> None:
    proposal = propose(staff("risk"))
    for role in ("support", "audit"):
        with pytest.raises(proposals.NotAllowed):
            propose(staff(role), fee(days=2))
        with pytest.raises(proposals.NotAllowed):
            approve(proposal, staff(role))
        with pytest.raises(proposals.NotAllowed):
            proposals.refuse(proposal.pk, user=staff(role), actor=actor(staff(role)))
    with pytest.raises(Http404):
        proposals.get(proposal.pk, staff(None))


@pytest.mark.django_db
def test_a_decision_is_final() -> None:
    maker, checker, third = staff("risk"), staff("risk"), staff("risk")
    proposal = propose(maker)
    proposals.refuse(proposal.pk, user=checker, actor=actor(checker))
    with pytest.raises(proposals.AlreadyDecided):
        approve(proposal, third)
    assert not Fee.objects.filter(amount=Decimal("30.00")).exists()


@pytest.mark.django_db
def test_the_maker_may_withdraw() -> None:
    maker = staff("operations")
    proposal = propose(maker)
    signed_in(maker).post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"refuse": "1"})
    proposal.refresh_from_db()
    assert proposal.state == "REFUSED"


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_the_same_time_apply_it_once() -> None:
    proposal, checkers = propose(staff("risk")), [staff("risk") for _n in range(6)]
    answers = at_once([lambda user=user: approve(proposal, user) for user in checkers])
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 5
    assert all(isinstance(answer, PortalError) for answer in refused), refused
    assert Fee.objects.filter(amount=Decimal("30.00")).count() == 1
    assert AuditEvent.objects.filter(verb="staff.approved").count() == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_approving_and_refusing_at_the_same_time_does_one_of_them() -> None:
    proposal, one, other = propose(staff("risk")), staff("risk"), staff("risk")
    answers = at_once(
        [lambda: approve(proposal, one), lambda: proposals.refuse(proposal.pk, user=other, actor=actor(other))]
    )
    assert len([answer for answer in answers if isinstance(answer, proposals.AlreadyDecided)]) == 1
    proposal.refresh_from_db()
    assert Fee.objects.filter(amount=Decimal("30.00")).exists() is (proposal.state == "APPROVED")


@pytest.mark.django_db
def test_the_page_says_what_was_in_force_on_a_day() -> None:
    today = clock.today()
    FeeFactory(amount=Decimal("12.34"), effective_from=today - timedelta(days=10))
    FeeFactory(amount=Decimal("56.78"), effective_from=today - timedelta(days=2))
    Limit.objects.create(code="DAILY_OUT", kyc_tier="TIER_1", value="777.00", effective_from=today + timedelta(days=3))
    client = signed_in(staff("support"))
    then = client.get(f"/admin/boards/figures/?on={today - timedelta(days=5)}").content
    assert b"12.34" in then
    now = client.get("/admin/boards/figures/").content
    assert b"56.78" in now
    assert b"12.34" not in now
    assert b"begins" in now
    table = figures.in_force(figures.figures.get("fees"), today - timedelta(days=2))
    assert "56.78" in [row.value for row in table]
    assert "12.34" not in [row.value for row in table]
    assert client.get("/admin/boards/figures/?on=yesterday").status_code == 200


@pytest.mark.django_db
def test_a_count_is_shown_as_a_count_and_has_to_be_one() -> None:
    table = figures.in_force(figures.figures.get("limits"), clock.today())
    shown = {row.key: row.value for row in table}
    assert shown["Accounts of strangers looked up per day, all tiers"] == "5"
    assert shown["KES kept on a savings account, all tiers"] == "1,000.00"
    begins = (clock.today() + timedelta(days=1)).isoformat()
    keys = {"code": "PAYEE_LOOKUPS", "kyc_tier": ""}
    payload = {"figure": "limits", "keys": keys, "value": "10.5", "effective_from": begins}
    with pytest.raises(figures.NotWhole):
        propose(staff("risk"), payload)
    assert figures.describe({**payload, "value": "1000.00"}).split(": ")[1].startswith("1,000 from ")


@pytest.mark.django_db
def test_the_forms_lead_from_proposal_to_approval() -> None:
    maker, checker = signed_in(staff("operations")), signed_in(staff("risk"))
    typed = {
        "code": "DAILY_OUT",
        "kyc_tier": "",
        "value": "400000",
        "effective_from": (clock.today() + timedelta(days=3)).isoformat(),
        "reason": "Fraud wave",
    }
    refused = maker.post("/admin/boards/figures/limits/", {**typed, "effective_from": clock.today().isoformat()})
    assert b"tomorrow at the earliest" in refused.content
    made = maker.post("/admin/boards/figures/limits/", typed)
    assert made.status_code == 302
    page = checker.get(made["Location"])
    assert b"Limits" in page.content
    checker.post(f"{made['Location']}decide/", {"approve": "1"})
    assert Limit.objects.get(kyc_tier="", code="DAILY_OUT").value == Decimal("400000.00")
    assert checker.get("/admin/boards/proposals/").status_code == 200


def switch_off(**changed: Any) -> dict[str, Any]:
    return {
        "code": "INTERNAL_TRANSFERS",
        "is_on": False,
        "notice_en": "Transfers rest tonight.",
        "notice_sw": "Uhamishaji umepumzika usiku huu.",
        "since": "2026-11-23",
        **changed,
    }


@pytest.mark.django_db
def test_a_switch_is_flipped_by_two_people_with_a_notice_in_both_languages() -> None:
    maker, checker = staff("operations"), staff("operations")
    for missing in ("notice_en", "notice_sw"):
        with pytest.raises(switches.NoticeMissing):
            proposals.propose("switch", switch_off(**{missing: " "}), reason="x", user=maker, actor=actor(maker))
    proposal = proposals.propose("switch", switch_off(), reason="Repair", user=maker, actor=actor(maker))
    assert switches.is_on("INTERNAL_TRANSFERS")
    proposals.approve(proposal.pk, user=checker, actor=actor(checker))
    assert not switches.is_on("INTERNAL_TRANSFERS")
    again = proposals.propose("switch", switch_off(is_on=True), reason="Done", user=maker, actor=actor(maker))
    with pytest.raises(switches.NothingToChange):
        proposals.propose("switch", switch_off(), reason="x", user=maker, actor=actor(maker))
    proposals.approve(again.pk, user=checker, actor=actor(checker))
    assert switches.is_on("INTERNAL_TRANSFERS")
    assert PortalSwitch.objects.filter(code="INTERNAL_TRANSFERS").count() == 1


@pytest.mark.django_db
def test_the_switch_pages_lead_there() -> None:
    maker = signed_in(staff("operations"))
    page = "/admin/boards/switches/INTERNAL_TRANSFERS/"
    typed = {"notice_en": "Rest.", "notice_sw": "Pumziko.", "since": "2026-11-23", "reason": "Repair"}
    assert b"both languages" in maker.post(page, {**typed, "notice_sw": ""}).content
    made = maker.post(page, typed)
    assert made.status_code == 302
    signed_in(staff("operations")).post(f"{made['Location']}decide/", {"approve": "1"})
    assert not switches.is_on("INTERNAL_TRANSFERS")
    assert b"Pumziko." in maker.get("/admin/boards/switches/").content
    assert maker.get("/admin/boards/switches/NO_SUCH/").status_code == 404


@pytest.mark.django_db
def test_an_unknown_switch_is_an_error_not_on() -> None:
    with pytest.raises(KeyError):
        switches.is_on("NO_SUCH")
