"""Tracked time of other programs, in and out: ActivityWatch, Timewarrior, tables of events.

An import is one transaction: a file that cannot be read to its end leaves nothing behind. Privacy rules are applied before
a row is written; what is there already is not written again; the timeline follows afterwards, day by day. All that an
import brought can be taken away as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.watched import Seen, together
from coach.core.when import from_ms, iso, to_ms
from coach.engine import activity, categories, ingest
from coach.engine.inbox import Inbox, writing
from coach.engine.incoming import Beat, beat
from coach.engine.tally import Tally
from coach.integrations import activitywatch, event_table, timewarrior
from coach.integrations.activitywatch import Batch, Described
from coach.integrations.source import Notes, Source
from coach.store import erase, events, imported, watchers
from coach.store.db import Connection, transaction
from coach.store.imported import Import
from coach.store.watchers import HOUR_MS, Bucket, New

KINDS = ("activitywatch", "timewarrior", "events")
_DAY_HOURS = 24


class _OnlyLooked(Exception):
    """Rolls the transaction of a review back."""


def bring_in(
    db: Connection, kind: str, source: Source, now: datetime, tz: ZoneInfo, config: Config, *, write: bool = True
) -> Tally:
    """Import events, or with `write` false say what importing would do. Afterwards `follow` brings the timeline along.

    Raises InvalidInput naming the place for a file that is broken; single events that make no sense are left out by name."""
    run = _Run(db, kind, source, now, tz, config, write)
    try:
        with transaction(db):
            run.read_all()
            if not write:
                raise _OnlyLooked
            run.finish()
    except _OnlyLooked:
        pass
    return run.tally


def follow(db: Connection, now: datetime, tz: ZoneInfo, config: Config, most: int = 0) -> int:
    """Derive the timeline of the hours that wait, the newest `most` of them or all, a day at a time, with roll-ups and scores;
    returns their number. What is interrupted goes on at the next call: the jobs make one a minute."""
    hours = sorted(watchers.marked(db))[-most if most > 0 else None :]
    if not hours:
        return 0
    rules = categories.load(db, config)
    first = 0
    while first < len(hours):
        last = first
        while last + 1 < len(hours) and hours[last + 1] < hours[first] + _DAY_HOURS:
            last += 1
        with transaction(db):
            activity.rebuild(db, hours[first] * HOUR_MS, (hours[last] + 1) * HOUR_MS, rules, tz)
            watchers.unmark(db, hours[first : last + 1])
        first = last + 1
    while activity.roll(db, rules, now):
        pass
    return len(hours)


def imports(db: Connection) -> list[dict[str, Any]]:
    """The imports that can be taken away, oldest first."""
    return [
        {"number": one.number, "at": iso(one.at), "kind": one.kind, "events": one.events,
         "start": iso(from_ms(one.low_ms)), "end": iso(from_ms(one.high_ms))}
        for one in imported.every(db)
    ]


def remove(db: Connection, number: int, now: datetime, tz: ZoneInfo, config: Config) -> int:
    """Take away all that an import brought, for good: events, the timeline of their hours, words that nothing else says, and
    the pages they stood on. Returns how many events went. Raises NotFound."""
    with transaction(db):
        gone = imported.of(db, number)
        count = imported.take_away(db, gone)
        erase.audit(db, "remove import", f"{gone.kind} {number}: {count} events", now)
    follow(db, now, tz, config)
    with transaction(db):
        watchers.forget_gone(db)
        erase.forget_contexts(db)
        erase.forget_conversation(db)
        erase.forget_learned(db)
    erase.compact(db)
    return count


class _Run:
    """One import: where it writes to, and what it has come upon."""

    def __init__(
        self, db: Connection, kind: str, source: Source, now: datetime, tz: ZoneInfo, config: Config, write: bool
    ) -> None:
        self.db, self.kind, self.source, self.now, self.tz, self.write = db, kind, source, now, tz, write
        self.now_ms = to_ms(now)
        self.box = Inbox(db, config, tz)
        self.notes = Notes()
        self.tally = Tally(kind, source.name)
        self.done = Import(kind, now)
        self.hours: set[int] = set()
        self.targets: dict[str, Bucket] = {}

    def read_all(self) -> None:
        self.done.first_id = imported.last_event(self.db) + 1
        with writing(self.box, self.now):
            for described, first, batch in _read(self.kind, self.source, self.now, self.tz, self.notes):
                bucket = self._target(described)
                self._take(bucket, self._beats(bucket, first, batch))
        self.done.last_id = imported.last_event(self.db)
        for where, why in self.notes.refused:
            self.tally.refuse(where, why)
        self.tally.said += self.notes.said
        self.tally.other = {"buckets": len(self.targets)}

    def finish(self) -> None:
        """The hours to follow, and what was done."""
        watchers.mark(self.db, self.hours)
        self.done.events = self.tally.new
        if self.tally.new or self.tally.changed:
            self.tally.import_number = imported.remember(self.db, self.done)
            erase.audit(self.db, "import", f"{self.kind} {self.tally.import_number}: {self.tally.new} events", self.now)

    def _target(self, described: Described) -> Bucket:
        """The bucket of that name, made when there is none. One that Coach exported is its own again."""
        name = described.id
        if name in self.targets:
            return self.targets[name]
        values = described.values
        told = {key: values.get(key) for key in ("type", "client", "hostname")}
        for key, value in told.items():
            if not isinstance(value, str) or len(value) > 250:
                raise InvalidInput(f"{self.source.name}, bucket {name[:60]!r}: its {key} is no text", "nothing was imported")
        if not 0 < len(name) <= 250 or not name.isprintable():
            raise InvalidInput(f"{self.source.name}: a bucket has no printable name", "nothing was imported")
        type_, client, hostname = str(told["type"]), str(told["client"]), str(told["hostname"])
        bucket = watchers.buckets(self.db).get(name) or imported.own_bucket(self.db, name)
        if bucket is None:
            data = values.get("data") if isinstance(values.get("data"), dict) else {}
            if client == "coach":
                events.bucket(self.db, name, type_, self.now, client, hostname)
            else:
                watchers.create(self.db, name, type_, client, hostname, data or {}, self.now)
            bucket = watchers.buckets(self.db).get(name) or imported.own_bucket(self.db, name)
            assert bucket is not None  # it was made just now
            self.done.made.add(bucket.row)
        elif bucket.type != type_ or (bucket.client == "coach") != (client == "coach"):
            whose = "Coach's own" if bucket.client == "coach" else f"one of type {bucket.type}"
            raise InvalidInput(f"{self.source.name}, bucket {name[:60]!r}: there is {whose} of that name",
                               "nothing was imported; rename one of them")
        self.targets[name] = bucket
        self.done.buckets.add(bucket.row)
        return bucket

    def _beats(self, bucket: Bucket, first: int, batch: list[Any]) -> Iterator[Beat]:
        for number, value in enumerate(batch, first):
            try:
                yield beat(value, self.now_ms)
            except InvalidInput as error:
                self.tally.refuse(f"{self.source.name}, bucket {bucket.id[:60]}, event {number}", error.message)

    def _take(self, bucket: Bucket, beats: Iterator[Beat]) -> None:
        news = [ingest.admit(self.box, bucket, one)[0] for one in beats]
        fresh = self._unknown(bucket, news)
        for new in fresh:
            self._touch(bucket, new.start_ms, new.end_us // 1000, new.rest)
        self.tally.new += len(fresh)
        if self.write or bucket.row not in self.done.made:  # a review writes what later batches have to be compared with
            watchers.insert_many(self.db, bucket, fresh, self.now_ms)

    def _unknown(self, bucket: Bucket, news: list[New]) -> list[New]:
        """Those that the bucket does not have. One that the file knows for longer is made longer."""
        known: dict[tuple[int, int, str | None], tuple[int, int]] = {}
        if bucket.row not in self.done.made or self.write:
            known = imported.present(self.db, bucket, news)
        fresh: dict[tuple[int, int, str | None], New] = {}
        for new in news:
            key = (new.start_ms, new.context, new.rest)
            if key in known:
                self._compare(bucket, new, *known[key])
            elif key not in fresh or new.end_us > fresh[key].end_us:
                self.tally.same += key in fresh
                fresh[key] = new
            else:
                self.tally.same += 1
        return list(fresh.values())

    def _compare(self, bucket: Bucket, new: New, event_id: int, end_us: int) -> None:
        if new.end_us <= end_us:
            self.tally.same += 1
            return
        self.tally.changed += 1
        if event_id < self.done.first_id:
            self.done.grown.setdefault(event_id, end_us // 1000)
        watchers.extend(self.db, event_id, new.end_us, self.now_ms)
        self._touch(bucket, end_us // 1000, new.end_us // 1000, new.rest)

    def _touch(self, bucket: Bucket, low_ms: int, high_ms: int, rest: str | None) -> None:
        self.done.low_ms, self.done.high_ms = min(self.done.low_ms, low_ms), max(self.done.high_ms, low_ms)
        high_ms = min(high_ms, self.now_ms)
        if bucket.type in events.KINDS and high_ms > low_ms and not (rest and '"not-afk"' in rest):
            self.hours.update(range(low_ms // HOUR_MS, (high_ms - 1) // HOUR_MS + 1))


def _read(kind: str, source: Source, now: datetime, tz: ZoneInfo, notes: Notes) -> Iterator[Batch]:
    if kind == "activitywatch":
        return activitywatch.read(source)
    if kind == "timewarrior":
        return timewarrior.read(source, now, notes)
    return event_table.read(source, tz)


def _events(db: Connection, bucket: Bucket) -> Iterator[dict[str, Any]]:
    for start_ms, end_us, words, category, data in imported.events(db, bucket.row):
        seen = Seen(*words, rest=json.loads(data) if data else {})
        yield {"start_ms": start_ms, "end_us": end_us, "seen": seen, "category": category}


def export_activitywatch(db: Connection) -> Iterator[str]:
    """What a server imports: every bucket, Coach's own too."""
    def described(bucket: Bucket) -> Mapping[str, Any]:
        return {
            "id": bucket.id, "created": bucket.created, "name": None, "type": bucket.type, "client": bucket.client,
            "hostname": bucket.hostname, "data": dict(bucket.data),
        }

    def told(bucket: Bucket) -> Iterator[Mapping[str, Any]]:
        for event in _events(db, bucket):
            yield {
                "timestamp": from_ms(event["start_ms"]).isoformat(),
                "duration": (event["end_us"] - event["start_ms"] * 1000) / 1e6, "data": together(bucket.type, event["seen"]),
            }

    return activitywatch.pieces((described(bucket), told(bucket)) for bucket in imported.buckets(db))


