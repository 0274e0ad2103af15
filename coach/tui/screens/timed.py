"""What Today and Insights share: the stretches behind what is under the cursor, its category, labels for gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coach.core.event import Event
from coach.core.words import duration
from coach.engine import categories, manual
from coach.engine.stretches import Asked
from coach.tui.screens.base import CoachScreen, V
from coach.tui.widgets.gappicker import GapPicker, Labelled


class TimedScreen(CoachScreen[V]):
    """A screen that binds the scope "time" and says what is under its cursor."""

    def asked(self) -> Asked | None:
        """The stretches that the focused widget's cursor stands on."""
        return None

    def to_relabel(self) -> tuple[Event, str] | None:
        """What another category would be for and how that reach is called; None where the stretches must be looked at
        first."""
        return None

    def open_gaps(self) -> tuple[str, Sequence[tuple[datetime, datetime]]]:
        """The day in words, and its time that nothing explains."""
        return "", ()

    def action_time_open(self) -> None:
        from coach.tui.screens.stretches import StretchList  # on the first Enter

        if (asked := self.asked()) is not None:
            self.app.push_screen(StretchList(asked))

    def action_time_category(self) -> None:
        from coach.tui.recategorise import ask_category

        found = self.to_relabel()
        if found is None:
            self.action_time_open()
            return
        event, here = found
        ask_category(self.app, event, lambda: None, here=here, everywhere=True)

    def action_time_tasks(self) -> None:
        from coach.tui.screens.attributions import Attributions  # on the first y

        self.app.push_screen(Attributions())

    def action_time_gaps(self) -> None:
        day, gaps = self.open_gaps()
        if not gaps:
            self.app.notify(f"Nothing to explain: no gap of five minutes {day}", markup=False)
            return
        self.app.push_screen(GapPicker(gaps, day, self.app.tz), self._label)

    def _label(self, given: Labelled | None) -> None:
        if given is None:
            return
        config, tz = self.app.runtime.config, self.app.tz

        def write(db: Any, now: datetime) -> None:
            manual.tag(
                db, given.start, given.end, given.text, categories.load(db, config), tz, now, category=given.category,
            )

        length = duration((given.end - given.start).total_seconds())
        self.app.change(write, f"{length}: {given.text} · u takes it back")
