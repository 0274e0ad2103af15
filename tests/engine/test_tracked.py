from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.engine import activity, interchange, tracked, tracking
from coach.integrations import source as sources
from coach.integrations.source import Source
from coach.store import rollups
from coach.store.db import transaction

WINDOW, AFK = "aw-watcher-window_pc", "aw-watcher-afk_pc"


def event(minute: float, minutes: float, **data: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 18, 9, tzinfo=UTC) + timedelta(minutes=minute)
    return {"timestamp": at.isoformat(), "duration": minutes * 60, "data": data}


def bucket(name: str, type: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "created": "2026-11-18T09:00:00+00:00", "name": None, "type": type, "client": "aw-watcher",
            "hostname": "pc", "data": {}, "events": list(events)}


EXPORT = {"buckets": {
    WINDOW: bucket(
        WINDOW, "currentwindow", event(60, 30, app="firefox", title="News"), event(0, 60, app="code", title="main.py")),
    AFK: bucket(AFK, "afkstatus", event(0, 70, status="not-afk"), event(70, 10, status="afk"), event(80, 10, status="not-afk")),
}}


def source(document: Any, name: str = "export.json") -> Source:
    return Source(name, data=(document if isinstance(document, str) else json.dumps(document)).encode())


def bring(db, kind: str, given: Source, now, tz, **kwargs: Any):
    return interchange.bring_in(db, kind, given, now, tz, **kwargs)


def minutes(db, now) -> dict[str, float]:
    day = datetime(2026, 11, 18, tzinfo=UTC)
    line = activity.timeline_between(db, day, day + timedelta(days=1))
    found: dict[str, float] = {}
    for e in line:
        found[e.app] = found.get(e.app, 0) + e.duration_s / 60
    return found


def test_an_export_becomes_buckets_a_timeline_and_roll_ups(db, now, tz) -> None:
    looked = interchange.review(db, "activitywatch", source(EXPORT), now, tz)
    assert (looked.new, looked.same, looked.other) == (5, 0, {"buckets": 2})
    assert db.execute("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM bucket)").fetchone()[0] == 0
    done = bring(db, "activitywatch", source(EXPORT), now, tz)
    assert (done.new, done.import_number) == (5, 1)
    assert minutes(db, now) == {"code": 60, "firefox": 20}, "without input it counts for nothing"
    assert dict(db.execute("SELECT name, type FROM bucket").fetchall()) == {WINDOW: "currentwindow", AFK: "afkstatus"}
    assert [r[0] for r in db.execute("SELECT what FROM audit")] == ["import"]
    assert db.execute("SELECT count(*) FROM watcher_hour").fetchone()[0] == 0
    assert db.execute("SELECT sum(ms) FROM rollup_day").fetchone()[0] == 80 * 60_000


def test_the_same_again_adds_nothing_and_a_longer_event_grows(db, now, tz) -> None:
    bring(db, "activitywatch", source(EXPORT), now, tz)
    again = bring(db, "activitywatch", source(EXPORT), now, tz)
    assert (again.new, again.changed, again.same, again.import_number) == (0, 0, 5, None)
    longer = json.loads(json.dumps(EXPORT))
    longer["buckets"][WINDOW]["events"][0]["duration"] += 600
    longer["buckets"][WINDOW]["events"].insert(0, event(100, 5, app="slack", title="General"))
    more = bring(db, "activitywatch", source(longer), now, tz)
    assert (more.new, more.changed, more.same) == (1, 1, 4)
    assert minutes(db, now) == {"code": 60, "firefox": 30, "slack": 5}
    assert tracked.remove(db, 2, now, tz, Config()) == 1
    assert minutes(db, now) == {"code": 60, "firefox": 20}


def test_all_that_an_import_brought_is_taken_away_as_one(db, now, tz) -> None:
    bring(db, "events", source("start,end,app,title\n2026-11-18 08:00,2026-11-18 08:30,mutt,Inbox\n", "own.csv"), now, tz)
    before = minutes(db, now)
    number = bring(db, "activitywatch", source(EXPORT), now, tz).import_number
    assert minutes(db, now) != before
    assert [one["number"] for one in tracked.imports(db)] == [1, number]
    assert tracked.remove(db, number, now, tz, Config()) == 5
    assert minutes(db, now) == before
    assert [r[0] for r in db.execute("SELECT name FROM bucket")] == ["csv"]
    assert [r[0] for r in db.execute("SELECT title FROM context")] == ["Inbox"]
    assert [r[0] for r in db.execute("SELECT what FROM audit")] == ["import", "import", "remove import"]
    with pytest.raises(NotFound):
        tracked.remove(db, number, now, tz, Config())
    assert bring(db, "activitywatch", source(EXPORT), now, tz).new == 5


