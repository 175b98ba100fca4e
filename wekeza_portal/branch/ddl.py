"""Reads schema.sql and schema_scripts.sql: the branch's tables as the branch has them, for building and comparing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Lineage = Literal["live", "scripts"]
LINEAGES: tuple[Lineage, ...] = ("live", "scripts")

_TABLE = re.compile(r"CREATE TABLE (\w+) \(\n(.*?)\n\)[^;]*;", re.DOTALL)
_COLUMN = re.compile(r"  ([a-z_]+) (\w+(?:\([^)]*\))?)( NOT NULL| NULL)( AUTO_INCREMENT| DEFAULT .*)?,?")
_INTEGER_WIDTH = re.compile(r"^(int|bigint|smallint)\(\d+\)$")
_ENUM_VALUE = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is normalised by `normal_type`."""

    name: str
    type: str
    nullable: bool
    fills_itself: bool
    """True if an INSERT may leave it out: it has a default, counts up, or takes NULL."""

    @property
    def enum_values(self) -> tuple[str, ...]:
        """The values of an ENUM in their order; empty for other types."""
        return tuple(_ENUM_VALUE.findall(self.type)) if self.type.startswith("enum") else ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table and the statement that makes it."""

    name: str
    columns: Mapping[str, Column]
    sql: str


def normal_type(declared: str) -> str:
    """The spelling in which types are compared: lower case, no display widths, bool as tinyint(1), json as longtext.

    MariaDB stores JSON as longtext and MySQL 8 reports INT without a width. ENUM values keep their case.
    """
    name, bracket, rest = declared.partition("(")
    text = name.lower() + bracket + rest.replace(", ", ",")
    if text == "bool":
        return "tinyint(1)"
    if text == "json":
        return "longtext"
    return _INTEGER_WIDTH.sub(r"\1", text)


@lru_cache
def load(lineage: Lineage) -> Mapping[str, Table]:
    """All branch tables of a lineage, in the order in which they can be created."""
    live = _read("schema.sql")
    return live if lineage == "live" else {**live, **_read("schema_scripts.sql")}


def _read(file: str) -> dict[str, Table]:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return {match[1]: Table(match[1], _columns(match[2]), match[0]) for match in _TABLE.finditer(text)}


def _columns(body: str) -> Mapping[str, Column]:
    found = (_COLUMN.fullmatch(line) for line in body.split("\n"))
    return {match[1]: _column(match) for match in found if match}


def _column(match: re.Match[str]) -> Column:
    nullable = match[3] == " NULL"
    return Column(match[1], normal_type(match[2]), nullable, fills_itself=nullable or match[4] is not None)
