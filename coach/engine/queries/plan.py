"""Answers about the days ahead: blocks, meetings, free time, and what does not fit."""

from __future__ import annotations

from datetime import datetime, timedelta

from coach.core import say, slots
from coach.core.calendar import CalendarEvent
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period
from coach.core.words import duration
from coach.engine import planning, views
from coach.engine.queries.asked import Asked
from coach.store import calendars

MOST = 8


def plan_today(asked: Asked) -> FactsCard:
    if asked.task is not None:
        return _when_planned(asked)
    period = asked.period_or(asked.today)
    blocks = views.plan_blocks(asked.db, period.start, period.end, asked.now, asked.tz)
    events = _events(asked, period)
    if not blocks and not events:
        said = [f"Nothing is planned {period.text}.", "`coach plan` or the Plan screen makes a plan."]
        return card("plan_today", (), said, "ahead")
    rows = [(b.block.start, b.block.end, b.title, f"({b.block.status})") for b in blocks]
    rows += [(e.start, e.end, e.title or "busy", "(calendar)") for e in events]
    rows.sort(key=lambda row: row[0])
    facts = [_span(asked, start, end, title, period) for start, end, title, _ in rows[:MOST]]
    items = [f"• {_day(asked, r[0], period)}{f.text} {say.quoted(r[2])} {r[3]}" for f, r in zip(facts, rows, strict=False)]
    facts += [Fact("", "day", str(r[0].date()), "time", _day(asked, r[0], period)) for r in rows[:MOST] if period.days > 1]
    if len(rows) > MOST:
        facts.append(Fact("", "more", len(rows) - MOST, "count", str(len(rows) - MOST), period.key))
        items.append(f"• and {facts[-1].text} more")
    return card("plan_today", facts, [f"{say.capital(period.text)}:", *items], "ahead")


def _when_planned(asked: Asked) -> FactsCard:
    task = asked.task
    assert task is not None
    horizon = asked.now + timedelta(days=60)
    found = [b for b in views.plan_blocks(asked.db, asked.now, horizon, asked.now, asked.tz) if b.block.task_id == task.id]
    if not found:
        return card("plan_today", [Fact(task.title, "blocks", 0, "count", "no block")],
                    [f"{say.quoted(task.title)} has no block ahead."], "ahead")
    facts = []
    for b in found[:3]:
        day = say.day(b.block.start, asked.tz, asked.now)
        words = f"{day} {_clocks(asked, b.block.start, b.block.end)}"
        facts.append(Fact(task.title, "block", b.block.start.isoformat(), "time", words))
    said = f"{say.quoted(task.title)} is planned for {say.listing([f.text for f in facts])}."
    return card("plan_today", facts, [said], "ahead")


def unplaced(asked: Asked) -> FactsCard:
    """What the plan as it would be made now finds no place for."""
    made = planning.propose(asked.db, asked.config, asked.now, asked.tz, quick=True)
    days = Fact("", "plan_days", made.instance.days, "count", say.count(made.instance.days, "day"))
    if not made.unplaced:
        return card("unplaced", [days], [f"Everything fits into the next {days.text}."], "good")
    facts = [days, Fact("", "unplaced", len(made.unplaced), "count", say.count(len(made.unplaced), "task"))]
    items = []
    for u in made.unplaced[:6]:
        task = made.tasks.get(u.task_id)
        facts.append(Fact(task.title if task else "", "unplaced_reason", task.num if task else None, "text",
                          f"{u.reason} (what would help: {u.would_fit_if})"))
        items.append(f"• {say.quoted(facts[-1].entity)}: {facts[-1].text}")
    if len(made.unplaced) > 6:
        facts.append(Fact("", "more_unplaced", len(made.unplaced) - 6, "count", str(len(made.unplaced) - 6)))
        items.append(f"• and {facts[-1].text} more")
    verb = "does" if len(made.unplaced) == 1 else "do"
    return card("unplaced", facts, [f"{say.capital(facts[1].text)} {verb} not fit into the next {days.text}:", *items], "late")


