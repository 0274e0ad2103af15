from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import Annotation, Recurrence, Reminder, Task, stored
from coach.engine import interchange
from coach.integrations import tables
from coach.integrations.source import Source
from coach.store import plain
from coach.store.db import Connection
from tests.integrations.random_tasks import random_tasks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 10, tzinfo=BERLIN)


def read(text: str) -> list[dict[str, Any]]:
    found = tables.read(Source("tasks.csv", data=text.encode()), NOW, BERLIN, True)
    return [{"id": f.id, **f.values} for f in found]


def test_anybodys_table_is_read() -> None:
    first, second = read(
        "\ufeffTask Name;Labels;Due Date;Priority;List;Done;Effort\r\n"
        '"Buy; milk";@a, b;5/12/2026 14:00;High;Home;no;3\r\n'
        "'=Sum up;;tomorrow;;;yes;\r\n"
    )
    assert {"title": "Buy; milk", "tags": ["a", "b"], "due": "2026-12-05T14:00", "priority": 1, "project": "Home",
            "status": "pending"}.items() <= first.items()
    assert first["extra"] == {"csv": {"columns": {"Effort": "3"}}}
    assert (second["title"], second["due"], second["status"]) == ("=Sum up", "2026-11-21", "completed")


def test_columns_of_their_own_name_go_first() -> None:
    assert read("description,title\nlong,short")[0]["title"] == "short"
    assert read("description,title\nlong,short")[0]["notes"] == "long"
    assert read("description\nonly")[0]["title"] == "only"


@pytest.mark.parametrize(("text", "message"), [
    ("", "line 1: there is no header"),
    ("a,b\n1,2", "no column for the title"),
    ("a,b\n", "no column for the title"),
    ("title,title\n1,2", "line 1: column 1 has the name of another"),
    ("title,due\nx,2026-02-30", "tasks.csv, line 2: due is no date"),
    ("title,due\nx,soonish", "line 2: due is no date"),
    ("title,priority\nok,1\nx,top", "line 3: priority is none of"),
    ("title,status\nx,maybe", "line 2: status is none of"),
    ("title,estimate_min\nx,ages", "line 2: estimate_min is no whole number"),
    ("title,recurrence\nx,{", "line 2: recurrence is no JSON"),
    ("title,recurrence\nx,[1]", "line 2: a cell of JSON is not"),
    ("title,remind\nx,7", "line 2: a cell of JSON is not"),
    ("title,tags\nx,\"[1]\"", "line 2: tags is no list"),
    ("title,time_zone\nx,Mars", "line 2: time_zone is no time zone"),
    ("title,created\nx,2026-13-01", "line 2: created is no date"),
    ("title,b\n ,1", "line 2: title is empty"),
    ("title,b\nx,\"y", "line 2: unexpected end"),
    ("title\nx,y", "line 2 has more cells"),
])
def test_broken_tables_are_refused_by_line_and_column(text: str, message: str, db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput, match=message):
        interchange.bring_in(db, "csv", Source("tasks.csv", data=text.encode()), now, BERLIN)
    assert list(plain.every(db)) == []


def test_coachs_own_table_brings_everything_back(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    import json

    records = Source("x", data=json.dumps(random_tasks(150, 5, now)).encode())
    interchange.bring_in(db, "taskwarrior", records, now, tz)
    before = [{k: v for k, v in task.items() if k != "num"} for task in plain.every(db)]
    text = "".join(interchange.export(db, "csv", config, now, tz))
    again = interchange.bring_in(db, "csv", Source("x", data=text.encode()), now, tz)
    assert (again.same, again.changed, again.new) == (len(before), 0, 0)
    db.execute("DELETE FROM task")
    assert interchange.bring_in(db, "csv", Source("x", data=text.encode()), now, tz).new == len(before)
    assert [{k: v for k, v in task.items() if k != "num"} for task in plain.every(db)] == before


_TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\0"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(_TEXT.filter(str.strip), _TEXT, st.lists(_TEXT.filter(bool), max_size=3, unique=True), _TEXT)
def test_what_is_written_is_read_again(title: str, notes: str, tags: list[str], column: str) -> None:
    task = stored(Task(
        id="6b3c2a1e-1111-4111-8111-111111111111", title=title, notes=notes, tags=tuple(tags), created=NOW, modified=NOW,
        due=NOW, due_hard=True, time_zone="Asia/Kathmandu", remind=(Reminder(before_min=5), Reminder(at=NOW)), priority=4,
        annotations=(Annotation(NOW, notes),), recurrence=Recurrence("FREQ=DAILY;COUNT=3\nEXDATE:20261201", "completion", "all"),
        estimate_min=30, snooze_count=2, extra={"taskwarrior": {"uda": 1.5}, "csv": {"columns": {"Other": column}}},
    ))
    if not column:
        del task["extra"]["csv"]
    text = "".join(tables.table([task], ["Other"] if column else []))
    (back,) = read(text)
    for name, value in task.items():
        assert back[name] == value or not (back[name] or value), name
