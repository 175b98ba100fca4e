"""Staff and a customer who can't get in: the ID in hand, two people, one paper, and everybody told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity import codes, counter, tries
from accounts.identity.tests.counterscenes import NEW, OLD, approve, approved, code_on_paper, printed, propose
from accounts.identity.tests.helpers import WRONG, give_password
from accounts.models import ActivationCode, BranchCustomer, User
from tests.factories import AccountFactory, BusinessFactory, CustomerFactory, UserFactory
from tests.together import at_once
from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
PRINTER = Actor(kind="staff", id="1")


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku() -> User:
    return UserFactory(customer__phone_number="0711000222", customer__national_id="24680135")


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def typed(user: User, **changed: str) -> dict[str, str]:
    assert user.customer is not None
    return {
        "national_id": str(user.customer.national_id),
        "phone": "0733 999 888",
        "reason": "Lost the phone; ID card seen",
        **changed,
    }


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


# --- Two people ---------------------------------------------------------------------------------------------------


def test_the_forms_lead_from_the_id_to_the_paper(wanjiku: User) -> None:
    account = AccountFactory(customer=wanjiku.customer)
    maker, checker = signed_in(staff("support")), signed_in(staff("operations"))
    page = url("way_back", wanjiku.customer_id)
    found = maker.get(url("ways_back"), {"q": account.account_number})
    assert found.headers["Location"] == page
    assert "give out an activation code" in text_of(maker.get(page))
    made = maker.post(url("way_back_code", wanjiku.customer_id), typed(wanjiku))
    proposal = Proposal.objects.get(kind=counter.ACTIVATION)
    assert made.headers["Location"] == url("proposal", proposal.pk)
    assert "their phone from then on: +254733999888. ID seen." in text_of(checker.get(made.headers["Location"]))
    assert ActivationCode.objects.count() == 0
    checker.post(url("proposal_decide", proposal.pk), {"approve": "1"})
    row = ActivationCode.objects.get()
    assert "Print, once" in text_of(maker.get(url("ways_back")))
    paper = maker.post(url("way_back_print", row.pk))
    assert paper.content.startswith(b"%PDF")
    assert paper["Content-Type"] == "application/pdf"
    assert "no-store" in paper["Cache-Control"]
    assert "Printed by" in text_of(maker.get(url("ways_back")))
    assert AuditEvent.objects.get(verb="activation.printed").customer_id == wanjiku.customer_id


def test_whoever_proposed_it_cannot_approve_it(wanjiku: User) -> None:
    maker = staff("operations")
    with pytest.raises(proposals.OwnProposal):
        approve(propose(wanjiku, maker), maker)
    assert ActivationCode.objects.count() == 0
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize("role", ["audit", "risk", None])
def test_who_may_not_propose_does_not(wanjiku: User, role: str | None) -> None:
    with pytest.raises(proposals.NotAllowed):
        propose(wanjiku, staff(role))
    for name in ("way_back_code", "way_back_unlock"):
        answer = signed_in(staff(role)).post(url(name, wanjiku.customer_id), typed(wanjiku))
        assert answer.status_code in {302, 403, 404}
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize("role", ["support", "audit"])
def test_who_may_not_approve_does_not(wanjiku: User, role: str) -> None:
    proposal = propose(wanjiku, staff("support"))
    with pytest.raises(proposals.NotAllowed):
        approve(proposal, staff(role))
    assert ActivationCode.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"national_id": "24680136"}, "That is not the number of this customer"),
        ({"national_id": ""}, "This field is required"),
        ({"national_id": "٢٤٦٨٠١٣٥"}, "That is not the number of this customer"),
        ({"phone": "12"}, "Enter a phone number like"),
        ({"phone": "0722' OR 1"}, "Enter a phone number like"),
        ({"phone": "<script>x</script>"}, "Enter a phone number like"),
        ({"reason": ""}, "This field is required"),
        ({"reason": "x" * 10_000}, "at most 300"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(f"{k}:{v[:12]}" for k, v in value.items()),
)
def test_what_does_not_fit_is_refused_and_proposes_nothing(wanjiku: User, changed: dict[str, str], words: str) -> None:
    page = signed_in(staff("support")).post(url("way_back_code", wanjiku.customer_id), typed(wanjiku, **changed))
    assert page.status_code == 200
    assert words in text_of(page)
    assert "<script>x" not in text_of(page)
    assert Proposal.objects.count() == 0


def test_a_customer_without_an_id_at_the_branch_gets_none(wanjiku: User) -> None:
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(national_id="")
    customer = BranchCustomer.objects.get(pk=wanjiku.customer_id)
    for number in ("", " ", "24680135"):
        with pytest.raises(counter.NotTheId):
            counter.payload_of(customer, national_id=number, phone=NEW)


def test_without_a_new_number_it_is_the_one_the_branch_has(wanjiku: User) -> None:
    assert approved(wanjiku, phone="").phone == OLD


def test_the_number_of_the_id_is_kept_nowhere(wanjiku: User) -> None:
    approved(wanjiku)
    kept = [*Proposal.objects.values_list("payload", flat=True), *AuditEvent.objects.values_list("data", flat=True)]
    assert "24680135" not in str(kept)


def test_businesses_the_unknown_and_who_never_enrolled_have_nothing_to_give_back(wanjiku: User) -> None:
    maker = signed_in(staff("support"))
    business, new = CustomerFactory(business=BusinessFactory()), CustomerFactory()
    assert maker.get(url("way_back", business.user_id)).status_code == 404
    assert maker.get(url("way_back", 987654)).status_code == 404
    page = text_of(maker.get(url("way_back", new.user_id)))
    assert "has no online access that could be given back" in page
    assert url("way_back_code", new.user_id) not in page
    for wrong in ("nobody", "987654", "9" * 20, "=1+1", "١"):
        assert "No such customer." in text_of(maker.get(url("ways_back"), {"q": wrong}))


def test_a_customer_closed_meanwhile_stops_the_approval(wanjiku: User) -> None:
    proposal = propose(wanjiku, staff("support"))
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(is_active=False)
    with pytest.raises(counter.NoOnlineAccess):
        approve(proposal, staff("operations"))
    proposal.refresh_from_db()
    assert (proposal.state, ActivationCode.objects.count()) == ("PENDING", 0)


def test_every_look_at_a_customer_is_recorded(wanjiku: User) -> None:
    approved(wanjiku)
    looker = staff("audit")
    client = signed_in(looker)
    client.get(url("way_back", wanjiku.customer_id))
    client.get(url("ways_back"))
    seen = AuditEvent.objects.filter(customer_id=wanjiku.customer_id, actor_id=str(looker.pk))
    assert sorted(seen.values_list("subject", flat=True)) == [
        "list:activation-codes",
        f"way-back:{wanjiku.customer_id}",
    ]


# --- Who is told --------------------------------------------------------------------------------------------------


def test_the_contacts_of_now_are_told_when_it_is_approved(nine: time_machine.Traveller, wanjiku: User) -> None:
    approved(wanjiku)
    told = OutboxMessage.objects.filter(cause__startswith="activation-issued:")
    assert set(told.values_list("to", flat=True)) == {OLD, wanjiku.customer.email}
    words = (
        "A branch gave out an activation code for your Wekeza account at 23/11/2026 09:00. "
        "Not you? Call +254 700 123 456."
    )
    assert set(told.values_list("body", flat=True)) == {words}
    assert len(words) <= 160
    assert InboxItem.objects.filter(customer_id=wanjiku.customer_id, category="SECURITY").count() == 1


# --- One paper ----------------------------------------------------------------------------------------------------


def test_it_is_printed_once(wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = approved(wanjiku)
    assert len(code_on_paper(row, monkeypatch)) == 19
    with pytest.raises(counter.AlreadyPrinted):
        code_on_paper(row, monkeypatch)


def test_the_paper_names_no_more_than_it_must_and_the_code_is_in_no_table(
    wanjiku: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = printed(wanjiku, monkeypatch)
    row = ActivationCode.objects.get()
    assert len(row.digest) == 64
    kept = [
        *ActivationCode.objects.values_list("digest", "phone", "printed_by"),
        *AuditEvent.objects.values_list("data", "subject"),
        *OutboxMessage.objects.values_list("body", "subject"),
        *Proposal.objects.values_list("payload", "reason"),
    ]
    for form in (code, code.replace("-", "")):
        assert form not in str(kept)
        assert form not in caplog.text


def test_a_second_code_voids_the_first(wanjiku: User) -> None:
    first = approved(wanjiku)
    second = approved(wanjiku)
    first.refresh_from_db()
    assert first.voided_at is not None
    with pytest.raises(counter.AlreadyPrinted):
        counter.print_once(first.pk, staff_code="SUP001", actor=PRINTER)
    assert second.voided_at is None


def test_what_was_not_printed_in_24_hours_is_not_printed(nine: time_machine.Traveller, wanjiku: User) -> None:
    row = approved(wanjiku)
    nine.shift(timedelta(hours=24))
    answer = signed_in(staff("support")).post(url("way_back_print", row.pk))
    assert answer.headers["Location"] == url("ways_back")
    row.refresh_from_db()
    assert row.printed_at is None


@pytest.mark.parametrize("role", ["audit", "risk"])
def test_who_may_not_propose_prints_nothing(wanjiku: User, role: str) -> None:
    row = approved(wanjiku)
    assert signed_in(staff(role)).post(url("way_back_print", row.pk)).status_code in {302, 403, 404}
    row.refresh_from_db()
    assert row.printed_at is None


def test_looking_prints_nothing(wanjiku: User) -> None:
    row = approved(wanjiku)
    assert signed_in(staff("support")).get(url("way_back_print", row.pk)).status_code == 405
    assert Client().post(url("way_back_print", row.pk)).status_code == 302
    row.refresh_from_db()
    assert row.printed_at is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("7K3M-9QTX-2B4D-H8WZ", "7K3M9QTX2B4DH8WZ"),
        (" 7k3m 9qtx 2b4d h8wz ", "7K3M9QTX2B4DH8WZ"),
        ("OIL0-OIL0-OIL0-OIL0", "0110011001100110"),
        ("7K3M-9QTX-2B4D-H8W", ""),
        ("7K3M-9QTX-2B4D-H8WZ-1", ""),
        ("UUUU-UUUU-UUUU-UUUU", ""),
        ("٧K3M-9QTX-2B4D-H8WZ", ""),
        ("", ""),
        ("7" * 10_000, ""),
    ],
)
def test_a_code_is_read_as_people_write_it(written: str, read: str) -> None:
    assert counter.normal(written) == read


# --- Unlock -------------------------------------------------------------------------------------------------------


def locked(user: User) -> None:
    for _time in range(tries.LOGIN_ACCOUNT.limit):
        give_password(Client(), user, WRONG)
    assert give_password(Client(), user).status_code == 429


def test_two_people_open_a_locked_sign_in_and_the_customer_is_told(wanjiku: User) -> None:
    locked(wanjiku)
    maker, checker = signed_in(staff("support")), signed_in(staff("operations"))
    assert "Too many tries have closed this sign-in" in text_of(maker.get(url("way_back", wanjiku.customer_id)))
    asked = typed(wanjiku)
    maker.post(url("way_back_unlock", wanjiku.customer_id), {"national_id": asked["national_id"], "reason": "Typos"})
    proposal = Proposal.objects.get(kind=counter.UNLOCK)
    assert give_password(Client(), wanjiku).status_code == 429, "not before the second person"
    checker.post(url("proposal_decide", proposal.pk), {"approve": "1"})
    assert ratelimit.peek(codes.CODE_TRIES, str(wanjiku.customer_id)) == 0
    assert give_password(Client(), wanjiku).status_code == 302
    assert "opened the sign-in" in InboxItem.objects.filter(title="Sign-in open again").get().text
    assert "This sign-in is not locked." in text_of(maker.get(url("way_back", wanjiku.customer_id)))


def test_unlocking_changes_no_password_and_gives_no_code(wanjiku: User) -> None:
    locked(wanjiku)
    before = User.objects.get(pk=wanjiku.pk).password
    approve(propose(wanjiku, staff("support"), kind=counter.UNLOCK), staff("risk"))
    assert User.objects.get(pk=wanjiku.pk).password == before
    assert ActivationCode.objects.count() == 0


# --- At once ------------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_print_one_paper() -> None:
    user = UserFactory()
    row = approved(user)
    answers = at_once([lambda: counter.print_once(row.pk, staff_code="SUP001", actor=PRINTER) for _ in range(3)])
    assert sum(isinstance(answer, bytes) for answer in answers) == 1
    assert sum(isinstance(answer, counter.AlreadyPrinted) for answer in answers) == 2
    assert AuditEvent.objects.filter(verb="activation.printed").count() == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_give_out_one_code() -> None:
    user = UserFactory()
    proposal, checkers = propose(user, staff("support")), [staff("operations"), staff("risk")]
    at_once([lambda one=one: approve(proposal, one) for one in checkers])
    assert ActivationCode.objects.filter(user=user).count() == 1
    assert InboxItem.objects.count() == 1
