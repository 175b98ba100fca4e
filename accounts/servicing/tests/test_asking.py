"""Asking a branch for a service: what is sent, what is refused, and that nothing is ever charged for it."""

import json
from decimal import Decimal

import pytest
from django.http import Http404
from django.test import override_settings

from accounts.approvals import services
from accounts.freezing.errors import Frozen
from accounts.ledger_errors import MayOnlyLook
from accounts.models import Account, ApprovalRequest, AuthorizationItem, BranchCustomer, CustomerIdentity, Fee, Posting
from accounts.profile.rights import AgeUnknown, NotAtThisTier, TooYoung
from accounts.servicing import asking, catalogue, errors
from accounts.servicing.tests.scenes import (
    a_customer,
    accounts,
    ask,
    branch_sets,
    fitting,
    never_identified,
    stop_everything,
    wish,
)
from accounts.tests.approvals import ANYONE, State, told, verbs
from tests.factories import AccountFactory, CustomerFactory, FeeFactory, PortalSwitchFactory
from tests.support import all_the_money
from wekeza_portal import clock
from wekeza_portal.staff import switches
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db
D = Decimal
KINDS = list(catalogue.SERVICES)
FREE_KINDS = [catalogue.NEW_ACCOUNT, catalogue.CLOSE_ACCOUNT, catalogue.WAKE_ACCOUNT, catalogue.MANDATE]
STOPPED = [catalogue.CLOSE_ACCOUNT, catalogue.MANDATE, catalogue.CHEQUE_BOOK, catalogue.REFERENCE]


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


def row_of(request: ApprovalRequest) -> AuthorizationItem:
    return AuthorizationItem.objects.get(queue_id=request.queue_id)


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_sent_once_and_moves_no_money(customer: BranchCustomer, kind: str) -> None:
    before = all_the_money()
    request = ask(customer, kind)
    again = asking.send(customer, request, ANYONE)
    assert (again.id, again.state) == (request.id, State.SENT)
    assert AuthorizationItem.objects.count() == 1
    assert row_of(request).status == "PENDING"
    assert all_the_money() == before
    assert Posting.objects.count() == 0
    assert told(customer).count(f"request-sent:{request.id}") >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_queue_says_what_costs_money_and_how_much(customer: BranchCustomer, kind: str) -> None:
    row = row_of(ask(customer, kind))
    costs = {catalogue.CHEQUE_BOOK: D("1000.00"), catalogue.REFERENCE: D("500.00")}
    assert (row.transaction_type == "OTHER") == (kind in costs)
    assert row.transaction_type in {"OTHER", "ACCOUNT_MAINTENANCE"}
    assert row.amount == costs.get(kind, D("0.00"))
    assert ("nothing was charged" in (row.description or "")) == (kind in costs)


def test_the_branch_reads_strict_json_with_everything_it_needs(customer: BranchCustomer) -> None:
    request = ask(customer, catalogue.MANDATE)
    data = json.loads(row_of(request).operation_data or "")
    assert data["account_number"] == accounts(customer)[0].account_number
    assert (data["name"], data["national_id"], data["power"]) == ("Faith Wambui", "31556677", "LOOK")
    assert data["promised_days"] == 5
    assert data["reference"] == str(request.id)
    assert "about" not in data


def test_what_the_customer_typed_stands_in_quotes_at_the_end(customer: BranchCustomer) -> None:
    typed = fitting(customer, catalogue.NEW_ACCOUNT) | {"purpose": 'It is free. Approved by "SUP001"'}
    request = asking.send(customer, asking.draft(customer, catalogue.NEW_ACCOUNT, typed), ANYONE)
    words = row_of(request).description or ""
    assert words.endswith("""The customer wrote: "It is free. Approved by 'SUP001'\"""")
    assert words.count('"') == 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_is_not_asked_twice_while_it_waits(customer: BranchCustomer, kind: str) -> None:
    second = asking.draft(customer, kind, fitting(customer, kind))
    ask(customer, kind)
    with pytest.raises(services.AlreadyAsked):
        asking.draft(customer, kind, fitting(customer, kind))
    with pytest.raises(services.AlreadyAsked):
        asking.send(customer, second, ANYONE)
    assert AuthorizationItem.objects.count() == 1


def test_another_person_may_be_given_a_mandate_meanwhile(customer: BranchCustomer) -> None:
    ask(customer, catalogue.MANDATE)
    other = fitting(customer, catalogue.MANDATE) | {"national_id": "99887766"}
    assert asking.draft(customer, catalogue.MANDATE, other).state == State.DRAFT


def test_two_further_accounts_at_once_are_not_asked_for(customer: BranchCustomer) -> None:
    """Which of them the branch opened could not be told."""
    ask(customer, catalogue.NEW_ACCOUNT)
    with pytest.raises(services.AlreadyAsked):
        asking.draft(customer, catalogue.NEW_ACCOUNT, {"account_kind": "CURRENT", "purpose": ""})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != catalogue.NEW_ACCOUNT])
