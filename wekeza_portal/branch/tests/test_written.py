"""docs/branch.md tells the truth about what the portal writes."""

import re
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from wekeza_portal.branch import ddl
from wekeza_portal.branch.schema import BRANCH_TABLES
from wekeza_portal.branch.written import INSERTED, WRITTEN, WRITTEN_IF_THERE


def _page() -> str:
    return (Path(settings.BASE_DIR) / "docs" / "branch.md").read_text(encoding="utf-8")


def _pairs(columns: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    return {(table, column) for table, names in columns.items() for column in names}


def test_the_page_lists_exactly_the_columns_we_say_we_write() -> None:
    listed = re.findall(r"^\| ([a-z_]+)\.([a-z_]+) \| [^|]+ \| [^|]+ \|$", _page(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == _pairs(WRITTEN) | _pairs(WRITTEN_IF_THERE)


def test_every_column_we_write_is_in_both_lineages() -> None:
    for lineage in ddl.LINEAGES:
        for table, columns in WRITTEN.items():
            assert columns <= ddl.load(lineage)[table].columns.keys()


def test_what_we_write_only_if_it_is_there_is_in_one_lineage_only() -> None:
    for table, columns in WRITTEN_IF_THERE.items():
        for column in columns:
            assert sum(column in ddl.load(lineage)[table].columns for lineage in ddl.LINEAGES) == 1


def test_where_we_insert_we_fill_whatever_demands_a_value() -> None:
    for lineage in ddl.LINEAGES:
        for table in INSERTED:
            demanded = {c.name for c in ddl.load(lineage)[table].columns.values() if not c.fills_itself}
            assert demanded <= WRITTEN[table]


def test_the_page_names_every_branch_table() -> None:
    assert {table for table in BRANCH_TABLES if not re.search(rf"\b{table}\b", _page())} == set()
