"""Answers that set days and weeks beside each other: the best and the busiest, the trend, the average, the unusual ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from coach.core import say, stats
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period, between, find
from coach.core.words import duration
from coach.engine import report, sums
from coach.engine.queries.asked import Asked
from coach.engine.queries.time import amounts, length, nothing
from coach.engine.sums import DayTotal

MOST_DAYS = 366
LEAST_HOURS = 2
"""A day with fewer scored hours is no day to rank."""
WEEKS = 8
UNUSUAL = 3.5
"""Robust deviations from the median beyond which a day is unusual: the usual cut for the modified z-score (Iglewicz and
Hoaglin 1993)."""
LEAST_DAYS = 10
_WORST = re.compile(
    r"\b(?:least|worst|lowest|weakest|shortest|fewest|lightest|quietest|poorest|less|bad|slowest|fail\w*|bottom|poor)\b",
    re.IGNORECASE)


def recent(asked: Asked) -> Period:
    """The period asked about, else the last four weeks."""
    return asked.period_or(find("in the last 28 days", asked.calendar)[0].period)


def worst(asked: Asked) -> bool:
    """Whether the lower end of a ranking is asked for."""
    return _WORST.search(asked.question) is not None


def day_fact(asked: Asked, day: date, metric: str) -> Fact:
    """A day as a fact."""
    here = asked.calendar.today
    words = f"{day:%A} {day.day} {day:%b}" + (f" {day.year}" if day.year != here.year else "")
    return Fact("", metric, day.isoformat(), "time", words, day.isoformat())


def totals(asked: Asked, period: Period) -> list[DayTotal]:
    first = max(period.first, asked.calendar.today - timedelta(days=MOST_DAYS))
    return list(sums.day_totals(asked.db, first, min(period.last, asked.calendar.today), asked.rules))


def scores(asked: Asked, days: Sequence[DayTotal]) -> dict[date, float]:
    """The focus score of each of the days that has enough scored hours; the running day is left out."""
    hour = report.bounds_time(asked.config).hour
    found = {}
    for one in days:
        value, n = sums.mean_score(asked.db, one.day, one.day, hour)
        if value is not None and n >= LEAST_HOURS and one.day < asked.calendar.today:
            found[one.day] = value
    return found


def productive_day(asked: Asked) -> FactsCard:
    period = recent(asked)
    found = scores(asked, totals(asked, period))
    if len(found) < 2:
        return card("productive_day", (), [f"I need two days with focus scores to compare; {period.text} has fewer."], None)
    low = worst(asked)
    ranked = sorted(found, key=lambda d: (found[d] if low else -found[d], d))
    facts = []
    for n, day in enumerate(ranked[:3]):
        facts += [day_fact(asked, day, "lowest_day" if low else "best_day"),
                  Fact("", "focus_score", round(found[day], 4), "score", say.score(found[day]),
                       day.isoformat())]
        if n == 0:
            facts.append(Fact("", "days", len(found), "count", say.count(len(found), "day"), period.key))
    first, score, n_days, *rest = facts
    way = "least" if low else "most"
    said = f"You were {way} focused on {first.text}: score {score.text}, of {n_days.text} {period.text}."
    others = [f"{d.text} ({s.text})" for d, s in zip(rest[::2], rest[1::2], strict=True)]
    return card("productive_day", facts, [said, f"Next: {say.listing(others)}." if others else ""], "low" if low else "good")


def busiest_day(asked: Asked) -> FactsCard:
    period = recent(asked)
    found = [d for d in totals(asked, period) if d.active_s > 0]
    if not found:
        return nothing("busiest_day", period)
    low = worst(asked)
    if low and len(found) > 1:
        found = [d for d in found if d.day < asked.calendar.today]
    ranked = sorted(found, key=lambda d: (d.active_s if low else -d.active_s, d.day))[:3]
    facts = []
    for one in ranked:
        span = between("", one.day, one.day, asked.calendar)
        facts += [day_fact(asked, one.day, "day"), length("", "active_time", one.active_s, span)]
    items = [f"{d.text} ({s.text})" for d, s in zip(facts[::2], facts[1::2], strict=True)]
    way = "shortest" if low else "longest"
    said = f"Your {way} day {period.text} was {facts[0].text}, with {facts[1].text} active."
    return card("busiest_day", facts, [said, f"Next: {say.listing(items[1:])}." if items[1:] else ""], "plain")


def trend(asked: Asked) -> FactsCard:
    """The last whole weeks: active and focus time, and the direction of each."""
    today = asked.calendar.today
    this_week = asked.calendar.week_of(today)
    weeks = [this_week - timedelta(days=7 * n) for n in range(WEEKS, 0, -1)]
    name = asked.name("category", "app", "project", "site")
    if name is not None and name.exact:
        return _trend_of(asked, weeks)
    rows = [totals(asked, between("", w, w + timedelta(days=6), asked.calendar)) for w in weeks]
    known = [(w, r) for w, r in zip(weeks, rows, strict=True) if r]
    if len(known) < 3:
        return card("trend", (), ["I need three whole weeks of records before I can tell a trend."], None)
    period = between(f"in the last {len(known)} weeks", known[0][0], known[-1][0] + timedelta(days=6), asked.calendar)
    facts = [Fact("", "weeks", len(known), "count", say.count(len(known), "week"), period.key)]
    sentences = []
    directions = []
    for label, metric in (("Focus time", "focus_time"), ("Active time", "active_time")):
        values = [sum(d.focus_s if metric == "focus_time" else d.active_s for d in r) for _, r in known]
        sentences.append(_line(asked, label, metric, values, [w for w, _ in known], facts))
        directions.append(_step(values))
    facts.append(Fact("", "focus_by_week", stats.sparkline([sum(d.focus_s for d in r) for _, r in known]), "text",
                      stats.sparkline([sum(d.focus_s for d in r) for _, r in known]), period.key))
    head = f"Over the last {facts[0].text} that are whole:"
    mood = "good" if directions[0] > 0 else "low" if directions[0] < 0 else "plain"
    return card("trend", facts, [head, *sentences, f"Focus week by week: {facts[-1].text}"], mood)  # type: ignore[arg-type]


def _trend_of(asked: Asked, weeks: Sequence[date]) -> FactsCard:
    from coach.engine.queries.time import named_s

    name = asked.name("category", "app", "project", "site")
    assert name is not None
    periods = [between("", w, w + timedelta(days=6), asked.calendar) for w in weeks]
    known = [(p, named_s(asked, name, p)) for p in periods if amounts(asked, "category", p)]
    if len(known) < 3:
        return card("trend", (), ["I need three whole weeks of records before I can tell a trend."], None)
    whole = between("", known[0][0].first, known[-1][0].last, asked.calendar)
    facts = [Fact("", "weeks", len(known), "count", say.count(len(known), "week"), whole.key)]
    values = [s for _, s in known]
    line = _line(asked, say.name(name.text), f"{name.kind}_time", values, [p.first for p, _ in known], facts)
    return card("trend", facts, [f"Over the last {facts[0].text} that are whole:", line], "plain")


def _line(asked: Asked, label: str, metric: str, values: Sequence[float], weeks: Sequence[date], facts: list[Fact]) -> str:
    """First and second half of the weeks beside each other."""
    half = len(values) // 2
    early, late = (sum(v) / len(v) for v in (values[:half], values[-half:]))
    spans = [between("", a, b + timedelta(days=6), asked.calendar) for a, b in
             ((weeks[0], weeks[half - 1]), (weeks[-half], weeks[-1]))]
    facts += [length("", f"{metric}_early", early, spans[0]), length("", f"{metric}_late", late, spans[1])]
    step = _step(values)
    way = "about the same" if step == 0 else "up" if step > 0 else "down"
    return f"{label} a week: {facts[-2].text} in the first half, {facts[-1].text} in the second; {way}."


def _step(values: Sequence[float]) -> int:
    """1 up, -1 down, 0 within a tenth."""
    half = len(values) // 2
    early, late = sum(values[:half]), sum(values[-half:])
    return 0 if abs(late - early) <= 0.1 * max(early, late, 1.0) else 1 if late > early else -1


def daily_average(asked: Asked) -> FactsCard:
    period = recent(asked)
    found = [d for d in totals(asked, period) if d.active_s > 0 and d.day < asked.calendar.today]
    if not found:
        return nothing("daily_average", period)
    active, focus = sum(d.active_s for d in found) / len(found), sum(d.focus_s for d in found) / len(found)
    working = [d for d in found if d.day.weekday() < 5]
    facts = [length("", "active_time_per_day", active, period), length("", "focus_time_per_day", focus, period),
             Fact("", "days", len(found), "count", say.count(len(found), "day"), period.key)]
    sentences = [f"On an average day {period.text} you were active for {facts[0].text}, {facts[1].text} of it in focus"
                 f" categories, over {facts[2].text} with records."]
    if working and len(working) < len(found):
        mean = sum(d.active_s for d in working) / len(working)
        facts.append(length("", "active_time_per_weekday", mean, period))
        sentences.append(f"From Monday to Friday alone it is {facts[-1].text}.")
    return card("daily_average", facts, sentences, "plain")


def meetings_share(asked: Asked) -> FactsCard:
    """Calls and meetings as categories of tracked time."""
    period = recent(asked) if asked.period is None else asked.period
    by_category = amounts(asked, "category", period)
    whole = sum(by_category.values())
    if not whole:
        return nothing("meetings_share", period)
    spent = sum(s for name, s in by_category.items() if re.search(r"\b(?:calls?|meetings?)\b", name, re.IGNORECASE))
    facts = [length("", "meeting_time", spent, period),
             Fact("", "meeting_share", round(spent / whole, 4), "share", say.share(spent / whole), period.key),
             length("", "active_time", whole, period)]
    said = f"Calls and meetings took {facts[1].text} of your time {period.text}: {facts[0].text} of {facts[2].text}."
    return card("meetings_share", facts, [said], "plain")


def unusual_days(asked: Asked) -> FactsCard:
    """Days whose active time or beginning lies far from the median of the period."""
    period = recent(asked)
    found = [d for d in totals(asked, period) if d.active_s > 0 and d.day < asked.calendar.today and d.day.weekday() < 5]
    if len(found) < LEAST_DAYS:
        need = Fact("", "least_days", LEAST_DAYS, "count", str(LEAST_DAYS))
        return card("unusual_days", [need], [f"I need {need.text} working days of records before one can be unusual."], None)
    values = {d.day: d.active_s for d in found}
    middle = stats.median(list(values.values()))
    spread = stats.median([abs(v - middle) for v in values.values()]) * 1.4826 or 1.0
    odd = sorted((d for d, v in values.items() if abs(v - middle) / spread > UNUSUAL), key=lambda d: -abs(values[d] - middle))
    facts = [length("", "usual_active_time", middle, period),
             Fact("", "days", len(values), "count", say.count(len(values), "working day"), period.key)]
    if not odd:
        said = f"No working day {period.text} was unusual: {facts[1].text}, with {facts[0].text} active in the middle."
        return card("unusual_days", facts, [said], "plain")
    items = []
    for day in odd[:5]:
        one = day_fact(asked, day, "unusual_day")
        amount = length("", "active_time", values[day], between("", day, day, asked.calendar))
        facts += [one, amount]
        items.append(f"• {one.text}: {duration(values[day])} active")
    facts.append(Fact("", "unusual_days", len(odd), "count", say.count(len(odd), "working day"), period.key))
    said = f"{say.capital(facts[-1].text)} {period.text} {'was' if len(odd) == 1 else 'were'} far from the usual {facts[0].text}:"
    return card("unusual_days", facts, [said, *items], "plain")
