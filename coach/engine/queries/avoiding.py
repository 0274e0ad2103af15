"""Answers about putting off: the score of a task or of all, and whether it gets better."""

from __future__ import annotations

from datetime import timedelta

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import between
from coach.core.tone import Mood
from coach.core.when import parse_iso
from coach.engine import avoidance
from coach.engine.queries.asked import Asked
from coach.store import lives

WEEKS = 8
SHOWN = 5
LEAST = 40.0
"""A task with a lower score is not named among the avoided ones."""


def avoidance_trend(asked: Asked) -> FactsCard:
    """Snoozes a week: the running week beside the one before, and the mean of the last weeks."""
    this = asked.calendar.week_of(asked.calendar.today)
    weeks = [this - timedelta(days=7 * n) for n in range(WEEKS, -1, -1)]
    spans = [between("", w, w + timedelta(days=6), asked.calendar) for w in weeks]
    at = [parse_iso(when) for _, when, _ in lives.snoozes(asked.db, spans[0].start)]
    counts = [sum(s.start <= t < s.end for t in at) for s in spans]
    last, before = counts[-2], counts[-3]
    mean = sum(counts[:-2]) / (len(counts) - 2)
    facts = [
        Fact("", "snoozes", counts[-1], "count", say.count(counts[-1], "snooze"), spans[-1].key),
        Fact("", "snoozes", last, "count", say.count(last, "snooze"), spans[-2].key),
        Fact("", "snoozes", before, "count", say.count(before, "snooze"), spans[-3].key),
        Fact("", "snoozes_per_week", round(mean, 2), "count", f"{mean:.1f}", f"{spans[0].first}/{spans[-3].last}"),
        Fact("", "weeks", len(counts) - 2, "count", say.count(len(counts) - 2, "week")),
    ]
    t = [f.text for f in facts]
    if not any(counts):
        return card("avoidance_trend", facts[:1], ["You have snoozed nothing in the last weeks."], "good")
    way = "less than" if last < mean * 0.9 else "more than" if last > mean * 1.1 else "about as much as"
    mood: Mood = "good" if way.startswith("less") else "late" if way.startswith("more") else "plain"
    weekly = _weekly(asked, facts)
    return card("avoidance_trend", facts, [
        *weekly, f"There were {t[1]} last week, {t[2]} the week before, and {t[0]} so far this week.",
        f"That is {way} usual: {t[3]} a week over the {t[4]} before.",
    ], mood)


def avoidance_score(asked: Asked) -> FactsCard:
    """The score of the task asked about with what says so, else of the highest; only where profiling is allowed."""
    if not avoidance.allowed(asked.db):
        return card("avoidance_score", (), [avoidance.OFF, avoidance.HOW])
    scored = avoidance.task_scores(asked.db, asked.config, asked.now, asked.tz)
    chosen = [t for t in scored if asked.task is not None and t.id == asked.task.id] or list(scored[:1])
    if not chosen:
        return card("avoidance_score", (), ["There is no open task, so none is put off."], "good")
    one = chosen[0]
    facts = [Fact(one.title, "avoidance_score", round(one.score.value, 1), "score", f"{one.score.value:.0f} of 100"),
             Fact(one.title, "number", one.num, "count", str(one.num))]
    said = f"{say.quoted(one.title)} ({facts[1].text}) has an avoidance score of {facts[0].text}"
    said += ", the highest of your open tasks." if asked.task is None else "."
    items = []
    for sign in sorted(one.score.evidence, key=lambda e: -e.points)[:SHOWN]:
        facts.append(Fact(one.title, f"sign_{sign.sign}", round(sign.points, 1), "score", f"{sign.text} ({sign.points:.1f})"))
        items.append(f"• {facts[-1].text}")
    return card("avoidance_score", facts, [said, *items], "late" if one.score.avoided else "plain")


def avoided(asked: Asked) -> FactsCard | None:
    """The open tasks with the highest scores; None where profiling is off or nothing scores."""
    if not avoidance.allowed(asked.db):
        return None
    found = [t for t in avoidance.task_scores(asked.db, asked.config, asked.now, asked.tz) if t.score.value >= LEAST][:SHOWN]
    if not found:
        return None
    facts, items = [], []
    for one in found:
        why = max(one.score.evidence, key=lambda e: e.points, default=None)
        reason = f", {why.text}" if why else ""
        facts.append(Fact(one.title, "avoidance_score", round(one.score.value, 1), "score",
                          f"task {one.num}: {one.score.value:.0f} of 100{reason}"))
        items.append(f"• {say.quoted(one.title)}, {facts[-1].text}")
    return card("avoidance", facts, ["These are put off the most, by their avoidance score:", *items], "late")


def _weekly(asked: Asked, facts: list[Fact]) -> list[str]:
    """The avoidance of the last weeks, where profiling is allowed and they have a score."""
    if not avoidance.allowed(asked.db):
        return []
    weeks = [(w.begun, w.week.score) for w in avoidance.trend(asked.db, asked.config, asked.now, asked.tz)]
    known = [(day, value) for day, value in weeks if value is not None][-2:]
    if len(known) < 2:
        return []
    for day, value in known:
        facts.append(Fact("", "week_avoidance", round(value, 1), "score", f"{value:.0f} of 100", day.isoformat()))
    return [f"The avoidance of the week went from {facts[-2].text} to {facts[-1].text}."]
