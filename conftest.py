"""Fixtures that every test shares: the branch's tables, seeded figures, the cast."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Build the branch's side of the test database from its own DDL, never from our models' migrations."""
    from wekeza_portal.branch.schema import create_branch_tables

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        create_branch_tables(connection)


@pytest.fixture(autouse=True)
def _leave_the_branch_clean(request: pytest.FixtureRequest) -> None:
    """After a test that really commits, empty the branch's tables (Django's flush skips them) and seed again."""
    yield  # type: ignore[misc]
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("django_db_blocker")
        from tests.support import reset_committed_data

        with request.getfixturevalue("django_db_blocker").unblock():
            reset_committed_data()
