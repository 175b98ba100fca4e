"""Optional columns are used where they are and not missed where they are not."""

from datetime import datetime

import pytest
import time_machine
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.factories import CustomerFactory
from wekeza_portal import clock
from wekeza_portal.branch import introspection
from wekeza_portal.branch.schema import create_branch_tables


def test_a_table_that_is_not_there_has_no_columns_and_is_asked_for_again(scratch: BaseDatabaseWrapper) -> None:
    assert introspection.columns("users") == frozenset()
    create_branch_tables(scratch)
    assert {"user_id", "email", "password_hash"} <= introspection.columns("users")


def test_columns_are_read_once(scratch: BaseDatabaseWrapper, django_assert_num_queries: pytest.FixtureRequest) -> None:
    create_branch_tables(scratch)
    introspection.columns("users")
    with django_assert_num_queries(0, connection=scratch):
        assert introspection.has_column("users", "email")
        assert not introspection.has_column("users", "user_type")


@pytest.mark.mariadb
def test_updated_at_carries_our_clock_and_not_the_databases(scratch: BaseDatabaseWrapper) -> None:
    create_branch_tables(scratch)
    customer, stranger = CustomerFactory(), CustomerFactory()
    with time_machine.travel(datetime(2026, 3, 1, 9, 30, tzinfo=clock.NAIROBI), tick=False):
        introspection.stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    with scratch.cursor() as cursor:
        cursor.execute("SELECT user_id, updated_at FROM users")
        found = dict(cursor.fetchall())
    assert found[customer.user_id] == datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - as the database has it
    assert found[stranger.user_id] != found[customer.user_id]


def test_stamping_does_nothing_where_there_is_no_such_column(scratch: BaseDatabaseWrapper) -> None:
    create_branch_tables(scratch, "scripts")
    customer = CustomerFactory()
    introspection.stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    customer.refresh_from_db()
    assert not introspection.has_column("users", "updated_at")
