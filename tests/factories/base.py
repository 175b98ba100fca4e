"""What all factories share: a row of a branch table, one password, moments and codes."""

import uuid
from functools import lru_cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.db import connection, models

from wekeza_portal import clock
from wekeza_portal.branch.introspection import columns

PASSWORD = "correct horse battery 9"


@lru_cache
def password_hash(hasher: str) -> str:
    """Argon2 is slow on purpose: one hash serves all test users."""
    return make_password(PASSWORD)


class BranchRow(factory.django.DjangoModelFactory):
    """A row of a branch table. `extra` holds columns that our model leaves out and the live table may have."""

    class Meta:
        abstract = True

    extra = factory.LazyFunction(dict)

    @classmethod
    def _create(cls, model_class: type[models.Model], *args: Any, **kwargs: Any) -> models.Model:
        table = model_class._meta.db_table
        extra = {name: value for name, value in kwargs.pop("extra").items() if name in columns(table)}
        if not extra:
            return super()._create(model_class, *args, **kwargs)
        row = model_class(**kwargs)
        row.pk = _insert(row, extra)
        row._state.adding = False
        row._state.db = connection.alias
        return row


def _insert(row: models.Model, extra: dict[str, Any]) -> Any:
    values = dict(extra)
    for field in row._meta.local_concrete_fields:
        value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
        if not (field.primary_key and value is None):
            values[field.column] = value
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in values)
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(row._meta.db_table)} ({names}) VALUES ({places})", list(values.values()))  # noqa: S608
        return row.pk if row.pk is not None else cursor.lastrowid


def now() -> Any:
    return factory.LazyFunction(clock.now)


def code(prefix: str) -> Any:
    """An id in the branch's way, prefix and hex, at most 20 characters and never the same twice."""
    return factory.LazyFunction(lambda: f"{prefix}{uuid.uuid4().hex[:14].upper()}")
