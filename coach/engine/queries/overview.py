"""Answers that look at a whole stretch of time: its summary, against another one, and this very moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from coach.core import period as periods
from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period
from coach.core.tone import Mood
from coach.engine import day, report, sums, views
from coach.engine.queries.asked import Asked, Name
from coach.engine.queries.tasks import done_between
from coach.engine.queries.time import amounts, breakdown, focus_s, length, mood_of, named_s, nothing, total_s
from coach.store import usage
from coach.store.rollups import UNCATEGORISED


def compare_periods(asked: Asked) -> FactsCard:
    """One period against another, or against the one before; a running one against as much of the other."""
    period = asked.period_or(periods.find("this week", asked.calendar)[0].period)
    if asked.other is None and asked.period is not None and _is_other(asked):
        period, other = _running_one(asked), period
    else:
        other = asked.other or periods.before(period, asked.calendar)
    if asked.other is not None and other.start > period.start:
        period, other = other, period
    other = _as_far(period, other, asked.now)
    name = asked.name("app", "site", "project", "category")
    metrics = _metrics(asked, name, period, other)
    facts: list[Fact] = []
    sentences = []
    for label, metric, now_s, then_s in metrics:
        entity = name.text if name else ""
        here, there, gap = (length(entity, metric, s, p) for s, p in
                            ((now_s, period), (then_s, other), (abs(now_s - then_s), period)))
        facts += [here, there, Fact(entity, f"{metric}_difference", round(now_s - then_s, 3), "s", gap.text, period.key)]
        way = "as much" if abs(now_s - then_s) < 60 else f"{gap.text} {'more' if now_s > then_s else 'less'}"
        sentences.append(f"{label}: {here.text} {period.text}, {there.text} {other.text}; {way}.")
    if _running(period, asked.now):
        sentences.append("Both are counted up to the same point.")
    rising = metrics[-1][2] - metrics[-1][3]
    mood: Mood = "plain" if name else "good" if rising > 60 else "low" if rising < -60 else "plain"
    empty = not any(here or there for _, _, here, there in metrics)
    return card("compare_periods", facts, sentences, None if empty else mood)


_AGAINST = re.compile(r"\b(?:than|with|to|against|versus|vs\.?|since|from|on)\s+(?:in\s+|the\s+|my\s+)?$", re.IGNORECASE)


def compared(asked: Asked) -> Period | None:
    """The period that a comparison is about, not the one that it is set against; None where it is the default."""
    return _running_one(asked) if asked.other is None and _is_other(asked) else asked.period


def _is_other(asked: Asked) -> bool:
    """Whether the only period named is what the running one is set against: "more than last week"."""
    found = periods.find(asked.question, asked.calendar)
    period = asked.period
    return bool(period and found and period.end <= asked.now and _AGAINST.search(asked.question[:found[0].start]))


def _running_one(asked: Asked) -> Period:
    """The running period of the same kind as the one named."""
    assert asked.period is not None
    days = asked.period.days
    name = "today" if days == 1 else "this week" if days == 7 else "this month" if 28 <= days <= 31 else "this year"
    found: Period = periods.find(name, asked.calendar)[0].period
    return found


def _metrics(asked: Asked, name: Name | None, period: Period, other: Period) -> list[tuple[str, str, float, float]]:
    """(label, metric, seconds in the period, seconds in the other one)."""
    if name:
        return [(say.name(name.text), f"{name.kind}_time", named_s(asked, name, period), named_s(asked, name, other))]
    return [
        ("Active time", "active_time", total_s(asked, period), total_s(asked, other)),
        ("Focus time", "focus_time", focus_s(asked, period), focus_s(asked, other)),
    ]


def _running(period: Period, now: datetime) -> bool:
    return period.start <= now < period.end


def _as_far(period: Period, other: Period, now: datetime) -> Period:
    """`other`, cut to the share of `period` that has passed."""
    if not _running(period, now):
        return other
    end = min(other.end, other.start + (now - period.start))
    return Period(other.text, other.first, other.last, other.start, end, other.hours)


def day_summary(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    whole, focused = total_s(asked, period), focus_s(asked, period)
    done = done_between(asked, period)
    if not whole and not done:
        return nothing("day_summary", period)
    facts = [length("", "active_time", whole, period), length("", "focus_time", focused, period)]
    sentences = [f"{say.capital(period.text)}: {facts[0].text} active, {facts[1].text} in focus categories."]
    score, _ = focus_score(asked, period)
    if score is not None:
        facts.append(Fact("", "focus_score", round(score, 4), "score", f"{say.score(score)} of 1", period.key))
        sentences.append(f"Your focus score was {facts[-1].text}.")
    top = next(((c, s) for c, s in amounts(asked, "category", period).items() if c != UNCATEGORISED), None)
    if top:
        facts.append(length(top[0], "category_time", top[1], period))
        sentences.append(f"Most of it went to {say.name(top[0])}: {facts[-1].text}.")
    facts.append(Fact("", "tasks_done", len(done), "count", say.count(len(done), "task"), period.key))
    sentences.append(f"You finished {facts[-1].text}.")
    return card("day_summary", facts, sentences, mood_of(focused / whole) if whole else "plain")


def focus_score(asked: Asked, period: Period) -> tuple[float | None, int]:
    """The mean over the scored hours by active time, and their number; a single day includes its running hour."""
    if period.days == 1:
        found = day.day_focus(day.spans(asked.db, period.start, min(period.end, asked.now)), asked.rules)
        return found.score, found.n
    return sums.mean_score(asked.db, period.first, period.last, report.bounds_time(asked.config).hour)


def current_activity(asked: Asked) -> FactsCard:
    if asked.period is not None:
        return breakdown(asked, "current_activity", "app")
    now = views.current(asked.db, asked.rules, asked.now)
    if now is None:
        return _last_seen(asked)
    period = asked.today
    fact = Fact(now.app, "current_app", now.app, "text", say.name(now.app), period.key)
    since = length(now.app, "current_stretch", (asked.now - now.since).total_seconds(), period)
    sentences = [f"Right now {fact.text} is in front ({now.category}), since {since.text}."]
    return card("current_activity", [fact, since], sentences, "plain")


def at_moment(asked: Asked, intent: str) -> FactsCard:
    """What was in front at one minute: "what was I doing at 10:30"."""
    period = asked.period_or(asked.today)
    apps, kinds = (next(iter(amounts(asked, column, period)), "") for column in ("app", "category"))
    if not apps:
        return nothing(intent, period)
    app = Fact(apps, "app", apps, "text", say.name(apps), period.key)
    kind = Fact(kinds, "category", kinds, "text", say.name(kinds), period.key)
    return card(intent, [app, kind], [f"{say.capital(period.text)} {app.text} was in front ({kind.text})."], "plain")


def _last_seen(asked: Asked) -> FactsCard:
    recent: Mapping[str, float] = usage.amounts(asked.db, "app", asked.now - timedelta(minutes=15), asked.now)
    if not recent:
        return card("current_activity", (), ["I see nothing at the moment: tracking is off, paused, or you were away."], None)
    facts = [length(n, "app_time", s, asked.today) for n, s in list(recent.items())[:3]]
    said = say.listing([f"{say.name(f.entity)} for {f.text}" for f in facts])
    return card("current_activity", facts, [f"In the last quarter of an hour: {said}."], "plain")
