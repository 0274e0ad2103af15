"""Answers about tasks: what is due, late, next, done, open, put off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.period import Period, between
from coach.core.task import Task, status_at
from coach.core.tone import Mood
from coach.core.when import end_of, zone
from coach.core.words import duration
from coach.engine import avoidance as avoidance_scores
from coach.engine import insights, task_view, tasks
from coach.engine.queries import avoiding
from coach.engine.queries.asked import Asked
from coach.store import tasks as store

MOST = 6
"""Tasks named in one answer; the rest are counted."""
WEEK_DAYS = 7


def opened(asked: Asked) -> list[tuple[Task, float]]:
    """Open tasks of the project asked about, with urgency, the most urgent first."""
    found = tasks.open_by_urgency(asked.db, asked.config, asked.now)
    project = asked.name("project")
    return [(t, u) for t, u in found if project is None or (t.project or "").lower() == project.text.lower()]


def done_between(asked: Asked, period: Period) -> list[Task]:
    return store.completed_between(asked.db, period.start, period.end)


def task_fact(asked: Asked, task: Task, metric: str = "task") -> Fact:
    """A task as a fact: its title is the entity, its due the text."""
    due = task_view.due_words(task.due, asked.now, asked.tz) if task.due is not None else "no date"
    return Fact(task.title, metric, task.num, "text", due)


def tasks_due(asked: Asked) -> FactsCard:
    calendar = asked.calendar
    week = between("in the next 7 days", calendar.today, calendar.today.fromordinal(calendar.today.toordinal() + 6), calendar)
    period = asked.period_or(week)
    ends = [(t, end_of(t.due, zone(t.time_zone))) for t, _ in opened(asked) if t.due is not None]
    due = [t for t, end in sorted(ends, key=lambda x: x[1]) if period.start < end <= period.end and _is_due(asked, t, period)]
    late = [t for t, end in ends if end <= asked.now]
    facts = [Fact("", "tasks_due", len(due), "count", say.count(len(due), "task"), period.key)]
    verb = "is" if len(due) == 1 else "are"
    sentences = [f"{say.capital(facts[0].text)} {verb} due {period.text}{':' if due else '.'}", *task_items(asked, due, facts)]
    if late and period.last >= asked.calendar.today:
        facts.append(Fact("", "tasks_overdue", len(late), "count", say.count(len(late), "task"), asked.today.key))
        sentences.append(f"Besides, {facts[-1].text} {'is' if len(late) == 1 else 'are'} overdue.")
    return card("tasks_due", facts, sentences, "late" if late else "ahead")


def _is_due(asked: Asked, task: Task, period: Period) -> bool:
    """Whole days belong to their own date, whatever the hour at which the logical day begins."""
    assert task.due is not None
    day = task.due.astimezone(asked.tz).date() if isinstance(task.due, datetime) else task.due
    return period.first <= day <= period.last


def tasks_overdue(asked: Asked) -> FactsCard:
    late = [t for t, _ in opened(asked) if t.due is not None and end_of(t.due, zone(t.time_zone)) <= asked.now
            and status_at(t, asked.now) == "pending"]
    facts = [Fact("", "tasks_overdue", len(late), "count", say.count(len(late), "task"), asked.today.key)]
    if not late:
        return card("tasks_overdue", facts, [f"{say.capital(facts[0].text)} overdue."], "good")
    verb = "is" if len(late) == 1 else "are"
    said = f"{say.capital(facts[0].text)} {verb} overdue:"
    return card("tasks_overdue", facts, [said, *task_items(asked, late, facts)], "late")


def next_task(asked: Asked) -> FactsCard:
    ready = tasks.ready(asked.db, asked.config, asked.now)
    if not ready:
        return card("next_task", (), ["Nothing is waiting to be done: the list is empty."], "good")
    task, urgency = ready[0]
    facts = [
        Fact(task.title, "next_task", task.num, "text", f"task {task.num}"),
        Fact(task.title, "urgency", round(urgency, 2), "score", f"{urgency:.1f}"),
    ]
    sentences = [f"Next: {say.quoted(task.title)} ({facts[0].text}).", _why(asked, task, facts)]
    for other, _ in ready[1:3]:
        facts.append(Fact(other.title, "alternative", other.num, "text", f"task {other.num}"))
    if ready[1:]:
        others = say.listing([f"{say.quoted(f.entity)} ({f.text})" for f in facts if f.metric == "alternative"])
        sentences.append(f"After that: {others}.")
    return card("next_task", facts, sentences, "ahead")


def _why(asked: Asked, task: Task, facts: list[Fact]) -> str:
    reasons = [f"urgency {facts[-1].text}"]
    if task.due is not None:
        facts.append(Fact(task.title, "due", str(task.due), "time", task_view.due_words(task.due, asked.now, asked.tz)))
        reasons.append(facts[-1].text if facts[-1].text.endswith("late") else f"due {facts[-1].text}")
    if task.priority:
        facts.append(Fact(task.title, "priority", task.priority, "count", f"p{task.priority}"))
        reasons.append(f"priority {facts[-1].text}")
    if task.estimate_min:
        facts.append(Fact(task.title, "estimate", task.estimate_min, "min", duration(task.estimate_min * 60)))
        reasons.append(f"about {facts[-1].text}")
    return f"Why: {', '.join(reasons)}."


def tasks_done(asked: Asked) -> FactsCard:
    period = asked.period_or(asked.today)
    done = done_between(asked, period)
    facts = [Fact("", "tasks_done", len(done), "count", say.count(len(done), "task"), period.key)]
    said = f"You finished {facts[0].text} {period.text}{':' if done else '.'}"
    sentences = [said, *task_items(asked, done[::-1], facts, dues=False)]
    return card("tasks_done", facts, sentences, "good" if done else "low")


def tasks_open(asked: Asked) -> FactsCard:
    found = opened(asked)
    project = asked.name("project")
    facts = [Fact(project.text if project else "", "tasks_open", len(found), "count", say.count(len(found), "open task"))]
    where = f" in {say.name(project.text)}" if project else ""
    known = [t.estimate_min for t, _ in found if t.estimate_min]
    sentences = [f"You have {facts[0].text}{where}{':' if found else '.'}", *task_items(asked, [t for t, _ in found], facts)]
    if known:
        facts.append(Fact("", "estimates", sum(known), "min", duration(sum(known) * 60)))
        facts.append(Fact("", "estimated_tasks", len(known), "count", str(len(known))))
        sentences.append(f"The {facts[-1].text} with an estimate need {facts[-2].text}.")
    return card("tasks_open", facts, sentences, "ahead" if found else "good")


def task_detail(asked: Asked) -> FactsCard:
    task = asked.task
    if task is None:
        return card("task_detail", (), ["I found no task of that name.", "The word task with its number works as well."], None)
    urgency = {t.id: u for t, u in tasks.open_by_urgency(asked.db, asked.config, asked.now)}.get(task.id, 0.0)
    row = task_view.TaskRow(task, urgency, "", "")
    pairs = [p for p in task_view.facts(row, asked.now, asked.tz) if p[0] != "urgency" or task.status == "pending"]
    facts = [Fact(task.title, "status", status_at(task, asked.now), "text", status_at(task, asked.now))]
    facts += [Fact(task.title, label.replace(" ", "_"), words, "text", words) for label, words in pairs]
    if task.completed is not None:
        words = task_view.full_words(task.completed, asked.tz, asked.now)
        facts.append(Fact(task.title, "completed", words, "time", words))
    items = [f"• {f.metric.replace('_', ' ')}: {f.text}" for f in facts[1:]]
    late = task.status == "pending" and task.due is not None and end_of(task.due, zone(task.time_zone)) <= asked.now
    return card("task_detail", facts, [f"{say.quoted(task.title)} is {facts[0].text}.", *items], "late" if late else "plain")


def avoidance(asked: Asked) -> FactsCard:
    if not avoidance_scores.allowed(asked.db):
        return card("avoidance", (), [avoidance_scores.OFF, avoidance_scores.HOW])
    if (scored := avoiding.avoided(asked)) is not None:
        return scored
    found = insights.put_off(store.open_tasks(asked.db), asked.now, asked.tz)
    if not found:
        return card("avoidance", (), ["Nothing on the list looks put off: no snoozes, nothing late, nothing old."], "good")
    facts = [Fact(p.title, "put_off", p.num, "text", f"task {p.num}: {', '.join(p.evidence)}") for p in found]
    items = [f"• {say.quoted(f.entity)}, {f.text}" for f in facts]
    return card("avoidance", facts, ["By snoozes, lateness and age, these are put off the most:", *items], "late")


def estimate_accuracy(asked: Asked) -> FactsCard:
    found = insights.estimates(asked.db, asked.now)
    facts = [Fact("", "compared_tasks", found.n, "count", say.count(found.n, "task"))]
    if found.ratio is None:
        said = f"I need at least three finished tasks with an estimate and measured time; there are {facts[0].text} so far."
        return card("estimate_accuracy", facts, [said.replace("there are 1 task", "there is 1 task")], None)
    facts += [
        Fact("", "actual_to_estimate", round(found.ratio, 3), "share", f"{found.ratio:.1f} times"),
        Fact("", "within_quarter", found.within_quarter, "count", str(found.within_quarter)),
    ]
    way = "about as long as" if 0.9 <= found.ratio <= 1.1 else "longer than" if found.ratio > 1 else "less time than"
    sentences = [
        f"Your tasks take {way} you estimate: the median is {facts[1].text} the estimate, over {facts[0].text}.",
        f"{facts[2].text} of them came within a quarter of it.",
    ]
    mood: Mood = "good" if way.startswith("about") else "plain"
    return card("estimate_accuracy", facts, sentences, mood)


def task_items(asked: Asked, found: Sequence[Task], facts: list[Fact], dues: bool = True) -> list[str]:
    """Lines for the first few tasks, with their facts; the rest counted in a last one."""
    lines = []
    for task in found[:MOST]:
        fact = task_fact(asked, task)
        facts.append(fact)
        facts.append(Fact(task.title, "number", task.num, "count", str(task.num)))
        due = f", {fact.text}" if dues and task.due is not None else ""
        lines.append(f"• {say.quoted(task.title)} ({facts[-1].text}{due})")
    if len(found) > MOST:
        facts.append(Fact("", "more_tasks", len(found) - MOST, "count", str(len(found) - MOST)))
        lines.append(f"• and {facts[-1].text} more")
    return lines
