"""What each kind of nudge does: outcomes judged after the fact from tasks and tracked time, the effect against silence, and kinds
that stop because they do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from coach.config import Config
from coach.core import aftermath
from coach.core import effect as core
from coach.core.aftermath import JUDGE_AFTER, Aftermath, Spell, Trial
from coach.core.effect import Effect, Tally
from coach.core.errors import NotFound
from coach.core.situations import SITUATIONS
from coach.core.when import iso
from coach.engine import categories
from coach.engine.categories import Rules
from coach.store import rollups, timeline, trials
from coach.store.db import Connection, transaction
from coach.store.trials import Run

FIRST = Run(1, "", None, "")
WHY = {"no_effect": "it did nothing that silence would not have done", "not_helpful": "you said that it does not help"}
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class KindEffect:
    """A kind of nudge with what is known of it in its present try. `until` is when one that stopped is tried again."""

    kind: str
    outcome: str
    tally: Tally
    effect: Effect | None
    state: Literal["on", "on trial", "stopped"]
    why: str = ""
    until: datetime | None = None

    def words(self) -> str:
        """The finding in a sentence, with n and interval."""
        t = self.tally
        if self.state == "stopped":
            again = f"; tried again from {self.until:%Y-%m-%d} on" if self.until else ""
            head = f"stopped, {WHY.get(self.why, self.why)}{again}. "
        else:
            head = "on trial, half of its moments stay silent. " if self.state == "on trial" else ""
        if self.effect is None or min(t.shown, t.held) < ENOUGH:
            return f"{head}Too few to tell: {t.shown} with a word, {t.held} in silence."
        e = self.effect
        return (
            f"{head}{t.shown_worked} of {t.shown} worked with a word, {t.held_worked} of {t.held} in silence: "
            f"{100 * e.difference:+.0f} points, 95 % of what is believable between {100 * e.low:+.0f} and {100 * e.high:+.0f}."
        )

    def document(self) -> dict[str, Any]:
        t, e = self.tally, self.effect
        return {
            "kind": self.kind, "worked_means": self.outcome, "state": self.state, "why": self.why or None,
            "until": iso(self.until),
            "shown": t.shown, "shown_worked": t.shown_worked, "held_out": t.held, "held_out_worked": t.held_worked,
            "effect": None if e is None else round(e.difference, 4), "low": None if e is None else round(e.low, 4),
            "high": None if e is None else round(e.high, 4), "useful": t.good, "not_helpful": t.bad,
        }


def follow(db: Connection, config: Config, now: datetime) -> None:
    """Judge the moments whose outcome is known by now, and stop the kinds that have shown to do nothing."""
    due = trials.to_judge(db, now - JUDGE_AFTER)
    if not due:
        return
    rules = categories.load(db, config)
    with transaction(db):
        for trial in due:
            trials.judged(db, trial.id, aftermath.judge(trial, what_followed(db, rules, trial)), now)
        runs = trials.runs(db)
        for kind in {t.kind for t in due}:
            run = runs.get(kind, FIRST)
            if run.stopped_at is None and (why := core.stops(tally(db, kind, run))):
                trials.put_run(db, kind, run._replace(stopped_at=now, why=why))


def what_followed(db: Connection, rules: Rules, trial: Trial) -> Aftermath:
    """The tracked time and the person's own edits after a moment."""
    end = trial.at + JUDGE_AFTER
    line = timeline.between(db, trial.at, end)
    edits = trials.edits(db, trial.at, end)
    tasks = [e for e in edits if e.record == "task"]
    return Aftermath(
        trial.category,
        [Spell((e.start - trial.at).total_seconds(), (e.end - trial.at).total_seconds(),
               e.category or rollups.UNCATEGORISED, rules.named(e.category).focus) for e in line],
        [(e.at - trial.at).total_seconds() for e in tasks if e.id == trial.task_id],
        [(e.at - trial.at).total_seconds() for e in tasks if e.fields.get("started") or e.fields.get("completed")],
        [(e.at - trial.at).total_seconds() for e in edits],
    )


def tally(db: Connection, kind: str, run: Run | None = None) -> Tally:
    """What is known of a kind in its present try."""
    run = run or trials.runs(db).get(kind, FIRST)
    return core.tallied(trials.moments(db, kind, run.since), trials.opinions(db, kind, run.since))


def stopped(db: Connection, now: datetime) -> set[str]:
    """The kinds that keep silent now; those whose rest is over begin their next try."""
    found = set()
    for kind, run in trials.runs(db).items():
        if run.stopped_at is None:
            continue
        if now < core.rests_until(run.stopped_at, run.run):
            found.add(kind)
        else:
            trials.put_run(db, kind, Run(run.run + 1, iso(now) or "", None, ""))
    return found


def effects(db: Connection, config: Config) -> list[KindEffect]:
    """Every kind that was tried, the most pressing first."""
    runs, order = trials.runs(db), {s.name: n for n, s in enumerate(SITUATIONS)}
    return [_effect(db, config, kind, runs) for kind in sorted(trials.kinds(db), key=lambda k: order.get(k, len(order)))]


def resume(db: Connection, kind: str, now: datetime) -> None:
    """Let a kind that stopped speak again, with a clean slate. Raises NotFound."""
    run = trials.runs(db).get(kind)
    if run is None or run.stopped_at is None:
        raise NotFound(f"no kind of nudge called {kind!r} has stopped", "`coach nudges --effects` shows which did")
    trials.put_run(db, kind, Run(run.run, iso(now) or "", None, ""))


def forget(db: Connection) -> None:
    """Forget what timing and effects have learnt; what was said stays in the history."""
    with transaction(db):
        trials.forget(db)


def _effect(db: Connection, config: Config, kind: str, runs: Mapping[str, Run]) -> KindEffect:
    run = runs.get(kind, FIRST)
    known = tally(db, kind, run)
    until = core.rests_until(run.stopped_at, run.run) if run.stopped_at else None
    share = config.nudge.hold_out
    state: Literal["on", "on trial", "stopped"] = "stopped" if until else "on"
    if state == "on" and core.held_share(known, share) > share:
        state = "on trial"
    return KindEffect(kind, aftermath.in_words(kind), known, core.effect(known), state, run.why, until)
