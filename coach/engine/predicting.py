"""The chance that a task gets done: by each coming day, on time, and the risk of leaving it to the last; with advice from a fixed
catalogue where it is likely to be late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import Config, shipped
from coach.core import advice as catalogue
from coach.core.advice import Advice, Case
from coach.core.completion import (
    LONGEST,
    SOON_DAYS,
    Life,
    Lived,
    Own,
    Question,
    Row,
    ahead,
    asked_on,
    base_rate,
    by_day,
    late_from,
    moved,
    own_effect,
    own_weights,
    shares,
    walk,
)
from coach.core.errors import CoachError, InvalidInput
from coach.core.priority import Base, traits_of
from coach.core.task import Task
from coach.core.when import Moment, logical_day, parse_iso, parse_wall
from coach.engine.prioritising import TABLES, base_of
from coach.store import lives
from coach.store import tasks as stored
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.engine.learning.kinds import Model
    from coach.ml.serving import Shelf

HISTORY_DAYS = 100
MOST = 1500
A_DAY = 50
"""Open tasks of a day that are looked at, evenly spread, beside all that were done on it."""
EFFECT_DAYS = 60
EFFECT_ROWS = 1500
HELP_DAYS = 7
"""Advice that was accepted has helped when its task is done within so many days, or by its due."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a person: the lives of their tasks, the pace and taste of today, the rows of their days, some of
    the last ones (`recent`), and the questions of those days whose answer is known."""

    lives: tuple[Life, ...]
    lived: Lived
    rows: tuple[Row, ...]
    recent: tuple[Row, ...]
    asked: tuple[Question, ...]
    open: tuple[Life, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Prediction:
    """Chances of a task. `by_day` are those of being done by the end of today, tomorrow and so on; `on_time` and `last_minute`
    (the risk of not being done before the last fifth of its time) None without a due. `base_rate` is the person's share so far
    of `n` such questions, `effect` their own pace in log odds with its standard deviation."""

    num: int
    title: str
    due: date | None
    by_day: tuple[float, ...]
    on_time: float | None
    soon: float
    last_minute: float | None
    base_rate: float
    n: int
    effect: float
    effect_sd: float
    by: str
    why: str
    advice: Advice | None
    advice_id: int | None

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        given = self.advice
        return {
            "num": self.num, "title": self.title, "due": self.due.isoformat() if self.due else None,
            "on_time": _short(self.on_time), "within_7_days": _short(self.soon), "completion": [_short(p) for p in self.by_day],
            "procrastination_risk": _short(self.last_minute), "base_rate": _short(self.base_rate), "n": self.n,
            "own_pace": {"log_odds": _short(self.effect), "sd": _short(self.effect_sd)}, "by": self.by, "why": self.why,
            "advice": None if given is None else {
                "id": self.advice_id, "action": given.action, "text": given.words(), "helped": given.helped,
                "tried": given.tried},
        }

    def lines(self) -> list[str]:
        """For people."""
        found = [f"done within a week: {self.soon:.0%}; within {LONGEST} days: {self.by_day[-1]:.0%}"]
        if self.on_time is not None:
            beside = f" (so far {self.base_rate:.0%} of {self.n:,} such questions)" if self.n else " (no such question yet)"
            found.insert(0, f"on time: {self.on_time:.0%}{beside}")
        if self.last_minute is not None:
            found.append(f"risk of leaving it to the last fifth of its time: {self.last_minute:.0%}")
        if self.advice is not None:
            found.append(self.advice.words())
        return [*found, f"{self.by}: {self.why}"]


def predict(db: Connection, ref: str, config: Config, now: datetime, tz: ZoneInfo, shelf: Shelf | None = None) -> Prediction:
    """Of an open task by number or id. Advice is kept with what comes of it. Raises NotFound, InvalidInput for a closed task."""
    task = stored.find(db, ref)
    if task.status != "pending":
        raise InvalidInput(f"task {task.num} is {task.status}", "a chance is told of open tasks")
    return of(db, [task], config, now, tz, shelf, advise=True)[0]


def of(
    db: Connection, tasks: Sequence[Task], config: Config, now: datetime, tz: ZoneInfo, shelf: Shelf | None = None, *,
    advise: bool = False,
) -> list[Prediction]:
    """Of open tasks; the history is read once."""
    from coach.engine.learning.serve import served

    speaks = served(db, "behaviour", now, shelf)
    base = shipped_base()
    known = remember(db, config, now, tz, base)
    why, model = speaks.why, speaks.model
    try:
        effect = effect_of(known, model)
        said = [_chances(known, life_of(db, task, tz), base, tz, model, effect[0]) for task in tasks]
        own = _own(known, model, effect[0])
    except CoachError as error:
        why, model, effect, own = error.message, None, (0.0, 0.0), {}
        said = [_chances(known, life_of(db, task, tz), base, tz, None, 0.0) for task in tasks]
    rates = _rates(known)
    settle(db, now, tz)
    found = []
    for task, chances in zip(tasks, said, strict=True):
        due = None if task.due is None else day_of(task.due, tz)
        kind = "soon" if due is None else "on time"
        done, n = rates[kind]
        weighed = own.get(kind, Own())
        on_time = None if due is None else _until(chances, known.today, due)
        if on_time is not None and due is not None and due >= known.today:
            share = base_rate(*rates["on time"])
            on_time = share if model is None else weighed.drawn(on_time, share)
        raw = _until(chances, known.today, known.today + timedelta(days=SOON_DAYS))
        soon = base_rate(*rates["soon"])
        if model is not None:
            soon = own.get("soon", Own()).drawn(raw, soon)
            chances = moved(chances, raw, soon)
        early = None if due is None else late_from(day_of(task.created, tz), due) - timedelta(days=1)
        given = _advice(db, task, chances, on_time, config, now, tz) if advise else None
        found.append(Prediction(
            task.num, task.title, due, tuple(chances), on_time, soon,
            None if early is None else 1 - _until(chances, known.today, early), base_rate(done, n), n, *effect,
            "baseline" if model is None else "model", weighed.words() or why, given,
            lives.offer(db, task.id, given.action, now) if given else None,
        ))
    return found


def answer(db: Connection, ref: str, accepted: bool, now: datetime) -> str:
    """The advice that stands for a task is taken or not; returns its action. Raises NotFound, InvalidInput without one."""
    task = stored.find(db, ref)
    open_ones = [a for a in lives.advice(db) if a["task_id"] == task.id and a["status"] in ("offered", "accepted")]
    if not open_ones:
        raise InvalidInput(f"there is no advice for task {task.num}", f"`coach predict {task.num}` gives one where it is needed")
    lives.answer(db, open_ones[-1]["id"], "accepted" if accepted else "declined", now)
    return str(open_ones[-1]["action"])


def settle(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    """What came of accepted advice: its task was done in time, or was not."""
    for one in lives.advice(db, "accepted"):
        task = stored.get(db, one["task_id"])
        until = parse_iso(one["at"]) + timedelta(days=HELP_DAYS)
        if task is not None and task.due is not None:
            until = max(until, datetime.combine(day_of(task.due, tz) + timedelta(days=1), datetime.min.time(), tz))
        if task is not None and task.completed is not None and task.completed <= until:
            lives.answer(db, one["id"], "helped", now)
        elif now > until or task is None or task.status != "pending":
            dropped = one["action"] == "drop" and task is not None and task.status == "deleted"
            lives.answer(db, one["id"], "helped" if dropped else "failed", now)


def remember(db: Connection, config: Config, now: datetime, tz: ZoneInfo, base: Base) -> Known:
    """The last HISTORY_DAYS as they went, day by day."""
    from coach.engine.report import bounds_time

    today = logical_day(now, tz, bounds_time(config))
    begin = now - timedelta(days=HISTORY_DAYS)
    every = lives_of(db, lives.since(db, begin, MOST), begin, tz)
    lived = Lived()
    first = max(today - timedelta(days=HISTORY_DAYS), min((one.created for one in every), default=today))
    days: list[list[Row]] = []
    asked: list[Question] = []
    for n, rows in enumerate(walk(every, first, today - timedelta(days=1), tz, base, lived, A_DAY)):
        days.append(rows)
        count = round(sum(row.weight for row in rows))
        asked += asked_on(rows, count, first + timedelta(days=n), today, tz, base, lived)
    flat = [row for rows in days[-EFFECT_DAYS:] for row in rows]
    opened = tuple(one for one in every if one.ended is None)
    recent = tuple(flat[:: max(1, len(flat) // EFFECT_ROWS)])
    return Known(tuple(every), lived, tuple(row for rows in days for row in rows), recent, tuple(asked), opened, today)


def effect_of(known: Known, model: Model | None) -> tuple[float, float]:
    """The person's own pace over what the model says, (log odds, sd). Raises ModelForeign where the net refuses."""
    if model is None:
        return 0.0, 0.0
    from coach.ml import behaviour  # numpy, ONNX Runtime

    rows = known.recent
    logits = behaviour.logits(model.net, [row.x for row in rows])
    return own_effect(logits, [row.done for row in rows], [row.weight for row in rows])


