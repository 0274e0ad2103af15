"""Focus over the next day and week: from the store's roll-ups, calendars and due dates, by the model or the profile."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import Config, shipped
from coach.core import cold_start
from coach.core.errors import Unavailable
from coach.core.when import iso
from coach.engine import categories, preferences
from coach.engine.learning import serve
from coach.engine.profile import LEAST_FOCUS_DAYS
from coach.store import calendars, hours, rollups
from coach.store.db import Connection
from coach.store.models import BASELINE

if TYPE_CHECKING:  # numpy and ONNX Runtime: only when a forecast is asked for
    from coach.engine.learning.kinds import Model
    from coach.ml.baselines.focus import Baselines
    from coach.ml.features.focus import Series, State
    from coach.ml.forecast import Forecast
    from coach.ml.serving import Shelf

HISTORY_DAYS = 180
WEEK_H = 24 * 7
KNOWN_AHEAD_DAYS = 8
"""Of calendar and due dates: what a week from now needs."""
AWAKE = range(6, 24)
"""Hours that count for a day's mean."""
SHARED = 0.35
"""Correlation of the errors of two hours of one day, for the band of their mean."""
LEAST_HOURS = 20
"""Scored hours of the last four weeks below which the profile serves."""
TRIAL_DAYS = 7
"""The model must not have been worse than the profile on so many days: nobody knows how it does on a life unlike any that it
has learnt from."""
TRIAL_HOUR = 7


@dataclass(frozen=True, slots=True)
class HourAhead:
    """`mean` is the focus expected if the hour is active, in an 80 % band; `active` the probability that it is."""

    start: datetime
    mean: float
    low: float
    high: float
    active: float


@dataclass(frozen=True, slots=True)
class DayAhead:
    """Mean focus of the hours that are likely to be active; `active_h` is how many to expect. `by` is who says so: "model";
    "calendar", what is beyond the model's day: a ridge over the usual week, with calendar and due dates; "both"; "profile", the
    usual week alone."""

    day: date
    mean: float
    low: float
    high: float
    active_h: float
    by: str


@dataclass(frozen=True, slots=True)
class ForecastView:
    """`serves` is "model" or "profile", `number` the model's version; `days` of history stand behind it; `why` says why."""

    made: datetime
    hours: tuple[HourAhead, ...]
    week: tuple[DayAhead, ...]
    serves: str
    number: int
    days: int
    why: str

    def document(self) -> dict[str, Any]:
        return {
            "made": iso(self.made), "serves": self.serves, "version": self.number, "days": self.days, "why": self.why,
            "hours": [{"start": iso(h.start), **_rounded(h.mean, h.low, h.high), "active": round(h.active, 4)}
                      for h in self.hours],
            "week": [{"day": d.day.isoformat(), **_rounded(d.mean, d.low, d.high), "active_h": round(d.active_h, 2), "by": d.by}
                     for d in self.week],
        }


def forecast(db: Connection, config: Config, now: datetime, tz: ZoneInfo, shelf: Shelf | None = None) -> ForecastView:
    """The next 24 hours and 7 days. Never fails for want of history or of a model: then the profile serves and says so."""
    from coach.ml import forecast as serving

    first, series = history(db, config, now, tz)
    lived = int((series.active >= 1).any(axis=1).sum())
    shift_h = answered_shift_h(db, lived)
    known, issue = state(series, shift_h), _issue(first, now, tz)
    served = serve.speaks(db, "focus", config, tz, now, shelf, lambda model: objection(known, model))
    model = served.model
    ahead = predicted(known, [issue], model)
    if model is None:
        later = serving.usual(kept_baselines(), known, _array(range(issue, issue + WEEK_H)), series.days - 1)
    else:
        later = serving.beyond(kept_baselines(), known, issue, WEEK_H)
    midnight = datetime(first.year, first.month, first.day)
    starts = [(midnight + timedelta(hours=issue + k)).replace(tzinfo=tz) for k in range(24)]
    columns = (ahead.mean[0], ahead.low[0], ahead.high[0], ahead.active[0])
    found = tuple(HourAhead(at, *map(float, values)) for at, *values in zip(starts, *columns, strict=True))
    serves, number = ("model", served.number) if model else ("profile", BASELINE)
    week = _week(found, later, first, issue, model is not None)
    return ForecastView(now, found, week, serves, number, lived, served.why + _moved(shift_h))


