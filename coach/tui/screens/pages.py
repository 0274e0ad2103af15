"""Insights has pages: the screen itself and others that stand in front of it. What they share."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from coach.core.errors import CoachError
from coach.engine.watch import edits
from coach.tui.actions import BY_ID, PAGES, bindings, keys_of
from coach.tui.screens.base import CoachScreen, V
from coach.tui.widgets.pagestrip import PageStrip
from coach.tui.widgets.paint import Line, Words

LOOKING: list[Line] = [[("Looking at your days …", "muted")]]


class Paged(CoachScreen[V]):
    """A screen that is one of the pages, with the keys that lead from one to another."""

    SCOPES: ClassVar[tuple[str, ...]] = ("pages",)
    BINDINGS: ClassVar[list[BindingType]] = bindings("pages")

    def strip(self) -> PageStrip:
        """The line that names the pages."""
        keys = [keys_of(BY_ID[f"pages.{p.name}"], self.app.keymap) if f"pages.{p.name}" in BY_ID else "" for p in PAGES]
        return PageStrip([(p.name, p.title) for p in PAGES], self.NAME, keys)

    @on(PageStrip.Chosen)
    def _chosen_page(self, message: PageStrip.Chosen) -> None:
        self._turn_to(message.name)

    def _turn_to(self, name: str) -> None:
        if name == self.NAME:
            return
        if name == PAGES[0].name:
            self.app.pop_screen()
        elif PAGES[0].name == self.NAME:
            self.app.push_screen(name)
        else:
            self.app.switch_screen(name)

    def _step(self, by: int) -> None:
        names = [p.name for p in PAGES]
        self._turn_to(names[(names.index(self.NAME) + by) % len(names)])

    def action_pages_next(self) -> None:
        self._step(1)

    def action_pages_before(self) -> None:
        self._step(-1)

    def action_pages_forecast(self) -> None:
        self._turn_to("forecast")

    def action_pages_patterns(self) -> None:
        self._turn_to("patterns")

    def action_pages_graph(self) -> None:
        self._turn_to("graph")

    def action_pages_whatif(self) -> None:
        self._turn_to("whatif")

    def action_pages_avoidance(self) -> None:
        self._turn_to("avoidance")

    def action_pages_progress(self) -> None:
        self._turn_to("progress")

    def action_pages_time(self) -> None:
        """Esc leaves a text field first, then the page."""
        if PAGES[0].name == self.NAME or (self.focused is not None and self.focused.check_consume_key("a", "a")):
            self.action_leave_field()
        else:
            self._turn_to(PAGES[0].name)


class Page(Paged[V]):
    """A page beside the first: a line of pages, then what `page` gives, scrolling. Its view is built in the thread for what
    takes a model."""

    TAB = "insights"
    SAYS: ClassVar[str] = "source"
    """The words that say what goes on while there is no view, and what went wrong."""
    DEFAULT_CSS = """
    Page {
        #page { scrollbar-size-vertical: 1; padding: 0 1; }
        .title { margin-top: 1; }
    }
    """

    def body(self) -> ComposeResult:
        yield self.strip()
        with VerticalScroll(id="page", can_focus=False):
            yield from self.page()

    def page(self) -> ComposeResult:
        """The widgets of the page."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.say(self.SAYS, LOOKING)

    def failed(self, error: CoachError) -> None:
        if self.view is None and self.is_attached:
            self.say(self.SAYS, [[(error.message, "strong")], [(error.hint, "muted")]])

    def _begin(self) -> Future[tuple[object, V] | None]:
        return self.app.begin_thinking(self._fresh)

    def stamp(self, db: Any, now: datetime) -> object:
        # Tracked time changes all the time; what was found in weeks of it does not within a quarter of an hour.
        return edits(db), int(now.timestamp() // 900)

    def say(self, name: str, lines: list[Line]) -> None:
        self.query_one(f"#{name}", Words).show(lines)


def titled(name: str) -> ComposeResult:
    """A heading, `#NAME_title`."""
    words = Words(id=f"{name}_title")
    words.add_class("title")
    yield words


def title(words: str, note: str) -> Line:
    return [(words, "strong"), (f"  {note}", "muted")]


def served_by(who: str, why: str) -> Line:
    """Who says it, model or baseline, and why that one."""
    named = who if who.startswith("your") else f"the {who}"
    return [("◇ ", "accent"), (f"served by {named}", ""), (f": {why}" if why else "", "muted")]
