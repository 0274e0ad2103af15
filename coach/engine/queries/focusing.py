"""Answers about focus: scores, hours, sessions and streaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from coach.core import focus, say, stats
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period, find
from coach.core.stats import Mean
from coach.engine import insights, sums
from coach.engine.queries.asked import Asked
from coach.engine.queries.habits import stretches
from coach.engine.queries.overview import focus_score as scored
from coach.engine.queries.time import length, nothing, total_s
from coach.store import tasks as tasks_store

LONGEST_DAYS = 92
"""Sessions are found in the timeline itself; longer periods are cut to their last three months."""


def focus_score(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    value, n = scored(asked, period)
    if value is None:
        if not total_s(asked, period):
            return nothing("focus_score", period)
        return card("focus_score", (), [f"There is no focus score {period.text}: an hour needs ten active minutes."], None)
    facts = [
        Fact("", "focus_score", round(value, 4), "score", f"{say.score(value)} of 1", period.key),
        Fact("", "scored_hours", n, "count", say.count(n, "hour"), period.key),
    ]
    said = f"Your focus score {period.text} was {facts[0].text}, over {facts[1].text}."
    return card("focus_score", facts, [said], "good" if value >= 0.6 else "low" if value < 0.4 else "plain")


def best_hours(asked: Asked) -> FactsCard:
    hours, days = insights.focus_hours(asked.db, asked.calendar.today)
    by_hour = [(m, h) for h in range(24) if (m := _pooled([row[h] for row in hours])) and m.n >= insights.LEAST_DAYS]
    if len(by_hour) < 3:
        return card("best_hours", (), ["I need a few more days of records before I can tell your best hours."], None)
    ranked = sorted(by_hour, key=lambda x: (-x[0].value, x[1]))
    facts = []
    for label, (m, h) in (("best_hour", ranked[0]), ("second_hour", ranked[1]), ("worst_hour", ranked[-1])):
        clock = f"{h:02d}:00"
        facts.append(Fact(clock, label, h, "time", clock))
        facts.append(Fact(clock, f"{label}_score", round(m.value, 4), "score", say.score(m.value)))
    facts.append(Fact("", "days", days, "count", say.count(days, "day")))
    t = [f.text for f in facts]
    sentences = [f"You focus best at {t[0]} (score {t[1]}) and {t[2]} (score {t[3]}), least at {t[4]} (score {t[5]})."]
    if by_day := _weekdays(hours):
        best = max(by_day)
        facts.append(Fact(best[1], "best_weekday", round(best[0], 4), "score", say.score(best[0])))
        sentences.append(f"Your best weekday is {best[1]}, with {facts[-1].text} on average.")
    sentences.append(f"This stands on {t[6]} of the last twelve weeks.")
    known = {h: m.value for m, h in by_hour}
    first, last = min(known), max(known)
    hours_of = Fact("", "scored_hours", f"{first}-{last}", "text", f"{first:02d}:00 to {last:02d}:59")
    picture = stats.sparkline([known.get(h) for h in range(first, last + 1)])
    return card("best_hours", [*facts, hours_of], [*sentences, f"Hour by hour, {hours_of.text}: {picture}"], "plain")


def _weekdays(hours: stats.HourOfWeek) -> list[tuple[float, str]]:
    means = [(_pooled(row), name) for row, name in zip(hours, insights.WEEKDAYS, strict=True)]
    return [(m.value, name) for m, name in means if m is not None and m.n >= 8]


def _pooled(means: list[Mean | None] | tuple[Mean | None, ...]) -> Mean | None:
    known = [m for m in means if m is not None]
    n = sum(m.n for m in known)
    return Mean(sum(m.value * m.n for m in known) / n, n) if n else None


def sessions(asked: Asked, period: Period) -> list[focus.Session]:
    """Focus sessions of the period, earliest first; times on the clock as lived."""
    start = max(period.start, asked.now - timedelta(days=LONGEST_DAYS))
    cut = Period(period.text, period.first, period.last, start, period.end, period.hours)
    return focus.sessions(stretches(asked, cut))


def focus_sessions(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    found = sessions(asked, period)
    if not found and not total_s(asked, period):
        return nothing("focus_sessions", period)
    sum_s = sum(x.end_s - x.start_s for x in found)
    facts = [Fact("", "focus_sessions", len(found), "count", say.count(len(found), "focus session"), period.key)]
    if not found:
        said = f"You had {facts[0].text} {period.text}: none reached a quarter of an hour."
        return card("focus_sessions", facts, [said], "low")
    longest = max(found, key=lambda x: x.end_s - x.start_s)
    facts += [
        length("", "session_time", sum_s, period), length("", "longest_session", longest.end_s - longest.start_s, period)
    ]
    said = f"You had {facts[0].text} {period.text}, {facts[1].text} in all; the longest lasted {facts[2].text}."
    return card("focus_sessions", facts, [said], "good")


def longest_session(asked: Asked) -> FactsCard:
    period = asked.period_or(find("in the last 30 days", asked.calendar)[0].period)
    found = sessions(asked, period)
    if not found:
        return card("longest_session", (), [f"I found no focus session {period.text}."], None)
    best = max(found, key=lambda x: x.end_s - x.start_s)
    start, end = (datetime.fromtimestamp(s, UTC) for s in (best.start_s, best.end_s))  # as lived, so UTC shows it right
    facts = [length("", "longest_session", best.end_s - best.start_s, period)]
    for metric, at in (("session_start", start), ("session_end", end)):
        facts.append(Fact("", metric, f"{at:%Y-%m-%dT%H:%M}", "time", f"{at:%H:%M}", period.key))
    on = Fact("", "session_day", f"{start:%Y-%m-%d}", "time", f"{start:%a} {start.day} {start:%b}", period.key)
    said = f"Your longest focus session {period.text} lasted {facts[0].text}: {on.text}, {facts[1].text} to {facts[2].text}."
    return card("longest_session", [*facts, on], [said], "good")


def streak(asked: Asked) -> FactsCard:
    today = asked.calendar.today
    totals = sums.day_totals(asked.db, today - timedelta(days=insights.YEAR_DAYS), today, asked.rules)
    focused = stats.streak({d.day: d.focus_s / 60 for d in totals}, insights.GOAL_MIN, today)
    finished: dict[object, float] = {}
    for task in tasks_store.completed_between(asked.db, asked.now - timedelta(days=insights.YEAR_DAYS), asked.now):
        if task.completed is not None:
            day = task.completed.astimezone(asked.tz).date()
            finished[day] = finished.get(day, 0) + 1
    done = stats.streak(finished, 1, today)  # type: ignore[arg-type]
    facts = [
        Fact("", "focus_streak", focused.current, "count", say.count(focused.current, "day")),
        Fact("", "focus_streak_longest", focused.longest, "count", say.count(focused.longest, "day")),
        Fact("", "task_streak", done.current, "count", say.count(done.current, "day")),
        Fact("", "task_streak_longest", done.longest, "count", say.count(done.longest, "day")),
    ]
    t = [f.text for f in facts]
    sentences = [
        f"Days in a row with an hour of focus: {t[0]}, the longest run {t[1]}.",
        f"Days in a row with a finished task: {t[2]}, the longest run {t[3]}.",
    ]
    return card("streak", facts, sentences, "good" if focused.current >= 3 or done.current >= 3 else "plain")
