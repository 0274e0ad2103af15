"""Whether the plan that is shown still holds, and planning anew where it does not: see `core/outdated.py`. Nothing that the
person accepted is given back but by `keep`, after they asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import outdated as core
from coach.core.errors import InvalidInput
from coach.core.outdated import Outdated as Outdated
from coach.core.outdated import Shown
from coach.core.plan import Block
from coach.core.plan_diff import sentence
from coach.core.when import logical_day, start_of
from coach.engine import plan_horizon, planning
from coach.engine.plan_instance import Wanted
from coach.engine.planning import Proposal
from coach.engine.standing import occurrence_done, standing
from coach.store import blocks, calendars, edited
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction

MOST_FRESH = 20
"""Tasks that came since the plan was made, of which more are not looked for."""


def outdated(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Outdated:
    """What of the plan that is shown no longer holds; a few short queries, cheap enough for every change of the store."""
    shown = blocks.shown(db)
    found = [b for b in blocks.since(db, now - core.STALE) if b.status in ("accepted", "proposed")]
    if shown is None and not found:
        return Outdated()
    made, until = shown or (None, None)
    since = blocks.edits_then(db)
    day_start, today = clock(config.time.day_start), now.astimezone(tz).date()
    tasks = tasks_store.by_id(db, list({b.task_id for b in found}))
    last = until or today + timedelta(days=config.plan.days - 1)
    horizon = start_of(last + timedelta(days=1), tz).astimezone(UTC)
    fresh = tasks_store.by_id(db, edited.come(db, since, horizon, MOST_FRESH)) if since else {}
    return core.outdated(Shown(
        now, tz, logical_day(now, tz, day_start), made, None if made is None else logical_day(made, tz, day_start), found, tasks,
        edited.fields(db, "task", since, tasks) if since else {}, _busy(db, found, now),
        frozenset(b.id for b in found if occurrence_done(db, b, tasks.get(b.task_id))),
        [t for t in fresh.values() if t.id not in tasks],
        bool(tasks_store.open_titles(db, [u.task_id for u in blocks.unplaced(db)])), _back(db, since, found),
        frozenset(b.id for b in found if occurrence_done(db, b, tasks.get(b.task_id), made)),
    ))


def _back(db: Connection, since: str, found: Sequence[Block]) -> frozenset[str]:
    changed = edited.fields(db, "block", since, [b.id for b in found]) if since else {}
    return frozenset(name for name, mine in changed.items() if mine.get("status", ("", ""))[0] == "rejected")


def _busy(db: Connection, found: Sequence[Block], now: datetime) -> list[tuple[datetime, datetime, str]]:
    ahead = [b for b in found if b.end > now]
    if not ahead:
        return []
    events = calendars.events_between(db, max(now, min(b.start for b in ahead)), max(b.end for b in ahead))
    return [(e.start, e.end, e.title) for e in events if e.busy]


@dataclass(frozen=True, slots=True)
class Anew:
    """A plan made anew: why, the accepted blocks that stand in the way of it, and the blocks as they were when it was made."""

    made: Proposal
    because: Outdated
    given_back: tuple[Block, ...]
    before: tuple[object, ...]


def anew(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, *, give_back: bool = False,
    progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Anew:
    """A plan of as many days as the shown one, which writes nothing. With `give_back` the accepted blocks that cannot stay are
    planned again."""
    before = _stand(db)
    because = outdated(db, config, now, tz)
    back = because.in_the_way if give_back else ()
    wanted = None
    if back:
        ids = {b.id for b in back}
        wanted = Wanted(kept=tuple(b for b in standing(db, now) if b.id not in ids))
    days = plan_horizon.days_ahead(db, config, now, tz)
    made = planning.propose(db, config, now, tz, days, wanted=wanted, progress=progress, cancelled=cancelled)
    return Anew(made, because, back, before)


def keep(db: Connection, found: Anew, now: datetime) -> Proposal:
    """Show that plan from now on; what stands in its way is given back, which says nothing against its time and can be undone.
    Raises InvalidInput, and writes nothing, where the person, or another app, changed the blocks meanwhile."""
    with transaction(db):
        if _stand(db) != found.before:
            raise InvalidInput("the plan was changed while a new one was looked for", "it stays as it is; plan anew once more")
        if found.given_back:
            dropped = [(b, blocks.given_back(b, "given back when the plan was made anew")) for b in found.given_back]
            planning.decide(db, {}, now, "plan anew", beside=dropped)
        return planning.show(db, found.made, now)


def keep_unasked(db: Connection, found: Anew, now: datetime) -> Proposal | None:
    """The same for a plan that nobody asked for: None, and nothing is written, where that needs their word or where the
    person, or another app, changed the blocks meanwhile."""
    with transaction(db):
        if found.given_back or not found.because.unasked or found.made.cancelled or _stand(db) != found.before:
            return None
        return planning.show(db, found.made, now)


def moved_words(db: Connection, found: Anew, tz: ZoneInfo) -> str:
    """What a plan made anew changed, in one line with the reason; "" where it changed nothing."""
    said = sentence(found.made.change, planning.titles(db, found.made.change), tz)
    return f"Planned anew, {found.because.words}: {said}" if said else ""


def _stand(db: Connection) -> tuple[object, ...]:
    return blocks.shown(db), core.key(_open(db))


def _open(db: Connection) -> Iterable[Block]:
    return (b for status in ("accepted", "proposed") for b in blocks.with_status(db, status))
