"""The focus score of an hour, focus sessions and breaks. Stretches are active time only, in order, not overlapping.

Formula 1. For an hour with at least 10 active minutes:

    score      = level x continuity
    level      = sum(level_i x length_i) / sum(length_i)              time-weighted productivity level
    continuity = 0.4 + 0.3 / (1 + s / 2) + 0.3 x min(1, b / 25)
    s          = changes of key between neighbours per active minute
    b          = minutes of the longest unbroken block: neighbours of level 0.75 or more, at most 60 s apart

So an hour in one productive app scores 1, the same hour with one switch a minute and no block over 5 minutes 0.66.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

FORMULA = 1
"""Version of the formula; every stored score carries it."""

LEAST_ACTIVE_S = 600.0
BLOCK_LEVEL = 0.75
BLOCK_GAP_S = 60.0
FULL_BLOCK_S = 1500.0

SESSION_S = 900.0
SESSION_SHARE = 0.75
ELSEWHERE_S = 240.0
BREAK_S = 300.0
LONGEST_BREAK_S = 3600.0


class Stretch(NamedTuple):
    """Active time in one state. `key` says what counts as the same place: app or context. `focus` is the category's.
    A tuple, because a day may have ten thousand."""

    start_s: float
    end_s: float
    level: float
    key: str
    focus: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A focus session; `focus_s` of its length lay in focus categories."""

    start_s: float
    end_s: float
    focus_s: float


def focus_score(stretches: Sequence[Stretch]) -> float | None:
    """The score, 0 to 1, of stretches already cut to one hour; None for less than 10 active minutes."""
    active_s = sum(x.end_s - x.start_s for x in stretches)
    if active_s < LEAST_ACTIVE_S:
        return None
    level = sum(x.level * (x.end_s - x.start_s) for x in stretches) / active_s
    switches = sum(1 for a, b in pairwise(stretches) if a.key != b.key)
    steadiness = 1 / (1 + switches / (active_s / 60) / 2)
    depth = min(1.0, longest_block_s(stretches) / FULL_BLOCK_S)
    return min(1.0, level * (0.4 + 0.3 * steadiness + 0.3 * depth))


def mean_score(hours: Iterable[tuple[float, float]]) -> float | None:
    """The focus of a day or of any stretch of time: the mean of its scored hours, each by its active time, from (score, active
    time in any unit); None without one. Days are logical ones, wherever the focus of a day is told."""
    known = list(hours)
    weight = sum(active for _, active in known)
    return sum(score * active for score, active in known) / weight if weight else None


def longest_block_s(stretches: Sequence[Stretch]) -> float:
    """Length of the longest unbroken productive block, whatever the apps in it."""
    longest_s = block_s = last_end_s = 0.0
    for x in stretches:
        if x.level < BLOCK_LEVEL:
            block_s = 0.0
            continue
        if x.start_s - last_end_s > BLOCK_GAP_S:
            block_s = 0.0
        block_s += x.end_s - x.start_s
        last_end_s = x.end_s
        longest_s = max(longest_s, block_s)
    return longest_s


def hours(stretches: Sequence[Stretch]) -> dict[int, list[Stretch]]:
    """Stretches cut at whole hours of the epoch, by the hour's first second."""
    cut: dict[int, list[Stretch]] = {}
    for x in stretches:
        start_s = x.start_s
        while start_s < x.end_s:
            hour_s = int(start_s // 3600) * 3600
            end_s = min(x.end_s, hour_s + 3600)
            cut.setdefault(hour_s, []).append(Stretch(start_s, end_s, x.level, x.key, x.focus))
            start_s = end_s
    return cut


def sessions(
    stretches: Sequence[Stretch], least_s: float = SESSION_S, share: float = SESSION_SHARE,
    elsewhere_s: float = ELSEWHERE_S, break_s: float = BREAK_S,
) -> list[Session]:
    """Focus sessions: at least 15 minutes, of which 75 % in focus categories, ended by a break or 4 minutes elsewhere.

    Each is as long as it can be; both of its ends lie in focus time."""
    found: list[Session] = []
    run: list[Stretch] = []
    last_end_s = away_s = 0.0
    for x in stretches:
        if run and (x.start_s - last_end_s >= break_s or away_s >= elsewhere_s):
            found.extend(_sessions_in(run, least_s, share))
            run = []
        if x.focus:
            run.append(x)
            away_s = 0.0
        else:
            away_s += x.end_s - x.start_s
        last_end_s = x.end_s
    found.extend(_sessions_in(run, least_s, share))
    return found


def breaks(
    stretches: Sequence[Stretch], least_s: float = BREAK_S, most_s: float = LONGEST_BREAK_S,
) -> list[tuple[float, float]]:
    """(start_s, end_s) of the gaps of 5 to 60 minutes between active stretches."""
    return [(a.end_s, b.start_s) for a, b in pairwise(stretches)
            if least_s <= b.start_s - a.end_s <= most_s]


def _sessions_in(run: list[Stretch], least_s: float, share: float) -> list[Session]:
    """The longest part of a run of focus stretches that is focused enough, then the same left and right of it."""
    if not run or run[-1].end_s - run[0].start_s < least_s:
        return []
    first, last = _longest_focused(run, share)
    start_s, end_s = run[first].start_s, run[last].end_s
    if end_s - start_s < least_s:
        return []
    middle = Session(start_s, end_s, sum(x.end_s - x.start_s for x in run[first:last + 1]))
    return [*_sessions_in(run[:first], least_s, share), middle, *_sessions_in(run[last + 1:], least_s, share)]


def _longest_focused(run: Sequence[Stretch], share: float) -> tuple[int, int]:
    """First and last index of the longest part whose focus time is at least `share` of its span, in linear time: only a
    start with a smaller balance than all before it can begin the longest part (the longest-interval stack method)."""
    origin_s = run[0].start_s
    opening: list[float] = []  # balance of focus time against its share, before each stretch
    closing: list[float] = []  # and after it
    focus_s = 0.0
    for x in run:
        opening.append(focus_s - share * (x.start_s - origin_s))
        focus_s += x.end_s - x.start_s
        closing.append(focus_s - share * (x.end_s - origin_s))
    starts: list[int] = []
    for i, balance in enumerate(opening):
        if not starts or balance < opening[starts[-1]]:
            starts.append(i)
    best, best_s = (0, 0), -1.0
    for j in range(len(run) - 1, -1, -1):
        while starts and opening[starts[-1]] <= closing[j] + 1e-6:
            i = starts.pop()
            if i <= j and run[j].end_s - run[i].start_s > best_s:
                best, best_s = (i, j), run[j].end_s - run[i].start_s
    return best
