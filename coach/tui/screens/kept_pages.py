"""Pages of Insights whose view takes a while: what was kept of it stands there until it is made anew. Apart from the other pages,
for what makes such views takes a while to load, too."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from coach.engine import kept
from coach.engine.kept import Kind
from coach.tui.screens.base import V
from coach.tui.screens.pages import Page


class KeptPage(Page[V]):
    """A page whose view takes a while: what was kept of it stands there at once, as of its moment, until it is made anew."""

    KIND: ClassVar[Kind[Any]]

    def __init__(self) -> None:
        super().__init__()
        self._kept_at: datetime | None = None
        self._wanted = ""

    def stamp(self, db: Any, now: datetime) -> str:
        return kept.stamp(db, self.app.runtime.config, now)

    @property
    def as_of(self) -> str:
        """Of when the view is, in words to go on with; empty for one that was made now."""
        return as_of(self._kept_at, self.app.now(), self.app.tz) if self._kept_at else ""

    def _fresh(self, db: Any, now: datetime) -> tuple[object, V] | None:
        self._wanted = self.stamp(db, now)
        if self.view is not None and self._wanted == self._stamp:
            return None
        found = kept.find(db, self.KIND) if self.view is None else None
        self._kept_at = found.at if found and found.stamp != self._wanted else None
        if found is None:
            found = kept.make(db, self.KIND, self.app.runtime.config, now, lambda: self.build(db, now))
        return found.stamp, found.view

    def _arrived(self, fresh: tuple[object, V] | None) -> None:
        super()._arrived(fresh)
        if self._kept_at is not None:
            self._again = True  # what was kept stands there; the next round of the load makes it anew


def as_of(at: datetime, now: datetime, tz: ZoneInfo) -> str:
    """Of when something is that is being made anew."""
    then = at.astimezone(tz)
    day = "" if then.date() == now.astimezone(tz).date() else f"{then:%a} {then.day} {then:%b} "
    return f"; as of {day}{then:%H:%M}, looking again …"
