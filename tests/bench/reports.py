"""Reports over a year and over ten, beside ActivityWatch's server on the same events in one run.

    python tests/bench/reports.py [--peer PYTHON] [--decade]     one JSON object per line; times in milliseconds

PYTHON is the interpreter of an environment with aw-server (`pip install aw-server aw-client 'peewee<4' 'flask<2.3'`); the
peer needs minutes. --decade also fills a store with 3.65 million events. Warm, as in the running app: the median of seven.
The floor counts the timeline itself, without roll-ups.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.when import to_ms
from coach.engine import activity, categories, report, sums
from coach.store import bulk, events, rollups
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

END = date(2026, 11, 19)
"""The last day that is filled."""
NOW = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
PER_DAY = 1000
APPS = (
    ("code", 30, ("main.py", "test_db.py", "README.md")),
    ("firefox", 28, ("Pull request {} - GitHub", "Inbox ({})", "Hacker News")),
    ("gnome-terminal-server", 14, ("~/coach", "ssh prod-{}", "pytest")), ("slack", 10, ("general", "dm {}")),
    ("zoom", 4, ("Meeting {}",)), ("spotify", 4, ("Track {}",)), ("libreoffice", 4, ("report-{}.odt",)),
    ("steam", 6, ("Game {}",)),
)
PORT = 5666
BASE = f"http://127.0.0.1:{PORT}/api/0"


def a_day(day: date, per_day: int = PER_DAY) -> list[tuple[int, int, str, str]]:
    """So many windows between 8:00 and 22:00 UTC: (start_ms, end_ms, app, title), the same for the same day."""
    chance = random.Random(day.toordinal())
    lengths = [chance.expovariate(1.0) for _ in range(per_day)]
    scale = 14 * 3_600_000 / sum(lengths)
    at = to_ms(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    apps = chance.choices(APPS, [weight for _, weight, _ in APPS], k=per_day)
    found = []
    for length, (app, _, titles) in zip(lengths, apps, strict=True):
        end = at + max(1, int(length * scale))
        found.append((at, end, app, chance.choice(titles).format(chance.randrange(400))))
        at = end
    return found


def days(number: int) -> Iterator[date]:
    return (END - timedelta(days=back) for back in range(number - 1, -1, -1))


def filled(folder: Path, number: int, per_day: int = PER_DAY) -> Connection:
    """An encrypted store with that many days."""
    home = home_at(folder)
    home.data.mkdir(parents=True)
    unlocked = Unlocked(home.store_file, bytes(32), "bench")
    fill(unlocked, NOW)
    db = connect(unlocked, durable=False)
    rules = categories.load(db, Config())
    with transaction(db):
        bucket = events.bucket(db, "x11", events.BUCKET_TYPES["window"], NOW)
        known: dict[tuple[str, str], int] = {}
        for day in days(number):
            lived = a_day(day, per_day)
            new = {(app, title) for _, _, app, title in lived} - known.keys()
            if new:
                ids = bulk.contexts(db, {(app, title, "", "") for app, title in new}, rules.categorise)
                known |= {(c[0], c[1]): n for c, n in ids.items()}
            rows = [(start, end, known[app, title]) for start, end, app, title in lived]
            bulk.events(db, bucket, rows)
            bulk.line(db, bucket, rows, lambda ms: 0)
        rollups.rebuild_all(db, rules.day_start_min)
    while activity.score_hours(db, rules, NOW):
        pass
    return db


def median_ms(act: Callable[[], object], rounds: int = 7) -> float:
    act()
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return round(sorted(took)[rounds // 2], 2)


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def measure(db: Connection, number: int, last_days: int) -> None:
    first = END - timedelta(days=last_days - 1)
    store = f"{number * PER_DAY:,} events"
    config = Config()
    low, high = to_ms(datetime(first.year, first.month, first.day, tzinfo=UTC)), to_ms(NOW) + 7_200_000
    span = "year" if last_days == 365 else f"{last_days // 365} years"
    measures: dict[str, Callable[[], object]] = {
        f"{span} by app": lambda: rollups.by_app(db, first, END),
        f"{span} by category": lambda: rollups.by_category(db, first, END),
        f"{span} by app, category, project and day at once, as reports read them":
            lambda: sums.summed(db, first, END, None, NOW),
        f"{span} by category and hour of day": lambda: rollups.by_hour_of_day(db, first, END),
    }
    if last_days == 365:
        measures["year by category and hour of it, 8,760 hours"] = lambda: rollups.category_hours(db, first, END)
        measures["`coach report year`, all of it"] = lambda: report.report(db, "year", END, config, NOW, UTC_ZONE)
    for name, act in measures.items():
        say(what=name, store=store, ms=median_ms(act))
    floor = (
        "SELECT c.app, sum(t.end_ms - t.start_ms) FROM timeline t JOIN context c ON c.id = t.context"
        " WHERE t.start_ms BETWEEN ? AND ? GROUP BY c.app"
    )
    say(what=f"floor: {span} by app, counted from the timeline", store=store,
        ms=median_ms(lambda: db.execute(floor, (low, high)).fetchall(), 1))


def peer(python: str, db: Connection, folder: Path) -> None:
    """The same year in aw-server: loaded over its API, asked with its own query language; totals have to agree."""
    server = subprocess.Popen(
        [str(Path(python).parent / "aw-server"), "--testing", "--host", "127.0.0.1", "--port", str(PORT), "--storage", "peewee"],
        env={"HOME": str(folder), "XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config",
             "XDG_CACHE_HOME": f"{folder}/cache", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        _until_up()
        _post("/buckets/w", {"client": "bench", "type": "currentwindow", "hostname": "here"})
        begun = time.perf_counter()
        for day in days(365):
            _post("/buckets/w/events", [
                {"timestamp": datetime.fromtimestamp(start / 1000, UTC).isoformat(), "duration": (end - start) / 1000,
                 "data": {"app": app, "title": title}}
                for start, end, app, title in a_day(day)
            ])
        say(what="aw-server: load a year", ms=round((time.perf_counter() - begun) * 1000))
        first, end = END - timedelta(days=364), END + timedelta(days=1)
        ask = ['e=query_bucket("w");', 'RETURN=sort_by_duration(merge_events_by_keys(e,["app"]));']
        begun = time.perf_counter()
        (found,) = _post("/query/", {"timeperiods": [f"{first}T00:00:00+00:00/{end}T00:00:00+00:00"], "query": ask})
        say(what="aw-server: year by app", ms=round((time.perf_counter() - begun) * 1000),
            agrees=_agree({e["data"]["app"]: e["duration"] for e in found}, db, first))
        begun = time.perf_counter()
        _post("/query/", {"timeperiods": _hours(first, end), "query": _by_category(db)})
        say(what="aw-server: year by category and hour of it, 8,760 periods", ms=round((time.perf_counter() - begun) * 1000))
    finally:
        server.terminate()
        server.wait(30)


def _agree(theirs: dict[str, float], db: Connection, first: date) -> bool:
    ours = {r["app"]: r["ms"] / 1000 for r in rollups.by_app(db, first, END)}
    return ours.keys() == theirs.keys() and all(abs(ours[app] - theirs[app]) < 1 for app in ours)


def _hours(first: date, end: date) -> list[str]:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    count = (end - first).days * 24
    edges = [(start + timedelta(hours=n)).isoformat() for n in range(count + 1)]
    return [f"{a}/{b}" for a, b in itertools.pairwise(edges)]


def _by_category(db: Connection) -> list[str]:
    """Each app's category as Coach has it, as their classes."""
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for row in db.execute("SELECT DISTINCT app, category FROM context WHERE category IS NOT NULL"):
        classes[row[1]].add(row[0])
    rules = json.dumps([
        [name.split(" > "), {"type": "regex", "regex": "|".join(sorted(apps))}] for name, apps in classes.items()
    ])
    return ['e=query_bucket("w");', f"e=categorize(e,{rules});", 'RETURN=merge_events_by_keys(e,["$category"]);']


def _until_up() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{BASE}/info", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("aw-server did not come up")


def _post(path: str, body: Any) -> Any:
    request = urllib.request.Request(BASE + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=900) as reply:
        return json.loads(reply.read() or b"null")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--decade", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = filled(Path(folder, "year"), 365)
        measure(db, 365, 365)
        if wanted.peer:
            peer(wanted.peer, db, Path(folder, "aw"))
        db.close()
        if wanted.decade:
            db = filled(Path(folder, "decade"), 3650)
            measure(db, 3650, 365)
            measure(db, 3650, 3650)
            db.close()


if __name__ == "__main__":
    main()
