"""What a watcher sends, read and made fit to be stored: times as ActivityWatch reads them, words as privacy leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from coach.core.errors import InvalidInput
from coach.core.event import Sample
from coach.core.watched import AFK, Seen, apart, keys, texts
from coach.tracker.privacy import EXCLUDED, Privacy, redact

DAY_MS = 86_400_000
FURTHEST_MS = 31 * DAY_MS
"""An event that starts later than this from now is a mistake. What lies between now and then counts for nothing before it
has been lived (`store.watchers.Row.lived_ms`)."""
LONGEST_US = 366 * DAY_MS * 1000
MOST_DATA = 16_384
"""Characters of an event's data beyond app, title and address, which have limits of their own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = frozenset({"id", "timestamp", "duration", "data"})


class Beat(NamedTuple):
    """An event as it was sent, maybe with thousands of others. `end_us` is in microseconds since the epoch."""

    start_ms: int
    end_us: int
    data: Mapping[str, Any]
    id: int | None = None


def beat(value: Any, now_ms: int) -> Beat:
    """An event of ActivityWatch's JSON. Raises InvalidInput for one that is malformed, negative or far in the future."""
    if not isinstance(value, dict):
        raise InvalidInput("an event is a JSON object", 'such as {"timestamp": "2026-11-21T09:00:00Z", "data": {}}')
    if not _FIELDS.issuperset(value):
        raise InvalidInput(f"an event has no {min(value.keys() - _FIELDS)[:40]!r}", "it has timestamp, duration, data and id")
    timestamp, data, event_id = value.get("timestamp"), value.get("data"), value.get("id")
    if not isinstance(timestamp, str):
        raise InvalidInput("an event needs a timestamp", "ISO 8601, such as 2026-11-21T09:00:00Z")
    if not (data is None or isinstance(data, dict)):
        raise InvalidInput("the data of an event is an object")
    if not (event_id is None or isinstance(event_id, int)):
        raise InvalidInput("the id of an event is a number")
    start_ms = instant_us(timestamp) // 1000
    duration = value.get("duration", 0)
    length_us = 0 if duration == 0 else _length_us(duration)
    if start_ms < 0 or start_ms > now_ms + FURTHEST_MS:
        raise InvalidInput("the event is too far in the past or the future", "is the clock right?")
    return Beat(start_ms, start_ms * 1000 + length_us, data or {}, event_id)


def instant_us(text: str) -> int:
    """ISO 8601 in microseconds since the epoch; without an offset UTC is meant. Raises InvalidInput."""
    try:
        # In a query an offset's plus has become a space, unless the client wrote %2B.
        at = datetime.fromisoformat(text if text[-6:-5] != " " or "T" not in text else f"{text[:-6]}+{text[-5:]}")
        passed = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"not an ISO 8601 time: {text[:40]!r}", "for example 2026-11-21T09:00:00Z") from error
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def span_us(seconds: float) -> int:
    """Seconds in microseconds, rounded as Python's timedelta does. Raises InvalidInput for what is no length of time."""
    try:
        span = timedelta(0, seconds)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{seconds} is no number of seconds") from error
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def admitted(bucket_type: str, bucket: str, data: Mapping[str, Any], privacy: Privacy) -> Seen:
    """What may be stored of an event's data: nothing of it leaves this function unredacted."""
    seen = apart(bucket_type, bucket, data)
    sample = Sample(_EPOCH, bucket, seen.app, seen.title, seen.url, seen.project, private=data.get("incognito") is True)
    shown = redact(sample, privacy)
    if bucket_type != AFK and seen.rest and not _hidden(sample, shown) and privacy.exclusions:
        words = " ".join(texts(seen.rest))
        about = replace(sample, title=words, url=words)
        found = redact(about, privacy)
        shown = found if _hidden(about, found) and not found.private else shown
        sample = about if shown is found else sample
    hidden = _hidden(sample, shown)
    rest = {k: v for k, v in seen.rest.items() if k == "incognito"} if hidden else dict(seen.rest)
    if hidden and shown.title == shown.url == EXCLUDED:  # found in the rest: the words that were tested are not the title
        shown = replace(shown, title=seen.title and EXCLUDED, url=seen.url and EXCLUDED)
    for key, part in keys(bucket_type).items():
        if isinstance(data.get(key), str) and not getattr(shown, part):
            rest[key] = ""  # a watcher finds the keys that it sent
    return Seen(shown.app, shown.title, shown.url, shown.project, rest)


def _hidden(sample: Sample, shown: Sample) -> bool:
    return (
        shown.private or shown.app == EXCLUDED != sample.app or shown.title == EXCLUDED != sample.title
        or shown.url == EXCLUDED != sample.url
    )


def _length_us(duration: Any) -> int:
    if type(duration) is not float and not isinstance(duration, int | float):
        raise InvalidInput("the duration of an event is a number of seconds")
    length_us = span_us(duration)
    if not 0 <= length_us <= LONGEST_US:
        raise InvalidInput("the duration of an event is negative or longer than a year")
    return length_us
