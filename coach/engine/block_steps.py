"""The steps of writing one block to a calendar, and of taking over what somebody did to its event there.

Each step that sends something keeps first what it sends (`store/caldav.py`, `Link.sent`), then sends, then keeps the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.block_sync import Step, Times
from coach.core.calendar import Calendar
from coach.core.plan import Block, Reason
from coach.core.task import Task
from coach.integrations import caldav, vevent
from coach.store import blocks, calendars, changes
from coach.store import caldav as kept
from coach.store.caldav import Kept, Link, Written
from coach.store.db import Connection, transaction


@dataclass(frozen=True, slots=True)
class Run:
    """One synchronisation of one calendar. `is_chosen`: blocks are to stand in it."""

    db: Connection
    server: caldav.Server
    calendar: Calendar
    config: Config
    now: datetime
    tz: ZoneInfo
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """A block as it is here. `times` is None when it is to stand in no calendar; `title` is what it is called there."""

    block: Block | None
    task: Task | None
    times: Times | None
    title: str

    @property
    def name(self) -> str:
        return f"“{self.task.title}”" if self.task else "a block"


@dataclass(frozen=True, slots=True)
class Theirs:
    """A block's event as the server has it: its times, its title, and the object that it stands in."""

    times: Times
    title: str
    item: Kept


def create(run: Run, link: Link, mine: Mine) -> None:
    """Raises Changed where somebody has an event there."""
    assert mine.times is not None
    data = vevent.calendar([vevent.event(link.block, mine.times.start, mine.times.end, mine.title, run.now)])
    cancelled = kept.find_object(run.db, run.calendar.id, link.path)  # there, but no event any more

    def send() -> str:
        if cancelled is not None:
            return run.server.replace(run.calendar.location, link.path, data, cancelled.etag)
        return run.server.create(run.calendar.location, link.path, data)

    _send(run, link, Written(mine.times, mine.title), data, send)


def push(run: Run, link: Link, mine: Mine, theirs: Theirs) -> None:
    """Send the times; and the title, unless somebody gave the event another. Raises Changed."""
    assert mine.times is not None
    before = link.base.title if link.base else ""
    is_ours = bool(before) and before == theirs.title
    title = mine.title if is_ours else None
    data = vevent.rewritten(theirs.item.data, link.block, mine.times.start, mine.times.end, title, run.now)
    _send(run, link, Written(mine.times, title or before), data,
          lambda: run.server.replace(run.calendar.location, link.path, data, theirs.item.etag))


def agree(run: Run, link: Link, mine: Mine, theirs: Theirs) -> None:
    """Both have the same times; a title of Coach's own follows the setting."""
    assert mine.times is not None
    base = link.base or Written(mine.times, mine.title if theirs.title == mine.title else "")
    if base.title and base.title == theirs.title != mine.title:
        push(run, replace(link, base=base), mine, theirs)
        return
    agreed = replace(link, base=Written(mine.times, base.title), sent=None)
    if agreed not in kept.links(run.db, run.calendar.id):
        kept.keep_link(run.db, agreed)


def withdraw(run: Run, link: Link, theirs: Theirs) -> None:
    """Delete the event. Raises Changed."""
    kept.keep_link(run.db, replace(link, sent=Written(None)))
    run.server.delete(run.calendar.location, link.path, theirs.item.etag)
    with transaction(run.db):
        kept.drop_objects(run.db, run.calendar.id, [link.path])
        calendars.replace_events_of(run.db, run.calendar.id, [link.block], ())
        kept.drop_link(run.db, link.block)


def leave(run: Run, link: Link, mine: Mine, why: str) -> None:
    """The event is not Coach's to change any more, which the person is told once."""
    with transaction(run.db):
        kept.keep_link(run.db, replace(link, sent=None, left=True))
        kept.tell(run.db, f"{mine.name}: its event in {run.calendar.name} {why}, so Coach leaves it as it is", run.now)


def pull(run: Run, link: Link, mine: Mine, theirs: Theirs) -> bool:
    """The block gets the calendar's times, and is accepted again if it was not; False where it changed meanwhile."""
    if mine.block is None or mine.task is None:
        leave(run, link, mine, "was changed after the block was gone")
        return False
    moved = Reason("moved", 0.0, f"it was moved here in {run.calendar.name}")
    decided = replace(mine.block, start=theirs.times.start, end=theirs.times.end, status="accepted", reasons=(moved,))
    with transaction(run.db):
        if not _write_block(run, mine.block, decided, "block moved in the calendar"):
            return False
        kept.keep_link(run.db, replace(link, base=Written(theirs.times, link.base.title if link.base else ""), sent=None))
        for other in blocks.with_status(run.db, "accepted"):
            if other.id != decided.id and other.start < decided.end and decided.start < other.end:
                words = f"{mine.name} overlaps another accepted block since it was moved in {run.calendar.name}"
                kept.tell(run.db, words, run.now)
    return True


def refuse(run: Run, link: Link, mine: Mine) -> None:
    """The event was deleted: the block is rejected, so that the task is not offered at that time again."""
    assert mine.block is not None
    assert mine.times is not None
    with transaction(run.db):
        if _write_block(run, mine.block, replace(mine.block, status="rejected"), "block deleted in the calendar"):
            kept.drop_link(run.db, link.block)
            words = f"{mine.name}, {_at(run, mine.times)}: deleted in {run.calendar.name}, so the block is rejected"
            kept.tell(run.db, words, run.now)


def conflict(run: Run, mine: Mine, theirs: Times | None, step: Step) -> str:
    """What the person is told when both sides had changed."""
    where = run.calendar.name
    if step == "create" and mine.times:
        return f"{mine.name} was moved here to {_at(run, mine.times)} and deleted in {where}: it stands in {where} again"
    assert theirs is not None
    if mine.times is None:
        return f"{mine.name} was taken out here and moved in {where} to {_at(run, theirs)}: the block is back at that time"
    return f"{mine.name} was moved here to {_at(run, mine.times)} and in {where} to {_at(run, theirs)}: there it stays"


def _send(run: Run, link: Link, written: Written, data: str, send: Callable[[], str]) -> None:
    kept.keep_link(run.db, replace(link, sent=written))
    etag = send()
    with transaction(run.db):
        kept.keep_object(run.db, run.calendar.id, link.path, Kept(etag, link.block, data))
        kept.keep_link(run.db, replace(link, base=written, sent=None))


def _write_block(run: Run, seen: Block, decided: Block, label: str) -> bool:
    """Whether the block was still what the merge saw. A proposal has no place in the change log before its first decision."""
    if blocks.find(run.db, seen.id) != seen:
        return False
    before, after = blocks.values(seen, run.now), blocks.values(decided, run.now)
    edits = [change.update("block", seen.id, before, after)]
    if seen.status == "proposed":
        blocks.forget_proposals(run.db, [seen.id])
        edits = [change.create("block", seen.id, after)]
    changes.apply(run.db, edits, now=run.now, label=label, actor="sync")
    return True


def _at(run: Run, times: Times) -> str:
    return f"{times.start.astimezone(run.tz):%a %d %b %H:%M}"
