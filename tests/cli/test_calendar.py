from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import coach
from tests.engine.test_calendars import ICS


def test_a_source_that_cannot_be_read_is_named_ends_in_failure_and_costs_the_others_nothing(tmp_path: Path) -> None:
    for name in ("work", "home"):
        (tmp_path / f"{name}.ics").write_text(ICS.replace("UID:a", f"UID:{name}"), newline="")
        assert coach("calendar", "add", str(tmp_path / f"{name}.ics")).out == f"added {name}: 1 event\n"
    (tmp_path / "home.ics").write_text("hello")
    (tmp_path / "work.ics").write_text(ICS.replace("DTEND", "X-DTEND").replace("SUMMARY:Board", "SUMMARY:Moved"), newline="")
    ran = coach("calendar", "sync", "--json")
    assert (ran.status, ran.error["message"]) == (1, "not read: home")
    assert [(c["name"], c["failed"], c["events"]) for c in json.loads(ran.out)] == [("home", True, 1), ("work", False, 1)]
    words = coach("calendar", "sync")
    assert words.status == 1
    assert "coach: home: home.ics, line 1: this is not iCalendar" in words.err
    assert [e["title"] for e in coach("calendar", "events", "--json").json] == ["Board", "Moved"]
