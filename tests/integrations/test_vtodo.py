from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import Annotation, Recurrence, Reminder, Task, from_stored, stored
from coach.engine import interchange, tasks
from coach.integrations import vtodo, vtodo_write
from coach.integrations.ical_lines import folded, texts
from coach.integrations.source import Notes, Source
from coach.store import changes, plain
from coach.store.db import Connection

BERLIN = ZoneInfo("Europe/Berlin")
UID = "6b3c2a1e-1111-4111-8111-111111111111"

FULL = """\
BEGIN:VTODO
UID:20070313T123432Z-456553@example.com
DTSTAMP:20260313T123432Z
SUMMARY;LANGUAGE=de:Submit Quebec\\, and Ontario\\; taxes
DESCRIPTION:one\\ntwo \\\\ three
DTSTART;TZID=America/Montreal:20261119T090000
DUE;TZID=America/Montreal:20261120T170000
CLASS:CONFIDENTIAL
CATEGORIES:FAMILY,FIN\\,ANCE
CATEGORIES:third
PRIORITY:3
STATUS:IN-PROCESS
PERCENT-COMPLETE:40
LOCATION:Room 1
X-VENDOR;X-P="a:b;c":something
RELATED-TO;RELTYPE=DEPENDS-ON:abc@x
RELATED-TO:parent@x
RELATED-TO;RELTYPE=SIBLING:sister@x
SEQUENCE:3
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER;RELATED=END:-PT30M
DESCRIPTION:Hello
X-WR-ALARMUID:1
END:VALARM
BEGIN:VALARM
ACTION:AUDIO
TRIGGER:-PT15M
END:VALARM
END:VTODO
"""


def source(*todos: str, name: str = "tasks.ics") -> Source:
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + "".join(todos) + "END:VCALENDAR\n"
    return Source(name, data=text.replace("\n", "\r\n").encode())


def todo(*lines: str) -> str:
    return "\n".join(["BEGIN:VTODO", f"UID:{UID}", "DTSTAMP:20260101T000000Z", *lines, "END:VTODO", ""])


def read(*todos: str) -> list[dict[str, Any]]:
    found = [{"id": f.id, **f.values} for f in vtodo.read(source(*todos), BERLIN, Notes())]
    for task in found:
        from_stored({"created": "2026-01-01T00:00:00Z", **task})
    return found


def test_every_property_is_read() -> None:
    (task,) = read(FULL)
    wanted = {
        "title": "Submit Quebec, and Ontario; taxes", "notes": "one\ntwo \\ three", "scheduled": "2026-11-19T09:00",
        "due": "2026-11-20T17:00", "time_zone": "America/Montreal", "tags": ["FAMILY", "FIN,ANCE", "third"], "priority": 1,
        "status": "pending", "started": "2026-03-13T12:34:32Z", "remind": [{"before_min": 30}],
    }
    assert {k: task[k] for k in wanted} == wanted
    assert len(task["depends"]) == 1
    assert task["parent"] != task["depends"][0]
    assert "LOCATION:Room 1" in task["extra"]["ics"]["properties"]
    assert len(task["extra"]["ics"]["components"]) == 1


def test_what_nobody_changed_is_written_as_it_was() -> None:
    (task,) = read(FULL)
    lines = vtodo_write.record({**task, "created": "2026-11-20T10:00:00Z"}, BERLIN)
    assert set(FULL.splitlines()) <= set(lines)
    text = "".join(vtodo_write.calendar([{**task, "created": "2026-11-20T10:00:00Z"}], BERLIN))
    assert "BEGIN:VTIMEZONE\r\nTZID:America/Montreal\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    parsed = icalendar.Calendar.from_ical(text).walk("VTODO")[0]
    assert parsed["DUE"].dt.isoformat() == "2026-11-20T17:00:00-05:00"
    assert str(parsed["SUMMARY"]) == task["title"]


