"""What comes of a plan when a simulated person lives it: a day's tasks are worked on in the order and at the times that a policy
says, for as long as the person has strength, and what is not done goes on tomorrow. Pure; the person, the tasks' true lengths and
the energies are drawn by others, so that two policies meet the same year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

STEP_MIN = 5.0
"""The day goes by in such steps."""
SHORT_MIN = 15.0
"""Who is done that little before the next block begins it."""

Span: TypeAlias = tuple[float, float]
"""Minutes of the day, [start, end)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Work on a task between those minutes of the day, as long as anything of it is left."""

    task: str
    start_min: float
    end_min: float


@dataclass(frozen=True, slots=True)
class DayLived:
    """Minutes of work that were left of each task at the end of the day, the minute at which tasks were done, and the minutes of
    strength used up."""

    left_min: Mapping[str, float]
    done_at_min: Mapping[str, float]
    used_min: float


@dataclass(frozen=True, slots=True)
class Moment:
    """The minute of a day at which a plan no longer holds, what is left of each task then, and the strength used up."""

    now_min: float
    left_min: Mapping[str, float]
    used_min: float


Again: TypeAlias = Callable[[Moment], Sequence[Wish]]
"""Plans anew: today's wishes from that minute on, and those of the days after."""


def execute(
    wishes: Sequence[Wish], queue: Sequence[str], left_min: Mapping[str, float], free: Sequence[Span], strength_min: float,
    speed: Sequence[float], again: Again | None = None,
) -> DayLived:
    """Live a day. `free` are the working minutes that no meeting takes, `speed` the minutes of work that a minute of each hour of
    the day is good for (24 values; 1 on average). The person works on what a wish says for now; without one, where there are no
    wishes at all, on the first of `queue`. Wishes from minute 1440 on are those of the days after, which begin when today's are
    all dealt with. With `again` the wishes are made anew as soon as a task is done before its time or not done in it.

    A minute without anything wished for is not worked and costs no strength."""
    left = dict(left_min)
    done: dict[str, float] = {}
    used = 0.0
    ahead = sorted(wishes, key=lambda w: w.start_min)
    for start, end in free:
        now = start
        while now + STEP_MIN <= end and used < strength_min:
            task = _now(ahead, left, now) if wishes else next((t for t in queue if left.get(t, 0.0) > 0), None)
            if task is not None:
                used += STEP_MIN
                left[task] -= STEP_MIN * speed[min(23, int(now // 60))]
                if left[task] <= 0:
                    done[task], left[task] = now + STEP_MIN, 0.0
            if again is not None and outdated(ahead, left, now, now + STEP_MIN):
                ahead = sorted(again(Moment(now + STEP_MIN, left, used)), key=lambda w: w.start_min)
            now += STEP_MIN
    return DayLived(left, done, used)


def outdated(ahead: Sequence[Wish], left: Mapping[str, float], before: float, now: float) -> bool:
    """Whether, since `before`, a block of today went by and its task is open, or has a block ahead and its task is done."""
    return any(
        before < w.end_min <= now if left.get(w.task, 0.0) > 0 else w.end_min > now
        for w in ahead if w.task in left
    )


def _now(ahead: Sequence[Wish], left: Mapping[str, float], now: float) -> str | None:
    """The task to work on: that of the wish for now; where its task is done, or all of today's wishes are over, the next one that
    is not; in the time between two wishes what an earlier one left undone, or a rest. Nobody rests for less than a quarter of an
    hour."""
    over, undone = True, None
    for wish in ahead:
        if wish.start_min - SHORT_MIN < now < wish.end_min and (wish.start_min <= now or undone is None):
            if left.get(wish.task, 0.0) > 0:
                return wish.task
            break
        if wish.end_min <= now:
            undone = undone or (wish.task if left.get(wish.task, 0.0) > 0 else None)
        elif wish.start_min < 1440:
            over = False
    else:
        if undone is not None or not over:
            return undone
    return undone or next((w.task for w in ahead if left.get(w.task, 0.0) > 0), None)
