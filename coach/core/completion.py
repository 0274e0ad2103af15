"""When open tasks get done: a day in the life of a task is a row, and whether it was done on that day its label (discrete-time
hazard; Singer and Willett 1993). A task that is still open says "not yet" for each of its days and nothing beyond them.

From the hazard of each coming day follow the chance of completion by any date, that of being on time, and the risk of leaving it
to the last fifth of its time. A person's own pace is a random effect in log odds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from math import exp, log, log1p, sqrt
from zoneinfo import ZoneInfo

from coach.core.own_calibration import PRIOR, Weights, drawn, fit
from coach.core.priority import FEATURES, Base, Taste, Traits, count, option

COLUMNS = (*FEATURES, "open", "pace", "weekday", "waiting", "new")
HOUR = 9
"""Rows are as of this local hour of the day."""
PACE_DAYS = 28
PACE_PRIOR = (0.05, 60.0)
"""Share of open task-days on which a task gets done, and the task-days that this counts as."""
EFFECT_SD = 0.6
"""Spread of people's own pace in log odds."""
LATE_SHARE = 0.2
"""The last part of a task's time; work that begins only there was put off."""
SOON_DAYS = 7
ASK_EVERY_DAYS = 7
RECORD_DAYS = 60
SHARE_SPEAKS = 0.5
"""A model whose log odds weigh less is said to be drawn towards the share."""
LONGEST = 30
"""Days ahead that are asked for."""


@dataclass(frozen=True, slots=True)
class Life:
    """A task from its creation to its end, if it had one. `snoozed` are the days on which it was put off, each with the day until
    which."""

    id: str
    traits: Traits
    created: date
    ended: date | None
    done: bool
    due: date | None
    snoozed: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A task on a day: `x` in the order of COLUMNS; `done` whether it was completed on it. It stands for `weight` task-days."""

    life: Life
    day: date
    x: tuple[float, ...]
    done: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a task will be done by a day, asked on another: "on time" or "soon". `rows` are those of the days from the first to
    the second."""

    kind: str
    life: Life
    today: date
    until: date
    rows: tuple[tuple[float, ...], ...]
    pace: float
    happened: bool


@dataclass(frozen=True, slots=True)
class Own:
    """Weights of what a model says and of the person's share, by `n` answers of theirs."""

    weights: Weights = PRIOR
    n: int = 0

    def drawn(self, p: float, share: float) -> float:
        """A chance, drawn towards the share; as it is without answers."""
        return p if self.weights == PRIOR else drawn(p, share, self.weights)

    def words(self) -> str:
        """Whether the share counts more than the model; empty where it does not."""
        if self.weights[1] >= SHARE_SPEAKS:
            return ""
        counts = max(0.0, self.weights[1])
        return f"drawn towards your own share: by your last {self.n:,} answers the model's log odds count {counts:.0%}"


@dataclass(slots=True)
class Lived:
    """What is known of a person by a day, and how it is carried on."""

    taste: Taste = field(default_factory=Taste)
    recent: list[tuple[int, int]] = field(default_factory=list)
    """(completed, open) of the last days."""

    @property
    def pace(self) -> float:
        """Log odds of a task being done on a day it is open."""
        rate, weight = PACE_PRIOR
        done, opened = (sum(one[i] for one in self.recent) for i in (0, 1))
        p = (done + rate * weight) / (opened + weight)
        return log(p / (1 - p))


def walk(
    lives: Sequence[Life], first: date, last: date, tz: ZoneInfo, base: Base, lived: Lived, most: int = 0
) -> Iterator[list[Row]]:
    """The rows of each day from `first` to `last`, told from what was known before it; `lived` carries on over a day when the
    next one is asked for. With `most`, of so many open tasks an even sample, and all that were done."""
    coming = sorted(lives, key=lambda one: one.created)
    opened: dict[str, Life] = {}
    at = 0
    day = first
    while day <= last:
        while at < len(coming) and coming[at].created <= day:
            if coming[at].ended is None or coming[at].ended >= day:  # type: ignore[operator]
                opened[coming[at].id] = coming[at]
            at += 1
        here = list(opened.values())
        some = _sample(here, day, most) if most and len(here) > most else here
        rows = rows_of(some, day, tz, base, lived, len(here))
        yield rows
        _carry_on(rows, len(here), day, lived)
        opened = {one.id: one for one in opened.values() if one.ended is None or one.ended > day}
        day += timedelta(days=1)


def rows_of(opened: Sequence[Life], day: date, tz: ZoneInfo, base: Base, lived: Lived, count_open: int) -> list[Row]:
    """The rows of open tasks on a day, of `count_open` in all."""
    now_s = datetime(day.year, day.month, day.day, HOUR, tzinfo=tz).timestamp()
    weekend, size, pace = day.weekday() >= 5, log1p(count_open), lived.pace
    ended = sum(one.done and one.ended == day for one in opened)
    weight = (count_open - ended) / max(1, len(opened) - ended)
    found = []
    for one in opened:
        since = [pair for pair in one.snoozed if pair[0] < day]
        waits = bool(since) and since[-1][1] > day
        x = option(base, lived.taste, one.id, one.traits, now_s, weekend=weekend, snoozed=len(since)).x
        wide = (*x, size, pace, float(day.weekday()), float(waits), float(day == one.created))
        done = one.done and one.ended == day
        found.append(Row(one, day, wide, done, 1.0 if done else weight))
    return found


