"""The stepped line of a balance: exact, level between movements, honest about zero."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wekeza_portal.charts import LEFT, RIGHT, balance_path, short

D = Decimal
START = date(2026, 9, 1)
WIDTH, HEIGHT = 340, 190


def series(*amounts: str) -> list[tuple[date, Decimal]]:
    return [(START + timedelta(days=index), D(amount)) for index, amount in enumerate(amounts)]


def commands(path: str) -> str:
    return re.sub(r"[^A-Z]", "", path)


def test_no_points_draw_nothing() -> None:
    path = balance_path([], WIDTH, HEIGHT)
    assert (path.line, path.area, path.end, path.ticks) == ("", "", None, ())


def test_one_point_is_a_level_line_across_the_whole_width() -> None:
    path = balance_path(series("500.00"), WIDTH, HEIGHT)
    assert commands(path.line) == "MH"
    assert path.line.endswith(f"H{WIDTH - RIGHT}")
    assert path.end is not None
    assert path.end[0] == WIDTH - RIGHT


def test_a_flat_balance_never_rises_or_falls() -> None:
    path = balance_path(series("900.00", "900.00", "900.00"), WIDTH, HEIGHT)
    assert "V" not in path.line


def test_an_account_that_was_always_empty_lies_on_the_zero_line() -> None:
    path = balance_path(series("0.00", "0.00"), WIDTH, HEIGHT)
    zero = next(tick for tick in path.ticks if tick.is_zero)
    assert path.end is not None
    assert path.end[1] == zero.at


def test_the_line_is_stepped_and_never_slanted() -> None:
    path = balance_path(series("100.00", "300.00", "50.00"), WIDTH, HEIGHT)
    assert commands(path.line) == "MHVHV"
    assert "L" not in path.area


def test_a_step_happens_on_the_day_of_the_movement() -> None:
    points = [(START, D("10.00")), (START + timedelta(days=1), D("20.00")), (START + timedelta(days=4), D("20.00"))]
    path = balance_path(points, 246, HEIGHT)
    quarter = LEFT + (246 - LEFT - RIGHT) / 4
    assert f"H{quarter.quantize(D('0.1'))}V" in path.line


def test_more_money_is_higher_on_the_page() -> None:
    path = balance_path(series("100.00", "300.00"), WIDTH, HEIGHT)
    first = D(re.match(r"M\S+ ([\d.]+)", path.line)[1])
    assert path.end is not None
    assert path.end[1] < first


def test_an_overdrawn_balance_goes_below_the_zero_line() -> None:
    path = balance_path(series("500.00", "-700.00"), WIDTH, HEIGHT)
    zero = next(tick for tick in path.ticks if tick.is_zero)
    assert path.end is not None
    assert path.end[1] > zero.at
    assert f"V{zero.at}H" in path.area


def test_the_scale_always_shows_zero_and_round_figures() -> None:
    labels = [tick.label for tick in balance_path(series("61340.50", "96300.00"), WIDTH, HEIGHT).ticks]
    assert labels == ["0", "50k", "100k"]


@pytest.mark.parametrize(
    ("amount", "label"),
    [
        ("0", "0"),
        ("500", "500"),
        ("1000", "1k"),
        ("2500", "2.5k"),
        ("100000", "100k"),
        ("1200000", "1.2m"),
        ("-5000", "\N{MINUS SIGN}5k"),
        ("3000000000", "3bn"),
    ],
)
def test_axis_figures_are_short(amount: str, label: str) -> None:
    assert short(D(amount)) == label


money = st.decimals(min_value=D("-9999999999999.99"), max_value=D("9999999999999.99"), places=2)


@given(st.lists(money, min_size=1, max_size=40))
def test_every_balance_stays_inside_the_drawing(amounts: list[Decimal]) -> None:
    path = balance_path([(START + timedelta(days=i), a) for i, a in enumerate(amounts)], WIDTH, HEIGHT)
    heights = [D(found) for found in re.findall(r"(?:V|M\S+ )(-?[\d.]+)", path.line)]
    assert all(0 <= y <= HEIGHT for y in heights)
    assert 2 <= len(path.ticks) <= 6
    assert any(tick.is_zero for tick in path.ticks)
