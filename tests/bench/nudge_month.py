"""A month with silent hold-outs, where some kinds of nudges help and some do not: does Coach stop the useless, keep the useful?

    python tests/bench/nudge_month.py [--people 20] [--days 30] [--cap 6 12] [--seed 1]

A person is drawn anew for each row: half of the kinds help, adding 25 to 45 points to the chance that what they are for happens;
the other half adds nothing. Without a word it happens in 15 to 45 of 100 cases. Situations come and go at random; whoever is in
focus hears half as much of it, whoever sits over mail a fifth more. The scheduler, its store, the judging of outcomes, timing and
the rule that stops are Coach's own; the view of a moment and what follows it are the simulation's. The baseline is the same
person and the same Coach without hold-outs, which never stops anything.

One JSON line for each cap: `power` is the share of useless kinds that stood stopped at the end (and Wilson's interval), of those
with enough moments too; `false_stops` that of useful kinds; nudges heard of each sort, and how often more what they were for
happened because of them, beside the baseline; `broken` counts days over the cap and nudges in quiet hours."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from coach.config import Config, NudgeConfig
from coach.core import effect
from coach.core.aftermath import OUTCOMES, Aftermath, Spell, Trial, handled, is_back, left, took_break
from coach.core.nudge import is_quiet
from coach.core.situations import NudgeView
from coach.core.task import Task
from coach.core.when import logical_day
from coach.engine import nudge_effects, nudging
from coach.store import trials
from coach.store.db import Connection
from tests.engine.filled import BERLIN, empty_store

FIRST = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday; the clocks change on the 29th
TICK = timedelta(minutes=10)
KINDS = ("meeting_soon", "deadline_close", "plan_slipping", "break_due", "distraction_streak", "meeting_over", "running_over",
         "inbox_loop")
COMES_PER_DAY = 5.0
LASTS_MIN = (15, 60)
HEARS = {"focus": 0.5, "communication": 1.2, "other": 1.0}


def about(number: int, now: datetime, **values: Any) -> Task:
    old = now - timedelta(days=9)
    return Task(f"t{number}", f"Task {number}", old, old, number, "Europe/Berlin", **values)


FIELDS: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "meeting_soon": lambda now: {"next_meeting": now + timedelta(minutes=5)},
    "deadline_close": lambda now: {"open_tasks": (about(1, now, due=now + timedelta(minutes=90)),)},
    "plan_slipping": lambda now: {"slipping": about(2, now), "slipping_min": 15.0},
    "break_due": lambda now: {"since_break_min": 95.0},
    "distraction_streak": lambda now: {"distracted_min": 25.0},
    "meeting_over": lambda now: {"meeting_ago_min": 3.0, "working_hours": True, "next_task": about(3, now)},
    "running_over": lambda now: {"open_tasks": (about(4, now, started=now - timedelta(minutes=100), estimate_min=30),)},
    "inbox_loop": lambda now: {"visits": 9, "activity": "communication"},
}


@dataclass(slots=True)
class Person:
    """`base` is the chance of what a kind is for without a word, `gain` what a word adds."""

    dice: random.Random
    base: dict[str, float] = field(default_factory=dict)
    gain: dict[str, float] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    activity: str = "other"
    helped: float = 0.0

    def look(self, db: Connection, config: Config, now: datetime, tz: Any) -> NudgeView:
        local = now.astimezone(tz)
        seen: dict[str, Any] = {"activity": self.activity, "category": "Work > Programming", "planned_today": 1}
        for kind, until in self.until.items():
            if now < until:
                for name, value in FIELDS[kind](local).items():
                    seen[name] = seen[name] + value if name == "open_tasks" and name in seen else value
        return NudgeView(local, **seen)

    def live(self, now: datetime) -> None:
        """What comes up, and what the person is at."""
        share = TICK / timedelta(hours=14)
        for kind in KINDS:
            if self.dice.random() < COMES_PER_DAY * share:
                self.until[kind] = now + timedelta(minutes=self.dice.uniform(*LASTS_MIN))
        if self.dice.random() < TICK / timedelta(minutes=50):
            self.activity = self.dice.choice(tuple(HEARS))

    def follows(self, db: Connection, rules: Any, trial: Trial) -> Aftermath:
        gain = 0.0 if trial.held else self.gain[trial.kind] * HEARS.get(trial.context.rpartition(", ")[2], 1.0)
        self.helped += gain
        return aftermath_of(trial, worked=self.dice.random() < self.base[trial.kind] + gain)


def aftermath_of(trial: Trial, *, worked: bool) -> Aftermath:
    """Something after which that kind has worked, or has not."""
    outcome, here = OUTCOMES[trial.kind], trial.category
    if outcome is handled:
        return Aftermath(here, handled_s=[600.0] if worked else [])
    spells = {
        is_back: [Spell(0, 3600, "Work", focus=worked)],
        left: [Spell(0, 3600, "Work > Writing" if worked else here, focus=True)],
        took_break: [Spell(0, 600 if worked else 3600, here, focus=True)],
    }[outcome]
    return Aftermath(here, spells)


def drawn(seed: str) -> Person:
    dice = random.Random(seed)
    useful = set(dice.sample(KINDS, len(KINDS) // 2))
    return Person(dice, {k: dice.uniform(0.15, 0.45) for k in KINDS},
                  {k: dice.uniform(0.25, 0.45) if k in useful else 0.0 for k in KINDS})


@dataclass(frozen=True, slots=True)
class Month:
    heard: Counter[str]
    helped: float
    stopped: frozenset[str]
    known: frozenset[str]
    broken: int


def lived(person: Person, config: Config, days: int, folder: Path, seed: str) -> Month:
    db, _ = empty_store(folder)
    db.execute("PRAGMA synchronous = OFF")  # what is measured here is not durability
    nudging.view, nudge_effects.what_followed = person.look, person.follows  # type: ignore[assignment]
    said: list[nudging.Nudge] = []
    dice, answers = random.Random(f"hold-outs {seed}"), random.Random(f"answers {seed}")
    now = FIRST
    while now < FIRST + timedelta(days=days):
        now += TICK
        if not 6 <= now.astimezone(BERLIN).hour < 22:
            continue
        person.live(now)
        found = nudging.tick(db, config, now, BERLIN, lambda _: "toast", dice=dice)
        if found is not None:
            said.append(found)
            if answers.random() < 0.6:
                gain = person.gain[found.situation]
                nudging.act(db, found.id, "open" if answers.random() < 0.2 + gain else "dismiss", now, config)
    nudging.settle(db, now + timedelta(hours=5))
    nudge_effects.follow(db, config, now + timedelta(hours=5))
    stopped = {kind for kind, run in trials.runs(db).items() if run.stopped_at is not None}
    known = {k for k in KINDS if (t := nudge_effects.tally(db, k)).shown >= effect.LEAST and t.held >= effect.LEAST}
    db.close()
    per_day = Counter(logical_day(n.at, BERLIN) for n in said)
    quiet = sum(is_quiet(n.at.astimezone(BERLIN).time(), nudging.limits(config).quiet_start, nudging.limits(config).quiet_end)
                for n in said)
    over = sum(n > config.nudge.daily_cap for n in per_day.values())
    return Month(Counter(n.situation for n in said), person.helped, frozenset(stopped), frozenset(known), over + quiet)


def share(n: int, of: int) -> list[float]:
    """The share with Wilson's 95 % interval."""
    low, high = effect.wilson(n, of, effect.Z_SHOWN)
    return [round(x, 3) for x in (n / max(of, 1), low, high)]


