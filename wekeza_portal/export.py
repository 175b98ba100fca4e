"""Rows as data a customer can take along: plain JSON, amounts as texts, times of Nairobi."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from wekeza_portal import clock


def rows(query: QuerySet[Any, Any], *columns: str) -> list[dict[str, Any]]:
    """The named columns of every row, by primary key: what is not named is not exported."""
    return [
        {name: plain(value) for name, value in row.items()} for row in query.order_by("pk").values(*columns).iterator()
    ]


def columns_of(model: type[Model], *but: str) -> list[str]:
    """All columns of a table except some: for the branch's tables, whose new columns are the customer's data too."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in but]


def plain(value: Any) -> Any:
    """A value JSON can hold without losing a cent or a time zone. TypeError on what it does not know."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(clock.NAIROBI).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"not exported: {type(value).__name__}")


def labels(models: Iterable[type[Model]]) -> tuple[str, ...]:
    """The models' labels, as the registry wants them."""
    return tuple(model._meta.label for model in models)
