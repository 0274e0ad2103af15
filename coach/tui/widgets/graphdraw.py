"""A graph drawn in cells: nodes in two columns that bulge, edges as lines of braille dots between them. Knows labels and
floats only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from coach.tui.widgets.paint import LEVEL_MARKS, MOVES, Line, Painted, fit, productivity

LABEL = 16
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Braille: the bit of each of 4 rows by 2 columns."""
PASSES = 6


@dataclass(frozen=True, slots=True)
class Node:
    """`level` 0 to 1 gives mark and colour; `guessed` labels carry a question mark."""

    label: str
    level: float
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From node to node by index; `weight` above 0; `sign` +1 or -1 where what it does is sure, else 0."""

    start: int
    end: int
    weight: float
    sign: int = 0


class GraphDraw(Painted, can_focus=True):
    """Up and down go through the nodes of a side, left and right change sides. The edges of the node under the cursor are
    whole lines, the others dotted."""

    DEFAULT_CSS = "GraphDraw { height: auto; max-width: 120; }"
    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Moved(Message):
        """The cursor stands on another node."""

        def __init__(self, node: int) -> None:
            super().__init__()
            self.node = node

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: Sequence[Node] = ()
        self._edges: Sequence[Edge] = ()
        self._sides: tuple[list[int], list[int]] = ([], [])
        self.cursor = 0

    def show(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        """The cursor goes to the first node."""
        self._places, self._edges = nodes, edges
        self._sides = sides(len(nodes), edges)
        self.cursor = min(self.cursor, max(0, len(nodes) - 1))
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._places:
            return []
        rows = max(len(side) for side in self._sides) * 2 - 1
        anchors = self._anchors(width, rows)
        canvas = _Canvas(width, rows)
        for edge in sorted(self._edges, key=lambda e: (self.cursor in (e.start, e.end), e.weight)):
            here = self.cursor in (edge.start, edge.end)
            tone = ("good" if edge.sign > 0 else "bad" if edge.sign < 0 else "accent") if here else "faint"
            (x0, y0), (x1, y1) = anchors[edge.start], anchors[edge.end]
            canvas.line(x0, y0, x1, y1, tone, every=1 if here else 3)
        drawn = canvas.rows()
        linked = {n for e in self._edges if self.cursor in (e.start, e.end) for n in (e.start, e.end)}
        for side, members in enumerate(self._sides):
            for node in members:
                x, y = anchors[node]
                self._label(drawn[y], node, x, side, linked)
        return [_joined(row) for row in drawn]

    def _anchors(self, width: int, rows: int) -> dict[int, tuple[int, int]]:
        """The cell at which the edges of each node end."""
        label = self._label_width(width)
        bulge = max(0, min(8, (width - 2 * label - 20) // 4))
        found: dict[int, tuple[int, int]] = {}
        for side, members in enumerate(self._sides):
            for place, node in enumerate(members):
                part = (place + 0.5) / len(members) - 0.5  # -0.5 to 0.5 from the top
                inward = round(bulge * (1 - cos(pi * part)))
                x = label + 1 + inward
                y = round((rows - 1) * (place / (len(members) - 1))) if len(members) > 1 else rows // 2
                found[node] = (x if side == 0 else width - 1 - x, y)
        return found

    def _label_width(self, width: int) -> int:
        longest = max(len(n.label) for n in self._places) + 3
        return max(6, min(longest, LABEL + 3 if width < 110 else 26, width // 3))

    def _label(self, row: list[tuple[str, str]], node: int, x: int, side: int, linked: set[int]) -> None:
        one = self._places[node]
        step = productivity(one.level)
        mark = (LEVEL_MARKS[step], f"p{step}")
        room = self._label_width(len(row)) - 2
        tone = ("cursor" if self.has_focus else "accent") if node == self.cursor else "strong" if node in linked else ""
        name = one.label[:room - 1] + ("?" if one.guessed else "") if len(one.label) < room else fit(one.label, room)
        name = fit(name, min(room, len(name)))
        text: list[tuple[str, str]] = [(c, tone) for c in name]
        cells = [*text, (" ", ""), mark] if side == 0 else [mark, (" ", ""), *text]
        at = x - len(cells) + 1 if side == 0 else x
        for i, cell in enumerate(cells):
            if 0 <= at + i < len(row):
                row[at + i] = cell

    # The cursor

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def _place(self) -> tuple[int, int]:
        side = 0 if self.cursor in self._sides[0] else 1
        return side, self._sides[side].index(self.cursor)

    def _go(self, side: int, place: int) -> None:
        members = self._sides[side]
        if members:
            self.cursor = members[max(0, min(place, len(members) - 1))]
            self.repaint()
            self.post_message(self.Moved(self.cursor))

    def action_cursor_down(self) -> None:
        self._by(1)

    def action_cursor_up(self) -> None:
        self._by(-1)

    def _by(self, step: int) -> None:
        if self._places:
            side, place = self._place()
            self._go(side, place + step)

    def action_cursor_left(self) -> None:
        self._aside(0)

    def action_cursor_right(self) -> None:
        self._aside(1)

    def _aside(self, side: int) -> None:
        if self._places and self._place()[0] != side:
            self._go(side, self._place()[1])

    def action_first(self) -> None:
        self._by(-len(self._places))

    def action_last(self) -> None:
        self._by(len(self._places))

    def on_click(self, event: events.Click) -> None:
        side = 0 if event.x < self.size.width // 2 else 1
        members = self._sides[side]
        anchors = self._anchors(self.size.width, max(len(s) for s in self._sides) * 2 - 1) if self._places else {}
        if members:
            nearest = min(members, key=lambda n: abs(anchors[n][1] - event.y))
            self._go(side, members.index(nearest))


class _Canvas:
    """Braille dots with a tone for each cell."""

    def __init__(self, width: int, rows: int) -> None:
        self._width, self._rows = width, rows
        self._bits = [[0] * width for _ in range(rows)]
        self._tones = [[""] * width for _ in range(rows)]

    def line(self, x0: int, y0: int, x1: int, y1: int, tone: str, every: int) -> None:
        """From the middle of one cell to that of another; every so many dots. A whole line replaces dotted ones."""
        ax, ay, bx, by = 2 * x0 + 1, 4 * y0 + 2, 2 * x1 + 1, 4 * y1 + 2
        steps = max(abs(bx - ax), abs(by - ay), 1)
        for i in range(0, steps + 1, every):
            x, y = ax + (bx - ax) * i // steps, ay + (by - ay) * i // steps
            row, column = y // 4, x // 2
            if 0 <= row < self._rows and 0 <= column < self._width:
                before = self._bits[row][column] if self._tones[row][column] == tone or every > 1 else 0
                self._bits[row][column] = before | DOTS[y % 4][x % 2]
                self._tones[row][column] = tone

    def rows(self) -> list[list[tuple[str, str]]]:
        return [
            [(chr(0x2800 + bits), tone) if bits else (" ", "") for bits, tone in zip(row, tones, strict=True)]
            for row, tones in zip(self._bits, self._tones, strict=True)
        ]


def sides(count: int, edges: Sequence[Edge]) -> tuple[list[int], list[int]]:
    """The nodes of each column from the top: strongly linked ones across from each other, so that few lines cross.

    Greedy on the weight across, then passes that sort each column by the weighted place of its neighbours (the barycentre
    of Sugiyama et al. 1981)."""
    weight: dict[tuple[int, int], float] = {}
    for e in edges:
        key = (min(e.start, e.end), max(e.start, e.end))
        weight[key] = weight.get(key, 0.0) + e.weight
    half = (count + 1) // 2
    columns: tuple[list[int], list[int]] = ([], [])
    for node in range(count):
        pull = [sum(weight.get((min(node, o), max(node, o)), 0.0) for o in column) for column in columns]
        side = 0 if pull[1] > pull[0] or (pull[1] == pull[0] and len(columns[0]) <= len(columns[1])) else 1
        side = 1 - side if len(columns[side]) >= half else side
        columns[side].append(node)
    for turn in range(PASSES):
        moving, fixed = columns[turn % 2], columns[1 - turn % 2]
        at = {node: place / max(1, len(fixed) - 1) for place, node in enumerate(fixed)}
        moving.sort(key=lambda n: _barycentre(n, at, weight))
    return columns


def _barycentre(node: int, at: dict[int, float], weight: dict[tuple[int, int], float]) -> float:
    pairs = [(weight.get((min(node, o), max(node, o)), 0.0), place) for o, place in at.items()]
    total = sum(w for w, _ in pairs)
    return sum(w * place for w, place in pairs) / total if total else 0.5


def _joined(row: list[tuple[str, str]]) -> Line:
    """Neighbouring cells of one tone as one piece."""
    line: Line = []
    for text, tone in row:
        if line and line[-1][1] == tone:
            line[-1] = (line[-1][0] + text, tone)
        else:
            line.append((text, tone))
    return line


