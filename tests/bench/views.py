"""How long each screen's view takes on ten years of roll-ups and a day of 10,000 switches.

    python tests/bench/views.py            one JSON object per line, milliseconds; the floor is one sum over the year's roll-up
    python tests/bench/views.py --year     instead on a year with 10,000 windows every day (filling it takes minutes)
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config, Home, home_at
from coach.core.when import to_ms
from coach.engine import activity, categories, insights, plan_view, report, setup, views
from coach.store import bulk, events
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

NOW = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 19)
TZ = ZoneInfo("Europe/Berlin")
DAYS = 3653
APPS = [f"app{n}" for n in range(40)]
CATEGORIES = ["Work > Programming", "Work > Writing", "Communication > Email", "Communication > Chat", "Entertainment > Video"]


def ten_years(db: Connection) -> None:
    chance = random.Random(1)
    with transaction(db):
        for back in range(DAYS):
            day = (TODAY - timedelta(days=back)).isoformat()
            apps = chance.sample(APPS, 25)
            db.executemany("INSERT INTO rollup_day VALUES(?,?,?,?,?,?)", [
                (day, app, CATEGORIES[n % 5], f"p{n % 6}", chance.randrange(60_000, 2_000_000), 12) for n, app in enumerate(apps)
            ])
            db.executemany("INSERT INTO rollup_hour VALUES(?,?,?,?,?)", [
                (day, hour, c, chance.randrange(60_000, 700_000), 9) for hour in range(8, 19) for c in CATEGORIES
            ])
            db.executemany("INSERT INTO focus_hour VALUES(?,?,?,?,?)", [
                (day, hour, 1, chance.random(), 3_000_000) for hour in range(8, 19)
            ])
        busy_day(db, chance)


def busy_day(db: Connection, chance: random.Random) -> None:
    """10,000 switches between 8:00 and 20:00 UTC."""
    bucket = events.bucket(db, "x11", events.BUCKET_TYPES["window"], NOW)
    db.executemany("INSERT INTO context VALUES(?,?,?,?,?,?,?)", [
        (n + 1, n, APPS[n % 40], f"title {n}", "", "", CATEGORIES[n % 5]) for n in range(400)
    ])
    start = to_ms(datetime(2026, 11, 19, 8, 0, tzinfo=UTC))
    step = 12 * 3_600_000 // 10_000
    rows = [(start + n * step, start + (n + 1) * step, chance.randrange(1, 401)) for n in range(10_000)]
    bulk.line(db, bucket, rows, lambda ms: 60)
    db.execute("DELETE FROM focus_hour WHERE day = ?", (TODAY.isoformat(),))
    db.executemany("INSERT INTO focus_hour VALUES(?,?,0,NULL,0)", [(TODAY.isoformat(), hour) for hour in range(9, 21)])
    activity.score_hours(db, categories.load(db, Config()), NOW)


def best_ms(act: Callable[[], object], rounds: int = 7) -> float:
    act()
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000)
    return round(sorted(found)[len(found) // 2], 2)


def views_of(db: Connection, home: Home) -> dict[str, Callable[[], object]]:
    config = Config()
    year = ((TODAY - timedelta(days=365)).isoformat(), TODAY.isoformat())
    return {
        "floor: one sum over a year of roll-ups":
            lambda: db.execute("SELECT sum(ms) FROM rollup_day WHERE day BETWEEN ? AND ?", year).fetchone(),
        "today": lambda: views.today(db, config, NOW, TZ),
        "today's stamp": lambda: views.today_stamp(db, NOW),
        "plan": lambda: plan_view.plan(db, config, NOW, TZ),
        "insights, day": lambda: insights.insights(db, config, NOW, TZ, period="day"),
        "insights, week": lambda: insights.insights(db, config, NOW, TZ),
        "insights, month": lambda: insights.insights(db, config, NOW, TZ, period="month"),
        "insights, year": lambda: insights.insights(db, config, NOW, TZ, period="year"),
        "setup": lambda: setup.setup(db, config, home, NOW, TZ, setup.Live()),
        "report day": lambda: report.report(db, "day", TODAY, config, NOW, TZ),
        "report year": lambda: report.report(db, "year", TODAY, config, NOW, TZ),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = home_at(Path(folder))
        if "--year" in sys.argv:
            from reports import filled  # beside this file

            db = filled(Path(folder), 365, 10_000)
        else:
            home.data.mkdir(parents=True)
            unlocked = Unlocked(home.store_file, bytes(32), "bench")
            fill(unlocked, NOW)
            db = connect(unlocked, durable=False)
            ten_years(db)
        for name, act in views_of(db, home).items():
            print(json.dumps({"view": name, "ms": best_ms(act)}), flush=True)
        db.close()


if __name__ == "__main__":
    main()
