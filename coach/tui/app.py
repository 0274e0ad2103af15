"""The Textual app: six screens as modes, two store threads, one poll a second."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from coach.core.errors import CoachError
from coach.engine import clock, focusing, opening
from coach.engine.focusing import Session
from coach.engine.watch import version
from coach.tui import idle, task_actions, theme
from coach.tui.actions import BEHIND, SCREENS, bindings, checked_keymap
from coach.tui.anew import Unasked
from coach.tui.screens.base import CoachScreen
from coach.tui.store_thread import StoreThread
from coach.tui.widgets.header import Status, TopBar

if TYPE_CHECKING:
    from coach.engine.conversing import Conversation
    from coach.engine.runtime import Runtime

T = TypeVar("T")

log = logging.getLogger(__name__)

POLL_S = 1.0
SWITCH_S = 0.005
HOLD_S = 0.1
"""A screen that stands so soon is painted once, with its content; what takes longer shows that it is coming."""


def _maker(name: str, cls: str) -> Callable[[], Screen[Any]]:
    """Imports the screen's module on its first visit, so that only the first screen is loaded at start."""
    def make() -> Screen[Any]:
        screen: Screen[Any] = getattr(import_module(f"coach.tui.screens.{name}"), cls)()
        return screen

    return make


class CoachApp(App[int], inherit_bindings=False):
    """The app over a running `Runtime`. Screens read through `read`, edit through `change`, and say what went wrong by
    raising CoachError."""

    TITLE = "Coach"
    CSS = theme.CSS
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {s.name: s.name for s in SCREENS}
    DEFAULT_MODE = SCREENS[0].name
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {s.name: _maker(s.name, s.cls) for s in (*SCREENS, *BEHIND)}
    ENABLE_COMMAND_PALETTE = False  # our own palette, made from the action registry
    NOTIFICATION_TIMEOUT = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("app"), Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self.runtime = runtime
        self.tz = runtime.tz
        self.version = 0
        """Rises whenever what a screen shows may have changed; a screen that has seen less reloads."""
        self.quickadd_text = ""
        """What was typed into quick-add and not added yet."""
        self._reader = StoreThread("coach-read", runtime.connect, self._explain)
        self._writer = StoreThread("coach-write", runtime.connect, self._explain)
        self._thinker = StoreThread("coach-think", runtime.connect, self._explain)
        self._reader.submit(version)  # opens its connection while Textual builds the first screen
        self._data_version: int | None = None
        self.keymap, self._problems = checked_keymap(runtime.config.keys)
        """The keys that the user chose, by action id."""
        self.opened: Counter[str] = Counter()
        """How often each screen was opened since that was last written down."""
        self.conversation: Conversation | None = None
        """The chat of this process, once somebody chats."""
        self.unasked = Unasked()
        """When plans were made that nobody asked for."""
        self._timer: Session | None = None
        self.status = self._status_now()
        """What the top line of every screen shows."""
        self._knows_focus = False
        self.starting = True
        """Until the first paint."""
        self.ending = False
        """The threads of the store are closed, or about to be: nothing can be asked of them any more."""
        self._held = ExitStack()
        self._holding: Timer | None = None
        self._polling = self._poll_failed = False
        self._set_first_theme(runtime.config.app.theme)

    # Life

    def run(self, *, mouse: bool = True, **options: Any) -> int | None:
        """Run until the person leaves; the mouse as the settings say."""
        return super().run(mouse=mouse and self.runtime.config.app.mouse, **options)

    def on_load(self) -> None:
        """Before the first screen, so that its footer shows the keys in force."""
        self.set_keymap(self.keymap)

    def on_mount(self) -> None:
        for problem in self._problems:
            self.notify(problem, severity="warning", timeout=10, markup=False)
        self.runtime.deliver = self._deliver
        self.set_interval(POLL_S, self._poll)
        self.call_after_refresh(self._welcome)

    async def _welcome(self) -> None:
        """After the first paint: the first questions, once."""
        self.starting = False
        idle.begin(self)
        from coach.engine.onboarding import needed

        if await self.read(lambda db, now: needed(db)):
            from coach.tui.screens.onboarding import Onboarding

            self.push_screen(Onboarding())

    def _deliver(self, nudge: Any) -> str:
        """Show a nudge; called from the jobs thread. Returns the channel."""
        from coach.tui.attention import show  # the first nudge comes long after the first paint

        return show(self, nudge, in_front=self._knows_focus and self.app_focus)

    def on_app_blur(self) -> None:
        """A terminal that tells when it loses the focus also tells when it has it."""
        self._knows_focus = True

    def on_unmount(self) -> None:
        self.runtime.deliver = None
        idle.note_uses(self)
        self.ending = True
        self.unasked.stop.set()
        self._reader.close()
        self._writer.close()
        self._thinker.close()

    def now(self) -> datetime:
        return clock.now()

    def begin_read(self, act: Callable[[Any, datetime], T]) -> Future[T]:
        """Start `act(connection, now)` in the reader thread."""
        return self._reader.submit(lambda db: act(db, self.now()))

    async def read(self, act: Callable[[Any, datetime], T]) -> T:
        """`act(connection, now)` in the reader thread."""
        return await self._reader.run(lambda db: act(db, self.now()))

    def begin_thinking(self, act: Callable[[Any, datetime], T]) -> Future[T]:
        """Like `begin_read`, for what takes a model or weeks of the timeline: in a thread that no other screen waits for."""
        return self._thinker.submit(lambda db: act(db, self.now()))

    def begin_write(self, act: Callable[[Any, datetime], T]) -> Future[T]:
        """Start `act(connection, now)` in the writer thread; no screen is refreshed."""
        return self._writer.submit(lambda db: act(db, self.now()))

    async def write(self, act: Callable[[Any, datetime], T]) -> T:
        """`act(connection, now)` in the writer thread; durable when this returns. Then the screen is refreshed."""
        result = await self._writer.run(lambda db: act(db, self.now()))
        self._changed()
        return result

    def change(self, act: Callable[[Any, datetime], T], say: str | Callable[[T], str] = "") -> None:
        """Like `write`, without waiting: says `say` (or `say(result)`) when it is on the disk, complains otherwise."""
        async def run() -> None:
            try:
                result = await self.write(act)
            except CoachError as error:
                self.complain(error)
                return
            words = say(result) if callable(say) else say
            if words:
                self.notify(words, markup=False)

        self.run_worker(run(), group="change")

    def complain(self, error: CoachError) -> None:
        """Show a failure in words: what happened and what to do about it."""
        words = f"{error.message}\n{error.hint}" if error.hint else error.message
        self.notify(words, severity="error", timeout=10, markup=False)

    def _explain(self, error: Exception) -> CoachError | None:
        if isinstance(error, OSError):
            return CoachError(": ".join(str(part) for part in (error.strerror, error.filename) if part))
        return opening.explained(error, self.runtime.home)

    # What changed

    async def _poll(self) -> None:
        """Once a second: did another connection commit, did the minute turn? Skipped while the reader is busy."""
        if self._polling:
            return
        self._polling = True
        try:
            seen, timer = await self.read(lambda db, now: (version(db), focusing.running(db, now)))
            self._poll_failed = False
        except CoachError as error:
            if not self._poll_failed:
                self.complain(error)
            self._poll_failed = True
            return
        finally:
            self._polling = False
        self._follow_timer(timer)
        turned = self._show_status()
        if turned or (self._data_version is not None and seen != self._data_version):
            self._changed()
        self._data_version = seen

    def _changed(self) -> None:
        self.version += 1
        for screen in reversed(self.screen_stack):
            if isinstance(screen, CoachScreen):
                screen.reload()
                return

    def _show_status(self) -> bool:
        """Bring the top line up to date; True when the minute turned."""
        before, self.status = self.status, self._status_now()
        for screen in self.screen_stack:
            for bar in screen.query_children(TopBar):
                bar.status = self.status
        return self.status.clock != before.clock

    def _status_now(self) -> Status:
        now = self.now()
        left_min = round((self._timer.planned_end - now).total_seconds() / 60) if self._timer else None
        focus = "" if left_min is None else f"{left_min} min left"
        return Status(f"{now.astimezone(self.tz):%H:%M}", self.runtime.tracking, focus)

    def _follow_timer(self, timer: Session | None) -> None:
        """Say so when the focus timer has run out; a timer that somebody stopped needs no word."""
        before, self._timer = self._timer, timer
        if before and not timer and before.planned_end <= self.now():
            self.notify(f"Focus time is over; take {before.break_min()} minutes off", timeout=20, markup=False)
            if self.runtime.config.app.bell:
                self.bell()

    # Going places

    def action_go(self, name: str) -> None:
        was_here = name in self._screen_stacks
        if name != self.current_mode:
            self.switch_mode(name)
        if was_here:
            self.page.come_in()

    def delay_update(self, delay: float = 0.05) -> None:
        """Textual holds the picture back for 50 ms when the mode changes. A screen that was here before needs no such
        time: it is painted within a frame. One that is new says itself when it stands."""
        super().delay_update(SWITCH_S)

    def hold_picture(self) -> None:
        """Paint nothing until `show_picture`, or for HOLD_S."""
        self.show_picture()
        self._held.enter_context(self.batch_update())
        self._holding = self.set_timer(HOLD_S, self.show_picture)

    def show_picture(self) -> None:
        """Paint what was held back, if it was."""
        if self._holding is not None:
            self._holding.stop()
            self._holding = None
            self._held.close()
            for screen in self.screen_stack[-1:]:  # none while the app closes
                screen.refresh()

    @property
    def page(self) -> CoachScreen[Any]:
        """The one of the six that is shown, below any dialog."""
        screen = self.screen_stack[0]
        assert isinstance(screen, CoachScreen)
        return screen

    def show_task(self, task_id: str) -> None:
        """Put the cursor on a task: on this screen when it lists it, else on the Tasks screen."""
        if not self.page.select_task(task_id):
            self.action_go("tasks")
            self.page.when_loaded(lambda: self.page.select_task(task_id))

    def action_search(self) -> None:
        search = getattr(self.page, "action_search", None)
        if search is not None:
            search()
            return
        from coach.tui.palette import CommandPalette, FindTask

        self.push_screen(CommandPalette([FindTask], placeholder="Find a task"))

    def action_palette(self) -> None:
        from coach.tui.palette import CommandPalette, Commands

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette([Commands], placeholder="What do you want to do?"))

    def action_help(self) -> None:
        from coach.tui.help import Help

        here = self.screen if isinstance(self.screen, CoachScreen) else self.page
        self.push_screen(Help(here.NAME, self.keymap))

    def action_chat_toggle(self) -> None:
        from coach.tui.screens.chatpane import ChatPane

        if isinstance(self.screen, ChatPane):
            self.screen.dismiss()
        elif self.current_mode != "coach" and self.screen is self.page:
            self.push_screen(ChatPane())

    def action_quit(self) -> None:  # type: ignore[override]
        self.exit(0)

    # Tasks, on every screen

    def action_task_add(self) -> None:
        task_actions.add(self)

    def action_task_done(self) -> None:
        task_actions.complete(self)

    def action_task_snooze(self) -> None:
        task_actions.snooze(self)

    def action_task_next(self) -> None:
        task_actions.go_to_next(self)

    def action_focus_toggle(self) -> None:
        task_actions.toggle_focus(self)

    def action_undo(self) -> None:
        task_actions.undo(self)

    def action_redo(self) -> None:
        task_actions.redo(self)

    def action_tracking_pause(self) -> None:
        task_actions.toggle_pause(self)

    def action_calendars_sync(self) -> None:
        from coach.tui.syncing import sync_calendars  # when it is first asked for

        sync_calendars(self)

    # Themes

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.fallbacks(self.current_theme.dark)

    def _set_first_theme(self, name: str) -> None:
        """Before anything is styled: setting `theme` later styles every widget twice, a tenth of the start."""
        for own in theme.THEMES:
            self.register_theme(own)
        if name not in self.available_themes:
            self._problems.append(f"there is no theme {name!r}; the palette lists them")
            name = theme.DARK.name
        self.set_reactive(App.theme, name)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def use_theme(self, name: str) -> None:
        """Now, and the next time."""
        self.theme = name
        self.change(lambda db, now: self._keep_theme(name))

    def _keep_theme(self, name: str) -> None:
        from coach.engine import settings  # on the first change

        self.runtime.config = settings.put(self.runtime.home, {"app.theme": name})

    def action_nudges_panel(self) -> None:
        from coach.tui.widgets.nudges import NudgesDialog  # on the first !

        self.push_screen(NudgesDialog())

    def action_theme(self) -> None:
        self.use_theme(theme.DARK.name if self.theme == theme.LIGHT.name else theme.LIGHT.name)

    # A crash

    def _fatal_error(self) -> None:
        """Textual prints a traceback with every local variable: task text among them. This one names places only."""
        from coach.tui.crash import report

        self.bell()
        self._exit_renderables.append(report(self._exception))
        self._close_messages_no_wait()
