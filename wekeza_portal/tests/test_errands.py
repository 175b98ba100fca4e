"""What a request leaves for the worker: unreadable, done once, not lost."""

from datetime import timedelta

import pytest

from tests.together import at_once
from wekeza_portal import clock, errands
from wekeza_portal.models import Errand

pytestmark = pytest.mark.django_db


def test_an_errand_is_done_once_and_gone() -> None:
    seen: list[dict[str, str]] = []
    errands.leave("call", {"whom": "wanjiku"})
    errands.leave("other", {"whom": "a stranger"})
    assert errands.run("call", seen.append) == 1
    assert errands.run("call", seen.append) == 0
    assert seen == [{"whom": "wanjiku"}]
    assert Errand.objects.get().kind == "other"


def test_the_oldest_is_done_first_and_no_more_than_asked_for() -> None:
    seen: list[dict[str, str]] = []
    for number in range(3):
        errands.leave("call", {"number": str(number)})
    assert errands.run("call", seen.append, limit=2) == 2
    assert [what["number"] for what in seen] == ["0", "1"]


def test_the_table_does_not_show_what_it_is_about() -> None:
    assert "wanjiku" not in errands.leave("call", {"whom": "wanjiku@example.com"}).data


def test_an_errand_that_fails_stays() -> None:
    def broken(_: dict[str, str]) -> None:
        raise ZeroDivisionError

    errands.leave("call", {})
    with pytest.raises(ZeroDivisionError):
        errands.run("call", broken)
    assert Errand.objects.count() == 1


def test_one_that_nobody_could_do_is_forgotten() -> None:
    errands.leave("call", {})
    assert errands.forget_old(clock.now() - timedelta(days=1)) == 0
    assert errands.forget_old(clock.now() + timedelta(seconds=1)) == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_do_each_errand_once() -> None:
    for number in range(8):
        errands.leave("call", {"number": str(number)})
    seen: list[str] = []
    done = at_once([lambda: errands.run("call", lambda what: seen.append(what["number"]))] * 4)
    assert sum(count for count in done if isinstance(count, int)) == 8
    assert sorted(seen) == [str(number) for number in range(8)]
