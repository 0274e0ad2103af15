"""Lanes of a day or a week against the clock: what is planned, what is busy, what really happened, and the now-line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from coach.core.stats import SPARK
from coach.tui.widgets.hourweek import BOUNDS
from coach.tui.widgets.paint import LEVEL_MARKS, MOVES, Line, Painted, fit, productivity

Kind = Literal["lived", "gap", "meeting", "accepted", "proposed", "done"]

EDGES = {"meeting": "◆", "accepted": "▌", "proposed": "┆", "done": "✓"}
"""The left edge of an item: it says the kind without colour."""
BODIES = {"meeting": "│", "done": "│"}
"""The edge of its further rows, where that is another."""

ROW_MIN = (5, 10, 15, 20, 30, 60, 120)
GUTTER = 6
CURVE = 2
"""Cells of a lane's forecast: a bar, and a space where there is room for one."""
NARROW = 18
LEAST_SHARE = 0.15
"""A row that was used for less of its minutes than this stays empty."""


@dataclass(frozen=True, slots=True)
class Item:
    """Minutes since the lane's midnight; `id` makes it selectable. `level` colours what was lived, `detail` is shown
    behind the label where it fits."""

    start_min: float
    end_min: float
    label: str
    kind: Kind
    id: str = ""
    level: float = 0.5
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """`now_min` draws the now-line in lanes of today. `expected` are values from 0 to 1 by hour, drawn as bars behind the
    items; `note` stands below the title, with its tone."""

    title: str
    items: tuple[Item, ...] = ()
    now_min: float | None = None
    expected: Mapping[int, float] = field(default_factory=dict)
    note: tuple[str, str] = ("", "")


