"""Coach's own API: its answers are the shell's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.api import own, own_live
from coach.api.aside import aside
from coach.config import ApiConfig, Config, Home
from coach.core.event import Event
from coach.engine import activity, categories, opening, tokens
from coach.engine.runtime import Runtime
from coach.store.db import Connection, Unlocked
from tests.api.own_client import Client, served
from tests.cli.shell import coach


@pytest.fixture
def client(home: Home, unlocked: Unlocked, tz: ZoneInfo, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("COACH_NOW", now.isoformat())
    monkeypatch.setattr(own_live, "POLL_S", 0.1)
    config = Config(api=ApiConfig(metrics=True))
    with served(Runtime(config, home, tz, unlocked)) as client:
        yield client


@pytest.fixture
def morning(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> datetime:
    """An hour in an editor, half an hour on a site, recorded; returns when it began."""
    rules, start = categories.load(db, config), now - timedelta(hours=2)
    for n in range(60):
        at = start + timedelta(minutes=n)
        end = at + timedelta(minutes=1)
        activity.record(db, [Event(at, end, "x11", "code", f"file {n // 10}.py", project="coach")], 2.0, rules, tz)
    later = start + timedelta(hours=1)
    event = Event(later, later + timedelta(minutes=30), "x11", "firefox", "News", "https://news.example/")
    activity.record(db, [event], 2.0, rules, tz)
    activity.roll(db, rules, now)
    return start


def test_activities_are_those_of_the_shell(client: Client, morning: datetime) -> None:
    assert client.get("/v1/activities") == coach("timeline", "--json").json
    assert client.get("/v1/activities?layer=log") == coach("log", "--json").json
    assert len(client.get("/v1/activities")) == 7


def test_activities_are_filtered_clipped_and_paged(client: Client, morning: datetime) -> None:
    assert {e["app"] for e in client.get("/v1/activities?app=FIREFOX")} == {"firefox"}
    assert {e["project"] for e in client.get("/v1/activities?project=coach")} == {"coach"}
    assert client.get("/v1/activities?category=Nothing") == []
    category = client.get("/v1/activities?app=code")[0]["category"]
    assert category
    assert len(client.get(f"/v1/activities?category={category.split(' > ')[0].replace(' ', '%20')}")) >= 6
    low, high = morning + timedelta(minutes=5), morning + timedelta(minutes=15)
    path = f"/v1/activities?start={low:%Y-%m-%dT%H:%M:%SZ}&end={high:%Y-%m-%dT%H:%M:%SZ}"
    assert sum(e["duration_s"] for e in client.get(path)) == 600
    first = client.ask("GET", "/v1/activities?limit=4")
    link = first.headers["Link"]
    assert link.endswith('>; rel="next"')
    rest = client.get(link.split(">")[0].split(str(client.port))[1])
    assert first.json + rest == client.get("/v1/activities")


def test_a_rule_gives_history_another_category(client: Client, morning: datetime) -> None:
    body = {"category": "Work > News", "field": "app", "pattern": "firefox"}
    made = client.ask("POST", "/v1/rules", body)
    assert (made.status, made.json) == (201, {"relabelled": 1})
    assert [e["category"] for e in client.get("/v1/activities?app=firefox")] == ["Work > News"]
    undone = client.ask("POST", "/v1/undo").json
    assert undone[0]["label"] == "add rule"
    assert client.get("/v1/activities?app=firefox")[0]["category"] != "Work > News"


def test_a_correction_holds_for_its_time_alone(client: Client, morning: datetime) -> None:
    half = morning + timedelta(minutes=75)
    start = (morning + timedelta(hours=1)).isoformat()
    body = {"start": start, "end": half.isoformat(), "category": "Work > News", "app": "firefox"}
    made = client.ask("POST", "/v1/corrections", body)
    assert made.status == 201, made.body
    assert client.get("/v1/activities?app=firefox")[0]["category"] == "Work > News"
    assert {e["category"] for e in client.get(f"/v1/activities?app=firefox&start={half:%Y-%m-%dT%H:%M:%SZ}")} != {"Work > News"}
    assert client.ask("POST", "/v1/undo").status == 200
    assert "Work > News" not in {e["category"] for e in client.get("/v1/activities")}
    late = client.ask("POST", "/v1/corrections", {**body, "end": "2027-01-01T00:00:00Z"})
    assert (late.status, late.code) == (400, "invalid")


def test_reports_and_status_are_those_of_the_shell(client: Client, morning: datetime) -> None:
    for period in ("day", "week", "month", "year"):
        assert client.get(f"/v1/report/{period}") == coach("report", period, "--json").json
    assert client.get("/v1/report/day?date=yesterday")["active_s"] == 0
    assert client.get("/v1/report/day?date=2026-11-20")["active_s"] == 5400
    assert client.get("/v1/status") == coach("status", "--json").json
    assert client.get("/v1/insights") == coach("insights", "--json").json
    ahead, told = client.get("/v1/forecast"), coach("insights", "forecast", "--json").json
    assert {**ahead, "made": ""} == {**told, "made": ""}
    assert ahead["serves"] == "profile"
    assert len(ahead["hours"]) == 24


def test_tasks_are_added_listed_completed_and_taken_back(client: Client) -> None:
    added = client.ask("POST", "/v1/tasks", {"text": "Call mum tomorrow 18:00 #home @phone p2 ~15m"})
    assert added.status == 201
    assert (added.json["title"], added.json["project"], added.json["estimate_min"]) == ("Call mum", "home", 15)
    client.ask("POST", "/v1/tasks", {"text": "Mend Tim's bike"})
    assert client.get("/v1/tasks") == coach("list", "--json").json
    assert [t["title"] for t in client.get("/v1/tasks?filter=project:home%20%2Bphone")] == ["Call mum"]
    assert [t["title"] for t in client.get("/v1/tasks?filter=/Tim's/")] == ["Mend Tim's bike"]
    assert client.get("/v1/tasks/1")["id"] == added.json["id"]
    done = client.ask("POST", "/v1/tasks/1/done")
    assert [t["status"] for t in done.json] == ["completed"]
    assert client.ask("POST", "/v1/tasks/1/done").status == 400
    client.ask("POST", "/v1/undo", {"steps": 1})
    assert client.get("/v1/tasks/1")["status"] == "pending"


def test_focus_begins_once_and_ends(client: Client) -> None:
    assert client.get("/v1/focus") is None
    client.ask("POST", "/v1/tasks", {"text": "Write"})
    begun = client.ask("POST", "/v1/focus", {"task": "1", "for_min": 25})
    assert (begun.status, begun.json["label"], begun.json["left_s"]) == (201, "Write", 1500)
    assert client.get("/v1/focus")["id"] == begun.json["id"]
    again = client.ask("POST", "/v1/focus", {})
    assert (again.status, again.code) == (409, "busy")
    assert client.ask("DELETE", "/v1/focus").json["end"]
    assert client.ask("DELETE", "/v1/focus").status == 404


def test_an_answer_comes_line_by_line_and_ends_with_the_whole(
    client: Client, morning: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = client.ask("POST", "/v1/ask", {"text": "how long did I use firefox today?", "tone": False}, Accept_Encoding="gzip")
    lines = [json.loads(line) for line in got.body.splitlines()]
    assert got.headers["Content-Type"] == "application/x-ndjson"
    assert lines[0]["kind"] == "text"
    assert lines[-1]["kind"] == "done"
    assert lines[-1]["answer"]["intent"] == "time_in_app"
    assert "30 min" in lines[-1]["answer"]["answer"]
    assert lines[-1]["answer"]["facts"] == [line["fact"] for line in lines if line["kind"] == "fact"]


def test_long_answers_are_packed_for_who_takes_that(client: Client, morning: datetime) -> None:
    packed = client.ask("GET", "/v1/activities", Accept_Encoding="gzip")
    plain = client.ask("GET", "/v1/activities")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Content-Encoding"] is None
    assert packed.json == plain.json


def test_the_page_needs_no_token_and_nothing_from_elsewhere(client: Client) -> None:
    page = client.ask("GET", "/docs", token="")
    assert page.status == 200
    text = page.body.decode()
    assert "<script" not in text
    assert "//" not in text.replace("ws://HOST", "").replace("http://127.0.0.1", "")
    document = client.ask("GET", "/openapi.json", token="").json
    assert [path for path in document["paths"] if path not in text] == []
    assert "/metrics" in document["paths"]


def test_metrics_count_and_name_nothing_of_the_persons(client: Client, db: Connection, morning: datetime) -> None:
    client.ask("POST", "/v1/tasks", {"text": "Secret plan"})
    client.ask("GET", "/v1/nowhere/secret")
    got = client.ask("GET", "/metrics")
    text = got.body.decode()
    assert got.headers["Content-Type"].startswith("text/plain")
    assert "coach_events_recorded_total 7.0" in text
    assert "coach_tasks_open 1.0" in text
    assert 'coach_api_request_seconds_count{route="/v1/tasks",status="201"} 1.0' in text
    assert 'coach_api_request_seconds_count{route="none",status="404"} 1.0' in text
    size = float(next(line for line in text.splitlines() if line.startswith("coach_store_bytes ")).split()[1])
    assert size > 100_000
    assert not [word for word in ("ecret", "firefox", "News", "code") if word in text]


def test_listeners_hear_what_happens(client: Client, db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> None:
    from coach.core.nudge import Nudge
    from coach.store import nudges

    with client.live() as live:
        assert live.next() == {"type": "hello", "state": "no consent", "event": None, "focus": None}
        client.ask("POST", "/v1/tasks", {"text": "Write"})
        assert live.next() == {"type": "edit"}
        client.ask("POST", "/v1/focus", {"for_min": 25})
        assert live.of("focus")["focus"]["planned_end"]
        nudges.insert(db, Nudge("0b5e", now, "overdue", "neutral", "coach", "bank", "Write is overdue"))
        assert live.of("nudge")["nudge"]["text"] == "Write is overdue"
        with client.live() as second:
            assert second.next()["focus"]["planned_end"]


def test_listeners_hear_what_is_in_front(
    client: Client, db: Connection, home: Home, config: Config, tz: ZoneInfo, now: datetime
) -> None:
    from coach.engine import tracking
    from coach.store import leases

    rules = categories.load(db, config)
    with client.live() as live:
        assert live.next()["state"] == "no consent"
        lease = leases.take(db, "tracker", home.state, "track", now)
        assert lease
        tracking.set_consent(db, True, now)
        assert live.of("state")["state"] == "on"
        activity.record(db, [Event(now - timedelta(seconds=9), now, "x11", "code", "a.py")], 2.0, rules, tz)
        seen = live.of("activity")["event"]
        assert (seen["app"], seen["title"], "end" in seen) == ("code", "a.py", False)
        activity.record(db, [Event(now, now + timedelta(seconds=2), "x11", "code", "a.py")], 2.0, rules, tz)  # goes on: no news
        tracking.pause(db, now)
        assert live.next() == {"type": "state", "state": "paused"}
        assert live.next() == {"type": "activity", "event": None}
        lease.release(db)


def test_a_listener_that_vanishes_leaves_the_server_well(client: Client) -> None:
    for _ in range(3):
        with client.live() as live:
            assert live.next()["type"] == "hello"
            live.socket.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER 0: reset instead of a goodbye
    client.ask("POST", "/v1/tasks", {"text": "Write"})
    with client.live() as live:
        assert live.next()["type"] == "hello"
        live.socket.sendall(b"\xff" * 200)  # no frame at all
        while live.closed == 0:
            live._read()
    assert client.get("/v1/status")["state"] == "no consent"


def test_a_new_token_shuts_the_old_one_out_at_once(client: Client, db: Connection) -> None:
    new = tokens.renewed(db)
    assert client.ask("GET", "/v1/status").status == 401
    assert client.ask("GET", "/v1/status", token=new).status == 200


def test_a_closed_server_gives_its_port_back(home: Home, unlocked: Unlocked, tz: ZoneInfo) -> None:
    runtime = Runtime(Config(), home, tz, unlocked)
    with own.serving(runtime, 0) as port:
        pass
    with own.serving(runtime, port) as same:
        assert same == port
    with pytest.raises(OSError):
        Client(port, runtime, "").ask("GET", "/docs")


def test_the_jobs_go_on_where_the_port_is_taken(home: Home, unlocked: Unlocked, tz: ZoneInfo) -> None:
    runtime = Runtime(Config(), home, tz, unlocked)
    with own.serving(runtime, 0) as port:
        second = Runtime(Config(api=ApiConfig(own_port=port)), home, tz, unlocked)
        with aside("own API", lambda: own.serving(second)):
            assert Client(port, runtime, "").ask("GET", "/docs").status == 200


def test_a_taken_port_is_said(home: Home, unlocked: Unlocked, tz: ZoneInfo) -> None:
    from coach.core.errors import Busy

    runtime = Runtime(Config(), home, tz, unlocked)
    with own.serving(runtime, 0) as port, pytest.raises(Busy, match=str(port)), own.serving(runtime, port):
        pass


def test_the_token_is_in_the_store_and_nowhere_else(home: Home, client: Client) -> None:
    for file in home.data.parent.rglob("*"):
        if file.is_file():
            assert client.token.encode() not in file.read_bytes(), file
    with closing(opening.connect(client.runtime.unlocked)) as db:
        assert tokens.token(db) == client.token
