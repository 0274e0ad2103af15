"""Answers about what shows over weeks: interruptions, patterns, what goes with focus, the weekly review, and advice."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta

from coach.core import advice as catalogue
from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.nudge import ACTED
from coach.core.words import duration
from coach.engine import avoidance, digest, discoveries, insights, nudge_effects
from coach.engine import interruptions as breaks_in
from coach.engine import patterns as patterns_of
from coach.engine import report as reports
from coach.engine.queries.asked import Asked
from coach.engine.queries.days import recent
from coach.engine.queries.time import amounts, length
from coach.store import lives, nudges, tasks

TRIED = 3
"""What was tried less often is not said to have helped."""
NUDGE_DAYS = 90


def numbered(text: str, entity: str, metric: str, value: float | str | None = None, unit: str = "text") -> Fact:
    """A sentence that another part of Coach has computed, as one fact."""
    return Fact(entity, metric, text if value is None else value, unit, text)


def interruptions(asked: Asked) -> FactsCard:
    period = recent(asked)
    found = breaks_in.view(asked.db, period.start, min(period.end, asked.now), asked.config)
    facts = [Fact("", "interruptions", found.n, "count", say.count(found.n, "interruption"), period.key)]
    if not found.n:
        said = f"I found {facts[0].text} of focused work {period.text}."
        return card("interruptions", facts, [said], "good")
    items = []
    for cost in sorted(found.costs, key=lambda c: (-c.n, c.app))[:5]:
        facts.append(Fact(cost.app, "interruptions", cost.n, "count", say.count(cost.n, "time"), period.key))
        items.append(f"• {say.name(cost.app)}: {facts[-1].text}  {say.bar(cost.n, max(c.n for c in found.costs))}")
    return card("interruptions", facts, [f"{say.capital(facts[0].text)} of focused work {period.text}; what came in between:",
                                         *items], "plain")


def resumption_lag(asked: Asked) -> FactsCard:
    period = recent(asked)
    found = breaks_in.view(asked.db, period.start, min(period.end, asked.now), asked.config)
    lags = [c for c in found.costs if c.median_s is not None and c.resumed >= breaks_in.LEAST_N]
    if not lags:
        return card("resumption_lag", (), [f"Too few interruptions {period.text} led back to the same work to tell."], None)
    whole = sum(c.total_s for c in found.costs)
    facts = [Fact("", "resumed", found.resumed, "count", say.count(found.resumed, "interruption"), period.key),
             length("", "time_to_resume", whole, period)]
    items = []
    for cost in lags[:5]:
        facts += [length(cost.app, "median_lag", cost.median_s or 0.0, period),
                  Fact(cost.app, "resumed", cost.resumed, "count", say.count(cost.resumed, "time"), period.key)]
        items.append(f"• after {say.name(cost.app)}: {facts[-2].text} in the median, over {facts[-1].text}")
    said = f"The way back to the same work took {facts[1].text} in all {period.text}, after {facts[0].text}:"
    return card("resumption_lag", facts, [said, *items], "plain")


def patterns(asked: Asked) -> FactsCard:
    found = patterns_of.view(asked.db, asked.config, asked.now, asked.tz)
    looked = Fact("", "patterns_looked_for", found.looked_for, "count", say.count(found.looked_for, "pattern"))
    days = Fact("", "days", found.days, "count", say.count(found.days, "day"))
    weeks = Fact("", "window", 4, "count", "four weeks")
    if not found.found:
        said = f"None of the {looked.text} that I look for shows in the last {weeks.text}, of {days.text} of history."
        return card("patterns", [looked, days, weeks], [said], "good")
    facts = [numbered(patterns_of.sentence(p), p.title, "pattern", p.count, "count") for p in found.found[:6]]
    said = f"Patterns of the last {weeks.text}:"
    return card("patterns", [*facts, looked, weeks], [said, *(f"• {f.text}" for f in facts)], "plain")


def focus_factors(asked: Asked) -> FactsCard:
    found = discoveries.view(asked.db, asked.config, asked.now, asked.tz)
    if not found.tried:
        missing = Fact("", "missing_days", found.missing_days, "count", say.count(found.missing_days, "day"))
        return card("focus_factors", [missing], [f"I need {missing.text} more with focus scores before I compare."], None)
    tried = Fact("", "comparisons", found.tried, "count", say.count(found.tried, "comparison"))
    if not found.found:
        return card("focus_factors", [tried], [f"None of {tried.text} of your days stands out from chance."], "plain")
    facts = [numbered(f"{d.text} ({d.figures})", d.kind, "comparison", round(d.contrast.value, 4), "score")
             for d in found.found[:5]]
    return card("focus_factors", [*facts, tried], [
        *(f"• {f.text}" for f in facts),
        f"These stand out of {tried.text}. They go together with focus; that does not make them its cause.",
    ], "plain")


def weekly_review(asked: Asked) -> FactsCard:
    """The week of the period asked about; by default the last one that is over, or this one from Friday on."""
    day = digest.week_before(asked.config, asked.now, asked.tz)
    if asked.period is not None:
        day = min(asked.period.first, asked.calendar.today)
    elif asked.calendar.today.weekday() >= 4 or re.search(r"\b(?:this|my|the) week\b", asked.question, re.IGNORECASE):
        day = asked.calendar.today
    found = reports.report(asked.db, "week", day, asked.config, asked.now, asked.tz)
    if not found.days and not found.done:
        return card("weekly_review", (), ["Nothing was tracked and no task was done in that week."], None)
    text = digest.words(found)
    sentences = [s if s.endswith(".") else f"{s}." for s in re.split(r"(?<=[.]) (?=[A-Z])", text)]
    key = f"{found.first}/{found.last}"
    facts = [Fact("", "review", s, "text", s, key) for s in sentences]
    facts += [Fact("", "active_time", round(found.active_s, 3), "s", duration(found.active_s), key),
              Fact("", "focus_time", round(found.focus_s, 3), "s", duration(found.focus_s), key),
              Fact("", "tasks_done", found.completed, "count", say.count(found.completed, "task"), key)]
    put_off = insights.put_off(tasks.open_tasks(asked.db), asked.now, asked.tz, 1) if avoidance.allowed(asked.db) else []
    if put_off:
        facts.append(Fact(put_off[0].title, "put_off", put_off[0].num, "text", ", ".join(put_off[0].evidence)))
        sentences.append(f"Still put off: {say.quoted(put_off[0].title)} ({facts[-1].text}).")
    return card("weekly_review", facts, sentences, "plain")


def advice(asked: Asked) -> FactsCard:
    """What has helped this person, the best evidence first; what their own days suggest where nothing was tried."""
    helped = _helped(asked)
    facts: list[Fact] = []
    items: list[str] = []
    for action, good, n in helped[:2]:
        words = catalogue.SHORT[action]
        facts.append(Fact(action, "advice_helped", good, "count", f"{good} of {n}"))
        items.append(f"• {say.capital(words)}: it helped you {facts[-1].text} times.")
    items += _from_nudges(asked, facts)
    items += _from_days(asked, facts)
    if not items:
        return card("advice", (), [
            "I have no evidence of yours yet, so this is only general: one task at a time, on the clock, and a break after it.",
            "`f` starts the focus timer; after two weeks of records I can say what helps you.",
        ], "plain")
    return card("advice", facts, ["What your own records speak for:", *items], "plain")


def _helped(asked: Asked) -> list[tuple[str, int, int]]:
    """(action, helped, tried) of what was accepted and is settled, the best first."""
    tally: dict[str, list[bool]] = defaultdict(list)
    for row in lives.advice(asked.db):
        if row["status"] in ("helped", "failed") and row["action"] in catalogue.SHORT:
            tally[row["action"]].append(row["status"] == "helped")
    found = [(a, sum(v), len(v)) for a, v in tally.items() if len(v) >= TRIED and sum(v) * 2 > len(v)]
    return sorted(found, key=lambda x: (-x[1] / x[2], -x[2], x[0]))


def _from_nudges(asked: Asked, facts: list[Fact]) -> list[str]:
    """The kind of nudge that does something beside silence; else the one that is acted on most, where that is more than half
    of the time."""
    tested = [e for e in nudge_effects.effects(asked.db, asked.config) if e.effect is not None and e.effect.low > 0]
    if tested:
        best = max(tested, key=lambda e: e.effect.difference if e.effect else 0.0)
        facts.append(numbered(best.words(), best.kind, "nudge_effect"))
        return [f"• Nudges of the kind {say.quoted(best.kind.replace('_', ' '))} help you: {facts[-1].text}"]
    seen: dict[str, list[bool]] = defaultdict(list)
    for n in nudges.since(asked.db, asked.now - timedelta(days=NUDGE_DAYS)):
        if n.status in (*ACTED, "dismissed", "expired"):
            seen[n.situation].append(n.status in ACTED)
    good = [(sum(v), len(v), k) for k, v in seen.items() if len(v) >= TRIED and sum(v) * 2 > len(v)]
    if not good:
        return []
    acted, shown, situation = max(good, key=lambda x: (x[0] / x[1], x[1]))
    facts.append(Fact(situation, "nudges_acted_on", acted, "count", f"{acted} of {shown}"))
    return [f"• Nudges of the kind {say.quoted(situation.replace('_', ' '))} move you: you acted on {facts[-1].text}."]


def _from_days(asked: Asked, facts: list[Fact]) -> list[str]:
    """The surest comparison of days, and the largest distraction of the last week."""
    items = []
    found = discoveries.view(asked.db, asked.config, asked.now, asked.tz).found
    if found:
        facts.append(numbered(f"{found[0].text} ({found[0].figures})", found[0].kind, "comparison"))
        items.append(f"• {facts[-1].text}. Put what is hard where focus is high.")
    week = recent(asked)
    lost = {n: s for n, s in amounts(asked, "category", week).items() if n and asked.rules.named(n).level <= 0.25}
    if lost:
        name, spent = next(iter(lost.items()))
        facts.append(length(name, "category_time", spent, week))
        items.append(f"• {say.name(name)} took {facts[-1].text} {week.text}; `coach goal` can set a limit.")
    return items

