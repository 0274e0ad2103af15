"""How long it takes to delete an application that was used every day for years, and a month of everything.

    python tests/bench/erasing.py [DAYS]      default 3650 days of 820 events; one JSON object per line, seconds and MB

The floor is VACUUM alone on the same file: what was deleted is not gone from the disk before it."""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.when import to_ms
from coach.engine import activity, categories
from coach.store import bulk, events, rollups
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

TZ = ZoneInfo("Europe/Berlin")
FIRST = datetime(2016, 11, 21, tzinfo=UTC)
A_DAY = 820
APPS = ["code", "xterm", "slack", "thunderbird", "libreoffice", "evince", "gimp", "zoom"]


def lived(db: Connection, days: int) -> None:
    """One window bucket; a tenth of its events is the application that goes; another is used on one day in fifty."""
    chance = random.Random(1)
    rules = categories.load(db, Config())
    words = [(app, f"{app} page {n}", "", f"p{n % 5}") for app in APPS for n in range(60)]
    often = [("firefox", f"article {n}", f"https://news{n % 40}.example/a", "") for n in range(400)]
    seldom = [("inkscape", "drawing", "", "")]
    with transaction(db):
        bucket = events.bucket(db, "x11", events.BUCKET_TYPES["window"], FIRST)
        ids = bulk.contexts(db, [*words, *often, *seldom], rules.categorise)
        for day in range(days):
            at = to_ms(FIRST + timedelta(days=day, hours=8))
            rows = []
            for number in range(A_DAY):
                kind = often if number % 10 == 3 else seldom if number == 5 and day % 50 == 0 else words
                end = at + chance.randrange(5_000, 80_000)
                rows.append((at, end, ids[chance.choice(kind)]))
                at = end
            bulk.events(db, bucket, rows)
            bulk.line(db, bucket, rows, lambda ms: activity.offset_min(ms, TZ))
        rollups.rebuild_all(db, rules.day_start_min)


def took(name: str, act: Callable[[], object], **more: object) -> None:
    begun, used = time.perf_counter(), time.process_time()
    found = act()
    print(json.dumps({
        "what": name, "s": round(time.perf_counter() - begun, 2), "cpu_s": round(time.process_time() - used, 2),
        "result": found, **more,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }), flush=True)


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 3650
    with tempfile.TemporaryDirectory() as folder:
        home = home_at(Path(folder))
        home.data.mkdir(parents=True)
        unlocked = Unlocked(home.store_file, bytes(32), "bench")
        fill(unlocked, FIRST)
        db = connect(unlocked)
        took("fill", lambda: lived(db, days), events=days * A_DAY)
        rules = categories.load(db, Config())
        end = FIRST + timedelta(days=days + 1)

        def erase(first: datetime, last: datetime, app: str = "") -> int:
            return activity.erase_range(db, first, last, rules, TZ, end, app)

        took("vacuum alone", lambda: db.execute("VACUUM") and None, file_mb=round(home.store_file.stat().st_size / 1e6))
        took("app of one day in fifty", lambda: erase(FIRST, end, "inkscape"))
        took("a month of everything", lambda: erase(FIRST + timedelta(days=days // 2), FIRST + timedelta(days=days // 2 + 30)))
        took("app of every day", lambda: erase(FIRST, end, "firefox"))
        took("roll-ups agree", lambda: rollups.disagreements(db, rules.day_start_min) == [])
        db.close()


if __name__ == "__main__":
    main()
