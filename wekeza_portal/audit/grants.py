"""The privileges the serving user needs, and no more: exact to the table, on the branch's tables to the column."""

from collections.abc import Iterator

from django.db import connection

from wekeza_portal.audit.tables import APPEND_ONLY, INSTRUCTION, INSTRUCTION_MOVES
from wekeza_portal.branch.introspection import columns
from wekeza_portal.branch.schema import existing_branch_tables
from wekeza_portal.branch.written import INSERTED, WRITTEN, WRITTEN_IF_THERE


def statements(user: str) -> Iterator[str]:
    """GRANT statements for `user`, written as the server writes it: 'portal'@'10.0.0.%'. MySQL and MariaDB only.

    Run by the owner after each `migrate`. Nothing here can change the schema, and of the append-only tables rows can
    only be read and added. ValueError if `user` is not so written.
    """
    _assert_user(user)
    quote = connection.ops.quote_name
    database = quote(str(connection.settings_dict["NAME"]))
    for table, privileges in _needed():
        yield f"GRANT {privileges} ON {database}.{quote(table)} TO {user};"
    if not getattr(connection, "mysql_is_mariadb", False):
        # MySQL lets nobody read a row FOR UPDATE on SELECT alone; reversals lock the posting they undo.
        yield f"GRANT LOCK TABLES ON {database}.* TO {user};"


def _assert_user(user: str) -> None:
    name, at, host = user.partition("@")
    for part in (name, host):
        if not at or len(part) < 3 or part[0] + part[-1] != "''" or set(part[1:-1]) & set("'\\`;"):
            raise ValueError(f"write the user as 'name'@'host', not {user}")


def _needed() -> Iterator[tuple[str, str]]:
    for table in existing_branch_tables(connection):
        yield table, _on_branch_table(table)
    for table in sorted(connection.introspection.django_table_names(only_existing=True, include_views=False)):
        yield table, _on_our_table(table)
    yield "django_migrations", "SELECT"


def _on_our_table(table: str) -> str:
    if table in APPEND_ONLY:
        return "SELECT, INSERT"
    if table == INSTRUCTION:
        return f"SELECT, INSERT, UPDATE ({', '.join(map(connection.ops.quote_name, INSTRUCTION_MOVES))}), DELETE"
    return "SELECT, INSERT, UPDATE, DELETE"


def _on_branch_table(table: str) -> str:
    if table in INSERTED:
        return "SELECT, INSERT"
    written = WRITTEN.get(table, frozenset()) | (WRITTEN_IF_THERE.get(table, frozenset()) & columns(table))
    names = ", ".join(connection.ops.quote_name(name) for name in sorted(written))
    return f"SELECT, UPDATE ({names})" if names else "SELECT"
