"""Answers about the shape of a day: its edges, breaks, switches and distractions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from itertools import pairwise

from coach.core import focus, say
from coach.core import period as periods
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period
from coach.core.stats import median
from coach.core.tone import Mood
from coach.engine import day
from coach.engine.queries.asked import Asked
from coach.engine.queries.time import LONG_DAYS, amounts, length, nothing
from coach.store import usage
from coach.store.rollups import UNCATEGORISED


def start_end(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    found = usage.edges(asked.db, period.start, min(period.end, asked.now))
    if found is None:
        return nothing("start_end", period)
    if period.days > 1:
        return _usual_hours(asked, period)
    first, last = (Fact("", metric, at.isoformat(), "time", say.clock(at, asked.tz), period.key)
                   for metric, at in zip(("first_activity", "last_activity"), found, strict=True))
    said = f"{say.capital(period.text)} your first activity was at {first.text} and the last one at {last.text}."
    return card("start_end", [first, last], [said], "plain")


def _usual_hours(asked: Asked, period: Period) -> FactsCard:
    starts, ends = [], []
    for back in range(min(period.days, LONG_DAYS)):
        one = periods.between("", period.last - timedelta(days=back), period.last - timedelta(days=back), asked.calendar)
        edge = usage.edges(asked.db, one.start, min(one.end, asked.now)) if one.start < asked.now else None
        if edge:
            starts.append((edge[0] - one.start).total_seconds())
            ends.append((edge[1] - one.start).total_seconds())
    anchor = asked.today.start
    first, last = (anchor + timedelta(seconds=median(x)) for x in (starts, ends))
    facts = [
        Fact("", "usual_start", say.clock(first, asked.tz), "time", say.clock(first, asked.tz), period.key),
        Fact("", "usual_end", say.clock(last, asked.tz), "time", say.clock(last, asked.tz), period.key),
        Fact("", "days", len(starts), "count", say.count(len(starts), "day"), period.key),
    ]
    said = f"{say.capital(period.text)} you usually began at {facts[0].text} and ended at {facts[1].text}, over {facts[2].text}."
    return card("start_end", facts, [said], "plain")


def distractions(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    by_category = amounts(asked, "category", period)
    whole = sum(by_category.values())
    if not whole:
        return nothing("distractions", period)
    lost = {n: s for n, s in by_category.items() if n != UNCATEGORISED and asked.rules.named(n).level <= 0.25}
    sum_s = sum(lost.values())
    facts = [length("", "distracting_time", sum_s, period), length("", "active_time", whole, period)]
    facts += [length(n, "category_time", s, period) for n, s in list(lost.items())[:4]]
    said = f"{facts[0].text} of {facts[1].text} went to distracting categories {period.text}."
    most = max(lost.values(), default=0.0)
    items = [f"• {say.name(f.entity)}: {f.text}  {say.bar(lost[f.entity], most)}" for f in facts[2:]]
    mood: Mood = "good" if sum_s < 0.1 * whole else "low" if sum_s > 0.3 * whole else "plain"
    return card("distractions", facts, [said, *items], mood)


def stretches(asked: Asked, period: Period) -> list[focus.Stretch]:
    return day.stretches_of(day.spans(asked.db, period.start, min(period.end, asked.now)), asked.rules)


def switches(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    found = stretches(asked, period)
    active_s = sum(x.end_s - x.start_s for x in found)
    if not active_s:
        return nothing("switches", period)
    n = sum(1 for a, b in pairwise(found) if a.key != b.key)
    per_hour = n / (active_s / 3600)
    facts = [
        Fact("", "switches", n, "count", say.count(n, "switch", "switches"), period.key),
        Fact("", "switches_per_hour", round(per_hour, 2), "count", f"{per_hour:.0f}", period.key),
        length("", "mean_stay", active_s / (n + 1), period),
    ]
    said = f"{say.capital(facts[0].text)} between apps {period.text}, about {facts[1].text} an active hour."
    return card("switches", facts, [said, f"A stay lasted {facts[2].text} on average."], "low" if per_hour > 40 else "plain")


def at_it_s(asked: Asked, found: Sequence[focus.Stretch]) -> float:
    """For how many seconds the person has been at it: since the last gap of a break's length or more; 0 where such a gap goes on
    now."""
    now_s = asked.now.astimezone(asked.tz).replace(tzinfo=UTC).timestamp()  # stretches stand on the clock as lived
    if not found or now_s - found[-1].end_s >= focus.BREAK_S:
        return 0.0
    began_s = max((b.start_s for a, b in pairwise(found) if b.start_s - a.end_s >= focus.BREAK_S), default=found[0].start_s)
    return found[-1].end_s - began_s


def breaks(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    found = stretches(asked, period)
    if not found:
        return nothing("breaks", period)
    pauses = focus.breaks(found)
    sum_s = sum(b - a for a, b in pauses)
    facts = [Fact("", "breaks", len(pauses), "count", say.count(len(pauses), "break"), period.key)]
    said = f"You took {facts[0].text} {period.text}"
    if pauses:
        facts += [length("", "break_time", sum_s, period), length("", "longest_break", max(b - a for a, b in pauses), period)]
        said += f", {facts[1].text} in all, the longest {facts[2].text}"
    sentences = [f"{said}. A break is a gap of five minutes to an hour."]
    if period.first <= asked.calendar.today <= period.last and (since := at_it_s(asked, found)):
        facts.append(length("", "since_break", since, period))
        sentences.append(f"You have been at it for {facts[-1].text} without one.")
    return card("breaks", facts, sentences, "plain")
