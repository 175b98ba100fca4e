"""Many at once to somebody new on a real MariaDB: the cap holds to the cent, and is first shown to need its lock."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from accounts import instructions
from accounts.instructions import Held
from accounts.ledger import Receipt
from accounts.models import Account, AccountTerms, BranchCustomer, Instruction, LimitUsage
from tests.factories import AccountFactory, LimitFactory, PaymentFileFactory, PaymentFileRowFactory
from tests.support import all_the_money
from tests.together import at_once
from transfers import destinations
from transfers.models import KnownPayee, Payment, SavedPayee, ScamPause
from transfers.outside.preparing import Wish, prepare_payment
from transfers.payees import keeping, newness, pausing, together
from transfers.payees.guards import guard_key
from transfers.payees.newness import NewPayeeCap
from transfers.tests.outgoing import prepare_to_phone
from transfers.tests.support import an_account, as_actor, balance, confirm, owner_of, prepare, say_own_idea
from wekeza_portal import clock

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
D = Decimal


def payers(number: int, each: str = "200000.00") -> list[Account]:
    """Accounts of one customer: an account's own lock would otherwise hide the race."""
    first = an_account("Emmanuel Odenyire", each)
    rest = [AccountFactory(customer=first.customer, balance=D(each)) for _ in range(number - 1)]
    for account in (first, *rest):
        AccountTerms.objects.create(account_id=account.account_id, kind=AccountTerms.Kind.CURRENT)
    return [first, *rest]


def ready(sources: list[Account], amount: str, receiver: Account | None = None) -> list[Instruction]:
    """Drafts with everything answered and the code given: to the receiver, or to one phone outside."""
    drafts = [prepare(one, receiver, amount) if receiver else prepare_to_phone(one, amount) for one in sources]
    for draft in drafts:
        say_own_idea(draft)
        instructions.approve(customer=owner_of(sources[0]), instruction_id=draft.id)
    return drafts


def sends(draft: Instruction) -> Callable[[], Receipt]:
    customer = BranchCustomer.objects.get(pk=draft.customer_id)
    return lambda: instructions.confirm(customer=customer, instruction_id=draft.id, actor=as_actor(customer))