def life_of(db: Connection, task: Task, tz: ZoneInfo) -> Life:
    """A task with the days on which it was put off."""
    return lives_of(db, [task], task.created, tz)[0]


def shipped_base() -> Base:
    """The tables whose features these are too. Raises ModelBroken."""
    return base_of(shipped("models", "priority", TABLES).read_bytes())


def day_of(moment: Moment, tz: ZoneInfo) -> date:
    return moment.astimezone(tz).date() if isinstance(moment, datetime) else moment


def lives_of(db: Connection, tasks: Sequence[Task], begin: datetime, tz: ZoneInfo) -> list[Life]:
    """Tasks with their ends and the days since `begin` on which they were put off."""
    put_off: dict[str, list[tuple[date, date]]] = {}
    for task_id, at, until in lives.snoozes(db, begin):
        put_off.setdefault(task_id, []).append((parse_iso(at).astimezone(tz).date(), day_of(parse_wall(until, tz), tz)))
    found = []
    for task in tasks:
        end = task.completed if task.status == "completed" else task.deleted if task.status == "deleted" else None
        found.append(Life(
            task.id, traits_of(task), task.created.astimezone(tz).date(), None if end is None else end.astimezone(tz).date(),
            task.status == "completed", None if task.due is None else day_of(task.due, tz), tuple(put_off.get(task.id, ())),
        ))
    return found


