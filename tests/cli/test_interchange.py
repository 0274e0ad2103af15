from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import coach


def test_out_and_in_again_through_the_shell(tmp_path: Path) -> None:
    coach("add", "Call mum tomorrow 18:00 #home p2")
    for kind in ("taskwarrior", "todotxt", "todoist", "ics", "csv", "json"):
        file = tmp_path / f"coach-{kind}"
        assert coach("export", kind, str(file), "--json").json == {"kind": kind, "file": str(file)}
        assert file.stat().st_mode & 0o777 == 0o600
        assert "Call mum" in file.read_text()
        assert coach("export", kind).out == file.read_bytes().decode()
        plan = coach("import", kind, str(file), "--dry-run", "--json").json
        assert (plan["dry_run"], plan["new"], plan["changed"], plan["same"]) == (True, 0, 0, 1), plan
    other = tmp_path / "other"
    file = tmp_path / "coach-taskwarrior"
    done = coach("import", "taskwarrior", "-", home=other, stdin=file.read_text())
    assert done.out.splitlines() == ["stdin: 1 new, 0 changed, 0 the same", "`coach undo` takes it back"]
    assert [t["title"] for t in coach("list", "--json", home=other).json] == ["Call mum"]
    assert coach("undo", "--json", home=other).json[0]["label"] == "import taskwarrior"
    assert [r["what"] for r in coach("audit", "--json").json].count("export") == 12


def test_failures_name_the_place_and_have_a_status(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('[{"description": "secret words", "due": "someday soon"}]')
    ran = coach("import", "taskwarrior", str(file), "--json")
    assert (ran.status, ran.error["code"]) == (2, "invalid")
    assert ran.error["message"] == "broken.json, record 1 (line 1): due is no date"
    assert "secret" not in ran.err
    assert coach("import", "taskwarrior", str(tmp_path / "none")).status == 3
    assert coach("export", "outlook", "--json").error["hint"] == (
        "one of: activitywatch, csv, events, ics, json, taskwarrior, timewarrior, todoist, todotxt")
    assert coach("list", "--json").json == []


def test_the_summary_says_what_was_left_out(tmp_path: Path) -> None:
    file = tmp_path / "tasks.ics"
    file.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nBEGIN:VTODO\nUID:2\nSUMMARY:one\nEND:VTODO\nEND:VCALENDAR\n")
    ran = coach("import", "ics", str(file), "--dry-run")
    assert ran.out.splitlines() == [
        "tasks.ics: 1 would be new, 0 would be changed, 0 the same, 1 left out",
        "  left out: tasks.ics: 1 VEVENT: `coach calendar add` reads them",
    ]
    assert json.loads(coach("list", "--json").out) == []


def test_tracked_time_comes_in_is_listed_and_goes_again(tmp_path: Path) -> None:
    file = tmp_path / "time.csv"
    file.write_text("start,end,app,title\n2026-11-19 09:00,2026-11-19 09:30,code,main.py\n")
    looked = coach("import", "csv", str(file), "--dry-run").out
    assert looked == "time.csv: 1 would be new, 0 would be changed, 0 the same, 1 bucket\n"
    assert coach("import", "--list").out == "no tracked time has been imported\n"
    done = coach("import", "csv", str(file))
    assert done.out.splitlines()[-1] == "`coach import --remove 1` takes it back"
    assert coach("import", "csv", str(file), "--json").json["same"] == 1
    assert [(i["number"], i["kind"], i["events"]) for i in coach("import", "--list", "--json").json] == [(1, "events", 1)]
    table = coach("export", "events").out.splitlines()
    assert table[0].startswith("bucket,type,start,end")
    assert "code" in table[1]
    assert coach("import", "--remove", "1", "--json").json == {"import": 1, "removed": 1}
    assert coach("import", "--remove", "1").status == 3
    assert coach("import").status == 2
