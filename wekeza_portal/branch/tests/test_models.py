"""Our models say of the branch's tables what both lineages of its schema say."""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from tests import factories
from wekeza_portal.branch import ddl, drift
from wekeza_portal.branch.schema import create_branch_tables, unmanaged_models

KINDS = {
    models.AutoField: {"int"},
    models.IntegerField: {"int"},
    models.BooleanField: {"tinyint(1)"},
    models.DateField: {"date"},
    models.DateTimeField: {"datetime", "timestamp"},
    models.TextField: {"text"},
}


def _fields() -> Iterator[tuple[str, models.Field]]:
    for table, model in unmanaged_models().items():
        for field in model._meta.local_concrete_fields:
            yield table, field


FIELDS = list(_fields())
IDS = [f"{table}.{field.column}" for table, field in FIELDS]


def _target(field: models.Field) -> models.Field:
    return field.target_field if isinstance(field, models.ForeignKey) else field


def _misfit(field: models.Field, column: ddl.Column) -> str:
    """Why a value of this field would not fit the column; empty if it does."""
    field = _target(field)
    if isinstance(field, models.DecimalField):
        wanted = f"decimal({field.max_digits},{field.decimal_places})"
        return "" if column.type == wanted else f"{column.type} is not {wanted}"
    if isinstance(field, models.CharField):
        return _misfit_of_text(field, column)
    return "" if column.type in KINDS[type(field)] else f"{column.type} does not hold {type(field).__name__}"


def _misfit_of_text(field: models.CharField, column: ddl.Column) -> str:
    if column.enum_values:
        strange = {value for value, _ in field.choices or ()} - set(column.enum_values)
        longest = max(len(value) for value in column.enum_values)
        if longest > (field.max_length or 0):
            return f"max_length {field.max_length} is shorter than the longest value"
        return f"choices {strange} are unknown to the branch" if strange else ""
    if not column.type.startswith("varchar("):
        return f"{column.type} is not text"
    length = int(column.type[8:-1])
    return "" if (field.max_length or 0) <= length else f"max_length {field.max_length} exceeds {length}"


def _null_misfit(field: models.Field, columns: list[ddl.Column]) -> str:
    if field.null and not all(column.nullable for column in columns):
        return "the model allows NULL, a lineage refuses it"
    return ""


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=IDS)
def test_every_mapped_column_is_in_both_lineages_and_fits(table: str, field: models.Field) -> None:
    columns = [ddl.load(lineage)[table].columns.get(field.column) for lineage in ddl.LINEAGES]
    assert all(columns), f"{field.column} is not in both lineages"
    known = [column for column in columns if column]
    misfits = [_misfit(field, column) for column in known] + [_null_misfit(field, known)]
    assert [text for text in misfits if text] == []


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=IDS)
def test_the_fit_is_really_looked_at(table: str, field: models.Field) -> None:
    """The comparison above must be able to fail: nothing fits a column of another type."""
    del table
    assert _misfit(field, ddl.Column("other", "blob", nullable=True, fills_itself=True))


def test_no_mapped_table_is_managed_or_tied_by_the_database() -> None:
    for model in unmanaged_models().values():
        assert not model._meta.managed
    for _, field in FIELDS:
        if isinstance(field, models.ForeignKey):
            assert not field.db_constraint, field
            assert field.remote_field.on_delete is models.DO_NOTHING, field


@pytest.mark.mariadb
@pytest.mark.parametrize("lineage", ddl.LINEAGES)
def test_every_mapped_table_can_be_filled_and_read_in_both_lineages(
    scratch: BaseDatabaseWrapper, lineage: ddl.Lineage
) -> None:
    create_branch_tables(scratch, lineage)
    for model in unmanaged_models().values():
        assert list(model._base_manager.all()[:5]) == []
    for factory in _branch_factories():
        row = factory()
        assert type(row)._base_manager.get(pk=row.pk) == row


@pytest.mark.mariadb
@pytest.mark.parametrize("lineage", ddl.LINEAGES)
def test_the_lineage_is_recognised(scratch: BaseDatabaseWrapper, lineage: ddl.Lineage) -> None:
    create_branch_tables(scratch, lineage)
    assert drift.lineage_of(drift.live_tables(scratch)) == lineage


def _branch_factories() -> list[type[factories.BranchRow]]:
    return [factory for factory in factories.BranchRow.__subclasses__() if not factory._meta.abstract]
