"""docs/security.md and docs/asvs.md claim only what a test holds."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "security.md"
ASVS = settings.BASE_DIR / "docs" / "asvs.md"
KINDS = ("`test_", ".py::test_", "**by construction**", "**written**", "**operator**", "**not applicable**", "**open**")
REQUIREMENTS = {1: 70, 2: 183}
"""How many ASVS 5.0.0 has at levels 1 and 2."""


@pytest.mark.parametrize("page", [PAGE, ASVS], ids=["security", "asvs"])
def test_every_test_named_on_the_security_page_exists_and_is_meant_alone(page: Path) -> None:
    """One that has gone must not leave its claim standing on another's name."""
    named = re.findall(r"`(?:([\w/]+\.py)::)?(test_\w+)`", page.read_text(encoding="utf-8"))
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


def requirements() -> Iterator[tuple[str, str, str]]:
    """Number, level and who holds it, of each row of docs/asvs.md."""
    for line in ASVS.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| V\d", line):
            number, level, _asked, _met, held_by = (cell.strip() for cell in line.strip("|").split("|"))
            yield number, level, held_by


def test_every_requirement_stands_once_in_its_place_and_says_who_holds_it() -> None:
    rows = list(requirements())
    numbers = [tuple(int(part) for part in number[1:].split(".")) for number, _level, _held_by in rows]
    assert numbers == sorted(set(numbers))
    assert [number for number, _level, held_by in rows if not any(kind in held_by for kind in KINDS)] == []


def test_no_requirement_of_levels_1_and_2_is_left_out() -> None:
    levels = [level for _number, level, _held_by in requirements()]
    assert {level: levels.count(str(level)) for level in REQUIREMENTS} == REQUIREMENTS


def test_what_is_open_says_what_is_missing() -> None:
    short = [number for number, _level, held_by in requirements() if re.search(r"\*\*open\*\*(?!: .{20})", held_by)]
    assert short == []


def test_the_beginning_names_whatever_is_open_and_nothing_else() -> None:
    beginning = ASVS.read_text(encoding="utf-8").split("\n## ", 1)[0]
    said = re.findall(r"V[\d.]+\d", beginning.partition("Open are ")[2])
    assert said == [number for number, _level, held_by in requirements() if "**open**" in held_by]


def test_what_the_page_leads_to_is_there() -> None:
    text = ASVS.read_text(encoding="utf-8")
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) - headings == set()
    files = set(re.findall(r"\]\(([\w./]+\.\w+)\)", text))
    assert files
    assert [name for name in files if not (ASVS.parent / name).is_file()] == []
