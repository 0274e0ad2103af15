"""What pulls a person out of focused work, and how long the way back takes, from the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coach.config import Config
from coach.core import interruption
from coach.core.category import Category
from coach.core.interruption import Cost, Stretch
from coach.core.when import iso
from coach.engine import categories
from coach.store import timeline
from coach.store.db import Connection

WEEKS = 4
LEAST_N = 3
"""With fewer lags an app's median says little; the words leave it out."""


@dataclass(frozen=True, slots=True)
class InterruptionsView:
    """Interrupters in [start, end), the costliest first; `n` interruptions in all, `resumed` of which have a lag."""

    start: datetime
    end: datetime
    costs: tuple[Cost, ...]
    n: int
    resumed: int
    version: int = interruption.FORMULA

    def document(self) -> dict[str, Any]:
        return {
            "start": iso(self.start), "end": iso(self.end), "n": self.n, "resumed": self.resumed, "formula": self.version,
            "apps": [
                {"app": c.app, "n": c.n, "resumed": c.resumed, "median_s": _short(c.median_s), "low_s": _short(c.low_s),
                 "high_s": _short(c.high_s), "inside_s": _short(c.inside_s), "total_s": _short(c.total_s)}
                for c in self.costs
            ],
        }

    def lines(self) -> tuple[str, ...]:
        """A sentence for each app with enough lags to speak of."""
        return tuple(
            f"After {c.app} it takes {_minutes(c.median_s)} to be back at the same work"
            f" (half of the times {_minutes(c.low_s)} to {_minutes(c.high_s)}, n = {c.resumed} of {c.n})"
            for c in self.costs if c.resumed >= LEAST_N
        )


def recent(db: Connection, now: datetime, config: Config) -> InterruptionsView:
    """Those of the last WEEKS."""
    return view(db, now - timedelta(weeks=WEEKS), now, config)


def view(db: Connection, start: datetime, end: datetime, config: Config) -> InterruptionsView:
    """Interruptions in [start, end). A place is the project, without one the category."""
    rules = categories.load(db, config)
    known: dict[str | None, Category] = {}
    stretches = []
    for start_ms, end_ms, app, project, name in timeline.worked(db, start, end):
        category = known.get(name)
        if category is None:
            category = known[name] = rules.named(name)
        place = f"#{project}" if project else category.name
        stretches.append(Stretch(start_ms / 1000, end_ms / 1000, app, place, category.focus))
    found = interruption.interruptions(stretches)
    resumed = sum(1 for one in found if one.lag_s is not None)
    return InterruptionsView(start, end, tuple(interruption.costs(found)), len(found), resumed)


def _short(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _minutes(seconds: float | None) -> str:
    return "0 min" if seconds is None else f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
