"""Accepted plan blocks as events of the calendar that the settings name, and what others did to those events as changes of
the blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.block_sync import Times, merge
from coach.core.calendar import PRIVATE_TITLE, Calendar
from coach.core.errors import CoachError, InvalidInput, NotFound
from coach.core.plan import Block
from coach.core.task import Task
from coach.engine import block_steps
from coach.engine.block_steps import Mine, Run, Theirs
from coach.integrations import caldav, vevent
from coach.store import blocks, calendars
from coach.store import caldav as kept
from coach.store import tasks as tasks_store
from coach.store.caldav import Kept, Link, Written
from coach.store.db import Connection

BACK = timedelta(days=31)
"""Blocks that ended before that are history: their events stay as they are."""
_TRIES = 3
"""So often a block is merged when somebody changes its event in between."""
_GIVE_UP = 3
"""After that many failures in a row the rest waits for the next synchronisation."""


def write(
    db: Connection, server: caldav.Server, calendar: Calendar, config: Config, now: datetime, tz: ZoneInfo
) -> tuple[str, ...]:
    """Merge every block that stands, or is to stand, in this calendar. Returns what could not be done."""
    try:
        target = chosen(db, config)
    except InvalidInput as error:
        return (error.message,)
    run = Run(db, server, calendar, config, now, tz, target is not None and target.id == calendar.id)
    problems: list[str] = []
    failures = 0
    for link in _concerned(run):
        try:
            _merge(run, link)
            failures = 0
        except CoachError as error:
            problems.append(f"a block could not be written: {error.message}")
            failures += 1
            if failures == _GIVE_UP:
                break
    return tuple(dict.fromkeys(problems))


def waiting(db: Connection, calendar: Calendar, config: Config, now: datetime) -> bool:
    """Whether something here is not yet in the calendar; asks nobody."""
    try:
        target = chosen(db, config)
    except InvalidInput:
        return False
    is_chosen = target is not None and target.id == calendar.id
    links = kept.links(db)
    for link in links:
        if link.calendar == calendar.id and not link.left and not _is_history(link, now):
            times = _mine(db, config, link.block, now).times if is_chosen else None
            if link.base is None or link.sent is not None or times != link.base.times:
                return True
    known = {link.block for link in links}
    return is_chosen and any(block.id not in known for block in wanted(db, now))


def chosen(db: Connection, config: Config) -> Calendar | None:
    """The calendar that the setting `calendar.blocks` names; None when it is empty. Raises InvalidInput where it names none:
    a slip of the pen must not take every block out of the calendar in which they stand."""
    name = config.calendar.blocks
    if not name:
        return None
    try:
        found = calendars.find(db, name)
    except NotFound as error:
        raise InvalidInput(f"calendar.blocks names {name!r}, which is no calendar", "`coach calendar list` shows them") from error
    if found.kind != "caldav":
        raise InvalidInput(f"calendar.blocks names {name!r}, which is no calendar on a CalDAV server", "`coach calendar list`")
    return found


def wanted(db: Connection, now: datetime) -> list[Block]:
    """Accepted blocks that have not ended and whose tasks want them."""
    ahead = [b for b in blocks.with_status(db, "accepted") if b.end > now]
    return [b for b in ahead if stands(b, tasks_store.get(db, b.task_id), now)]


def title_of(config: Config, task: Task | None) -> str:
    """What a block is called where others can read it."""
    return task.title if task is not None and config.calendar.block_titles == "task" else PRIVATE_TITLE


def _concerned(run: Run) -> Iterator[Link]:
    """Links of this calendar, then blocks that are to come into it; a block in another calendar leaves that one first."""
    known = {link.block: link for link in kept.links(run.db)}
    yield from (link for link in known.values() if link.calendar == run.calendar.id)
    if run.is_chosen:
        for block in wanted(run.db, run.now):
            if block.id not in known:
                yield Link(block.id, run.calendar.id, caldav.path_of(run.calendar.location, f"{block.id}.ics"))


def stands(block: Block, task: Task | None, now: datetime) -> bool:
    """Whether a block is to stand in calendars. A completed task keeps the blocks that had begun; those ahead are free time
    again."""
    if task is None or task.status == "deleted" or block.status != "accepted":
        return False
    return task.status != "completed" or block.start <= now


def _mine(db: Connection, config: Config, block_id: str, now: datetime) -> Mine:
    try:
        block = blocks.find(db, block_id)
    except NotFound:
        return Mine(None, None, None, PRIVATE_TITLE)
    task = tasks_store.get(db, block.task_id)
    times = Times(block.start.replace(microsecond=0), block.end.replace(microsecond=0)) if stands(block, task, now) else None
    return Mine(block, task, times, title_of(config, task))


def _is_history(link: Link, now: datetime) -> bool:
    return link.base is not None and link.base.times is not None and link.base.times.end < now - BACK


def _merge(run: Run, link: Link) -> None:
    for left in reversed(range(_TRIES)):
        try:
            _merge_once(run, link)
            return
        except caldav.Changed:
            if not left:
                raise
            _look_again(run, link.path)
            link = next((k for k in kept.links(run.db, run.calendar.id) if k.block == link.block), link)


def _merge_once(run: Run, link: Link) -> None:
    if link.left:
        return
    if _is_history(link, run.now):
        kept.drop_link(run.db, link.block)
        return
    mine = _mine(run.db, run.config, link.block, run.now)
    item = kept.find_object(run.db, run.calendar.id, link.path)
    theirs = _theirs(run, link, item)
    if isinstance(theirs, str):
        block_steps.leave(run, link, mine, theirs)
        return
    link = _arrived(link, theirs)
    if run.is_chosen:
        _step(run, link, mine, theirs)
    else:
        _move_out(run, link, theirs)


def _step(run: Run, link: Link, mine: Mine, theirs: Theirs | None) -> None:
    merged = merge(mine.times, theirs.times if theirs else None, link.base.times if link.base else None)
    is_done = True
    if merged.step == "forget":
        kept.drop_link(run.db, link.block)
    elif merged.step == "refuse":
        block_steps.refuse(run, link, mine)
    elif theirs is None:
        block_steps.create(run, replace(link, base=None), mine)
    elif merged.step == "keep":
        block_steps.agree(run, link, mine, theirs)
    elif merged.step == "push":
        block_steps.push(run, link, mine, theirs)
    elif merged.step == "withdraw":
        block_steps.withdraw(run, link, theirs)
    else:
        is_done = block_steps.pull(run, link, mine, theirs)
    if merged.conflict and is_done:
        words = block_steps.conflict(run, mine, theirs.times if theirs else None, merged.step)
        kept.tell(run.db, words, run.now)


def _theirs(run: Run, link: Link, item: Kept | None) -> Theirs | str | None:
    """The event as the server has it, None where there is none, or why it is nothing that a block can be."""
    if item is None:
        return None
    try:
        event = vevent.read(item.data, link.block, run.tz)
    except InvalidInput:
        return "cannot be read"
    if event is None:
        return None
    if event.times is None:
        return "repeats now" if event.repeats else "is no stretch of at most a day any more"
    return Theirs(Times(*event.times), event.title, item)


def _arrived(link: Link, theirs: Theirs | None) -> Link:
    """What was sent by a process that did not live to note it has arrived when the server has it."""
    if link.sent is None:
        return link
    if link.sent.times != (theirs.times if theirs else None):
        return replace(link, sent=None)
    return replace(link, base=Written(link.sent.times, link.sent.title) if theirs else None, sent=None)


def _move_out(run: Run, link: Link, theirs: Theirs | None) -> None:
    """Blocks are not to stand in this calendar any more: those ahead that nobody touched are deleted, others stay."""
    is_untouched = theirs is not None and link.base is not None and theirs.times == link.base.times
    if theirs is not None and is_untouched and theirs.times.end > run.now:
        block_steps.withdraw(run, link, theirs)
    else:
        kept.drop_link(run.db, link.block)


def _look_again(run: Run, path: str) -> None:
    item = run.server.fetch(run.calendar.location, [path]).get(path)
    if item is None and run.server.is_gone(run.calendar.location, path):
        kept.drop_objects(run.db, run.calendar.id, [path])
    elif item is not None:
        kept.keep_object(run.db, run.calendar.id, path, Kept(item.etag, vevent.uid_of(item.data), item.data))
