"""Every screen of the app over a year with 10,000 windows a day: from the wish to see it until it stands there.

    python tests/bench/screens.py [--days 365] [--per-day 10000] [--size 120x40] [--visits 3] [--idle 10] [--rounds 7]
                                    [--keep DIR] [--only NAME,NAME]

One JSON line per screen, milliseconds until the screen stands there with its view, laid out and painted. The first look, each in
a process of its own, median and worst of `--visits`: `first_at_start_ms` as soon as the app's first screen stands;
`first_after_idle_ms` after `--idle` seconds in which nobody did anything. A page is looked at from Insights, opened just before.
Then, in one process that looks at every screen (none with --rounds 0): `again_ms` the median of coming back after something was
recorded: the view is built anew; `view_ms` how long the thread of the store took for it. A page of weeks stands there as of
when it was last made: its `again_ms` is coming back to it, and `fresh_ms` until it is made anew behind that. The app makes what
is a day old by itself, and so does this bench before it begins (`kept` and its seconds). Filling takes minutes; --keep fills DIR
once and uses what is there. The floor, in the same run, is the screen of Setup, which shows no time at all.
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
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import set_start_method
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.when import iso
from coach.engine.models import Models
from coach.engine.runtime import Runtime
from coach.store.db import Unlocked, connect
from coach.store.migrations import migrate
from coach.tui.actions import PAGES
from coach.tui.app import CoachApp

NOW = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
"""The evening of the last day that reports.py fills."""
SCREENS = ("setup", "today", "tasks", "plan", "coach", "insights")
BEHIND_INSIGHTS = tuple(page.name for page in PAGES if page.name != "insights")
EVERY = (*SCREENS, *BEHIND_INSIGHTS)


async def stands(pilot: Any, name: str, fresh: bool) -> None:
    """Until that screen is the one shown, with a view, and everything on it has been laid out and painted. With `fresh`, until
    nothing is being made anew."""
    app = pilot.app
    while name != getattr(app.screen, "NAME", "") or app.screen.view is None or (fresh and app.screen.is_loading):
        await asyncio.sleep(0.0005)
    await pilot._wait_for_screen()
    while app._batch_count:  # the picture is held back
        await asyncio.sleep(0.0005)
    app.screen._on_timer_update()


async def took_ms(pilot: Any, name: str, act: Any, fresh: bool = True) -> float:
    began = time.perf_counter()
    act()
    await stands(pilot, name, fresh)
    return (time.perf_counter() - began) * 1000


async def first_look(app: CoachApp, size: tuple[int, int], name: str, idle_s: float) -> float:
    async with app.run_test(size=size) as pilot:
        await stands(pilot, app.screen.NAME, True)
        await asyncio.sleep(idle_s)
        if name in BEHIND_INSIGHTS:
            app.action_go("insights")
            await stands(pilot, "insights", True)
        return await took_ms(pilot, name, going(app, name), fresh=False)


async def measure(app: CoachApp, size: tuple[int, int], rounds: int, names: Sequence[str]) -> dict[str, dict[str, float]]:
    found = {}
    async with app.run_test(size=size) as pilot:
        await stands(pilot, app.screen.NAME, True)
        for name in names:
            if name in BEHIND_INSIGHTS and app.current_mode != "insights":
                app.action_go("insights")
                await stands(pilot, app.screen.NAME, True)
            going(app, name)()
            await stands(pilot, name, True)
            found[name] = await coming_back(pilot, name, rounds)
    return found


def going(app: CoachApp, name: str) -> Any:
    return (lambda: app.screen._turn_to(name)) if name in BEHIND_INSIGHTS else lambda: app.action_go(name)


async def coming_back(pilot: Any, name: str, rounds: int) -> dict[str, float]:
    app = pilot.app
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
    line = {"again_ms": statistics.median(again), "worst_ms": max(again), "view_ms": statistics.median(views)}
    return {**line, **({"fresh_ms": statistics.median(fresh)} if fresh else {})}


def app_over(folder: Path) -> CoachApp:
    home = home_at(folder)
    home.state.mkdir(parents=True, exist_ok=True)
    runtime = Runtime(Config(), home, ZoneInfo("UTC"), Unlocked(home.store_file, bytes(32), "bench"), models=Models(Config()))
    return CoachApp(runtime)


def looked(folder: Path, size: tuple[int, int], name: str, idle_s: float) -> float:
    return asyncio.run(first_look(app_over(folder), size, name, idle_s))


def returned(folder: Path, size: tuple[int, int], rounds: int, names: Sequence[str]) -> dict[str, dict[str, float]]:
    return asyncio.run(measure(app_over(folder), size, rounds, names))


def prepared(folder: Path, days: int, per_day: int) -> None:
    """Fill the store where it is empty, and make what the app makes of itself within minutes of its start. In a process of its
    own, so that those that measure begin without the modules of either."""
    from reports import filled  # beside this file

    from coach.engine import kept, preferences

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
    options.add_argument("--visits", type=int, default=3)
    options.add_argument("--idle", type=float, default=10.0)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    width, height = (int(n) for n in chosen.size.split("x"))
    size = width, height
    os.environ["COACH_NOW"] = str(iso(NOW))
    names = chosen.only.split(",") if chosen.only else EVERY
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(1, max_tasks_per_child=1) as fresh:  # a process per task
        folder = chosen.keep or Path(scratch)
        fresh.submit(prepared, folder, chosen.days, chosen.per_day).result()
        again = fresh.submit(returned, folder, size, chosen.rounds, names).result() if chosen.rounds else {}
        for name in names:
            line: dict[str, float] = {}
            cases = {"at_start": 0.0, "after_idle": chosen.idle}
            for case, idle_s in cases.items() if name != "today" else ():  # the start itself shows Today
                found = [fresh.submit(looked, folder, size, name, idle_s).result() for _ in range(chosen.visits)]
                line |= {f"first_{case}_ms": statistics.median(found), f"first_{case}_worst_ms": max(found)}
            line |= again.get(name, {})
            print(json.dumps({"screen": name, **{key: round(ms, 1) for key, ms in line.items()}}), flush=True)


if __name__ == "__main__":
    set_start_method("spawn")
    main()
