"""Saved filters: pick one, save the present one, forget one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core.errors import CoachError
from coach.engine import filters
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.paint import clean

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

NONE_YET = "No filter is saved yet. Type one with {search}, for example  +phone due.before:fri  then {save} saves it."

Saved = tuple[str, list[str]]


class FilterPicker(ModalScreen[str | None]):
    """Dismissed with the name of the filter that was picked, or None. Arrows choose, typing narrows by name.

    With `saving`, these words are what is saved: enter keeps them under the name that is typed, in place of a filter that
    has it already, and dismisses with that name."""

    DEFAULT_CSS = """
    FilterPicker {
        align: center middle;
        & > Vertical { width: 72; max-width: 100%; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 14; scrollbar-size-vertical: 1; }
        #names { height: auto; padding: 0 1; }
        #said { height: auto; padding: 0 1; color: $quiet; }
        Input, Input:focus { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("filters"), Binding("escape", "dismiss", "leave"), Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]

    app: CoachApp

    def __init__(self, saved: Sequence[Saved], saving: Sequence[str] = ()) -> None:
        super().__init__()
        self._saved, self._saving = list(saved), tuple(saving)
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            if self._saving:
                box.border_title = "Save this filter as"
                box.border_subtitle = "enter saves · esc leaves"
            else:
                box.border_title = "Saved filters"
                remove = keys_of(BY_ID["filters.remove"], self.app.keymap)
                box.border_subtitle = f"enter picks · {remove} forgets · esc leaves"
            yield Input(placeholder="a name" if self._saving else "a few letters of the name", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield Static(id="names")
            yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._draw()

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value.strip().removeprefix("@")

    @property
    def _fitting(self) -> list[Saved]:
        return [one for one in self._saved if self._typed.casefold() in one[0].casefold()]

    def action_choose(self, by: int) -> None:
        if self._fitting:
            self._at = (self._at + by) % len(self._fitting)
            self._draw()
            self.query_one(VerticalScroll).scroll_to(y=self._at - 6, animate=False)

    def on_input_changed(self) -> None:
        self._at = 0
        self._draw()

    @on(Input.Submitted)
    async def _entered(self) -> None:
        if self._saving:
            self.run_worker(self._save(self._typed))
        elif self._fitting:
            self.dismiss(self._fitting[self._at][0])

    async def _save(self, name: str) -> None:
        words, app = self._saving, self.app
        try:
            await app.write(lambda db, now: filters.save(db, name, words, app.runtime.config, now, app.tz))
        except CoachError as error:
            self.query_one("#said", Static).update(f"{error.message}; {error.hint}")
            return
        self.dismiss(name)

    async def action_filters_remove(self) -> None:
        if self._saving or not self._fitting:
            return
        name, _ = self._fitting[self._at]
        try:
            await self.app.write(lambda db, now: filters.remove(db, name, now))
        except CoachError as error:
            self.app.complain(error)
            return
        self._saved = [one for one in self._saved if one[0] != name]
        self._at = max(0, min(self._at, len(self._fitting) - 1))
        self._draw()
        self.query_one("#said", Static).update(f"Forgotten: @{name} · undo on the list brings it back")

    def _draw(self) -> None:
        width = max((len(name) for name, _ in self._saved), default=0)
        lines = []
        for n, (name, words) in enumerate(self._fitting):
            here = n == self._at and not self._saving
            text = f"{'›' if here else ' '} @{name:<{width}}  {clean(' '.join(words))}"
            lines.append(Content.styled(text, "bold $primary" if here else "$quiet" if self._saving else ""))
        self.query_one("#names", Static).update(Content("\n").join(lines))
        self.query_one("#said", Static).update(self._words())

    def _words(self) -> str:
        if self._saving:
            replaces = any(name == self._typed for name, _ in self._saved)
            return f"{' '.join(self._saving)}" + ("\nreplaces the filter of that name" if replaces else "")
        keys = {name: keys_of(BY_ID[i], self.app.keymap) for name, i in (("search", "search"), ("save", "tasks.save_filter"))}
        return "" if self._fitting else "No filter has such a name" if self._saved else NONE_YET.format(**keys)
