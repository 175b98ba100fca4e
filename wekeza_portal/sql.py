"""The few statements that every payment sends, written out once instead of built each time.

Django builds a query anew whenever it is asked, which takes longer than the database needs to answer it. Here columns
and conversions are still those of the models, so SQLite, MySQL and MariaDB stay interchangeable; only the words of the
statement are ours, and kept. For everything else, the ORM. Names come from models and from our own code, never from a
person; values are always parameters.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Model
from django.db.models.constants import OnConflict

Row = TypeVar("Row", bound=Model)


def line() -> BaseDatabaseWrapper:
    """This thread's connection itself: Django's `connection` looks it up again for every attribute."""
    return connections[DEFAULT_DB_ALIAS]


def run(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute one statement; the rows it answers with, as the driver gives them."""
    with line().cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


def for_update() -> str:
    """What makes a SELECT lock its rows. Nothing on SQLite, where a writing transaction has the whole file."""
    return " FOR UPDATE" if line().features.has_select_for_update else ""


def marks(values: Sequence[Any]) -> str:
    """Placeholders for a list: "%s, %s"."""
    return ", ".join(["%s"] * len(values))


def name(word: str) -> str:
    """A table or column in the quotes of this database."""
    return str(line().ops.quote_name(word))


def prepared(field: Any, value: Any) -> Any:
    """A value as this database keeps it in that column."""
    return field.get_db_prep_save(value, line())


class Rows(Generic[Row]):
    """Reads instances of one model by conditions written as SQL."""

    def __init__(self, model: type[Row]) -> None:
        self._model = model
        self._fields: list[Any] = list(model._meta.concrete_fields)
        self._names = [field.attname for field in self._fields]
        self._texts: dict[tuple[str, str, bool], str] = {}

    def where(self, condition: str, params: Sequence[Any], *, lock: bool = False) -> list[Row]:
        """The rows for "owner_id = %s ORDER BY id", locked until the transaction ends if `lock` says so."""
        db = line()
        key = (db.vendor, condition, lock)
        if key not in self._texts:
            columns = ", ".join(name(field.column) for field in self._fields)
            text = f"SELECT {columns} FROM {name(self._model._meta.db_table)} WHERE {condition}"  # noqa: S608 - own names
            self._texts[key] = text + (for_update() if lock else "")
        return [self._instance(row, db) for row in run(self._texts[key], params)]

    def _instance(self, row: tuple[Any, ...], db: BaseDatabaseWrapper) -> Row:
        values = list(row)
        for place, column, convert in _converters(self._model, db.vendor):
            values[place] = convert(values[place], column, db)
        return self._model.from_db(db.alias, self._names, values)


@cache
def _converters(model: type[Model], vendor: str) -> list[tuple[int, Any, Any]]:
    """What turns the driver's values into the model's: place, column and function, as Django would apply them."""
    fields: list[Any] = list(model._meta.concrete_fields)
    columns = [field.get_col(model._meta.db_table) for field in fields]
    return [
        (place, column, convert)
        for place, column in enumerate(columns)
        for convert in (*line().ops.get_db_converters(column), *column.get_db_converters(line()))
    ]


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]], *, ignore: bool = False) -> int:
    """Insert rows, each naming the same fields, in one statement; the id given to a single one.

    What is not named gets the model's own default: with `ignore` the database would not complain about its absence.
    `ignore`: a row that is there already by a unique key stays as it is, without an error and without a savepoint.
    """
    names = _completed(model, tuple(rows[0]))
    fields: list[Any] = [model._meta.get_field(word) for word in names]
    db = line()
    params = [
        field.get_db_prep_save(row[word] if word in row else field.get_default(), db)
        for row in rows
        for word, field in zip(names, fields, strict=True)
    ]
    with db.cursor() as cursor:
        cursor.execute(_insertion(model, db.vendor, names, len(rows), ignore), params)
        return int(cursor.lastrowid or 0)


@cache
def _completed(model: type[Model], names: tuple[str, ...]) -> tuple[str, ...]:
    """The names and those of the model's other fields, but for a number that the database gives.

    Tables of the branch get no more columns than are named: see docs/branch.md.
    """
    named = {model._meta.get_field(word) for word in names}
    others = [field for field in model._meta.concrete_fields if field not in named and model._meta.managed]
    return (*names, *(field.attname for field in others if not isinstance(field, AutoField)))


@cache
def _insertion(model: type[Model], vendor: str, names: tuple[str, ...], rows: int, ignore: bool) -> str:
    fields: list[Any] = [model._meta.get_field(word) for word in names]
    start = line().ops.insert_statement(on_conflict=OnConflict.IGNORE if ignore else None)
    columns = ", ".join(name(field.column) for field in fields)
    values = ", ".join([f"({marks(names)})"] * rows)
    return f"{start} {name(model._meta.db_table)} ({columns}) VALUES {values}"
