"""Goals as records: set in plain words, forgotten, and how each stands today."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import change
from coach.core.category import hosts, knows
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.core.goal import EXAMPLE, Field, Goal, Standing, Wanted, history, parse, period_of
from coach.core.titles import app_key
from coach.core.when import iso, logical_day
from coach.engine import categories, manual
from coach.engine.categories import Rules
from coach.store import changes, spent, timeline, usage
from coach.store.db import Connection

HISTORY_DAYS = 92
"""So far back streaks are counted; for a site, of which no sums are kept, SITE_DAYS."""
SITE_DAYS = 28
FRESH_S = 120.0
"""The newest state is what is in front while it ended less than this ago."""
FOCUS_WORDS = frozenset(("focus", "deep work", "focused work", "focus time", "concentrated work"))
ALL_WORDS = frozenset(("tracked time", "screen time", "computer", "computer time", "the computer", "everything", "all", "screen"))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class GoalsView:
    """Every goal with its progress, oldest first."""

    today: date
    standings: tuple[Standing, ...]

    def document(self) -> list[dict[str, Any]]:
        return [standing_json(s) for s in self.standings]


def add(db: Connection, text: str, config: Config, now: datetime) -> Goal:
    """A goal from plain words. Raises InvalidInput naming what is missing or unknown, or when there is such a goal."""
    wanted = parse(text)
    field, name = resolve(db, wanted, categories.load(db, config))
    goal = Goal(str(uuid.uuid4()), wanted.bound, wanted.minutes, field, name, wanted.period)
    same = (goal.bound, goal.field, goal.name, goal.period)
    if any((g.bound, g.field, g.name, g.period) == same for g in every(db)):
        raise InvalidInput(f"there is a goal about {goal.about()} a {goal.period} already", "`coach goal remove` takes it away")
    values = {
        "bound": goal.bound, "minutes": goal.minutes, "field": field, "name": name, "period": goal.period, "created": iso(now),
    }
    changes.apply(db, [change.create("goal", goal.id, values)], now=now, label="add goal")
    return goal


def remove(db: Connection, ref: str, now: datetime) -> Goal:
    """Forget a goal, by its id or the beginning, or by what it is about; undo brings it back. Raises NotFound."""
    goals = every(db)
    found = [g for g in goals if g.id.startswith(ref)] or [g for g in goals if g.about().casefold() == ref.casefold()]
    if not ref or len(found) != 1:
        raise NotFound(f"there is no goal {ref!r}", "`coach goal list` shows them")
    row = changes.read(db, "goal", "id = ?", (found[0].id,))[0]
    values = {k: v for k, v in row.items() if k != "id"}
    changes.apply(db, [change.delete("goal", found[0].id, values)], now=now, label="remove goal")
    return found[0]


def every(db: Connection) -> list[Goal]:
    return [
        Goal(r["id"], r["bound"], r["minutes"], r["field"], r["name"], r["period"])
        for r in changes.read(db, "goal", "1 ORDER BY created, id")
    ]


def resolve(db: Connection, wanted: Wanted, rules: Rules) -> tuple[Field, str]:
    """What the words of a goal mean: focus, all tracked time, `#project`, then a category by name, an application or a
    site that was seen, a project, a site or application that the rules know, a beginning of a category's name.

    Raises InvalidInput when they mean nothing that is known."""
    words = wanted.words
    low = words.casefold()
    if low in FOCUS_WORDS:
        return "focus", ""
    if low in ALL_WORDS:
        return "all", ""
    if words.startswith("#") and len(words) > 1:
        return "project", words[1:]
    for name in rules.categories:
        if low in (name.casefold(), name.rpartition(" > ")[2].casefold()):
            return "category", name
    if " > " not in words:
        if app := next((a for a in usage.names(db, "app") if app_key(a) == app_key(words)), None):
            return "app", app
        if site := _site(low, usage.names(db, "site")):
            return "site", site
        if project := next((p for p in usage.names(db, "project") if p.casefold() == low), None):
            return "project", project
        if site := _site(low, hosts(rules.categoriser)):
            return "site", site
        if knows(rules.categoriser, app=words):
            return "app", words
    try:
        return "category", manual.category_of(words, rules)
    except InvalidInput:
        hint = f"a category, an app, a site such as youtube.com, #project; {EXAMPLE}"
        raise InvalidInput(f"nothing called {words!r} is known", hint) from None


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> GoalsView:
    """How every goal stands at `now`; the running state counts."""
    today = logical_day(now, tz, clock(config.time.day_start))
    goals = every(db)
    if not goals:
        return GoalsView(today, ())
    rules = categories.load(db, config)
    week_start = 6 if config.time.week_start == "sunday" else 0
    since = today - timedelta(days=HISTORY_DAYS)
    tracked = spent.by_day(db, "category", lambda name: True, since, today)
    newest = timeline.newest(db, now)
    present = newest if newest and abs((now - newest.end).total_seconds()) <= FRESH_S else None
    standings = []
    for goal in goals:
        from_day = today - timedelta(days=SITE_DAYS) if goal.field == "site" else since
        used = used_by_day(db, goal, rules, from_day, today)
        first, last = period_of(today, goal.period, week_start)
        streak, kept, n = history(goal, used, tracked, today, from_day, week_start)
        standings.append(Standing(
            goal, sum(s for day, s in used.items() if first <= day <= last) / 60,
            _due_share(first, last, today, now.astimezone(tz), config), streak, kept, n,
            present is not None and _counts(goal, present, rules),
        ))
    return GoalsView(today, tuple(standings))


def standing_json(standing: Standing) -> dict[str, Any]:
    """Minutes and words; `streak` in periods."""
    goal = standing.goal
    return {
        "id": goal.id, "text": goal.text(), "bound": goal.bound, "minutes": goal.minutes, "field": goal.field,
        "name": goal.name, "period": goal.period, "used_min": round(standing.used_min, 1),
        "left_min": round(standing.left_min, 1), "state": standing.state, "on_track": standing.on_track,
        "streak": standing.streak, "kept": standing.kept, "n": standing.n,
    }


def used_by_day(db: Connection, goal: Goal, rules: Rules, first: date, last: date) -> Mapping[date, float]:
    """Seconds that count towards the goal, by logical day first..last."""
    if goal.field == "site":
        return spent.by_day_on_site(db, goal.name, first, last)
    if goal.field == "app":
        return spent.by_day(db, "app", lambda name: app_key(name) == app_key(goal.name), first, last)
    if goal.field == "project":
        return spent.by_day(db, "project", lambda name: name.casefold() == goal.name.casefold(), first, last)
    return spent.by_day(db, "category", lambda name: _of_category(goal, name, rules), first, last)


def _of_category(goal: Goal, name: str, rules: Rules) -> bool:
    if goal.field == "focus":
        return rules.named(name).focus
    return goal.field == "all" or name == goal.name or name.startswith(goal.name + " > ")


def _counts(goal: Goal, event: Event, rules: Rules) -> bool:
    """Whether time in that state counts towards the goal."""
    if goal.field == "site":
        return spent.is_on(event.url, goal.name)
    if goal.field == "app":
        return app_key(event.app) == app_key(goal.name)
    if goal.field == "project":
        return event.project.casefold() == goal.name.casefold()
    return _of_category(goal, event.category or "", rules)


def _due_share(first: date, last: date, today: date, local: datetime, config: Config) -> float:
    """The part of the period's working time that has passed; of all its hours where none of its days is a working day."""
    begins, ends = clock(config.time.work_start), clock(config.time.work_end)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    works = [d for d in days if WEEKDAYS[d.weekday()] in config.time.work_days] or days
    at_min = local.hour * 60 + local.minute + (24 * 60 if local.date() > today else 0)
    low, high = begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute
    passed = min(1.0, max(0.0, (at_min - low) / (high - low))) if high > low else 1.0
    return (sum(d < today for d in works) + (passed if today in works else 0.0)) / len(works)


def _site(words: str, names: Iterable[str]) -> str:
    """A host by its name or by the part before its ending: "youtube" is youtube.com."""
    found = sorted(h for h in names if words in (h, h.removeprefix("www."), h.rpartition(".")[0].rpartition(".")[2]))
    if words in found:
        return words
    if found:
        return min(found, key=len)
    return words if "." in words.strip(".") and " " not in words else ""
