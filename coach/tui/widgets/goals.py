"""Goals: how each stands, one more in plain words, one forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core.errors import CoachError
from coach.core.goal import EXAMPLE, Standing
from coach.engine import goals
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.paint import clean

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

NONE_YET = f"No goal yet. Type one and press enter, {EXAMPLE}."


class GoalsDialog(ModalScreen[None]):
    """Enter sets what is typed, arrows choose among the goals there are."""

    DEFAULT_CSS = """
    GoalsDialog {
        align: center middle;
        & > Vertical { width: 78; max-width: 100%; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 14; scrollbar-size-vertical: 1; }
        #goals { height: auto; padding: 0 1; }
        #said { height: auto; padding: 0 1; color: $quiet; }
        Input, Input:focus { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("goals"), Binding("escape", "dismiss", "leave"), Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]

    app: CoachApp

    def __init__(self) -> None:
        super().__init__()
        self._standings: tuple[Standing, ...] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "Goals"
            box.border_subtitle = f"enter sets · {keys_of(BY_ID['goals.remove'], self.app.keymap)} forgets · esc leaves"
            yield Input(placeholder="at most 30 min news a day", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield Static(id="goals")
            yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.run_worker(self._load(""))

    async def _load(self, say: str) -> None:
        config, tz = self.app.runtime.config, self.app.tz
        seen = await self.app.read(lambda db, now: goals.view(db, config, now, tz))
        if not self.is_attached:
            return
        self._standings = seen.standings
        self._at = max(0, min(self._at, len(self._standings) - 1))
        self._draw(say)

    def action_choose(self, by: int) -> None:
        if self._standings:
            self._at = (self._at + by) % len(self._standings)
            self._draw("")
            self.query_one(VerticalScroll).scroll_to(y=self._at - 6, animate=False)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if text := event.value.strip():
            self.run_worker(self._write(lambda db, now: goals.add(db, text, self.app.runtime.config, now), "Set: {}"))

    def action_goals_remove(self) -> None:
        if self._standings:
            ref = self._standings[self._at].goal.id
            self.run_worker(self._write(lambda db, now: goals.remove(db, ref, now), "Forgotten: {} · undo brings it back"))

    async def _write(self, act: Any, words: str) -> None:
        try:
            goal = await self.app.write(act)
        except CoachError as error:
            self.query_one("#said", Static).update(f"{error.message}; {error.hint}" if error.hint else error.message)
            return
        self.query_one(Input).value = ""
        await self._load(words.format(clean(goal.text())))

    def _draw(self, say: str) -> None:
        lines = [self._line(n, standing) for n, standing in enumerate(self._standings)]
        self.query_one("#goals", Static).update(Content("\n").join(lines))
        self.query_one("#said", Static).update(say or ("" if lines else NONE_YET))

    def _line(self, n: int, standing: Standing) -> Content:
        here = n == self._at
        kept = f", kept {standing.kept} of {standing.n}" if standing.n else ""
        text = f"{'›' if here else ' '} {clean(standing.goal.text())}  {standing.used_min:.0f} min so far, {standing.state}{kept}"
        return Content.styled(text, "bold $primary" if here else "")
