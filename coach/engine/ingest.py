"""Events that watchers send, into the store: merged by ActivityWatch's rule, redacted, committed before the reply.

The timeline follows within two seconds (`engine/following`): the hours to derive are part of the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coach.core.errors import InvalidInput
from coach.core.event import extended
from coach.core.projects import told_by
from coach.core.watched import Seen, keys, together
from coach.core.when import from_ms, to_ms
from coach.engine import projects
from coach.engine.categories import Rules
from coach.engine.inbox import Inbox, Known, Place, Words, bucket_named, place_of, touch, writing
from coach.engine.incoming import MOST_DATA, Beat, admitted, beat, span_us
from coach.store import events, watchers
from coach.store.watchers import Bucket, New, Row
from coach.tracker.privacy import TITLE_LIMIT

_REMEMBERED, _LONGEST = 5_000, 2 * TITLE_LIMIT
"""So many data of events are remembered, of so many characters each: a few megabytes, whatever is sent."""


def heartbeat(inbox: Inbox, name: str, value: Any, pulsetime_s: float, now: datetime) -> dict[str, Any]:
    """Merge a heartbeat into its bucket; the event that it has become. While tracking is paused it is forgotten.

    Raises NotFound for an unknown bucket, InvalidInput for a malformed event or pulsetime."""
    now_ms = to_ms(now)
    sent = beat(value, now_ms)
    pulse_us = span_us(pulsetime_s)
    with writing(inbox, now) as db:
        bucket = bucket_named(inbox, name)
        if inbox.deaf:
            inbox.places[bucket.row] = Place(None, watchers.top(db, bucket))  # nothing is merged across a pause
            return event_json(None, sent.start_ms, sent.end_us, {})
        new, data = admit(inbox, bucket, sent)
        place = place_of(inbox, bucket)
        last = place.last
        if last and last.data == data:
            end_us = extended(last.start_ms * 1000, last.end_us, sent.start_ms * 1000, sent.end_us, pulse_us)
            if end_us is not None:
                merged = _merge(inbox, bucket, place, last, New(last.start_ms, end_us, new.context, new.rest), now)
                return event_json(merged.id, merged.start_ms, merged.end_us, merged.data)
        event_id = watchers.insert(db, bucket, new, now_ms)
        place.last = Row(event_id, new.start_ms, new.end_us, data, min(new.end_us // 1000, now_ms))
        if place.top is None or (new.start_ms, event_id) > place.top:
            place.top = (new.start_ms, event_id)
        touch(inbox, bucket, [(new.start_ms, place.last.lived_ms)], data)
        return event_json(event_id, new.start_ms, new.end_us, data)


def _merge(inbox: Inbox, bucket: Bucket, place: Place, last: Row, new: New, now: datetime) -> Row:
    now_ms = to_ms(now)
    lived_ms = min(new.end_us // 1000, now_ms)
    if place.top and place.top[1] != last.id:
        watchers.put_aside(inbox.db, bucket, place.top[1], now)
        watchers.replace(inbox.db, bucket, place.top[1], new, now_ms)
        merged = Row(place.top[1], new.start_ms, new.end_us, last.data, lived_ms)
        inbox.places[bucket.row] = Place(merged, watchers.top(inbox.db, bucket))
        touch(inbox, bucket, [(new.start_ms, lived_ms)], last.data)
        return merged
    if (new.end_us, lived_ms) == (last.end_us, last.lived_ms):
        return last
    watchers.extend(inbox.db, last.id, new.end_us, now_ms)
    place.last = Row(last.id, last.start_ms, new.end_us, last.data, lived_ms)
    touch(inbox, bucket, [(last.lived_ms, lived_ms)], last.data)
    return place.last


def insert(inbox: Inbox, name: str, values: Any, now: datetime) -> dict[str, Any] | None:
    """Store one event or a list of them as they are; the event when it was one. Those with the id of an event of the
    bucket replace it. All or none. Raises NotFound and InvalidInput, which names the first that is wrong."""
    now_ms = to_ms(now)
    sent = beats(values if isinstance(values, list) else [values], now_ms)
    with writing(inbox, now):
        bucket = bucket_named(inbox, name)
        event_id = store(inbox, bucket, sent, now_ms)
        stored = None if isinstance(values, list) or event_id is None else watchers.event(inbox.db, bucket, event_id)
    return event_json(stored.id, stored.start_ms, stored.end_us, stored.data) if stored else None


def beats(values: Sequence[Any], now_ms: int) -> list[Beat]:
    """Events of ActivityWatch's JSON. Raises InvalidInput that says which one is wrong."""
    sent: list[Beat] = []
    try:
        for value in values:
            sent.append(beat(value, now_ms))  # noqa: PERF401  where one is wrong, the number of those before it is told
    except InvalidInput as error:
        raise InvalidInput(f"event {len(sent)}: {error.message}", error.hint) from error
    return sent


