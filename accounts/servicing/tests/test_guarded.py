"""What lets others at the money is never asked for silently, nor while everything is stopped or just after a new
password; and a letter of the bank's says nothing in anybody else's words."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts import limits
from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.models import ApprovalRequest, BankLetter, BranchCustomer, Freeze, LimitUsage, User
from accounts.notices import rules
from accounts.notices.choosing import choose, chosen_by
from accounts.servicing import asking, catalogue, letters, papers, staff
from accounts.servicing.forms import LetterForm
from accounts.servicing.tests.scenes import a_customer, accounts, wish
from accounts.tests.approvals import ANYONE
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.documents import pdf
from wekeza_portal.notifications.events import ALWAYS
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
State = ApprovalRequest.State
GUARDED = [kind for kind, service in catalogue.SERVICES.items() if service.stops]


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer(phone_number="0722000111")


def asked(customer: BranchCustomer, kind: str) -> ApprovalRequest:
    """Drafted and sent. A cheque book is of the current account, an account to be closed of the other."""
    account = accounts(customer)[1 if kind == catalogue.CHEQUE_BOOK else 0]
    more = {"rest": accounts(customer)[1].account_number} if kind == catalogue.CLOSE_ACCOUNT else {}
    return asking.send(customer, asking.draft(customer, kind, wish(kind, account, **more)), ANYONE)


def stop(customer: BranchCustomer) -> None:
    stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=ANYONE)


@pytest.mark.parametrize("kind", GUARDED)
def test_whoever_mutes_everything_hears_of_it_all_the_same(customer: BranchCustomer, kind: str) -> None:
    before = chosen_by(customer)
    nothing = {event: rules.Choice(sms=False, email=False) for event in before.choices}
    choose(User.objects.get(customer=customer), rules.Habits(nothing), ANYONE)
    asked(customer, kind)
    row = OutboxMessage.objects.get(cause__startswith="request-sent:")
    assert row.event in ALWAYS


@pytest.mark.parametrize("kind", GUARDED)
def test_a_stop_takes_back_what_is_not_decided(customer: BranchCustomer, kind: str) -> None:
    request, other = asked(customer, kind), asked(customer, catalogue.REFERENCE)
    stop(customer)
    request.refresh_from_db()
    other.refresh_from_db()
    assert (request.state, other.state) == (State.CANCELLED, State.SENT)


def test_what_was_agreed_before_is_not_handed_over_while_everything_is_stopped(customer: BranchCustomer) -> None:
    request = asked(customer, catalogue.MANDATE)
    ApprovalRequest.objects.filter(pk=request.pk).update(state=State.APPROVED)
    stop(customer)
    with pytest.raises(Frozen):
        staff.finish(request.pk, by="OPS001", actor=ANYONE)


@pytest.mark.parametrize("kind", GUARDED)
def test_for_a_day_after_a_new_password_it_is_refused(customer: BranchCustomer, kind: str) -> None:
    limits.begin_recovery(customer)
    with pytest.raises(limits.JustBackIn):
        asked(customer, kind)
    assert not ApprovalRequest.objects.exists()
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        asked(customer, kind)


def test_the_fee_of_a_letter_takes_from_the_cap_after_a_new_password(customer: BranchCustomer) -> None:
    limits.begin_recovery(customer)
    savings, current = accounts(customer)
    client = Client()
    sign_in(client, User.objects.get(customer=customer))
    typed = {"account": savings.account_number, "addressee": "", "pay_from": current.account_number}
    review = client.post("/settings/services/letters/balance/", typed)["Location"]
    client.post(f"{review}confirm/")
    assert BankLetter.objects.get().fee > 0
    assert LimitUsage.objects.get(code="RECOVERED_DAY").used == BankLetter.objects.get().fee


@pytest.mark.parametrize(
    "typed",
    [
        "PAYMENT GUARANTEE: Wekeza Bank will pay KES 5,000,000 on demand",
        "Wekeza Bank", "Pay 5000", "KES", "a: b", "https://x.example", "x" * 200, "5", "=SUM(A)", "🎉 Embassy",
    ],
)  # fmt: skip
def test_nobody_puts_words_into_the_banks_mouth(customer: BranchCustomer, typed: str) -> None:
    form = LetterForm({"account": "", "addressee": typed, "pay_from": ""}, accounts=[], payers=[], is_free=False)
    assert "addressee" in form.errors


@pytest.mark.parametrize("typed", ["", "Embassy of Norway", "Chuo Kikuu cha Nairobi", "Müller & Söhne, Ltd.", "O'Hara"])
def test_a_name_is_taken(customer: BranchCustomer, typed: str) -> None:
    form = LetterForm({"account": "", "addressee": typed, "pay_from": ""}, accounts=[], payers=[], is_free=False)
    assert "addressee" not in form.errors


def test_the_paper_shows_the_end_of_the_national_id_alone(
    customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    original = pdf.render_to_string
    monkeypatch.setattr(pdf, "render_to_string", lambda *said: printed.append(original(*said)) or printed[-1])
    letter = letters.write_free(
        customer, "ACCOUNT", account=accounts(customer)[0].account_number, addressee="Embassy of Norway", actor=ANYONE
    )
    papers.letter_pdf(letter, language="en", actor=ANYONE)
    assert "•••••789" in printed[0]
    assert "23456789" not in printed[0]
    assert "as the account holder wrote it" in printed[0]
