"""Why a plan that is shown no longer holds: what came over its blocks, went by, was done sooner or was changed since it was made.
Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal

from coach.core import slots
from coach.core.explain import clock_in, span
from coach.core.plan import Block
from coach.core.plan_limits import HERE, over_words
from coach.core.task import Task, status_at
from coach.core.when import end_of, iso, parse_wall, start_of, zone

Kind = Literal["back", "event", "slipped", "put_off", "due", "estimate", "finished", "deleted", "new", "day"]

KINDS: tuple[Kind, ...] = ("back", "event", "slipped", "put_off", "due", "estimate", "finished", "deleted", "new", "day")
"""What weighs most comes first."""
STANDS_IN_THE_WAY: frozenset[Kind] = frozenset({"event", "put_off", "due"})
"""Where an accepted block cannot stay if its task is to be done: planning anew, which the person asks for, gives it back."""
_BY_HAND = {"event": "over", "put_off": "too_early", "due": "hard_due"}
"""The reason of a block that the person put there by hand against that limit."""
STALE = timedelta(days=7)
"""A block that went by longer ago is no news."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that no longer holds. `status` is that of the block that it touches, "" where it touches none; `words` say it in
    the person's local time."""

    kind: Kind
    words: str
    block: Block | None = None

    @property
    def asks(self) -> bool:
        """Whether it touches what the person accepted, so that nothing is done about it without their word."""
        held = self.block is not None and self.block.status == "accepted"
        return held and (self.kind in STANDS_IN_THE_WAY or self.kind == "slipped")


@dataclass(frozen=True, slots=True)
class Outdated:
    """The signs that a plan no longer holds, the weightiest first; none while it does."""

    signs: tuple[Sign, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.signs)

    @property
    def asks(self) -> bool:
        """Whether something accepted is touched; else proposals alone may be laid anew unasked."""
        return any(sign.asks for sign in self.signs)

    @property
    def unasked(self) -> bool:
        """Whether proposals may be laid anew without the person's word: nothing accepted is touched, or a block came back that
        the plan was made without. What was accepted stays in either case."""
        return bool(self) and (not self.asks or any(sign.kind == "back" for sign in self.signs))

    @property
    def in_the_way(self) -> tuple[Block, ...]:
        """Accepted blocks that planning anew gives back."""
        found = {s.block.id: s.block for s in self.signs if s.asks and s.block and s.kind in STANDS_IN_THE_WAY}
        return tuple(found.values())

    @property
    def words(self) -> str:
        """In a sentence: the weightiest sign, blocks that went by as one, and how many more there are."""
        if not self.signs:
            return ""
        first = self.signs[0]
        alike = [s for s in self.signs if s.kind == first.kind and first.kind in ("slipped", "new")]
        said = _together(alike) if len(alike) > 1 else first.words
        more = len(self.signs) - max(1, len(alike))
        return f"{said}, and {more} more" if more else said

    def document(self) -> list[dict[str, Any]]:
        """As plain JSON values."""
        return [
            {"kind": s.kind, "text": s.words, "block": s.block.id if s.block else None,
             "task_id": s.block.task_id if s.block else None, "accepted": s.asks}
            for s in self.signs
        ]


@dataclass(frozen=True, slots=True)
class Shown:
    """The plan that is shown and what is known of it now: its blocks, proposed and accepted, in order of time; their tasks by id;
    what was changed of each since the plan was made (fields, old and new, as stored); busy events as (start, end, title); ids of
    blocks whose day's occurrence of a series is done; and tasks with a due that came since. `made` is None where no plan is known
    to have been made."""

    now: datetime
    tz: tzinfo
    today: date
    made: datetime | None
    made_on: date | None
    blocks: Sequence[Block]
    tasks: Mapping[str, Task]
    edits: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)
    events: Sequence[tuple[datetime, datetime, str]] = ()
    done: frozenset[str] = frozenset()
    fresh: Sequence[Task] = ()
    homeless: bool = False
    """Whether the plan left an open task without a place."""
    back: frozenset[str] = frozenset()
    """Ids of blocks that were out of the plan when it was made and are in it again: that was undone."""
    done_since: frozenset[str] = frozenset()
    """Those of `done` that were not yet when the plan was made."""