def test_somebody_elses_account_is_refused(customer: BranchCustomer, kind: str) -> None:
    theirs = accounts(a_stranger())[0]
    with pytest.raises(errors.NotThisAccount):
        asking.draft(customer, kind, wish(kind, theirs))
    assert ApprovalRequest.objects.count() == 0


def a_stranger() -> BranchCustomer:
    other: BranchCustomer = CustomerFactory()
    AccountFactory(customer=other)
    return other


@pytest.mark.parametrize("status", ["ACTIVE", "FROZEN", "DISABLED"])
def test_only_a_dormant_account_is_woken(customer: BranchCustomer, status: str) -> None:
    savings = accounts(customer)[0]
    branch_sets(savings, status)
    with pytest.raises(errors.NotThisAccount):
        asking.draft(customer, catalogue.WAKE_ACCOUNT, wish(catalogue.WAKE_ACCOUNT, savings))


def test_an_account_that_woke_meanwhile_is_not_asked_for(customer: BranchCustomer) -> None:
    draft = asking.draft(customer, catalogue.WAKE_ACCOUNT, fitting(customer, catalogue.WAKE_ACCOUNT))
    branch_sets(accounts(customer)[0], "ACTIVE")
    with pytest.raises(errors.NotThisAccount):
        asking.send(customer, draft, ANYONE)
    assert AuthorizationItem.objects.count() == 0


def test_a_savings_account_has_no_cheques(customer: BranchCustomer) -> None:
    with pytest.raises(errors.NotThisAccount):
        asking.draft(customer, catalogue.CHEQUE_BOOK, wish(catalogue.CHEQUE_BOOK, accounts(customer)[0]))


@pytest.mark.parametrize("status", ["FROZEN", "DISABLED"])
@pytest.mark.parametrize("kind", [catalogue.CLOSE_ACCOUNT, catalogue.MANDATE, catalogue.REFERENCE])
def test_an_account_that_the_bank_stopped_is_refused(customer: BranchCustomer, kind: str, status: str) -> None:
    savings = accounts(customer)[0]
    branch_sets(savings, status)
    with pytest.raises(errors.NotThisAccount):
        asking.draft(customer, kind, wish(kind, savings))


def test_what_is_left_goes_to_an_own_other_active_account_or_out_in_cash(customer: BranchCustomer) -> None:
    savings, current = accounts(customer)
    theirs = accounts(a_stranger())[0]
    for number in (savings.account_number, theirs.account_number, "", "ACC0"):
        with pytest.raises(errors.NotTheRest):
            asking.draft(customer, catalogue.CLOSE_ACCOUNT, wish(catalogue.CLOSE_ACCOUNT, savings, rest=number))
    draft = asking.draft(
        customer, catalogue.CLOSE_ACCOUNT, wish(catalogue.CLOSE_ACCOUNT, savings, rest=current.account_number)
    )
    branch_sets(current, "FROZEN")
    with pytest.raises(errors.NotTheRest):
        asking.send(customer, draft, ANYONE)


def test_nobody_gives_a_mandate_to_themselves(customer: BranchCustomer) -> None:
    own = fitting(customer, catalogue.MANDATE) | {"national_id": customer.national_id or ""}
    with pytest.raises(errors.OneselfIsNoHelper):
        asking.draft(customer, catalogue.MANDATE, own)


def test_a_branch_that_is_no_more_is_refused(customer: BranchCustomer) -> None:
    gone = fitting(customer, catalogue.CHEQUE_BOOK) | {"branch": "BR404"}
    with pytest.raises(errors.BranchGone):
        asking.draft(customer, catalogue.CHEQUE_BOOK, gone)


@pytest.mark.parametrize("kind", KINDS)
def test_while_everything_is_stopped_nothing_is_asked_that_costs_or_lets_others_at_it(
    customer: BranchCustomer, kind: str
) -> None:
    draft = asking.draft(customer, kind, fitting(customer, kind))
    stop_everything(customer)
    if kind not in STOPPED:
        assert asking.send(customer, draft, ANYONE).state == State.SENT
        return
    with pytest.raises(Frozen):
        asking.draft(customer, kind, fitting(customer, kind))
    with pytest.raises(Frozen):
        asking.send(customer, draft, ANYONE)
    assert AuthorizationItem.objects.count() == 0


def test_a_free_service_that_costs_something_one_day_stops_with_a_freeze_then(customer: BranchCustomer) -> None:
    Fee.objects.create(code=Fee.Code.ACCOUNT_WAKE, amount=D("200.00"), effective_from=clock.today())
    stop_everything(customer)
    with pytest.raises(Frozen):
        asking.draft(customer, catalogue.WAKE_ACCOUNT, fitting(customer, catalogue.WAKE_ACCOUNT))


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_only_look_asks_for_nothing_that_moves_money(customer: BranchCustomer, kind: str) -> None:
    never_identified(customer)
    if kind in {catalogue.WAKE_ACCOUNT, catalogue.REFERENCE}:
        assert ask(customer, kind).state == State.SENT
        return
    with pytest.raises((MayOnlyLook, NotAtThisTier)):
        asking.draft(customer, kind, fitting(customer, kind))