@pytest.mark.parametrize(("lines", "wanted"), [
    (["SUMMARY:a", "DUE;VALUE=DATE:20261120"], {"due": "2026-11-20", "scheduled": None, "time_zone": "Europe/Berlin"}),
    (["SUMMARY:a", "DUE:20261120T100000Z"], {"due": "2026-11-20T11:00", "time_zone": "Europe/Berlin"}),
    (["SUMMARY:a", "DUE:20261120T100000"], {"due": "2026-11-20T10:00"}),
    (["SUMMARY:a", "DUE;TZID=W. Europe Standard Time:20261120T100000"], {"due": "2026-11-20T10:00"}),
    (["SUMMARY:a", "DTSTART:20261120T100000Z", "DURATION:PT2H"], {"scheduled": "2026-11-20T11:00", "due": "2026-11-20T13:00"}),
    (["SUMMARY:a", "DTSTART;VALUE=DATE:20261120", "DURATION:P1D"], {"scheduled": "2026-11-20", "due": "2026-11-21"}),
    (["SUMMARY:a", "STATUS:COMPLETED", "COMPLETED:20261101T100000Z"],
     {"status": "completed", "completed": "2026-11-01T10:00:00Z"}),
    (["SUMMARY:a", "PERCENT-COMPLETE:100"], {"status": "completed", "completed": "2026-01-01T00:00:00Z"}),
    (["SUMMARY:a", "STATUS:CANCELLED"], {"status": "deleted", "deleted": "2026-01-01T00:00:00Z"}),
    (["SUMMARY:a", "PRIORITY:0"], {"priority": None}),
    (["SUMMARY:a", "PRIORITY:5"], {"priority": 2}),
    (["SUMMARY:a", "PRIORITY:9"], {"priority": 3}),
    (["SUMMARY:a", "DUE:20261025T003000Z"], {"due": "2026-10-25T02:30", "time_zone": "Europe/Berlin"}),
    (["SUMMARY:a", "DUE:20261025T013000Z"], {"due": "2026-10-25T01:30", "time_zone": "UTC"}),
])
def test_properties(lines: list[str], wanted: dict[str, Any]) -> None:
    (task,) = read(todo(*lines))
    assert {k: task[k] for k in wanted} == wanted


def test_a_rule_with_exceptions() -> None:
    (task,) = read(todo("SUMMARY:a", "DTSTART;TZID=Europe/Berlin:20261119T090000", "DUE;TZID=Europe/Berlin:20261119T100000",
                        "RRULE:FREQ=WEEKLY;BYDAY=TH", "EXDATE:20261126T090000Z,20261203T090000Z"))
    assert task["recurrence"]["rrule"] == "FREQ=WEEKLY;BYDAY=TH\nEXDATE:20261126T100000,20261203T100000"
    assert task["series_start"] == task["due"] == "2026-11-19T10:00"
    moved = {**task, "due": "2026-12-10T10:00", "scheduled": "2026-12-10T09:00", "created": "2026-11-20T10:00:00Z"}
    lines = vtodo_write.record(moved, BERLIN)
    assert "DUE;TZID=Europe/Berlin:20261210T100000" in lines
    assert 'X-COACH-SERIES-START:"2026-11-19T10:00"' in lines


def test_zones_that_only_the_file_knows() -> None:
    zone = ("BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\n"
            "END:STANDARD\nEND:VTIMEZONE\n")
    (task,) = read(zone, todo("SUMMARY:a", "DUE;TZID=Mine:20261120T120000"))
    assert (task["due"], task["time_zone"]) == ("2026-11-20T10:00", "Europe/Berlin")
    text = "".join(vtodo_write.calendar([{**task, "created": "2026-11-20T10:00:00Z"}], BERLIN))
    assert zone.replace("\n", "\r\n") in text
    assert "DUE;TZID=Mine:20261120T120000" in text


def test_events_are_named_and_left_out(db: Connection, now: datetime) -> None:
    event = "BEGIN:VEVENT\nUID:1\nDTSTART:20261120T100000Z\nEND:VEVENT\n"
    tally = interchange.bring_in(db, "ics", source(event, event, todo("SUMMARY:a")), now, BERLIN)
    assert (tally.new, tally.refused) == (1, [("tasks.ics", "2 VEVENT: `coach calendar add` reads them")])


