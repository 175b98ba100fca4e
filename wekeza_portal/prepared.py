"""Queries that every page asks, worked out once per process.

Django takes five to ten times as long to turn a queryset into SQL as the database takes to answer it. What is asked at
every request with other values only is built and compiled the first time; afterwards the values alone are new. The
rows are read by Django as ever: same models, same conversions. Nothing that was read is kept.
"""

import copy
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Field, Q, QuerySet

Row = TypeVar("Row")


class Slot(Expression):
    """The place of a value in a prepared query: `filter(user_id=Slot("user_id", BigIntegerField()))`."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


def any_of(column: str, slots: Iterable[Slot]) -> Q:
    """Rows whose `column` is one of these; Django's own `__in` would look at the values while it builds."""
    return reduce(or_, (Q(**{column: slot}) for slot in slots))


class Prepared(Generic[Row]):
    """`Prepared(build)(user_id=7)`: the rows of the queryset `build()` makes, its slots filled with these values."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Row]"]) -> None:
        self._build = build
        self._worked_out: dict[str, tuple[Any, Any, str, tuple[Any, ...], Any]] = {}

    def __call__(self, **values: Any) -> list[Row]:
        queryset, worked_out, sql, params, converters = self._of(connection.vendor)
        compiler = copy.copy(worked_out)  # of this thread and this call
        compiler.connection = connection
        filled = tuple(_filled(param, values) for param in params)
        compiler.as_sql = lambda *_args, **_kwargs: (sql, filled)
        compiler.get_converters = lambda _expressions: converters
        ready = SimpleNamespace(
            db=DEFAULT_DB_ALIAS,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=lambda *_args, **_kwargs: compiler),
            _known_related_objects={},
        )
        return list(queryset._iterable_class(ready))

    def _of(self, vendor: str) -> tuple[Any, Any, str, tuple[Any, ...], Any]:
        """Query set, compiler, text, parameters, and what makes the driver's values the model's: that asks a
        connection for its time zone, which all have alike."""
        found = self._worked_out.get(vendor)
        if found is None:
            queryset = self._build()
            compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
            converters = compiler.get_converters(columns)
            found = self._worked_out[vendor] = (queryset, compiler, sql, tuple(params), converters)
        return found


def _filled(param: Any, values: dict[str, Any]) -> Any:
    """KeyError where a slot was given no value."""
    if not isinstance(param, Slot):
        return param
    return param.output_field.get_db_prep_value(values[param.name], connection, prepared=False)