def _chances(known: Known, life: Life, base: Base, tz: ZoneInfo, model: Model | None, effect: float) -> list[float]:
    """By the end of today and of each day after it; without a model the person's pace alone."""
    if model is None:
        return by_day([known.lived.pace] * LONGEST, 0.0)
    from coach.ml import behaviour

    rows = ahead(life, max(0, len(known.open) - 1), known.today, LONGEST, tz, base, known.lived)
    return behaviour.chances(behaviour.logits(model.net, rows), effect, model.card)


def _own(known: Known, model: Model | None, effect: float) -> dict[str, Own]:
    """By kind of question, how the model's chance is drawn towards the person's share."""
    if model is None or not known.asked:
        return {}
    from coach.ml import behaviour

    logits = behaviour.logits(model.net, [row for one in known.asked for row in one.rows])
    said, at = [], 0
    for one in known.asked:
        said.append(behaviour.chances(logits[at:at + len(one.rows)], effect, model.card)[-1])
        at += len(one.rows)
    shared = shares(known.asked)
    return {kind: own_weights(known.asked, said, shared, kind, known.today) for kind in ("on time", "soon")}


def _rates(known: Known) -> dict[str, tuple[int, int]]:
    """(answered yes, asked) by kind of question."""
    return {
        kind: (sum(q.happened for q in known.asked if q.kind == kind), sum(q.kind == kind for q in known.asked))
        for kind in ("on time", "soon")
    }


def _until(chances: Sequence[float], today: date, until: date) -> float:
    """The chance by the end of a day; 0 where that is over, the last one where it lies beyond."""
    ahead_days = (until - today).days
    return 0.0 if ahead_days < 0 else chances[min(ahead_days, len(chances) - 1)]


def _advice(
    db: Connection, task: Task, chances: Sequence[float], on_time: float | None, config: Config, now: datetime, tz: ZoneInfo
) -> Advice | None:
    results = [(a["action"], a["status"] == "helped") for a in lives.advice(db) if a["status"] in ("helped", "failed")]
    today = now.astimezone(tz).date()
    case = Case(
        task.estimate_min, (today - day_of(task.created, tz)).days, task.snooze_count, task.due is not None,
        task.due is not None and day_of(task.due, tz) <= today, chances[-1] if on_time is None else on_time,
        _good_hour(db, today),
    )
    standing = [a for a in lives.advice(db) if a["task_id"] == task.id and a["status"] in ("declined",)]
    seed = f"{task.id} {len(standing)}"
    return catalogue.choose(case, results, seed)


def _good_hour(db: Connection, today: date) -> str:
    """When the person focuses best on working days, in words; empty with less than two weeks of data."""
    from coach.engine.profile import focus_profile

    profile = focus_profile(db, today)
    if profile is None:
        return ""
    hours = {h: sum(profile[day * 24 + h] for day in range(5)) for h in range(7, 20)}
    best = max(hours, key=hours.__getitem__)
    return f"you focus best at about {best}:00"


def _short(x: float | None) -> float | None:
    return None if x is None else round(x, 4)
