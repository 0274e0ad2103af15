"""CalDAV against a real Radicale: `python -m tests.bench.caldav [--events N] [--rounds N] [--seed S]`.

Times: finding, first reading, nothing changed, one change, 50 blocks written, and how long an idle minute takes to see that
nothing is due. Then a law: in each round a person here and another program there change blocks at random, and the
synchronisation is cut off after a random request, every second time; after two whole ones each accepted block has one event,
at its time, and nothing else is there."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, home_at, parse
from coach.core import change
from coach.core.plan import Block
from coach.engine import calendar_accounts, calendars, opening, tasks
from coach.integrations import caldav
from coach.store import blocks, changes
from coach.store.db import Connection
from coach.store.opening import Access
from tests.integrations.radicale import PASSWORD, USER, Radicale, running

NOW, TZ = datetime(2026, 11, 20, 10, tzinfo=UTC), ZoneInfo("Europe/Berlin")
WRITES = parse({"calendar": {"blocks": "Work"}})
BASIC = "%Y%m%dT%H%M%SZ"


class Cut(BaseException):
    """The process ends here."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        times(server, store(Path(folder) / "a"), given.events)
        law(server, store(Path(folder) / "b"), given.rounds, random.Random(given.seed))


def store(folder: Path) -> Connection:
    return opening.connect(opening.unlock(home_at(folder), Access(use_keyring=False), NOW))


def known(server: Radicale, db: Connection) -> str:
    address = server.calendar("Work")
    account = calendar_accounts.account(db, server.address, USER, lambda _: PASSWORD)
    found = calendar_accounts.choose(calendar_accounts.calendars_of(account), ["Work"])
    calendar_accounts.add(db, account, found, Config(), NOW, TZ)
    return address


def timed(what: str, act: Callable[[], Any]) -> None:
    began, own = time.perf_counter(), time.process_time()
    act()
    took, used = time.perf_counter() - began, time.process_time() - own
    print(json.dumps({"what": what, "s": round(took, 3), "own_cpu_s": round(used, 3)}))


def times(server: Radicale, db: Connection, number: int) -> None:
    known(server, db)
    there = server.folder / "collection-root" / USER / "work"
    for n in range(number):
        start = NOW + timedelta(hours=2 * n % (24 * 90))
        rule = "RRULE:FREQ=WEEKLY;COUNT=8\r\n" if n % 10 == 0 else ""
        (there / f"e{n}.ics").write_text(event(f"e{n}", start, rule), newline="")
    timed(f"{number} events read for the first time", lambda: calendars.sync(db, NOW, TZ))
    print(json.dumps({"what": "occurrences kept", "n": calendars.rows(db)[0].events}))
    timed("nothing changed", lambda: calendars.sync(db, NOW, TZ))
    server.put(f"/{USER}/work/e1.ics", event("e1", NOW + timedelta(hours=9)))
    timed("one event changed", lambda: calendars.sync(db, NOW, TZ))
    later = NOW + timedelta(days=1, minutes=1)
    timed("a day later, all placed again", lambda: calendars.sync(db, later, TZ))
    planned(db, 50)
    timed("50 blocks written", lambda: calendars.sync(db, later, TZ, config=WRITES))
    timed("an idle minute", lambda: calendars.servers_due(db, WRITES, later + timedelta(minutes=1)))
    server.delete(f"/{USER}/work/")


def law(server: Radicale, db: Connection, rounds: int, rng: random.Random) -> None:
    address = known(server, db)
    made = planned(db, 8)
    cuts, written = 0, 0
    for number in range(rounds):
        for block in made:
            if rng.random() < 0.4:
                here(db, block.id, rng)
        for path in server.items(address):
            if rng.random() < 0.3:
                elsewhere(server, path, rng)
        if number % 2:
            cuts += cut_off(db, rng.randrange(1, 12))
        for _ in range(2):
            (row,) = calendars.sync(db, NOW, TZ, config=WRITES)
            assert not row.read.problems, row.read.problems
        items = server.items(address)
        wanted = {f"/{USER}/work/{b.id}.ics": b for b in (blocks.find(db, m.id) for m in made) if b.status == "accepted"}
        assert items.keys() == wanted.keys(), (number, items.keys() ^ wanted.keys())
        for path, block in wanted.items():
            assert f"DTSTART:{block.start.strftime(BASIC)}" in items[path], (number, path)
            assert items[path].count("BEGIN:VEVENT") == 1
        written += len(items)
    print(json.dumps({"what": "law", "rounds": rounds, "cut_off": cuts, "events_compared": written, "broken": 0}))


def here(db: Connection, block_id: str, rng: random.Random) -> None:
    old = blocks.find(db, block_id)
    start = NOW + timedelta(days=1, minutes=15 * rng.randrange(400))
    status = "accepted" if rng.random() < 0.7 else "rejected"
    new = replace(old, start=start, end=start + timedelta(hours=1), status=status)  # type: ignore[arg-type]
    edit = change.update("block", block_id, blocks.values(old, NOW), blocks.values(new, NOW))
    changes.apply(db, [edit], now=NOW, label="change")


def elsewhere(server: Radicale, path: str, rng: random.Random) -> None:
    if rng.random() < 0.3:
        server.delete(path)
    else:
        start = NOW + timedelta(days=1, minutes=15 * rng.randrange(400))
        server.put(path, event(path.rpartition("/")[2].removesuffix(".ics"), start, "X-THEIRS:1\r\n"))


def cut_off(db: Connection, after: int) -> int:
    """One synchronisation that ends after so many requests, right behind the answer of the last; whether it was cut."""
    talk, left = caldav.Server._check, [after]

    def check(self: caldav.Server, answer: Any, right: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise Cut
        talk(self, answer, right)

    caldav.Server._check = check  # type: ignore[method-assign]
    try:
        with suppress(Cut):
            calendars.sync(db, NOW, TZ, config=WRITES)
    finally:
        caldav.Server._check = talk  # type: ignore[method-assign]
    return int(left[0] <= 0)


def planned(db: Connection, number: int) -> list[Block]:
    task = tasks.add(db, "Work on it", Config(), NOW, TZ)
    made = []
    for n in range(number):
        start = NOW + timedelta(days=2, hours=n)
        made.append(Block(f"{n:08d}-1111-2222-3333-444444444444", task.id, start, start + timedelta(hours=1), status="accepted"))
    creates = [change.create("block", b.id, blocks.values(b, NOW)) for b in made]
    changes.apply(db, creates, now=NOW, label="accept blocks")
    return made


def event(uid: str, start: datetime, more: str = "") -> str:
    end = start + timedelta(hours=1)
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n" \
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start.strftime(BASIC)}\r\nDTEND:{end.strftime(BASIC)}\r\n" \
        f"{more}SUMMARY:Event\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


if __name__ == "__main__":
    main()
