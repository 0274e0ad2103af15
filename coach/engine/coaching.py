"""Help in the chat: what the person's situation is, in computed sentences, and one next step that a key does.

Which step it is, what helped this person decides. A trusted model may say a line of its own about the same facts after them
(`engine/voicing.py`); it never chooses the step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.core import coaching, say
from coach.core.advice import Advice, Case
from coach.core.coaching import Coached, Need
from coach.core.errors import CoachError
from coach.core.facts import Fact, FactsCard, card
from coach.core.placeholders import Frame
from coach.core.task import Draft, Task
from coach.core.when import end_of, zone
from coach.core.wish import Wish
from coach.engine import avoidance, focusing, prioritising, task_view, tasks
from coach.engine.acting import beside, living
from coach.engine.acting.proposal import Here, Line, Proposal, names
from coach.engine.queries import habits, time
from coach.engine.queries.asked import Asked, calendar, named_task
from coach.store import lives
from coach.store.db import Connection

SINCE_MIN = 25
"""Time since a break is told from so many minutes on."""
HEARD = 160
"""Characters of what the person said that a trusted model is shown, without figures and braces."""


@dataclass(frozen=True, slots=True)
class Help:
    """What is said, the step as a proposal where it is one that Coach can do, and what the conversation stands at after it."""

    card: FactsCard
    proposal: Proposal | None
    coached: Coached


def answer(here: Here, question: str, before: Coached | None) -> Help | None:
    """Help with what the words ask for, or with what was spoken of in the last half hour; None where they ask for none."""
    need = coaching.need(question)
    if need is not None:
        task = _task(here, question, need)
        start = before or Coached(need, None, "", (), (), here.now)
        fresh = start.need != need or start.task_id != (task.id if task else None)
        return _helped(here, need, task, start, () if fresh else start.offered)
    if before is None or here.now - before.at > coaching.KEPT:
        return None
    meant = coaching.follow(question)
    task = tasks.known(here.db, before.task_id) if before.task_id else None
    if meant == "thanks":
        return Help(card("coaching", (), ["Good. I am here when you want the next step."], None), None, before)
    if not before.action:
        return None
    if meant == "else":
        return _helped(here, before.need, task, before, before.offered)
    if meant == "why":
        return Help(_why(here, before), None, before)
    if meant == "agreed":
        proposal, busy = _proposal(here, before.action, task, _minutes(before.action, task))
        if proposal is not None or busy:
            said = busy or "Then it waits for your key."
            return Help(card("coaching", (), [said], None), proposal, before)
    return None


def prompt(help_: Help, frame: Frame, question: str, mode: str) -> list[tuple[str, str]]:
    """What a trusted model is told: the card without its values, what the person said without its figures, and the last turns as
    needs and steps. No title is in it but what the person wrote."""
    heard = " ".join(re.sub(r"[^\w\s'’,.?!-]|\d|_", " ", question)[:HEARD].split())
    earlier = "; ".join(f"{need}: {action}" for need, action in help_.coached.turns[:-1])
    names = " ".join(f"{{{name}}}" for name in frame.optional)
    return [
        ("system", f"You are a kind and honest coach. Say one short {'plain' if mode == 'roast' else mode} sentence to the person"
                   f" that makes the step easier. The facts are said already; {names} stand for them. Write no number, no name,"
                   " no promise, nothing about health or money."),
        ("user", f"Person: {heard}\nFacts: {frame.text}" + (f"\nEarlier: {earlier}" if earlier else "")),
    ]


# The situation

def _task(here: Here, question: str, need: Need) -> Task | None:
    """What the help is about: the task that is named, the one spoken of, the one put off the most, else the next."""
    named = named_task(here.db, question)
    if named is not None and named.status == "pending":
        return named
    if here.it is not None and here.it.status == "pending" and re.search(r"\b(?:it|this|that)\b", question, re.IGNORECASE):
        return here.it
    if need == "putting off" and (worst := avoidance.worst(here.db, here.config, here.now, here.tz)) is not None:
        return tasks.known(here.db, worst[0])
    ranked = prioritising.chosen_next(here.db, here.config, here.now, here.tz, learning=False).ranked
    return ranked[0].task if ranked else None


def _helped(here: Here, need: Need, task: Task | None, before: Coached, offered: Sequence[str]) -> Help:
    asked = Asked(here.db, here.config, here.now, here.tz, "", calendar(here.config, here.now, here.tz))
    since_s = habits.at_it_s(asked, habits.stretches(asked, asked.today))
    facts: list[Fact] = []
    again = bool(offered)
    said = [] if again else [coaching.OPENINGS[need], *_situation(asked, need, task, since_s, facts)]
    step = coaching.step(need, _case(here, task), _results(here.db), offered, _seed(here, task, offered), since_s)
    if task is None and (step is None or step.action != coaching.BREAK):
        said.append("Nothing on your list is ready. One step: write down the one thing that is on your mind; `a` adds it.")
        return Help(card("coaching", facts, said, None), None, before.then(need, None, "", here.now))
    if step is None:
        said.append("That is all I know to try. Somebody who knows the work may know more; ask them.")
        return Help(card("coaching", facts, said, None), None, before.then(need, task.id if task else None, "", here.now))
    minutes = _minutes(step.action, task) if step.action != coaching.BREAK else here.config.plan.break_min
    said += _step(step, task, minutes, facts)
    proposal, busy = _proposal(here, step.action, task, minutes)
    if busy:
        said.append(busy)
    after = before.then(need, task.id if task else None, step.action, here.now)
    return Help(card("coaching", facts, said, None), proposal, after)


def _situation(asked: Asked, need: Need, task: Task | None, since_s: float, facts: list[Fact]) -> list[str]:
    """What is so, as far as it bears on the need."""
    said = []
    if since_s >= SINCE_MIN * 60 and need in ("break", "tired", "distracted", "stuck", "overwhelmed"):
        facts.append(time.length("", "since_break", since_s, asked.today))
        said.append(f"You have been at it for {facts[-1].text} without a break.")
    if need == "break" and since_s < coaching.LONG_S:
        said.append("By the clock it can wait; if you are tired, take it all the same.")
    if need in ("motivation", "break", "overwhelmed") and (focused := time.focus_s(asked, asked.today)) >= 60:
        facts.append(time.length("", "focus_time", focused, asked.today))
        said.append(f"Behind you today: {facts[-1].text} in focus categories.")
    if need in ("overwhelmed", "motivation"):
        said += _load(asked, facts)
    if task is not None and need not in ("break", "tired"):
        said += _about(asked, need, task, facts)
    return said


def _load(asked: Asked, facts: list[Fact]) -> list[str]:
    """What is due today, and what is late."""
    opened = tasks.open_by_urgency(asked.db, asked.config, asked.now)
    ends = [end_of(t.due, zone(t.time_zone)) for t, _ in opened if t.due is not None]
    late, due = sum(e <= asked.now for e in ends), sum(asked.now < e <= asked.today.end for e in ends)
    if not late and not due:
        return ["Nothing is due today, and nothing is overdue."]
    facts += [Fact("", "tasks_due", due, "count", say.count(due, "task"), asked.today.key),
              Fact("", "tasks_overdue", late, "count", say.count(late, "task"), asked.today.key)]
    return [f"Due today: {facts[-2].text}. Overdue: {facts[-1].text}."]


def _about(asked: Asked, need: Need, task: Task, facts: list[Fact]) -> list[str]:
    """The task, its due, and how often it was put off."""
    facts.append(Fact(task.title, "task", task.num, "text", f"task {task.num}"))
    said = f"This is about {say.quoted(task.title)} ({facts[-1].text})"
    if task.due is not None:
        facts.append(Fact(task.title, "due", str(task.due), "time", task_view.due_words(task.due, asked.now, asked.tz)))
        late = end_of(task.due, zone(task.time_zone)) <= asked.now
        said += f", overdue: {facts[-1].text}" if late else f", due {facts[-1].text}"
    sentences = [f"{said}."]
    if need == "putting off":
        if task.snooze_count:
            facts.append(Fact(task.title, "snoozes", task.snooze_count, "count", say.count(task.snooze_count, "time")))
            sentences.append(f"You have put it off {facts[-1].text}.")
        worst = avoidance.worst(asked.db, asked.config, asked.now, asked.tz)
        if worst is not None and worst[0] == task.id:
            facts.append(Fact(task.title, "avoidance_score", round(worst[1], 1), "score", f"{worst[1]:.0f} of 100"))
            sentences.append(f"Of your open tasks it has the highest avoidance score, {facts[-1].text}.")
    return sentences


# The step

def _case(here: Here, task: Task | None) -> Case:
    if task is None:
        return Case(None, 0, 0, False, False, 0.0, "")
    age = (here.now - task.created) // timedelta(days=1)
    return Case(task.estimate_min, age, task.snooze_count, task.due is not None, False, 0.0, "")


def _results(db: Connection) -> list[tuple[str, bool]]:
    return [(a["action"], a["status"] == "helped") for a in lives.advice(db) if a["status"] in ("helped", "failed")]


def _seed(here: Here, task: Task | None, offered: Sequence[str]) -> str:
    return f"{task.id if task else ''} {here.now.date()} {len(offered)}"


def _minutes(action: str, task: Task | None) -> int:
    estimate = (task.estimate_min if task else None) or 2 * beside.FOCUS_MIN
    if action == "two minutes":
        return coaching.TWO_MIN
    return max(5, round(estimate / 2)) if action == "split" else min(beside.FOCUS_MIN, max(5, estimate))


def _step(step: Advice, task: Task | None, minutes: int, facts: list[Fact]) -> list[str]:
    facts.append(Fact("", "step", minutes, "min", f"{minutes} min"))
    length = facts[-1].text
    name = say.quoted(task.title) if task else ""
    if step.action == coaching.BREAK:
        return [f"One step: get up, leave the screen for {length}, then come back to one thing."]
    said = {
        "two minutes": f"One step: {length} of {name}, its first move only; stopping after that is allowed.",
        "timebox": f"One step: {length} of {name} on the clock, then stop wherever you are.",
        "split": f"One step: split {name}; a first piece, {length} of it, is due today and the rest waits.",
        "drop": f"One step: decide about {name}: delete it, or give it a date that you mean.",
    }[step.action]
    if step.action == "drop":
        facts.pop()
    if not step.tried:
        return [said]
    facts.append(Fact(step.action, "advice_helped", step.helped, "count", f"{step.helped} of {say.count(step.tried, 'time')}"))
    return [said, f"That helped you {facts[-1].text}."]


def _why(here: Here, before: Coached) -> FactsCard:
    results = _results(here.db)
    helped, tried = sum(h for a, h in results if a == before.action), sum(a == before.action for a, _ in results)
    if not tried:
        return card("coaching", (), ["It is small enough to begin now. Whether it helps you I cannot tell yet: you have not tried"
                                     " it with me."], None)
    fact = Fact(before.action, "advice_helped", helped, "count", f"{helped} of {say.count(tried, 'time')}")
    return card("coaching", [fact], [f"Because of what came of it before: it helped you {fact.text}."], None)


def _proposal(here: Here, action: str, task: Task | None, minutes: int) -> tuple[Proposal | None, str]:
    """The step as a change that waits for a key, else why there is none, in words. To do it is to accept the advice: whether it
    helped is settled when the task is done, or is not."""
    if task is None or action not in ("two minutes", "timebox", "drop", "split"):
        return None, ""
    if action in ("two minutes", "timebox") and focusing.running(here.db, here.now) is not None:
        return None, "The timer runs already; stay with it until it rings."
    try:
        made = _made(here, action, task, minutes)
    except CoachError as error:
        return None, say.capital(f"{error.message}.")

    def do(db: Connection, now: datetime) -> str:
        said = made.do(db, now)
        lives.answer(db, lives.offer(db, task.id, action, now), "accepted", now)
        return said

    return Proposal(made.title, made.lines, do, made.undo, made.hint, made.task_id), ""


def _made(here: Here, action: str, task: Task, minutes: int) -> Proposal:
    """Raises CoachError where it cannot be done."""
    if action == "drop":
        return living.delete(here, Wish("delete", f"#{task.num}"))
    if action != "split":
        return beside.focus(here, Wish("focus", f"#{task.num}", f"{minutes} min"))
    today = calendar(here.config, here.now, here.tz).today
    piece = Draft(f"First piece: {task.title}", due=today, due_all_day=True, project=task.project, estimate_min=minutes,
                  parent=task.id)

    def do(db: Connection, now: datetime) -> str:
        return f"Added {names([tasks.add_draft(db, piece, now, here.tz)])}."

    lines = (Line("new", after=say.quoted(piece.title)), Line("due", after="today"), Line("estimate", after=f"{minutes} min"),
             Line("part of", after=names([task])))
    return Proposal(f"Split {names([task])}", lines, do, task_id=task.id)
