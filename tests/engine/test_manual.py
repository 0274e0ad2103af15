"""What people say about their time: the timeline follows the records through undo, redo, rules, imports and rebuilds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config, home_at
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.core.unexplained import BREAK
from coach.engine import activity, categories, manual, tasks
from coach.store import changes, opening, rollups, timeline
from coach.store.db import Connection, connect
from coach.store.opening import Access

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def lived(db: Connection, *spans: tuple[float, float, str]) -> None:
    rules = categories.load(db, Config())
    activity.record(db, [Event(at(a), at(b), "x11", app, app) for a, b, app in spans], 1.0, rules, BERLIN)
    activity.roll(db, rules, at(600))


def seen(db: Connection) -> list[tuple[int, int, str, str | None, str]]:
    """(start and end in minutes, title, category, project) of the timeline."""
    def minute(instant: datetime) -> int:
        return round((instant - START).total_seconds() / 60)

    return [
        (minute(e.start), minute(e.end), e.title, e.category, e.project)
        for e in timeline.between(db, at(-1000), at(5000))
    ]


def agrees(db: Connection) -> None:
    """The roll-ups are those of a recount, and a new derivation of everything changes nothing."""
    rules = categories.load(db, Config())
    activity.roll(db, rules, at(600))
    assert rollups.disagreements(db, rules.day_start_min) == []
    found = seen(db)
    activity.rebuild(db, 0, 2**42, rules, BERLIN)
    activity.roll(db, rules, at(600))
    assert seen(db) == found
    assert rollups.disagreements(db, rules.day_start_min) == []


def test_undo_and_redo_reach_a_label(db: Connection) -> None:
    rules = categories.load(db, Config())
    lived(db, (0, 60, "firefox"))
    before = seen(db)
    entry = manual.tag(db, at(10), at(20), "Call", rules, BERLIN, at(60), project="acme")
    labelled = seen(db)
    assert labelled[1] == (10, 20, "Call", None, "acme")
    agrees(db)
    tasks.undo(db, at(61))
    assert manual.follow(db, rules, BERLIN, at(61)) == 1
    assert seen(db) == before
    assert manual.follow(db, rules, BERLIN, at(61)) == 0
    tasks.redo(db, at(62))
    manual.follow(db, rules, BERLIN, at(62))
    assert seen(db) == labelled
    manual.edit(db, entry.id[:6], rules, BERLIN, at(63), start=at(30), end=at(40), text="Talk", category="Learning")
    assert [row for row in seen(db) if row[2] != "firefox"] == [(30, 40, "Talk", "Learning", "acme")]
    agrees(db)
    tasks.undo(db, at(64))
    manual.follow(db, rules, BERLIN, at(64))
    assert seen(db) == labelled
    manual.remove(db, entry.id, rules, BERLIN, at(65))
    assert seen(db) == before
    agrees(db)


def test_of_two_labels_the_one_said_later_counts(db: Connection) -> None:
    rules = categories.load(db, Config())
    manual.tag(db, at(20), at(30), "Call", rules, BERLIN, at(60), category="Communication > Calls")
    manual.tag(db, at(0), at(60), "Workshop", rules, BERLIN, at(61))
    assert seen(db) == [(0, 60, "Workshop", None, "")]
    manual.tag(db, at(10), at(15), "Coffee", rules, BERLIN, at(62))
    assert [row[:3] for row in seen(db)] == [(0, 10, "Workshop"), (10, 15, "Coffee"), (15, 60, "Workshop")]
    agrees(db)


def test_a_break_is_explained_and_no_activity(db: Connection) -> None:
    lived(db, (0, 60, "code"), (120, 180, "code"), (240, 300, "code"))
    rules = categories.load(db, Config())
    manual.tag(db, at(60), at(90), "Break", rules, BERLIN, at(600), category=BREAK)
    manual.tag(db, at(170), at(200), "Break", rules, BERLIN, at(600), category=BREAK)
    manual.correct(db, at(240), at(250), rules, BERLIN, at(600), category=BREAK)
    assert [row[:2] for row in seen(db)] == [(0, 60), (120, 170), (250, 300)]
    assert [(gap.start, gap.end) for gap in activity.gaps(db, at(0), at(600))] == [
        (at(90), at(120)), (at(200), at(250))]
    agrees(db)
    tasks.undo(db, at(601))
    manual.follow(db, rules, BERLIN, at(601))
    assert [row[:2] for row in seen(db)] == [(0, 60), (120, 170), (240, 300)]


def test_a_label_made_before_there_were_records_still_counts(db: Connection) -> None:
    rules = categories.load(db, Config())
    activity.record(db, [Event(at(0), at(30), "manual", "manual", "Reading")], 1.0, rules, BERLIN)
    manual.tag(db, at(10), at(20), "Call", rules, BERLIN, at(60))
    assert [row[:3] for row in seen(db)] == [(0, 10, "Reading"), (10, 20, "Call"), (20, 30, "Reading")]
    agrees(db)


@pytest.mark.parametrize("data", ['{"said_ms": "soon", "category": 7}', "[1]", "no json", '{"record": {}}', ""])
def test_whatever_stands_beside_an_event_of_that_bucket(db: Connection, data: str) -> None:
    rules = categories.load(db, Config())
    activity.record(db, [Event(at(0), at(30), "manual", "manual", "Reading")], 1.0, rules, BERLIN)
    db.execute("UPDATE event SET data = ?", (data,))
    manual.tag(db, at(10), at(20), "Call", rules, BERLIN, at(60))
    assert [row[:3] for row in seen(db)] == [(0, 10, "Reading"), (10, 20, "Call"), (20, 30, "Reading")]
    agrees(db)


def test_a_record_with_a_strange_time_stops_nothing(db: Connection) -> None:
    rules = categories.load(db, Config())
    lived(db, (0, 30, "firefox"))
    manual.tag(db, at(10), at(20), "Call", rules, BERLIN, at(60))
    manual.correct(db, at(0), at(5), rules, BERLIN, at(60), category="Research")
    for table in ("manual", "correction"):
        db.execute(f"UPDATE {table} SET created = 'yesterday'")
    assert manual.follow(db, rules, BERLIN, at(61)) == 4
    assert [row[2:4] for row in seen(db)][:2] == [("firefox", "Research"), ("firefox", "Browsing")]
    agrees(db)


def test_a_correction_survives_rules_rebuilds_and_new_events(db: Connection, config: Config) -> None:
    rules = categories.load(db, config)
    lived(db, (0, 30, "firefox"), (30, 60, "slack"))
    manual.correct(db, at(10), at(40), rules, BERLIN, at(60), category="Research")
    expected = [
        (0, 10, "firefox", "Browsing"), (10, 30, "firefox", "Research"), (30, 40, "slack", "Research"),
        (40, 60, "slack", "Communication > Chat"),
    ]
    assert [row[:4] for row in seen(db)] == expected
    agrees(db)
    categories.add_rule(db, "app", "firefox", "exact", "Entertainment", config, at(61))
    expected[0] = (0, 10, "firefox", "Entertainment")
    assert [row[:4] for row in seen(db)] == expected
    agrees(db)
    activity.record(db, [Event(at(15), at(20), "afk", data={"status": "afk"})], 1.0, rules, BERLIN)
    assert [row[:4] for row in seen(db)][1:3] == [(10, 15, "firefox", "Research"), (20, 30, "firefox", "Research")]
    agrees(db)
    tasks.undo(db, at(62))
    tasks.undo(db, at(62))
    rules = categories.catch_up(db, config)
    manual.follow(db, rules, BERLIN, at(62))
    assert {row[3] for row in seen(db) if row[2] == "firefox"} == {"Browsing"}
    agrees(db)


def test_a_correction_of_one_app_and_of_a_project(db: Connection) -> None:
    rules = categories.load(db, Config())
    lived(db, (0, 20, "firefox"), (20, 40, "slack"), (40, 60, "firefox"))
    manual.correct(db, at(0), at(60), rules, BERLIN, at(60), category="Research", app="firefox")
    made = manual.correct(db, at(0), at(30), rules, BERLIN, at(61), project="acme")
    assert seen(db) == [
        (0, 20, "firefox", "Research", "acme"), (20, 30, "slack", "Communication > Chat", "acme"),
        (30, 40, "slack", "Communication > Chat", ""), (40, 60, "firefox", "Research", ""),
    ]
    agrees(db)
    assert {r["project"] for r in rollups.by_project(db, at(0).date(), at(0).date())} == {"acme", ""}
    manual.remove(db, made, rules, BERLIN, at(62))
    assert {row[4] for row in seen(db)} == {""}
    agrees(db)


def test_what_is_wrong_is_fixed_in_place_or_in_all_of_history(db: Connection, config: Config) -> None:
    lived(db, (0, 20, "zorgltool"), (30, 40, "zorgltool"))
    first = timeline.between(db, at(0), at(20))[0]
    assert manual.recategorise(db, first, "Research", config, BERLIN, at(60)) == 0
    assert [row[3] for row in seen(db)] == ["Research", None]
    assert manual.recategorise(db, first, "Learning", config, BERLIN, at(61), everywhere=True) == 1
    assert [row[3] for row in seen(db)] == ["Research", "Learning"]
    rules = categories.load(db, config)
    for start, title in ((40, "Gym"), (45, "Choir")):
        manual.tag(db, at(start), at(start + 5), title, rules, BERLIN, at(62))
    gym = next(e for e in timeline.between(db, at(40), at(50)) if e.title == "Gym")
    manual.recategorise(db, gym, "Personal", config, BERLIN, at(63), everywhere=True)
    assert [row[2:4] for row in seen(db)][2:] == [("Gym", "Personal"), ("Choir", None)]  # not everything said by hand
    agrees(db)


@pytest.mark.parametrize(("words", "name"), [
    ("writing", "Work > Writing"), ("Work>Writing", "Work > Writing"), ("communication > e", "Communication > Email"),
    ("Work > Writing > Letters", "Work > Writing > Letters"), ("learn", "Learning"),
])
def test_a_category_is_found_by_words(db: Connection, words: str, name: str) -> None:
    assert manual.category_of(words, categories.load(db, Config())) == name


@pytest.mark.parametrize("act", [
    lambda db, rules: manual.correct(db, at(0), at(10), rules, BERLIN, at(60)),
    lambda db, rules: manual.correct(db, at(0), at(100), rules, BERLIN, at(60), category="Research"),
    lambda db, rules: manual.tag(db, at(-60 * 24 * 40), at(0), "Travel", rules, BERLIN, at(60)),
    lambda db, rules: manual.category_of("w", rules),
    lambda db, rules: manual.category_of("zorgl > x", rules),
    lambda db, rules: manual.edit(
        db, manual.tag(db, at(0), at(9), "x", rules, BERLIN, at(60)).id, rules, BERLIN, at(61), text=" "
    ),
])
def test_what_cannot_be_is_refused(db: Connection, act: Callable[[Connection, categories.Rules], object]) -> None:
    with pytest.raises(InvalidInput):
        act(db, categories.load(db, Config()))


def test_unknown_entries_are_not_found(db: Connection) -> None:
    with pytest.raises(NotFound):
        manual.remove(db, "abc", categories.load(db, Config()), BERLIN, at(60))


def test_erasing_takes_labels_their_words_and_their_history(db: Connection) -> None:
    rules = categories.load(db, Config())
    manual.tag(db, at(0), at(60), "planted-secret", rules, BERLIN, at(60))
    manual.correct(db, at(20), at(30), rules, BERLIN, at(60), category="Research")
    activity.erase_range(db, at(10), at(40), rules, BERLIN, at(61))
    assert [row[:3] for row in seen(db)] == [(0, 10, "planted-secret"), (40, 60, "planted-secret")]
    assert changes.read(db, "correction") == []
    agrees(db)
    activity.erase_range(db, at(-10), at(70), rules, BERLIN, at(62))
    assert seen(db) == []
    for table, column in (("change", "fields"), ("context", "title"), ("manual", "title")):
        assert db.execute(f"SELECT count(*) FROM {table} WHERE {column} LIKE '%planted-secret%'").fetchone()[0] == 0


ACTS = st.lists(st.tuples(
    st.sampled_from(["tag", "correct", "project", "edit", "remove", "undo", "redo", "beat", "rule", "erase"]),
    st.integers(0, 500), st.integers(1, 200), st.sampled_from(["firefox", "slack", ""]),
), max_size=14)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
def test_whatever_is_said_the_laws_hold(acts: list[tuple[str, int, int, str]]) -> None:
    with TemporaryDirectory() as folder:
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), START), durable=False)
        rules = categories.load(db, Config())
        lived(db, (0, 100, "firefox"), (100, 180, "slack"), (220, 400, "firefox"))
        for number, (act, start, length, app) in enumerate(acts):
            now = at(1000 + number)
            said = manual.entries(db, at(-100), at(2000))
            try:
                if act == "tag":
                    manual.tag(db, at(start), at(start + length), f"said {app}", rules, BERLIN, now, category=app and "Research")
                elif act in ("correct", "project"):
                    what = {"category": "Learning"} if act == "correct" else {"project": "acme"}
                    manual.correct(db, at(start), at(start + length), rules, BERLIN, now, app=app, **what)
                elif act == "edit" and said:
                    manual.edit(db, said[start % len(said)].id, rules, BERLIN, now, start=at(start), end=at(start + length))
                elif act == "remove" and said:
                    manual.remove(db, said[start % len(said)].id, rules, BERLIN, now)
                elif act == "undo":
                    tasks.undo(db, now)
                elif act == "redo":
                    tasks.redo(db, now)
                elif act == "erase":
                    activity.erase_range(db, at(start), at(start + length), rules, BERLIN, now, app)
                    left = [e for e in timeline.between(db, at(start), at(start + length)) if app in ("", e.app)]
                    assert left == []
                elif act == "rule":
                    categories.add_rule(db, "app", app or "manual", "exact", "Shopping", Config(), now)
                else:
                    activity.record(db, [Event(at(start), at(start + length), "tmux", "vim", "x")], 1.0, rules, BERLIN)
            except (NotFound, InvalidInput):  # nothing to undo, or it was erased since
                assert act in ("undo", "redo")
            rules = categories.catch_up(db, Config())
            manual.follow(db, rules, BERLIN, now)
        agrees(db)
        found = timeline.between(db, at(-1000), at(5000))
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))
        for row in found:
            middle = row.start + (row.end - row.start) / 2
            assert [e for e in activity.log(db, middle, middle + timedelta(milliseconds=1)) if e.app == row.app]
        for entry in manual.entries(db, at(-100), at(2000)):
            middle = entry.start + (entry.end - entry.start) / 2
            assert timeline.between(db, middle, middle + timedelta(seconds=1))[0].app == "manual"
        db.close()