def predicted(known: State, issues: Sequence[int], model: Model | None) -> Forecast:
    """Forecasts of shape (issues, 24) by the model or, for None, the profile."""
    from coach.ml import forecast as serving

    if model is None:
        return serving.baseline(kept_baselines(), known, _array(issues))
    return serving.predict(model.net, known, _array(issues), model.card.get("calibration", {}))


def objection(known: State, model: Model) -> str:
    """Why the model may not speak about these days: too few of their hours have a score, or the profile foresaw the last ones
    better; "" where it may."""
    scored = _scored(known.series)
    if scored < LEAST_HOURS:
        return f"{scored} scored hours in four weeks; the model needs {LEAST_HOURS}"
    return _worse(known, model)


def _worse(known: State, model: Model) -> str:
    """In words, what the model did worse than the profile on the last days: focus, or which hours are active; "" for nothing."""
    import numpy as np

    from coach.ml.features import focus as features

    today = known.series.days - 1
    issues = [24 * day + TRIAL_HOUR for day in range(max(0, today - TRIAL_DAYS), today)]
    if not issues:
        return ""
    score, active = (x[:, : 24 - TRIAL_HOUR] for x in features.targets(known.series, _array(issues)))
    said, usual = (predicted(known, issues, one) for one in (model, None))

    def error(of: Any, truth: Any) -> float:
        seen = np.isfinite(truth)
        return float(np.mean((of[:, : 24 - TRIAL_HOUR] - truth)[seen] ** 2)) if seen.any() else 0.0

    for what, ours, theirs, truth in (("focus", said.mean, usual.mean, score), ("activity", said.active, usual.active, active)):
        if error(ours, truth) > error(theirs, truth) * 1.1:
            return f"the profile foresaw the {what} of the last {len(issues)} days better than the model"
    return ""


def history(db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int = HISTORY_DAYS) -> tuple[date, Series]:
    """(first date, its hours up to now, by the clock as lived): at most `days`, and the calendar of the week ahead."""
    import numpy as np

    from coach.ml.features.focus import Series

    today = now.astimezone(tz).date()
    first = min(hours.first_day(db, today - timedelta(days=days - 1)) or today, today)
    n = (today - first).days + 1
    score = np.full((n, 24), np.nan)
    for day, hour, value, _ in rollups.score_rows(db, first, today):
        if math.isfinite(value):
            score[(date.fromisoformat(day) - first).days, hour] = min(max(value, 0.0), 1.0)
    named = categories.load(db, config).named
    rows = hours.hour_rows(db, first, today)
    levels = {name: named(name).level for name in {row[2] for row in rows}}
    begins = {(first + timedelta(days=i)).isoformat(): 24 * i for i in range(n)}
    at = _array([begins[row[0]] + row[1] for row in rows])
    minutes = np.array([row[3] for row in rows], dtype=np.float64) / 60_000
    level_of = np.array([levels[row[2]] for row in rows], dtype=np.float64)
    active, level, visits = (
        np.bincount(at, weights, 24 * n).reshape(n, 24).astype(np.float64)
        for weights in (minutes, minutes * level_of, np.array([row[4] for row in rows], dtype=np.float64))
    )
    level = np.divide(level, active, out=np.zeros_like(level), where=active > 0)
    lived_h = _issue(first, now, tz)
    score.reshape(-1)[lived_h:] = np.nan  # the hour that goes on is not known yet
    active.reshape(-1)[lived_h:] = 0.0
    booked, pressed = (of(db, first, n + KNOWN_AHEAD_DAYS, tz) for of in (_meetings, _deadlines))
    return first, Series(first.weekday(), score, np.minimum(active, 60.0), level, visits, booked, pressed)


def state(series: Series, shift_h: int = 0) -> State:
    """What is known of the days; with people's usual hours of focus moved by so many hours."""
    import numpy as np

    from coach.ml.features import focus as features

    prior = kept_baselines().prior
    return features.state(series, replace(prior, score=np.roll(prior.score, shift_h, axis=1)) if shift_h else prior)


def _moved(shift_h: int) -> str:
    way = "later" if shift_h > 0 else "earlier"
    return f"; people's usual hours stand {abs(shift_h)} h {way}, from your answers" if shift_h else ""


def answered_shift_h(db: Connection, lived: int) -> int:
    """Hours by which the chronotype the person named moves focus, while Coach knows fewer than LEAST_FOCUS_DAYS days."""
    return cold_start.shift_h(str(preferences.get(db, "chronotype"))) if lived < LEAST_FOCUS_DAYS else 0


