"""docs/security.md claims only what a test holds."""

import re
from collections import defaultdict

from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "security.md"


def test_every_test_named_on_the_security_page_exists_and_is_meant_alone() -> None:
    """One that has gone must not leave its claim standing on another's name."""
    named = re.findall(r"`(?:([\w/]+\.py)::)?(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    files = [path for path in settings.BASE_DIR.rglob("test_*.py") if ".venv" not in path.parts]
    there: dict[str, list[str]] = defaultdict(list)
    for path in files:
        for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8")):
            there[name].append(f"/{path.relative_to(settings.BASE_DIR).as_posix()}")
    assert len(named) > 30
    meant = {
        (file, name): [path for path in there[name] if path.endswith(f"/{file}" if file else "")]
        for file, name in named
    }
    assert [one for one, found in meant.items() if len(found) != 1] == []


def test_every_row_of_the_table_names_one() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    without = [row for row in rows if not row.startswith("| **") and "`test_" not in row]
    assert without == []
