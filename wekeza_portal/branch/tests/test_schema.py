"""Branch tables are made where there are none, and never touched where there are some."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import Account, AccountTransaction, AuthorizationItem, BranchCustomer
from tests.factories import AccountFactory, AuthorizationItemFactory, CustomerFactory, TransactionFactory
from wekeza_portal.branch import ddl, schema
from wekeza_portal.branch.models import DemoMarker

FACTORIES = {
    Account: AccountFactory,
    BranchCustomer: CustomerFactory,
    AuthorizationItem: AuthorizationItemFactory,
}


def _create_command(**options: str) -> str:
    out = StringIO()
    call_command("createbranch", stdout=out, **options)
    return out.getvalue()


def _make_marker_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(DemoMarker)


def test_it_makes_every_table_we_map(scratch: BaseDatabaseWrapper) -> None:
    created = schema.create_branch_tables(scratch)
    assert set(schema.unmanaged_models()) <= set(created)
    assert schema.existing_branch_tables(scratch) == sorted(created)


def test_it_refuses_when_a_single_branch_table_is_there(scratch: BaseDatabaseWrapper) -> None:
    with scratch.cursor() as cursor:
        cursor.execute("CREATE TABLE branches (branch_id INT PRIMARY KEY)")
    with pytest.raises(schema.BranchTablesPresent) as refusal:
        schema.create_branch_tables(scratch)
    assert refusal.value.tables == ["branches"]
    assert schema.existing_branch_tables(scratch) == ["branches"]


def test_the_command_refuses_in_plain_words_and_changes_nothing(scratch: BaseDatabaseWrapper) -> None:
    _create_command()
    before = schema.existing_branch_tables(scratch)
    with pytest.raises(CommandError, match="Nothing was changed"):
        _create_command()
    assert schema.existing_branch_tables(scratch) == before


def test_the_demo_banks_own_creation_goes_on_where_it_was_interrupted(scratch: BaseDatabaseWrapper) -> None:
    _make_marker_table()
    schema.claim_for_demo(scratch)
    schema.create_branch_tables(scratch)
    with scratch.cursor() as cursor:
        cursor.execute("DROP TABLE fixed_deposits")
    assert "fixed_deposits" in schema.create_branch_tables(scratch)
    assert "nothing was changed" in _create_command()


def test_the_demo_bank_cannot_claim_tables_that_others_made(scratch: BaseDatabaseWrapper) -> None:
    _make_marker_table()
    schema.create_branch_tables(scratch)
    with pytest.raises(schema.BranchTablesPresent):
        schema.claim_for_demo(scratch)
    assert not schema.demo_tables_are_ours()


def test_claiming_twice_leaves_one_marker(scratch: BaseDatabaseWrapper) -> None:
    _make_marker_table()
    schema.claim_for_demo(scratch)
    schema.claim_for_demo(scratch)
    assert DemoMarker.objects.count() == 1
    assert schema.demo_tables_are_ours()


def test_without_its_table_there_is_no_marker(scratch: BaseDatabaseWrapper) -> None:
    assert not schema.demo_tables_are_ours()


def test_truncating_empties_every_branch_table_and_nothing_else(scratch: BaseDatabaseWrapper) -> None:
    _make_marker_table()
    schema.claim_for_demo(scratch)
    schema.create_branch_tables(scratch)
    TransactionFactory()
    schema.truncate_branch_tables(scratch)
    for model in schema.unmanaged_models().values():
        assert not model._base_manager.exists()
    assert DemoMarker.objects.count() == 1


@pytest.mark.mariadb
def test_foreign_keys_are_watched_again_after_truncating(scratch: BaseDatabaseWrapper) -> None:
    schema.create_branch_tables(scratch)
    schema.truncate_branch_tables(scratch)
    with pytest.raises(DatabaseError):
        AccountTransaction.objects.create(
            account_id=999_999, txn_type="DEPOSIT", amount=1, reference_code="X", created_at="2026-11-23T10:00+03:00"
        )


@pytest.mark.mariadb
def test_a_branch_insert_that_names_few_columns_gets_the_branchs_defaults(scratch: BaseDatabaseWrapper) -> None:
    schema.create_branch_tables(scratch)
    with scratch.cursor() as cursor:
        cursor.execute("INSERT INTO users (full_name, email, password_hash) VALUES ('A', 'a@b.c', 'x')")
        cursor.execute("INSERT INTO accounts (account_number, user_id) VALUES ('ACC1', LAST_INSERT_ID())")
    account = Account.objects.select_related("customer").get()
    assert (account.balance, account.currency, account.status) == (0, "KES", "ACTIVE")
    assert account.customer is not None
    assert account.customer.kyc_tier == "TIER_1"
    assert account.customer.is_active


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (Account, "status", "CLOSED"),
        (BranchCustomer, "kyc_tier", "TIER_9"),
        (AuthorizationItem, "status", "COMPLETED"),
        (AuthorizationItem, "transaction_type", "LOAN_REPAYMENT"),
    ],
)
def test_a_value_the_branch_does_not_know_is_refused_on_either_engine(
    model: type[models.Model], field: str, value: str
) -> None:
    row = {Account: AccountFactory, BranchCustomer: CustomerFactory, AuthorizationItem: AuthorizationItemFactory}[
        model
    ]()
    setattr(row, field, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(update_fields=[field])
    row.refresh_from_db()
    assert getattr(row, field) != value


@pytest.mark.django_db
def test_a_text_longer_than_the_branchs_column_is_refused_on_either_engine() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        TransactionFactory(description="x" * 256)
    assert TransactionFactory(description="x" * 255).pk


@pytest.mark.django_db
def test_a_reference_can_not_be_used_twice_on_either_engine() -> None:
    TransactionFactory(reference_code="TRF12345678_OUT")
    with pytest.raises(DatabaseError), transaction.atomic():
        TransactionFactory(reference_code="TRF12345678_OUT")


@pytest.mark.sqlite
def test_sqlite_holds_every_enum_the_branch_has(scratch: BaseDatabaseWrapper) -> None:
    schema.create_branch_tables(scratch)
    with scratch.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        made = dict(cursor.fetchall())
    for table, model in schema.unmanaged_models().items():
        for field in model._meta.local_concrete_fields:
            for value in ddl.load("live")[table].columns[field.column].enum_values:
                assert f"'{value}'" in made[table], f"{table}.{field.column}"
