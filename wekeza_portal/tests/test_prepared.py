"""Prepared queries: worked out once, asked anew each time, with other values."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet
from django.test.utils import CaptureQueriesContext

from wekeza_portal import clock
from wekeza_portal.models import RateCounter
from wekeza_portal.prepared import Prepared, Slot

pytestmark = pytest.mark.django_db


def counter(key: str, count: int = 1, age: int = 0) -> RateCounter:
    begun = clock.now() - timedelta(seconds=age)
    return RateCounter.objects.create(policy="p", key=key, count=count, window_start=begun)


def of_key() -> QuerySet[RateCounter]:
    return RateCounter.objects.filter(key=Slot("key", CharField())).order_by("id")


def test_it_gives_the_rows_of_each_value() -> None:
    first, second = counter("a"), counter("b")
    ask = Prepared(of_key)
    assert ask(key="a") == [first]
    assert ask(key="b") == [second]
    assert ask(key="c") == []


def test_the_queryset_is_built_once() -> None:
    built: list[int] = []

    def build() -> QuerySet[RateCounter]:
        built.append(1)
        return of_key()

    ask = Prepared(build)
    ask(key="a")
    ask(key="b")
    assert built == [1]


def test_nothing_that_was_read_is_kept() -> None:
    row = counter("a", count=1)
    ask = Prepared(of_key)
    before = ask(key="a")[0]
    RateCounter.objects.filter(pk=row.pk).update(count=7)
    with CaptureQueriesContext(connection) as queries:
        after = ask(key="a")[0]
    assert len(queries) == 1
    assert (before.count, after.count) == (1, 7)
    assert after is not before


def test_a_value_is_a_value_and_never_part_of_the_statement() -> None:
    counter("a")
    assert Prepared(of_key)(key="a' OR '1'='1") == []
    assert Prepared(of_key)(key="%s") == []


def test_times_are_written_and_read_as_django_does() -> None:
    counter("old", age=3600)
    new = counter("new", age=10)

    def since() -> QuerySet[RateCounter]:
        return RateCounter.objects.filter(window_start__gte=Slot("since", DateTimeField()))

    found = Prepared(since)(since=clock.now() - timedelta(minutes=5))
    assert found == [new]
    assert found[0].window_start == new.window_start


def test_values_lists_come_as_rows() -> None:
    counter("a", count=3)

    def counts() -> "QuerySet[RateCounter, tuple[str, int]]":
        return RateCounter.objects.filter(count__gte=Slot("least", BigIntegerField())).values_list("key", "count")

    assert Prepared(counts)(least=2) == [("a", 3)]
    assert Prepared(counts)(least=4) == []


@pytest.mark.parametrize("values", [{}, {"other": "a"}])
def test_a_slot_left_empty_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        Prepared(of_key)(**values)
