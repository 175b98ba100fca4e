"""docs/security.md claims only what a test holds."""

import re

from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "security.md"


def test_every_test_named_on_the_security_page_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    files = [path for path in settings.BASE_DIR.rglob("test_*.py") if ".venv" not in path.parts]
    there = {name for path in files for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))}
    assert len(named) > 30
    assert named - there == set()


def test_every_row_of_the_table_names_one() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    without = [row for row in rows if not row.startswith("| **") and "`test_" not in row]
    assert without == []