def test_privacy_rules_come_before_the_row(db, now, tz) -> None:
    tracking.exclude(db, "title", "News", "redact", now)
    done = bring(db, "activitywatch", source(EXPORT), now, tz)
    assert done.new == 5
    assert {r[0] for r in db.execute("SELECT title FROM context")} == {"", "main.py", "excluded"}
    assert bring(db, "activitywatch", source(EXPORT), now, tz).same == 5


def test_an_event_that_makes_no_sense_is_left_out_by_its_place(db, now, tz) -> None:
    broken = {"buckets": {WINDOW: bucket(
        WINDOW, "currentwindow", event(0, 1, app="a"), {**event(1, 1, app="SECRET"), "duration": -5}, {"timestamp": "SECRET"},
        event(2, 1, app="b"))}}
    done = bring(db, "activitywatch", source(broken), now, tz)
    assert (done.new, done.left_out) == (2, 2)
    assert done.refused[0][0] == f"export.json, bucket {WINDOW}, event 2"
    assert "negative" in done.refused[0][1]


@pytest.mark.parametrize(("text", "words"), [
    ("", "line 1: the file is empty"), ("[]", "a { was expected"), ("{}", "has no buckets"),
    (json.dumps(EXPORT)[:-40], "the file ends in the middle"), (json.dumps(EXPORT)[:90], "the file ends in the middle"),
    ('{"buckets": {"a": 5}}', "bucket 'a' is no object"), ('{"buckets": {"a": {"type": "x", "events": {}}}}', "are no list"),
    ('{"buckets": {"a": {"type": 5, "client": "x", "hostname": "x", "events": []}}}', "its type is no text"),
    (json.dumps(EXPORT) + "x", "more follows"), ('{"buckets": {"a": {"type": "x" "events": []}}}', "comma is missing"),
])
def test_a_broken_file_is_refused_by_place_and_leaves_nothing(db, now, tz, text, words) -> None:
    with pytest.raises(InvalidInput, match=words):
        bring(db, "activitywatch", source(text), now, tz)
    assert db.execute("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM bucket)").fetchone()[0] == 0


def test_wrong_bytes_and_a_folder_are_refused(db, now, tz, tmp_path) -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        bring(db, "activitywatch", Source("x.json", data=b'{"buckets": "\xff\xff"}'), now, tz)
    with pytest.raises(InvalidInput, match="cannot be read"):
        bring(db, "activitywatch", Source("folder", tmp_path), now, tz)


def test_what_stands_behind_the_events_describes_the_bucket_too(db, now, tz) -> None:
    told = dict(reversed(EXPORT["buckets"][WINDOW].items()))
    bring(db, "activitywatch", source({"buckets": {WINDOW: told}}), now, tz)
    assert minutes(db, now) == {"code": 60, "firefox": 30}
    alone = EXPORT["buckets"][WINDOW]
    assert bring(db, "activitywatch", source(alone), now, tz).same == 2, "one bucket's description, as its own document"


def test_a_bucket_of_another_type_is_not_mixed_up(db, now, tz) -> None:
    bring(db, "activitywatch", source(EXPORT), now, tz)
    other = {"buckets": {WINDOW: bucket(WINDOW, "afkstatus")}}
    with pytest.raises(InvalidInput, match="one of type currentwindow"):
        bring(db, "activitywatch", source(other), now, tz)


def test_out_and_in_again(db, now, tz, tmp_path) -> None:
    bring(db, "activitywatch", source(EXPORT), now, tz)
    for kind in ("activitywatch", "events"):
        text = "".join(interchange.export(db, kind, Config(), now, tz))
        again = bring(db, "csv" if kind == "events" else kind, source(text), now, tz)
        assert (again.new, again.changed, again.same) == (0, 0, 5), kind
    exported = json.loads("".join(tracked.export_activitywatch(db)))["buckets"]
    assert {name: sorted(b["events"], key=lambda e: e["timestamp"]) for name, b in exported.items()} == {
        name: sorted(b["events"], key=lambda e: e["timestamp"]) for name, b in EXPORT["buckets"].items()}


