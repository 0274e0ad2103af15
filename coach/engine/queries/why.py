"""Answers to "why": the order of tasks, a block's place, and what the last answer stands on."""

from __future__ import annotations

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.priority import WORDS
from coach.core.task import Task
from coach.core.urgency import terms
from coach.engine import planning, prioritising, views
from coach.engine.queries.asked import Asked
from coach.store import tasks as store

LONGEST = 3
"""Reasons that are named."""
ORIGINS = {
    "time": "exact sums over your recorded timeline, up to this minute",
    "focus": "your focus scores by hour, which `coach score` explains",
    "tasks": "your list of tasks as it stands now",
    "plan": "your calendar, your working hours and the accepted blocks",
    "ahead": "a prediction; `coach models` says who makes it and how good it was",
    "coach": "what I keep about myself",
}
"""What a kind of answer stands on, in words."""


def why_task(asked: Asked) -> FactsCard:
    """Why the task asked about stands where it does, by default the first one."""
    order = prioritising.chosen_next(asked.db, asked.config, asked.now, asked.tz, learning=False)
    if not order.ranked:
        return card("why_task", (), ["Nothing is ready to be worked on, so nothing comes first."], "good")
    place, one = next(((n, r) for n, r in enumerate(order.ranked, 1) if asked.task is not None and r.task.id == asked.task.id),
                      (1, order.ranked[0]))
    among = Fact("", "among", len(order.ranked), "count", say.count(len(order.ranked), "ready task"))
    rank = Fact(one.task.title, "place", place, "count", f"number {place}")
    facts = [rank, among, Fact(one.task.title, "urgency", round(one.urgency, 2), "score", f"{one.urgency:.1f}")]
    sentences = [f"{say.quoted(one.task.title)} is {rank.text} of {among.text}; its urgency is {facts[2].text}."]
    reasons = _reasons(asked, one.task, facts)
    if reasons:
        sentences.append(f"What makes it so: {say.listing(reasons)}.")
    if order.by == "model":
        facts.append(Fact("", "choices", order.n, "count", say.count(order.n, "choice")))
        words = [name for name, value in ((WORDS[n], v) for n, v in one.why) if value > 0]
        learnt = f", which favours {say.listing(words)}" if words else ""
        sentences.append(f"The order is learnt from {facts[-1].text} of yours{learnt}.")
    else:
        sentences.append("The order is by urgency: due date, priority, age and what waits for it.")
    return card("why_task", facts, sentences, "ahead")


def _reasons(asked: Asked, task: Task, facts: list[Fact]) -> list[str]:
    blocked, blocking = store.chained(asked.db)
    parts = terms(task, asked.now, asked.config.urgency, blocked=task.id in blocked, blocking=task.id in blocking)
    found = sorted(parts, key=lambda x: -abs(x[1]))
    words = []
    for name, value in found[:LONGEST]:
        if abs(value) >= 0.05:
            facts.append(Fact(task.title, f"urgency_{name}", round(value, 2), "score", f"{value:+.1f}"))
            words.append(f"{name.replace('_', ' ')} {facts[-1].text}")
    return words


def why_block(asked: Asked) -> FactsCard:
    """Why a block stands where it stands: of the task asked about, else the next one ahead."""
    shown = views.plan_blocks(asked.db, asked.now, asked.now.replace(year=asked.now.year + 1), asked.now, asked.tz)
    ahead = [b for b in shown if b.block.end > asked.now and (asked.task is None or b.block.task_id == asked.task.id)]
    if ahead:
        one = ahead[0]
        block, title, reasons = one.block, one.title, one.block.reasons
    else:
        made = planning.propose(asked.db, asked.config, asked.now, asked.tz, quick=True)
        found = [b for b in made.plan.blocks if asked.task is None or b.task_id == asked.task.id]
        if not found:
            named = f"{say.quoted(asked.task.title)} has no block ahead" if asked.task else "No block is planned ahead"
            return card("why_block", (), [f"{named}. `coach plan` makes a plan and says why."], None)
        block, title = found[0], made.tasks[found[0].task_id].title
        reasons = block.reasons
    day = say.day(block.start, asked.tz, asked.now)
    when = f"{day} {say.clock(block.start, asked.tz)}–{say.clock(block.end, asked.tz)}"
    facts = [Fact(title, "block", block.start.isoformat(), "time", when)]
    facts += [Fact(title, f"reason_{r.kind}", r.value, "text", r.text) for r in reasons]
    status = "planned" if ahead else "what a plan would propose now"
    said = f"{say.quoted(title)}, {facts[0].text}, is {status}."
    if not reasons:
        return card("why_block", facts, [said, "No reasons were kept with it; somebody placed it by hand or long ago."], "ahead")
    return card("why_block", facts, [said, *(f"• {f.text}" for f in facts[1:])], "ahead")


def origin(kind: str) -> FactsCard:
    """What the last answer stands on."""
    return card("why", (), [f"That answer stands on {ORIGINS[kind]}."])