class BlockGrid(Painted, can_focus=True):
    """Fills its height: the minutes per row are the fewest that fit."""

    DEFAULT_CSS = "BlockGrid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Picked(Message):
        """A second click on the item under the cursor."""

    class Selected(Message):
        """The cursor stands on another item."""

        def __init__(self, id: str) -> None:
            super().__init__()
            self.id = id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lanes: Sequence[Lane] = ()
        self._first_min, self._last_min = 480, 1080
        self.selected = ""

    def show(self, lanes: Sequence[Lane], first_min: int, last_min: int) -> None:
        """The hours `first_min` to `last_min` of each lane. The cursor stays on its item while it exists."""
        self._lanes, self._first_min, self._last_min = lanes, first_min, max(last_min, first_min + 60)
        ids = [item.id for item in self._selectable()]
        if self.selected not in ids:
            self.selected = ids[0] if ids else ""
        self.repaint()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return 20

    def row_min(self, height: int) -> int:
        """Minutes that one row stands for."""
        rows = max(1, height - self._heads)
        return next((m for m in ROW_MIN if ceil((self._last_min - self._first_min) / m) <= rows), ROW_MIN[-1])

    def lines(self, width: int, height: int) -> list[Line]:
        step = self.row_min(height)
        widths = self._widths(width)
        drawn = self._titles(widths)
        bodies = [self._lane(lane, w, step) for lane, w in zip(self._lanes, widths, strict=True)]
        for row, low in enumerate(range(self._first_min, self._last_min, step)):
            line = [self._clock(low, step)]
            for body in bodies:
                line.extend(body[row])
            drawn.append(line)
        return drawn

    @property
    def _heads(self) -> int:
        return 2 if any(lane.note[0] for lane in self._lanes) else 1

    def _titles(self, widths: Sequence[int]) -> list[Line]:
        lanes = list(zip(self._lanes, widths, strict=True))
        first = [(fit(lane.title, w), "strong" if lane.now_min is not None else "muted") for lane, w in lanes]
        second = [(fit(lane.note[0], w), lane.note[1]) for lane, w in lanes]
        return [[(" " * GUTTER, ""), *line] for line in (first, second)[:self._heads]]

    @staticmethod
    def _forecast(lane: Lane, low: int, width: int) -> Line:
        """The value of the row's hour as a bar that grows to the top of its cell; nothing is known of hours without."""
        if not lane.expected:
            return []
        cells = _forecast_width(lane, width)
        value = lane.expected.get(low // 60)
        if value is None:
            return [(" " * cells, "")]
        step = 1 + sum(value >= b for b in BOUNDS)
        return [(fit(SPARK[max(0, min(len(SPARK) - 1, int(value * len(SPARK))))], cells), f"l{step}")]

    def _widths(self, width: int) -> list[int]:
        count = max(1, len(self._lanes))
        base, rest = divmod(max(count, width - GUTTER), count)
        return [base + (1 if i < rest else 0) for i in range(len(self._lanes))]

    def _clock(self, low: int, step: int) -> tuple[str, str]:
        for lane in self._lanes:
            if lane.now_min is not None and low <= lane.now_min < low + step:
                return f"▸{_hhmm(lane.now_min)}", "now"
        return (f"{_hhmm(low)} ", "muted") if low % 60 == 0 else (" " * GUTTER, "")

    def _lane(self, lane: Lane, width: int, step: int) -> list[Line]:
        rows: list[Line] = []
        shown = ""
        whole, width = width, width - _forecast_width(lane, width)
        for low in range(self._first_min, self._last_min, step):
            now = lane.now_min is not None and low <= lane.now_min < low + step
            cell = (
                self._planned(lane, low, step, width) or self._lived(lane, low, step, width, shown)
                or self._gap(lane, low, step, width)
            )
            shown = self._label_lived(lane, low, step)
            cell = cell or [("╌" * (width - 1) + " ", "now") if now else (" " * width, "")]
            rows.append([*self._forecast(lane, low, whole), *cell])
        return rows

    def _planned(self, lane: Lane, low: int, step: int, width: int) -> Line | None:
        found = [i for i in lane.items if i.kind not in ("lived", "gap") and i.start_min < low + step and i.end_min > low]
        if not found:
            return None
        begins = [i for i in found if low <= i.start_min < low + step or (low == self._first_min and i.start_min < low)]
        begins.sort(key=lambda i: (i.id != self.selected or not i.id, i.start_min))
        item = begins[0] if begins else max(found, key=lambda i: _overlap_min(i, low, step))
        tone = item.kind
        if not begins:
            second = low - step <= item.start_min < low
            words = f"{_hhmm(item.start_min)} to {_hhmm(item.end_min)}" if second and width > 16 else ""
            return [(f"{BODIES.get(item.kind, EDGES[item.kind])} ", tone), (fit(words, width - 2), "muted")]
        more = f" +{len(begins) - 1}" if len(begins) > 1 else ""
        label = fit(item.label, width - 3 - len(more)) + more + " "
        here = item.id and item.id == self.selected and self.has_focus
        return [(f"{EDGES[item.kind]} ", tone), (label, "cursor" if here else tone)]

    def _lived(self, lane: Lane, low: int, step: int, width: int, shown: str) -> Line | None:
        chosen = self._chosen(lane, low, step)
        top = (chosen, float(step)) if chosen and chosen.kind == "lived" else _dominant(lane, low, step)
        if top is None:
            return None
        item, minutes = top
        index = productivity(item.level)
        if item.label == shown and item is not chosen:
            return [("│ ", f"p{index}"), (" " * (width - 2), "")]
        detail = f" {item.detail}" if cell_len(item.label) + cell_len(item.detail) + 4 <= width else ""
        label = fit(item.label, width - 3 - cell_len(detail))
        tone = "cursor" if item is chosen else "" if minutes >= step / 2 else "muted"
        return [(f"{LEVEL_MARKS[index]} ", f"p{index}"), (label, tone), (f"{detail} ", "muted")]

    def _chosen(self, lane: Lane, low: int, step: int) -> Item | None:
        """The item under the cursor, in the row in which it begins."""
        if not self.has_focus or not self.selected:
            return None
        found = next((i for i in lane.items if i.id == self.selected), None)
        return found if found and low <= max(found.start_min, self._first_min) < low + step else None

    def _gap(self, lane: Lane, low: int, step: int, width: int) -> Line | None:
        """Time that nothing explains: in words in its first row of its own."""
        found = next((i for i in lane.items if i.kind == "gap" and _overlap_min(i, low, step) >= step / 2), None)
        if found is None:
            return None
        first = _overlap_min(found, low - step, step) < step / 2
        return [("┄ ", "muted"), (fit(found.label if first else "", width - 2), "muted")]

    @staticmethod
    def _label_lived(lane: Lane, low: int, step: int) -> str:
        top = _dominant(lane, low, step)
        return top[0].label if top else ""

    # The cursor goes from item to item: up and down by time, left and right to the nearest in the next lane.

    def _selectable(self) -> list[Item]:
        return [i for lane in self._lanes for i in sorted(lane.items, key=lambda i: i.start_min) if i.id]

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_first(self) -> None:
        self._select(self._selectable()[:1])

    def action_last(self) -> None:
        self._select(self._selectable()[-1:])

    def action_cursor_left(self) -> None:
        self._aside(-1)

    def action_cursor_right(self) -> None:
        self._aside(1)

    def _step(self, by: int) -> None:
        items = self._selectable()
        at = next((n for n, i in enumerate(items) if i.id == self.selected), None)
        if at is not None and 0 <= at + by < len(items):
            self._select([items[at + by]])

    def _aside(self, by: int) -> None:
        lane_of = {i.id: n for n, lane in enumerate(self._lanes) for i in lane.items if i.id}
        here = next((i for i in self._selectable() if i.id == self.selected), None)
        if here is None:
            return
        lane = lane_of[here.id] + by
        while 0 <= lane < len(self._lanes):
            near = [i for i in self._lanes[lane].items if i.id]
            if near:
                self._select([min(near, key=lambda i: abs(i.start_min - here.start_min))])
                return
            lane += by

    def select(self, id: str) -> None:
        """Put the cursor on that item, if it is shown."""
        self._select([i for i in self._selectable() if i.id == id])

    def _select(self, items: Sequence[Item]) -> None:
        if items and items[0].id != self.selected:
            self.selected = items[0].id
            self.repaint()
            self.post_message(self.Selected(self.selected))

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        edge = GUTTER
        step = self.row_min(self.size.height)
        minute = self._first_min + (event.y - self._heads) * step
        for lane, width in zip(self._lanes, self._widths(self.size.width), strict=True):
            if edge <= event.x < edge + width:
                under = [i for i in lane.items if i.id and i.start_min < minute + step and i.end_min > minute]
                if under and under[0].id == self.selected:
                    self.post_message(self.Picked())
                self._select(under)
            edge += width


def _forecast_width(lane: Lane, width: int) -> int:
    return 0 if not lane.expected else CURVE if width >= NARROW else 1


def _overlap_min(item: Item, low: float, step: float) -> float:
    return max(0.0, min(item.end_min, low + step) - max(item.start_min, low))


def _dominant(lane: Lane, low: int, step: int) -> tuple[Item, float] | None:
    """What filled most of a row and its minutes; None when the row was hardly used."""
    minutes: dict[str, float] = {}
    last: dict[str, Item] = {}
    for item in lane.items:
        if item.kind == "lived" and (spent := _overlap_min(item, low, step)) > 0:
            minutes[item.label] = minutes.get(item.label, 0.0) + spent
            last[item.label] = item
    if not minutes or sum(minutes.values()) < LEAST_SHARE * step:
        return None
    label = max(minutes, key=lambda name: minutes[name])
    return last[label], minutes[label]


def _hhmm(minute: float) -> str:
    return f"{int(minute) // 60 % 24:02d}:{int(minute) % 60:02d}"