TIMEW = """[
{"id":2,"start":"20261118T080000Z","end":"20261118T084500Z","tags":["writing","deep work"],"annotation":"Part \\"3\\" # draft"},
{"id":1,"start":"20261118T084500Z","end":"20261118T090000Z","tags":["mail"]}
]
"""


def test_timewarrior_there_and_back(db, now, tz) -> None:
    done = bring(db, "timewarrior", source(TIMEW), now, tz)
    assert (done.new, minutes(db, now)) == (2, {"manual": 60})
    out = json.loads("".join(interchange.export(db, "timewarrior", Config(), now, tz)))
    assert [{**one, "id": 0} for one in out] == [{**one, "id": 0} for one in json.loads(TIMEW)]
    lines = "".join(text for _, text in tracked.timewarrior.months(tracked.intervals(db)))
    assert lines.splitlines() == [
        'inc 20261118T080000Z - 20261118T084500Z # writing "deep work" # "Part \\"3\\" # draft"',
        "inc 20261118T084500Z - 20261118T090000Z # mail",
    ]
    assert bring(db, "timewarrior", source(lines, "2026-11.data"), now, tz).same == 2


def test_a_running_interval_comes_in_until_now_and_nonsense_is_named(db, now, tz) -> None:
    done = bring(db, "timewarrior", source("inc 20261120T080000Z # now\n", "x.data"), now, tz)
    assert done.new == 1
    assert "still running" in done.said[0][1]
    with pytest.raises(InvalidInput, match=r"x\.data, line 1"):
        bring(db, "timewarrior", source("hello\n", "x.data"), now, tz)
    with pytest.raises(InvalidInput, match="start is no date"):
        bring(db, "timewarrior", source('[{"start": "SECRET"}]'), now, tz)


@pytest.mark.parametrize(("text", "words"), [
    ("start,end,app\nSECRET,2026-11-18,x\n", "line 2: start is no date"),
    ("start,duration_s\n2026-11-18T09:00:00Z,SECRET\n", "line 2: duration_s is no number"),
    ("start,end\n2026-11-18T09:00Z,2026-11-18T08:00Z\n", "line 2: end lies before the start"),
    ("start,end,data\n2026-11-18T09:00Z,2026-11-18T10:00Z,[]\n", "line 2: data is no JSON object"),
    ('start,end\n"2026', "this is no table"), ("app,title\nx,y\n", "no column start"),
])
def test_a_table_that_cannot_be_read_is_refused_by_line(db, now, tz, text, words) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        bring(db, "events", source(text, "t.csv"), now, tz)
    assert "SECRET" not in refused.value.message


def test_memory_holds_one_batch_of_a_long_file(db, now, tz, monkeypatch) -> None:
    most = [0]

    def pieces() -> Iterator[bytes]:
        yield b'{"buckets": {"w": {"type": "currentwindow", "client": "c", "hostname": "h", "events": ['
        for number in range(20_000):
            at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=20 * number)
            one = {"timestamp": at.isoformat(), "duration": 20, "data": {"app": "code", "title": f"f{number % 50}"}}
            yield ((", " if number else "") + json.dumps(one)).encode()
        yield b"]}}}"

    kept = sources.JsonText._more

    def watched(text: Any) -> bool:
        most[0] = max(most[0], len(text.buffer))
        return kept(text)

    monkeypatch.setattr(sources.JsonText, "_more", watched)
    done = bring(db, "activitywatch", Source("server", fetch=pieces), now, tz)
    assert done.new == 20_000
    assert most[0] < 10_000
    assert rollups.disagreements(db, 240) == []


def test_what_an_import_left_undone_is_followed_month_by_month(db, now, tz) -> None:
    with transaction(db):
        tracked.bring_in(db, "activitywatch", source(EXPORT), now, tz, Config())
    assert (minutes(db, now), tracked.imports(db)[0]["events"]) == ({}, 5)
    assert tracked.follow(db, now, tz, Config(), 1) == 1
    assert minutes(db, now) == {"firefox": 20}, "the newest first"
    assert tracked.follow(db, now, tz, Config()) == 1
    assert minutes(db, now) == {"code": 60, "firefox": 20}
    assert rollups.disagreements(db, 240) == []


def test_a_kill_leaves_all_or_nothing() -> None:
    from tests.bench import import_crash

    assert import_crash.main(["--rounds", "2", "--tasks", "300", "--events", "500"]) == 0
