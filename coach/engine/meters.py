"""Numbers about Coach itself, for metrics."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coach.store import glance, leases

if TYPE_CHECKING:
    from coach.engine.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Meters:
    """`gaps` and `errors` of the process that tracks now, 0 without one; `nudges` as (status, number)."""

    events: int
    gaps: int
    errors: int
    tracking: bool
    store_bytes: int
    open_tasks: int
    nudges: tuple[tuple[str, int], ...]


def read(runtime: Runtime) -> Meters:
    """What the store, its files and the tracker's lease say now."""
    with closing(runtime.connect()) as db:
        counted = glance.counters(db)
        on = leases.held(runtime.home.state, "tracker")
        row = leases.row(db, "tracker") if on else None
    info = json.loads(row["info"] or "{}") if row else {}
    files = [runtime.home.store_file.with_name(runtime.home.store_file.name + suffix) for suffix in ("", "-wal", "-shm")]
    nudges = tuple((name.removeprefix("nudge:"), n) for name, n in counted.items() if name.startswith("nudge:"))
    return Meters(
        counted["events"], int(info.get("gaps", 0)), int(info.get("errors", 0)), on,
        sum(file.stat().st_size for file in files if file.exists()), counted["open_tasks"], nudges,
    )
