"""Every screen of the app over a year with 10,000 windows a day: from the wish to see it until it stands there.

    python tests/bench/screens.py [--days 365] [--per-day 10000] [--size 120x40] [--rounds 7] [--keep DIR]

One JSON line per screen, milliseconds: `first_ms` builds the screen and its view, `again_ms` is the median of coming back after
something was recorded (the view is built anew), `view_ms` how long the thread of the store took for it. Filling takes minutes;
--keep fills DIR once and uses what is there.
The floor, in the same run, is the screen of Setup, which shows no time at all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports import NOW, filled  # beside this file

from coach.config import Config, home_at
from coach.core.when import iso
from coach.engine import preferences
from coach.engine.runtime import Runtime
from coach.store.db import Unlocked
from coach.tui.actions import PAGES
from coach.tui.app import CoachApp

SCREENS = ("setup", "today", "tasks", "plan", "coach", "insights")


async def stands(pilot: Any, name: str) -> None:
    """Until that screen is the one shown, with its view, and everything on it has been laid out and drawn."""
    while name != pilot.app.screen.NAME or pilot.app.screen.is_loading:
        await asyncio.sleep(0.0005)
    await pilot._wait_for_screen()
    pilot.app.screen._on_timer_update()


async def took_ms(pilot: Any, name: str, act: Any) -> float:
    began = time.perf_counter()
    act()
    await stands(pilot, name)
    return (time.perf_counter() - began) * 1000


async def measure(app: CoachApp, size: tuple[int, int], rounds: int) -> None:
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        for name in SCREENS:
            await say(pilot, name, lambda name=name: app.action_go(name), rounds)
        for page in PAGES:
            if page.name == "insights":
                continue
            await say(pilot, page.name, lambda page=page: app.screen._turn_to(page.name), rounds)


async def say(pilot: Any, name: str, go: Any, rounds: int) -> None:
    app = pilot.app
    first = await took_ms(pilot, name, go)
    again, views = [], []
    for _ in range(rounds):
        app.version += 1
        app.screen._stamp = None
        again.append(await took_ms(pilot, name, app.screen.reload))
        began = time.perf_counter()
        await app.read(app.screen.build)
        views.append((time.perf_counter() - began) * 1000)
    print(json.dumps({
        "screen": name, "first_ms": round(first, 1), "again_ms": round(statistics.median(again), 1),
        "worst_ms": round(max(again), 1), "view_ms": round(statistics.median(views), 1),
    }), flush=True)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--per-day", type=int, default=10_000)
    options.add_argument("--size", default="120x40")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    width, height = (int(n) for n in chosen.size.split("x"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        home = home_at(folder)
        if not home.store_file.exists():
            began = time.perf_counter()
            db = filled(folder, chosen.days, chosen.per_day)
            preferences.put(db, {"onboarded": True, "tracking_consent": True}, NOW)
            db.close()
            print(json.dumps({"filled_s": round(time.perf_counter() - began), "days": chosen.days, "per_day": chosen.per_day}))
        home.state.mkdir(parents=True, exist_ok=True)
        os.environ["COACH_NOW"] = str(iso(NOW))
        runtime = Runtime(Config(), home, ZoneInfo("UTC"), Unlocked(home.store_file, bytes(32), "bench"))
        asyncio.run(measure(CoachApp(runtime), (width, height), chosen.rounds))


if __name__ == "__main__":
    main()
