"""What an answer stands on: its facts, and the rows behind each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from coach.core.facts import Fact
from coach.engine import provenance
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.screens.stretches import StretchList
from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.moving import GoesOverRows
from coach.tui.widgets.paint import MOVES, Line, clean, fit

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


class FactRows(Rows, can_focus=True):
    """One line a fact: its number, the value as the answer says it, of what, over which time."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self.facts = list(facts)

    @property
    def count(self) -> int:
        return len(self.facts)

    def lines(self, width: int, height: int) -> list[Line]:
        return [self._line(n, width) for n in self.in_sight(height or 14)]

    def _line(self, n: int, width: int) -> Line:
        fact = self.facts[n]
        here = n == self.cursor
        about = " · ".join(p for p in (fact.metric.replace("_", " "), clean(fact.entity), fact.period.replace("/", " to ")) if p)
        head = f"{'›' if here else ' '} [{n + 1}] {fit(clean(fact.text), 24)} "
        return [(head, "cursor" if here else "strong"), (fit(about, max(8, width - len(head))), "muted")]


class FactsDialog(GoesOverRows, ModalScreen[None]):
    """Enter opens the stretches of time, or the task, that the fact under the cursor was computed from."""

    DEFAULT_CSS = """
    FactsDialog {
        align: center middle;
        & > Vertical { width: 96; max-width: 100%; height: auto; max-height: 100%; }
        FactRows { height: auto; max-height: 16; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("facts", "move"), Binding("escape", "dismiss", "leave")]

    app: CoachApp

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self._facts = facts

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "What this stands on"
            box.border_subtitle = f"{keys_of(BY_ID['facts.open'], self.app.keymap)} opens the rows · esc leaves"
            yield FactRows(self._facts)

    def on_mount(self) -> None:
        self.query_one(FactRows).focus()

    def action_facts_open(self) -> None:
        self.run_worker(self._open(), exclusive=True)

    async def _open(self) -> None:
        rows = self.query_one(FactRows)
        fact, config, tz = rows.facts[rows.cursor], self.app.runtime.config, self.app.tz
        found = await self.app.read(lambda db, now: provenance.origin(db, fact, config, tz))
        if found.stretches is not None:
            self.app.push_screen(StretchList(found.stretches))
        elif found.task_num is not None:
            self.app.notify(f"Task #{found.task_num}: {clean(fact.entity)}", markup=False)
        else:
            self.app.notify("Computed from what the other facts name; there are no rows of its own")