def test_an_exception_of_a_series_is_a_task_of_its_own(db: Connection, config: Config, now: datetime) -> None:
    both = source(todo("SUMMARY:a", "DTSTART:20261119T090000Z", "DUE:20261119T100000Z", "RRULE:FREQ=WEEKLY"),
                  todo("SUMMARY:moved", "RECURRENCE-ID:20261126T090000Z", "DUE:20261127T100000Z"))
    assert interchange.bring_in(db, "ics", both, now, BERLIN).new == 2
    text = "".join(interchange.export(db, "ics", config, now, BERLIN))
    assert text.count(f"UID:{UID}") == 2
    assert "RECURRENCE-ID:20261126T090000Z" in text
    assert interchange.bring_in(db, "ics", Source("x", data=text.encode()), now, BERLIN).same == 2


@pytest.mark.parametrize(("data", "message"), [
    (b"", "line 1: there is no BEGIN:VCALENDAR"),
    (b"hello", "line 1: this is no line of iCalendar"),
    (b"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\n", "ends inside the VTODO of line 2"),
    (b"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\nEND:VEVENT\n", "line 4: END:VEVENT ends nothing"),
    (source(todo("X:1")).data, "line 4: SUMMARY is missing"),
    (source(todo("SUMMARY:a", "DUE:20261332T000000Z")).data, "line 8: DUE is no date"),
    (source(todo("SUMMARY:a", "DUE:P1D")).data, "line 8: DUE is no date"),
    (source(todo("SUMMARY:a", "DTSTART:20261101", "DURATION:tomorrow")).data, "line 9: DURATION is no"),
    (source(todo("SUMMARY:a", "DTSTART:20261101T000000Z", "DURATION:P9999999D")).data, "line 9: DURATION is far too long"),
    (source(todo("SUMMARY:a", "DUE:20261101", "RRULE:FREQ=NEVER")).data, "line 9: RRULE is no rule"),
    (source(todo("SUMMARY:a", "PRIORITY:high")).data, "line 8: PRIORITY is no number"),
    (source(todo("SUMMARY:a", "STATUS:LATER")).data, "line 8: STATUS is none of"),
    (source(todo("SUMMARY:a", "COMPLETED:20260230T000000Z", "STATUS:COMPLETED")).data, "line 8: COMPLETED is no date"),
    (source(todo("SUMMARY:a", "X-COACH-ESTIMATE-MIN:{")).data, "line 8: X-COACH-ESTIMATE-MIN is not what Coach writes"),
    (source(todo("SUMMARY:a", "X-COACH-NONSENSE:1")).data, "line 8: X-COACH-NONSENSE is not"),
    (b"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:\xff\n", "line 3: this is not UTF-8"),
    (b"BEGIN:VCALENDAR\n" + b"BEGIN:VTODO\n" * 1000, "nested too deeply"),
])
def test_broken_files_are_refused_by_line_and_leave_nothing(data: bytes, message: str, db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput, match=message):
        interchange.bring_in(db, "ics", Source("tasks.ics", data=data), now, BERLIN)
    assert list(plain.every(db)) == []


