"""What the days before say about this one, from the roll-ups alone: absence, the streak, an hour that is usually good."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import fmean

from coach.config import Config, clock
from coach.core import stats
from coach.engine.categories import Rules
from coach.engine.insights import GOAL_MIN
from coach.store import rollups
from coach.store.db import Connection

BACK_DAYS = 60
"""So far back absence and streaks are looked for."""
HOURS_DAYS = 56
LEAST_HOURS = 10
"""An hour of the day is judged by so many scored ones, or not at all."""
BEST = 2
BETTER_BY = 0.05
BEGINS_MIN = 15
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def absent_days_and_streaks(db: Connection, rules: Rules, today: date) -> tuple[float, int, int]:
    """Whole days without a trace before today, 0 for somebody new; the streak of focus days up to today, and up to yesterday,
    by the rule of Insights (`GOAL_MIN` focus minutes a day)."""
    focus_min: dict[date, float] = defaultdict(float)
    last = ""
    is_focus: dict[str, bool] = {}
    for day, category, ms in rollups.day_categories(db, today - timedelta(days=BACK_DAYS), today):
        if day < today.isoformat():
            last = max(last, day)
        if category not in is_focus:
            is_focus[category] = rules.named(category).focus
        if is_focus[category]:
            focus_min[date.fromisoformat(day)] += ms / 60_000
    before = stats.streak({d: m for d, m in focus_min.items() if d < today}, GOAL_MIN, today)
    absent = (today - date.fromisoformat(last)).days - 1 if last else 0
    return float(absent), stats.streak(focus_min, GOAL_MIN, today).current, before.current


def best_hour(db: Connection, local: datetime, config: Config) -> bool:
    """Whether one of the two working hours of the day with the best focus scores has just begun, and is better than the mean."""
    if local.minute >= BEGINS_MIN:
        return False
    begins, ends = clock(config.time.work_start), clock(config.time.work_end)
    scores: dict[int, list[float]] = defaultdict(list)
    today = local.date()
    for _, hour, score, _ in rollups.score_rows(db, today - timedelta(days=HOURS_DAYS), today - timedelta(days=1)):
        if begins.hour <= hour < max(ends.hour, begins.hour + 1):
            scores[hour].append(score)
    known = {hour: fmean(found) for hour, found in scores.items() if len(found) >= LEAST_HOURS}
    if len(known) <= BEST:
        return False
    best = sorted(known, key=lambda hour: -known[hour])[:BEST]
    return local.hour in best and known[local.hour] >= fmean(known.values()) + BETTER_BY


def work_left_min(config: Config, local: datetime) -> float:
    """Minutes until the working day ends; 0 after it, and on a day off."""
    ends = datetime.combine(local.date(), clock(config.time.work_end), local.tzinfo)
    return max(0.0, (ends - local).total_seconds() / 60) if is_workday(config, local) else 0.0


def is_workday(config: Config, local: datetime) -> bool:
    return WEEKDAYS[local.weekday()] in config.time.work_days


def works(config: Config, local: datetime) -> bool:
    """Whether it is working time."""
    return is_workday(config, local) and clock(config.time.work_start) <= local.time() < clock(config.time.work_end)


def week(config: Config, today: date) -> tuple[date, bool]:
    """The week's first day, and whether today is its last working day."""
    first = today - timedelta(days=(today.weekday() + (1 if config.time.week_start == "sunday" else 0)) % 7)
    working = [d for d in (first + timedelta(days=n) for n in range(7)) if WEEKDAYS[d.weekday()] in config.time.work_days]
    return first, bool(working) and working[-1] == today
