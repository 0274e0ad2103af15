"""Every screen of the app over a year with 10,000 windows a day: from the wish to see it until it stands there.

    python tests/bench/screens.py [--days 365] [--per-day 10000] [--size 120x40] [--rounds 7] [--keep DIR] [--only NAME,NAME]

One JSON line per screen, milliseconds: `first_ms` until the screen stands there with a view when it is looked at for the first
time, its modules still to be loaded; `again_ms` the median of coming back after something was recorded: the view is built anew;
`view_ms` how long the thread of the store took for it. A page of weeks stands there as of when it was last made: its `again_ms`
is coming back to it, and `fresh_ms` until it is made anew behind that. The app makes what is a day old by itself, and so does
this bench before it begins (`kept` and its seconds).
With --only, no other screen but Today is looked at before, so that its `first_ms` is that of a process that has just
started. Filling takes minutes; --keep fills DIR once and uses
what is there. The floor, in the same run, is the screen of Setup, which shows no time at all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing import Process, set_start_method
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.when import iso
from coach.engine.runtime import Runtime
from coach.store.db import Unlocked, connect
from coach.store.migrations import migrate
from coach.tui.actions import PAGES
from coach.tui.app import CoachApp

NOW = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
"""The evening of the last day that reports.py fills."""
SCREENS = ("setup", "today", "tasks", "plan", "coach", "insights")
EVERY = (*SCREENS, *(page.name for page in PAGES if page.name != "insights"))


async def stands(pilot: Any, name: str, fresh: bool) -> None:
    """Until that screen is the one shown, with a view, and everything on it has been laid out and drawn. With `fresh`, until
    nothing is being made anew."""
    app = pilot.app
    while name != app.screen.NAME or app.screen.view is None or (fresh and app.screen.is_loading):
        await asyncio.sleep(0.0005)
    await pilot._wait_for_screen()
    app.screen._on_timer_update()


async def took_ms(pilot: Any, name: str, act: Any, fresh: bool = True) -> float:
    began = time.perf_counter()
    act()
    await stands(pilot, name, fresh)
    return (time.perf_counter() - began) * 1000


async def measure(app: CoachApp, size: tuple[int, int], rounds: int, names: Sequence[str]) -> None:
    pages = {page.name for page in PAGES[1:]}
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        for name in names:
            if name not in pages:
                await say(pilot, name, lambda name=name: app.action_go(name), rounds)
                continue
            if app.current_mode != "insights":
                app.action_go("insights")
                await stands(pilot, app.screen.NAME, True)
            await say(pilot, name, lambda name=name: app.screen._turn_to(name), rounds)


async def say(pilot: Any, name: str, go: Any, rounds: int) -> None:
    app = pilot.app
    first = await took_ms(pilot, name, go, fresh=False)
    again, fresh, views = [], [], []
    is_kept = hasattr(app.screen, "KIND")
    for _ in range(rounds):
        await stands(pilot, name, True)
        if is_kept:
            app.screen._turn_to("insights")
            await stands(pilot, "insights", True)
            again.append(await took_ms(pilot, name, lambda: app.screen._turn_to(name), fresh=False))
            await stands(pilot, name, True)
        app.version += 1
        app.screen._stamp = None
        (fresh if is_kept else again).append(await took_ms(pilot, name, app.screen.reload))
        began = time.perf_counter()
        await app.read(app.screen.build)
        views.append((time.perf_counter() - began) * 1000)
    line = {
        "screen": name, "first_ms": round(first, 1), "again_ms": round(statistics.median(again), 1),
        "worst_ms": round(max(again), 1), "view_ms": round(statistics.median(views), 1),
    }
    print(json.dumps({**line, **({"fresh_ms": round(statistics.median(fresh), 1)} if fresh else {})}), flush=True)


def prepared(folder: Path, days: int, per_day: int) -> None:
    """Fill the store where it is empty, and make what the app makes of itself within minutes of its start. In a process of its
    own, so that the one that measures begins without the modules of either."""
    from reports import filled  # beside this file

    from coach.engine import kept, preferences
    from coach.engine.models import Models

    home = home_at(folder)
    if not home.store_file.exists():
        began = time.perf_counter()
        db = filled(folder, days, per_day)
        preferences.put(db, {"onboarded": True, "tracking_consent": True}, NOW)
        db.close()
        print(json.dumps({"filled_s": round(time.perf_counter() - began), "days": days, "per_day": per_day}), flush=True)
    db = connect(Unlocked(home.store_file, bytes(32), "bench"))
    migrate(db, lambda *_: None)
    began = time.perf_counter()
    names = kept.renew_old(db, Config(), NOW, ZoneInfo("UTC"), Models(Config()))
    db.close()
    if names:
        print(json.dumps({"kept": names, "s": round(time.perf_counter() - began, 1)}), flush=True)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--per-day", type=int, default=10_000)
    options.add_argument("--size", default="120x40")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    width, height = (int(n) for n in chosen.size.split("x"))
    os.environ["COACH_NOW"] = str(iso(NOW))
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        made = Process(target=prepared, args=(folder, chosen.days, chosen.per_day))
        made.start()
        made.join()
        home = home_at(folder)
        home.state.mkdir(parents=True, exist_ok=True)
        runtime = Runtime(Config(), home, ZoneInfo("UTC"), Unlocked(home.store_file, bytes(32), "bench"))
        names = chosen.only.split(",") if chosen.only else EVERY
        asyncio.run(measure(CoachApp(runtime), (width, height), chosen.rounds, names))


if __name__ == "__main__":
    set_start_method("spawn")
    main()
