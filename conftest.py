"""Fixtures that every test shares: the branch's tables and the seeded figures."""

import os
from collections.abc import Generator, Iterator
from typing import Any

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import Settings
from pytest_django.plugin import blocking_manager_key

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # how fast the machine is says nothing about a rule


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Build the branch's side of the test database from its own DDL, never from our models' migrations."""
    from tests.support import is_test_database
    from wekeza_portal.branch.schema import create_branch_tables

    if not is_test_database():
        return  # no collected test asked for one: this is still the database of the settings
    with django_db_blocker.unblock():
        create_branch_tables(connection, lineage="live")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What one test's bank taught the process (whether ids follow dates) is not true of the next one's."""
    cache.clear()


@pytest.fixture
def railsim(settings: Settings) -> Iterator[Any]:
    """The rail simulator on a free port, the portal's settings pointing at it: see tests/rails.py."""
    from tests.rails import played

    with played(settings) as simulator:
        yield simulator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """After a test that really commits, empty the branch's tables, which Django's flush skips, and seed again."""
    yield
    if nextitem is None:
        return  # the test database itself is gone by now
    marker = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    if "transactional_db" in fixtures or (marker and marker.kwargs.get("transaction")):
        from tests.support import reset_committed_data

        with item.config.stash[blocking_manager_key].unblock():
            reset_committed_data()