def touched(task: Task, at: datetime) -> bool:
    """Whether a task is being worked on, or was worked on or edited from that moment on."""
    return task.started is not None or task.modified >= at


def outdated(plan: Shown) -> Outdated:
    """What of a plan no longer holds, one sign for each task and kind."""
    found: dict[tuple[Kind, str], Sign] = {}
    for sign in _signs(plan):
        found.setdefault((sign.kind, sign.block.task_id if sign.block else sign.words), sign)
    return Outdated(tuple(sorted(found.values(), key=lambda s: (KINDS.index(s.kind), not s.asks))))


def _signs(plan: Shown) -> Iterator[Sign]:
    ahead: dict[str, list[Block]] = {}
    for block in plan.blocks:
        if block.end > plan.now:
            ahead.setdefault(block.task_id, []).append(block)
    improves = plan.homeless or any(b.status == "proposed" for left in ahead.values() for b in left)
    for block in plan.blocks:
        task = plan.tasks.get(block.task_id)
        if task is None:
            continue
        if block.end <= plan.now:
            yield from _gone_by(plan, block, task, ahead.get(task.id, ()))
        elif task.status == "pending" and block.id not in plan.done:
            yield from _ahead(plan, block, task, ahead[task.id])
        elif improves and (task.status != "pending" or block.id in plan.done):
            yield from _freed(plan, block, task)
    yield from _covered(plan)
    for task in plan.fresh:
        if task.due is not None:
            due = clock_in(plan.tz, end_of(task.due, zone(task.time_zone)))
            yield Sign("new", f'"{task.title}" came since, due {due}')
    if improves and plan.made_on is not None and plan.made_on < plan.today:
        yield Sign("day", f"it was made on {plan.made_on:%a} {plan.made_on.day} {plan.made_on:%b}")


def _gone_by(plan: Shown, block: Block, task: Task, rest: Iterable[Block]) -> Iterator[Sign]:
    """A block that is over and whose task is not. A part of a task with further parts ahead was missed only where nothing was
    done in it."""
    if plan.made is None or not max(plan.made, plan.now - STALE) < block.end:
        return
    if status_at(task, plan.now) != "pending" or block.id in plan.done or (any(rest) and touched(task, block.start)):
        return
    until = f"{block.end.astimezone(plan.tz):%H:%M}"
    yield Sign("slipped", f'"{task.title}" was planned until {until} and is still open', block)


def _ahead(plan: Shown, block: Block, task: Task, parts: Sequence[Block]) -> Iterator[Sign]:
    if block.id in plan.back:
        again = f'"{task.title}" has its block back that the plan was made without ({clock_in(plan.tz, block.start)})'
        yield Sign("back", again, block)
    by_hand = {r.kind for r in block.reasons}
    known = {r.text.removeprefix(HERE) for r in block.reasons if r.kind == _BY_HAND["event"]}
    for start, end, title in plan.events:
        if start < block.end and block.start < end and over_words(title) not in known:
            what = f'"{title}"' if title else "an event"
            yield Sign("event", f'{what} lies over "{task.title}" ({clock_in(plan.tz, block.start)})', block)
            break
    zone_ = zone(task.time_zone)
    ready = max((start_of(m, zone_) for m in (task.wait, task.scheduled) if m is not None), default=None)
    if ready is not None and block.start < ready and _BY_HAND["put_off"] not in by_hand and block.start >= plan.now:
        yield Sign("put_off", f'"{task.title}" is put off until {clock_in(plan.tz, ready)}, after its block', block)
    edited = plan.edits.get(task.id, {})
    sooner = _BY_HAND["due"] not in by_hand and (_earlier(edited.get("due"), task) or _promised(block))
    if sooner and task.due is not None and (due := end_of(task.due, zone_)) < block.end:
        yield Sign("due", f'"{task.title}" is due {clock_in(plan.tz, due)} now, before its block ends', block)
    if sign := _resized(edited.get("estimate_min"), task, block, parts):
        yield sign


