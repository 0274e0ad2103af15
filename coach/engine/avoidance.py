"""What the person avoids, with what says so: scores of open tasks and of weeks, their trend, and claims beyond chance. Only where
profiling was allowed: without that nothing is computed or stored, and taking it back erases what was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import avoided
from coach.core.avoidance import LEAST_OWN, VERSION, Score, Story, score, usual
from coach.core.avoided import COUNTS_DAYS, LEAST_N, LEAST_WEEKS, LEVEL_WEEKS, Claim, Level, Week
from coach.core.stats import sparkline
from coach.core.when import iso, logical_day
from coach.engine import keeping, preferences
from coach.engine.activity import bounds
from coach.engine.avoidance_stories import stories
from coach.engine.watch import edits
from coach.store import avoidance as stored
from coach.store.db import Connection, meta, set_meta, transaction

OFF = "Profiling is off: what you put off and how your weeks differ is not looked at, and nothing about it is stored."
HOW = "Setup > Privacy > Profiling, or `coach insights avoidance --allow`, turns it on."
ABOUT = (
    "Coach may work out from your tasks what you put off: when you begin them, how often you snooze them, what you do right"
    " after opening one; and from tasks and focus which kinds of weeks you have. It stays in the encrypted store, is exported"
    " with the rest, and is erased when you turn this off."
)
"""What profiling is, in plain words."""
TICK_S = 3600
NO_LEVEL = Level(None, 0, None, None)


@dataclass(frozen=True, slots=True)
class TaskScore:
    """An open task with its score as of now."""

    id: str
    num: int
    title: str
    score: Score

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id, "num": self.num, "title": self.title, "score": round(self.score.value, 1),
            "percentile": None if self.score.percentile is None else round(self.score.percentile, 3),
            "avoided": self.score.avoided, "unknown": list(self.score.unknown),
            "evidence": [
                {"sign": e.sign, "text": e.text, "source": e.source, "strength": round(e.strength, 3),
                 "points": round(e.points, 1)} for e in self.score.evidence
            ],
        }


@dataclass(frozen=True, slots=True)
class DatedWeek:
    """`begun` is its first day; the last one goes on."""

    begun: date
    week: Week


@dataclass(frozen=True, slots=True)
class AvoidanceView:
    """`tasks` are open ones, the highest score first; `weeks` the last LEVEL_WEEKS, earliest first; `finished` are the own tasks
    that waits are compared with. Without consent all is empty."""

    allowed: bool
    tasks: tuple[TaskScore, ...] = ()
    weeks: tuple[DatedWeek, ...] = ()
    level: Level = NO_LEVEL
    claims: tuple[Claim, ...] = ()
    finished: int = 0

    @property
    def needs(self) -> str:
        """What is missing for a level of the weeks; empty where nothing is."""
        if not self.allowed or self.level.score is not None:
            return ""
        return (
            f"A level needs {LEAST_WEEKS} weeks in which {LEAST_N:.0f} tasks ended or became {COUNTS_DAYS:.0f} days old:"
            f" {self.level.weeks} so far."
        )

    def scores(self) -> list[float | None]:
        return [one.week.score for one in self.weeks]

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        if not self.allowed:
            return {"profiling": False, "why": OFF, "how": HOW}
        return {
            "profiling": True, "formula": VERSION,
            "level": {"score": _short(self.level.score), "weeks": self.level.weeks, "burstiness": _short(self.level.bursts),
                      "snoozes_a_task": _short(self.level.snoozes_a_task), "needs": self.needs or None},
            "tasks": [one.document() for one in self.tasks], "weeks": [week_json(one) for one in self.weeks],
            "week": week_json(self.weeks[-1]) if self.weeks else None,
            "claims": [asdict(one) for one in self.claims], "finished_tasks": self.finished,
        }

    def lines(self) -> list[str]:
        """For people."""
        if not self.allowed:
            return [OFF, HOW]
        found = [level_words(self), *week_words(self.weeks)]
        found += [f"{one.text} [{one.source}]" for one in self.claims] or ["nothing beyond chance is found in what you put off"]
        if not self.tasks:
            found.append("no open task")
        for one in self.tasks[:10]:
            found.append(f"{one.num:>4}  {one.score.value:3.0f}  {one.title}")
            found += [f"           {e.points:4.1f}  {e.text} [{e.source}]" for e in one.score.evidence if e.points >= 0.5]
        return found


def allowed(db: Connection) -> bool:
    """Whether profiling was allowed; a flag beside that of tracking."""
    return bool(preferences.get(db, "profiling_consent"))


def set_consent(db: Connection, given: bool, now: datetime) -> None:
    """Allow profiling, or forbid it and erase what was kept."""
    with transaction(db):
        preferences.put(db, {"profiling_consent": given}, now, "allow profiling" if given else "forbid profiling")
        if not given and stored.erase(db):
            keeping.audit(db, "erase", "scores of what is put off, and weeks", now)
        set_meta(db, stored.STAMP, "")


def task_scores(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> tuple[TaskScore, ...]:
    """Open tasks, the highest score first; none without consent."""
    return view(db, config, now, tz).tasks


def week(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> DatedWeek | None:
    """This week so far; None without consent."""
    weeks = view(db, config, now, tz).weeks
    return weeks[-1] if weeks else None


def trend(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> tuple[DatedWeek, ...]:
    """The last LEVEL_WEEKS, earliest first, this one last; none without consent."""
    return view(db, config, now, tz).weeks


def worst(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> tuple[str, float] | None:
    """(task, score) of the avoided task with the highest score, as of the last run of the job: one look-up. None without one, or
    without consent."""
    return stored.worst(db, VERSION, now) if allowed(db) else None


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> AvoidanceView:
    """All of it as of now. Weeks that are over stay as they were kept."""
    if not allowed(db):
        return AvoidanceView(False)
    starts = _week_starts(config, now, tz)
    begin = bounds(starts[0], config, tz)[0]
    known = stories(db, begin, now, tz, config)
    every = list(known.values())
    found = avoided.counted(every, now.timestamp())
    edges = [bounds(day, config, tz)[0].timestamp() for day in starts] + [now.timestamp() + 1]
    kept = stored.weeks(db, VERSION)
    weeks = tuple(
        DatedWeek(day, _kept(one, kept.get(day.isoformat())))
        for day, one in zip(starts, avoided.weeks_of(found, every, edges), strict=True)
    )
    told = [one.week for one in weeks]
    return AvoidanceView(
        True, _scored(db, known, now), weeks, avoided.level(told, every), tuple(avoided.claims(told[:-1], found)),
        sum(one.done for one in every),
    )


def tick(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> bool:
    """The job: keep the scores of open tasks and the weeks that are over; whether anything was done. At most once an hour, and
    only after an edit or in a new day. Without consent what is kept goes, also where an undo took the consent back."""
    if not allowed(db):
        return stored.erase(db)
    stamp = f"{edits(db)} {logical_day(now, tz)} {VERSION}"
    last, _, at = meta(db, stored.STAMP).rpartition("|")
    if last == stamp or (at and 0 <= now.timestamp() - float(at) < TICK_S):
        return False
    seen = view(db, config, now, tz)
    rows = [
        stored.Kept(one.id, one.score.value, one.score.percentile, int(one.score.avoided),
                    json.dumps(one.document()["evidence"], ensure_ascii=False), VERSION, iso(now) or "")
        for one in seen.tasks
    ]
    over = {one.begun.isoformat(): (one.week.score, json.dumps(_numbers(one.week))) for one in seen.weeks[:-1]
            if one.week.n or one.week.done}
    with transaction(db):
        if allowed(db):  # it may have been taken back meanwhile
            stored.keep(db, rows, over, VERSION)
            set_meta(db, stored.STAMP, f"{stamp}|{now.timestamp():.0f}")
    return True


def level_words(seen: AvoidanceView) -> str:
    """The level with what it stands on, or what is missing."""
    if seen.level.score is None:
        return seen.needs
    words = f"avoidance {seen.level.score:.0f} of 100, mean of {seen.level.weeks} weeks"
    if seen.level.snoozes_a_task is not None:
        words += f"; {seen.level.snoozes_a_task:.2f} snoozes a task"
    if seen.level.bursts is not None:
        words += f"; burstiness of finishing {seen.level.bursts:+.2f} (0 is chance)"
    return words


def week_words(weeks: Sequence[DatedWeek]) -> list[str]:
    """The last weeks as a sparkline, and this one in numbers."""
    known = [one.week.score for one in weeks if one.week.score is not None]
    if not known:
        return []
    last = weeks[-1].week
    this = "too few tasks for a score" if last.score is None else f"score {last.score:.0f}"
    wait = "" if last.latency_days is None else f", done {last.latency_days:.1f} days after they could be begun (median)"
    return [
        f"weeks {sparkline([one.week.score for one in weeks]).strip()}  this one last, the highest {max(known):.0f}",
        f"this week: {this} (n = {last.n}); {last.done} done, {last.snoozes} snoozes, {last.on_time} of {last.due} on time{wait}",
    ]


def week_json(one: DatedWeek) -> dict[str, Any]:
    return {"week": one.begun.isoformat(), "score": _short(one.week.score), **_numbers(one.week)}


def own_waits(seen: AvoidanceView) -> str:
    """What is missing for comparing waits with the person's own; empty where nothing is."""
    if seen.finished >= LEAST_OWN:
        return ""
    return f"Comparing with your own usual needs {LEAST_OWN} finished tasks of a kind: {seen.finished} so far."


