from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.engine import interchange, tasks
from coach.integrations import todoist
from coach.integrations.source import Notes, Source
from coach.store import plain
from coach.store.db import Connection

CAIRO = ZoneInfo("Africa/Cairo")
HEADER = (
    "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT,DEADLINE,DEADLINE_LANG"
)
FILE = "\r\n".join([
    HEADER,
    "meta,view_style=list,,,,,,,,,,,,",
    "task,Repot the basil @garden @weekend,Terracotta pot from the shed,1,1,Kai (48151623),,Dec 5 2026,en,Africa/Cairo,30,minute",
    "task,Buy compost,,4,2,Kai (48151623),,,en,Africa/Cairo,,None,,",
    "note,Get the peat-free one,,,,Kai (48151623),,,,,,,,",
    ",,,,,,,,,,,,,",
    "section,Weekly,,,,,,,,,,,,",
    "task,Water the ferns,,2,1,Kai (48151623),,every monday at 9am,en,Africa/Cairo,15,minute,,",
    "task,Check the seed tray,,3,1,Kai (48151623),,every day,en,,,,,",
    'task,"Order seeds, ""heirloom"" kind",,4,1,Kai (48151623),,tomorrow 18:00,en,Africa/Cairo,,,Dec 9 2026,en',
    "task,Water the ferns,,2,1,Kai (48151623),,,en,,,,,",
    "task,Strange,,,1,,,when the moon is full,en,,,,,",
])


def source(text: str, name: str = "Garden [2203306141].csv") -> Source:
    return Source(name, path=None, data=text.encode())


def read(text: str, now: datetime, name: str = "coach.csv") -> list[dict[str, Any]]:
    return [f.values for f in todoist.read(source(text, name), now, CAIRO, True, Notes())]


def test_a_project_is_read(now: datetime) -> None:
    basil, compost, ferns, tray, seeds, ferns_again, strange = read(FILE, now)
    assert (basil["title"], basil["tags"], basil["priority"], basil["estimate_min"]) == (
        "Repot the basil", ["garden", "weekend"], 1, 30)
    assert (basil["notes"], basil["due"]) == ("Terracotta pot from the shed", "2026-12-05")
    assert basil["extra"] == {"todoist": {"columns": {"AUTHOR": "Kai (48151623)"}}}
    assert (compost["priority"], [n["text"] for n in compost["annotations"]]) == (None, ["Get the peat-free one"])
    assert compost["parent"] is not None
    assert ferns["recurrence"] == {"rrule": "FREQ=WEEKLY;BYDAY=MO", "anchor": "schedule", "catch_up": "one"}
    assert (ferns["due"], ferns["project"]) == ("2026-11-23T09:00", "Weekly")
    assert tray["recurrence"]["rrule"] == "FREQ=DAILY"
    assert (seeds["title"], seeds["scheduled"], seeds["due"], seeds["due_hard"]) == (
        'Order seeds, "heirloom" kind', "2026-11-21T18:00", "2026-12-09", True)
    assert (ferns_again["title"], ferns_again["due"], strange["due"]) == ("Water the ferns", None, None)


def test_the_file_names_the_project_and_sections_are_parts_of_it(now: datetime, tmp_path: Any) -> None:
    file = tmp_path / "Garden [2203306141].csv"
    file.write_text(FILE)
    found = list(todoist.read(Source(file.name, file), now, CAIRO, True, Notes()))
    assert [f.values["project"] for f in found][:3] == ["Garden", "Garden", "Garden.Weekly"]
    assert len({f.id for f in found}) == 7


def test_a_second_import_changes_nothing(db: Connection, now: datetime) -> None:
    first = interchange.bring_in(db, "todoist", source(FILE), now, CAIRO)
    assert (first.new, first.left_out) == (7, 0)
    assert first.said == [("Garden [2203306141].csv, line 12", "DATE is not understood; the task comes without it")]
    again = interchange.bring_in(db, "todoist", source(FILE), now, CAIRO)
    assert (again.same, again.new, again.changed) == (7, 0, 0)


def test_what_coach_writes_it_recognises(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for text in ("Pay rent every month #home p1 ~15m", "Call mum tomorrow 18:00 @phone", "Taxes {30 apr} // notes, more",
                 "Gym every mon, wed 7:00", "Water every! 3 days", "Plain"):
        tasks.add(db, text, config, now, tz)
    parent = tasks.add(db, "Parent #home", config, now, tz)
    child = tasks.add(db, "Child #home", config, now, tz)
    tasks.update(db, tasks.annotate(db, child, "a comment", now), now, parent=parent.id)
    done = tasks.add(db, "Finished", config, now, tz)
    tasks.done(db, [done], now)
    text = "".join(interchange.export(db, "todoist", config, now, tz))
    assert "Finished" not in text
    assert text.splitlines()[0] == HEADER
    assert "every mon\\, wed" not in text
    assert '"every mon, wed at 07:00 starting 2026-11-23"' in text
    again = interchange.bring_in(db, "todoist", Source("stdin", data=text.encode()), now, tz)
    assert (again.same, again.new, again.changed) == (8, 0, 0), list(plain.every(db))


@pytest.mark.parametrize(("text", "message"), [
    ("", "line 1: there is no header"),
    ("a,b\n", "line 1: there is no TYPE and CONTENT"),
    ("A,B\n1,2", "no TYPE and CONTENT"),
    (f"{HEADER}\ntask,,,,,,,,,,,,,", "line 2: CONTENT is empty"),
    (f"{HEADER}\nchore,x,,,,,,,,,,,,", "line 2: TYPE is none of"),
    (f"{HEADER}\ntask,x,,9,,,,,,,,,,", "line 2: PRIORITY is no number from 1 to 4"),
    (f"{HEADER}\ntask,x,,,7,,,,,,,,,", "line 2: INDENT is no number"),
    (f"{HEADER}\ntask,x,,,,,,2026-02-30,,,,,,", "line 2: DATE is no date"),
    (f"{HEADER}\ntask,x,,,,,,,,,ages,minute,,", "line 2: DURATION is no number"),
    (f'{HEADER}\ntask,"x', "line 2: unexpected end of data"),
    (f"{HEADER}\ntask,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o", "line 2 has more cells"),
])
def test_broken_files_are_refused_by_line(text: str, message: str, db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput, match=message):
        interchange.bring_in(db, "todoist", source(text), now, CAIRO)
    assert list(plain.every(db)) == []
