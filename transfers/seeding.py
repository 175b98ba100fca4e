"""The directory a fresh portal starts with: banks, prefixes, billers and brokers, from the files in transfers/seeds/.

Numbers that money goes to stand there only where a source is known; without one a biller is listed for staff, and
offered to nobody until the bank fills it in.
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "seeds"


def install(*, bank: Any, prefix: Any, biller: Any, broker: Any) -> None:
    """Write the rows that are missing, with the given model classes (a migration passes historical ones)."""
    for model, name, read in (
        (bank, "banks", _bank),
        (prefix, "phone_prefixes", dict),
        (biller, "billers", _biller),
        (broker, "brokers", dict),
    ):
        model.objects.bulk_create([model(**read(row)) for row in _rows(name)], ignore_conflicts=True)


def install_teller_fees(model: Any) -> None:
    """Likewise what tellers take for mobile money."""
    model.objects.bulk_create([model(**row) for row in _rows("teller_fees")], ignore_conflicts=True)


def _bank(row: dict[str, str]) -> dict[str, Any]:
    return {**row, "usual_length": int(row["usual_length"]) if row["usual_length"] else None}


def _biller(row: dict[str, str]) -> dict[str, Any]:
    flags = {name: row[name] == "1" for name in ("is_exact", "gives_token")}
    amounts = {name: Decimal(row[name]) for name in ("minimum", "maximum")}
    return {**row, **flags, **amounts}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
