"""The buckets of ActivityWatch's watchers: made, changed, read, exported, imported; and what clients keep beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from coach.core.errors import InvalidInput
from coach.core.when import from_ms, parse_iso, to_ms
from coach.engine import ingest
from coach.engine.inbox import NAME_LIMIT, Inbox, bucket_named, touch_all, writing
from coach.store import watchers
from coach.store.watchers import Bucket

AT_ONCE = 5_000
"""Events of an import in one transaction."""
PAGE = 2_000
"""Events that are in memory together while many are read."""
SETTING_LIMIT = 1_000_000
"""Characters of one setting."""


def create(inbox: Inbox, name: str, described: Any, now: datetime, here: tuple[str, str] = ("", "")) -> bool:
    """Make a bucket; False when it is there already. A hostname "!local" stands for `here`, (hostname, device id)."""
    if not isinstance(described, dict):
        raise InvalidInput("a bucket is described by an object with client, type and hostname")
    type_, client, hostname = (_text(described, key) for key in ("type", "client", "hostname"))
    data = described.get("data") or {}
    if not isinstance(data, dict) or not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise InvalidInput(f"a bucket needs a printable id of at most {NAME_LIMIT} characters, and data that is an object")
    if hostname == "!local":
        hostname, data = here[0], {**data, "device_id": here[1]}
    created = described.get("created")
    began = parse_iso(created) if isinstance(created, str) else now
    with writing(inbox, now) as db:
        if name in inbox.buckets:
            return False
        if not watchers.create(db, name, type_, client, hostname, data, began):
            raise InvalidInput(f"{name!r} is what Coach's own tracker calls a bucket", "choose another id")
        inbox.buckets = watchers.buckets(db)
    return True


def update(inbox: Inbox, name: str, described: Any, now: datetime) -> None:
    """Change what a bucket says of itself: client, type, hostname, data. Raises NotFound."""
    if not isinstance(described, dict) or not isinstance(described.get("data") or {}, dict):
        raise InvalidInput("a bucket is described by an object with client, type, hostname and data")
    texts = ("type", "client", "hostname")
    type_, client, hostname = ("" if described.get(key) is None else _text(described, key) for key in texts)
    with writing(inbox, now) as db:
        old = bucket_named(inbox, name)
        new = replace(
            old, type=type_ or old.type, client=client or old.client, hostname=hostname or old.hostname,
            data=described.get("data") or old.data,
        )
        watchers.update(db, new)
        inbox.buckets[name] = new
        if new.type != old.type:  # its events mean something else now
            inbox.places.pop(old.row, None)
            inbox.contexts.clear()
            touch_all(inbox, old)


def delete(inbox: Inbox, name: str, now: datetime) -> None:
    """Delete a bucket with all its events. Raises NotFound."""
    with writing(inbox, now) as db:
        bucket = bucket_named(inbox, name)
        touch_all(inbox, bucket)
        watchers.delete(db, bucket)
        del inbox.buckets[name]
        inbox.places.pop(bucket.row, None)


def bring(inbox: Inbox, exported: Any, now: datetime) -> int:
    """Take in what ActivityWatch exports, `{bucket id: {type, client, hostname, created, events}}`; returns the number of
    events. Everything is read before anything is written. Raises InvalidInput, also for a bucket that is there already."""
    if not isinstance(exported, dict):
        raise InvalidInput("buckets are an object, by id", "import what /export gives")
    now_ms = to_ms(now)
    read = []
    for name, described in exported.items():
        if not isinstance(described, dict) or not isinstance(described.get("events"), list):
            raise InvalidInput(f"bucket {name[:40]!r}: it needs events", "import what /export gives")
        values = [{k: v for k, v in e.items() if k != "id"} if isinstance(e, dict) else e for e in described["events"]]
        try:
            read.append((name, described, ingest.beats(values, now_ms)))
        except InvalidInput as error:
            raise InvalidInput(f"bucket {name[:40]!r}, {error.message}", error.hint) from error
    with writing(inbox, now):
        for name, described, _ in read:
            if not create(inbox, name, described, now):
                raise InvalidInput(f"there is a bucket {name[:40]!r} already", "delete it first; nothing was imported")
    for name, _, sent in read:
        for first in range(0, len(sent), AT_ONCE):
            with writing(inbox, now):
                ingest.store(inbox, bucket_named(inbox, name), sent[first : first + AT_ONCE], now_ms)
    return sum(len(sent) for _, _, sent in read)


def bucket_json(inbox: Inbox, name: str, now: datetime) -> dict[str, Any]:
    """A bucket as ActivityWatch describes it. Raises NotFound."""
    with writing(inbox, now):
        return _described(bucket_named(inbox, name))


def buckets_json(inbox: Inbox, now: datetime) -> dict[str, dict[str, Any]]:
    """All watchers' buckets by id, each with the end of its newest event."""
    with writing(inbox, now) as db:
        told = {}
        for name, bucket in inbox.buckets.items():
            told[name] = _described(bucket)
            if newest := watchers.newest(db, bucket):
                told[name]["last_updated"] = from_ms(newest.end_us // 1000).isoformat()
        return told


def events_json(
    inbox: Inbox, name: str, start_us: int | None, end_us: int | None, limit: int, now: datetime
) -> Iterator[list[dict[str, Any]]]:
    """A bucket's events that overlap [start, end], newest first and cut to it, page by page; `limit` -1 is all.

    As in ActivityWatch the start is rounded down to milliseconds and the end up to the next one. Raises NotFound."""
    start_ms = None if start_us is None else start_us // 1000
    end_ms = None if end_us is None else end_us // 1000 + 1
    with writing(inbox, now):
        bucket = bucket_named(inbox, name)
    before: tuple[int, int] | None = None
    while limit:
        wanted = min(PAGE, limit) if limit > 0 else PAGE
        with inbox.lock:
            found = watchers.page(inbox.db, bucket, start_ms, end_ms, before, wanted)
        yield [_cut(row, start_ms, end_ms) for row in found]
        limit = max(limit - len(found), 0) if limit > 0 else limit
        if len(found) < wanted:
            return
        before = (found[-1].start_ms, found[-1].id)


def count(inbox: Inbox, name: str, start_us: int | None, end_us: int | None, now: datetime) -> int:
    """How many events of a bucket overlap [start, end]. Raises NotFound."""
    with writing(inbox, now) as db:
        start_ms, end_ms = (None if us is None else us // 1000 for us in (start_us, end_us))
        return watchers.count(db, bucket_named(inbox, name), start_ms, end_ms)


def event(inbox: Inbox, name: str, event_id: int, now: datetime) -> dict[str, Any] | None:
    """One event of a bucket, None when it has none of that id. Raises NotFound for an unknown bucket."""
    with writing(inbox, now) as db:
        row = watchers.event(db, bucket_named(inbox, name), event_id)
        return ingest.event_json(row.id, row.start_ms, row.end_us, row.data) if row else None


def export(inbox: Inbox, names: list[str] | None, now: datetime) -> Iterator[bytes]:
    """`{"buckets": {id: {…, "events": […]}}}` of those buckets, or of all, piece by piece. Raises NotFound."""
    described = buckets_json(inbox, now) if names is None else {name: bucket_json(inbox, name, now) for name in names}
    yield b'{"buckets": {'
    for number, (name, bucket) in enumerate(described.items()):
        bucket.pop("last_updated", None)
        yield f"{', ' if number else ''}{json.dumps(name)}: {json.dumps(bucket)[:-1]}, \"events\": [".encode()
        first = True
        for page in events_json(inbox, name, None, None, -1, now):
            text = ", ".join(json.dumps({k: v for k, v in one.items() if k != "id"}) for one in page)
            yield f"{'' if first or not text else ', '}{text}".encode()
            first = False
        yield b"]}"
    yield b"}}"


def settings(inbox: Inbox, key: str = "") -> Any:
    """What clients have kept under a key (null when nothing), or everything by key."""
    with inbox.lock:
        found = watchers.settings(inbox.db)
    return found.get(key) if key else found


def set_setting(inbox: Inbox, key: str, value: Any, now: datetime) -> None:
    """Keep a value for clients. Raises InvalidInput without a key or for one that is too long."""
    if not 0 < len(key) <= NAME_LIMIT or len(json.dumps(value)) > SETTING_LIMIT:
        raise InvalidInput("a setting needs a key, and has at most a million characters")
    with writing(inbox, now) as db:
        watchers.set_setting(db, key, value)


def _described(bucket: Bucket) -> dict[str, Any]:
    return {
        "id": bucket.id, "created": parse_iso(bucket.created).isoformat(), "name": None, "type": bucket.type,
        "client": bucket.client, "hostname": bucket.hostname, "data": dict(bucket.data),
    }


def _cut(row: watchers.Row, start_ms: int | None, end_ms: int | None) -> dict[str, Any]:
    start, end_us = row.start_ms, row.end_us
    if start_ms is not None:
        start = max(start, start_ms)
    if end_ms is not None:
        end_us = min(end_us, end_ms * 1000)
    return ingest.event_json(row.id, start, end_us, row.data)


def _text(described: Mapping[str, Any], key: str) -> str:
    value = described.get(key)
    if not isinstance(value, str) or len(value) > NAME_LIMIT:
        raise InvalidInput(f"a bucket needs a {key}, a text of at most {NAME_LIMIT} characters")
    return value

