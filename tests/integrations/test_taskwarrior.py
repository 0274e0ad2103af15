from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import from_stored, stored
from coach.engine import interchange
from coach.integrations import taskwarrior
from coach.integrations.source import Source
from coach.store.db import Connection
from tests.integrations.random_tasks import comparable, exported, random_tasks, task
from tests.tracker.surroundings import need

BERLIN = ZoneInfo("Europe/Berlin")
UUID = "11111111-1111-4111-8111-111111111111"
OTHER = "21111111-1111-4111-8111-111111111111"


def source(*records: Any) -> Source:
    return Source("tasks.json", data=json.dumps(list(records)).encode())


def read(*records: Any, tz: ZoneInfo = BERLIN) -> list[dict[str, Any]]:
    return [{"id": f.id, **f.whole} for f in taskwarrior.read(source(*records), tz)]


def one(**fields: Any) -> dict[str, Any]:
    base = {"uuid": UUID, "description": "x", "status": "pending", "entry": "20260110T231200Z", "modified": "20260110T231200Z"}
    return base | fields


def test_every_field_is_read() -> None:
    (found,) = read(one(
        description="Call “Bob”", project="Home.Garden", priority="M", tags=["a", "b"], due="20260112T083000Z",
        wait="20260111T230000Z", scheduled="20260112T070000Z", until="20260201T230000Z", start="20260110T231300Z",
        annotations=[{"entry": "20260110T231400Z", "description": "note"}], depends=[OTHER], jira="A-1", size=3.5,
    ))
    task = from_stored(found)
    assert (task.title, task.project, task.priority, task.tags) == ("Call “Bob”", "Home.Garden", 2, ("a", "b"))
    assert found["due"] == "2026-01-12T09:30"
    assert found["wait"] == "2026-01-12"
    assert found["until"] == "2026-02-02T00:00"
    assert task.started == datetime(2026, 1, 10, 23, 13, tzinfo=UTC)
    assert [a.text for a in task.annotations] == ["note"]
    assert task.depends == (OTHER,)
    assert found["extra"] == {"taskwarrior": {"jira": "A-1", "size": 3.5}}


@pytest.mark.parametrize("depends", [[UUID, OTHER], f"{UUID},{OTHER}", json.dumps([UUID, OTHER])])
def test_all_forms_of_depends(depends: Any) -> None:
    assert read(one(depends=depends))[0]["depends"] == [UUID, OTHER]


def test_an_hour_that_comes_twice_keeps_its_instant() -> None:
    for stamp in ("20261025T003000Z", "20261025T013000Z", "99991231T233000Z"):
        (found,) = read(one(due=stamp))
        assert taskwarrior.record_of(found)["due"] == stamp


def test_one_object_a_line_and_a_single_object_are_read() -> None:
    lines = "\n".join(json.dumps(one(uuid=u)) for u in (UUID, OTHER))
    assert [f.id for f in taskwarrior.read(Source("x", data=lines.encode()), BERLIN)] == [UUID, OTHER]
    assert [f.id for f in taskwarrior.read(Source("x", data=json.dumps(one()).encode()), BERLIN)] == [UUID]
    assert list(taskwarrior.read(Source("x", data=b" [ ] "), BERLIN)) == []


def test_a_record_that_spans_pieces_of_the_file_is_read_whole() -> None:
    records = [one(uuid=f"{n:08d}-1111-4111-8111-111111111111", description="ä" * 70_000) for n in range(40)]
    assert [r["id"] for r in read(*records)] == [r["uuid"] for r in records]


def test_a_template_becomes_a_series_that_goes_on_where_taskwarrior_stopped() -> None:
    record = one(status="recurring", recur="weekly", due="20260105T080000Z", mask="+-", rtype="periodic")
    (found,) = read(record)
    assert found["recurrence"] == {"rrule": "FREQ=WEEKLY", "anchor": "schedule", "catch_up": "one"}
    assert (found["series_start"], found["due"]) == ("2026-01-05T09:00", "2026-01-19T09:00")
    assert taskwarrior.record_of(found, tz=BERLIN) == {"id": 0, **record}
    moved = taskwarrior.record_of({**found, "due": "2026-01-26T09:00"}, tz=BERLIN)
    assert (moved["status"], moved["due"], moved["recur"], "mask" in moved) == ("recurring", "20260126T080000Z", "weekly", False)


def test_a_task_of_a_series_belongs_to_it() -> None:
    record = one(parent=OTHER, imask=3, recur="weekly", rtype="periodic")
    (found,) = read(record)
    assert (found["series_id"], found["recurrence"]) == (OTHER, None)
    assert taskwarrior.record_of(found, tz=BERLIN) == {"id": 0, **record}


@pytest.mark.parametrize(("recur", "rule"), [
    ("daily", "FREQ=DAILY"), ("3wks", "FREQ=WEEKLY;INTERVAL=3"), ("P14D", "FREQ=DAILY;INTERVAL=14"), ("P1M", "FREQ=MONTHLY"),
    ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
    ("biannual", "FREQ=YEARLY;INTERVAL=2"), ("2 months", "FREQ=MONTHLY;INTERVAL=2"), ("PT6H", "FREQ=HOURLY;INTERVAL=6"),
    ("sometimes", None), ("", None), ("0d", None),
])
def test_periods(recur: str, rule: str | None) -> None:
    assert taskwarrior.rrule(recur, datetime(2026, 1, 5)) == rule


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert taskwarrior.rrule("monthly", datetime(2026, 1, 31)) == "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"


