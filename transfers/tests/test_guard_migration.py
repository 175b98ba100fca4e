"""What was counted and held before stays: the rows of one person become one."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import KnownPayeeFactory, SavedPayeeFactory, ScamPauseFactory
from transfers.models import KnownPayee, SavedPayee, ScamPause
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
migration = import_module("transfers.migrations.0070_guard_keys")
D = Decimal


def known(customer_id: int, key: str, hours: int, amount: str) -> KnownPayee:
    first_at = clock.now() - timedelta(hours=hours)
    return KnownPayeeFactory(customer_id=customer_id, guard_key=key, first_at=first_at, first_day_sum=D(amount))


def test_the_wallets_of_one_person_become_one_row_that_keeps_the_oldest_day_and_every_shilling() -> None:
    oldest = known(1, "mobile:MPESA:254722000111", 20, "60000")
    known(1, "mobile:AIRTEL_MONEY:254722000111", 10, "30000")
    known(1, "airtime:254722000111", 5, "100")
    known(2, "mobile:MPESA:254722000111", 3, "7")
    known(1, "bank:01:1234567", 3, "8")
    migration.merge(apps, connection.schema_editor())
    rows = {(row.customer_id, row.guard_key): row for row in KnownPayee.objects.all()}
    assert {key: row.first_day_sum for key, row in rows.items()} == {
        (1, "phone:254722000111"): D("90100"),
        (2, "phone:254722000111"): D("7"),
        (1, "bank:01:1234567"): D("8"),
    }
    assert rows[1, "phone:254722000111"].first_at == oldest.first_at


def test_accounts_of_one_owner_become_one_row() -> None:
    known(1, "wekeza:ACC1:abc", 20, "1")
    known(1, "wekeza:ACC2:abc", 10, "2")
    known(1, "wekeza:ACC2:other", 10, "4")
    migration.merge(apps, connection.schema_editor())
    assert dict(KnownPayee.objects.values_list("guard_key", "first_day_sum")) == {
        "wekeza-owner:abc": D("3"), "wekeza-owner:other": D("4")
    }  # fmt: skip


def test_kept_payees_and_holds_get_their_person() -> None:
    SavedPayeeFactory(payee_key="mobile:TKASH:254722000111", guard_key="")
    ScamPauseFactory(payee_key="wekeza:ACC1:abc", guard_key="")
    migration.fill(apps, connection.schema_editor())
    assert SavedPayee.objects.get().guard_key == "phone:254722000111"
    assert ScamPause.objects.get().guard_key == "wekeza-owner:abc"


def test_doing_it_twice_changes_nothing() -> None:
    known(1, "mobile:MPESA:254722000111", 20, "60000")
    for _ in range(2):
        migration.merge(apps, connection.schema_editor())
    assert KnownPayee.objects.get().first_day_sum == D("60000")