def run(people: int, days: int, cap: int, seed: int) -> dict[str, Any]:
    config = replace(Config(), nudge=NudgeConfig(daily_cap=cap))
    never = replace(Config(), nudge=NudgeConfig(daily_cap=cap, hold_out=0))
    count: Counter[str] = Counter()
    for number in range(people):
        name = f"{seed} {number}"
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            own = lived(drawn(name), config, days, Path(one), name)
            base = lived(drawn(name), never, days, Path(two), name)
        useful = {k for k, gain in drawn(name).gain.items() if gain}
        useless = set(KINDS) - useful
        count["useless"] += len(useless)
        count["useless known"] += len(useless & (own.known | own.stopped))
        count["useful"] += len(useful)
        count["right"] += len(useless & own.stopped)
        count["wrong"] += len(useful & own.stopped)
        count["broken"] += own.broken + base.broken
        for what, month in (("own", own), ("base", base)):
            count[f"{what} useless heard"] += sum(month.heard[k] for k in useless)
            count[f"{what} useful heard"] += sum(month.heard[k] for k in useful)
        count["own helped"] += round(own.helped)
        count["base helped"] += round(base.helped)
    per = {k: round(v / people, 1) for k, v in count.items()}
    return {
        "bench": "nudge_month", "people": people, "days": days, "cap": cap, "hold_out": config.nudge.hold_out,
        "power": share(count["right"], count["useless"]), "power_where_known": share(count["right"], count["useless known"]),
        "false_stops": share(count["wrong"], count["useful"]),
        "useless_heard": per["own useless heard"], "useless_heard_never_stopping": per["base useless heard"],
        "useful_heard": per["own useful heard"], "useful_heard_never_stopping": per["base useful heard"],
        "helped": per.get("own helped", 0.0), "helped_never_stopping": per.get("base helped", 0.0), "broken": count["broken"],
    }


def stopped_on(base: float, gain: float, per_day: float, days: int, dice: random.Random) -> int | None:
    """The day on which the rule alone stops a kind with so many moments a day; None where it does not."""
    known = effect.Tally()
    for day in range(days):
        for _ in range(int(per_day) + (dice.random() < per_day % 1)):
            held = effect.holds_out(known, Config().nudge.hold_out, dice)
            worked = dice.random() < base + (0.0 if held else gain)
            known = replace(
                known, shown=known.shown + (not held), shown_worked=known.shown_worked + (worked and not held),
                held=known.held + held, held_worked=known.held_worked + (worked and held),
            )
        if effect.stops(known):
            return day + 1
    return None


def rule(people: int, seed: int) -> None:
    """The rule alone, without what competes for the day's few nudges: the share stopped after 30, 60 and 90 days."""
    for per_day in (1.0, 2.0):
        for base, gain in ((0.3, 0.0), (0.1, 0.0), (0.3, 0.15), (0.3, 0.3), (0.3, 0.45)):
            dice = random.Random(f"{seed} {per_day} {base} {gain}")
            days = [stopped_on(base, gain, per_day, 90, dice) for _ in range(people)]
            print(json.dumps({
                "bench": "nudge_month_rule", "moments_a_day": per_day, "silent": base, "gain": gain, "n": people,
                **{f"stopped_by_{d}": share(sum(x is not None and x <= d for x in days), people) for d in (30, 60, 90)},
            }), flush=True)


def main(words: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=20)
    ask.add_argument("--days", type=int, default=30)
    ask.add_argument("--cap", type=int, nargs="+", default=[6, 12])
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--rule", action="store_true", help="the rule alone, on 20 times as many people")
    given = ask.parse_args(words)
    if given.rule:
        rule(20 * given.people, given.seed)
        return 0
    os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    broken = 0
    for cap in given.cap:
        found = run(given.people, given.days, cap, given.seed)
        broken += found["broken"]
        print(json.dumps(found), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
