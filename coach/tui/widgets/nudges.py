"""What Coach said lately: each line answered with one key, or rated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen

from coach.core.errors import CoachError
from coach.core.nudge import ACTED, Nudge
from coach.engine import nudging
from coach.tui.actions import ACTIONS, bindings, keys_of
from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.moving import GoesOverRows
from coach.tui.widgets.paint import MOVES, Line, Words, clean, fit

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

MOST = 50
NONE_YET = "Nothing was said yet. A line comes when something is due, slips or went well; `coach nudge` gives one now."


class NudgeList(Rows, can_focus=True):
    """One line a nudge, newest first: when, what came of it, the text."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Moved(Message):
        """Another line is under the cursor, or the lines are new."""

    def __init__(self) -> None:
        super().__init__()
        self.nudges: list[Nudge] = []
        self._times: list[str] = []

    def load(self, nudges: list[Nudge], times: list[str]) -> None:
        """`times` say when each was."""
        self.nudges, self._times = nudges, times
        self._go(self.cursor)
        self.refresh(layout=True)

    def _go(self, cursor: int) -> None:
        super()._go(cursor)
        self.post_message(self.Moved())

    @property
    def count(self) -> int:
        return len(self.nudges)

    @property
    def chosen(self) -> Nudge | None:
        return self.nudges[self.cursor] if self.nudges else None

    def lines(self, width: int, height: int) -> list[Line]:
        return [self._line(n, width) for n in self.in_sight(height or 12)]

    def _line(self, n: int, width: int) -> Line:
        said = self.nudges[n]
        head = f"{'›' if n == self.cursor else ' '} {self._times[n]}  {outcome(said):<12} "
        tone = "cursor" if n == self.cursor else ""
        return [(head, tone or "muted"), (fit(clean(said.text), max(8, width - len(head))), tone)]


class NudgesDialog(GoesOverRows, ModalScreen[None]):
    """Keys act on the line under the cursor; the first answer counts."""

    DEFAULT_CSS = """
    NudgesDialog {
        align: center middle;
        & > Vertical { width: 96; max-width: 100%; max-height: 100%; }
        NudgeList { height: 12; padding: 0 1; }
        #whole { padding: 1 1 0 1; height: auto; min-height: 4; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("nudges", "rating", "move"), Binding("escape", "dismiss", "leave")]

    app: CoachApp

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "What Coach said"
            shown = [a for a in ACTIONS if a.scope == "nudges" and a.show_in_footer]
            words = [f"{keys_of(a, self.app.keymap)} {a.title}" for a in shown]
            box.border_subtitle = " · ".join([*words, "1-5 rate", "esc leaves"])
            yield NudgeList()
            yield Words(id="whole", wrap=True)

    def on_mount(self) -> None:
        self.query_one(NudgeList).focus()
        self.run_worker(self._load())

    async def _load(self) -> None:
        found = await self.app.read(lambda db, now: nudging.history(db, MOST))
        if self.is_attached:
            self.query_one(NudgeList).load(found, [f"{n.at.astimezone(self.app.tz):%a %H:%M}" for n in found])

    @on(NudgeList.Moved)
    def _show_whole(self) -> None:
        said = self.query_one(NudgeList).chosen
        if said is None:
            self.query_one("#whole", Words).show([[(NONE_YET, "muted")]])
            return
        about = f"{said.situation.replace('_', ' ')}, {said.mode}, {said.channel or 'not delivered'}"
        self.query_one("#whole", Words).show([[(clean(said.text), "strong")], [(about, "muted")]])

    def action_nudge_done(self) -> None:
        self._answer("done")

    def action_nudge_start(self) -> None:
        self._answer("start")

    def action_nudge_snooze(self) -> None:
        self._answer("snooze")

    def action_nudge_not_helpful(self) -> None:
        self._answer("not_helpful")

    def action_rate(self, number: str) -> None:
        said = self.query_one(NudgeList).chosen
        if said is not None:
            self.run_worker(self._write(lambda db, now: nudging.rate(db, said.id, int(number))))

    def _answer(self, action: str) -> None:
        said = self.query_one(NudgeList).chosen
        if said is None:
            return
        if action in ("done", "start", "snooze") and said.task_id is None:
            self.app.notify("This line is about no task")
            return
        self.run_worker(self._write(lambda db, now: nudging.act(db, said.id, action, now, self.app.runtime.config)))

    async def _write(self, act: Any) -> None:
        try:
            await self.app.write(act)
        except CoachError as error:
            self.app.complain(error)
        await self._load()


def outcome(said: Nudge) -> str:
    """What came of a line, in a word, with its rating."""
    words: str = said.status if said.status not in ACTED or said.useful is None else "useful"
    if said.useful is False:
        words = "not helpful"
    return f"{words} {said.rating}/5" if said.rating else words
