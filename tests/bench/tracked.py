"""Imports of tracked time: how long they take, what they need, and whether they agree with ActivityWatch.

    python tests/bench/tracked.py [--events 365000] [--days 365] [--server http://localhost:5666] [--coach PATH]

One JSON line each. `import`: a made-up export of so many window events and the presence beside them into an empty store:
seconds on the wall and of processors, peak memory, bytes on the disk for an event; `again`: the same file, of which nothing
is new; `export`: all of it as a file for ActivityWatch; `remove`: all of it taken away. With the address of a running
aw-server that holds nothing (`aw-server --testing`), 3,000 events go into it, from there into Coach, and minutes by app are
compared with ActivityWatch's own canonical query (windows while not away); in `call_s` are minutes of calls without input,
which Coach counts and the query does not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

APPS = ("code", "firefox", "slack", "xterm", "gimp", "zoom", "thunderbird", "nautilus")
WINDOW, AFK = "aw-watcher-window_bench", "aw-watcher-afk_bench"
FIRST = datetime(2016, 1, 4, 8, tzinfo=UTC)


def write_export(file: TextIO, events: int, days: int) -> None:
    """Working days of nine hours, each with ten minutes away in the middle."""
    dice = random.Random(5)
    mean_s = days * 9 * 3600 / events
    presence: list[dict[str, Any]] = []
    at, written = FIRST, 0
    file.write(f'{{"buckets": {{"{WINDOW}": {head(WINDOW, "currentwindow")}')
    while written < events:
        start = at
        while at < start + timedelta(hours=9) and written < events:
            length_s = round(dice.expovariate(1 / mean_s) + 0.05, 3)
            app = dice.choice(APPS)
            one = event(at, length_s, {"app": app, "title": f"{app} document {dice.randrange(400)}"})
            file.write((", " if written else "") + json.dumps(one))
            at += timedelta(seconds=length_s)
            written += 1
        middle = start + timedelta(seconds=round((at - start).total_seconds() / 2))
        presence += [event(start, (middle - start).total_seconds(), {"status": "not-afk"}),
                     event(middle, 600, {"status": "afk"}),
                     event(middle + timedelta(seconds=600), max(0.0, (at - middle).total_seconds() - 600), {"status": "not-afk"})]
        at = start + timedelta(days=1)
    file.write(f']}}, "{AFK}": {head(AFK, "afkstatus")}{", ".join(map(json.dumps, presence))}]}}}}}}')


def head(name: str, kind: str) -> str:
    described = {"id": name, "created": FIRST.isoformat(), "name": None, "type": kind, "client": "bench", "hostname": "bench"}
    return json.dumps(described)[:-1] + ', "events": ['


def event(at: datetime, length_s: float, data: dict[str, str]) -> dict[str, Any]:
    return {"timestamp": at.isoformat(), "duration": length_s, "data": data}


def coach(given: argparse.Namespace, home: Path, *words: str) -> tuple[str, float, float]:
    """What it says, seconds, and processor seconds."""
    environ = {k: v for k, v in os.environ.items() if k not in ("COACH_NOW", "PYTHONDONTWRITEBYTECODE")} | {
        "COACH_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TZ": "Europe/Berlin",
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([given.coach, *words], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"coach {words[0]} ended with {done.returncode}: {done.stderr}")
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def say(what: str, took: tuple[str, float, float], **more: Any) -> None:
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(json.dumps({"bench": "tracked", "what": what, "s": round(took[1], 2), "cpu_s": round(took[2], 2),
                      "peak_so_far_mb": peak_mb, **more}), flush=True)


def throughput(given: argparse.Namespace, folder: Path) -> None:
    file, home = folder / "export.json", folder / "home"
    with file.open("w") as out:
        write_export(out, given.events, given.days)
    coach(given, home, "projects")
    blank = (home / "data" / "coach.db").stat().st_size
    took = coach(given, home, "import", "activitywatch", str(file), "--json")
    new = json.loads(took[0])["new"]
    size = (home / "data" / "coach.db").stat().st_size - blank
    say("import", took, events=new, events_per_s=round(new / took[1]), bytes_per_event=round(size / new, 1))
    took = coach(given, home, "import", "activitywatch", str(file), "--json")
    told = json.loads(took[0])
    say("again", took, new=told["new"], same=told["same"])
    say("export", coach(given, home, "export", "activitywatch", str(folder / "out.json")))
    say("remove", coach(given, home, "import", "--remove", "1"),
        left=len(json.loads(coach(given, home, "import", "--list", "--json")[0])))


def asked(address: str, method: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        text = answer.read()
    return json.loads(text) if text.strip() else None


def beside(given: argparse.Namespace, folder: Path) -> None:
    api, home, file = f"{given.server.rstrip('/')}/api/0", folder / "beside", folder / "small.json"
    if asked(f"{api}/buckets/", "GET"):
        raise SystemExit("the server holds buckets already: start an empty one for this bench")
    with file.open("w") as out:
        write_export(out, 3000, 4)
    asked(f"{api}/import", "POST", file.read_bytes())
    try:
        query = [
            f"events = flood(query_bucket('{WINDOW}'));", f"not_afk = flood(query_bucket('{AFK}'));",
            "not_afk = filter_keyvals(not_afk, 'status', ['not-afk']);",
            "events = filter_period_intersect(events, not_afk);", "RETURN = merge_events_by_keys(events, ['app']);",
        ]
        period = f"{FIRST.isoformat()}/{(FIRST + timedelta(days=9)).isoformat()}"
        answer = asked(f"{api}/query/", "POST", json.dumps({"timeperiods": [period], "query": query}).encode())[0]
        theirs = {e["data"]["app"]: e["duration"] for e in answer}
        took = coach(given, home, "import", "activitywatch", given.server, "--json")
        ours: Counter[str] = Counter()
        for day in range(9):
            shown = coach(given, home, "timeline", "--date", f"{FIRST + timedelta(days=day):%Y-%m-%d}", "--json")[0]
            for one in json.loads(shown):
                ours[one["app"]] += one["duration_s"]
        apart = {app: round(ours[app] - seconds, 1) for app, seconds in theirs.items()}
        say("beside", took, events=json.loads(took[0])["new"], call_s=apart.pop("zoom"),
            most_apart_s=max(map(abs, apart.values())), total_s=round(sum(theirs.values())))
        coach(given, home, "export", "activitywatch", str(folder / "back.json"))
        for name in (WINDOW, AFK):
            asked(f"{api}/buckets/{name}?force=1", "DELETE")
        asked(f"{api}/import", "POST", (folder / "back.json").read_bytes())
        count = asked(f"{api}/buckets/{WINDOW}/events/count", "GET")
        print(json.dumps({"bench": "tracked", "what": "back", "events_in_aw_server": count}), flush=True)
    finally:
        for name in (WINDOW, AFK):
            asked(f"{api}/buckets/{name}?force=1", "DELETE")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--coach", default=str(Path(sys.executable).parent / "coach"))
    ask.add_argument("--events", type=int, default=365_000)
    ask.add_argument("--days", type=int, default=365)
    ask.add_argument("--server", default="")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.events:
            throughput(given, Path(name))
        if given.server:
            beside(given, Path(name))


if __name__ == "__main__":
    main()
