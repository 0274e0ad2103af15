"""What would be different: a what-if before anything is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import slots
from coach.core.errors import InvalidInput
from coach.core.goal import length_in
from coach.core.plan import Block
from coach.engine import block_moves, plan_horizon, planning
from coach.engine.plan_instance import Wanted
from coach.engine.planning import Proposal
from coach.engine.standing import standing
from coach.store import blocks
from coach.store.db import Connection

HELD = 100.0
"""How firmly the plan stands in a what-if: what is not asked about moves only where it must."""
FORMS = "skip, or how long it takes (45m), or how much later or earlier (+1h, -30m)"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Tasks to skip, by id; tasks to shorten (or lengthen), to minutes; blocks to move, by id, by minutes."""

    skip: frozenset[str] = frozenset()
    minutes: Mapping[str, int] = field(default_factory=dict)
    move: Mapping[str, int] = field(default_factory=dict)


def understood(text: str, block: Block) -> WhatIf:
    """What is wanted of a block, in a word: "skip" leaves its task out, "45m" gives the task that long, "+1h" or "-30m" puts the
    block later or earlier. Raises InvalidInput."""
    words = text.strip().casefold()
    if words == "skip":
        return WhatIf(skip=frozenset({block.task_id}))
    found = length_in(words.lstrip("+-"))
    if found is None or found[1].strip() or not found[0]:
        raise InvalidInput(f"{text!r} is no change of a block", FORMS)
    minutes = found[0]
    if words[0] in "+-":
        return WhatIf(move={block.id: minutes if words[0] == "+" else -minutes})
    return WhatIf(minutes={block.task_id: minutes})


def what_if(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int | None, change: WhatIf, *, seed: int = 0,
    progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Proposal:
    """The plan as it would be, of as many days as the shown one where `days` does not say; its `change` is the difference
    from that. Writes nothing: `apply` shows it from now on. A moved block counts as accepted in it. Raises NotFound for unknown
    blocks, InvalidInput for a move into the past, onto an accepted block or off the quarter-hours, and for minutes below one."""
    if wrong := [m for m in change.minutes.values() if m < 1]:
        raise InvalidInput(f"a task cannot take {wrong[0]} minutes")
    if off := [m for m in change.move.values() if m % slots.QUARTER_MIN]:
        raise InvalidInput(f"a block cannot move by {off[0]} min", "it moves by quarter-hours")
    kept = {b.id: b for b in standing(db, now)}
    for ref, minutes in change.move.items():
        moved = block_moves.as_moved(db, config, blocks.find(db, ref), minutes, now, tz)
        planning.check_move(moved, kept.values(), now)
        kept[moved.id] = moved
    wanted = Wanted(change.skip, dict(change.minutes), tuple(sorted(kept.values(), key=lambda b: b.start)), HELD)
    days = plan_horizon.shown_days(db, config, now, tz) if days is None else days
    return planning.propose(db, config, now, tz, days, seed=seed, wanted=wanted, progress=progress, cancelled=cancelled)


def apply(db: Connection, made: Proposal, change: WhatIf, now: datetime, *, accept: bool = False) -> Proposal:
    """Show a what-if's plan from now on; its moved blocks are accepted where they are now, and accepted ones ahead of a task that
    is left out are given back, which says nothing against their time. `accept` takes every proposed block too. All of it is one
    action."""
    stands = {b.id: b for b in made.kept}
    moved = [(b, stands[b.id]) for b in (blocks.find(db, ref) for ref in change.move) if b.id in stands]
    held = [b for b in blocks.with_status(db, "accepted") if b.task_id in change.skip and b.start >= now]
    made = planning.keep(db, made, now)
    offered = made.plan.blocks if accept else ()
    taken = tuple(replace(b, status="accepted") for b in offered)
    planning.decide(
        db, {"move": moved, "accept": list(zip(offered, taken, strict=True))}, now, "change the plan",
        beside=[(b, blocks.given_back(b, "left out by a what-if")) for b in held])
    return replace(made, plan=replace(made.plan, blocks=taken)) if accept else made