@lru_cache(maxsize=1)
def kept_baselines() -> Baselines:
    """Those that ship; without them, what nobody has learnt anything about."""
    import numpy as np

    from coach.ml.baselines import focus as baselines
    from coach.ml.features.focus import CROSSED, FUTURE

    try:
        return baselines.load(shipped("models", "focus"))
    except Unavailable:
        return baselines.Baselines(baselines.UNINFORMED, np.zeros(len(FUTURE) + len(CROSSED) + 1), (-0.2, 0.2))


def _week(found: Sequence[HourAhead], later: Forecast, first: date, issue: int, by_model: bool) -> tuple[DayAhead, ...]:
    """The next 24 hours as forecast, later ones as `later` has them, day by day."""
    table: dict[date, list[tuple[float, float, float, float]]] = {}
    near: dict[date, list[bool]] = {}
    for k in range(WEEK_H):
        h = found[k] if k < len(found) else None
        values = (h.mean, h.low, h.high, h.active) if h else (
            float(later.mean[k]), float(later.low[k]), float(later.high[k]), float(later.active[k]))
        if (issue + k) % 24 in AWAKE:
            day = first + timedelta(days=(issue + k) // 24)
            table.setdefault(day, []).append(values)
            near.setdefault(day, []).append(h is not None)
    return tuple(_day(day, rows, _who(near[day]) if by_model else "profile") for day, rows in sorted(table.items())[:7])


def _who(near: Sequence[bool]) -> str:
    return "model" if all(near) else "both" if any(near) else "calendar"


def _day(day: date, rows: Sequence[tuple[float, float, float, float]], by: str) -> DayAhead:
    total = sum(r[3] for r in rows)
    mean, low, high = (sum(r[i] * r[3] for r in rows) / total for i in (0, 1, 2))
    narrower = math.sqrt(SHARED + (1 - SHARED) / max(1.0, total))
    return DayAhead(day, mean, mean - (mean - low) * narrower, mean + (high - mean) * narrower, total, by)


def _meetings(db: Connection, first: date, days: int, tz: ZoneInfo) -> Any:
    """(days, 24) share of each local hour that is booked; all-day events and those marked free are not."""
    import numpy as np

    share = np.zeros((days, 24))
    low = datetime(first.year, first.month, first.day, tzinfo=tz)
    for event in calendars.events_between(db, low, low + timedelta(days=days)):
        if event.all_day or not event.busy:
            continue
        start, end = (t.astimezone(tz).replace(tzinfo=None) for t in (event.start, event.end))
        at = max(start, datetime(first.year, first.month, first.day)).replace(minute=0, second=0, microsecond=0)
        while at < end and (day := (at.date() - first).days) < days:
            held = min(end, at + timedelta(hours=1)) - max(start, at)
            share[day, at.hour] = min(1.0, share[day, at.hour] + held.total_seconds() / 3600)
            at += timedelta(hours=1)
    return share


def _deadlines(db: Connection, first: date, days: int, tz: ZoneInfo) -> Any:
    import numpy as np

    from coach.ml.features.focus import pressure

    spans = hours.due_spans(db, first, first + timedelta(days=days + 3))
    due, since, until = (np.array([f(s) for s in spans], dtype=np.int64) for f in _numbers(first))
    return np.repeat(pressure(due, since, until, days)[:, None], 24, axis=1)


def _numbers(first: date) -> tuple[Callable[[Any], int], ...]:
    far = 10**6
    return (
        lambda s: (s[0] - first).days, lambda s: (s[1] - first).days, lambda s: (s[2] - first).days if s[2] else far,
    )


def _issue(first: date, now: datetime, tz: ZoneInfo) -> int:
    """The hour that goes on, counted from the first day: the first one to forecast."""
    local = now.astimezone(tz)
    return (local.date() - first).days * 24 + local.hour


def _scored(series: Series) -> int:
    import numpy as np

    return int(np.isfinite(series.score[-28:]).sum())


def _array(values: Sequence[int] | range) -> Any:
    import numpy as np

    return np.array(list(values), dtype=np.int64)


def _rounded(mean: float, low: float, high: float) -> dict[str, float]:
    return {"focus": round(mean, 4), "low": round(low, 4), "high": round(high, 4)}
