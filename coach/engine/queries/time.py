"""Answers about where the time went: exact sums over the timeline."""

from __future__ import annotations

import re
from collections import Counter

from coach.core import clocktime, say
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period, find
from coach.core.tone import Mood
from coach.core.words import duration
from coach.engine import sums
from coach.engine.queries.asked import Asked, Name
from coach.engine.queries.left import unknown_names
from coach.store import rollups, usage
from coach.store.rollups import UNCATEGORISED

LONG_DAYS = 62
"""Longer periods are summed from roll-ups, which agree with the timeline up to the last minute."""
NOTHING = "Nothing was tracked {period}."


def amounts(asked: Asked, column: usage.Column, period: Period) -> dict[str, float]:
    """Seconds by name, most first; where hours of several days are asked for, in those hours only."""
    if period.clock and period.days > 1 and asked.hours is not None:
        total: Counter[str] = Counter()
        for start, end in clocktime.windows(period, asked.hours, asked.calendar, wide=True):
            if start < min(end, asked.now):
                total.update(usage.amounts(asked.db, column, start, min(end, asked.now)))
        return dict(total.most_common())
    if column == "site" or period.days <= LONG_DAYS:
        return usage.amounts(asked.db, column, period.start, min(period.end, asked.now))
    read = {"app": rollups.by_app, "category": rollups.by_category, "project": rollups.by_project}[column]
    return {row[column]: row["ms"] / 1000 for row in read(asked.db, period.first, period.last)}


def total_s(asked: Asked, period: Period) -> float:
    return sum(amounts(asked, "category", period).values())


def focus_s(asked: Asked, period: Period) -> float:
    return sum(s for name, s in amounts(asked, "category", period).items() if asked.rules.named(name).focus)


def length(entity: str, metric: str, s: float, period: Period) -> Fact:
    return Fact(entity, metric, round(s, 3), "s", duration(s), period.key)


def nothing(intent: str, period: Period) -> FactsCard:
    fact = Fact("", "active_time", 0, "s", duration(0), period.key)
    return card(intent, [fact], [NOTHING.format(period=period.text)], None)


def time_in(asked: Asked, intent: str, name: Name) -> FactsCard:
    """Time in one app, site, category (with what is below it) or project."""
    period = asked.period_or(asked.today)
    spent = named_s(asked, name, period)
    whole = total_s(asked, period)
    label = _label(name)
    fact = length(name.text, f"{name.kind}_time", spent, period)
    facts = [fact]
    if not whole:
        return nothing(intent, period)
    if not spent:
        return card(intent, facts, [f"No time {label} {period.text}: {fact.text}."], "plain")
    facts += [length("", "active_time", whole, period), Fact(name.text, "share", round(spent / whole, 4), "share",
                                                             say.share(spent / whole), period.key)]
    said = f"You spent {fact.text} {label} {period.text}, {facts[2].text} of {facts[1].text} active."
    return card(intent, facts, [say.capital(said)], "plain")


def named_s(asked: Asked, name: Name, period: Period) -> float:
    found = amounts(asked, name.kind, period)
    if name.kind == "category":
        return sum(s for n, s in found.items() if n == name.text or n.startswith(name.text + " > "))
    return found.get(name.text, 0.0)


def _label(name: Name) -> str:
    shown = say.name(name.text)
    return {"app": f"in {shown}", "site": f"on {shown}", "category": f"on {shown}", "project": f"on project {shown}"}[name.kind]


def time_in_app(asked: Asked) -> FactsCard:
    name = asked.name("app", "site", "project", "category")
    return time_in(asked, "time_in_app", name) if name else _by(asked, "time_in_app", "app")


def time_in_category(asked: Asked) -> FactsCard:
    name = asked.name("category", "project", "site", "app")
    return time_in(asked, "time_in_category", name) if name else _by(asked, "time_in_category", "category")


def time_in_project(asked: Asked) -> FactsCard:
    name = asked.name("project", "category", "app", "site")
    return time_in(asked, "time_in_project", name) if name else _by(asked, "time_in_project", "project")


def _by(asked: Asked, intent: str, column: usage.Column) -> FactsCard:
    """Without a known name: the one that is not known, or all of them."""
    label = named_nothing(asked)
    return _unseen(asked, intent, label) if label else breakdown(asked, intent, column)


