"""Tracked time that waits for a task: what it was likely for, why, and how sure that is; one key counts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from coach.core.errors import CoachError
from coach.core.words import duration
from coach.engine import attribution
from coach.engine.attribution import AttributionView, Item
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.moving import GoesOverOptions
from coach.tui.widgets.paint import clean, right

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


class Attributions(GoesOverOptions, ModalScreen[None]):
    """Reads the proposals itself, and again after each answer."""

    DEFAULT_CSS = """
    Attributions {
        align: center middle;
        & > Vertical { width: 94%; max-width: 120; height: auto; max-height: 92%; }
        OptionList { height: auto; max-height: 24; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis; }
        OptionList:focus { border: none; background-tint: $background 0%; }
        #why { padding: 0 1; color: $quiet; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("move", "attribution"), Binding("escape,q", "dismiss", "close"),
    ]

    app: CoachApp

    def __init__(self) -> None:
        super().__init__()
        self.found: AttributionView | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "Tracked time for tasks"
            yes, no = (keys_of(BY_ID[f"attribution.{name}"], self.app.keymap) for name in ("accept", "reject"))
            box.border_subtitle = f"{yes} counts it · {no} was something else · esc closes"
            yield OptionList(id="rows")
            yield Static("Reading what was tracked …", id="why", markup=False)

    def on_mount(self) -> None:
        self._load_soon()

    def _load_soon(self) -> None:
        self.run_worker(self._load(), exclusive=True, group="attributions")

    async def _load(self) -> None:
        config, tz = self.app.runtime.config, self.app.tz

        def read(db: Any, now: datetime) -> AttributionView:
            return attribution.view(db, config, now, tz)

        self.found = await self.app.read(read)
        rows = self.query_one(OptionList)
        here = rows.highlighted
        rows.clear_options()
        rows.add_options([Option(self._prompt(item)) for item in self.found.items])
        rows.display = bool(self.found.items)
        if self.found.items:
            rows.highlighted = min(here or 0, len(self.found.items) - 1)
        self._explain()

    def _prompt(self, item: Item) -> Content:
        return Content.assemble(
            (f"{item.day:%a} {item.day.day:>2} {item.day:%b} ", "$quiet"), right(duration(item.proposal.ms / 1000), 11),
            (right(f"{item.proposal.confidence:.0%}", 5), "bold"), " ", (right(str(item.task.num), 5), "$quiet"), " ",
            clean(item.task.title),
        )

    def on_option_list_option_highlighted(self) -> None:
        self._explain()

    def _explain(self) -> None:
        if self.found is None:
            return
        item, decided = self.chosen, self.found.accepted + self.found.rejected
        words = f"because of {item.because()}" if item and item.proposal.lines else "No tracked time waits for a task."
        right_ones = f"\nSo far {self.found.accepted} of {decided} were right, {self.found.said:.0%} were expected to be."
        self.query_one("#why", Static).update(clean(words) + (right_ones if decided else ""))

    @property
    def chosen(self) -> Item | None:
        """The proposal under the cursor."""
        at = self.query_one(OptionList).highlighted
        return self.found.items[at] if self.found and at is not None and at < len(self.found.items) else None

    def on_option_list_option_selected(self) -> None:
        self.action_attribution_accept()

    def action_attribution_accept(self) -> None:
        self._answer(attribution.accept, "for")

    def action_attribution_reject(self) -> None:
        self._answer(attribution.reject, "not for")

    def _answer(self, decide: Callable[..., list[Item]], words: str) -> None:
        item, config, tz = self.chosen, self.app.runtime.config, self.app.tz
        if item is None:
            return

        async def run() -> None:
            try:
                (done,) = await self.app.write(lambda db, now: decide(db, [item.task.id], config, now, tz, item.day))
            except CoachError as error:
                self.app.complain(error)
                return
            length = duration(done.proposal.ms / 1000)
            self.app.notify(f"{length} {words} {done.task.title} · u takes it back", markup=False)
            await self._load()

        self.run_worker(run(), group="answer")
