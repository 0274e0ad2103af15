"""Two guided conversations: planning in the morning, shutting down in the evening. Each step says what is, computed from
the store, and offers what can be done about it; a number, or the words of the offer, does it, and undo takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from coach.config import clock
from coach.core import say
from coach.core.errors import CoachError
from coach.core.facts import Fact
from coach.core.task import Task
from coach.core.when import end_of, logical_day, zone
from coach.core.words import duration
from coach.engine import activity, day, focusing, planning, tasks
from coach.engine.acting.proposal import Do, Here
from coach.engine.categories import load as load_rules
from coach.engine.plan_load import load as load_of
from coach.store import blocks
from coach.store import tasks as stored
from coach.store.db import Connection

Name = Literal["morning", "evening"]
NAMED = 5
"""Tasks that a step names; the rest are counted."""
OFFERED = 3
FIRST_MIN = 25
NOON = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be chosen; `do` None leaves everything as it is."""

    label: str
    do: Do | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is said, on which facts, and what is offered; without offers the ritual goes on by itself."""

    text: str
    facts: tuple[Fact, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Ritual:
    """Where a conversation stands: the number of the step that was said last, and the step itself."""

    name: Name
    at: int
    step: Step


@dataclass(frozen=True, slots=True)
class Said:
    """What comes next: text, its facts, and the ritual as it stands; None when it is over."""

    text: str
    facts: tuple[Fact, ...]
    ritual: Ritual | None


def begin(name: Name, here: Here) -> Said:
    """The first step that has something to say."""
    return _from(name, 0, here, "")


def answer(ritual: Ritual, text: str, here: Here) -> Said | None:
    """Do what was chosen and go on. None when the words choose nothing: they are then a question of their own, and the ritual
    waits."""
    words = text.strip().lower().rstrip(".!")
    if re.fullmatch(r"(?:stop|quit|cancel|exit|bye|enough|no more|that'?s all)", words):
        return Said("We stop here; what was done stays done.", (), None)
    chosen = _chosen(ritual.step.offers, words)
    if chosen is None:
        return None
    done = ""
    if chosen.do is not None:
        try:
            done = chosen.do(here.db, here.now)
        except CoachError as error:
            done = f"{error.message}; {error.hint}" if error.hint else error.message
    return _from(ritual.name, ritual.at + 1, here, done)


def _chosen(offers: Sequence[Offer], words: str) -> Offer | None:
    if words.isdigit():
        return offers[int(words) - 1] if 1 <= int(words) <= len(offers) else None
    if words in ("skip", "next", "no", "leave", "leave it", "leave them", "not now", "later"):
        return offers[-1]
    if words in ("yes", "y", "ok", "okay", "sure", "do it", "go"):
        return offers[0]
    near = [o for o in offers if words and o.label.lower().startswith(words)]
    return near[0] if len(near) == 1 else None


def _from(name: Name, at: int, here: Here, done: str) -> Said:
    """The next step from number `at` on that has something to say, after what was done."""
    said: list[str] = [done] if done else []
    facts: list[Fact] = []
    for number in range(at, len(STEPS[name])):
        step = STEPS[name][number](here)
        if step is None:
            continue
        said.append(step.text)
        facts += step.facts
        if step.offers:
            said += [f"  {n}  {offer.label}" for n, offer in enumerate(step.offers, 1)]
            return Said("\n".join(said), tuple(facts), Ritual(name, number, step))
    return Said("\n".join(said), tuple(facts), None)


# The morning


def _left_over(here: Here) -> Step | None:
    found = _overdue(here)
    if not found:
        return None
    fact = Fact("", "overdue", len(found), "count", say.count(len(found), "task"))
    verb = "is" if len(found) == 1 else "are"
    greeting = "Good morning. " if here.now.astimezone(here.tz).hour < NOON else ""
    text = f"{greeting}{say.capital(fact.text)} from before {verb} overdue: {_titles(found)}."
    return Step(text, (fact, *_named(found)), (
        Offer("all to today", _due(here, found, "today")), Offer("all to tomorrow", _due(here, found, "tomorrow")),
        Offer("leave them")))


def _today_ahead(here: Here) -> Step | None:
    due = _due_today(here)
    given = planning.propose(here.db, here.config, here.now, here.tz, 1, quick=True).given
    load = load_of(here.db, given)
    free = Fact("", "free", load.free_min, "min", duration(load.free_min * 60))
    if not due:
        left = f"{free.text} of working time is free" if load.free_min else "no working time is left"
        return Step(f"Nothing is due today, and {left}.", (free,))
    need_min = sum(t.estimate_min or here.config.plan.default_estimate_min for t in due)
    number = Fact("", "due_today", len(due), "count", say.count(len(due), "task"))
    need = Fact("", "needed", need_min, "min", duration(need_min * 60))
    text = f"Due today: {number.text} ({_titles(due)}), {need.text} of work by the estimates; {free.text} is free."
    facts = (number, need, free, *_named(due))
    if need_min <= load.free_min or len(due) < 2:
        return Step(text, facts)
    too_much = f"{text} {'That is too much.' if load.free_min else 'No working time is left today.'}"
    movable = _beyond(here, due, load.free_min)
    if not movable:
        return Step(too_much, facts)
    when, words = _on_next_working_day(here)
    moved = Fact("", "to_move", len(movable), "count", say.count(len(movable), "task"))
    what = say.quoted(movable[0].title, 40) if len(movable) == 1 else f"the {moved.text} that do not fit"
    return Step(too_much, (*facts, moved), (Offer(f"move {what} to {words}", _due(here, movable, when)), Offer("leave them")))


def _make_plan(here: Here) -> Step | None:
    made = planning.propose(here.db, here.config, here.now, here.tz)
    today = here.now.astimezone(here.tz).date()
    new = [b for b in made.plan.blocks if b.start.astimezone(here.tz).date() == today]
    if not new:
        return None
    titles = {b.task_id: t.title for b in new if (t := tasks.known(here.db, b.task_id)) is not None}
    lines = [f"  {say.clock(b.start, here.tz)}–{say.clock(b.end, here.tz)}  {say.quoted(titles.get(b.task_id, ''))}" for b in new]
    facts = tuple(
        Fact(titles.get(b.task_id, ""), "block", b.start.isoformat(), "time",
             f"{say.clock(b.start, here.tz)}–{say.clock(b.end, here.tz)}") for b in new
    )

    def accept(db: Connection, now: datetime) -> str:
        kept = planning.show(db, made, now)
        ids = [b.id for b in kept.plan.blocks if b.start.astimezone(here.tz).date() == today]
        planning.accept(db, ids, now)
        return f"{say.capital(say.count(len(ids), 'block'))} accepted."

    return Step("I would plan today so:\n" + "\n".join(lines), facts, (Offer("accept", accept), Offer("not now")))


def _first_thing(here: Here) -> Step | None:
    if focusing.running(here.db, here.now) is not None:
        return None
    task = _next(here)
    if task is None:
        return Step("There is no open task. Enjoy the day.")
    fact = Fact(task.title, "next", task.num, "count", f"#{task.num}")

    def focus(db: Connection, now: datetime) -> str:
        focusing.start(db, now, FIRST_MIN, task)
        return f"The timer runs for {FIRST_MIN} min."

    timer = Fact("", "timer", FIRST_MIN, "min", f"{FIRST_MIN} min")
    return Step(f"First: {fact.text} {say.quoted(task.title)}.", (fact, timer), (
        Offer(f"start a focus of {FIRST_MIN} min on it", focus), Offer("not yet")))


# The evening


def _how_it_was(here: Here) -> Step | None:
    this_day = logical_day(here.now, here.tz, clock(here.config.time.day_start))
    start, end = activity.bounds(this_day, here.config, here.tz)
    done = stored.completed_between(here.db, start, end)
    spent = day.day_focus(day.spans(here.db, start, min(end, here.now)), load_rules(here.db, here.config))
    planned = [b for b in planning.blocks_between(here.db, start, end) if b.status in ("accepted", "done")]
    number = Fact("", "done", len(done), "count", say.count(len(done), "task"), this_day.isoformat())
    facts = [number]
    text = f"Today: {number.text} done" + (f" ({_titles(done)})" if done else "")
    if spent.active_s:
        facts += [Fact("", "active", spent.active_s, "s", duration(spent.active_s), this_day.isoformat()),
                  Fact("", "focus_time", spent.focus_s, "s", duration(spent.focus_s), this_day.isoformat())]
        text += f"; {facts[1].text} active, {facts[2].text} of it in focus categories"
    if planned:
        ended = sum(b.status == "done" for b in planned)
        facts += [Fact("", "blocks_done", ended, "count", str(ended), this_day.isoformat()),
                  Fact("", "blocks", len(planned), "count", say.count(len(planned), "block"), this_day.isoformat())]
        text += f"; {facts[-2].text} of {facts[-1].text} of the plan are done"
    return Step(f"{text}.", (*facts, *_named(done)))


def _still_running(here: Here) -> Step | None:
    on = [t for t, _ in tasks.select(here.db, ("+ACTIVE",), here.config, here.now, here.tz)]
    if not on:
        return None

    def pause(db: Connection, now: datetime) -> str:
        if focusing.running(db, now) is not None:
            focusing.stop(db, now)
        for task in on:
            fresh = tasks.known(db, task.id)
            if fresh is not None and fresh.started is not None:
                tasks.stop(db, fresh, now)
        return "Stopped; the minutes are kept."

    verb = "is" if len(on) == 1 else "are"
    return Step(f"{_titles(on)} {verb} still running.", _named(on), (Offer("pause it", pause), Offer("leave it running")))


def _unfinished(here: Here) -> Step | None:
    found = list({t.id: t for t in (*_overdue(here), *_due_today(here))}.values())
    if not found:
        return Step("Nothing that was due is left open.")
    fact = Fact("", "unfinished", len(found), "count", say.count(len(found), "task"))
    when, words = _on_next_working_day(here)
    later = () if when == "tomorrow" else (Offer(f"all to {words}", _due(here, found, when)),)
    return Step(f"{say.capital(fact.text)} that {'was' if len(found) == 1 else 'were'} due {'is' if len(found) == 1 else 'are'} "
                f"open: {_titles(found)}.", (fact, *_named(found)), (
        Offer("all to tomorrow", _due(here, found, "tomorrow")), *later, Offer("leave them")))


def _tomorrow_first(here: Here) -> Step | None:
    ready = [t for t, _ in tasks.ready(here.db, here.config, here.now)][:OFFERED]
    if not ready:
        return None
    morning = clock(here.config.time.work_start)
    when = f"start {_next_working_day(here).isoformat()} {morning:%H:%M}"

    def first(task: Task) -> Do:
        def do(db: Connection, now: datetime) -> str:
            fresh = tasks.find(db, task.id)
            tasks.edit_text(db, fresh, when, here.config, now, here.tz)
            return f"{say.quoted(task.title)} comes first."

        return do

    return Step("What comes first on the next working day?", _named(ready), (
        *(Offer(say.quoted(t.title), first(t)) for t in ready), Offer("decide then")))


def _closing(here: Here) -> Step | None:
    return Step("That was the day.")


STEPS: Mapping[Name, tuple[Callable[[Here], Step | None], ...]] = {
    "morning": (_left_over, _today_ahead, _make_plan, _first_thing),
    "evening": (_how_it_was, _still_running, _unfinished, _tomorrow_first, _closing),
}


# Parts


def _overdue(here: Here) -> list[Task]:
    opened = [t for t, _ in tasks.ready(here.db, here.config, here.now)]
    return [t for t in opened if t.due is not None and end_of(t.due, zone(t.time_zone)) <= here.now]


def _due_today(here: Here) -> list[Task]:
    """Those due later today, most urgent first."""
    this_day = logical_day(here.now, here.tz, clock(here.config.time.day_start))
    _, end = activity.bounds(this_day, here.config, here.tz)
    opened = [t for t, _ in tasks.ready(here.db, here.config, here.now)]
    return [t for t in opened if t.due is not None and here.now < end_of(t.due, zone(t.time_zone)) <= end]


def _next(here: Here) -> Task | None:
    ahead = [b for b in blocks.with_status(here.db, "accepted") if b.end > here.now]
    for block in sorted(ahead, key=lambda b: b.start):
        task = tasks.known(here.db, block.task_id)
        if task is not None and task.status == "pending" and block.start - here.now < timedelta(hours=4):
            return task
    found = tasks.next_ready(here.db, here.config, here.now)
    return found[0] if found else None


def _due(here: Here, chosen: Sequence[Task], when: str) -> Do:
    """Gives them another day; a task with a time keeps it, where it is still ahead."""
    def do(db: Connection, now: datetime) -> str:
        fresh = [t for one in chosen if (t := tasks.known(db, one.id)) is not None and t.status == "pending"]
        tasks.edit_all(db, fresh, when, here.config, now, here.tz)
        return f"{say.capital(say.count(len(fresh), 'task'))} moved to {when}."

    return do


def _next_working_day(here: Here) -> date:
    """The first day after today on which work is done."""
    today = here.now.astimezone(here.tz).date()
    days = here.config.time.work_days or ("mon", "tue", "wed", "thu", "fri")
    return next(d for n in range(1, 8) if (d := today + timedelta(days=n)).strftime("%a").lower() in days)


def _on_next_working_day(here: Here) -> tuple[str, str]:
    """(what quick-add reads, what people say) of that day."""
    working, today = _next_working_day(here), here.now.astimezone(here.tz).date()
    if working == today + timedelta(days=1):
        return "tomorrow", "tomorrow"
    words = working.strftime("%A")
    return (f"next {words.lower()}" if working.weekday() == today.weekday() else words.lower()), words


def _beyond(here: Here, due: Sequence[Task], free_min: int) -> list[Task]:
    """Of tasks, most urgent first, the least urgent ones without which the rest fits; a hard deadline is not moved."""
    left = sum(t.estimate_min or here.config.plan.default_estimate_min for t in due)
    found = []
    for task in reversed(due):
        if left <= free_min:
            break
        if not task.due_hard:
            found.append(task)
            left -= task.estimate_min or here.config.plan.default_estimate_min
    return found


def _titles(found: Sequence[Task]) -> str:
    more = [say.count(len(found) - NAMED, "more", "more")] if len(found) > NAMED else []
    return say.listing([*(say.quoted(t.title, 40) for t in found[:NAMED]), *more])


def _named(found: Sequence[Task]) -> tuple[Fact, ...]:
    more = (Fact("", "more", len(found) - NAMED, "count", str(len(found) - NAMED)),) if len(found) > NAMED else ()
    return (*(Fact(t.title, "title", t.title, "text", t.title) for t in found[:NAMED]), *more)
