"""Asks for a category by a few letters, and whether the answer holds for one stretch or for all history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core import fuzzy
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.paint import clean

NONE = "No category has such a name; enter takes a new one under a known one: Work > Accounting"


@dataclass(frozen=True, slots=True)
class Picked:
    """`words` is a category's name or the beginning of one."""

    words: str
    everywhere: bool


class CategoryPicker(ModalScreen[Picked | None]):
    """Dismissed with what was picked, or None. Arrows choose, typing narrows, one key switches how far it reaches."""

    DEFAULT_CSS = """
    CategoryPicker {
        align: center middle;
        & > Vertical { width: 64; max-width: 100%; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 12; scrollbar-size-vertical: 1; }
        #names { height: auto; padding: 0 1; }
        #reach { height: auto; padding: 0 1; }
        Input, Input:focus { background: $surface; }
        &.-low > Vertical { border: none; padding: 0; }
        &.-low VerticalScroll { max-height: 3; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012  Textual declares it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("category"), Binding("escape", "dismiss", "leave"), Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]

    def __init__(
        self, subject: str, present: str, names: Sequence[str], here: str, everywhere: bool, *, reach: str = "", none: str = NONE
    ) -> None:
        """`here` names the lesser reach, such as "Only this stretch"; empty where there is none. `reach` says instead what an
        answer does where there is no choice of it, `none` what enter does where no name fits."""
        super().__init__()
        self._reach, self._none = reach, none
        self._subject, self._present, self._names = clean(subject), present, tuple(names)
        self._here, self._everywhere = here, everywhere or not here
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = f"Category of {self._subject}"
            box.border_subtitle = "enter picks · esc leaves"
            yield Input(placeholder=f"now {self._present or 'none'}; a few letters of another", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield Static(id="names")
            yield Static(id="reach")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._draw()

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    @property
    def _fitting(self) -> list[str]:
        if not self._typed:
            return list(self._names)
        scored = [(fuzzy.score(self._typed.casefold(), name.casefold()), name) for name in self._names]
        return [name for score, name in sorted(scored, key=lambda s: (-s[0], s[1])) if score > 0]

    def action_choose(self, by: int) -> None:
        if fitting := self._fitting:
            self._at = (self._at + by) % len(fitting)
            self._draw()
            self.query_one(VerticalScroll).scroll_to(y=self._at - 5, animate=False)

    def action_category_reach(self) -> None:
        if self._here:
            self._everywhere = not self._everywhere
            self._draw()

    def on_input_changed(self) -> None:
        self._at = 0
        self._draw()

    @on(Input.Submitted)
    def _entered(self) -> None:
        fitting = self._fitting
        words = fitting[self._at] if fitting else self._typed
        if words:
            self.dismiss(Picked(words, self._everywhere))

    def _draw(self) -> None:
        fitting = self._fitting
        lines = [
            Content.styled(f"{'›' if n == self._at else ' '} {name}", "bold $primary" if n == self._at else "")
            for n, name in enumerate(fitting)
        ]
        self.query_one("#names", Static).update(Content("\n").join(lines) if lines else Content.styled(self._none, "$quiet"))
        key = keys_of(BY_ID["category.reach"], getattr(self.app, "keymap", {}))
        everything = self._reach or f"All of {self._subject}, past and future (a rule)"
        reach = everything if self._everywhere else self._here
        switch = f"  {key} switches" if self._here else ""
        self.query_one("#reach", Static).update(Content.assemble(("▸ ", "$primary"), reach, (switch, "$quiet")))
