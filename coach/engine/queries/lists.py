"""Answers that pick tasks out of the list: by tag, priority, age, length, snoozes, and what was started or added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import find
from coach.core.task import Task
from coach.core.words import duration
from coach.engine.queries.asked import Asked
from coach.engine.queries.tasks import MOST, opened, task_items
from coach.store import tasks as store

SHORT_MIN = 30
_LENGTH = re.compile(
    r"\b(\d{1,3}|an?|one|two|three|five|ten|fifteen|twenty|thirty|half an|a quarter of an|three quarters of an)\s?-?"
    r"(min(?:ute)?s?|hours?|h)\b", re.IGNORECASE,
)
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30}
_PARTS = {"half an": 30, "a quarter of an": 15, "three quarters of an": 45}


def minutes_in(text: str) -> int | None:
    """The length that the words name, in minutes: "20 minutes", "half an hour", "2h"; None where they name none."""
    match = _LENGTH.search(text)
    if match is None:
        return None
    count, unit = match[1].lower(), match[2].lower()
    if count in _PARTS:
        return _PARTS[count]
    number = int(count) if count.isdigit() else _WORDS[count]
    return number * (60 if unit.startswith("h") else 1)


def tags_in(asked: Asked) -> list[str]:
    """The tags of the store that the question names."""
    words = {w.lower().lstrip("@#") for w in re.findall(r"[@#]?[\w-]+", asked.question)}
    known = {tag for t in store.every(asked.db) for tag in t.tags}
    return sorted(tag for tag in known if {tag.lower(), f"{tag.lower()}s"} & words)


_TAGGED = re.compile(
    r"(?:\btagged|\blabell?ed|\btag|\blabel)\s+(?:as\s+|called\s+|with\s+)?@?([\w-]{2,30})", re.IGNORECASE)
_NO_TAGS = frozenset("do does is are and the my each have".split())


def tasks_by_tag(asked: Asked) -> FactsCard:
    named = tags_in(asked)
    project = asked.name("project")
    cut = asked if project is None or project.shown not in named else replace(asked, names=())  # "home" may be both
    open_now = [t for t, _ in opened(cut)]
    if named:
        found = [t for t in open_now if set(named) & set(t.tags)]
        label = say.listing([f"@{tag}" for tag in named])
        facts = [Fact(tag, "tag", tag, "text", f"@{tag}") for tag in named]
        facts.append(Fact(named[0], "tasks_open", len(found), "count", say.count(len(found), "open task")))
        said = f"You have {facts[-1].text} tagged {label}{':' if found else '.'}"
        return card("tasks_by_tag", facts, [said, *task_items(asked, found, facts)], "ahead" if found else "plain")
    counts = Counter(tag for t in open_now for tag in t.tags)
    strange = _TAGGED.search(asked.question)
    if strange and strange[1].lower() not in _NO_TAGS:
        fact = Fact(strange[1], "tasks_open", None, "count", "no tag")
        return card("tasks_by_tag", [fact], [f"There is {fact.text} {say.quoted(strange[1])} on any task."], None)
    if not counts:
        return card("tasks_by_tag", (), ["No open task has a tag. `@word` in a task's text gives it one."], "plain")
    facts = [Fact(tag, "tasks_open", n, "count", say.count(n, "open task")) for tag, n in sorted(
        counts.items(), key=lambda x: (-x[1], x[0]))]
    return card("tasks_by_tag", facts, ["Open tasks by tag:", *(f"• @{f.entity}: {f.text}" for f in facts[:12])], "plain")


_PRIORITY = re.compile(r"\b(?:p|prio(?:rity)? ?)([1-4])\b", re.IGNORECASE)
_NAMED = (
    (1, re.compile(r"\b(?:high(?:est)?|top|important|urgent)\b", re.IGNORECASE)),
    (2, re.compile(r"\b(?:medium|middle|mid)\b", re.IGNORECASE)), (3, re.compile(r"\blow(?:est)?\b", re.IGNORECASE)),
)


def tasks_by_priority(asked: Asked) -> FactsCard:
    open_now = [t for t, _ in opened(asked)]
    wanted = _priority_in(asked.question)
    if wanted is None:
        counts = Counter(t.priority for t in open_now)
        facts = [Fact(f"p{p}" if p else "no priority", "tasks_open", counts[p], "count", say.count(counts[p], "open task"))
                 for p in (1, 2, 3, 4, None) if counts[p]]
        if not facts:
            return card("tasks_by_priority", (), ["You have no open tasks."], "good")
        return card("tasks_by_priority", facts, ["Open tasks by priority:", *(f"• {f.entity}: {f.text}" for f in facts)], "plain")
    found = [t for t in open_now if (t.priority or 0) == wanted]
    label = f"with priority p{wanted}" if wanted else "without a priority"
    facts = [Fact(f"p{wanted}" if wanted else "", "tasks_open", len(found), "count", say.count(len(found), "open task"))]
    said = f"You have {facts[0].text} {label}{':' if found else '.'}"
    return card("tasks_by_priority", facts, [said, *task_items(asked, found, facts)], "ahead" if found else "good")


def _priority_in(question: str) -> int | None:
    """The priority asked for, 0 for none, None for all."""
    if match := _PRIORITY.search(question):
        return int(match[1])
    if re.search(r"\b(?:no|without(?: a)?) prio", question, re.IGNORECASE):
        return 0
    return next((p for p, words in _NAMED if words.search(question)), None)


def most_snoozed(asked: Asked) -> FactsCard:
    every = [t for t in store.every(asked.db) if t.status != "deleted" and t.snooze_count > 0]
    found = sorted((t for t in every if t.status == "pending"), key=lambda t: (-t.snooze_count, t.num))
    total = sum(t.snooze_count for t in every)
    facts = [Fact("", "snoozes", total, "count", say.count(total, "snooze")),
             Fact("", "snoozed_tasks", len(found), "count", say.count(len(found), "open task"))]
    if not found:
        return card("most_snoozed", facts, ["No open task has been snoozed."], "good")
    items = []
    for t in found[:MOST]:
        times = "once" if t.snooze_count == 1 else f"{t.snooze_count} times"
        facts += [Fact(t.title, "snoozed", t.snooze_count, "count", times), Fact(t.title, "number", t.num, "count", str(t.num))]
        items.append(f"• {say.quoted(t.title)} ({t.num}): {times}")
    said = f"{say.capital(facts[1].text)} {'was' if len(found) == 1 else 'were'} snoozed; the most often:"
    return card("most_snoozed", facts, [said, *items], "late")


def oldest_tasks(asked: Asked) -> FactsCard:
    found = sorted((t for t, _ in opened(asked) if t.recurrence is None), key=lambda t: (t.created, t.num))
    if not found:
        return card("oldest_tasks", (), ["You have no open tasks."], "good")
    facts: list[Fact] = []
    items = []
    for t in found[:MOST]:
        age = max(0, (asked.now - t.created).days)
        facts += [Fact(t.title, "age", age, "count", say.count(age, "day") if age else "less than a day"),
                  Fact(t.title, "number", t.num, "count", str(t.num))]
        items.append(f"• {say.quoted(t.title)} ({t.num}): {facts[-2].text}")
    return card("oldest_tasks", facts, ["Open the longest, recurring ones left out:", *items], "plain")


def longest_task(asked: Asked) -> FactsCard:
    """Finished tasks by measured time; where open ones are asked for, those by estimate."""
    if re.search(r"\b(?:open|on my list|left|needs?|to do|todo|pending|is the (?:biggest|longest|largest))\b", asked.question,
                 re.IGNORECASE):
        return _longest_open(asked)
    period = asked.period
    start, end = (period.start, period.end) if period else (asked.now.replace(year=asked.now.year - 50), asked.now)
    done = [t for t in store.completed_between(asked.db, start, end) if t.actual_min]
    found = sorted(done, key=lambda t: (-(t.actual_min or 0), t.num))
    when = f" {period.text}" if period else ""
    if not found:
        return card("longest_task", (), [f"No finished task has measured time{when}."], None)
    facts, items = _lengths(found, "measured", "actual_min")
    said = f"Of the finished tasks with measured time{when}, these took the longest:"
    return card("longest_task", facts, [said, *items], "plain")


def _longest_open(asked: Asked) -> FactsCard:
    known = [t for t, _ in opened(asked) if t.estimate_min]
    found = sorted(known, key=lambda t: (-(t.estimate_min or 0), t.num))
    if not found:
        return card("longest_task", (), ["No open task has an estimate."], None)
    facts, items = _lengths(found, "estimate", "estimate_min")
    return card("longest_task", facts, ["By their estimates, these open tasks are the longest:", *items], "ahead")


def _lengths(found: Sequence[Task], metric: str, field: str) -> tuple[list[Fact], list[str]]:
    facts: list[Fact] = []
    items = []
    for t in found[:MOST]:
        minutes = int(getattr(t, field) or 0)
        facts += [Fact(t.title, metric, minutes, "min", duration(minutes * 60)),
                  Fact(t.title, "number", t.num, "count", str(t.num))]
        items.append(f"• {say.quoted(t.title)} ({t.num}): {facts[-2].text}")
    return facts, items


def quick_tasks(asked: Asked) -> FactsCard:
    limit = minutes_in(asked.question) or SHORT_MIN
    found = [t for t, _ in opened(asked) if t.estimate_min and t.estimate_min <= limit]
    facts = [Fact("", "limit", limit, "min", duration(limit * 60)),
             Fact("", "quick_tasks", len(found), "count", say.count(len(found), "open task"))]
    said = f"{say.capital(facts[1].text)} of at most {facts[0].text} by estimate, the most urgent first" + (":" if found else ".")
    items = []
    for t in found[:MOST]:
        facts += [Fact(t.title, "estimate", t.estimate_min, "min", duration((t.estimate_min or 0) * 60)),
                  Fact(t.title, "number", t.num, "count", str(t.num))]
        items.append(f"• {say.quoted(t.title)} ({t.num}): {facts[-2].text}")
    if not found:
        said = f"No open task has an estimate of at most {facts[0].text}."
    return card("quick_tasks", facts, [said, *items], "ahead")


def in_progress(asked: Asked) -> FactsCard:
    found = [t for t, _ in opened(asked) if t.started is not None or t.actual_min]
    running = [t for t in found if t.started is not None]
    facts = [Fact("", "tasks_started", len(found), "count", say.count(len(found), "open task"))]
    if not found:
        return card("in_progress", facts, ["No open task has been started."], "plain")
    verb = "has" if len(found) == 1 else "have"
    sentences = [f"{say.capital(facts[0].text)} {verb} been started:", *task_items(asked, found, facts)]
    if running:
        names = say.listing([say.quoted(t.title) for t in running[:3]])
        facts += [Fact(t.title, "started", t.started.isoformat() if t.started else None, "time", "running") for t in running[:3]]
        sentences.append(f"The clock is running on {names}.")
    return card("in_progress", facts, sentences, "ahead")


def recently_added(asked: Asked) -> FactsCard:
    period = asked.period_or(find("in the last 7 days", asked.calendar)[0].period)
    found = [t for t in store.every(asked.db) if period.start <= t.created < period.end and t.status != "deleted"
             and t.series_id is None]
    facts = [Fact("", "tasks_added", len(found), "count", say.count(len(found), "task"), period.key)]
    done = sum(t.status == "completed" for t in found)
    sentences = [f"You added {facts[0].text} {period.text}{':' if found else '.'}", *task_items(asked, found[::-1], facts)]
    if done:
        facts.append(Fact("", "tasks_added_and_done", done, "count", str(done), period.key))
        sentences.append(f"{facts[-1].text} of them {'is' if done == 1 else 'are'} done already.")
    return card("recently_added", facts, sentences, "plain")
