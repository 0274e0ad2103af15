from __future__ import annotations

import string
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import Task, stored
from coach.engine import interchange, tasks
from coach.integrations import todotxt
from coach.integrations.source import Source
from coach.store import changes, plain
from coach.store.db import Connection

BERLIN = ZoneInfo("Europe/Berlin")

FILE = """\
(A) 2026-11-01 Call Mum +Family @phone due:2026-11-20
(F) Something low foo:bar
x 2026-11-10 2026-11-01 Pay rent +Home pri:B rec:+1m due:2026-11-10
x Done without a date
Water the plants @home rec:3d due:2026-11-21 t:2026-11-20
Report +Work +Quarter @desk @desk2 url:x/y https://example.org/a:b 12:30 http://a.b
  Indented  with  blanks
+Garden @home
parent task id:1
child task p:1
Buy milk
Buy milk
rec:1w without a due
(b) not a priority
2026-11-05 created only
"""


def source(text: str) -> Source:
    return Source("todo.txt", data=text.encode())


def read(text: str) -> list[dict[str, Any]]:
    return [{"id": f.id, **f.values} for f in todotxt.read(source(text), BERLIN)]


def test_a_line_is_read() -> None:
    (task,) = read("(A) 2026-11-01 Call Mum +Family @phone due:2026-11-20 foo:bar")
    wanted = {"title": "Call Mum", "priority": 1, "created": "2026-11-01", "project": "Family", "tags": ["phone"],
              "due": "2026-11-20", "status": "pending"}
    assert wanted.items() <= task.items()
    assert task["extra"]["todotxt"]["keys"] == {"foo": "bar"}


def test_the_rest_of_the_format() -> None:
    by_title = {t["title"]: t for t in read(FILE)}
    low = by_title["Something low"]
    assert (low["priority"], low["extra"]["todotxt"]["priority"]) == (None, "F")
    rent = by_title["Pay rent"]
    assert (rent["status"], rent["completed"], rent["created"], rent["priority"]) == ("completed", "2026-11-10", "2026-11-01", 2)
    assert rent["recurrence"] == {"rrule": "FREQ=MONTHLY", "anchor": "schedule", "catch_up": "one"}
    plants = by_title["Water the plants"]
    assert plants["recurrence"] == {"rrule": "FREQ=DAILY;INTERVAL=3", "anchor": "completion", "catch_up": "one"}
    assert plants["wait"] == "2026-11-20"
    report = by_title["Report https://example.org/a:b 12:30 http://a.b"]
    assert (report["project"], report["tags"]) == ("Work", ["desk", "desk2"])
    assert report["extra"]["todotxt"]["projects"] == ["Quarter"]
    assert by_title["+Garden @home"]["project"] is None
    assert by_title["child task"]["parent"] == by_title["parent task"]["id"]
    assert by_title["without a due"]["extra"]["todotxt"]["keys"] == {"rec": "1w"}
    assert by_title["(b) not a priority"]["priority"] is None
    assert by_title["Done without a date"]["status"] == "completed"
    assert len({t["id"] for t in read(FILE)}) == FILE.count("\n")


def test_a_file_comes_back_as_it_was_and_changes_nothing(db: Connection, config: Config, now: datetime) -> None:
    tally = interchange.bring_in(db, "todotxt", source(FILE), now, BERLIN)
    assert (tally.new, tally.left_out) == (FILE.count("\n"), 0)
    assert written(db, config, now) == FILE
    again = interchange.bring_in(db, "todotxt", source(FILE), now, BERLIN)
    assert (again.same, again.changed, again.new, again.action) == (FILE.count("\n"), 0, 0, None)


def test_only_the_line_of_a_changed_task_changes(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "todotxt", source(FILE), now, tz)
    low = next(t for t, _ in tasks.open_by_urgency(db, config, now) if t.title == "Something low")
    tasks.done(db, [low], now)
    text = written(db, config, now)
    assert "x 2026-11-20 2026-11-20 Something low pri:F foo:bar\n" in text
    assert text.replace("x 2026-11-20 2026-11-20 Something low pri:F foo:bar", "(F) Something low foo:bar") == FILE
    again = interchange.bring_in(db, "todotxt", source(text), now, tz)
    assert (again.same, again.changed, again.new) == (FILE.count("\n"), 0, 0)


