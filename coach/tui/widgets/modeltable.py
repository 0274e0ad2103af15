"""Models as rows: version, who serves, and the score against the baseline with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.paint import MOVES, Line, fit, right


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`gain` is the baseline's loss less the model's with the ends of its 95 % interval; None before there is a score."""

    title: str
    version: str
    serves: str
    days: int
    loss: float | None
    baseline_loss: float | None
    gain: tuple[float, float, float] | None
    own: str = ""
    """On how much of the person's own it stands."""


class ModelTable(Rows, can_focus=True):
    """A row for each model, with a cursor; in a narrow terminal the losses give way to the gain."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Moved(Message):
        """The cursor stands on another model."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[ModelRow] = ()
        self.cursor = 0

    def show(self, rows: Sequence[ModelRow]) -> None:
        self._rows = rows
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        wide = width >= 104
        losses = f"{right('loss', 9)} {right('baseline', 9)} " if wide else ""
        head = f"  {fit('', 16)} {fit('version', 8)} {fit('serves', 9)} {right('n', 7)} {losses} gain, 95 % interval"
        return [[(head, "muted")], *(self._row(n, r, wide) for n, r in enumerate(self._rows))]

    def _row(self, number: int, r: ModelRow, wide: bool) -> Line:
        here = number == self.cursor
        line: Line = [
            ("▸ " if here else "  ", "accent"),
            (fit(r.title, 16), "cursor" if here and self.has_focus else "strong"),
            (f" {fit(r.version, 8)} ", ""), (fit(r.serves, 9), "good" if r.serves == "model" else "muted"),
            (right(f"{r.days} d", 8) + " ", "muted"),
        ]
        if wide:
            line.append((f"{right(_number(r.loss), 9)} {right(_number(r.baseline_loss), 9)} ", ""))
        if r.gain is None:
            return [*line, (f" {r.own}; no score yet" if r.own else " no score yet", "muted")]
        value, low, high = r.gain
        tone = "good" if low > 0 else "bad" if high < 0 else ""
        return [*line, (f" {value:+.4f} ({low:+.4f} to {high:+.4f})", tone)]

    @property
    def count(self) -> int:
        return len(self._rows)

    def _go(self, cursor: int) -> None:
        super()._go(cursor)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        self._go(event.y - 1)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
