"""What the branch's answer brings: seen in the branch's own rows or said by staff, and never invented."""

import datetime

import pytest
import time_machine
from django.http import Http404
from django.utils import translation

from accounts.approvals import services, watching
from accounts.models import Account, AccountTerms, ApprovalRequest, BranchCustomer, Limit, ServiceDone
from accounts.servicing import asking, catalogue, doing, saying, staff
from accounts.servicing.errors import NotAgreedYet
from accounts.servicing.tests.scenes import a_customer, accounts, ask, branch_sets
from accounts.tests.approvals import ANYONE, State, branch_decides, fresh, told, verbs
from tests.factories import AccountFactory, ApprovalRequestFactory, CustomerFactory, HolidayChangeFactory
from tests.support import all_the_money
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
KINDS = list(catalogue.SERVICES)
BY_WORD = [catalogue.MANDATE, catalogue.CHEQUE_BOOK, catalogue.REFERENCE]


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


def watch_again() -> None:
    """As the worker does after ten seconds: what is done by hand is looked at again."""
    ApprovalRequest.objects.filter(look_again_at__isnull=False).update(look_again_at=clock.now())
    watching.watch()


def agreed(customer: BranchCustomer, kind: str) -> ApprovalRequest:
    request = ask(customer, kind)
    branch_decides(request, "APPROVED")
    watching.watch()
    return fresh(request)


@pytest.mark.parametrize("kind", KINDS)
def test_approved_alone_does_nothing_and_is_not_called_done(customer: BranchCustomer, kind: str) -> None:
    request = ask(customer, kind)
    before, rows = all_the_money(), list(Account.objects.values())
    branch_decides(request, "APPROVED")
    watching.watch()
    watch_again()
    assert (fresh(request).state, fresh(request).effect) == (State.APPROVED, "")
    assert (all_the_money(), list(Account.objects.values())) == (before, rows)
    assert {cause.partition(":")[0] for cause in told(customer)} == {"request-sent", "request-approved"}


@pytest.mark.parametrize("kind", KINDS)
def test_refused_it_says_why_and_nothing_was_charged(customer: BranchCustomer, kind: str) -> None:
    request = ask(customer, kind)
    before = all_the_money()
    branch_decides(request, "REJECTED", "Come with your ID first")
    watching.watch()
    assert (fresh(request).state, fresh(request).refusal_reason) == (State.REFUSED, "Come with your ID first")
    assert all_the_money() == before


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_taken_back_until_it_is_decided(customer: BranchCustomer, kind: str) -> None:
    request = ask(customer, kind)
    services.withdraw(customer=customer, request_id=request.id, actor=ANYONE)
    branch_decides(request, "APPROVED")
    watching.watch()
    assert fresh(request).state == State.CANCELLED


def test_an_account_is_awake_when_the_branchs_row_says_so(customer: BranchCustomer) -> None:
    request = agreed(customer, catalogue.WAKE_ACCOUNT)
    assert Account.objects.get(account_number=request.payload["account"]).status == "DORMANT"
    branch_sets(accounts(customer)[0], "ACTIVE")
    watch_again()
    assert fresh(request).state == State.DONE
    assert f"request-done:{request.id}" in told(customer)


def test_an_account_is_closed_when_the_branchs_row_says_so(customer: BranchCustomer) -> None:
    request = agreed(customer, catalogue.CLOSE_ACCOUNT)
    branch_sets(accounts(customer)[0], "FROZEN")
    watch_again()
    assert fresh(request).state == State.APPROVED
    branch_sets(accounts(customer)[0], "DISABLED")
    watch_again()
    assert fresh(request).state == State.DONE


def test_a_row_that_a_script_dropped_is_no_closed_account(customer: BranchCustomer) -> None:
    request = agreed(customer, catalogue.CLOSE_ACCOUNT)
    Account.objects.filter(account_number=request.payload["account"]).delete()
    watch_again()
    assert fresh(request).state == State.APPROVED
    staff.finish(request.id, by="SUP001", actor=ANYONE)
    watching.watch()
    assert fresh(request).state == State.DONE


def test_staffs_word_does_not_close_an_account_that_the_branch_has_open(customer: BranchCustomer) -> None:
    request = agreed(customer, catalogue.CLOSE_ACCOUNT)
    staff.finish(request.id, by="SUP001", actor=ANYONE)
    watching.watch()
    assert fresh(request).state == State.APPROVED


@pytest.mark.parametrize("kind", ["SAVINGS", "CURRENT"])
def test_another_account_is_there_when_the_branch_has_opened_it(customer: BranchCustomer, kind: str) -> None:
    wish = {"account_kind": kind, "purpose": ""}
    request = asking.send(customer, asking.draft(customer, catalogue.NEW_ACCOUNT, wish), ANYONE)
    branch_decides(request, "APPROVED")
    watching.watch()
    assert fresh(request).state == State.APPROVED
    AccountFactory(customer=CustomerFactory())
    watch_again()
    assert fresh(request).state == State.APPROVED
    new = AccountFactory(customer=customer, balance=0)
    watch_again()
    assert fresh(request).effect == f"account {new.account_number} is there"
    assert AccountTerms.objects.filter(account=new, kind="CURRENT").exists() == (kind == "CURRENT")


