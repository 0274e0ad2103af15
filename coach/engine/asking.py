"""One question a day at most, and only where the answer changes what Coach does: a length in a plan that does not hold
everything, what a short form in many titles means, a frequent title between two categories. Each can be dismissed, and all of
them turned off."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.abbreviation import words_of
from coach.core.when import logical_day
from coach.engine import language, tasks
from coach.store import blocks, questions
from coach.store import language as words_store
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction

FREQUENT = 3
"""Titles that an answer must be about."""
NEAR = 0.15
"""Two categories are between each other where their probabilities differ by less."""
LIKELY = 0.25
LENGTHS = {"15 min": 15, "30 min": 30, "1 h": 60, "2 h": 120, "4 h": 240}
MOST = 300


@dataclass(frozen=True, slots=True)
class Question:
    """`why` says what the answer decides; `reach` is how many titles it is about."""

    day: str
    kind: Literal["length", "words", "category"]
    subject: str
    text: str
    why: str
    choices: tuple[str, ...]
    reach: int = 1

    def line(self) -> str:
        return f"{self.text} {self.why}"


def due(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Question | None:
    """Today's question while it is open; None where there is none worth asking. Reads only; see `note`."""
    if not config.learning.questions:
        return None
    day = logical_day(now, tz, clock(config.time.day_start)).isoformat()
    kept = questions.of(db, day)
    if kept is not None:
        if kept["status"] != "shown":
            return None
        data = kept["data"]
        return Question(day, kept["kind"], kept["subject"], data["text"], data["why"], tuple(data["choices"]), data["reach"])
    before = questions.asked(db)
    found = [q for q in (*_lengths(db, day), *_words(db, day), *_categories(db, day)) if (q.kind, q.subject) not in before]
    return max(found, key=lambda q: (q.kind == "length", q.reach), default=None)


def note(db: Connection, question: Question) -> None:
    """It was shown: no other is on that day."""
    data = {"text": question.text, "why": question.why, "choices": question.choices, "reach": question.reach}
    questions.put(db, question.day, question.kind, question.subject, data)


def answer(db: Connection, question: Question, choice: str, now: datetime) -> str:
    """Do what the choice says, as one undoable action; returns what was done, in words."""
    with transaction(db):
        said = _done(db, question, choice, now)
        questions.close(db, question.day, "answered", choice)
    return said


def dismiss(db: Connection, question: Question) -> None:
    """Not today, and this one never again."""
    questions.close(db, question.day, "dismissed", None)


def _done(db: Connection, question: Question, choice: str, now: datetime) -> str:
    if question.kind == "length":
        task = tasks.find(db, question.subject)
        tasks.update(db, task, now, "estimate", estimate_min=LENGTHS[choice])
        return f"{choice} for {task.num}"
    if question.kind == "words":
        short, _, long = question.subject.partition("=")
        if choice == "Yes":
            language.accept(db, short, long, now)
            return f"{short} = {long} from now on"
        language.remove(db, short, long, now)
        return f"{short} stays as it is"
    from coach.engine import categorising  # numpy

    alike = [t for t in tasks_store.open_tasks(db) if _plain(t.title) == question.subject]
    categorising.choose(db, alike, choice, now)
    return f"{choice} for {len(alike)} task{'' if len(alike) == 1 else 's'}"


def _lengths(db: Connection, day: str) -> Iterator[Question]:
    """Of a planned task without an estimate, while something else found no place."""
    left = tasks_store.open_titles(db, [u.task_id for u in blocks.unplaced(db)])
    if not left:
        return
    for block in blocks.with_status(db, "proposed"):
        task = tasks_store.get(db, block.task_id)
        if task is not None and task.estimate_min is None and task.status == "pending":
            why = f"The plan has no place for {len(left)} task{'' if len(left) == 1 else 's'}; your answer moves it."
            yield Question(day, "length", task.id, f"How long will “{task.title}” take?", why, tuple(LENGTHS))
            return


def _words(db: Connection, day: str) -> Iterator[Question]:
    counts: Counter[str] = Counter()
    for _, title, _, _ in words_store.titles(db, MOST):
        counts.update({title[start:end].casefold() for start, end in words_of(title)})
    for one in language.view(db).expansions:
        if one.kind == "words" and one.state == "offered" and counts[one.short] >= FREQUENT:
            n = counts[one.short]
            why = f"It is in {n} titles; search and questions will read it so."
            text = f"Does “{one.short}” mean “{one.long}”?"
            yield Question(day, "words", f"{one.short}={one.long}", text, why, ("Yes", "No"), n)


def _categories(db: Connection, day: str) -> Iterator[Question]:
    counts = Counter(_plain(title) for _, title, _, _ in words_store.titles(db, MOST))
    for title, alternatives in questions.unclear(db, MOST):
        best = json.loads(alternatives)[:2]
        n = counts[_plain(title)]
        if n >= FREQUENT and len(best) == 2 and best[0][1] - best[1][1] < NEAR and best[1][1] >= LIKELY:
            names = (str(best[0][0]), str(best[1][0]))
            why = f"You have written it {n} times; one answer settles it."
            yield Question(day, "category", _plain(title), f"Is “{title}” {names[0]} or {names[1]}?", why, names, n)


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())
