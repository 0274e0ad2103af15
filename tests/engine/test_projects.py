"""Where contexts are made, a window's words give it a project: tracked here, or sent by a watcher."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from coach.config import Config
from coach.core.event import Event
from coach.engine import activity, categories, inbox, ingest, tracking, watchers
from coach.store import events
from coach.store.db import Connection, Unlocked
from tests.engine.filled import BERLIN, NOW

SHOP = "cart.js - shop - Visual Studio Code"


def kept(db: Connection) -> list[tuple[str, str]]:
    return [(r[0], r[1]) for r in db.execute("SELECT app, project FROM context ORDER BY id")]


def test_what_is_tracked_here(db: Connection) -> None:
    rules = categories.load(db, Config())
    seen = Event(NOW, NOW, "x11", "code", SHOP)
    beats = [replace(seen, start=NOW + timedelta(seconds=s), end=NOW + timedelta(seconds=s + 5)) for s in (0, 5, 10)]
    activity.record(db, beats, 1.0, rules, BERLIN)
    assert kept(db) == [("code", "shop")]
    (event,) = events.between(db, NOW, NOW + timedelta(minutes=1))
    assert (event.project, event.duration_s) == ("shop", 15.0)


def test_the_roots_name_goes_before_the_titles_and_a_rule_of_ones_own_before_both(db: Connection) -> None:
    seen = Event(NOW, NOW + timedelta(seconds=5), "x11", "code", SHOP, project="monorepo")
    activity.record(db, [seen], 1.0, categories.load(db, Config()), BERLIN)
    categories.add_rule(db, "project", "sho*", "glob", "Work > Programming", Config(), NOW)
    later = replace(seen, start=seen.end, end=seen.end + timedelta(seconds=5))
    activity.record(db, [later], 1.0, categories.load(db, Config()), BERLIN)
    assert kept(db) == [("code", "monorepo"), ("code", "shop")]


def test_another_branch_is_another_event_and_the_same_stretch_of_the_day(db: Connection) -> None:
    rules = categories.load(db, Config())
    seen = Event(NOW, NOW, "tmux", "vim", "vim", project="coach", data={"branch": "main"})
    for second, branch in enumerate(["main"] * 4 + ["fix-142"] * 4):
        start = NOW + timedelta(seconds=second)
        beat = replace(seen, start=start, end=start + timedelta(seconds=1), data={"branch": branch})
        activity.record(db, [beat], 0.5, rules, BERLIN)
    found = events.between(db, NOW, NOW + timedelta(minutes=1))
    assert [(e.data["branch"], e.duration_s) for e in found] == [("main", 4.0), ("fix-142", 4.0)]
    assert [e.duration_s for e in activity.timeline_between(db, NOW, NOW + timedelta(minutes=1))] == [8.0]


@pytest.fixture
def box(unlocked: Unlocked) -> inbox.Inbox:
    opened = inbox.opened(unlocked, Config(), BERLIN)
    for name, type_ in (("w", "currentwindow"), ("aw-watcher-web-firefox", "web.tab.current")):
        watchers.create(opened, name, {"type": type_, "client": "c", "hostname": "h"}, NOW)
    return opened


@pytest.mark.parametrize(("bucket", "data", "project"), [
    ("w", {"app": "code", "title": SHOP}, "shop"),
    ("w", {"app": "code", "title": SHOP, "project": "shop"}, "shop"),
    ("w", {"app": "code", "title": SHOP, "project": "monorepo"}, "monorepo"),
    ("w", {"app": "code", "title": SHOP, "project": "monorepo", "branch": "fix"}, "monorepo"),
    ("aw-watcher-web-firefox", {"title": "Pull requests", "url": "https://github.com/acme/Beacon/pulls"}, "Beacon"),
])
def test_a_watcher_finds_what_it_sent_and_its_event_has_a_project(
    box: inbox.Inbox, db: Connection, bucket: str, data: dict[str, Any], project: str
) -> None:
    sent = {"timestamp": (NOW - timedelta(minutes=1)).isoformat(), "duration": 5, "data": data}
    assert ingest.heartbeat(box, bucket, sent, 1.0, NOW)["data"] == data
    assert [p for _, p in kept(db)] == [project]
    ((event,),) = watchers.events_json(box, bucket, None, None, 10, NOW)
    assert event["data"] == data
    box.places.clear()  # as after a start: what is compared comes from the store
    later = {**sent, "timestamp": (NOW - timedelta(seconds=55)).isoformat()}
    assert ingest.heartbeat(box, bucket, later, 1.0, NOW)["duration"] == 10.0
    assert watchers.count(box, bucket, None, None, NOW) == 1


def test_what_is_hidden_tells_no_project(box: inbox.Inbox, db: Connection) -> None:
    tracking.exclude(db, "title", "cart", "redact", NOW)
    sent = {"timestamp": (NOW - timedelta(minutes=1)).isoformat(), "duration": 5, "data": {"app": "code", "title": SHOP}}
    assert ingest.heartbeat(box, "w", sent, 1.0, NOW)["data"] == {"app": "code", "title": "excluded"}
    assert kept(db) == [("code", "")]
