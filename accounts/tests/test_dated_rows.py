"""Figures explain what was charged: no row begins today or before, and none in force is changed or taken away."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts import seeds
from accounts.models import Fee, Limit
from wekeza_portal import clock
from wekeza_portal.models import BackDatedRow

pytestmark = pytest.mark.django_db


def fee(days: int, by: str = "RISK001, RISK002") -> Fee:
    begins = clock.today() + timedelta(days=days)
    return Fee(code=Fee.Code.INTERNAL_TRANSFER, amount="30.00", effective_from=begins, created_by=by)


@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_row_somebody_made_cannot_begin_today_or_before(days: int) -> None:
    before = Fee.objects.count()
    with pytest.raises(BackDatedRow):
        fee(days).save(force_insert=True)
    with pytest.raises(BackDatedRow):
        Fee.objects.create(
            code="INTERNAL_TRANSFER",
            amount="1.00",
            effective_from=clock.today() + timedelta(days=days),
            created_by="RISK001",
        )
    assert Fee.objects.count() == before


def test_a_row_from_tomorrow_is_added_and_may_be_taken_back_before_it_begins() -> None:
    row = fee(1)
    row.save(force_insert=True)
    row.amount = row.amount
    row.save(update_fields=["amount"])
    row.delete()
    assert not Fee.objects.filter(created_by__startswith="RISK").exists()


@pytest.mark.parametrize(
    "change", [{"effective_from": date(2026, 1, 1)}, {"effective_from": clock.today() + timedelta(days=9)}, {}]
)
def test_a_row_in_force_is_neither_moved_nor_rewritten_nor_deleted(change: dict[str, Any]) -> None:
    row = Limit.objects.filter(code="DAILY_OUT").earliest("effective_from")
    row.value = row.value + 1
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(BackDatedRow):
        row.save(update_fields=["value", *change])
    with pytest.raises(BackDatedRow):
        row.delete()
    assert Limit.objects.get(pk=row.pk).value == row.value - 1


def test_a_coming_row_cannot_be_moved_into_the_past() -> None:
    row = fee(5)
    row.save(force_insert=True)
    row.effective_from = clock.today()
    with pytest.raises(BackDatedRow):
        row.save(update_fields=["effective_from"])


def test_seeds_begin_in_the_past_and_are_written_once() -> None:
    before = Fee.objects.count(), Limit.objects.count()
    Fee.objects.all()._raw_delete("default")
    seeds.install(Limit, Fee)
    assert (Fee.objects.count(), Limit.objects.count()) == before
    assert Fee.objects.earliest("effective_from").effective_from == seeds.STARTED
