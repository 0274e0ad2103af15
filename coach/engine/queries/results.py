"""Answers about what came of tasks: by kind, in time or late, beside their estimates, as habits, for a project, towards goals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from coach.core import say, stats
from coach.core.facts import Fact, FactsCard, card
from coach.core.goal import Standing
from coach.core.period import Period, find
from coach.core.task import Task
from coach.core.tone import Mood
from coach.core.when import end_of, zone
from coach.core.words import duration
from coach.engine import goals as goals_of
from coach.engine import habits as habits_of
from coach.engine.queries.asked import Asked, Name
from coach.engine.queries.tasks import MOST, done_between
from coach.engine.queries.time import length, named_s
from coach.store import tasks as store

LEAST = 3
HALF_YEAR = timedelta(days=180)


def _month(asked: Asked) -> Period:
    return asked.period_or(find("in the last 30 days", asked.calendar)[0].period)


def _long(asked: Asked) -> tuple[datetime, datetime, str, str]:
    """Start, end, words and key of the period asked about, else of the last half year."""
    if asked.period is not None:
        return asked.period.start, asked.period.end, asked.period.text, asked.period.key
    return asked.now - HALF_YEAR, asked.now + timedelta(seconds=1), "in the last half year", ""


def done_by_category(asked: Asked) -> FactsCard:
    period = _month(asked)
    done = done_between(asked, period)
    facts = [Fact("", "tasks_done", len(done), "count", say.count(len(done), "task"), period.key)]
    if not done:
        return card("done_by_category", facts, [f"You finished {facts[0].text} {period.text}."], "low")
    kind, groups = _grouped(asked.question, done)
    items = []
    for name, tasks in sorted(groups.items(), key=lambda x: (-len(x[1]), x[0])):
        facts.append(Fact(name, f"tasks_done_by_{kind}", len(tasks), "count", say.count(len(tasks), "task"), period.key))
        items.append(f"• {say.name(name)}: {facts[-1].text}  {say.bar(len(tasks), max(map(len, groups.values())))}")
    said = f"You finished {facts[0].text} {period.text}, by {kind}:"
    return card("done_by_category", facts, [said, *items[:8]], "good")


def _grouped(question: str, done: Sequence[Task]) -> tuple[str, dict[str, list[Task]]]:
    """By project or tag where the words say so, else by category; by project where no task has a category."""
    kind = "project" if re.search(r"\bprojects?\b", question, re.IGNORECASE) else "tag" if re.search(
        r"\b(?:tags?|labels?)\b", question, re.IGNORECASE) else "category"
    if kind == "category" and not any(t.category for t in done):
        kind = "project"
    groups: dict[str, list[Task]] = defaultdict(list)
    for task in done:
        names = list(task.tags) if kind == "tag" else [task.project if kind == "project" else task.category]
        for name in names or [None]:
            groups[name or f"no {kind}"].append(task)
    return kind, groups


def in_time(task: Task) -> bool | None:
    """Whether a finished task was done by its due; None without a due."""
    if task.due is None or task.completed is None:
        return None
    return task.completed <= end_of(task.due, zone(task.time_zone))


def on_time_share(asked: Asked) -> FactsCard:
    start, end, words, key = _long(asked)
    judged = [ok for t in store.completed_between(asked.db, start, end) if (ok := in_time(t)) is not None]
    late = [t for t in store.open_tasks(asked.db) if t.due is not None and start <= end_of(t.due, zone(t.time_zone)) <= min(
        end, asked.now)]
    facts = [Fact("", "judged_tasks", len(judged), "count", say.count(len(judged), "finished task"), key)]
    if len(judged) < LEAST:
        said = f"I need three finished tasks with a due date to tell; there {'is' if len(judged) == 1 else 'are'} {facts[0].text}"
        return card("on_time_share", [*facts, Fact("", "least", LEAST, "count", "three")], [f"{said} {words}."], None)
    share = sum(judged) / len(judged)
    facts += [Fact("", "on_time_share", round(share, 4), "share", say.share(share), key),
              Fact("", "on_time", sum(judged), "count", str(sum(judged)), key)]
    sentences = [f"{facts[1].text} of your tasks with a due date were done in time {words}: {facts[2].text} of {facts[0].text}."]
    if late:
        facts.append(Fact("", "open_and_late", len(late), "count", say.count(len(late), "task"), key))
        verb = "is" if len(late) == 1 else "are"
        sentences.append(f"Besides, {facts[-1].text} with a due date in that time {verb} still open.")
    mood: Mood = "good" if share >= 0.8 else "late" if share < 0.5 else "plain"
    return card("on_time_share", facts, sentences, mood)


def completion_time(asked: Asked) -> FactsCard:
    start, end, words, key = _long(asked)
    done = [t for t in store.completed_between(asked.db, start, end) if t.series_id is None and t.completed is not None]
    days = [(t.completed - t.created).total_seconds() / 86_400 for t in done if t.completed]
    if len(days) < LEAST:
        return card("completion_time", [Fact("", "tasks", len(days), "count", say.count(len(days), "task"), key)],
                    ["I need a few more finished tasks before I can tell how long they stay open."], None)
    middle, slow = stats.median(days), stats.quantile(days, 0.9)
    facts = [
        Fact("", "median_days_open", round(middle, 2), "count", f"{middle:.1f} days", key),
        Fact("", "tasks", len(days), "count", say.count(len(days), "task"), key),
        Fact("", "slow_days_open", round(slow, 2), "count", f"{slow:.1f} days", key),
    ]
    said = f"A task stays open for {facts[0].text} in the median {words}, over {facts[1].text}; one in ten longer than" \
           f" {facts[2].text}."
    return card("completion_time", facts, [said], "plain")


def estimate_bias(asked: Asked) -> FactsCard:
    """Median of measured over estimated minutes by project, tag and category."""
    start, end, words, key = _long(asked)
    ratios: dict[str, list[float]] = defaultdict(list)
    for t in store.completed_between(asked.db, start, end):
        if t.estimate_min and t.actual_min:
            for kind in {*([f"#{t.project}"] if t.project else []), *(f"@{tag}" for tag in t.tags),
                         *([t.category] if t.category else [])}:
                ratios[kind].append(t.actual_min / t.estimate_min)
    known = {k: stats.median(v) for k, v in ratios.items() if len(v) >= LEAST}
    if not known:
        return card("estimate_bias", (), ["No kind of task has three finished ones with an estimate and measured time."], None)
    order = sorted(known, key=lambda k: (-abs(known[k] - 1), k))
    if re.search(r"\bunder-?estimat|\blonger\b|\boptimistic\b|\boverruns?\b", asked.question, re.IGNORECASE):
        order = sorted(known, key=lambda k: (-known[k], k))
    elif re.search(r"\bover-?estimat|\bpessimistic\b|\bshorter\b", asked.question, re.IGNORECASE):
        order = sorted(known, key=lambda k: (known[k], k))
    facts = []
    items = []
    for kind in order[:MOST]:
        facts += [Fact(kind, "actual_to_estimate", round(known[kind], 3), "share", f"{known[kind]:.2f} times", key),
                  Fact(kind, "tasks", len(ratios[kind]), "count", say.count(len(ratios[kind]), "task"), key)]
        items.append(f"• {say.name(kind)}: {facts[-2].text} the estimate, over {facts[-1].text}")
    return card("estimate_bias", facts, [f"What tasks took, as a multiple of their estimate (median, {words}):", *items], "plain")


def habits(asked: Asked) -> FactsCard:
    found = []
    for task in store.open_tasks(asked.db):
        habit = habits_of.of(asked.db, task, asked.now)
        if habit is not None and (asked.task is None or asked.task.recurrence is None or asked.task.id == task.id):
            found.append((task, habit))
    if not found:
        return card("habits", (), ["You have no recurring tasks. `every monday` in a task's text makes one."], "plain")
    found.sort(key=lambda x: (x[1].rate is None, -(x[1].rate or 0), x[0].num))
    facts, items = [], []
    for task, habit in found[:MOST]:
        kept = f"{habit.kept} of {habit.expected}"
        facts += [Fact(task.title, "habit_kept", habit.kept, "count", kept),
                  Fact(task.title, "habit_streak", habit.streak, "count", str(habit.streak))]
        items.append(f"• {say.quoted(task.title)}: {kept} kept, {facts[-1].text} in a row now")
    return card("habits", facts, ["Your recurring tasks, the best kept first:", *items], "plain")


def project_progress(asked: Asked) -> FactsCard:
    every = [t for t in store.every(asked.db) if t.status != "deleted" and t.recurrence is None]
    by_project: dict[str, list[Task]] = defaultdict(list)
    for task in every:
        if task.project:
            by_project[task.project].append(task)
    name = asked.name("project")
    if name is None:
        return _all_projects(asked, by_project)
    known = next((p for p in by_project if p.lower() == name.text.lower()), name.text)
    tasks = by_project.get(known, [])
    done = [t for t in tasks if t.status == "completed"]
    spent = named_s(asked, Name("project", name.text, name.shown, True), find("in the last 365 days", asked.calendar)[0].period)
    facts = [
        Fact(known, "tasks_done", len(done), "count", say.count(len(done), "task")),
        Fact(known, "tasks_open", len(tasks) - len(done), "count", say.count(len(tasks) - len(done), "task")),
        Fact(known, "project_time", round(spent, 3), "s", duration(spent)),
    ]
    if tasks:
        share = len(done) / len(tasks)
        facts.append(Fact(known, "done_share", round(share, 4), "share", say.share(share)))
    share_words = f", {facts[3].text} done." if tasks else "."
    sentences = [f"{say.name(known)}: {facts[0].text} done, {facts[1].text} open{share_words}",
                 f"{facts[2].text} were tracked on it within a year."]
    left = [t.estimate_min for t in tasks if t.status == "pending" and t.estimate_min]
    if left:
        facts.append(Fact(known, "estimates", sum(left), "min", duration(sum(left) * 60)))
        sentences.append(f"What is open needs {facts[-1].text} by its estimates.")
    return card("project_progress", facts, sentences, "plain")


def _all_projects(asked: Asked, by_project: dict[str, list[Task]]) -> FactsCard:
    if not by_project:
        return card("project_progress", (), ["No task has a project. `#name` in a task's text gives it one."], "plain")
    facts, items = [], []
    for name, tasks in sorted(by_project.items(), key=lambda x: (-len(x[1]), x[0]))[:8]:
        done = sum(t.status == "completed" for t in tasks)
        facts += [Fact(name, "tasks_done", done, "count", str(done)), Fact(name, "tasks", len(tasks), "count", say.count(
            len(tasks), "task"))]
        items.append(f"• {say.name(name)}: {facts[-2].text} of {facts[-1].text} done")
    return card("project_progress", facts, ["Tasks done by project:", *items], "plain")


def goals(asked: Asked) -> FactsCard:
    found = goals_of.view(asked.db, asked.config, asked.now, asked.tz).standings
    if not found:
        return card("goals", (), ["You have set no goals. `coach goal add at most 30 min news a day` sets one."], "plain")
    facts: list[Fact] = []
    items = [_goal(one, facts) for one in found[:8]]
    bad = sum(not s.on_track for s in found)
    facts.append(Fact("", "goals", len(found), "count", say.count(len(found), "goal")))
    head = f"{say.capital(facts[-1].text)}:" if not bad else f"{say.capital(facts[-1].text)}, not all on track:"
    return card("goals", facts, [head, *items], "late" if bad else "good")


def _goal(one: Standing, facts: list[Fact]) -> str:
    text = one.goal.text()
    facts += [Fact(text, "goal", one.goal.minutes, "min", text), Fact(text, "goal_used", round(one.used_min, 1), "min", duration(
        one.used_min * 60)), Fact(text, "goal_state", one.state, "text", one.state),
        Fact(text, "goal_kept", one.kept, "count", f"{one.kept} of {one.n}")]
    period = "today" if one.goal.period == "day" else "this week"
    return f"• {text}: {facts[-3].text} {period}, {facts[-2].text}; kept {facts[-1].text} before"


def task_time(asked: Asked) -> FactsCard:
    """Minutes measured on a task, with what was tracked in windows that name it where nothing was measured."""
    task = asked.task
    if task is None:
        return card("task_time", (), ["I found no task of that name.", "The word task with its number works as well."], None)
    facts = [Fact(task.title, "measured", task.actual_min or 0, "min", duration((task.actual_min or 0) * 60)),
             Fact(task.title, "number", task.num, "count", str(task.num))]
    said = f"{say.quoted(task.title)} ({facts[1].text}) has {facts[0].text} of measured time."
    sentences = [said]
    if task.estimate_min:
        facts.append(Fact(task.title, "estimate", task.estimate_min, "min", duration(task.estimate_min * 60)))
        sentences.append(f"Its estimate is {facts[-1].text}.")
    if task.started is not None and task.status == "pending":
        facts.append(length(task.title, "running_for", (asked.now - task.started).total_seconds(), asked.today))
        sentences.append(f"Its clock has been running for {facts[-1].text}.")
    return card("task_time", facts, sentences, "plain")
