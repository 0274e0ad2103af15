"""What the six screens share: header, body, footer, and a view that is built off the UI thread.

A screen says how its view is made (`build`, in the reader thread) and how it is shown (`show`, in the UI thread):

    class TodayScreen(CoachScreen[TodayView]):
        NAME = "today"
        BINDINGS = bindings("today")

        def body(self) -> ComposeResult: ...
        def build(self, db: Connection, now: datetime) -> TodayView: return views.today(db, now, ...)
        def show(self, view: TodayView) -> None: ...
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widgets import Static

from coach.core.errors import CoachError
from coach.engine.logs import place
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.footer import KeyBar
from coach.tui.widgets.header import TopBar

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

V = TypeVar("V")

FIRST_WAIT_S = 0.25
"""The longest that the first paint waits for its content."""
DEFECTS = 3
"""So many times in a row a screen may fail to be made; then something is so broken that the app ends and says where."""

log = logging.getLogger(__name__)


class CoachScreen(Screen[None], Generic[V]):
    """A screen with one view. It loads when first shown, when the store has changed and when the minute turns."""

    NAME: ClassVar[str] = ""
    """Scope of its own keys; of the six also mode and module: today, tasks, plan, insights, coach or setup."""
    TAB: ClassVar[str] = ""
    """Which of the six it belongs to, where it is not itself one of them."""
    SCOPES: ClassVar[tuple[str, ...]] = ()
    """Further scopes of keys that it binds, for the palette."""
    LOOKS: ClassVar[str] = ""
    """Its own rules, above those of the widgets, as in Textual's `CSS`: there the first visit parses every stylesheet of the app
    again."""

    AHEAD: ClassVar[bool] = True
    """Whether its first view is built while nobody waits: not where that loads a model, which stays in memory."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("move"), Binding("escape", "leave_field", show=False),
    ]
    DEFAULT_CSS = """
    CoachScreen {
        #broken { display: none; }
        &.-broken > * { display: none !important; }
        &.-broken > TopBar, &.-broken > KeyBar, &.-broken > #broken { display: block !important; }
    }
    """

    app: CoachApp

    def __init__(self) -> None:
        super().__init__()
        self._join_styles()
        self.view: V | None = None
        self._loading = self._again = False
        self._seen = -1
        self._stamp: object = None
        self._fresh_styles = True
        self._waiting: list[Callable[[], object]] = []
        self._first: Future[tuple[object, V] | None] | None = None
        self._first_seen = -1
        self._defects = 0

    def _join_styles(self) -> None:
        """A screen that is made now gets the theme in force, and only what is new in it has to be parsed."""
        own = type(self)
        if own.LOOKS:
            self.app.stylesheet.add_source(own.LOOKS, (own.__module__, f"{own.__name__}.LOOKS"), scope=own.__name__)
        # Textual takes a new mode for one that was styled under another theme, and parses and styles everything twice more.
        # Nothing public says which theme a screen was styled under.
        self._css_update_count = self.app._css_update_count

    def prepare(self) -> Future[tuple[object, V] | None]:
        """Start to build the first view, before the screen is shown or, with nobody waiting, long before."""
        self._first_seen = self.app.version
        self._first = self._begin()
        return self._first

    def compose(self) -> ComposeResult:
        if self._first is None or (self._first.done() and self._first.exception()):
            self.prepare()
        self._break_early()
        if not self.app.starting:
            self.app.hold_picture()
        yield TopBar(self.TAB or self.NAME)
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets between header and footer."""
        raise NotImplementedError

    def stamp(self, db: Any, now: datetime) -> object:
        """A value that differs when the view may differ; None always does. Runs in the reader thread and must be cheap:
        it spares a screen the reloads for what it does not show, such as tracked time."""
        return None

    def build(self, db: Any, now: datetime) -> V:
        """The view. Runs in the reader thread with that thread's connection: touch no widget here."""
        raise NotImplementedError

    def show(self, view: V) -> None:
        """Hand the view's parts to the widgets. Runs in the UI thread; `self.view` is already set."""
        raise NotImplementedError

    def failed(self, error: CoachError) -> None:
        """The view could not be built, for a reason that the person was told."""

    def selected_tasks(self) -> tuple[str, ...]:
        """Ids of the tasks that `space`, `z` and `f` act on: marked ones, else the one under the cursor."""
        return ()

    def select_task(self, id: str) -> bool:
        """Move the cursor to that task; False when this screen does not show it."""
        return False

    def after_bulk(self) -> None:
        """What `selected_tasks` named was acted on: drop the marks."""

    def when_loaded(self, act: Callable[[], object]) -> None:
        """Run it once the view is shown: now, or after the load that is going on."""
        if self.view is not None and not self._loading:
            act()
        else:
            self._waiting.append(act)

    async def loaded(self) -> None:
        """Wait until what was written before is shown, or could not be."""
        while self._loading:
            await asyncio.sleep(0.005)

    @property
    def is_loading(self) -> bool:
        """Whether a view is being built."""
        return self._loading

    def reload(self) -> None:
        """Build and show the view again. Calls during a load are answered by one more load."""
        if self._loading:
            self._again = True
            return
        self._loading = True
        self.run_worker(self._load(), group="view", exit_on_error=True)

    async def _load(self) -> None:
        try:
            while True:
                first, self._first = self._first, None
                self._seen = self.app.version if first is None else self._first_seen
                self._again = self._seen != self.app.version  # what was prepared stands there, and is made anew behind that
                try:
                    fresh = await asyncio.wrap_future(first or self._begin())
                except CoachError as error:
                    self.app.complain(error)
                    self.failed(error)
                    return
                except Exception as error:
                    # A defect in one view must not take the other screens along, unless it stays.
                    self._defects += 1
                    if self._defects >= DEFECTS or not self.is_attached:
                        raise
                    await self._show_defect(error)
                    return
                if not self.is_attached:
                    return
                self._defects = 0
                self.remove_class("-broken")
                self._arrived(fresh)
                if not self._again:
                    self._let_act()
                    return
        finally:
            self._loading = False
            self.app.show_picture()

    async def _show_defect(self, error: Exception) -> None:
        """An empty view that says what can be done, and where it happened in the log; never what the error quotes."""
        log.error("the screen %s could not be made: %s", self.NAME, place(error))
        if not self.query("#broken"):
            await self.mount(Static(id="broken", classes="empty", markup=False), before=self.query_one(KeyBar))
        keys = {name: keys_of(BY_ID[name], self.app.keymap) for name in ("undo", "screen.today", "screen.setup", "quit")}
        self.query_one("#broken", Static).update(
            f"This screen could not be made: a defect in Coach ({type(error).__name__}).\nNothing that you typed is lost.\n\n"
            f"It is tried again with the next change and every minute.\n{keys['undo']} takes the last change back · "
            f"{keys['screen.today']} to {keys['screen.setup']} go to other screens · {keys['quit']} leaves\n\n"
            f"state/coach.log says where it happened."
        )
        self.add_class("-broken")
        self.app.notify(f"This screen could not be made ({type(error).__name__})", severity="error", timeout=10, markup=False)

    def _begin(self) -> Future[tuple[object, V] | None]:
        """Start to build the view; a screen whose view takes its time does so elsewhere than in the reader thread."""
        return self.app.begin_read(self._fresh)

    def _fresh(self, db: Any, now: datetime) -> tuple[object, V] | None:
        """The view with its stamp, or None when the one that is shown still holds."""
        stamp = self.stamp(db, now)
        if self.view is not None and stamp is not None and stamp == self._stamp:
            return None
        return stamp, self.build(db, now)

    def _arrived(self, fresh: tuple[object, V] | None) -> None:
        if fresh is not None:
            self._stamp, self.view = fresh
            self.show(self.view)
        self.app.show_picture()

    def _let_act(self) -> None:
        """What waited for the view: only now does it hold all that was written before."""
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def _break_early(self) -> None:
        """Set the classes of the breakpoints before anything is styled; Textual would style every widget again."""
        for length, breakpoints in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            fitting = [name for least, name in sorted(breakpoints or []) if length >= least]
            self.update_classes(dict.fromkeys(fitting[-1:], True), update=False)

    def on_screen_resume(self, event: ScreenResume) -> None:
        self.app.opened[self.NAME] += 1
        if self._fresh_styles:
            self._fresh_styles = event.refresh_styles = False  # the first resume: just mounted, just styled
        self.query_one(TopBar).status = self.app.status
        if self.app.starting and self._first is not None and self._take_first(self._first):
            return
        if self._seen != self.app.version:
            self.reload()

    def _take_first(self, first: Future[tuple[object, V] | None]) -> bool:
        """At the start of the app the first paint waits a moment for the view, so that it is painted once, not twice."""
        self._seen = self.app.version
        try:
            fresh = first.result(FIRST_WAIT_S)
        except Exception:  # noqa: BLE001  a timeout, or whatever went wrong: the usual way does not block, and says what it was
            self._seen = -1
            return False
        self._first = None
        self._arrived(fresh)
        self._let_act()
        return True

    def come_in(self) -> None:
        """The person asked for this screen, which was there before, by its key."""

    def action_leave_field(self) -> None:
        """Esc leaves a text field, so that letters are keys again."""
        if self.focused is not None and self.focused.check_consume_key("a", "a"):
            self.set_focus(next((w for w in self.focus_chain if not w.check_consume_key("a", "a")), None))
        else:
            self.drop_toasts()

    def drop_toasts(self) -> None:
        """Where Esc has nothing else to leave, what toasts cover is seen again; `!` still lists what Coach said."""
        self.app.clear_notifications()

    # Letters beside the arrow keys: whatever has the focus is moved or scrolled.

    def _hand_on(self, *names: str) -> None:
        for name in names:
            act = getattr(self.focused, f"action_{name}", None)
            if act is not None:
                self.call_next(self._obey, act)
                return

    @staticmethod
    async def _obey(act: Callable[[], object]) -> None:
        """What has nowhere to scroll to skips the action, which is no failure."""
        with suppress(SkipAction):
            done = act()
            if isawaitable(done):
                await done

    def action_move_down(self) -> None:
        self._hand_on("cursor_down", "scroll_down")

    def action_move_up(self) -> None:
        self._hand_on("cursor_up", "scroll_up")

    def action_move_page_down(self) -> None:
        for page in self.query("#page").results(VerticalScroll):
            page.scroll_page_down(animate=False)

    def action_move_page_up(self) -> None:
        for page in self.query("#page").results(VerticalScroll):
            page.scroll_page_up(animate=False)

    def action_move_first(self) -> None:
        self._hand_on("first", "cursor_first", "scroll_home")

    def action_move_last(self) -> None:
        self._hand_on("last", "cursor_last", "scroll_end")

    def action_move_left(self) -> None:
        self._hand_on("cursor_left", "scroll_left")

    def action_move_right(self) -> None:
        self._hand_on("cursor_right", "scroll_right")