def meetings(asked: Asked) -> FactsCard:
    if asked.period is None and "next" in asked.question.lower():
        return _next_meeting(asked)
    period = asked.period_or(asked.today)
    events = _events(asked, period)
    facts = [Fact("", "events", len(events), "count", say.count(len(events), "event"), period.key)]
    if not events:
        known = calendars.every(asked.db)
        hint = "" if known else "No calendar is connected: `coach calendar add FILE`."
        return card("meetings", facts, [f"You have {facts[0].text} on the calendar {period.text}.", hint], "plain")
    sum_s = sum((e.end - e.start).total_seconds() for e in events if not e.all_day)
    facts.append(Fact("", "event_time", sum_s, "s", duration(sum_s), period.key))
    items = []
    for e in events[:MOST]:
        fact = _span(asked, e.start, e.end, e.title, period, e.all_day)
        day = _day(asked, e.start, period)
        facts += [fact, *([Fact("", "day", day, "time", day)] if day else [])]
        items.append(f"• {day}{fact.text} {say.quoted(e.title or 'busy')}")
    if len(events) > MOST:
        facts.append(Fact("", "more_events", len(events) - MOST, "count", str(len(events) - MOST), period.key))
        items.append(f"• and {facts[-1].text} more")
    return card("meetings", facts, [f"You have {facts[0].text} {period.text}, {facts[1].text} in all:", *items], "plain")


def _next_meeting(asked: Asked) -> FactsCard:
    horizon = asked.now + timedelta(days=60)
    ahead = calendars.events_between(asked.db, asked.now, horizon)
    found = next((e for e in ahead if e.start > asked.now and not e.all_day), None)
    if found is None:
        return card("meetings", (), ["There is no event on the calendar ahead."], "plain")
    day = say.day(found.start, asked.tz, asked.now)
    left = (found.start - asked.now).total_seconds()
    facts = [
        Fact(found.title, "next_event", found.start.isoformat(), "time", f"{day} at {say.clock(found.start, asked.tz)}"),
        Fact(found.title, "until_event", left, "s", duration(left)),
    ]
    said = f"Next is {say.quoted(found.title or 'busy')}, {facts[0].text}, in {facts[1].text}."
    return card("meetings", facts, [said], "plain")


def free_time(asked: Asked) -> FactsCard:
    """Working time that neither an event nor an accepted block takes."""
    period = asked.period_or(asked.today)
    start = max(asked.now, period.start)
    days = max(1, (period.last - asked.now.astimezone(asked.tz).date()).days + 1)
    if period.end <= asked.now or days > 60:
        return card("free_time", (), ["I can tell free time for today and the next sixty days."], None)
    work = slots.working(planning.work_hours(asked.config.time), asked.now, asked.tz, days)
    hours = [(max(a, start), min(b, period.end)) for a, b in work]
    taken = [(e.start, e.end) for e in calendars.events_between(asked.db, start, period.end) if e.busy]
    taken += [(b.start, b.end) for b in planning.blocks_between(asked.db, start, period.end) if b.status == "accepted"]
    free = [gap for gap in without([(a, b) for a, b in hours if a < b], taken) if (gap[1] - gap[0]) >= timedelta(minutes=15)]
    sum_s = sum((b - a).total_seconds() for a, b in free)
    facts = [Fact("", "free_time", sum_s, "s", duration(sum_s), period.key)]
    if not free:
        return card("free_time", facts, [f"No working time is free {period.text}."], "plain")
    items = []
    for a, b in free[:MOST]:
        fact, day = _span(asked, a, b, "", period), _day(asked, a, period)
        facts += [fact, *([Fact("", "day", day, "time", day)] if day else [])]
        items.append(f"• {day}{fact.text}")
    left = f"{facts[0].text} of working time {'are' if sum_s > 3600 else 'is'} free {period.text}:"
    return card("free_time", facts, [left, *items], "ahead")


def without(
    spans: list[tuple[datetime, datetime]], taken: list[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """The spans with the taken times cut out."""
    left = spans
    for low, high in taken:
        left = [piece for a, b in left for piece in ((a, min(b, low)), (max(a, high), b)) if piece[0] < piece[1]]
    return sorted(left)


def _events(asked: Asked, period: Period) -> list[CalendarEvent]:
    return sorted(calendars.events_between(asked.db, period.start, period.end), key=lambda e: (e.start, e.end))


def _span(asked: Asked, start: datetime, end: datetime, title: str, period: Period, all_day: bool = False) -> Fact:
    return Fact(title, "span", start.isoformat(), "time", "all day" if all_day else _clocks(asked, start, end), period.key)


def _clocks(asked: Asked, start: datetime, end: datetime) -> str:
    return f"{say.clock(start, asked.tz)}–{say.clock(end, asked.tz)}"


def _day(asked: Asked, start: datetime, period: Period) -> str:
    """The day in front of a time, where the period has several."""
    return f"{say.day(start, asked.tz, asked.now)} " if period.days > 1 else ""