def count(results: list[Receipt | Exception], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def test_without_the_lock_two_payments_pass_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a phone: between Wekeza accounts the receiver's own lock already makes one wait for the other."""
    sources = payers(2)
    drafts = ready(sources, "90000.00")
    newness.begin(owner_of(sources[0]).user_id, drafts[0].payee_key)
    barrier = threading.Barrier(2)

    def read_only(customer_id: int, key: str) -> KnownPayee:
        row = KnownPayee.objects.get(customer_id=customer_id, guard_key=guard_key(key))
        barrier.wait(timeout=30)
        return row

    monkeypatch.setattr(newness, "_locked", read_only)
    results = at_once([sends(draft) for draft in drafts])
    assert count(results, Receipt) == 2, results
    assert Payment.objects.count() == 2
    assert KnownPayee.objects.get().first_day_sum == D("90000.00"), "one of them was not counted"


@pytest.mark.parametrize("inside", [True, False])
def test_fifty_payments_at_once_hold_the_cap_to_the_cent(inside: bool) -> None:
    LimitFactory(code="SCAM_FLOOR", value=D("200000.00"), effective_from=clock.today())
    receiver = an_account("Wanjiku Mwangi", "0.00") if inside else None
    drafts = ready(payers(10) * 5, "4100.00", receiver)
    before = sum(all_the_money().values())
    results = at_once([sends(draft) for draft in drafts])
    assert count(results, Receipt) == 24, results
    assert count(results, NewPayeeCap) == 26
    assert KnownPayee.objects.get().first_day_sum == D("98400.00")
    if receiver is not None:
        assert balance(receiver) == D("98400.00")
        assert sum(all_the_money().values()) == before
    else:
        paid = Payment.objects.values_list("amount", "fee")
        assert sum(amount for amount, _fee in paid) == D("98400.00")
        assert sum(all_the_money().values()) == before - sum(amount + fee for amount, fee in paid)


def test_two_wallets_of_one_person_at_once_hold_one_cap() -> None:
    """Each is the first payment to its wallet; between them they make one row and count in it."""
    LimitFactory(code="SCAM_FLOOR", value=D("200000.00"), effective_from=clock.today())
    first, second = payers(2)
    customer = owner_of(first)
    airtel = Wish(second.account_number, destinations.to_phone("0722123456", "AIRTEL_MONEY"), D("60000"), "", "Mama")
    drafts = [prepare_to_phone(first, "60000"), prepare_payment(customer, airtel, actor=as_actor(customer))]
    for draft in drafts:
        instructions.approve(customer=customer, instruction_id=draft.id)
    results = at_once([sends(draft) for draft in drafts])
    assert (count(results, Receipt), count(results, NewPayeeCap)) == (1, 1), results
    assert KnownPayee.objects.get().first_day_sum == D("60000.00")


def test_parts_sent_at_once_are_asked_about_together() -> None:
    """Each alone is below the floor; whichever comes last finds what the others sent."""
    receiver = an_account("Wanjiku Mwangi", "0.00")
    results = at_once([sends(draft) for draft in ready(payers(4), "9000.00", receiver)])
    assert (count(results, Receipt), count(results, Held)) == (2, 2), results
    assert balance(receiver) == D("18000.00")


def of_files(sources: list[Account], amount: str) -> list[Instruction]:
    """Drafts to a new person each, every one the row of a file of its own."""
    drafts = [prepare(one, an_account("Wanjiku Mwangi", "0.00"), amount) for one in sources]
    for draft in drafts:
        file = PaymentFileFactory(customer_id=draft.customer_id)
        PaymentFileRowFactory(file=file, instruction_id=draft.id)
        instructions.approve(customer=owner_of(sources[0]), instruction_id=draft.id)
    return drafts


def test_without_its_lock_two_files_pass_the_cap_for_new_people(monkeypatch: pytest.MonkeyPatch) -> None:
    LimitFactory(code="NEW_PAYEE_DAY", value=D("300.00"), effective_from=clock.today())
    drafts = of_files(payers(2), "200.00")
    barrier = threading.Barrier(2)

    def read_only(customer_id: int, on: date) -> LimitUsage:
        barrier.wait(timeout=30)
        return LimitUsage(customer_id=customer_id, code=together.COUNTER, period=on.isoformat(), used=D("0.00"))

    def not_kept(row: LimitUsage, now_used: Decimal) -> None:
        return

    monkeypatch.setattr(together, "_locked", read_only)
    monkeypatch.setattr(together, "_save", not_kept)
    assert count(at_once([sends(draft) for draft in drafts]), Receipt) == 2


def test_files_at_once_hold_the_cap_for_new_people_to_the_cent() -> None:
    LimitFactory(code="NEW_PAYEE_DAY", value=D("1000.00"), effective_from=clock.today())
    drafts = of_files(payers(5), "300.00")
    results = at_once([sends(draft) for draft in drafts])
    assert (count(results, Receipt), count(results, together.NewInFilesCap)) == (3, 2), results
    assert LimitUsage.objects.get(code=together.COUNTER).used == D("900.00")


def test_the_first_payments_make_one_row_between_them() -> None:
    receiver = an_account("Wanjiku Mwangi", "0.00")
    drafts = ready(payers(8), "1000.00", receiver)
    assert not KnownPayee.objects.exists()
    results = at_once([sends(draft) for draft in drafts])
    assert count(results, Receipt) == 8
    assert KnownPayee.objects.get().first_day_sum == D("8000.00")


def test_yes_and_confirm_at_once_never_pay_after_the_yes() -> None:
    """Whoever comes first decides; once somebody said yes, nothing goes."""
    receiver = an_account("Wanjiku Mwangi", "0.00")
    (source,) = payers(1)
    customer = owner_of(source)
    (draft,) = ready([source], "30000.00", receiver)

    def say_yes() -> ScamPause:
        return pausing.answer(customer, draft.id, ScamPause.Answer.ASKED, as_actor(customer))

    said, *paid = at_once([say_yes, *[sends(draft)] * 3])
    row = ScamPause.objects.get(pk=draft.id)
    if isinstance(said, ScamPause):
        assert count(paid, Held) == 3
        assert balance(receiver) == D("0.00")
        assert row.outcome == ""
    else:
        assert isinstance(said, pausing.NothingToAnswer)
        assert balance(receiver) == D("30000.00")
        assert row.outcome == "PAID"


def test_two_answers_at_once_leave_the_hold() -> None:
    receiver = an_account("Wanjiku Mwangi", "0.00")
    (source,) = payers(1)
    customer = owner_of(source)
    draft = prepare(source, receiver, "30000.00")
    answers = [ScamPause.Answer.ASKED, ScamPause.Answer.OWN_IDEA] * 4
    results = at_once([lambda a=a: pausing.answer(customer, draft.id, a, as_actor(customer)) for a in answers])
    assert count(results, ScamPause) == 8, results
    row = ScamPause.objects.get()
    assert row.answer == ScamPause.Answer.ASKED
    assert row.held_until is not None


def test_a_double_click_on_the_receipt_keeps_one() -> None:
    receiver = an_account("Wanjiku Mwangi", "0.00")
    (source,) = payers(1)
    customer = owner_of(source)
    paid = prepare(source, receiver, "100.00")
    confirm(paid)
    results = at_once([lambda: keeping.keep_paid(customer, paid.id, as_actor(customer))] * 6)
    assert sorted(is_new for _row, is_new in results) == [False] * 5 + [True], results
    assert SavedPayee.objects.count() == 1


def test_two_drafts_of_one_payee_at_once_keep_one() -> None:
    receiver = an_account("Wanjiku Mwangi", "0.00")
    customer = owner_of(an_account("Emmanuel Odenyire"))
    acts = [keeping.prepare_wekeza(customer, receiver.account_number, keeping.Extras()) for _ in range(4)]
    for act in acts:
        instructions.approve(customer=customer, instruction_id=act.id)
    results = at_once(
        [
            lambda a=act: instructions.carry_out(customer=customer, instruction_id=a.id, actor=as_actor(customer))
            for act in acts
        ]
    )
    assert [type(one).__name__ for one in results].count("AlreadyKept") == 3, results
    assert SavedPayee.objects.count() == 1
