"""Pictures of the app on a simulated person: python tests/bench/screenshot.py OUT.svg [SCREEN] [WIDTHxHEIGHT] [KEYS…].

README's picture: python tests/bench/screenshot.py data/screenshot.svg today 120x36
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ.setdefault("COACH_NOW", "2026-11-20T13:35:00Z")
os.environ.setdefault("TZ", "Europe/Berlin")

from coach.config import Config
from coach.engine import clock, demo
from coach.engine.runtime import running
from coach.tui.app import CoachApp

KEYS = {"today": "1", "tasks": "2", "plan": "3", "insights": "4", "coach": "5", "setup": "6"}


async def draw(out: Path, screen: str, size: tuple[int, int], keys: list[str]) -> None:
    config = Config()
    tz = clock.local_zone(config)
    with (
        demo.throw_away("", 120, 7, clock.now(), tz, config) as (home, unlocked, settings),
        running(settings, home, unlocked, track=False, jobs=False) as runtime,
    ):
        app = CoachApp(runtime)
        async with app.run_test(size=size) as pilot:
            for key in (KEYS[screen], *keys):
                await pilot.press(key)
                await pilot.pause(0.2)
            await pilot.pause(1.0)
            out.write_text(app.export_screenshot(title="coach"), encoding="utf-8")


if __name__ == "__main__":
    words = sys.argv[1:]
    wide, high = (words[2] if len(words) > 2 else "120x36").split("x")
    asyncio.run(draw(Path(words[0]), words[1] if len(words) > 1 else "today", (int(wide), int(high)), words[3:]))
