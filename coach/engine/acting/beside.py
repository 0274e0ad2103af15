"""Wishes beside single tasks: the focus timer, the plan, tracking, undo."""

from __future__ import annotations

from datetime import datetime, timedelta

from coach.core import say
from coach.core.errors import Busy, InvalidInput, NotFound
from coach.core.wish import Wish
from coach.engine import focusing, tasks, tracking, undoing
from coach.engine.acting import targets
from coach.engine.acting.proposal import SHOWN, Here, Line, Proposal, names
from coach.engine.acting.spans import minutes_in
from coach.store.db import Connection

FOCUS_MIN = 25



def focus(here: Here, found: Wish) -> Proposal:
    minutes = minutes_in(here, found.value) if found.value else FOCUS_MIN
    task = targets.one(here, found.target) if found.target else None
    if (on := focusing.running(here.db, here.now)) is not None:
        left = max(1, round((on.planned_end - here.now).total_seconds() / 60))
        raise Busy(f"a focus session is on, with {left} min left", '"stop the timer" ends it')
    end = say.clock(here.now + timedelta(minutes=minutes), here.tz)
    lines = [Line("timer", after=f"{minutes} min, until {end}")]
    lines += [Line("task", after=names([task]))] if task else []

    def do(db: Connection, now: datetime) -> str:
        focusing.start(db, now, minutes, task)
        return f"The focus timer runs for {minutes} min."

    return Proposal("Start the focus timer", tuple(lines), do, task_id=task.id if task else None)


def stop_focus(here: Here, found: Wish) -> Proposal:
    on = focusing.running(here.db, here.now)
    if on is None:
        raise NotFound("no focus session is on", '"start a 25 minute focus" begins one')
    ran = max(1, round((here.now - on.start).total_seconds() / 60))

    def do(db: Connection, now: datetime) -> str:
        focusing.stop(db, now)
        return "The focus timer is stopped."

    return Proposal("Stop the focus timer", (Line("timer", f"{ran} min so far", "stopped"),), do)


def plan(here: Here, found: Wish) -> Proposal:
    from coach.engine import planning  # loads the optimiser's side only where a plan is asked for

    made = planning.propose(here.db, here.config, here.now, here.tz)
    titles = {b.task_id: tasks.known(here.db, b.task_id) for b in made.plan.blocks}
    lines = [
        Line(f"{say.day(b.start, here.tz, here.now)} {say.clock(b.start, here.tz)}–{say.clock(b.end, here.tz)}",
             after=say.quoted(t.title)) for b in made.blocks if (t := titles.get(b.task_id)) is not None
    ]
    if not lines:
        raise InvalidInput("there is nothing to plan", "add a task first, or look at what has no place: `coach plan`")
    more = (Line("and more", after=say.count(len(lines) - 3 * SHOWN, "block")),) if len(lines) > 3 * SHOWN else ()
    left = (Line("no place for", after=say.count(len(made.unplaced), "task")),) if made.unplaced else ()

    def do(db: Connection, now: datetime) -> str:
        planning.show(db, made, now)
        return f"The plan has {say.count(len(made.plan.blocks), 'proposed block')}; the Plan screen (3) accepts them."

    return Proposal("Make this the plan", (*lines[:3 * SHOWN], *more, *left), do, undo=False, hint="plan again at any time")


def pause(here: Here, found: Wish) -> Proposal:
    _allowed(here)
    minutes = minutes_in(here, found.value) if found.value else None
    until = f"for {minutes} min" if minutes else "until you resume it"

    def do(db: Connection, now: datetime) -> str:
        tracking.pause(db, now, minutes)
        return f"Tracking is paused {until}."

    line = Line("tracking", "paused" if tracking.paused_until(here.db, here.now) else "on", f"paused {until}")
    return Proposal("Pause tracking", (line,), do, undo=False, hint='"resume tracking" goes on')


def resume(here: Here, found: Wish) -> Proposal:
    _allowed(here)
    if not tracking.paused_until(here.db, here.now):
        raise InvalidInput("tracking is not paused", '"pause tracking" stops it')

    def do(db: Connection, now: datetime) -> str:
        tracking.resume(db)
        return "Tracking goes on."

    return Proposal("Resume tracking", (Line("tracking", "paused", "on"),), do, undo=False, hint='"pause tracking" stops it')


def _allowed(here: Here) -> None:
    if not tracking.consent(here.db):
        raise InvalidInput("Coach does not track: you have not allowed it", "Setup has the switch, and `coach track` asks")


def undo(here: Here, found: Wish) -> Proposal:
    last = undoing.next_undo(here.db)
    if last is None:
        raise NotFound("there is nothing to undo")

    def do(db: Connection, now: datetime) -> str:
        return f"Took back: {undoing.words(undoing.undo(db, now)[0])}."

    return Proposal("Undo", (Line("last change", last, "taken back"),), do, hint="redo brings it back")


def silence(here: Here, found: Wish) -> Proposal:
    raise InvalidInput("I can't switch that from here", "`coach config set nudge.enabled false` keeps me quiet until it is true "
                       "again; in the app, Setup has the switch")
