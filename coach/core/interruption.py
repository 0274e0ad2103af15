"""What an interruption costs: not the minutes inside the app that broke in, but the time until one is back (resumption lag).

Formula 1, over stretches of active time in order, each in a place (a project, else a category):

- A run is time in one focus place, at least LEAST_RUN_S of it. Glances elsewhere of up to GLANCE_S belong to the run
  (their time does not count for it); so do pauses shorter than a break.
- An interruption begins where a run ends by going to an app outside focus categories for longer than a glance. The first app
  gone to is the interrupter, whatever follows.
- It ends where at least SETTLED_S are spent in the same place again, in one go but for glances. Lag = that instant less the
  end of the run, other apps and short pauses included.
- Who is not back within MOST_S, or takes a break of BREAK_S on the way, has not resumed: counted, without a lag.

Going from one focus place to another is a switch of work, no interruption.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coach.core.focus import BREAK_S
from coach.core.stats import median, quantile

FORMULA = 1
LEAST_RUN_S = 300.0
GLANCE_S = 15.0
SETTLED_S = 60.0
MOST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Active time in one app; `place` is what one works on there."""

    start_s: float
    end_s: float
    app: str
    place: str
    focus: bool


@dataclass(frozen=True, slots=True)
class Interruption:
    """`lag_s` is None where the work was not taken up again; `inside_s` is what was spent in the interrupter itself until
    then."""

    start_s: float
    app: str
    place: str
    inside_s: float
    lag_s: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """An interrupter's interruptions: `n` of them, `resumed` with a lag; median and quartiles of the lags, None without."""

    app: str
    n: int
    resumed: int
    median_s: float | None
    low_s: float | None
    high_s: float | None
    inside_s: float
    """Median time inside the app itself."""
    total_s: float
    """Sum of the lags."""


def interruptions(stretches: Sequence[Stretch]) -> list[Interruption]:
    """Every interruption in stretches that are in order and do not overlap, earliest first."""
    rows = _without_glances(stretches)
    found: list[Interruption] = []
    run_s, end_s, place = 0.0, 0.0, ""
    for index, row in enumerate(rows):
        if run_s and row.start_s - end_s >= BREAK_S:
            run_s = 0.0
        if row.focus:
            run_s = row.end_s - row.start_s + (run_s if row.place == place else 0.0)
            place = row.place
        else:
            if run_s >= LEAST_RUN_S:
                found.append(_interruption(rows, index, end_s, place))
            run_s = 0.0
        end_s = row.end_s
    return found


def costs(found: Iterable[Interruption]) -> list[Cost]:
    """By interrupter, the costliest in all first."""
    by_app: dict[str, list[Interruption]] = defaultdict(list)
    for one in found:
        by_app[one.app].append(one)
    costs = [_cost(app, group) for app, group in by_app.items()]
    return sorted(costs, key=lambda c: (-c.total_s, -c.n, c.app))


def _without_glances(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours of one place and app joined, without what lay for no longer than a glance between two stretches of one
    focus place."""
    rows: list[Stretch] = []
    for row in _joined(stretches):
        before = len(rows) - 1
        while before >= 0 and row.start_s - rows[before].end_s <= GLANCE_S:
            if row.focus and rows[before].focus and rows[before].place == row.place:
                del rows[before + 1:]
                break
            before -= 1
        rows.append(row)
    return rows


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    rows: list[Stretch] = []
    for row in stretches:
        last = rows[-1] if rows else None
        if last and row.start_s == last.end_s and (last.app, last.place, last.focus) == (row.app, row.place, row.focus):
            rows[-1] = Stretch(last.start_s, row.end_s, row.app, row.place, row.focus)
        elif row.end_s > row.start_s:
            rows.append(row)
    return rows


def _interruption(rows: Sequence[Stretch], index: int, left_s: float, place: str) -> Interruption:
    app = rows[index].app
    inside_s = settled_s = 0.0
    back_s, end_s = 0.0, left_s
    for row in rows[index:]:
        if row.start_s - end_s >= BREAK_S or row.start_s - left_s > MOST_S:
            break
        end_s = row.end_s
        if row.focus and row.place == place:
            back_s = back_s if settled_s else row.start_s
            settled_s += row.end_s - row.start_s
            if settled_s >= SETTLED_S:
                return Interruption(left_s, app, place, inside_s, back_s - left_s)
            continue
        settled_s = 0.0
        if row.app == app:
            inside_s += row.end_s - row.start_s
    return Interruption(left_s, app, place, inside_s, None)


def _cost(app: str, group: Sequence[Interruption]) -> Cost:
    lags = [one.lag_s for one in group if one.lag_s is not None]
    return Cost(
        app, len(group), len(lags), median(lags) if lags else None, quantile(lags, 0.25) if lags else None,
        quantile(lags, 0.75) if lags else None, median([one.inside_s for one in group]), sum(lags),
    )