def test_a_vdir_is_read_and_only_changed_files_are_written(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    folder = tmp_path / "todo"
    folder.mkdir()
    (folder / "one.ics").write_bytes(source(FULL).data)
    (folder / f"{UID}.ics").write_bytes(source(todo("SUMMARY:two")).data)
    (folder / "notes.txt").write_text("not mine")
    tally = interchange.bring_in(db, "ics", interchange.source_of(str(folder), lambda most: b""), now, tz)
    assert tally.new == 2
    interchange.export_to(db, "ics", folder, config, now, tz)
    names = {p.name for p in folder.iterdir()}
    assert names == {"one.ics", f"{UID}.ics", "notes.txt"}
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    tasks.update(db, tasks.find(db, UID), now + timedelta(minutes=1), title="two changed")
    interchange.export_to(db, "ics", folder, config, now, tz)
    after = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert {name for name in names if before[name] != after[name]} == {f"{UID}.ics"}
    assert interchange.bring_in(db, "ics", interchange.source_of(str(folder), lambda most: b""), now, tz).same == 2
    (tmp_path / "empty").mkdir()
    empty = interchange.source_of(str(tmp_path / "empty"), lambda most: b"")
    with pytest.raises(InvalidInput, match=r"holds no \.ics"):
        interchange.review(db, "ics", empty, now, tz)


def test_tasks_of_coach_come_back_whole(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for text in ("Pay rent every 1st #home p1 15m", "Call mum tomorrow 18:00 @phone !30m",
                 "Taxes {30 apr} ~4h wait:1 mar // notes; and, more", "Gym ev mon, wed, fri 7am", "Plain", "Low p4"):
        tasks.add(db, text, config, now, tz)
    mine = list(plain.every(db))
    text = "".join(interchange.export(db, "ics", config, now, tz))
    for component in icalendar.Calendar.from_ical(text).walk("VTODO"):
        assert "DTSTART" in component or "RRULE" not in component
    assert interchange.bring_in(db, "ics", Source("x", data=text.encode()), now, tz).same == 6
    changes.undo(db, now)
    for _ in range(5):
        changes.undo(db, now)
    assert list(plain.every(db)) == []
    assert interchange.bring_in(db, "ics", Source("x", data=text.encode()), now, tz).new == 6
    back = {t["id"]: t for t in plain.every(db)}
    for task in mine:
        for name, value in task.items():
            if name not in ("extra", "num", "modified", "created"):
                assert back[task["id"]][name] == value, name


_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)
_ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu"])
_WALL = st.one_of(st.none(), st.dates(datetime(2000, 1, 1).date(), datetime(2037, 1, 1).date()).map(str), st.datetimes(
    datetime(2000, 1, 1), datetime(2037, 1, 1)).filter(lambda d: d.month not in (3, 4, 10, 11)).map(
        lambda d: d.replace(microsecond=0).isoformat()[: 16 if not d.second else 19]))


@settings(max_examples=150, deadline=None)
@given(_TEXT.filter(str.strip), st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=60),
       _ZONES, _WALL, _WALL, _WALL, st.lists(_TEXT.filter(bool), max_size=3, unique=True), st.sampled_from([None, 1, 2, 3, 4]),
       st.booleans(), st.sampled_from(["pending", "completed", "deleted"]))
def test_what_is_written_is_read_again(
    title: str, notes: str, time_zone: str, due: str | None, scheduled: str | None, wait: str | None, tags: list[str],
    priority: int | None, repeats: bool, status: str,
) -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=BERLIN)
    blank = Task(
        id=UID, title=title, notes=notes, created=at, modified=at, time_zone=time_zone, tags=tuple(tags), priority=priority,
        remind=(Reminder(before_min=90), Reminder(at=at)), annotations=(Annotation(at, "ä,;\\n"),), project="Work.Big",
        recurrence=Recurrence("FREQ=MONTHLY;BYDAY=-1FR", "completion", "all") if repeats and due else None,
    )
    task = stored(blank) | {"due": due, "scheduled": scheduled, "wait": wait, "status": status, "started": "2026-11-20T01:00:00Z"}
    if status != "pending":
        task[status] = "2026-11-20T09:30:00Z"
    text = "".join(vtodo_write.calendar([task], BERLIN))
    assert len(icalendar.Calendar.from_ical(text).walk("VTODO")) == 1
    (found,) = vtodo.read(Source("x", data=text.encode()), BERLIN, Notes())
    back = {"id": found.id, "project": None, **found.values}
    for name, value in task.items():
        if name != "extra":
            assert back.get(name) == value or not (back.get(name) or value), name


def test_lists_of_texts_and_folding() -> None:
    assert texts("a,b\\,c,,d\\\\,e\\;") == ["a", "b,c", "", "d\\", "e;"]
    long = "SUMMARY:" + "ä€🙂" * 40
    assert "".join(line[1:] if n else line for n, line in enumerate(folded(long).split("\r\n")[:-1])) == long
    assert all(len(line.encode()) <= 75 for line in folded(long).split("\r\n"))
