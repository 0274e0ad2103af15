"""What a changed plan comes to beside its blocks: limits that a block breaks which was put somewhere by hand, and what the days
then hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coach.config import Config
from coach.core.plan import Block, Reason
from coach.core.when import iso
from coach.engine import plan_limits
from coach.engine.plan_load import DayLoad, day_loads
from coach.engine.planning import Proposal
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Effects:
    """`breaks` are blocks that are moved by hand, each with the limits that it breaks where it would be; `loads` are the days on
    which anything changes, as they would be."""

    breaks: tuple[tuple[Block, tuple[Reason, ...]], ...] = ()
    loads: tuple[DayLoad, ...] = ()


def effects(db: Connection, config: Config, made: Proposal) -> Effects:
    """Of a plan that differs from the one that is shown."""
    change, now, tz = made.change, made.instance.now, made.instance.tz
    moved = [after for _, after in change.moved if after.status == "accepted"]
    broken = plan_limits.broken_by(db, config, moved, now, tz)
    touched = [*(b for pair in change.moved for b in pair), *change.added, *change.removed]
    days = {b.start.astimezone(tz).date() for b in touched}
    loads = tuple(one for one in day_loads(db, made.given, made.blocks) if one.day in days)
    return Effects(tuple((b, broken[b.id]) for b in moved if b.id in broken), loads)


def effects_json(found: Effects) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "breaks": [{"block": b.id, "task_id": b.task_id, "kind": r.kind, "minutes": r.value, "text": r.text}
                   for b, reasons in found.breaks for r in reasons],
        "loads": [{"day": iso(d.day), "planned_min": d.planned_min, "free_min": d.free_min} for d in found.loads],
    }
