"""Whether Coach helps: how it is used, what its nudges do, and how tasks, estimates and focus go, each beside the four weeks
before, with an honest word where the data cannot tell. Computed here, for the person's own eyes; nothing leaves the machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import progress as measures
from coach.core.nudge import ACTED, Nudge
from coach.core.progress import Measure, measure_json, of_count, of_mean, of_share
from coach.core.when import logical_day, parse_iso
from coach.engine import activity, categories, sums
from coach.store import nudges, rollups
from coach.store import progress as store
from coach.store.db import Connection

DAYS = 28
"""Both spans are four whole weeks, so that weekends weigh the same; today, which is not over, is left out."""
NEAR = 0.25
"""An estimate is kept where the task took within a quarter of it."""
_VERBS = (("add", "tasks added"), ("complete", "tasks completed"), ("snooze", "tasks put off"), ("accept", "blocks accepted"),
          ("start focus", "focus sessions"), ("edit", "edits"))


@dataclass(frozen=True, slots=True)
class Span:
    """Logical days from `first` to `last`, both included, and their instants."""

    first: date
    last: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class ProgressView:
    """`quiet_days` is how many days ago Coach was last used, None where it never was."""

    now: Span
    before: Span
    groups: tuple[Group, ...]
    quiet_days: int | None = None

    def document(self) -> dict[str, Any]:
        return {
            "first": self.now.first.isoformat(), "last": self.now.last.isoformat(), "before_first": self.before.first.isoformat(),
            "before_last": self.before.last.isoformat(), "quiet_days": self.quiet_days,
            "groups": [{"title": g.title, "measures": [measure_json(m) for m in g.measures]} for g in self.groups],
        }

    def lines(self) -> list[str]:
        found = [f"{self.now.first} to {self.now.last}, beside the {DAYS} days before"]
        for group in self.groups:
            found += ["", group.title]
            found += [f"  {m.title:<36}{measures.amount(m.value, m.unit):>9}  {measures.words(m)}" for m in group.measures]
        return found


def note_uses(db: Connection, uses: Mapping[str, int], config: Config, now: datetime, tz: ZoneInfo) -> None:
    """Remember how often each screen was opened."""
    store.note_uses(db, logical_day(now, tz, clock(config.time.day_start)), uses)


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> ProgressView:
    """Reads counts only; some milliseconds."""
    today = logical_day(now, tz, clock(config.time.day_start))
    here = _span(today - timedelta(days=DAYS), config, tz)
    there = _span(today - timedelta(days=2 * DAYS), config, tz)
    used = _used_days(db, there.first, today, config, tz, now)
    last = max((d for d in used), default=None)
    groups = (
        Group("Using Coach", (_retention(used, _since(db, used, config, tz), here, there), *_features(db, here, there))),
        Group("Nudges", tuple(_of_nudges(db, here, there))),
        Group("Tasks", tuple(_of_tasks(db, here, there))),
        Group("Focus", tuple(_of_focus(db, config, here, there))),
    )
    return ProgressView(here, there, groups, None if last is None else (today - last).days)


def _span(first: date, config: Config, tz: ZoneInfo) -> Span:
    last = first + timedelta(days=DAYS - 1)
    return Span(first, last, activity.bounds(first, config, tz)[0], activity.bounds(last, config, tz)[1])


def _used_days(db: Connection, first: date, today: date, config: Config, tz: ZoneInfo, now: datetime) -> set[date]:
    begins = clock(config.time.day_start)
    touched = store.touched(db, activity.bounds(first, config, tz)[0], now)
    return {logical_day(parse_iso(at), tz, begins) for at in touched} | {
        date.fromisoformat(day) for day in store.used_days(db, first, today)}


def _since(db: Connection, used: set[date], config: Config, tz: ZoneInfo) -> date | None:
    """The first day on which Coach was used; `used` are the days lately."""
    edit, opened = store.first_used(db)
    edited = {logical_day(parse_iso(edit), tz, clock(config.time.day_start))} if edit else set()
    return min(used | edited | ({date.fromisoformat(opened)} if opened else set()), default=None)


def _retention(used: set[date], since: date | None, here: Span, there: Span) -> Measure:
    """Of the days since the first: nobody could use it before."""
    def share(span: Span) -> tuple[int, int]:
        known = 0 if since is None else max(0, (span.last - max(span.first, since)).days + 1)
        return sum(span.first <= day <= span.last for day in used), known

    return of_share("days_used", "days on which you used it", share(here), share(there))


def _features(db: Connection, here: Span, there: Span) -> list[Measure]:
    now, before = store.actions(db, here.start, here.end), store.actions(db, there.start, there.end)
    found = [of_count(verb.replace(" ", "_"), title, _with(now, verb), _with(before, verb)) for verb, title in _VERBS]
    found.append(of_count("questions", "questions asked", store.questions(db, here.start, here.end),
                          store.questions(db, there.start, there.end)))
    opened, opened_before = store.uses(db, here.first, here.last), store.uses(db, there.first, there.last)
    names = sorted({*opened, *opened_before}, key=lambda name: (-opened.get(name, 0), name))
    found += [of_count(f"screen_{n}", f"{n} opened", opened.get(n, 0), opened_before.get(n, 0)) for n in names]
    return found


def _with(actions: dict[str, int], verb: str) -> int:
    return sum(count for label, count in actions.items() if label.startswith(verb))


def _of_nudges(db: Connection, here: Span, there: Span) -> list[Measure]:
    said = [n for n in nudges.since(db, there.start) if n.at < here.end]
    now, before = [n for n in said if n.at >= here.start], [n for n in said if n.at < here.start]
    found = [
        of_count("nudges", "nudges shown", len(_heard(now)), len(_heard(before))),
        of_share("acted_on", "acted on", _share(_heard(now), _acted), _share(_heard(before), _acted)),
        of_share("misfires", "failed to arrive", _share(now, _failed), _share(before, _failed), -1),
        of_mean("latency", "time to arrive", "ms", _latencies(now), _latencies(before), -1),
        of_mean("rating", "rating, 1 to 5", "score", _ratings(now), _ratings(before)),
        of_share("useful", "called useful", _useful(now), _useful(before)),
    ]
    for persona in sorted({n.persona for n in _heard(said)}):
        own, own_before = ([n for n in _heard(part) if n.persona == persona] for part in (now, before))
        found.append(of_share(f"persona_{persona}", f"acted on, in the voice {persona}", _share(own, _acted),
                              _share(own_before, _acted)))
    return found


def _heard(said: Sequence[Nudge]) -> list[Nudge]:
    return [n for n in said if n.status not in ("queued", "claimed", "failed", "held")]


def _acted(nudge: Nudge) -> bool:
    return nudge.status in ACTED


def _failed(nudge: Nudge) -> bool:
    return nudge.status == "failed"


def _share(said: Sequence[Nudge], holds: Any) -> tuple[int, int]:
    return sum(map(holds, said)), len(said)


def _latencies(said: Sequence[Nudge]) -> list[float]:
    return [float(n.latency_ms) for n in said if n.latency_ms is not None]


def _ratings(said: Sequence[Nudge]) -> list[float]:
    return [float(n.rating) for n in said if n.rating is not None]


def _useful(said: Sequence[Nudge]) -> tuple[int, int]:
    told = [n.useful for n in said if n.useful is not None]
    return sum(told), len(told)


def _of_tasks(db: Connection, here: Span, there: Span) -> list[Measure]:
    due, due_before = store.due_tasks(db, here.start, here.end), store.due_tasks(db, there.start, there.end)
    done, done_before = store.finished(db, here.start, here.end), store.finished(db, there.start, there.end)
    put_off, put_off_before = (_with(store.actions(db, s.start, s.end), "snooze") for s in (here, there))
    return [
        of_share("completion", "of what was due, completed", (sum(d for d, _ in due), len(due)),
                 (sum(d for d, _ in due_before), len(due_before))),
        of_share("on_time", "of what was due, on time", (sum(t for _, t in due), len(due)),
                 (sum(t for _, t in due_before), len(due_before))),
        of_share("overdue", "of what was due, overdue", (sum(not t for _, t in due), len(due)),
                 (sum(not t for _, t in due_before), len(due_before)), -1),
        of_share("snoozes", "put off, of put off and done", (put_off, put_off + len(done)),
                 (put_off_before, put_off_before + len(done_before)), -1),
        of_share("estimates_kept", "took within a quarter of the estimate", _kept(done), _kept(done_before)),
        of_mean("ratio", "took, against the estimate", "ratio", _ratios(done), _ratios(done_before), 0),
    ]


def _ratios(done: Sequence[tuple[float | None, float | None]]) -> list[float]:
    return [actual / estimate for estimate, actual in done if estimate and actual]


def _kept(done: Sequence[tuple[float | None, float | None]]) -> tuple[int, int]:
    ratios = _ratios(done)
    return sum(abs(r - 1) <= NEAR for r in ratios), len(ratios)


def _of_focus(db: Connection, config: Config, here: Span, there: Span) -> list[Measure]:
    rules = categories.load(db, config)

    def days(span: Span) -> tuple[list[float], list[float]]:
        active: dict[str, float] = defaultdict(float)
        focused: dict[str, float] = defaultdict(float)
        for day, category, ms in rollups.day_categories(db, span.first, span.last):
            active[day] += ms / 3_600_000
            focused[day] += ms / 3_600_000 if rules.named(category).focus else 0.0
        return list(active.values()), [focused[day] for day in active]

    (active, focused), (active_before, focused_before) = days(here), days(there)
    scores, scores_before = (_scores(db, s, clock(config.time.day_start).hour) for s in (here, there))
    return [
        of_mean("focus_hours", "focus a day, of days tracked", "h", focused, focused_before),
        of_mean("active_hours", "active a day", "h", active, active_before, 0),
        of_mean("focus_score", "focus score of a day", "score", scores, scores_before),
    ]


def _scores(db: Connection, span: Span, day_start_hour: int) -> list[float]:
    """The focus of each day. Days, not hours, since the hours of a day are alike."""
    return list(sums.focus_by_day(db, span.first, span.last + timedelta(days=1), day_start_hour).values())
