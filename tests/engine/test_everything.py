"""JSON of everything: out of one store and into another."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, home_at
from coach.core.errors import InvalidInput
from coach.engine import activity, categories, interchange, keeping, manual, opening, preferences, tasks, tracking
from coach.engine.demo import create_demo
from coach.integrations.source import Source
from coach.store import changes, whole
from coach.store.db import Connection, connect
from coach.store.opening import Access


def exported(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> str:
    return "".join(interchange.export(db, "json", config, now, tz))


def another(tmp_path: Path, now: datetime) -> Connection:
    return connect(opening.unlock(home_at(tmp_path / "another"), Access(use_keyring=False), now))


def contents(db: Connection) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind, values in (*whole.records(db), *whole.rows(db)):
        if kind not in ("action", "change"):
            found.setdefault(kind, []).append(values)
    return {kind: sorted(rows, key=repr) for kind, rows in found.items()}


def test_a_demo_moves_to_another_store_whole(config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path) -> None:
    first = connect(create_demo(home_at(tmp_path / "demo"), 12, 3, now, tz, config))
    categories.add_rule(first, "app", "code", "exact", "Work > Programming", config, now)
    tracking.exclude(first, "title", "bank", "redact", now)
    text = exported(first, config, now, tz)
    assert len(json.loads(text)) > 100
    second = another(tmp_path, now)
    source = Source("x.json", data=text.encode())
    seen = interchange.review(second, "json", source, now, tz, config)
    assert contents(second) == {}
    tally = interchange.bring_in(second, "json", source, now, tz, config=config)
    assert (tally.new, tally.other) == (seen.new, seen.other)
    assert tally.left_out == 1
    assert "consent is given" in tally.refused[0][1]
    there, here = contents(first), contents(second)
    there["preference"] = [p for p in there["preference"] if p["id"] != "profiling_consent"]
    assert here.keys() == there.keys()
    for kind, rows in there.items():
        assert here[kind] == rows, kind
    assert keeping.check(second, 240) == []
    for table in ("rollup_hour", "rollup_day"):
        sums = [sorted(map(tuple, db.execute(f"SELECT * FROM {table}")), key=repr) for db in (first, second)]
        assert sums[0] == sums[1]
    task = tasks.find(first, "1")
    labels = [[h["label"] for h in tasks.history(db, tasks.find(db, task.id))] for db in (first, second)]
    assert labels[1] == [*labels[0], "import json"] or sorted(labels[1]) == sorted([*labels[0], "import json"])

    again = interchange.bring_in(second, "json", source, now, tz, config=config)
    assert (again.new, again.changed, again.other, again.action) == (0, 0, {}, None)
    changes.undo(second, now)
    assert contents(second).get("task") is None
    assert contents(second).get("rule") is None
    first.close()
    second.close()


def test_tracked_time_joins_what_is_there(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    rules = categories.load(db, config)
    manual.tag(db, now - timedelta(hours=5), now - timedelta(hours=4), "reading", rules, tz, now)
    text = exported(db, config, now, tz)
    second = another(tmp_path, now)
    manual.tag(second, now - timedelta(hours=2), now - timedelta(hours=1), "writing", rules, tz, now)
    tally = interchange.bring_in(second, "json", Source("x", data=text.encode()), now, tz, config=config)
    assert tally.other["event"] == 1
    line = activity.timeline_between(second, now - timedelta(hours=6), now)
    assert [(e.title, (e.end - e.start).total_seconds()) for e in line] == [("reading", 3600), ("writing", 3600)]
    activity.roll(second, rules, now)
    assert keeping.check(second, 240) == []
    second.close()


def test_preferences_and_numbers_come_back(db: Connection, config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path) -> None:
    preferences.put(db, {"name": "Kim", "tracking_consent": True}, now)
    for title in ("one", "two", "three"):
        tasks.add(db, title, config, now, tz)
    changes.undo(db, now)
    tasks.add(db, "four", config, now, tz)
    text = exported(db, config, now, tz)
    second = another(tmp_path, now)
    interchange.bring_in(second, "json", Source("x", data=text.encode()), now, tz, config=config)
    assert preferences.get(second, "name") == "Kim"
    assert preferences.get(second, "tracking_consent") is False
    assert {t.title: t.num for t, _ in tasks.open_by_urgency(second, config, now)} == {"one": 1, "two": 2, "four": 4}
    second.close()


@pytest.mark.parametrize(("records", "message"), [
    ([], "holds nothing"),
    ([{"task": {}}], "record 1 .*: this is no export of Coach's"),
    ([{"coach": {"version": 99}}], "written by a newer Coach"),
    ([{"coach": {"version": 1}}, 7], "record 2 .* is no record"),
    ([{"coach": {"version": 1}}, {"task": 7}], "task is no object"),
    ([{"coach": {"version": 1}}, {"task": {"id": "1", "title": "x"}}], "record 2 .*: task is not what Coach writes"),
    ([{"coach": {"version": 1}}, {"rule": {"id": "1", "nonsense": 2}}], "rule is not what Coach writes"),
    ([{"coach": {"version": 1}}, {"bucket": {"name": "x"}}], "bucket.client is missing"),
    ([{"coach": {"version": 1}}, {"event": {"bucket": "b", "start_ms": "1", "end_ms": 2, "app": "", "title": "", "url": "",
                                            "project": "", "data": None}}], "event.start_ms is no whole number"),
    ([{"coach": {"version": 1}}, {"event": {"bucket": "b", "start_ms": 3, "end_ms": 2, "app": "", "title": "", "url": "",
                                            "project": "", "data": None}}], "event.end_ms lies before"),
    ([{"coach": {"version": 1}}, {"event": {"bucket": "b", "start_ms": 1, "end_ms": 2, "app": "", "title": "", "url": "",
                                            "project": "", "data": None}}], "names a bucket that is not in the file"),
])
def test_broken_documents_are_refused_by_record_and_leave_nothing(
    records: list[Any], message: str, db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    before = contents(db)
    with pytest.raises(InvalidInput, match=message):
        interchange.bring_in(db, "json", Source("x.json", data=json.dumps(records).encode()), now, tz, config=config)
    assert contents(db) == before


def test_kinds_of_a_later_version_are_named(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    text = json.dumps([{"coach": {"version": 1}}, {"mood": {"id": "1"}}])
    tally = interchange.bring_in(db, "json", Source("x", data=text.encode()), now, tz, config=config)
    assert tally.refused == [("x, record 2 (line 1)", "'mood' is unknown to this version of Coach")]


@pytest.mark.parametrize("record", [
    {"correction": {"id": "x", "start_ms": "soon", "end_ms": 5, "category": "A", "created": "2026-01-01T00:00:00Z"}},
    {"goal": {"id": "x", "bound": "at_most", "minutes": 1.5, "field": "all", "name": "", "period": "day", "created": "x"}},
    {"manual": {"id": "x", "start_ms": 1, "end_ms": 5, "title": None, "created": "2026-01-01T00:00:00Z"}},
    {"rule": {"id": "x", "field": "app", "pattern": ["a"], "kind": "exact", "category": "A", "created": "x"}},
])
def test_a_record_of_wrong_types_is_refused_before_anything_is_written(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, record: dict[str, object]
) -> None:
    text = json.dumps([{"coach": {"version": 1}}, record])
    with pytest.raises(InvalidInput, match="not what Coach writes"):
        interchange.bring_in(db, "json", Source("x", data=text.encode()), now, tz, config=config)
    assert db.execute("SELECT count(*) FROM change").fetchone()[0] == 0
