"""Codes of the authenticator: one code once, also when tried twenty times at once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django_otp.oath import totp as stock_totp

from accounts.models import User
from tests.together import at_once
from wekeza_portal import oath
from wekeza_portal.staff import totp
from wekeza_portal.staff.models import StaffTotp
from wekeza_portal.staff.tests.scenes import code_of, staff

NOON = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)


def code_at(user: User, step: int) -> str:
    key = bytes.fromhex(totp._key(StaffTotp.objects.get(user=user)))
    return f"{stock_totp(key, t0=-(step * 30)):06d}"


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_code_works_once() -> None:
    user = staff()
    code = code_of(user)
    assert totp.use(user.pk, code) is not None
    assert totp.use(user.pk, code) is None


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(("step", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(step: int, good: bool) -> None:
    user = staff()
    assert (totp.use(user.pk, code_at(user, step)) is not None) is good


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_later_code_voids_the_earlier_ones() -> None:
    user = staff()
    assert totp.use(user.pk, code_at(user, 1)) is not None
    assert totp.use(user.pk, code_at(user, 0)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", " 12345", "-12345", "0x1234"])
def test_only_six_plain_digits_are_a_code(odd: str) -> None:
    assert totp.use(staff().pk, odd) is None


@pytest.mark.django_db
def test_somebody_elses_code_is_no_code() -> None:
    with time_machine.travel(NOON, tick=False):
        user, stranger = staff(), staff()
        assert code_of(user) != code_of(stranger)
        assert totp.use(stranger.pk, code_of(user)) is None


@pytest.mark.django_db
def test_a_new_key_voids_the_old_one() -> None:
    user = staff()
    old = code_of(user)
    totp.new_device(user.pk)
    assert totp.use(user.pk, old) is None
    assert StaffTotp.objects.filter(user=user).count() == 1


@pytest.mark.django_db
def test_the_demo_phone_shows_the_next_code_once_one_is_used() -> None:
    with time_machine.travel(NOON, tick=False) as time:
        user = staff()
        first, device = code_of(user), StaffTotp.objects.get(user=user)
        totp.use(user.pk, first)
        second = code_of(user)
        assert second != first
        assert totp.use(user.pk, second) is not None
        device.refresh_from_db()
        assert totp.current_code(device) is None
        time.shift(timedelta(seconds=30))
        assert totp.use(user.pk, code_of(user)) is not None


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_one_succeeds() -> None:
    user = staff()
    code = code_of(user)
    answers = at_once([lambda: totp.use(user.pk, code)] * 20)
    assert [a for a in answers if isinstance(a, Exception)] == []
    assert len([a for a in answers if a is not None]) == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_one_code_would_open_the_door_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: with the lock taken away and everybody held at the comparison, all of them get through."""
    import threading

    user = staff()
    code = code_of(user)
    barrier = threading.Barrier(5)
    compare = oath.step_of

    def held(key: str, code: str, last_step: int) -> int | None:
        barrier.wait(timeout=30)
        return compare(key, code, last_step)

    monkeypatch.setattr(oath, "step_of", held)
    from django.db.models import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    answers = at_once([lambda: totp.use(user.pk, code)] * 5)
    assert len([a for a in answers if isinstance(a, StaffTotp)]) == 5
