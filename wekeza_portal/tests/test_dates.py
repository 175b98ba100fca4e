"""How dates are written, in each style, and by whom it is left alone."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from wekeza_portal import dates
from wekeza_portal.clock import NAIROBI
from wekeza_portal.documents import pdf

DAY = date(2026, 3, 4)
MOMENT = datetime(2026, 3, 4, 9, 5, tzinfo=NAIROBI)


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    dates.begin("")
    yield
    dates.begin("")


def drawn(pattern: str, value: object = MOMENT) -> str:
    return Template("{{ value|date:pattern }}").render(Context({"value": value, "pattern": pattern}))


@pytest.mark.parametrize(
    ("pattern", "plain", "dmy", "mdy", "ymd", "written"),
    [
        ("DATE_FORMAT", "4 March 2026", "04/03/2026", "03/04/2026", "2026-03-04", "4 March 2026"),
        ("j F Y, H:i", "4 March 2026, 09:05", "04/03/2026, 09:05", "03/04/2026, 09:05", "2026-03-04, 09:05",
         "4 March 2026, 09:05"),
        ("DATETIME_FORMAT", "4 March 2026, 09:05", "04/03/2026, 09:05", "03/04/2026, 09:05", "2026-03-04, 09:05",
         "4 March 2026, 09:05"),
        ("SHORT_DATE_FORMAT", "04/03/2026", "04/03/2026", "03/04/2026", "2026-03-04", "4 Mar 2026"),
        ("SHORT_DATETIME_FORMAT", "04/03/2026 09:05", "04/03/2026 09:05", "03/04/2026 09:05", "2026-03-04 09:05",
         "4 Mar 2026 09:05"),
        ("j M", "4 Mar", "04/03/2026", "03/04/2026", "2026-03-04", "4 Mar"),
        ("MONTH_DAY_FORMAT", "4 March", "04/03/2026", "03/04/2026", "2026-03-04", "4 March"),
        ("l, j F Y", "Wednesday, 4 March 2026", "Wednesday, 04/03/2026", "Wednesday, 03/04/2026",
         "Wednesday, 2026-03-04", "Wednesday, 4 March 2026"),
        ("YEAR_MONTH_FORMAT", *["March 2026"] * 5),
        ("H:i", *["09:05"] * 5),
        ("Y-m-d", *["2026-03-04"] * 5),
        ("c", *["2026-03-04T09:05:00+03:00"] * 5),
        ("m/y", *["03/26"] * 5),
    ],
)  # fmt: skip
def test_every_form_of_date_follows_the_choice(
    pattern: str, plain: str, dmy: str, mdy: str, ymd: str, written: str
) -> None:
    for style, expected in [("", plain), ("DMY", dmy), ("MDY", mdy), ("YMD", ymd), ("WRITTEN", written)]:
        dates.begin(style)
        assert drawn(pattern) == expected
        assert dates.shown(MOMENT, pattern) == expected


def test_without_a_pattern_and_without_a_date() -> None:
    dates.begin("YMD")
    assert Template("{{ value|date }}").render(Context({"value": DAY})) == "2026-03-04"
    assert [drawn("j F Y", value) for value in (None, "", "no date")] == ["", "", ""]


def test_months_are_in_the_language_and_figures_in_none() -> None:
    with translation.override("sw"):
        dates.begin("WRITTEN")
        assert drawn("j F Y") == "4 Machi 2026"
        dates.begin("MDY")
        assert drawn("j F Y") == "03/04/2026"


def test_a_style_nobody_knows_is_as_the_page_has_it() -> None:
    for style in ("dmy", "<script>", "Y-m-d"):
        dates.begin(style)
        assert drawn("j F Y") == "4 March 2026"


def test_papers_and_messages_are_as_written_and_the_page_goes_on_after_them() -> None:
    dates.begin("YMD")
    with dates.as_written():
        assert drawn("j F Y") == "4 March 2026"
    assert drawn("j F Y") == "2026-03-04"


def test_a_failure_in_a_paper_leaves_the_page_its_style() -> None:
    dates.begin("YMD")
    with pytest.raises(ValueError, match="no paper"), dates.as_written():
        raise ValueError("no paper")
    assert dates.style() == "YMD"


def test_a_paper_is_as_written_for_whoever_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in: list[str] = []

    def draw(_template: str, _context: object) -> str:
        drawn_in.append(dates.style())
        return "<title>A paper</title>"

    monkeypatch.setattr(pdf, "render_to_string", draw)
    dates.begin("YMD")
    pdf.render("documents/any.html", {}, language="en")
    assert drawn_in == [""]
    assert dates.style() == "YMD"


def test_what_is_drawn_once_for_everybody_never_has_ones_own_style() -> None:
    drawn_once = Template("{% load frame %}{% shared day=day %}{{ portal.since|date:'j F Y' }}{% endshared %}")
    dates.begin("YMD")
    context = {"portal": {"since": DAY}, "day": "x"}
    assert drawn_once.render(Context(context)) == "4 March 2026"
    dates.begin("")
    assert drawn_once.render(Context(context)) == "4 March 2026"