def _scored(db: Connection, known: dict[int, Story], now: datetime) -> tuple[TaskScore, ...]:
    own = usual(known.values(), now.timestamp())
    opened = {num: one for num, one in known.items() if one.ended_s is None}
    titles = stored.titles(db, list(opened))
    found = [TaskScore(one.id, num, titles.get(num, ""), score(one, now.timestamp(), own)) for num, one in opened.items()]
    return tuple(sorted(found, key=lambda one: (-one.score.value, one.num)))


def _week_starts(config: Config, now: datetime, tz: ZoneInfo) -> list[date]:
    from coach.engine.report import bounds_time, week_start

    today = logical_day(now, tz, bounds_time(config))
    first = today - timedelta(days=(today.weekday() - week_start(config)) % 7)
    return [first - timedelta(weeks=n) for n in range(LEVEL_WEEKS - 1, -1, -1)]


def _kept(made: Week, kept: tuple[float | None, str] | None) -> Week:
    if kept is None:
        return made
    numbers = json.loads(kept[1])
    return Week(made.start_s, kept[0], **numbers)


def _numbers(one: Week) -> dict[str, Any]:
    return {"n": one.n, "snoozes": one.snoozes, "done": one.done, "due": one.due, "on_time": one.on_time,
            "latency_days": _short(one.latency_days)}


def _short(x: float | None) -> float | None:
    return None if x is None else round(x, 3)