def test_where_two_were_opened_neither_is_called_a_current_account(customer: BranchCustomer) -> None:
    wish = {"account_kind": "CURRENT", "purpose": ""}
    request = asking.send(customer, asking.draft(customer, catalogue.NEW_ACCOUNT, wish), ANYONE)
    both = [AccountFactory(customer=customer), AccountFactory(customer=customer)]
    branch_decides(request, "APPROVED")
    watching.watch()
    assert fresh(request).state == State.DONE
    assert not AccountTerms.objects.filter(account__in=both).exists()


@pytest.mark.parametrize("kind", BY_WORD)
def test_staff_say_when_it_was_handed_over(customer: BranchCustomer, kind: str) -> None:
    request = agreed(customer, kind)
    before = all_the_money()
    staff.finish(request.id, by="SUP001", actor=ANYONE)
    staff.finish(request.id, by="SUP002", actor=ANYONE)
    watching.watch()
    assert (fresh(request).state, fresh(request).effect) == (State.DONE, "SUP001 saw to it")
    assert ServiceDone.objects.get().staff == "SUP001"
    assert verbs(request).count("service.given") == 1
    assert all_the_money() == before
    assert "SUP001" not in str(doing.DONE[kind])


@pytest.mark.parametrize("kind", BY_WORD)
def test_nothing_is_handed_over_that_was_not_approved(customer: BranchCustomer, kind: str) -> None:
    request = ask(customer, kind)
    with pytest.raises(NotAgreedYet):
        staff.finish(request.id, by="SUP001", actor=ANYONE)
    branch_decides(request, "REJECTED")
    watching.watch()
    with pytest.raises(NotAgreedYet):
        staff.finish(request.id, by="SUP001", actor=ANYONE)
    assert not ServiceDone.objects.exists()


@pytest.mark.parametrize("kind", [catalogue.WAKE_ACCOUNT, catalogue.NEW_ACCOUNT])
def test_what_the_branchs_rows_show_staff_need_not_say(customer: BranchCustomer, kind: str) -> None:
    request = agreed(customer, kind)
    with pytest.raises(NotAgreedYet):
        staff.finish(request.id, by="SUP001", actor=ANYONE)


def test_a_request_of_another_kind_is_none_of_theirs(customer: BranchCustomer) -> None:
    with pytest.raises(Http404):
        staff.finish(ApprovalRequestFactory(state="APPROVED").id, by="SUP001", actor=ANYONE)


def test_the_promise_counts_business_days_from_the_day_it_was_sent(customer: BranchCustomer) -> None:
    with time_machine.travel(datetime.datetime(2026, 3, 5, 12, 0, tzinfo=clock.NAIROBI)):  # a Thursday
        request = ask(customer, catalogue.REFERENCE)
        assert doing.promised_on(request) == datetime.date(2026, 3, 10)
        HolidayChangeFactory(day=datetime.date(2026, 3, 6), change="ADD")
        assert doing.promised_on(request) == datetime.date(2026, 3, 11)
        assert not doing.more(request)["is_late"]
    with time_machine.travel(datetime.datetime(2026, 3, 12, 9, 0, tzinfo=clock.NAIROBI)):
        assert doing.more(fresh(request))["is_late"]
        assert [line.is_late for line in staff.waiting()] == [True]


def test_the_promise_is_that_of_the_day_it_was_made(customer: BranchCustomer) -> None:
    request = ask(customer, catalogue.REFERENCE)
    before = doing.promised_on(request)
    Limit.objects.create(code=Limit.Code.REFERENCE_DAYS, effective_from=clock.today(), value=30)
    assert doing.promised_on(fresh(request)) == before


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_says_itself_in_both_languages(customer: BranchCustomer, kind: str, language: str) -> None:
    request = ask(customer, kind)
    with translation.override(language):
        assert saying.describe(request)
        assert all(str(label) and text for label, text in saying.facts(request))
        words = [str(doing.AGREED[kind]), str(doing.DONE[kind]), str(doing.WITHDRAWN)]
    assert all(words)


def test_the_board_shows_the_oldest_first_and_what_ended(customer: BranchCustomer) -> None:
    with time_machine.travel(clock.now() - datetime.timedelta(days=1)):
        older = ask(customer, catalogue.NEW_ACCOUNT)
    newer = ask(customer, catalogue.CHEQUE_BOOK)
    assert [line.request.id for line in staff.waiting()] == [older.id, newer.id]
    branch_decides(older, "REJECTED", "No")
    watching.watch()
    assert [row.id for row in staff.ended()] == [older.id]
