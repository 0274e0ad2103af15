"""The demo: a simulated person's months in a throw-away store, everything as it would be had Coach been there."""

from __future__ import annotations

import json
import os
import shlex
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, Home, find_home, home_at
from coach.core import change
from coach.core.change import Change
from coach.core.errors import InvalidInput
from coach.core.task import Task, stored
from coach.core.when import from_ms, iso, to_ms
from coach.engine import activity, categories, categorising, guessing, language, preferences
from coach.engine.models import Models
from coach.simulation.life import SimulatedLife, simulate, to_jsonl
from coach.store import bulk, changes, events, keys, opening, rollups, tasks
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import Access

Progress = Callable[[str], None]

SOURCE = "x11"
CATEGORISE = "categorise"
CATEGORY = ("category", "category_confidence")
MOST_S = 10.0
"""What the jobs would do may take so long; it takes a second."""
LABELS = {"create": "add task", "snooze": "snooze task", "complete": "complete task", "delete": "delete task"}


def create_demo(
    home: Home, days: int, seed: int, now: datetime, tz: ZoneInfo, config: Config | None = None, *,
    key_file: str | None = None, role: str = "developer", on_progress: Progress | None = None,
) -> Unlocked:
    """A new store in `home`, filled. Without `key_file` the key is only in the value returned, so that nothing opens
    the store once this process is gone; with one ("" is the usual place) any command can open it.

    Raises InvalidInput where there is a store already."""
    if opening.exists(home):
        raise InvalidInput(f"there is a store in {home.data} already", "name an empty folder with --home")
    life = simulate(days, seed, now, tz, role=role)
    unlocked = _memory_store(home, now) if key_file is None else opening.open_store(
        home, Access(key_file=key_file, use_keyring=False), now)
    db = connect(unlocked, durable=False)
    try:
        fill(db, life, now, tz, config or Config(), on_progress or (lambda what: None))
    finally:
        db.close()
    return unlocked


@dataclass(frozen=True, slots=True)
class Made:
    """What `coach demo --no-app` has filled."""

    home: str
    key_file: str
    days: int
    seed: int
    person: str
    role: str
    events: int
    tasks: int

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def words(self) -> str:
        return (f"{self.days} days of {self.person}, a {self.role}: "
                f"{self.events:,} stretches of time, {self.tasks:,} tasks.\n"
                f"Look around with: coach --home {shlex.quote(self.home)}")


def create(folder: str, days: int, seed: int, now: datetime, tz: ZoneInfo, config: Config) -> Made:
    """A demo that stays, in `folder` or COACH_HOME, its key in a key file. Raises InvalidInput without a folder."""
    folder = folder or os.environ.get("COACH_HOME", "")
    if not folder:
        raise InvalidInput("a demo without the app needs a folder", "coach demo --no-app --home DIR")
    home = find_home(folder)
    db = connect(create_demo(home, days, seed, now, tz, config, key_file=""))
    try:
        events_made, tasks_made = sum(events.counts(db).values()), len(tasks.every(db))
        person, role = preferences.get(db, "name"), preferences.get(db, "role")
    finally:
        db.close()
    info = keys.read_info(opening.info_file(home))
    return Made(str(home.data.parent), info.key_file if info else "", days, seed, person, role, events_made, tasks_made)


@contextmanager
def throw_away(
    folder: str, days: int, seed: int, now: datetime, tz: ZoneInfo, config: Config,
) -> Iterator[tuple[Home, Unlocked, Config]]:
    """A demo for the time of the block, in a new folder (below `folder` if given) that is removed afterwards. Its
    nudges stay inside the app: they are about somebody who does not exist."""
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="coach-demo-", dir=folder or None, ignore_cleanup_errors=True) as own:
        home = home_at(Path(own))
        quiet = replace(config, nudge=replace(config.nudge, desktop=False))
        yield home, create_demo(home, days, seed, now, tz, quiet), quiet


def simulated_lines(days: int, seed: int, family: str, now: datetime, tz: ZoneInfo) -> Iterator[str]:
    """`coach simulate`: one JSON object a line, told apart by `kind`, the ground truth last. Raises InvalidInput."""
    for line in to_jsonl(simulate(days, seed, now, tz, family)):
        yield json.dumps(line, ensure_ascii=False)


def fill(
    db: Connection, life: SimulatedLife, now: datetime, tz: ZoneInfo, config: Config, on_progress: Progress,
) -> None:
    """Write a life into an empty store, in one transaction: events, timeline, roll-ups and scores, tasks with their
    history and categories, meetings and planned blocks."""
    with transaction(db):
        on_progress("who they are")
        _introduce(db, life, config, now)
        on_progress("what they did")
        _lived(db, life, now, tz, config)
        on_progress("what they planned")
        models = Models(config)
        _planned(db, life, _categories(db, life, models, now))
    guessing.fill(db, models, now, MOST_S)  # guesses on what is open and short forms, as the jobs would have made
    language.renew(db, now)
    models.close()