def top_apps(asked: Asked) -> FactsCard:
    return breakdown(asked, "top_apps", "app")


def top_sites(asked: Asked) -> FactsCard:
    return breakdown(asked, "top_sites", "site")


def breakdown(asked: Asked, intent: str, column: usage.Column) -> FactsCard:
    """The five names with the most time, and the whole."""
    period = asked.period_or(asked.today)
    found = {n: s for n, s in amounts(asked, column, period).items() if n and n != UNCATEGORISED}
    whole = total_s(asked, period)
    if not whole:
        return nothing(intent, period)
    facts = [length("", "active_time", whole, period)]
    facts += [length(name, f"{column}_time", s, period) for name, s in list(found.items())[:5]]
    if not found:
        plural = {"category": "categories"}.get(column, f"{column}s")
        said = f"No {plural} were recorded {period.text}, in {facts[0].text} of active time."
        return card(intent, facts, [said], "plain")
    most = max(found.values())
    items = [f"• {say.name(f.entity)}: {f.text}  {say.bar(found[f.entity], most)}" for f in facts[1:]]
    return card(intent, facts, [f"{say.capital(period.text)}, of {facts[0].text} active:", *items], "plain")


_OBJECT = re.compile(r"\b(?:in|on|using|with|into|for|at)\s+(?:the\s+|my\s+)?([\w][\w.+# -]{1,30})$", re.IGNORECASE)
_KINDS = frozenset("app apps project projects category categories site sites each total computer work time".split())


def named_nothing(asked: Asked) -> str:
    """What a question about time names although the store has never seen it: "Photoshop"; empty when it names nothing."""
    text = asked.question.strip(" ?!.")
    for found in reversed(find(text, asked.calendar)):
        text = f"{text[:found.start].rstrip()} {text[found.end:].lstrip()}".strip()
    match = _OBJECT.search(text)
    if match is None:
        return next(iter(unknown_names(asked)), "")
    return "" if match[1].lower().split()[0] in _KINDS else match[1].strip()


def _unseen(asked: Asked, intent: str, label: str) -> FactsCard:
    """A name that the store has no app, site, category or project of: its windows by title, or that there is no record."""
    period = asked.period_or(asked.today)
    spent = 0.0 if period.clock and period.days > 1 else usage.titled(asked.db, label, period.start, min(period.end, asked.now))
    if spent:
        fact = length(label, "title_time", spent, period)
        said = f"You spent {fact.text} {period.text} in windows whose title names {say.quoted(label)}."
        return card(intent, [fact], [said, "I go by titles here: I have no app, site or project of that name."], "plain")
    fact = Fact(label, f"{intent.removeprefix('time_in_')}_time", None, "s", "no record", period.key)
    said = f"I have {fact.text} of {say.quoted(label)}: no app, site, category or project of that name."
    return card(intent, [fact], [said], None)


def time_total(asked: Asked) -> FactsCard:
    name = asked.name("project")
    if name and name.exact:
        return time_in(asked, "time_total", name)
    if name is None and (label := next(iter(unknown_names(asked)), "")):
        return _unseen(asked, "time_total", label)
    period = asked.period_or(asked.today)
    whole, focused = total_s(asked, period), focus_s(asked, period)
    if not whole:
        return nothing("time_total", period)
    facts = [length("", "active_time", whole, period), length("", "focus_time", focused, period)]
    said = f"You were active for {facts[0].text} {period.text}, {facts[1].text} of it in focus categories."
    return card("time_total", facts, [said, *_per_day(asked, period, whole, facts)], mood_of(focused / whole))


def _per_day(asked: Asked, period: Period, whole: float, facts: list[Fact]) -> list[str]:
    if period.days == 1 or period.clock:
        return []
    days = len(sums.day_totals(asked.db, period.first, period.last, asked.rules))
    if days < 2:
        return []
    facts.append(length("", "active_time_per_day", whole / days, period))
    facts.append(Fact("", "days", days, "count", say.count(days, "day"), period.key))
    return [f"That is {facts[-2].text} a day over {facts[-1].text} with records."]


def mood_of(share: float) -> Mood:
    """Which way a share of focus time points."""
    return "good" if share >= 0.5 else "low" if share < 0.25 else "plain"
