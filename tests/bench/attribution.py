"""How right proposals of tracked time for tasks are: precision, what is found, and whether confidences keep what they say.

    python tests/bench/attribution.py [--days 60] [--seeds 3] [--first 400]

Three truths, none of them real people's (`coach attribute list` counts a person's own decisions):

- "made up": the days of tests/core/attributed_days.py, known to the minute, but written by who chose the weights.
- "background": people of every role from `coach.simulation`. Their windows know nothing of their tasks beyond a project, and
  draw from the same few topics: what is proposed there is chance, so few proposals a day and next to no sure ones are good.
  The floor is the share of a day's open tasks that were worked on that day.
- "worked": the same days, and for each task that was worked on then its true minutes in windows laid over them: a third carry
  some of its words, a third only its project, a branch named after it (developers, support), a third nothing of it. Minutes
  against minutes, by confidence. The floor gives all that time to the most likely project's oldest task.

The last line times one day of 10,000 different windows against 2,000 tasks.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from coach.config import shipped
from coach.core.attribution import SURE, propose, without
from coach.core.category import Categoriser, Category, categorise, category_named, compiled, from_taxonomy
from coach.core.evidence import Tracked, indexed
from coach.core.projects import settled
from coach.core.task import Task
from coach.core.when import day_bounds, logical_day, to_ms
from coach.simulation.life import SimulatedLife, simulate
from coach.simulation.places import ROLES
from tests.core.attributed_days import DAYS

Rules: TypeAlias = tuple[dict[str, Category], Categoriser]

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
BLOCK_DAYS = 20
"""So far back the simulator tells which task was worked on when."""


def made_up() -> dict[str, object]:
    """Minutes against minutes."""
    minutes: dict[str, float] = defaultdict(float)
    promised: dict[str, float] = defaultdict(float)
    for day in DAYS:
        truth = {(s.start_ms, s.end_ms): task_id for s, task_id in day.stretches()}
        minutes["meant"] += sum((b - a) / 60_000 for (a, b), task_id in truth.items() if task_id)
        for found in propose([s for s, _ in day.stretches()], indexed(day.tasks), {}):
            for name in ("all", *(("sure",) if found.confidence >= SURE else ())):
                minutes[name] += found.ms / 60_000
                promised[name] += found.confidence * found.ms / 60_000
                minutes[f"{name} right"] += sum(
                    max(0, min(b, y) - max(a, x)) / 60_000
                    for (a, b), task_id in truth.items() if task_id == found.task_id for x, y in found.spans
                )
    return {
        "truth": "made up", "people": len(DAYS), "unit": "minutes", "meant": round(minutes["meant"]),
        "found_share": round(minutes["all right"] / minutes["meant"], 3),
        **{f"{name}_{key}": value for name in ("all", "sure") for key, value in (
            ("n", round(minutes[name])), ("precision", round(minutes[f"{name} right"] / minutes[name], 3)),
            ("promised", round(promised[name] / minutes[name], 3)),
        )},
    }


@dataclass
class Sums:
    """Of proposals and of their minutes."""

    days: int = 0
    proposals: int = 0
    sure: int = 0
    right_days: int = 0
    chance: float = 0.0
    promised_days: float = 0.0
    bins: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    meant: float = 0.0
    floor: float = 0.0


def simulated(days: int, seeds: int, first: int) -> Iterator[dict[str, object]]:
    """Background and worked days of every role."""
    rules = _rules()
    sums = {(truth, role): Sums() for truth in ("background", "worked") for role in ROLES}
    for role in ROLES:
        for seed in range(first, first + seeds):
            _person(simulate(days, seed, NOW, TZ, role=role), rules, random.Random(seed), sums, role)
    for role in ROLES:
        own = sums["background", role]
        yield {
            "truth": "background", "role": role, "days": own.days, "proposals_per_day": round(own.proposals / own.days, 2),
            "sure_per_day": round(own.sure / own.days, 3), "promised": round(own.promised_days / max(1, own.proposals), 3),
            "worked_on_that_day": round(own.right_days / max(1, own.proposals), 3), "floor": round(own.chance / own.days, 3),
        }
    bins: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for role in ROLES:
        own = sums["worked", role]
        found = [sum(column) for column in zip(*own.bins.values(), strict=True)]
        for name, column in own.bins.items():
            bins[name] = [a + b for a, b in zip(bins[name], column, strict=True)]
        yield {
            "truth": "worked", "role": role, "unit": "minutes", **_line(found), "meant": round(own.meant),
            "found_share": round(found[1] / own.meant, 3), "floor": round(own.floor / own.meant, 3),
        }
    for name, column in sorted(bins.items()):
        yield {"truth": "worked", "confidence": name, "unit": "minutes", **_line(column)}


def _line(column: list[float]) -> dict[str, object]:
    n, right, promised = column
    return {"n": round(n), "promised": round(promised / n, 3), "precision": round(right / n, 3)}


def _rules() -> Rules:
    categories, rules = from_taxonomy(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")))
    return categories, compiled(rules)


def _person(life: SimulatedLife, rules: Rules, rng: random.Random, sums: dict[tuple[str, str], Sums], role: str) -> None:
    worked: dict[object, dict[str, float]] = defaultdict(dict)
    for block in life.blocks:
        if block.status == "done":
            worked[block.start.astimezone(TZ).date()][block.task_id] = (block.end - block.start).total_seconds() / 60
    for back in range(1, BLOCK_DAYS):
        day = logical_day(NOW, TZ) - timedelta(days=back)
        start, end = day_bounds(day, TZ)
        tasks = _tasks(life, start, end)
        minutes = {t: m for t, m in worked[day].items() if t in {one.id for one in tasks}}
        tracked = _tracked(life, rules, start, end)
        if not minutes or not tracked:
            continue
        _background(tracked, tasks, minutes, sums["background", role])
        _worked(tracked, tasks, minutes, role, rng, sums["worked", role])


def _background(tracked: list[Tracked], tasks: list[Task], minutes: Mapping[str, float], own: Sums) -> None:
    own.days += 1
    own.chance += len(minutes) / len(tasks)
    for found in propose(tracked, indexed(tasks), {}):
        own.proposals += 1
        own.sure += found.confidence >= SURE
        own.promised_days += found.confidence
        own.right_days += found.task_id in minutes


def _worked(
    tracked: list[Tracked], tasks: list[Task], minutes: Mapping[str, float], role: str, rng: random.Random, own: Sums
) -> None:
    """Lay the windows of the tasks over the day, one after another from its first stretch on."""
    by_id = {t.id: t for t in tasks}
    at, truth, laid = tracked[0].start_ms, {}, []
    for task_id, total in minutes.items():
        left = total
        while left > 0.5:
            length = min(left, rng.uniform(3, 15))
            one = replace(_window(by_id[task_id], role, rng), start_ms=at, end_ms=at + round(length * 60_000))
            laid.append(one)
            truth[one.start_ms, one.end_ms] = task_id
            at, left = one.end_ms, left - length
    rest = without(tracked, [(one.start_ms, one.end_ms) for one in laid])
    own.meant += sum(minutes.values())
    alike = [min((t for t in tasks if t.project == by_id[i].project), key=lambda t: t.created).id == i for i in minutes]
    own.floor += sum(m for m, right in zip(minutes.values(), alike, strict=True) if right)
    for found in propose(sorted([*laid, *rest], key=lambda s: s.start_ms), indexed(tasks), {}):
        right = sum(
            max(0, min(b, y) - max(a, x)) / 60_000
            for (a, b), task_id in truth.items() if task_id == found.task_id for x, y in found.spans
        )
        low = int(found.confidence * 10) / 10
        column = own.bins[f"{low:.1f} to {low + 0.1:.1f}"]
        column[0] += found.ms / 60_000
        column[1] += right
        column[2] += found.confidence * found.ms / 60_000


def _window(task: Task, role: str, rng: random.Random) -> Tracked:
    words = task.title.split()
    some = " ".join(w for w in words if rng.random() < 0.7)
    project = task.project or ""
    kind = rng.random()
    if kind < 1 / 3:
        programs = (("firefox", " — Mozilla Firefox"), ("soffice", ".odt - LibreOffice Writer"), ("code", " - notes"))
        app, ending = rng.choice(programs)
        return Tracked(0, 0, app, f"{some}{ending}", focus=True)
    if kind < 2 / 3 and role in ("developer", "support"):
        return Tracked(0, 0, "nvim", "nvim", "", project, "feature/" + "-".join(words[:4]).casefold())
    if kind < 2 / 3:
        return Tracked(0, 0, "code", "notes.md", "", project)
    return Tracked(0, 0, "firefox", rng.choice(("Search", "Calendar", "Music for concentration", "Dictionary")), focus=False)


def _tasks(life: SimulatedLife, start: datetime, end: datetime) -> list[Task]:
    """Open at some moment of the day, as they were at its end."""
    latest: dict[str, Task] = {}
    for step in life.steps:
        if step.at < end:
            latest[step.task.id] = step.task
    return [
        t for t in latest.values()
        if (t.status == "pending" or (t.completed or start) > start) and t.status != "deleted" and t.series_id is None
    ]


def _tracked(life: SimulatedLife, rules: Rules, start: datetime, end: datetime) -> list[Tracked]:
    low, high = to_ms(start), to_ms(end)
    tracked = []
    for start_ms, end_ms, app, title, url, given in life.events:
        if low <= start_ms < high:
            project = settled(given, app, title, url, lambda name: False)
            named = category_named(rules[0], categorise(rules[1], app, title, url, project))
            tracked.append(Tracked(start_ms, end_ms, app, title, url, project, "", named.focus, named.level))
    return tracked


def pace() -> dict[str, object]:
    """One day of 10,000 stretches against 2,000 open tasks."""
    rng = random.Random(1)
    words = ["".join(rng.choice("bcdfghklmnprst") + rng.choice("aeiou") for _ in range(4)) for _ in range(800)]
    tasks = [
        Task(f"t{n}", " ".join(rng.sample(words, 4)), NOW, NOW, num=n, project=rng.choice(words[:40])) for n in range(2000)
    ]
    tracked = [
        Tracked(n * 8000, n * 8000 + 8000, "code", " ".join(rng.sample(words, 3)), "", rng.choice(words[:40]))
        for n in range(10_000)
    ]
    begun = time.perf_counter()
    index = indexed(tasks)
    read_ms = (time.perf_counter() - begun) * 1000
    propose(tracked, index, {})
    all_ms = (time.perf_counter() - begun) * 1000
    return {"stretches": len(tracked), "tasks": len(tasks), "index_ms": round(read_ms), "propose_ms": round(all_ms)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=400, help="the first seed; weights were chosen on 0 to 2 and 200 to 204")
    asked = parser.parse_args()
    print(json.dumps(made_up()))
    for line in simulated(asked.days, asked.seeds, asked.first):
        print(json.dumps(line))
    print(json.dumps(pace()))


if __name__ == "__main__":
    main()
