"""What a nudge was for, and whether that happened: one outcome for each kind, asked in the same way of the moments at which Coach
spoke and of those that were held out in silence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from coach.core.focus import BREAK_S

JUDGE_AFTER = timedelta(minutes=75)
"""Every outcome is known by then."""
HOUR_S = 3600.0
BACK_S, BACK_FOCUS_S = 600.0, 180.0
BREAK_WITHIN_S = 900.0
SESSION_S = 900.0
LEFT_FROM_S, LEFT_TO_S, LEFT_SHARE = 300.0, 1200.0, 0.25
STOPPED_FROM_S, STOPPED_TO_S, STOPPED_S = 1800.0, 3600.0, 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A chosen moment. Spoken ones have the nudge's id. `context` is "part of day, activity". `category` was in front.
    `tracked`: somebody tracked, so that attention can be judged. `worked` is None until it is judged, and where it cannot be."""

    id: str
    at: datetime
    kind: str
    context: str
    held: bool
    task_id: str | None = None
    category: str = ""
    tracked: bool = False
    worked: bool | None = None
    judged_at: datetime | None = None


class Spell(NamedTuple):
    """Active time in one category, in seconds since the moment."""

    start_s: float
    end_s: float
    category: str
    focus: bool


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What followed within `JUDGE_AFTER`, in seconds since the moment: active time in order, changes of the trial's task by the
    person, starts and completions of any task, and edits of any task or block."""

    category: str
    spells: Sequence[Spell] = ()
    handled_s: Sequence[float] = ()
    moved_s: Sequence[float] = ()
    edited_s: Sequence[float] = ()


Outcome: TypeAlias = Callable[[Aftermath], bool]


def handled(after: Aftermath) -> bool:
    """The task was started, completed or changed within the hour."""
    return any(0 < at <= HOUR_S for at in after.handled_s)


def edited(after: Aftermath) -> bool:
    """Tasks or plan were put in order within the hour."""
    return any(0 < at <= HOUR_S for at in after.edited_s)


def carried_on(after: Aftermath) -> bool:
    """Another task was started or completed within the hour, or a quarter of it was focus."""
    return any(0 < at <= HOUR_S for at in after.moved_s) or focused(after)


def focused(after: Aftermath) -> bool:
    """A quarter of an hour of focus within the hour."""
    return _time_s(after, 0, HOUR_S, is_focus=True) >= SESSION_S


def is_back(after: Aftermath) -> bool:
    """Back to focus within ten minutes: three of them at least."""
    return _time_s(after, 0, BACK_S, is_focus=True) >= BACK_FOCUS_S


def left(after: Aftermath) -> bool:
    """What was in front is so no more: at most a quarter of the time from five to twenty minutes later."""
    return _time_s(after, LEFT_FROM_S, LEFT_TO_S, category=after.category) <= LEFT_SHARE * (LEFT_TO_S - LEFT_FROM_S)


def took_break(after: Aftermath) -> bool:
    """A break of five minutes began within a quarter of an hour."""
    ends_s = 0.0
    for spell in after.spells:
        if spell.start_s - ends_s >= BREAK_S:
            break
        ends_s = max(ends_s, spell.end_s)
    return ends_s <= BREAK_WITHIN_S


def stopped(after: Aftermath) -> bool:
    """The computer was left within half an hour, for half an hour."""
    return _time_s(after, STOPPED_FROM_S, STOPPED_TO_S) <= STOPPED_S


OUTCOMES: Mapping[str, Outcome] = {
    "meeting_soon": left, "deadline_close": handled, "plan_block_now": handled, "plan_slipping": handled, "break_due": took_break,
    "started_then_left": is_back, "distraction_streak": is_back, "goal_over": left, "goal_near": left, "meeting_over": handled,
    "deadline_today": handled, "back_from_break": is_back, "quiet_comeback": carried_on, "morning_plan": edited,
    "streak_at_risk": focused, "goal_behind": focused, "end_of_day": stopped, "first_win": carried_on, "goal_met": carried_on,
    "deep_work_done": took_break, "streak_kept": carried_on, "momentum": carried_on, "took_longer": carried_on,
    "inbox_loop": left, "running_over": handled, "context_thrash": is_back, "overdue_pile": edited, "overload_ahead": edited,
    "snoozed_again": handled, "best_hour_now": handled, "avoided_task": handled, "overdue_one": handled,
    "deadline_tomorrow": handled, "task_returns": handled, "big_task_untouched": handled, "weekly_review": edited,
    "nothing_planned": edited, "late_night": stopped, "quick_win": handled,
}
"""What counts as having worked, by kind."""

_MEANS: Mapping[Outcome, str] = {
    handled: "the task is started, done or changed within 60 minutes",
    edited: "a task or a block is changed within 60 minutes",
    carried_on: "another task is started or done, or 15 minutes are focus, within 60 minutes",
    focused: "15 minutes of focus within 60 minutes",
    is_back: "3 minutes of focus within 10 minutes",
    left: "what was in front has at most a quarter of the time from 5 to 20 minutes later",
    took_break: "a break of 5 minutes begins within 15 minutes",
    stopped: "the computer is left within 30 minutes, for 30 minutes",
}
_NEED_TRACKING = frozenset({focused, is_back, left, took_break, stopped})


def judge(trial: Trial, after: Aftermath) -> bool | None:
    """Whether what the nudge was for happened; None where nobody tracked and attention is the question, or for a kind that is
    not known."""
    outcome = OUTCOMES.get(trial.kind)
    if outcome is None or (outcome in _NEED_TRACKING and not trial.tracked):
        return None
    return outcome(after)


def in_words(kind: str) -> str:
    """What counts as having worked, for people."""
    return _MEANS.get(OUTCOMES[kind], "") if kind in OUTCOMES else ""


def _time_s(
    after: Aftermath, low_s: float, high_s: float, *, is_focus: bool = False, category: str | None = None,
) -> float:
    return sum(
        max(0.0, min(high_s, s.end_s) - max(low_s, s.start_s)) for s in after.spells
        if (s.focus or not is_focus) and category in (None, s.category)
    )
