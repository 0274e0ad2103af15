"""How much of each model is the person's own by now: on how much of their data it stands, and what that weighs beside the base
that ships. The weights are those that the models themselves use, not estimates of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from coach.core import duration, priority
from coach.store import finished, guesses, models, rollups, taste
from coach.store.db import Connection

WEEKS = 12
MOST = 2000
AWAKE_H = 16
"""Hours of a day among which scored hours are shared out."""


@dataclass(frozen=True, slots=True)
class Own:
    """`n` of `unit`; `weight` 0 to 1 is the share of the person's own data in what it stands for (`what`), None where the model
    has no such share; `tuned` whether the net itself was fine-tuned on the person's days."""

    n: int
    unit: str
    weight: float | None
    what: str
    tuned: bool

    def words(self) -> str:
        """In one line."""
        net = "the net is fine-tuned on your days" if self.tuned else "the net is the one that ships"
        if not self.n:
            return f"nothing of yours yet; {net}"
        share = "" if self.weight is None else f", {self.weight:.0%} of {self.what}"
        return f"{self.n:,} {self.unit}{share}; {net}"


def own(db: Connection, name: str, version: int, days: int, today: date) -> Own:
    """Of a model, by its name; `days` are its scored days, `version` the active one."""
    tuned = version != models.SHIPPED
    if name == "focus":
        from coach.ml.features.focus_profile import SHRINK_HOUR  # numpy

        n = len(rollups.focus_by_hour(db, today - timedelta(weeks=WEEKS), today))
        return Own(n, "scored hours", _share(n / AWAKE_H, SHRINK_HOUR), "an hour of the day in the profile", tuned)
    if name == "categoriser":
        from coach.ml.categoriser import DEEP

        n = len(guesses.answers(db, MOST))
        return Own(n, "answers", DEEP / (DEEP + 1) if n else 0.0, "a title like one you answered", tuned)
    if name == "duration":
        n = len(finished.measured(db, MOST))
        return Own(n, "measured tasks", _share(n, duration.SHRINK), "a task like none before", tuned)
    if name == "priority":
        kept = taste.read(db)
        mine = priority.taste_of(kept.data) if kept else priority.Taste()
        left = sum(mine.cov[i][i] for i in range(len(mine.cov))) / (len(mine.cov) * priority.PRIOR_SD**2)
        return Own(mine.n, "choices", max(0.0, 1 - left), "what can be known of your weights", tuned)
    if name == "behaviour":
        return Own(len(finished.measured(db, MOST)), "measured tasks", None, "", tuned)
    return Own(days, "scored days", None, "", tuned)


def _share(n: float, against: float) -> float:
    return n / (n + against)
