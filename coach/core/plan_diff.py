"""What is different between two plans: blocks that stay, move, come and go. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from coach.core.plan import Block, Unplaced
from coach.core.when import iso


@dataclass(frozen=True, slots=True)
class Difference:
    """`moved` are pairs (before, after): the same task at another time or of another length. `lost` and `found` are tasks that
    have lost or found their place."""

    kept: tuple[Block, ...]
    moved: tuple[tuple[Block, Block], ...]
    added: tuple[Block, ...]
    removed: tuple[Block, ...]
    lost: tuple[Unplaced, ...] = ()
    found: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.moved or self.added or self.removed or self.lost or self.found)

    @property
    def moved_share(self) -> float:
        """Share of the earlier plan's blocks that are elsewhere or gone."""
        before = len(self.kept) + len(self.moved) + len(self.removed)
        return (len(self.moved) + len(self.removed)) / before if before else 0.0


def difference(
    before: Iterable[Block], after: Iterable[Block], unplaced: tuple[Sequence[Unplaced], Sequence[Unplaced]] = ((), ()),
) -> Difference:
    """From one plan to another. Blocks of a task are matched in order of time, those that did not move first."""
    old, new = _by_task(before), _by_task(after)
    kept: list[Block] = []
    moved: list[tuple[Block, Block]] = []
    added: list[Block] = []
    removed: list[Block] = []
    for task in dict.fromkeys([*old, *new]):
        mine, theirs = old.get(task, []), new.get(task, [])
        spans = {(b.start, b.end) for b in mine} & {(b.start, b.end) for b in theirs}
        kept += [b for b in theirs if (b.start, b.end) in spans]
        mine, theirs = ([b for b in x if (b.start, b.end) not in spans] for x in (mine, theirs))
        moved += zip(mine, theirs, strict=False)
        removed += mine[len(theirs):]
        added += theirs[len(mine):]
    was, is_ = ({u.task_id for u in side} for side in unplaced)
    return Difference(
        tuple(sorted(kept, key=_start)), tuple(sorted(moved, key=lambda pair: _start(pair[1]))), tuple(sorted(added, key=_start)),
        tuple(sorted(removed, key=_start)), tuple(u for u in unplaced[1] if u.task_id not in was),
        tuple(sorted(task for task in was - is_ if task in new)),
    )


def difference_json(found: Difference) -> dict[str, Any]:
    """As plain JSON values."""
    def one(block: Block) -> dict[str, Any]:
        return {"task_id": block.task_id, "start": iso(block.start), "end": iso(block.end)}

    return {
        "kept": [one(b) for b in found.kept], "added": [one(b) for b in found.added], "removed": [one(b) for b in found.removed],
        "moved": [{"task_id": b.task_id, "from": one(a), "to": one(b)} for a, b in found.moved],
        "lost": [{"task_id": u.task_id, "reason": u.reason, "would_fit_if": u.would_fit_if} for u in found.lost],
        "found": list(found.found), "moved_share": round(found.moved_share, 4),
    }


MOST_NAMED = 2


def sentence(found: Difference, titles: Mapping[str, str], tz: tzinfo) -> str:
    """The difference in one line: the first blocks that moved or came by name and local time, the others counted, and tasks that
    have lost their place; "" where there are none."""
    def where(block: Block, word: str) -> str:
        return f'"{titles.get(block.task_id, "")}" {word} {block.start.astimezone(tz):%a %H:%M}'

    named = [where(b, "to") for _, b in found.moved] + [where(b, "at") for b in found.added]
    parts = named[:MOST_NAMED]
    if len(named) > MOST_NAMED:
        parts.append(f"{len(named) - MOST_NAMED} more moved")
    if found.lost:
        parts.append(f"{len(found.lost)} without a place")
    return ", ".join(parts)


def _by_task(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in sorted(blocks, key=_start):
        found.setdefault(block.task_id, []).append(block)
    return found


def _start(block: Block) -> Any:
    return block.start