def _resized(edit: tuple[Any, Any] | None, task: Task, block: Block, parts: Sequence[Block]) -> Sign | None:
    """Another estimate than the blocks were made for, as far as it changes their quarter-hours. What was accepted stays as long
    as it is."""
    if edit is None or slots.quarters(edit[0] or 0) == slots.quarters(edit[1] or 0):
        return None
    shorter = (edit[1] or 0) < (edit[0] or 0)
    if shorter and all(part.status == "accepted" for part in parts):
        return None
    was, is_ = (span(n) if n else "no length" for n in edit)
    return Sign("estimate", f'"{task.title}" is estimated at {is_} now, {was} when it was planned', block)


def _earlier(edit: tuple[Any, Any] | None, task: Task) -> bool:
    """Whether a due came to be earlier than it was, or to be at all."""
    if edit is None or edit[1] is None:
        return False
    tz = zone(task.time_zone)
    return edit[0] is None or end_of(parse_wall(edit[1], tz), tz) < end_of(parse_wall(edit[0], tz), tz)


def _covered(plan: Shown) -> Iterator[Sign]:
    """Proposals under an accepted block: one of the two was undone into the plan."""
    ahead = [(b, t) for b in plan.blocks if b.end > plan.now and b.id not in plan.done
             and (t := plan.tasks.get(b.task_id)) is not None and t.status == "pending"]
    held = [(b, t) for b, t in ahead if b.status == "accepted"]
    for block, task in ahead:
        over = next((t for b, t in held if b.start < block.end and block.start < b.end), None)
        if block.status == "proposed" and over is not None:
            hidden = f'the accepted block of "{over.title}" lies over "{task.title}"'
            yield Sign("back", f"{hidden} ({clock_in(plan.tz, block.start)})", block)


def _promised(block: Block) -> bool:
    """Whether a block was accepted, or put where it is, in time for the due that its task had then, if any. A later plan leaves
    it there, so that it is held against the due that counts now, whenever that was edited. Of one that was moved in a calendar
    nothing is known of its due."""
    slack_min = [r.value for r in block.reasons if r.kind == "due"]
    known = slack_min or all(r.kind != "moved" for r in block.reasons)
    return block.status == "accepted" and bool(known) and min(slack_min, default=0) >= 0


def _freed(plan: Shown, block: Block, task: Task) -> Iterator[Sign]:
    """Time that a task done sooner, or deleted, gives back."""
    left_min = (block.end - max(block.start, plan.now)).total_seconds() / 60
    if left_min < slots.QUARTER_MIN or not ("status" in plan.edits.get(task.id, {}) or block.id in plan.done_since):
        return
    free = f"{span(left_min)} is free"
    if task.status == "deleted":
        yield Sign("deleted", f'"{task.title}" was deleted: {free}', block)
    else:
        yield Sign("finished", f'"{task.title}" was finished before its block: {free}', block)


def _together(signs: Sequence[Sign]) -> str:
    if signs[0].kind == "new":
        return f"{len(signs)} tasks with a due came since"
    kinds = {s.block.status for s in signs if s.block}
    which = f"{kinds.pop()} blocks" if len(kinds) == 1 else "blocks"
    return f"{len(signs)} {which} went by and their tasks are still open"


def key(blocks: Iterable[Block]) -> tuple[tuple[str, str, str, str], ...]:
    """Differs once a block came, went, moved or was decided on."""
    return tuple((b.id, b.status, str(iso(b.start.astimezone(UTC))), str(iso(b.end.astimezone(UTC)))) for b in blocks)
