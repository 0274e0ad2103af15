"""A report as one HTML page that stands alone: charts as SVG in the page, no script, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.config import Config, shipped
from coach.core import stats
from coach.core.words import change, duration, hours
from coach.engine.report import Amount, HourTotal, Report, kept_words, note, week_start

if TYPE_CHECKING:
    from jinja2 import Template

CHART_WIDTH, CHART_HEIGHT = 720, 150
LEVELS = ("very distracting", "distracting", "neutral", "productive", "very productive")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FOCUS_BOUNDS = (0.35, 0.5, 0.65)
"""The steps of the focus heatmaps everywhere."""
ROWS = 20
DONE = 200
"""Rows of a table at most; the rest is summed up in one line."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the units of its chart, the class that colours it, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of text or a grid line at a place of a chart."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    boxes: tuple[Box, ...]
    across: tuple[Mark, ...]
    """Labels along the bottom or the top."""
    up: tuple[Mark, ...]
    """Labels along the left side, with a grid line where the chart has columns."""
    has_grid: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    time: str
    before: str
    change: str
    share: float
    """Per cent of the largest."""
    visits: int
    level: int | None
    spark: str
    """Points of a polyline in a box of 100 by 20; empty without a course."""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]
    rest: str


def page(found: Report, by_hour: Sequence[HourTotal], config: Config, tz: ZoneInfo) -> str:
    """The page as text. Whatever a window or a task is called stays text: everything is escaped."""
    day_chart = columns_by_day(found) if len(found.days) > 1 else None
    return _template().render(
        found=found, note=note(found), duration=duration, hours=hours, levels=LEVELS,
        title=f"{found.period.capitalize()} report", span=_span(found), until=found.until.astimezone(tz) if found.until else None,
        before_span=_between(found.before_first, found.before_last),
        day_chart=day_chart, hour_chart=columns_by_hour(by_hour, found) if by_hour else None,
        year_chart=year_heatmap(found, week_start(config)) if found.period == "year" and found.days else None,
        focus_chart=focus_heatmap(found) if found.n >= 2 and found.period != "day" else None,
        sections=[s for s in (
            _section("Categories", "category", found.categories, found), _section("Apps", "app", found.apps, found),
            _section("Projects", "project", [a for a in found.projects if a.name], found),
        ) if s.rows],
        kept_words=kept_words, done=found.done[-DONE:], done_before=max(0, len(found.done) - DONE), tz=tz,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # 30 ms, for this page only

    text = shipped("data", "report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)


def _span(found: Report) -> str:
    return _between(found.first, found.last)


def _between(first: date, last: date) -> str:
    def words(day: date) -> str:
        return f"{day:%A} {day.day} {day:%B} {day.year}"

    return words(first) if first == last else f"{words(first)} to {words(last)}"


def columns_by_day(found: Report) -> Chart:
    """One column a day: focus time below, other active time on top."""
    number = (found.last - found.first).days + 1
    step = CHART_WIDTH / number
    gap = min(6.0, step * 0.2)
    top_h, grid = scale(max(d.active_s for d in found.days) / 3600)
    boxes: list[Box] = []
    for d in found.days:
        x = (d.day - found.first).days * step
        focus = d.focus_s / 3600 / top_h * CHART_HEIGHT
        whole = d.active_s / 3600 / top_h * CHART_HEIGHT
        words = f"{d.day:%a} {d.day.day} {d.day:%b}: {duration(d.active_s)} active, {duration(d.focus_s)} in focus categories"
        boxes.append(Box(x, CHART_HEIGHT - whole, step - gap, whole - focus, "other", words))
        boxes.append(Box(x, CHART_HEIGHT - focus, step - gap, focus, "focus", words))
    return Chart(CHART_WIDTH, CHART_HEIGHT, tuple(boxes), tuple(_days_below(found, step)), _grid(grid, top_h), True)


def _days_below(found: Report, step: float) -> Iterable[Mark]:
    number = (found.last - found.first).days + 1
    for n in range(number):
        day = found.first + timedelta(days=n)
        if number <= 7:
            yield Mark(n * step, CHART_HEIGHT + 16, f"{day:%a} {day.day}")
        elif number <= 31 and (n % 5 == 0):
            yield Mark(n * step, CHART_HEIGHT + 16, f"{day.day} {day:%b}")
        elif number > 31 and day.day == 1:
            yield Mark(n * step, CHART_HEIGHT + 16, f"{day:%b}")


def columns_by_hour(by_hour: Sequence[HourTotal], found: Report) -> Chart:
    """One column an hour of the day, from very productive below to very distracting on top."""
    level_of = {a.name: level_step(a.level) for a in found.categories}
    spent = [[0.0] * len(LEVELS) for _ in range(24)]
    for h in by_hour:
        spent[h.hour][level_of.get(h.category, 2)] += h.s
    top_h, grid = scale(max(sum(levels) for levels in spent) / 3600)
    step = CHART_WIDTH / 24
    boxes: list[Box] = []
    for hour, levels in enumerate(spent):
        y = float(CHART_HEIGHT)
        for level in range(len(LEVELS) - 1, -1, -1):
            height = levels[level] / 3600 / top_h * CHART_HEIGHT
            y -= height
            if height:
                words = f"{hour:02d}:00 to {(hour + 1) % 24:02d}:00: {duration(levels[level])} {LEVELS[level]}"
                boxes.append(Box(hour * step, y, step - 5, height, f"p{level}", words))
    across = tuple(Mark(hour * step, CHART_HEIGHT + 16, f"{hour:02d}") for hour in range(0, 24, 3))
    return Chart(CHART_WIDTH, CHART_HEIGHT, tuple(boxes), across, _grid(grid, top_h), True)


def _grid(steps: Sequence[float], top_h: float) -> tuple[Mark, ...]:
    return tuple(Mark(0, CHART_HEIGHT - s / top_h * CHART_HEIGHT, f"{s:g} h") for s in steps)


def scale(highest: float) -> tuple[float, tuple[float, ...]]:
    """The top of an axis in hours, and two to five round steps up to it."""
    for step in (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0):
        if highest <= step * 5:
            count = max(1, -int(-highest // step))
            return step * count, tuple(step * n for n in range(1, count + 1))
    return highest, (highest,)


CELL, MARGIN = 13, 34


def year_heatmap(found: Report, first_weekday: int) -> Chart:
    """A square a day, a column a week."""
    values = {d.day: d.active_s for d in found.days}
    weeks = ((found.last - found.first).days + 6) // 7 + 1
    matrix = stats.year_matrix(values, found.last, min(54, weeks), first_weekday)
    bounds = stats.thresholds(values.values())
    boxes = tuple(
        Box(MARGIN + column * CELL, 18 + row * CELL, CELL - 2, CELL - 2, f"l{stats.level(value, bounds)}",
            f"{day:%a} {day.day} {day:%b}: {duration(value or 0)} active")
        for row, cells in enumerate(matrix.cells) for column, value in enumerate(cells)
        for day in (matrix.day(row, column),) if found.first <= day <= found.last
    )
    across = tuple(Mark(MARGIN + column * CELL, 11, f"{first:%b}") for column, first in matrix.months())
    up = tuple(Mark(0, 28 + row * CELL, WEEKDAYS[(first_weekday + row) % 7]) for row in (0, 2, 4))
    return Chart(MARGIN + matrix.weeks * CELL, 20 + 7 * CELL, boxes, across, up)


def focus_heatmap(found: Report) -> Chart:
    """Mean focus by hour of the week; every cell says on how many hours it stands."""
    wide = (CHART_WIDTH - MARGIN) / 24
    boxes = []
    for row, cells in enumerate(found.hours):
        for hour, mean in enumerate(cells):
            when = f"{WEEKDAYS[row]} {hour:02d}:00"
            words = f"{when}: no score" if mean is None else f"{when}: focus {mean.value:.2f} from {hours(mean.n)}"
            step = 0 if mean is None else 1 + sum(mean.value >= b for b in FOCUS_BOUNDS)
            boxes.append(Box(MARGIN + hour * wide, 18 + row * 18, wide - 3, 15, f"l{step}", words))
    across = tuple(Mark(MARGIN + hour * wide, 11, f"{hour:02d}") for hour in range(0, 24, 3))
    up = tuple(Mark(0, 30 + row * 18, day) for row, day in enumerate(WEEKDAYS))
    return Chart(CHART_WIDTH, 18 + 7 * 18, tuple(boxes), across, up)


def _section(title: str, kind: str, amounts: Sequence[Amount], found: Report) -> Section:
    top = max((a.s for a in amounts), default=1.0) or 1.0
    rows = tuple(
        Row(a.name, duration(a.s), duration(a.before_s), change(a.change), round(a.s / top * 100, 1), a.visits,
            None if a.level is None else level_step(a.level), points(found.spark.get(f"{kind} {a.name}", ())))
        for a in amounts[:ROWS]
    )
    more = amounts[ROWS:]
    return Section(title, rows, f"and {len(more)} more, {duration(sum(a.s for a in more))}" if more else "")


def level_step(level: float | None) -> int:
    """The step 0 to 4 of a productivity level; unknown is neutral."""
    return 2 if level is None else max(0, min(4, round(level * 4)))


def points(line: Sequence[float]) -> str:
    """A course as the points of a polyline, in a box of 100 by 20."""
    top = max(line, default=0.0)
    if top <= 0 or len(line) < 2:
        return ""
    return " ".join(f"{n / (len(line) - 1) * 100:.1f},{19 - value / top * 18:.1f}" for n, value in enumerate(line))