def test_what_taskwarrior_has_no_field_for_comes_back() -> None:
    (found,) = read(one(due="20260112T083000Z"))
    mine = stored(from_stored(found)) | {
        "notes": "two\nlines", "estimate_min": 45, "due_hard": True, "priority": 4, "remind": [{"before_min": 30}],
        "recurrence": {"rrule": "FREQ=MONTHLY;BYDAY=-1FR", "anchor": "completion", "catch_up": "all"},
        "series_start": "2026-01-12T09:30",
        "extra": {"todotxt": {"keys": {"k": "v"}}, "taskwarrior": {"uda": "u"}},
        "time_zone": "America/New_York", "snooze_count": 2,
    }
    record = taskwarrior.record_of(mine, tz=BERLIN)
    assert (record["status"], record["recur"], "priority" in record) == ("recurring", "monthly", False)
    back = stored(from_stored({"id": record["uuid"], **taskwarrior.found(record, "x", BERLIN).whole}))
    assert {k: v for k, v in back.items() if k != "extra"} == {k: v for k, v in mine.items() if k != "extra"}
    assert back["extra"]["todotxt"] == {"keys": {"k": "v"}}
    assert back["extra"]["taskwarrior"]["uda"] == "u"


def test_somebody_elses_uda_of_that_name_is_kept() -> None:
    for value in ("Ms Smith", "[1]", '{"estimate_min": {}, "nonsense": 1}', 7):
        (found,) = read(one(coach=value))
        assert taskwarrior.record_of(found, tz=BERLIN)["coach"] == value


@pytest.mark.parametrize(("data", "message"), [
    (b"", "the file is empty"),
    (b"[", "ends in the middle"),
    (b'[{"description":"a"}', "ends in the middle"),
    (b'[{"description":"a"},\n{"descr', "record 2, line 2: the file ends in the middle"),
    (b'[\n{"description":"a"}\n{"description":"b"}]', "record 1, line 3: a comma is missing"),
    (b'[{"description":"a"}] x', "more follows"),
    (b"[1]", "is no task"),
    (b"hello", "no JSON"),
    (b"[{}]", "record 1 .* is an empty task"),
    (b'[{"description":"a","n":1e999}]', "far too large"),
    (b'[{"description":"a","n":NaN}]', "a number that is none"),
    (b'[{"status":"pending"}]', "description is missing"),
    (b'[{"description":7}]', "description is no text"),
    (b'[{"description":"a","due":"20261332T000000Z"}]', "record 1 .line 1.: due is no date"),
    (b'[{"description":"a","due":20260101}]', "due is no text"),
    (b'[{"description":"a","tags":{"a":1}}]', "tags is no list"),
    (b'[{"description":"a","depends":["x"]}]', "depends is no UUID"),
    (b'[{"description":"a","annotations":[1]}]', "annotations holds something"),
    (b'[{"description":"a","status":"done"}]', "status is none of"),
    (b'[{"description":"a","uuid":"1"}]', "uuid is no UUID"),
    (b'[{"description":"\xe9"}]', "line 1: this is not UTF-8"),
    (b'[\n\n{"description":"\xc3', "line 3: this is not UTF-8"),
    (b"[" * 100_000, "nested too deeply"),
    (b'["' + b"x" * 9_000_000, "longer than 4 MB"),
])
def test_broken_files_are_refused_by_place_and_leave_nothing(
    data: bytes, message: str, db: Connection, now: datetime
) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        interchange.bring_in(db, "taskwarrior", Source("tasks.json", data=data), now, BERLIN)
    assert "tasks.json" in refused.value.message
    assert db.execute("SELECT count(*) FROM task").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM action").fetchone()[0] == 0


def test_200_mb_of_nothing_are_refused_in_little_memory(db: Connection, now: datetime, tmp_path: Path) -> None:
    import tracemalloc

    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.write(b"[" + b" " * 50)
        for _ in range(200):
            file.write(b'"' + b"x" * 999_998 + b"\n")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="no JSON"):
            interchange.bring_in(db, "taskwarrior", Source("big.json", big), now, BERLIN)
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def test_random_tasks_go_to_coach_and_back_unchanged(db: Connection, config: Config, tmp_path: Path) -> None:
    round_trip(200, db, config, tmp_path)


def round_trip(count: int, db: Connection, config: Config, tmp_path: Path) -> None:
    """`task export` -> Coach -> `task import` -> `task export`: the same; and the same urgency to two decimals."""
    need("task")
    now = datetime.now(UTC).replace(microsecond=0)
    task(tmp_path / "one", "import", "-", stdin=json.dumps(random_tasks(count, count, now), ensure_ascii=False))
    before = exported(tmp_path / "one")
    assert len(before) > count
    data = json.dumps(before).encode()
    tally = interchange.bring_in(db, "taskwarrior", Source("x", data=data), now, BERLIN)
    assert (tally.new, tally.left_out) == (len(before), 0)
    again = interchange.bring_in(db, "taskwarrior", Source("x", data=data), now, BERLIN)
    assert (again.same, again.new, again.changed, again.action) == (len(before), 0, 0, None)

    text = "".join(interchange.export(db, "taskwarrior", config, datetime.now(UTC), BERLIN))
    assert comparable(json.loads(text)) == comparable(before)
    task(tmp_path / "two", "import", "-", stdin=text)
    assert comparable(exported(tmp_path / "two")) == comparable(before)

    theirs = {t["uuid"]: t["urgency"] for t in exported(tmp_path / "one")}
    ours = json.loads("".join(interchange.export(db, "taskwarrior", config, datetime.now(UTC), BERLIN)))
    far = {t["uuid"]: (t["urgency"], theirs[t["uuid"]]) for t in ours if abs(t["urgency"] - theirs[t["uuid"]]) > 0.005}
    assert far == {}
