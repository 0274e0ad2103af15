"""What a number is made of: stretches of time with their titles, newest first; each can be given another category."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from coach.core.event import Event
from coach.core.words import duration
from coach.engine import categories
from coach.engine.stretches import Asked, Stretches, stretches
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.recategorise import ask_category
from coach.tui.widgets.moving import GoesOverOptions
from coach.tui.widgets.paint import LEVEL_MARKS, clean, fit, productivity, right

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


TONES = ("$error", "$warning", "$quiet", "$success", "$success")
"""By productivity; the marks say the same without colour."""


class StretchList(GoesOverOptions, ModalScreen[None]):
    """Reads its rows itself, and again after a change of a category."""

    DEFAULT_CSS = """
    StretchList {
        align: center middle;
        & > Vertical { width: 94%; max-width: 130; height: 92%; }
        OptionList { height: 1fr; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis; }
        OptionList:focus { border: none; background-tint: $background 0%; }
        #sum { height: 1; padding: 0 1; color: $quiet; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("move", "stretches"), Binding("escape,q", "dismiss", "close"),
    ]

    app: CoachApp

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self.found: Stretches | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = clean(self._asked.title)
            fix = keys_of(BY_ID["stretches.category"], self.app.keymap)
            box.border_subtitle = f"{fix} another category · esc closes"
            yield Static("", id="sum", markup=False)
            yield OptionList(id="rows")

    def on_mount(self) -> None:
        self.run_worker(self._load(), exclusive=True, group="stretches")

    async def _load(self) -> None:
        asked, config, tz = self._asked, self.app.runtime.config, self.app.tz

        def read(db: Any, now: datetime) -> Stretches:
            return stretches(db, asked, categories.load(db, config), tz)

        self.found = await self.app.read(read)
        rows = self.query_one(OptionList)
        here = rows.highlighted
        days = len({e.start.astimezone(tz).date() for e in self.found.rows}) > 1
        rows.clear_options()
        rows.add_options([Option(self._prompt(e, days)) for e in self.found.rows])
        if self.found.rows:
            rows.highlighted = min(here or 0, len(self.found.rows) - 1)
        self.query_one("#sum", Static).update(self._sum(self.found))

    @staticmethod
    def _sum(found: Stretches) -> str:
        if not found.count:
            return "Nothing was tracked there."
        shown = f", the newest {len(found.rows):,} shown" if len(found.rows) < found.count else ""
        return f"{duration(found.total_s)} in {found.count:,} {'stretch' if found.count == 1 else 'stretches'}{shown}"

    def _prompt(self, event: Event, with_day: bool) -> Content:
        """One row; what all rows have in common is left out, and in a narrow terminal the end and the category's name."""
        assert self.found is not None
        tz, wide = self.app.tz, self.app.size.width >= 110
        start, end = event.start.astimezone(tz), event.end.astimezone(tz)
        when = (f"{start:%a} {start.day:>2} {start:%b} " if with_day else "") + f"{start:%H:%M}"
        step = productivity(self.found.levels.get(event.category or "", 0.5))
        category = (event.category or "Uncategorised").rpartition(" > ")[2]
        length = right(duration((event.end - event.start).total_seconds()), 12 if wide else 11)
        return Content.assemble(
            (when + (f" to {end:%H:%M}" if wide else ""), "$quiet"), length, " ", (LEVEL_MARKS[step], TONES[step]), " ",
            (fit(event.app, 16) + " " if self._asked.field != "app" else "", "bold"),
            (fit(category, 16) + " " if wide and self._asked.field != "category" else "", "$quiet"),
            clean(event.title or event.url),
        )

    @property
    def chosen(self) -> Event | None:
        """The stretch under the cursor."""
        at = self.query_one(OptionList).highlighted
        return self.found.rows[at] if self.found and at is not None and at < len(self.found.rows) else None

    def action_stretches_category(self) -> None:
        event = self.chosen
        if event is not None:
            ask_category(self.app, event, lambda: self.run_worker(self._load(), exclusive=True, group="stretches"))