def test_an_edited_line_is_the_same_task(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    mine = tasks.add(db, "Write the report #Work @desk friday 15:00 ~45m", config, now, tz)
    line = written(db, config, now).strip()
    assert line == "2026-11-20 Write the report +Work @desk due:2026-11-20 due_time:1500"
    assert interchange.bring_in(db, "todotxt", source(line), now, tz).same == 1
    edited = f"x 2026-11-20 {line} pri:A"
    assert interchange.bring_in(db, "todotxt", source(edited), now, tz).changed == 1
    task = tasks.find(db, mine.id)
    assert (task.status, task.priority, task.estimate_min, task.due) == ("completed", 1, 45, mine.due)


def test_relations_keep_their_ids(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    first, second = (tasks.add(db, text, config, now, tz) for text in ("first", "second"))
    tasks.update(db, second, now, depends=(first.id,), parent=first.id)
    text = written(db, config, now)
    assert f"id:{first.id}" in text
    assert f"dep:{first.id}" in text
    assert interchange.bring_in(db, "todotxt", source(text), now, tz).same == 2
    changes.undo(db, now)


@pytest.mark.parametrize(("text", "message"), [
    ("one\nx 2026-13-01 two", "todo.txt, line 2: the date is no day"),
    ("a due:2026-02-30", "line 1: due is no day of the calendar"),
    ("a t:2026-00-01", "line 1: t is no day"),
])
def test_impossible_dates_are_refused_by_line(text: str, message: str, db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput, match=message):
        interchange.bring_in(db, "todotxt", source(text), now, BERLIN)
    assert list(plain.every(db)) == []


def test_wrong_encodings_and_endless_lines(db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="line 2: this is not UTF-8"):
        interchange.bring_in(db, "todotxt", Source("todo.txt", data=b"a\n\xff\xfe"), now, BERLIN)
    with pytest.raises(InvalidInput, match="line 1 is longer"):
        interchange.bring_in(db, "todotxt", Source("todo.txt", data=b"x" * 9_000_000), now, BERLIN)
    assert interchange.bring_in(db, "todotxt", Source("todo.txt", data="\ufeffä\r\n".encode()), now, BERLIN).new == 1


_WORD = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), blacklist_characters="␤␍"), min_size=1, max_size=8
)
_TRICKY = st.sampled_from([
    "x", "(A)", "2026-01-01", "+p", "@c", "a:b", "due:2026-01-01", "\\", "\\+p", "\\\\x", "rec:1w", "id:1", "%20", "50%", "\n",
])
_NAME = st.text(string.ascii_letters + "ä%2 .+@:", min_size=1, max_size=6).map(str.strip).filter(bool)
_DUE = st.one_of(st.none(), st.dates(datetime(2000, 1, 1).date(), datetime(2040, 1, 1).date()).map(str), st.datetimes(
    datetime(2000, 1, 1), datetime(2040, 1, 1)).filter(lambda d: d.month not in (3, 10)).map(
        lambda d: d.replace(microsecond=0).isoformat()[: 16 if not d.second else 19]))
_RULE = st.one_of(st.none(), st.builds(
    lambda rule, anchor, catch_up: {"rrule": rule, "anchor": anchor, "catch_up": catch_up},
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=-1FR",
                     "FREQ=YEARLY;INTERVAL=1", "FREQ=DAILY;UNTIL=20270101T000000Z\nEXDATE:20261201"]),
    st.sampled_from(["schedule", "completion"]), st.sampled_from(["one", "skip", "all"])))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(_WORD, _TRICKY), min_size=1, max_size=6), st.sampled_from([None, 1, 2, 3, 4]), st.one_of(st.none(), _NAME),
    st.lists(_NAME, max_size=3, unique=True), _DUE, _DUE, _RULE, st.booleans(), st.integers(0, 400),
)
def test_what_is_written_is_read_again(
    words: list[str], priority: int | None, project: str | None, tags: list[str], due: str | None, wait: str | None,
    rule: dict[str, str] | None, done: bool, days: int,
) -> None:
    now = datetime(2026, 11, 20, 10, tzinfo=BERLIN)
    blank = stored(Task(id="6b3c2a1e-1111-4111-8111-111111111111", title=" ".join(words).strip(), created=now, modified=now))
    task = blank | {
        "priority": priority, "project": project, "tags": tags, "due": due, "wait": wait, "time_zone": "Europe/Berlin",
        "recurrence": rule if due else None, "status": "completed" if done else "pending",
        "completed": (now + timedelta(days=days)).isoformat() if done else None,
    }
    if not task["title"].strip():
        return
    line = todotxt.line_of(task, BERLIN)
    assert "\n" not in line
    (back,) = read(line)
    assert back["created"] == "2026-11-20"
    for name in ("title", "priority", "project", "tags", "due", "wait", "recurrence", "status"):
        assert back[name] == task[name], name
    again = task | {"extra": back["extra"]}
    assert todotxt.line_of(again, BERLIN) == line


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40), max_size=5))
def test_any_file_is_read_and_its_lines_come_back(written_lines: list[str]) -> None:
    text = "\n".join(written_lines)
    try:
        found = read(text)
    except InvalidInput:
        return  # an impossible date
    for task, line in zip(found, (line for line in text.split("\n") if line.strip()), strict=True):
        zoned = {"notes": "", "parent": None, "depends": [], **task}
        zoned |= {name: f"{task[name]}T10:00:00Z" for name in ("created", "completed") if task.get(name)}
        assert todotxt.line_of(zoned, BERLIN) == line.rstrip()


def written(db: Connection, config: Config, now: datetime) -> str:
    return "".join(interchange.export(db, "todotxt", config, now, BERLIN))


def test_an_export_of_a_link_keeps_the_link(db: Connection, config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path) -> None:
    interchange.bring_in(db, "todotxt", source(FILE), now, tz)
    real = tmp_path / "todo.txt"
    interchange.export_to(db, "todotxt", real, config, now, tz)
    assert real.read_text() == FILE
