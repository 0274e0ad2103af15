from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import coach
from tests.engine.test_calendars import ICS


def test_a_plan_is_made_explained_accepted_and_refused(tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_text(ICS, newline="")
    assert coach("calendar", "add", str(tmp_path / "work.ics"), "--json").json["events"] == 1
    for text in ("Report by today ~2h p1", "Read paper ~30m"):
        assert coach("add", text).status == 0
    made = coach("plan", "--json").json
    assert {"blocks", "unplaced", "score", "engine", "elapsed_s"} <= set(made)
    taken = ("2026-11-20T13:00:00Z", "2026-11-20T14:00:00Z")
    assert all(b["end"] <= taken[0] or b["start"] >= taken[1] for b in made["blocks"])
    first, second = made["blocks"]
    assert coach("plan", "why", first["id"][:8], "--json").json["reasons"] == first["reasons"]
    assert coach("plan", "accept", first["id"], "--json").json[0]["status"] == "accepted"
    assert coach("plan", "reject", second["id"], "--json").json[0]["status"] == "rejected"
    again = coach("plan", "--apply", "--json").json
    assert [b["status"] for b in again["blocks"]] == ["accepted", "accepted"]
    assert second["start"] not in [b["start"] for b in again["blocks"]]
    words = coach("plan").out
    assert "Report" in words
    assert coach("plan", "why", "ffffffff", "--json").status == 3
    events = coach("calendar", "events", "--json").json
    assert [(e["title"], e["start"]) for e in events] == [("Board", taken[0])]


def test_an_instance_is_planned_without_a_store(tmp_path: Path) -> None:
    tree = {
        "now": "2026-11-23T08:00:00Z", "tz": "UTC", "days": 1, "work_hours": {"mon": [["09:00", "17:00"]]}, "events": [],
        "tasks": [{"id": "a", "title": "x", "estimate_min": 60, "priority": 1}, {"id": "b", "title": "y"}], "focus": None,
    }
    made = coach("plan", "--input", "-", "--json", stdin=json.dumps(tree), home=tmp_path / "none").json
    assert [(b["task_id"], b["start"]) for b in made["blocks"]] == [("a", "2026-11-23T09:00:00Z")]
    assert made["unplaced"][0]["task_id"] == "b"
    assert not (tmp_path / "none").exists()
    assert coach("plan", "--input", "-", "--json", stdin="{", home=tmp_path / "none").error["code"] == "invalid"
    assert coach("plan", "--input", "-", stdin="[" * 100_000).status == 2


def test_a_broken_calendar_is_a_clear_error_and_nothing_is_added(tmp_path: Path) -> None:
    (tmp_path / "bad.ics").write_text("BEGIN:VCALENDAR\nhello\nEND:VCALENDAR\n")
    ran = coach("calendar", "add", str(tmp_path / "bad.ics"), "--json")
    assert ran.status == 2
    assert ran.error["message"] == "bad.ics, line 2: this is not iCalendar"
    assert coach("calendar", "list", "--json").json == []


def spans(made: dict) -> list[tuple[str, str, str]]:
    return [(b["id"], b["start"], b["end"]) for b in made["blocks"]]


def test_a_what_if_is_shown_as_a_difference_and_applied_only_when_asked() -> None:
    for text in ("Report by today ~2h p1", "Read paper ~30m"):
        assert coach("add", text).status == 0
    shown = coach("plan", "--json").json
    report = next(b for b in shown["blocks"] if b["title"] == "Report")
    made = coach("plan", "--skip", str(report["num"]), "--json").json
    assert [b["task_id"] for b in made["change"]["removed"]] == [report["task_id"]]
    assert "is gone" in coach("plan", "--skip", str(report["num"])).out
    assert coach("plan", "--shorten", str(report["num"]), "60").out.startswith("~ Report:")
    assert coach("plan", "--move", report["id"], "-100000", "--json").status == 2
    assert spans(coach("plan", "--json").json) == spans(shown)
    applied = coach("plan", "--move", report["id"], "60", "--apply", "--json").json
    assert {b["status"] for b in applied["blocks"]} == {"accepted"}
    moved = coach("plan", "why", report["id"], "--json").json
    assert moved["status"] == "accepted"
    assert moved["start"] in [m["to"]["start"] for m in applied["change"]["moved"] if m["task_id"] == report["task_id"]]


def test_the_same_seed_makes_the_same_plan() -> None:
    for i in range(6):
        assert coach("add", f"Task {i} ~{30 + 15 * i}m").status == 0
    one, two = (coach("plan", "--seed", "5", "--json").json for _ in range(2))
    assert spans(one) == spans(two)
    assert len(one["blocks"]) >= 6


def test_the_profile_says_how_much_it_knows() -> None:
    assert "peak hours: not before 14 days" in coach("plan", "profile").out
    assert coach("plan", "profile", "--json").json["stretches"] == 0


def test_what_decisions_have_taught_is_forgotten_when_asked() -> None:
    coach("add", "Report ~1h")
    block = coach("plan", "--json").json["blocks"][0]["id"]
    coach("plan", "accept", block)
    assert "100% of 1" in coach("plan", "profile").out
    assert coach("plan", "profile", "--forget", "--json").json == {"forgotten": 1}
    assert "none was accepted" in coach("plan", "profile").out


def test_an_accepted_block_under_a_new_event_is_said_by_status_and_plan(tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_text(ICS, newline="")
    for name in ("One", "Two", "Three", "Four"):
        assert coach("add", f"{name} by today ~75m").status == 0
    assert "plan" not in coach("plan", "--apply").err
    assert coach("status", "--json").json["plan_outdated"] == []
    assert coach("calendar", "add", str(tmp_path / "work.ics")).status == 0
    (sign,) = coach("status", "--json").json["plan_outdated"]
    assert (sign["kind"], sign["accepted"]) == ("event", True)
    does = "`coach plan` makes it anew around what you accepted, `coach plan reject` gives a block back"
    assert f"the plan no longer holds: {sign['text']}; {does}" in coach("status").out
    made = coach("plan")
    assert f"what you accepted stays, but {sign['text']}" in made.err
    assert coach("plan", "--json").json["outdated"] == [sign]
    assert coach("plan", "reject", sign["block"]).status == 0
    assert coach("plan", "--json").json["outdated"] == []


def test_a_plan_made_anew_says_why(tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_text(ICS, newline="")
    for name in ("One", "Two", "Three", "Four"):
        assert coach("add", f"{name} by today ~75m").status == 0
    assert coach("plan").status == 0
    assert coach("calendar", "add", str(tmp_path / "work.ics")).status == 0
    assert 'the plan no longer held: "Board" lies over' in coach("plan").err
    assert coach("status", "--json").json["plan_outdated"] == []


def test_an_estimate_that_nobody_could_read_is_named_and_no_character_of_it_is_lost() -> None:
    for mark in ("~40h", "~-5m"):
        made = coach("add", f"Xyzzy {mark}")
        assert f"{mark} could not be read and stays text; an estimate is 1 minute to 24 hours" in made.err
    tasks = coach("list", "--json").json
    assert sorted(t["title"] for t in tasks) == ["Xyzzy ~-5m", "Xyzzy ~40h"]
    reasons = [r["text"] for b in coach("plan", "--json").json["blocks"] for r in b["reasons"] if r["kind"] == "estimate"]
    said = "no estimate: 30 min assumed, {} could not be read (1 minute to 24 hours)"
    assert sorted(reasons) == [said.format(mark) for mark in ("~-5m", "~40h")]
    assert coach("add", "Buy ~5 kg and ~3rd row").err == ""
