"""Prepares, fills and refills the demo bank in the configured database."""

from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction

from wekeza_portal import clock, registry
from wekeza_portal.branch import schema
from wekeza_portal.branch.demobank.bank import DemoBank
from wekeza_portal.branch.demobank.store import write_bank
from wekeza_portal.branch.models import DemoMarker
from wekeza_portal.models import DatedRow

# What a refill leaves alone: whose the tables are, who may do what, and the trail that nothing may shorten.
_KEPT_APPS = {"auth", "contenttypes", "audit", "migrations"}


def prepare(*, reset: bool = False) -> DemoBank | None:
    """Make the branch's tables if there are none, and fill them once; None if there was nothing to do.

    Raises BranchTablesPresent, having written nothing, where branch tables exist that the demo bank did not make.
    """
    _refuse_foreign_tables()
    if not reset and schema.demo_tables_are_ours() and is_filled():
        return None
    call_command("migrate", verbosity=0, interactive=False)
    schema.claim_for_demo(connection)
    schema.create_branch_tables(connection)
    with transaction.atomic():
        if reset:
            _empty()
        return fill()


def is_filled() -> bool:
    """Whether anybody banks here already."""
    if "users" not in schema.existing_branch_tables(connection):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM users LIMIT 1")
        return cursor.fetchone() is not None


def fill() -> DemoBank:
    """Write the branch's side, then let every app add its own. The caller holds the transaction."""
    bank = write_bank(clock.now())
    for _name, seed in registry.demo_seeders.items():
        seed(bank)
    return bank


def _refuse_foreign_tables() -> None:
    present = schema.existing_branch_tables(connection)
    if present and not schema.demo_tables_are_ours():
        raise schema.BranchTablesPresent(present)


def _empty() -> None:
    """Everything but what is listed above and the dated figures, which migrations seed."""
    quote = connection.ops.quote_name
    schema.truncate_branch_tables(connection)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if _is_refilled(model):
                cursor.execute(f"DELETE FROM {quote(model._meta.db_table)}")  # noqa: S608 - names are our own


def _is_refilled(model: type[models.Model]) -> bool:
    options = model._meta
    return (
        options.managed
        and not options.proxy
        and options.app_label not in _KEPT_APPS
        and model is not DemoMarker
        and not issubclass(model, DatedRow)
    )