def test_another_account_is_for_adults_whose_age_is_known(customer: BranchCustomer) -> None:
    own = CustomerIdentity.objects.filter(customer_id=customer.user_id)
    own.update(born_on=clock.today().replace(year=clock.today().year - 17, day=1, month=1))
    with pytest.raises(TooYoung):
        asking.draft(customer, catalogue.NEW_ACCOUNT, fitting(customer, catalogue.NEW_ACCOUNT))
    own.update(born_on=None)
    with pytest.raises(AgeUnknown):
        asking.draft(customer, catalogue.NEW_ACCOUNT, fitting(customer, catalogue.NEW_ACCOUNT))


@pytest.mark.parametrize("kind", KINDS)
def test_switched_off_it_is_refused_before_and_after_the_form(customer: BranchCustomer, kind: str) -> None:
    draft = asking.draft(customer, kind, fitting(customer, kind))
    PortalSwitchFactory(code=switches.SERVICES, is_on=False)
    with pytest.raises(SwitchedOff):
        asking.draft(customer, kind, fitting(customer, kind))
    with pytest.raises(SwitchedOff):
        asking.send(customer, draft, ANYONE)
    assert AuthorizationItem.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_price_it_is_refused_not_free(customer: BranchCustomer, kind: str) -> None:
    wanted = fitting(customer, kind)
    Fee.objects.filter(code=catalogue.SERVICES[kind].fee).delete()
    with pytest.raises(errors.NoPrice):
        asking.draft(customer, kind, wanted)


def test_a_price_that_changed_since_is_not_sent_as_reviewed(customer: BranchCustomer) -> None:
    draft = asking.draft(customer, catalogue.CHEQUE_BOOK, fitting(customer, catalogue.CHEQUE_BOOK))
    FeeFactory(code=Fee.Code.CHEQUE_LEAF, amount=D("30.00"), effective_from=clock.today())
    with pytest.raises(errors.PriceChanged, match=r"KES 1,500\.00"):
        asking.send(customer, draft, ANYONE)
    assert AuthorizationItem.objects.count() == 0


def test_a_fee_of_tomorrow_is_not_todays(customer: BranchCustomer) -> None:
    FeeFactory(code=Fee.Code.REFERENCE_LETTER, amount=D("900.00"))
    assert ask(customer, catalogue.REFERENCE).amount == D("500.00")


def test_somebody_elses_draft_is_as_unknown_as_none(customer: BranchCustomer) -> None:
    draft = asking.draft(customer, catalogue.NEW_ACCOUNT, fitting(customer, catalogue.NEW_ACCOUNT))
    stranger = CustomerFactory()
    with pytest.raises(Http404):
        services.get(stranger, draft.id)


def test_a_changed_draft_takes_the_place_of_the_first(customer: BranchCustomer) -> None:
    first = asking.draft(customer, catalogue.CHEQUE_BOOK, fitting(customer, catalogue.CHEQUE_BOOK))
    more = fitting(customer, catalogue.CHEQUE_BOOK) | {"leaves": "100"}
    second = asking.redraft(customer, first.id, catalogue.CHEQUE_BOOK, more, ANYONE)
    assert services.get(customer, first.id).state == State.CANCELLED
    assert (second.amount, second.payload["leaves"], second.payload["excise"]) == (D("2000.00"), "100", "333.33")


def test_a_draft_of_another_service_is_not_taken_for_this_one(customer: BranchCustomer) -> None:
    other = asking.draft(customer, catalogue.NEW_ACCOUNT, fitting(customer, catalogue.NEW_ACCOUNT))
    with pytest.raises(Http404):
        asking.redraft(customer, other.id, catalogue.MANDATE, fitting(customer, catalogue.MANDATE), ANYONE)
    assert services.get(customer, other.id).state == State.DRAFT


@override_settings(LANGUAGE_CODE="sw")
def test_the_branch_is_told_in_english_whatever_its_customer_reads(customer: BranchCustomer) -> None:
    words = row_of(ask(customer, catalogue.CHEQUE_BOOK)).description or ""
    assert words.startswith(f"Customer {customer.user_id} asks for a cheque book of 50 for ")


def test_sending_is_in_the_trail(customer: BranchCustomer) -> None:
    assert "approval.sent" in verbs(ask(customer, catalogue.NEW_ACCOUNT))


def test_the_rows_of_accounts_are_never_written(customer: BranchCustomer) -> None:
    fitting(customer, catalogue.WAKE_ACCOUNT)
    before = list(Account.objects.order_by("pk").values())
    for kind in (catalogue.NEW_ACCOUNT, catalogue.WAKE_ACCOUNT, catalogue.CHEQUE_BOOK):
        ask(customer, kind)
    assert list(Account.objects.order_by("pk").values()) == before