def ahead(one: Life, beside: int, today: date, days: int, tz: ZoneInfo, base: Base, lived: Lived) -> list[tuple[float, ...]]:
    """The rows of a task for `days` days from `today` on, with `beside` other open tasks."""
    found = []
    size, pace = log1p(beside + 1), lived.pace
    since = [pair for pair in one.snoozed if pair[0] < today]
    for n in range(days):
        day = today + timedelta(days=n)
        now_s = datetime(day.year, day.month, day.day, HOUR, tzinfo=tz).timestamp()
        x = option(base, lived.taste, one.id, one.traits, now_s, weekend=day.weekday() >= 5, snoozed=len(since)).x
        waits = bool(since) and since[-1][1] > day
        found.append((*x, size, pace, float(day.weekday()), float(waits), float(day == one.created)))
    return found


def by_day(logits: Sequence[float], effect: float) -> list[float]:
    """Chance of being done by the end of each day, from the log odds of each day's hazard."""
    left, found = 1.0, []
    for logit in logits:
        left *= 1.0 - 1.0 / (1.0 + exp(-min(30.0, max(-30.0, logit + effect))))
        found.append(1.0 - left)
    return found


def moved(chances: Sequence[float], before: float, after: float) -> list[float]:
    """Chances by day, all moved in log odds as the one of a week was, so that they stay in order."""
    if before == after:
        return list(chances)
    by = log(after / (1 - after)) - log(_inner(before) / (1 - _inner(before)))
    return [1.0 / (1.0 + exp(-(log(_inner(p) / (1 - _inner(p))) + by))) for p in chances]


def own_effect(
    logits: Sequence[float], done: Sequence[bool], weights: Sequence[float], sd: float = EFFECT_SD
) -> tuple[float, float]:
    """(mode, standard deviation) of a person's random effect, given what is said without it: Newton's steps on the posterior with
    a Gaussian prior around 0."""
    b = 0.0
    curve = 1 / sd**2
    for _ in range(25):
        gradient, curve = -b / sd**2, 1 / sd**2
        for logit, y, w in zip(logits, done, weights, strict=True):
            p = 1.0 / (1.0 + exp(-min(30.0, max(-30.0, logit + b))))
            gradient += w * (y - p)
            curve += w * p * (1 - p)
        step = max(-1.0, min(1.0, gradient / curve))
        b += step
        if abs(step) < 1e-6:
            break
    return b, 1 / sqrt(curve)


def asked_on(
    rows: Sequence[Row], count_open: int, day: date, last: date, tz: ZoneInfo, base: Base, lived: Lived
) -> list[Question]:
    """The questions of a day whose answer is known by `last`: of each task on its first day and every week after it, whether it
    will be on time and whether it will be done within a week."""
    found = []
    for row in rows:
        one = row.life
        if (day - one.created).days % ASK_EVERY_DAYS:
            continue
        ends = [("soon", day + timedelta(days=SOON_DAYS))]
        if one.due is not None and day <= one.due <= day + timedelta(days=LONGEST):
            ends.append(("on time", one.due))
        longest = max((until - day).days + 1 for _, until in ends)
        coming: list[tuple[float, ...]] = []
        for kind, until in ends:
            if until >= last:
                continue
            coming = coming or ahead(one, count_open - 1, day, longest, tz, base, lived)
            happened = one.done and one.ended is not None and one.ended <= until
            found.append(Question(kind, one, day, until, tuple(coming[:(until - day).days + 1]), lived.pace, happened))
    return found


def shares(asked: Sequence[Question]) -> list[float]:
    """For each question, in the order in which they were asked, the share of those of its kind that were answered yes by then
    (Laplace): the base rate."""
    waiting: list[tuple[date, int]] = []
    tally: dict[str, list[int]] = {}
    found = []
    for number, one in enumerate(asked):
        while waiting and waiting[0][0] < one.today:
            over = asked[heappop(waiting)[1]]
            counts = tally.setdefault(over.kind, [0, 0])
            counts[0] += over.happened
            counts[1] += 1
        done, n = tally.get(one.kind, (0, 0))
        found.append(base_rate(done, n))
        heappush(waiting, (one.until, number))
    return found


def own_weights(asked: Sequence[Question], said: Sequence[float], shared: Sequence[float], kind: str, today: date) -> Own:
    """How what is `said` to a kind of question is drawn towards the person's share, by the answers of the last RECORD_DAYS."""
    since = today - timedelta(days=RECORD_DAYS)
    known = [i for i, one in enumerate(asked) if one.kind == kind and since <= one.until < today]
    return Own(fit([said[i] for i in known], [shared[i] for i in known], [asked[i].happened for i in known]), len(known))


def late_from(created: date, due: date) -> date:
    """The first day of the last fifth of a task's time."""
    return due - timedelta(days=int(LATE_SHARE * max(0, (due - created).days)))


def base_rate(done: int, n: int) -> float:
    """Laplace's rule."""
    return (done + 1) / (n + 2)


def _inner(p: float) -> float:
    return min(1 - 1e-6, max(1e-6, p))


def _sample(opened: Sequence[Life], day: date, most: int) -> list[Life]:
    """Evenly spread over the tasks, beginning elsewhere each day; with all that were done on it."""
    step = len(opened) / most
    begin = day.toordinal() * 0.618 % 1.0
    chosen = {int((begin + i) * step) % len(opened) for i in range(most)}
    chosen |= {i for i, one in enumerate(opened) if one.done and one.ended == day}
    return [opened[i] for i in sorted(chosen)]


def _carry_on(rows: Sequence[Row], count_open: int, day: date, lived: Lived) -> None:
    weekend = day.weekday() >= 5
    traits = [row.life.traits for row in rows]
    for at, row in enumerate(rows):
        if row.done:
            count(lived.taste, traits, at, weekend)
            lived.taste.n += 1
    lived.recent.append((sum(row.done for row in rows), count_open))
    del lived.recent[:-PACE_DAYS]
