"""One-time codes: single use whatever happens at the same time, and nothing readable in the table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.identity import codes
from accounts.identity.tests.helpers import another, code_for, sent_bodies
from accounts.models import BranchCustomer, OneTimeCode
from tests.factories import CustomerFactory
from tests.together import at_once
from wekeza_portal import ratelimit

STEP_UP = OneTimeCode.Purpose.STEP_UP


@pytest.fixture
def customer() -> BranchCustomer:
    return CustomerFactory()


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def send(customer: BranchCustomer, binding: str = "one", about: str = "KES 500.00 to WANJIKU M.") -> str:
    codes.issue(purpose=STEP_UP, customer=customer, binding=binding, language="en", about=about)
    return code_for(customer)


def give(customer: BranchCustomer, code: str, binding: str = "one") -> None:
    codes.verify(purpose=STEP_UP, customer_id=customer.user_id, binding=binding, code=code)


@pytest.mark.django_db
def test_a_code_lives_five_minutes(customer: BranchCustomer, nine: time_machine.Traveller) -> None:
    code = send(customer)
    nine.shift(timedelta(minutes=4, seconds=59))
    give(customer, code)
    code = send(customer, "two")
    nine.shift(timedelta(minutes=5))
    with pytest.raises(codes.CodeUsedUp):
        give(customer, code, "two")


@pytest.mark.django_db
def test_a_code_is_used_up_by_its_use(customer: BranchCustomer) -> None:
    code = send(customer)
    give(customer, code)
    with pytest.raises(codes.CodeUsedUp):
        give(customer, code)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["binding", "customer", "purpose"])
def test_a_code_fits_only_what_it_was_sent_for(customer: BranchCustomer, change: str) -> None:
    code = send(customer)
    with pytest.raises(codes.CodeUsedUp):
        codes.verify(
            purpose=OneTimeCode.Purpose.SIGN_IN if change == "purpose" else STEP_UP,
            customer_id=CustomerFactory().user_id if change == "customer" else customer.user_id,
            binding="two" if change == "binding" else "one",
            code=code,
        )
    give(customer, code)


@pytest.mark.django_db
def test_a_right_code_forgets_the_wrong_ones(customer: BranchCustomer) -> None:
    code = send(customer)
    for _ in range(4):
        with pytest.raises(codes.WrongCode):
            give(customer, another(code))
    assert ratelimit.peek(codes.CODE_TRIES, str(customer.user_id)) == 4
    give(customer, code)
    assert ratelimit.peek(codes.CODE_TRIES, str(customer.user_id)) == 0


@pytest.mark.django_db
def test_the_message_says_amount_and_payee(customer: BranchCustomer) -> None:
    code = send(customer, about="KES 5,000.00 to WANJIKU M.")
    (body,) = sent_bodies(customer)
    expected = f"{code} is your Wekeza code to pay KES 5,000.00 to WANJIKU M. Nobody from the bank will ask for it."
    assert body == expected


@pytest.mark.django_db
def test_a_long_foreign_name_still_fits_one_sms(customer: BranchCustomer) -> None:
    send(customer, about="KES 5,000.00 to " + "NGŪGĨ 王 " * 30)
    (body,) = sent_bodies(customer)
    assert len(body) <= 160
    assert body.isascii()
    assert "KES 5,000.00 to NGUGI" in body
    assert body.endswith("Nobody from the bank will ask for it.")


@pytest.mark.django_db
def test_the_number_is_shown_masked(customer: BranchCustomer) -> None:
    send(customer)
    row = OneTimeCode.objects.get()
    assert row.sent_to.endswith(customer.phone_number[-3:])
    assert customer.phone_number not in row.sent_to


@pytest.mark.django_db
def test_an_error_while_comparing_is_a_refusal(customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    code = send(customer)
    monkeypatch.setattr(codes, "constant_time_compare", broken)
    with pytest.raises(ZeroDivisionError):
        give(customer, code)
    assert OneTimeCode.objects.get().used_at is None


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_with_the_right_code_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = CustomerFactory()
    monkeypatch.setattr(codes, "CODE_TRIES", ratelimit.Policy("generous", 100, timedelta(minutes=30)))
    code = send(customer)
    results = at_once([lambda: give(customer, code)] * 20)
    assert results.count(None) == 1
    assert sum(isinstance(result, codes.CodeUsedUp) for result in results) == 19


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_code_would_pass_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race the lock prevents, shown with the lock taken away and every thread held at the comparison."""
    import threading

    from django.db.models import QuerySet

    customer = CustomerFactory()
    monkeypatch.setattr(codes, "CODE_TRIES", ratelimit.Policy("generous", 100, timedelta(minutes=30)))
    monkeypatch.setattr(codes.ratelimit, "consume", lambda *_: None)
    code = send(customer)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    together, compare = threading.Barrier(5), codes.constant_time_compare

    def wait_and_compare(one: str, other: str) -> bool:
        together.wait(timeout=30)
        return bool(compare(one, other))

    monkeypatch.setattr(codes, "constant_time_compare", wait_and_compare)
    results = at_once([lambda: give(customer, code)] * 5)
    assert results.count(None) == 5


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_wrong_tries_five_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = CustomerFactory()
    monkeypatch.setattr(codes, "CODE_TRIES", ratelimit.Policy("generous", 100, timedelta(minutes=30)))
    code = send(customer)
    results = at_once([lambda: give(customer, another(code))] * 20)
    assert sum(isinstance(result, codes.WrongCode) for result in results) == 5
    assert sum(isinstance(result, codes.CodeUsedUp) for result in results) == 15
