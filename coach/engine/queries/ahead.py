"""Answers about what has not happened yet: focus to expect, the next gap, how much work there is, a task's chance, what if."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from coach.core import say, slots
from coach.core.errors import CoachError
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import find
from coach.core.when import end_of, zone
from coach.core.words import duration
from coach.engine import planning
from coach.engine.queries.asked import Asked
from coach.engine.queries.lists import minutes_in
from coach.engine.queries.plan import without
from coach.engine.queries.tasks import opened
from coach.store import calendars

WEEK = 7
ACTIVE = 0.35
"""Hours that are less likely to be worked are not told."""
AHEAD_DAYS = 14
SLOT_MIN = 60
LEAST_MIN = 15


def focus_forecast(asked: Asked) -> FactsCard:
    """Of an hour or of a day, with its 80 % band."""
    from coach.engine import forecast

    view = forecast.forecast(asked.db, asked.config, asked.now, asked.tz)
    source = Fact("", "forecast_by", view.serves, "text", f"the {view.serves}")
    if asked.hours is not None and asked.hours.low is not None:
        return _hour(asked, view.hours, source)
    period = asked.period or find("tomorrow", asked.calendar)[0].period
    days = [d for d in view.week if period.first <= d.day <= period.last]
    if period.first == period.last == asked.calendar.today and not any(d.day == period.first for d in days):
        return _hour(asked, view.hours, source)
    if not days:
        return card("focus_forecast", (), ["I can tell the focus of the next seven days, and of the next hours."], None)
    facts, items = [], []
    for day in days:
        words = say.day(datetime(day.day.year, day.day.month, day.day.day, 12, tzinfo=asked.tz), asked.tz, asked.now)
        facts += [Fact("", "day", day.day.isoformat(), "time", words, day.day.isoformat()),
                  Fact("", "expected_focus", round(day.mean, 4), "score", say.score(day.mean), day.day.isoformat()),
                  Fact("", "expected_low", round(day.low, 4), "score", say.score(day.low), day.day.isoformat()),
                  Fact("", "expected_high", round(day.high, 4), "score", say.score(day.high), day.day.isoformat())]
        t = [f.text for f in facts[-4:]]
        items.append(f"{t[0]}: focus {t[1]}, likely between {t[2]} and {t[3]}")
    good = _hours(asked, view.hours, facts)
    said = [say.capital(items[0]) + "."] if len(items) == 1 else ["The focus to expect:", *(f"• {i}" for i in items)]
    return card("focus_forecast", [*facts, source], [*said, good, f"This is what {source.text} expects."], "ahead")


def _hour(asked: Asked, hours: Sequence[object], source: Fact) -> FactsCard:
    from coach.engine.forecast import HourAhead

    known = [h for h in hours if isinstance(h, HourAhead)]
    wanted = [h for h in known if _is_asked(asked, h.start)]
    if not wanted:
        return card("focus_forecast", (), ["I can tell the focus of the next hours, and of the next seven days."], None)
    facts, items = [], []
    for h in wanted[:6]:
        clock = say.clock(h.start, asked.tz)
        facts += [Fact(clock, "hour", h.start.isoformat(), "time", clock),
                  Fact(clock, "expected_focus", round(h.mean, 4), "score", say.score(h.mean)),
                  Fact(clock, "expected_low", round(h.low, 4), "score", say.score(h.low)),
                  Fact(clock, "expected_high", round(h.high, 4), "score", say.score(h.high))]
        t = [f.text for f in facts[-4:]]
        items.append(f"{t[0]}: focus {t[1]} if you work then, likely between {t[2]} and {t[3]}")
    said = [f"{items[0]}."] if len(items) == 1 else ["The focus to expect:", *(f"• {i}" for i in items)]
    return card("focus_forecast", [*facts, source], [*said, f"This is what {source.text} expects."], "ahead")


def _is_asked(asked: Asked, start: datetime) -> bool:
    local = start.astimezone(asked.tz)
    if asked.period is not None and not asked.period.start <= start < asked.period.end:
        return False
    if asked.hours is None:
        return 7 <= local.hour < 20
    minute = local.hour * 60
    low = 0 if asked.hours.low is None else asked.hours.low
    high = 24 * 60 if asked.hours.high is None else asked.hours.high
    return low - 59 <= minute < high


def _hours(asked: Asked, hours: Sequence[object], facts: list[Fact]) -> str:
    """The best hour of the next day or so, where one is likely to be worked."""
    from coach.engine.forecast import HourAhead

    known = [h for h in hours if isinstance(h, HourAhead) and h.active >= ACTIVE
             and (asked.period is None or asked.period.start <= h.start < asked.period.end)]
    if not known:
        return ""
    best = max(known, key=lambda h: (h.mean, -h.start.timestamp()))
    facts.append(Fact(say.clock(best.start, asked.tz), "best_hour_ahead", round(best.mean, 4), "score",
                      f"{say.clock(best.start, asked.tz)} ({say.score(best.mean)})"))
    return f"The best hour of it is likely {facts[-1].text}."


Span = tuple[datetime, datetime]


def free_spans(asked: Asked, start: datetime, end: datetime) -> list[Span]:
    """Working time in [start, end) that neither a busy event nor an accepted block takes, earliest first."""
    start = max(start, asked.now)
    days = max(1, (end - asked.now).days + 2)
    work = slots.working(planning.work_hours(asked.config.time), asked.now, asked.tz, days)
    taken = [(e.start, e.end) for e in calendars.events_between(asked.db, start, end) if e.busy]
    taken += [(b.start, b.end) for b in planning.blocks_between(asked.db, start, end) if b.status == "accepted"]
    return without([(max(a, start), min(b, end)) for a, b in work if max(a, start) < min(b, end)], taken)


def next_free_slot(asked: Asked) -> FactsCard:
    minutes = minutes_in(asked.question) or SLOT_MIN
    low = asked.period.start if asked.period else asked.now
    high = asked.period.end if asked.period else asked.now + timedelta(days=AHEAD_DAYS)
    need = Fact("", "wanted", minutes, "min", duration(minutes * 60))
    gap = next((s for s in free_spans(asked, low, high) if (s[1] - s[0]) >= timedelta(minutes=minutes)), None)
    when = f" {asked.period.text}" if asked.period else " within two weeks"
    if gap is None:
        return card("next_free_slot", [need], [f"No working time of {need.text} in one piece is free{when}."], "plain")
    day = say.day(gap[0], asked.tz, asked.now)
    facts = [need, Fact("", "free_from", gap[0].isoformat(), "time", f"{day} {say.clock(gap[0], asked.tz)}"),
             Fact("", "free_until", gap[1].isoformat(), "time", say.clock(gap[1], asked.tz)),
             Fact("", "free_time", (gap[1] - gap[0]).total_seconds(), "s", duration((gap[1] - gap[0]).total_seconds()))]
    said = f"The next free {facts[0].text} of working time: {facts[1].text} to {facts[2].text} ({facts[3].text} in one piece)."
    return card("next_free_slot", facts, [said], "ahead")


def workload(asked: Asked) -> FactsCard:
    """Work due in the period against the working time that is free in it."""
    period = asked.period_or(find("this week", asked.calendar)[0].period)
    if period.end <= asked.now:
        return card("workload", (), ["I can tell the work that lies ahead, not that of days gone by."], None)
    due = [t for t, _ in opened(asked) if t.due is not None and t.recurrence is None
           and end_of(t.due, zone(t.time_zone)) <= max(period.end, asked.now)]
    assumed = asked.config.plan.default_estimate_min
    need = sum(t.estimate_min or assumed for t in due)
    free = sum((b - a).total_seconds() for a, b in free_spans(asked, period.start, period.end))
    facts = [
        Fact("", "tasks_due", len(due), "count", say.count(len(due), "task"), period.key),
        Fact("", "work_due", need, "min", duration(need * 60), period.key),
        Fact("", "free_time", free, "s", duration(free), period.key),
    ]
    said = f"{say.capital(facts[0].text)} due by the end of that time need {facts[1].text}; {facts[2].text} of working time" \
           f" are free {period.text}."
    gap = free - need * 60
    facts.append(Fact("", "spare_time" if gap >= 0 else "missing_time", abs(gap), "s", duration(abs(gap)), period.key))
    verdict = f"That leaves {facts[-1].text}." if gap >= 0 else f"That is {facts[-1].text} too much."
    guessed = sum(t.estimate_min is None for t in due)
    if guessed:
        facts += [Fact("", "without_estimate", guessed, "count", str(guessed)), Fact("", "assumed", assumed, "min", duration(
            assumed * 60))]
        verdict += f" {facts[-2].text} of them have no estimate and count as {facts[-1].text}."
    return card("workload", facts, [said, verdict], "ahead" if gap >= 0 else "late")


def best_time(asked: Asked) -> FactsCard:
    """The free hour with the highest focus expected, before the task is due."""
    from coach.engine import profile

    task = asked.task
    if task is None:
        return card("best_time", (), ["I found no task of that name.", "The word task with its number works as well."], None)
    minutes = task.estimate_min or asked.config.plan.default_estimate_min
    horizon = asked.period.end if asked.period else asked.now + timedelta(days=WEEK)
    if task.due is not None and (end := end_of(task.due, zone(task.time_zone))) > asked.now:
        horizon = min(horizon, end)
    focus = profile.focus_ahead(asked.db, asked.now, asked.tz) or profile.focus_profile(asked.db, asked.calendar.today)
    starts = [s for a, b in free_spans(asked, asked.period.start if asked.period else asked.now, horizon)
              for s in _quarters(a, b, minutes)]
    length = Fact(task.title, "estimate", minutes, "min", duration(minutes * 60))
    if not starts:
        until = f"before {say.quoted(task.title)} is due" if task.due else "within a week"
        return card("best_time", [length], [f"No free working time of {length.text} lies {until}."], "late")
    best = min(starts) if focus is None else max(starts, key=lambda s: (focus[slots.hour_of_week(s, asked.tz)], -s.timestamp()))
    day = say.day(best, asked.tz, asked.now)
    facts = [length, Fact(task.title, "best_time", best.isoformat(), "time", f"{day} {say.clock(best, asked.tz)}")]
    said = f"For {say.quoted(task.title)} ({length.text}) {facts[1].text} looks best"
    if focus is None:
        return card("best_time", facts, [f"{said}: the next free time, as I do not know your focus by hour yet."], "ahead")
    value = focus[slots.hour_of_week(best, asked.tz)]
    facts.append(Fact(task.title, "expected_focus", round(value, 4), "score", say.score(value)))
    return card("best_time", facts, [f"{said}: it is free, and your focus then is usually {facts[2].text}."], "ahead")


def _quarters(start: datetime, end: datetime, minutes: int) -> list[datetime]:
    """Quarter hours of [start, end) from which the minutes still fit."""
    first = slots.instant_of(slots.quarter_after(start))
    count = int(((end - first) - timedelta(minutes=minutes)).total_seconds() // (slots.QUARTER_MIN * 60)) + 1
    return [first + timedelta(minutes=slots.QUARTER_MIN * n) for n in range(max(0, count))]


def task_chance(asked: Asked) -> FactsCard:
    from coach.engine import predicting

    task = asked.task
    if task is None:
        return _at_risk(asked)
    if task.status != "pending":
        fact = Fact(task.title, "status", task.status, "text", task.status)
        return card("task_chance", [fact], [f"{say.quoted(task.title)} is {fact.text} already."], "good")
    found = predicting.of(asked.db, [task], asked.config, asked.now, asked.tz)[0]
    facts = [Fact(task.title, "done_within_week", round(found.soon, 4), "share", say.share(found.soon))]
    said = f"The chance that {say.quoted(task.title)} is done within a week is {facts[0].text}."
    if found.on_time is not None:
        facts.append(Fact(task.title, "done_on_time", round(found.on_time, 4), "share", say.share(found.on_time)))
        said += f" That it is done by its due date: {facts[-1].text}."
    facts.append(Fact("", "prediction_by", found.by, "text", f"the {found.by}"))
    return card("task_chance", facts, [said, f"This is what {facts[-1].text} says."], "ahead")


def _at_risk(asked: Asked) -> FactsCard:
    """Without a task: the open ones whose due date is likeliest to be missed."""
    from coach.engine import predicting

    due = [t for t, _ in opened(asked) if t.due is not None and t.recurrence is None
           and end_of(t.due, zone(t.time_zone)) > asked.now][:40]
    if not due:
        return card("task_chance", (), ["No open task has a due date that lies ahead, or I found no task of that name."], None)
    found = sorted(predicting.of(asked.db, due, asked.config, asked.now, asked.tz), key=lambda p: (p.on_time or 0.0, p.num))
    facts = [Fact(p.title, "done_on_time", round(p.on_time or 0.0, 4), "share", say.share(p.on_time or 0.0)) for p in found[:5]]
    items = [f"• {say.quoted(f.entity)}: {f.text}" for f in facts]
    return card("task_chance", facts, ["The least likely to be done by their due date:", *items], "ahead")


_LESS = re.compile(r"\b(?:less|fewer|without|skip\w*|cut|stop\w*|no)\b", re.IGNORECASE)


def what_if(asked: Asked) -> FactsCard:
    from coach.engine import whatif

    wish = _wish(asked)
    try:
        found = whatif.asked(asked.db, wish, asked.config, asked.now, asked.tz)
    except CoachError as error:
        return card("what_if", (), [f"I cannot reckon with that: {_clean(error.message)}.",
                                    "Ask for example: what if I had an hour less of social media?"], None)
    if found.by == "nothing":
        missing = Fact("", "missing_days", found.missing_days, "count", say.count(found.missing_days, "tracked day"))
        return card("what_if", [missing], [f"I need {missing.text} more before I can tell."], None)
    facts = [
        Fact(found.asked, "reachable", round(found.reachable_min, 1), "min", duration(abs(found.reachable_min) * 60)),
        Fact("", "usual_focus", round(found.usual_focus, 4), "score", say.score(found.usual_focus)),
        Fact("", "focus_gain", round(found.gain, 4), "score", f"{found.gain:+.2f}"),
        Fact("", "gain_low", round(found.low, 4), "score", f"{found.low:+.2f}"),
        Fact("", "gain_high", round(found.high, 4), "score", f"{found.high:+.2f}"),
        Fact("", "days", found.days, "count", say.count(found.days, "day")),
    ]
    t = [f.text for f in facts]
    way = "less" if found.reachable_min < 0 else "more"
    return card("what_if", facts, [
        f"{say.capital(t[0])} {way} a day is what your days allow; mean focus would change by {t[2]}, likely {t[3]} to {t[4]}.",
        f"Your usual focus is {t[1]}. It stands on {t[5]} of yours; such days go together, they do not prove a cause.",
    ], "ahead")


def _wish(asked: Asked) -> str:
    """The question in the words of `coach whatif`: "less social media 60min". What is to change is one of its groups, or a name
    that the store knows."""
    from coach.engine import whatif

    low = asked.question.lower()
    groups = sorted((w for words in (*whatif.WORDS.values(), whatif.DISTRACTION) for w in words), key=len, reverse=True)
    name = asked.name("category", "app", "site", "project")
    what = next((w for w in groups if re.search(rf"\b{re.escape(w)}\b", low)), "") or (name.text if name else "")
    length = minutes_in(asked.question) or SLOT_MIN
    return f"{'less' if _LESS.search(low) else 'more'} {what} {length}min"


def _clean(message: str) -> str:
    return message.replace("'", "")


