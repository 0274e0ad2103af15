"""Everything that was said, searched: questions and answers that hold the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from coach.engine import chat_past
from coach.engine.chat_past import Exchange
from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.paint import MOVES, Line, Words, clean, fit

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

MOST = 100


class Exchanges(Rows):
    """One line an exchange, newest first: when, and what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Exchange] = []
        self.times: list[str] = []

    @property
    def count(self) -> int:
        return len(self.found)

    def lines(self, width: int, height: int) -> list[Line]:
        return [self._line(n, width) for n in self.in_sight(height or 8)]

    def _line(self, n: int, width: int) -> Line:
        here = n == self.cursor
        head = f"{'›' if here else ' '} {self.times[n]}  "
        text = self.found[n].question or self.found[n].answer
        return [(head, "cursor" if here else "muted"), (fit(clean(text), max(8, width - len(head))), "cursor" if here else "")]


class ChatSearch(ModalScreen[str | None]):
    """Returns the question to ask again, or None."""

    DEFAULT_CSS = """
    ChatSearch {
        align: center middle;
        & > Vertical { width: 90; max-width: 100%; height: auto; max-height: 100%; }
        Exchanges { height: 8; padding: 0 1; }
        #answer { height: auto; max-height: 8; padding: 1 1 0 1; }
        Input, Input:focus { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave"), *MOVES]

    app: CoachApp

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "What was said"
            box.border_subtitle = "enter asks it again · esc leaves"
            yield Input(placeholder="words of a question or an answer", select_on_focus=False)
            yield Exchanges()
            yield Words(id="answer", wrap=True)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.run_worker(self._load(""), exclusive=True)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.run_worker(self._load(event.value), exclusive=True)

    async def _load(self, text: str) -> None:
        found = await self.app.read(lambda db, now: chat_past.found(db, text, MOST))
        if not self.is_attached:
            return
        rows = self.query_one(Exchanges)
        rows.found = found
        rows.times = [f"{e.at.astimezone(self.app.tz):%d %b %H:%M}" for e in found]
        rows.cursor = 0
        rows.repaint(layout=True)
        self._show()

    def _show(self) -> None:
        rows = self.query_one(Exchanges)
        lines: list[Line] = [[("Nothing was said with these words.", "muted")]]
        if rows.found:
            lines = [[(clean(line), "")] for line in rows.found[rows.cursor].answer.split("\n")[:8]]
        self.query_one("#answer", Words).show(lines)

    def action_cursor_down(self) -> None:
        self.query_one(Exchanges).action_cursor_down()
        self._show()

    def action_cursor_up(self) -> None:
        self.query_one(Exchanges).action_cursor_up()
        self._show()

    @on(Input.Submitted)
    def _chosen(self) -> None:
        rows = self.query_one(Exchanges)
        self.dismiss(rows.found[rows.cursor].question or None if rows.found else None)
