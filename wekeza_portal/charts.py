"""Charts drawn on the server as SVG: the same drawing goes into the page and into the PDF.

A balance holds until the next movement, so its line is stepped, never slanted. All arithmetic is exact Decimal; only
finished coordinates, rounded to a tenth of a unit, are printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils.html import format_html, format_html_join

Point = tuple[date, Decimal]

ZERO = Decimal(0)
TENTH = Decimal("0.1")
LEFT, RIGHT, TOP, BOTTOM = Decimal(38), Decimal(8), Decimal(12), Decimal(22)
# Put together here and not in a template: the template engine takes three times as long, on every home page.
DRAWING = """<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="chart-title chart-desc" \
xmlns="http://www.w3.org/2000/svg">
<title id="chart-title">{title}</title>
<desc id="chart-desc">{description}</desc>
{ticks}
<path class="area" d="{area}" fill="#e4f0e9"/><path class="line" d="{line}" fill="none" stroke="#0b5a3c" \
stroke-width="2" stroke-linejoin="round"/>
<circle class="dot" cx="{end_x}" cy="{end_y}" r="4.5" fill="#e8a317" stroke="#ffffff" stroke-width="2"/>
<text x="{left}" y="{height}" dy="-4" font-size="11" fill="#56645d">{first}</text>\
<text x="{right}" y="{height}" dy="-4" text-anchor="end" font-size="11" fill="#56645d">{last}</text>
</svg>"""
TICK = (
    '<path class="gridline{}" d="M{} {}H{}" stroke="{}" stroke-width="1"/>'
    '<text x="{}" dx="-6" y="{}" dy=".35em" text-anchor="end" font-size="11" fill="#56645d">{}</text>'
)


@dataclass(frozen=True)
class Tick:
    """One label of an axis with its line: `at` is the coordinate, `label` the text."""

    at: Decimal
    label: str
    is_zero: bool = False


@dataclass(frozen=True)
class BalancePath:
    """The drawing of a balance over time. Without points `line` and `area` are empty and `end` is None."""

    line: str
    area: str
    end: tuple[Decimal, Decimal] | None
    ticks: tuple[Tick, ...]
    left: Decimal
    right: Decimal
    bottom: Decimal


def balance_path(points: Sequence[Point], width: int, height: int) -> BalancePath:
    """Draw `points` (date, KES), oldest first, as a stepped line in a box of `width` by `height` units.

    The scale always holds zero, so that a small dip never looks like a fall, and ends on round figures. One point
    draws a level line across.
    """
    right, bottom = width - RIGHT, height - BOTTOM
    if not points:
        return BalancePath("", "", None, (), LEFT, right, bottom)
    step, low, high = _scale([amount for _day, amount in points])

    def y(amount: Decimal) -> Decimal:
        return _tenth(bottom - (bottom - TOP) * (amount - low) / (high - low))

    xs = _across([day for day, _amount in points], LEFT, right)
    heights = {amount: y(amount) for amount in {amount for _day, amount in points}}
    ys = [heights[amount] for _day, amount in points]
    line = f"M{xs[0]} {ys[0]}" + "".join(
        f"H{x}V{after}" for x, before, after in zip(xs[1:], ys, ys[1:], strict=False) if before != after
    )
    if ys[-1] == ys[-2:][0]:
        line += f"H{right}"
    area = f"{line}V{y(ZERO)}H{xs[0]}Z"
    ticks = tuple(
        Tick(y(low + step * index), short(low + step * index), low + step * index == 0)
        for index in range(int((high - low) / step) + 1)
    )
    return BalancePath(line, area, (right, ys[-1]), ticks, LEFT, right, bottom)


def svg(path: BalancePath, width: int, height: int, *, title: str, description: str, first: str, last: str) -> str:
    """The drawing itself, safe to print: `first` and `last` stand under its ends, the others are for who can't see."""
    return format_html(
        DRAWING,
        area=path.area,
        line=path.line,
        left=path.left,
        right=path.right,
        end_x=path.end[0] if path.end else "",
        end_y=path.end[1] if path.end else "",
        ticks=format_html_join("", TICK, (_tick(path, tick) for tick in path.ticks)),
        width=width,
        height=height,
        title=title,
        description=description,
        first=first,
        last=last,
    )


def _tick(path: BalancePath, tick: Tick) -> tuple[object, ...]:
    zero, stroke = (" gridline--zero", "#8b978f") if tick.is_zero else ("", "#dfe3dc")
    return zero, path.left, tick.at, path.right, stroke, path.left, tick.at, tick.label


def short(amount: Decimal) -> str:
    """A figure for an axis: 0, 500, 20k, 2.5k, 1.2m, with a true minus sign."""
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    size = abs(amount)
    for unit, letter in ((Decimal(1_000_000_000), "bn"), (Decimal(1_000_000), "m"), (Decimal(1_000), "k")):
        if size >= unit:
            return f"{sign}{(size / unit).normalize():f}{letter}"
    return f"{sign}{size.normalize():f}"


def _across(days: Sequence[date], left: Decimal, right: Decimal) -> list[Decimal]:
    """Spread `days` by their true distance between `left` and `right`."""
    span = (days[-1] - days[0]).days
    if span == 0:
        return [_tenth(left) for _day in days]
    return [_part_of_the_way(left, right, (day - days[0]).days, span) for day in days]


@lru_cache(maxsize=1000)
def _part_of_the_way(left: Decimal, right: Decimal, day: int, span: int) -> Decimal:
    """Where the day is drawn: the same for every customer's last 90 days."""
    return _tenth(left + (right - left) * day / span)


def _scale(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """A round step (1, 2 or 5 times a power of ten) with the round figures below and above; three or four steps."""
    low, high = min(*amounts, ZERO, ZERO), max(*amounts, ZERO, ZERO)
    if low == high:
        high = Decimal(1000)
    rough = (high - low) / 3
    power = Decimal(10) ** rough.adjusted()
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    floor = (low / step).to_integral_value(ROUND_FLOOR) * step
    ceiling = (high / step).to_integral_value(ROUND_CEILING) * step
    return step, floor, ceiling


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, rounding=ROUND_HALF_UP)
