"""Setup: tracking, privacy, voice, models, rules and looks, each with what it means; Enter changes what can be."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from coach.engine import avoidance, language, preferences, settings, setup, tracking, voices
from coach.engine.setup import Entry, Live, SetupView
from coach.engine.watch import edits
from coach.tui.actions import bindings
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.exclude import ExcludeDialog
from coach.tui.widgets.paint import clean, fit

LABEL = 22
SWITCHES = {"nudges": "nudge.enabled", "llm": "language_model.enabled", "questions": "learning.questions",
            "explore": "learning.explore", "own_words": "language_model.own_words", "spare_lines": "language_model.lines"}
"""Settings by the entry that turns them on and off."""


class SetupScreen(CoachScreen[SetupView]):
    NAME = "setup"
    BINDINGS: ClassVar[list[BindingType]] = bindings("setup")
    AUTO_FOCUS = "OptionList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    LOOKS = """
    SetupScreen {
        OptionList { width: 3fr; border: none; padding: 0 1; background: $background; scrollbar-size-vertical: 1; }
        OptionList:focus { border: none; background-tint: $background 0%; }
        OptionList > .option-list--option-disabled { color: $secondary; text-style: bold; }
        OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
        #about { height: 1fr; width: 2fr; max-width: 64; padding: 1 2; border-left: vkey $border-blurred; }
        &.-narrow Horizontal { layout: vertical; }
        &.-narrow OptionList { width: 1fr; height: 1fr; }
        &.-narrow #about { width: 1fr; max-width: 100%; height: 5; padding: 0 2; border-left: none;
                           border-top: solid $border-blurred; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._probes: tuple[tuple[str, bool, str, str], ...] | None = None
        self._entries: dict[str, Entry] = {}

    def body(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="entries")
            yield Static(id="about", markup=False)

    def stamp(self, db: Any, now: datetime) -> object:
        # Counting ten years of rows takes half a second, and the tracker writes all the time.
        minute = now.replace(second=0, microsecond=0)
        return edits(db), tracking.paused_until(db, now), minute, self.app.runtime.config, self._live()

    def build(self, db: Any, now: datetime) -> SetupView:
        runtime = self.app.runtime
        if self._probes is None:  # looks at the machine, so once
            self._probes = setup.probes(runtime.config)
        return setup.setup(db, runtime.config, runtime.home, now, self.app.tz, self._live())

    def _live(self) -> Live:
        runtime = self.app.runtime
        states = setup.model_states(runtime.config, runtime.models)
        themes = tuple(sorted(self.app.available_themes))
        return Live(runtime.tracking, states, self.app.theme, themes, self._probes or ())

    def show(self, view: SetupView) -> None:
        rows = self.query_one(OptionList)
        here = rows.highlighted
        self._entries = {e.id: e for s in view.sections for e in s.entries}
        options: list[Option | None] = []
        for section in view.sections:
            options += [None] if options else []
            options.append(Option(Content.styled(section.title, "bold $secondary"), disabled=True))
            options += [Option(_prompt(e), id=e.id) for e in section.entries]
        rows.clear_options()
        rows.add_options(options)
        rows.highlighted = 1 if here is None else min(here, rows.option_count - 1)
        self._explain()

    @property
    def _entry(self) -> Entry | None:
        rows = self.query_one(OptionList)
        if rows.highlighted is None:
            return None
        return self._entries.get(rows.get_option_at_index(rows.highlighted).id or "")

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        entry = self._entry
        self.query_one("#about", Static).update(clean(entry.about) if entry else "")

    @on(OptionList.OptionSelected)
    def action_setup_change(self) -> None:
        entry = self._entry
        if entry is None:
            return
        if entry.id == "consent":
            given = not entry.on
            self.app.change(lambda db, now: tracking.set_consent(db, given, now), "Tracking is allowed" if given else
                            "Tracking is off: nothing more is recorded")
        elif entry.id == "profiling":
            allow = not entry.on
            self.app.change(lambda db, now: avoidance.set_consent(db, allow, now), "Profiling is allowed" if allow else
                            "Profiling is off, and what it had kept is erased")
        elif entry.id == "pause":
            self.app.action_tracking_pause()
        elif entry.id == "theme":
            self._step_theme(entry)
        elif entry.id in ("persona", "mode"):
            self._step_voice(entry)
        elif entry.id in SWITCHES:
            self._put(SWITCHES[entry.id], not entry.on)
        elif entry.id.startswith("word:") and not entry.on:
            short, _, long = entry.id.removeprefix("word:").partition("=")
            self.app.change(lambda db, now: language.accept(db, short, long, now), "Read so from now on · u takes it back")
        elif entry.id == "exclude":
            self.action_setup_exclude()
        elif entry.id == "learning":
            self.action_setup_models()

    def action_setup_models(self) -> None:
        self.app.push_screen("models")

    def action_setup_exclude(self) -> None:
        self.app.push_screen(ExcludeDialog(), self._exclude)

    def action_setup_remove(self) -> None:
        entry = self._entry
        if entry is not None and entry.id.startswith("word:"):
            short, _, long = entry.id.removeprefix("word:").partition("=")
            self.app.change(lambda db, now: language.remove(db, short, long, now), "Never read so again · u takes it back")
        elif entry is not None and entry.kind == "exclusion":
            exclusion = entry.id.partition(":")[2]
            self.app.change(lambda db, now: tracking.include(db, exclusion, now), "Recorded again · u takes it back")

    def _exclude(self, given: tuple[str, str, str] | None) -> None:
        if given is not None:
            field, pattern, action = given
            self.app.change(
                lambda db, now: tracking.exclude(db, field, pattern, action, now), "Not recorded now · u takes it back",
            )

    def _step_theme(self, entry: Entry) -> None:
        names = list(entry.choices)
        chosen = names[(names.index(entry.value) + 1) % len(names)] if entry.value in names else names[0]
        self.app.theme = chosen
        self._put("app.theme", chosen)

    def _step_voice(self, entry: Entry) -> None:
        if entry.id == "persona":
            names = list(entry.choices)
            chosen = names[(names.index(entry.value) + 1) % len(names)] if entry.value in names else names[0]
            home = self.app.runtime.home
            self.app.change(lambda db, now: voices.use(db, voices.named(db, home, chosen), now), f"Voice: {chosen}")
            return

        def step(db: Any, now: datetime) -> str:
            modes = list(entry.choices)
            old = preferences.get(db, "mode") or ""
            new = modes[(modes.index(old) + 1) % len(modes)] if old in modes else ""
            preferences.put(db, {"mode": new}, now, "change mode")
            return f"Mode: {new or 'the persona decides'}"

        self.app.change(step, lambda words: words)

    def _put(self, name: str, value: Any) -> None:
        runtime = self.app.runtime

        def put(_db: Any, _now: datetime) -> None:
            runtime.config = settings.put(runtime.home, {name: value})

        self.app.change(put)


def _prompt(entry: Entry) -> Content:
    """Label and value; what Enter changes carries a sign: ◉ on, ○ off, ↻ steps."""
    signs = {"toggle": "◉ " if entry.on else "○ ", "choice": "↻ ", "exclusion": "✗ ", "command": "› "}
    return Content.assemble(
        (signs.get(entry.kind, "  "), "$primary"), fit(entry.label, LABEL - 1), " ", (clean(entry.value), "$foreground 80%"),
    )