def _introduce(db: Connection, life: SimulatedLife, config: Config, now: datetime) -> None:
    values = {"name": life.person.name, "role": life.person.role, "onboarded": True, "profiling_consent": True}
    begun = from_ms(life.events[0][0]) if life.events else now
    preferences.put(db, values, begun, label="introduce yourself")


def _lived(db: Connection, life: SimulatedLife, now: datetime, tz: ZoneInfo, config: Config) -> None:
    rules = categories.load(db, config)
    bucket = events.bucket(db, SOURCE, events.BUCKET_TYPES["window"], now, hostname="demo")
    ids = bulk.contexts(db, {event[2:] for event in life.events}, rules.categorise)
    rows = [(event[0], event[1], ids[event[2:]]) for event in life.events]
    bulk.events(db, bucket, rows)
    bulk.line(db, bucket, rows, lambda ms: activity.offset_min(ms, tz))
    rollups.rebuild_all(db, rules.day_start_min)
    categories.catch_up(db, config, starting=True)
    while activity.score_hours(db, rules, now):
        pass


def _categories(db: Connection, life: SimulatedLife, models: Models, now: datetime) -> dict[str, tuple[str, float]]:
    """(category, confidence) by title, of those that are certain, by the shipped categoriser; empty without its files."""
    titles = sorted({task.title for step in life.steps for task in (step.task, step.series) if task is not None})
    if models.embedder() is None or models.categoriser() is None or not titles:
        return {}
    answers = categorising.answers(categorising.ready(db, models, now), [(title, "") for title in titles])
    return {
        title: (a.category, round(a.confidence, 3)) for title, a in zip(titles, answers, strict=True)
        if a.category is not None and a.decision == "auto"
    }


def _planned(db: Connection, life: SimulatedLife, known: Mapping[str, tuple[str, float]]) -> None:
    """Tasks step by step and days as they were planned, in the order of time, each an action of its own; a task's category, where
    it is `known`, comes right after it."""
    actions = sorted([*_task_edits(life, known), *_plan_edits(life)], key=lambda action: action[0])
    for at, label, edits in actions:
        changes.apply(db, edits, now=at, label=label, actor="coach" if label == CATEGORISE else "user")
    calendar = str(uuid.uuid5(uuid.NAMESPACE_OID, f"demo calendar {life.truth['seed']}"))
    begun = life.meetings[0].start if life.meetings else from_ms(0)
    values = {"name": "Work", "kind": "demo", "location": "", "enabled": 1, "created": iso(begun)}
    changes.apply(db, [change.create("calendar", calendar, values)], now=begun, label="add calendar", actor="coach")
    bulk.calendar_events(db, calendar, (
        {"uid": m.uid, "start_ms": to_ms(m.start), "end_ms": to_ms(m.end), "title": m.title} for m in life.meetings))


def _task_edits(
    life: SimulatedLife, known: Mapping[str, tuple[str, float]]
) -> Iterator[tuple[datetime, str, list[Change]]]:
    before: dict[str, dict[str, Any]] = {}
    for step in life.steps:
        edits: list[Change] = []
        filled: list[Change] = []
        for task in (step.task, step.series):
            if task is None:
                continue
            values, old = _values(task), before.get(task.id)
            category = dict(zip(CATEGORY, known.get(task.title, (None, None)), strict=True))
            if old is None and step.action == "create" and category["category"]:
                filled.append(change.update("task", task.id, {name: values[name] for name in CATEGORY}, category))
            else:
                values |= category
            edits.append(change.create("task", task.id, values) if old is None else change.update(
                "task", task.id, old, values))
            before[task.id] = values | category
        yield step.at, LABELS[step.action], edits
        if filled:
            yield step.at, CATEGORISE, filled


def _plan_edits(life: SimulatedLife) -> Iterator[tuple[datetime, str, list[Change]]]:
    """One accepted plan a day, made before its first block and after the tasks in it were noted."""
    noted = {s.task.id: s.at for s in life.steps if s.action == "create"}
    days: dict[str, list[Change]] = {}
    made: dict[str, datetime] = {}
    for index, block in enumerate(life.blocks):
        day = block.start.date().isoformat()
        made[day] = max(made.get(day, block.start), noted[block.task_id])
        values: dict[str, Any] = {
            "task_id": block.task_id, "start": iso(block.start), "end": iso(block.end), "status": block.status,
            "reasons": [], "confidence": None, "created": iso(made[day]),
        }
        block_id = str(uuid.uuid5(uuid.UUID(block.task_id), f"block {index}"))
        days.setdefault(day, []).append(change.create("block", block_id, values))
    for day, edits in days.items():
        yield made[day], "accept plan", edits


def _values(task: Task) -> dict[str, Any]:
    return {name: value for name, value in stored(task).items() if name != "id"}


def _memory_store(home: Home, now: datetime) -> Unlocked:
    home.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    unlocked = Unlocked(home.store_file, keys.new_key(), str(uuid.uuid4()))
    opening.fill(unlocked, now)
    return unlocked