def export_events(db: Connection) -> Iterator[str]:
    """Every event of every bucket as a table."""
    def rows() -> Iterator[Mapping[str, Any]]:
        for bucket in imported.buckets(db):
            for event in _events(db, bucket):
                seen: Seen = event["seen"]
                yield {
                    "bucket": bucket.id, "type": bucket.type, "start": from_ms(event["start_ms"]),
                    "end": from_ms(event["end_us"] // 1000), "duration_s": (event["end_us"] - event["start_ms"] * 1000) / 1e6,
                    "app": seen.app, "title": seen.title, "url": seen.url, "project": seen.project,
                    "category": event["category"], "data": seen.rest,
                }

    return event_table.table(rows())


def intervals(db: Connection) -> list[dict[str, Any]]:
    """Manual time as Timewarrior's intervals, earliest first."""
    found = []
    for bucket in imported.buckets(db):
        if bucket.type == events.BUCKET_TYPES["manual"]:
            for event in _events(db, bucket):
                start, end = from_ms(event["start_ms"]), from_ms(event["end_us"] // 1000)
                data = together(bucket.type, event["seen"])
                found.append(timewarrior.record_of({"start": start, "end": end, "data": data}))
    return sorted(found, key=lambda one: (one["start"], one["end"]))


def export_timewarrior(db: Connection) -> Iterator[str]:
    """As `timew export` writes it: an array, one interval a line."""
    found = intervals(db)
    yield "[\n"
    for number, record in enumerate(found):
        numbered = {"id": len(found) - number, **record}
        yield json.dumps(numbered, ensure_ascii=False) + ("\n" if number == len(found) - 1 else ",\n")
    yield "]\n"
