"""A database of its own for tests that make, drop or damage tables."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from wekeza_portal.branch import introspection


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """An empty database that is the default one for as long as the test runs. Nothing in it is rolled back."""
    usual = connections["default"]
    is_mysql = usual.vendor == "mysql"
    name = f"scratch_{uuid.uuid4().hex[:12]}" if is_mysql else str(tmp_path / "scratch.sqlite3")
    with django_db_blocker.unblock():
        if is_mysql:
            _execute(usual, f"CREATE DATABASE {name}")
        fresh = usual.copy()
        fresh.settings_dict = {**usual.settings_dict, "NAME": name}
        connections["default"] = fresh
        introspection.forget()
        try:
            yield fresh
        finally:
            fresh.close()
            connections["default"] = usual
            introspection.forget()
            if is_mysql:
                _execute(usual, f"DROP DATABASE {name}")


def _execute(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
