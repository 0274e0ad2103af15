"""Which of the situations that hold is spoken about now: not those that have stopped, none before its moment, and of the chosen
moments a share stays silent, so that the effect of speaking can be told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from coach.config import Config
from coach.core import effect, receptivity
from coach.core.aftermath import Trial
from coach.core.nudge import Choice, Nudge, candidates, may_interrupt
from coach.core.receptivity import Known, part_of_day
from coach.core.situations import NudgeView, Situation
from coach.engine import nudge_effects
from coach.store import trials
from coach.store.db import Connection

LEARNT_FROM = timedelta(days=180)
DRAWN_S = 900
"""A context is judged anew every quarter of an hour: with a draw a minute the luckiest one would decide."""
LAPSED = timedelta(minutes=15)


def pick(
    db: Connection, config: Config, seen: NudgeView, history: Sequence[Nudge], situations: Sequence[Situation], now: datetime,
    dice: Random,
) -> Choice | None:
    """The situation to speak about now, or None; waits and silent moments are written down. Inside a transaction."""
    stopped = nudge_effects.stopped(db, now)
    may = [s for s in situations if s.name not in stopped and may_interrupt(s, seen)]
    patience = {s.name: s.patience for s in may}
    since, known = trials.waiting(db), None
    for choice in candidates(seen, history, may):
        kind = choice.situation
        if patience[kind]:
            known = _known(db, now) if known is None else known
            if not _is_time(db, seen, kind, patience[kind], since.get(kind), known, now):
                continue
        tally = nudge_effects.tally(db, kind)
        if effect.holds_out(tally, config.nudge.hold_out, dice):
            note(db, seen, choice, str(uuid.uuid4()), now, held=True)
            return None
        return choice
    return None


def note(db: Connection, seen: NudgeView, choice: Choice, trial_id: str, now: datetime, *, held: bool = False) -> None:
    """Write a chosen moment down; a spoken one by its nudge's id."""
    context = f"{part_of_day(seen.now)}, {seen.activity}"
    trials.insert(db, Trial(trial_id, now, choice.situation, context, held, choice.task_id, seen.category, bool(seen.category)))
    trials.spoken(db, choice.situation)


def _is_time(
    db: Connection, seen: NudgeView, kind: str, patience: timedelta, since: datetime | None, known: Known, now: datetime,
) -> bool:
    """Whether this is the moment; a wait that begins is written down. One that lapsed long ago begins anew."""
    if since is None or not timedelta(0) <= now - since <= patience + LAPSED:
        since = None
    context = (kind, part_of_day(seen.now), seen.activity)
    draw = Random(f"{context} {int(now.timestamp() // DRAWN_S)}")
    if receptivity.speak_now(known, context, now - since if since else timedelta(0), patience, draw):
        return True
    if since is None:
        trials.wait(db, kind, now)
    return False


def _known(db: Connection, now: datetime) -> Known:
    def context(kind: str, text: str) -> receptivity.Context:
        part, _, activity = text.partition(", ")
        return kind, part, activity

    return receptivity.learn(((context(k, c), n) for k, c, n in trials.heard(db, now - LEARNT_FROM)), now)
