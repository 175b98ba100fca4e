"""Putting what is stored encrypted under the newest of FIELD_KEYS, so that an older one that leaked opens none of it.

Row by row, each in a transaction of its own and under its lock: whatever is interrupted goes on where it was, and
nobody who writes meanwhile is overwritten. Old keys stay in FIELD_KEYS all the same: digests and seals need them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from wekeza_portal import crypto
from wekeza_portal.registry import EncryptedColumn, encrypted_columns

AT_ONCE = 200
"""Keys read in one look; values are read one by one, because files are megabytes."""


@dataclass(slots=True)
class Found:
    """What was met in one column."""

    name: str
    newest: int = 0
    renewed: int = 0
    older: int = 0
    """Under an older key, and left there: only looked at."""
    unreadable: int = 0


def renew() -> Iterator[Found]:
    """Walk every column, one after the other, and put each value under the newest key."""
    for name, column in encrypted_columns.items():
        yield _walk(name, column, changes=True)


def look() -> Iterator[Found]:
    """Walk likewise and change nothing."""
    for name, column in encrypted_columns.items():
        yield _walk(name, column, changes=False)


def _walk(name: str, column: EncryptedColumn, *, changes: bool) -> Found:
    found, rows = Found(name), _rows(column)
    after: Any = None
    while True:
        some = rows if after is None else rows.filter(pk__gt=after)
        keys = list(some.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        for key in keys:
            _meet(rows, column.column, key, found, changes=changes)
        if len(keys) < AT_ONCE:
            return found
        after = keys[-1]


@transaction.atomic
def _meet(rows: QuerySet[Any], column: str, key: Any, found: Found, *, changes: bool) -> None:
    row = rows.filter(pk=key).only("pk", column).select_for_update().first()
    if row is None:
        return  # sent, blanked or deleted meanwhile
    value = getattr(row, column)
    is_text = isinstance(value, str)
    token = value.encode() if is_text else bytes(value)
    if crypto.is_newest(token):
        found.newest += 1
        return
    try:
        renewed = crypto.renewed(token)
    except InvalidToken:
        found.unreadable += 1
        return
    if not changes:
        found.older += 1
        return
    setattr(row, column, renewed.decode() if is_text else renewed)
    row.save(update_fields=[column])
    found.renewed += 1


def _rows(column: EncryptedColumn) -> QuerySet[Any]:
    manager: Any = apps.get_model(column.model)._base_manager
    rows: QuerySet[Any] = manager.filter(column.where)
    return rows