def store(inbox: Inbox, bucket: Bucket, sent: Sequence[Beat], now_ms: int) -> int | None:
    """Events as they are, in a transaction of the caller's (`writing`); the id of the only one."""
    fresh: list[New] = []
    ranges: list[tuple[int, int]] = []
    event_id: int | None = None
    for start_ms, end_us, data, number in sent:
        context, rest, shown = _known(inbox, bucket, data)
        new = New(start_ms, end_us, context, rest)
        if number is not None and (old := watchers.event(inbox.db, bucket, number)):
            watchers.replace(inbox.db, bucket, old.id, new, now_ms)
            ranges.append((old.start_ms, old.lived_ms))
            event_id = old.id
        else:
            fresh.append(new)
        if (data if shown is None else shown).get("status") != "not-afk":
            end_ms = end_us // 1000
            ranges.append((start_ms, end_ms if end_ms < now_ms else now_ms))
    if len(fresh) == len(sent) == 1:
        event_id = watchers.insert(inbox.db, bucket, fresh[0], now_ms)
    else:
        watchers.insert_many(inbox.db, bucket, fresh, now_ms)
    place = inbox.places.get(bucket.row)
    if place and (place.last is None or len(fresh) < len(sent)):
        del inbox.places[bucket.row]
    elif place:
        place.top = watchers.top(inbox.db, bucket)
    touch(inbox, bucket, ranges, {})
    return event_id


def remove(inbox: Inbox, name: str, event_id: int, now: datetime) -> bool:
    """Delete one event; False when the bucket has none of that id. Raises NotFound for an unknown bucket."""
    with writing(inbox, now) as db:
        bucket = bucket_named(inbox, name)
        gone = watchers.remove(db, bucket, event_id)
        if gone is None:
            return False
        inbox.contexts.clear()
        place = inbox.places.get(bucket.row)
        if place and place.last and place.last.id == event_id:
            del inbox.places[bucket.row]
        elif place:
            place.top = watchers.top(db, bucket)
        touch(inbox, bucket, [(gone.start_ms, gone.lived_ms)], gone.data)
    return True


def event_json(event_id: int | None, start_ms: int, end_us: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event as ActivityWatch writes it."""
    return {
        "id": event_id, "timestamp": from_ms(start_ms).isoformat(), "duration": (end_us - start_ms * 1000) / 1e6, "data": data,
    }


def admit(inbox: Inbox, bucket: Bucket, sent: Beat) -> tuple[New, Mapping[str, Any]]:
    """The event as it may be stored, and its data as watchers will read it. In a transaction of the caller's (`writing`)."""
    context, rest, shown = _known(inbox, bucket, sent.data)
    return New(sent.start_ms, sent.end_us, context, rest), sent.data if shown is None else shown


def _known(inbox: Inbox, bucket: Bucket, data: Mapping[str, Any]) -> Known:
    key: Words = (bucket.row, *data, *data.values())
    try:
        known = inbox.contexts.get(key)
    except TypeError:  # lists and objects are among the data
        known, key = None, ()
    if known is None:
        known = _made(inbox, bucket, data)
        if key and _is_plain(data):
            if len(inbox.contexts) >= _REMEMBERED:
                inbox.contexts.clear()
            inbox.contexts[key] = known
    return known


def _is_plain(data: Mapping[str, Any]) -> bool:
    """Nothing but words, of a length that is worth remembering: the usual window. (A number would pass for a truth value.)"""
    return all(type(value) is str for value in data.values()) and sum(map(len, data.values())) + sum(map(len, data)) < _LONGEST


def _made(inbox: Inbox, bucket: Bucket, data: Mapping[str, Any]) -> Known:
    seen = _in_project(bucket, admitted(bucket.type, bucket.id, data, inbox.privacy), inbox.rules)
    rest = watchers.packed(seen.rest)
    if rest and len(rest) > MOST_DATA:
        raise InvalidInput("the data of the event is too large", f"at most {MOST_DATA} characters beside title and url")
    shown = together(bucket.type, seen)
    return events.context(inbox.db, *seen.context, inbox.rules.categorise), rest, None if shown == data else shown


def _in_project(bucket: Bucket, seen: Seen, rules: Rules) -> Seen:
    """What was sent, under the project to which it belongs. A watcher that named one finds what it named."""
    project = projects.settled(rules, seen.app, seen.title, seen.url, seen.project)
    is_told = seen.project and project in told_by(seen.app, seen.title, seen.url)
    if is_told and "project" in keys(bucket.type):
        return Seen(seen.app, seen.title, seen.url, project, {**seen.rest, "project": seen.project})
    return seen if project == seen.project else Seen(seen.app, seen.title, seen.url, project, seen.rest)
