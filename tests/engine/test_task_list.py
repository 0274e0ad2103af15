"""What the Tasks screen lists, against what the whole tasks say."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.task import Task
from coach.engine import arranging, finding, lines, task_list, tasks
from coach.engine.task_list import Look, TasksView
from coach.engine.task_view import rows_of
from coach.store.db import Connection, transaction

Show = Callable[..., TasksView]


@pytest.fixture
def add(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Callable[..., Task]:
    return lambda text, at=now: tasks.add(db, text, config, at, tz)


@pytest.fixture
def show(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Show:
    """The view of a filter line, with what was kept from the view before."""
    kept: list[lines.Listing] = []

    def make(line: str = "", at: datetime = now, **look: object) -> TasksView:
        kept[:] = [lines.read(db, kept[0] if kept else None)]
        return task_list.tasks_view(db, kept[0], tuple(line.split()), Look(**look), config, at, tz)  # type: ignore[arg-type]

    return make


def titles(view: TasksView) -> list[str]:
    return [row.title for group in view.groups for row in group.rows]


def groups(view: TasksView) -> dict[str, list[str]]:
    return {group.title: [row.title for row in group.rows] for group in view.groups}


def some(db: Connection, config: Config, now: datetime, tz: ZoneInfo, count: int = 150) -> None:
    """Tasks of all kinds, some blocked, blocking, hidden, scheduled, started, closed."""
    rng = random.Random(5)
    made: list[Task] = []
    with transaction(db):
        for n in range(count):
            at = now - timedelta(days=rng.uniform(0, 400))
            words = [f"Task {n}"]
            for share, word in (
                (0.5, f"due:{(now + timedelta(days=rng.uniform(-20, 30))).date()}"), (0.4, f"#p{n % 5}"), (0.5, f"p{n % 4 + 1}"),
                (0.3, "@a"), (0.2, "@b"), (0.1, "@next"), (0.2, f"wait:{(now + timedelta(days=rng.uniform(-5, 5))).date()}"),
                (0.2, f"scheduled:{(now + timedelta(days=rng.uniform(-5, 5))).date()}"), (0.2, f"~{n + 1}m"),
                (0.15, f"depends:{rng.randint(1, n)}" if n else ""),
            ):
                words += [word] if rng.random() < share and word else []
            if rng.random() < 0.2:
                words[:] = [*(w for w in words if not w.startswith("due:")), f"due:{now:%Y-%m-%d}T{rng.randint(0, 23):02d}:30"]
            task = tasks.add(db, " ".join(words), config, at, tz)
            made.append(tasks.start(db, task, at) if rng.random() < 0.1 else task)
        tasks.done(db, [t for n, t in enumerate(made) if n % 11 == 3], now)
        tasks.delete(db, [t for n, t in enumerate(made) if n % 13 == 5 and n % 11 != 3], now)


def test_urgency_and_groups_are_those_of_the_whole_tasks(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, show: Show
) -> None:
    some(db, config, now, tz)
    for at in (now, now + timedelta(hours=14.5), now + timedelta(days=3)):
        chosen = tasks.select(db, (), config, at, tz)
        expected = {row.id: row for row in rows_of(chosen, config, at, tz)}
        view = show(at=at)
        found = {row.id: row for group in view.groups for row in group.rows}
        assert found.keys() == expected.keys()
        for one, row in found.items():
            assert row.urgency == pytest.approx(expected[one].urgency, abs=1e-8)
            assert (row.state, row.due, row.title) == (expected[one].state, expected[one].due, expected[one].title)
            assert (row.project, row.priority, row.estimate_min, row.is_started, row.repeats) == (
                expected[one].project, expected[one].priority, expected[one].estimate_min, expected[one].is_started, False)
        flat = [row.urgency for group in show(at=at, by="urgency").groups for row in group.rows]
        assert flat == sorted(flat, reverse=True)
        assert [line.id for line in task_list.by_urgency(lines.read(db), config, at)] == [
            row.id for row in show(at=at, by="urgency").groups[0].rows]


@pytest.mark.parametrize("line", [
    "due.before:sun", "#p1", "+a -b", "@next", "project:p2 priority:1", "+BLOCKED", "+READY", "status:completed",
    "status:waiting", "+OVERDUE or #p3", "not ( #p1 or +a )", "3-9", "status:any", "/task.1/",
])
def test_conditions_name_what_the_engine_says(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, show: Show, line: str
) -> None:
    some(db, config, now, tz)
    expected = {task.id for task, _ in tasks.select(db, line.split(), config, now, tz)}
    view = show(line)
    assert {one for group in view.groups for one in group.ids} == expected
    assert view.shown == len(expected)
    assert view.problem == ""


def test_what_was_kept_follows_every_edit(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, show: Show, add: Callable[..., Task]
) -> None:
    """The clock stands still, so that nothing but the log tells an edit."""
    milk, fence = add("Buy milk #home // oat"), add("Paint the fence")
    assert titles(show("due.none:")) == titles(show("due.none: /oat/ or fence")) == ["Buy milk", "Paint the fence"]
    tasks.update(db, milk, now, due=date(2026, 11, 25))
    assert titles(show("due.none:")) == ["Paint the fence"]
    tasks.update(db, fence, now, title="Paint the gate", notes="oat coloured")
    assert titles(show("fence")) == []
    assert titles(show("gate")) == ["Paint the gate"]
    assert titles(show("oat")) == ["Buy milk", "Paint the gate"]
    tasks.undo(db, now)
    assert titles(show("fence")) == ["Paint the fence"]
    assert show() is not None
    tasks.done(db, [fence], now)
    assert titles(show("fence")) == []
    assert lines.read(db).lines[0].id == milk.id


def test_letters_find_in_title_project_labels_number_and_notes(show: Show, add: Callable[..., Task]) -> None:
    add("Book [train] tickets to Oslo")
    add("Answer Ann #travel.norway @mail")
    add("Water the plants // the norwegian ones")
    assert titles(show("bktrtik")) == ["Book [train] tickets to Oslo"]
    assert titles(show("norw")) == ["Answer Ann", "Water the plants"]
    assert titles(show("TICKETS oslo")) == ["Book [train] tickets to Oslo"]
    assert titles(show("mail")) == ["Answer Ann"]
    assert titles(show("3"))[0] == "Water the plants"
    assert show("nothing like it").shown == 0
    assert show("norw").letters == ("norw",)
    assert [g.title for g in show("norw").groups] == ["Best matches"]


def test_letters_and_conditions_narrow_together(show: Show, add: Callable[..., Task]) -> None:
    add("Call Ann #work")
    add("Call Bea #home")
    add("Write to Ann #work")
    assert titles(show("#work call")) == ["Call Ann"]
    assert show("#work call").letters == ("call",)
    assert show("call or write").letters == ()
    assert set(titles(show("call or write"))) == {"Call Ann", "Call Bea", "Write to Ann"}


@pytest.mark.parametrize(("words", "letters"), [
    ("call mum", ("call", "mum")), ("call #home", ("call",)), ("due.before:fri call", ("call",)), ("http://x.org", ("http://x.org",)),
    ("12", ("12",)), ("3-5", ()), ("+5 -5 a-b", ("+5", "-5", "a-b")), ("a and b", ("a", "b")), ("a or b", ()), ("( a", ()),
    ("@", ("@",)), ("-label", ()), ("deadbeef", ("deadbeef",)), ("deadbee1", ()),
])
def test_what_is_looked_for_by_letters(words: str, letters: tuple[str, ...]) -> None:
    assert finding.told_apart(words.split())[0] == letters


def test_groups_by_project_priority_and_urgency(show: Show, add: Callable[..., Task]) -> None:
    add("Later p1 #work due:2026-12-20")
    add("Late #home due:2026-11-10")
    add("Plain")
    add("Low p3 #home")
    assert list(groups(show())) == ["Overdue", "Later", "No date"]
    assert groups(show(by="project")) == {"home": ["Late", "Low"], "work": ["Later"], "No project": ["Plain"]}
    assert groups(show(by="priority")) == {"Priority 1": ["Later"], "Priority 3": ["Low"], "No priority": ["Late", "Plain"]}
    assert groups(show(by="urgency")) == {"Most urgent first": ["Late", "Later", "Low", "Plain"]}


def test_subtasks_stand_below_the_task_above_them(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, show: Show, add: Callable[..., Task]
) -> None:
    party = add("Party")
    urgent = add("Urgent p1")
    cake = arranging.add_below(db, party, "Cake p3", config, now, tz)
    arranging.add_below(db, cake, "Eggs", config, now, tz)
    arranging.add_below(db, party, "Guests p1 due:2026-11-20", config, now, tz)
    rows = [(row.title, row.depth) for row in show(by="urgency").groups[0].rows]
    assert rows == [("Urgent", 0), ("Party", 0), ("Guests", 1), ("Cake", 1), ("Eggs", 2)]
    assert groups(show()) == {"Today": ["Guests"], "No date": ["Urgent", "Party", "Cake", "Eggs"]}
    tasks.done(db, [urgent], now)
    assert [t.title for t in arranging.open_below(db, [party])] == ["Cake", "Guests", "Eggs"]


def test_parents_in_a_circle_are_listed_once_each(db: Connection, now: datetime, show: Show, add: Callable[..., Task]) -> None:
    a, b = add("A"), add("B")
    db.execute("UPDATE task SET parent = ? WHERE id = ?", (b.id, a.id))
    db.execute("UPDATE task SET parent = ? WHERE id = ?", (a.id, b.id))
    assert sorted(titles(show())) == ["A", "B"]


def test_an_order_by_hand(db: Connection, now: datetime, show: Show, add: Callable[..., Task]) -> None:
    for n, text in enumerate(("One p3", "Two p1", "Three p2")):
        add(text, now + timedelta(minutes=n))

    def move(at: int, to: int) -> list[str]:
        rows = show(by_hand=True).groups[0].rows
        arranging.move(db, [(row.id, row.place) for row in rows], at, to, now)
        return titles(show(by_hand=True))

    assert titles(show(by_hand=True)) == ["One", "Two", "Three"]
    assert move(2, 0) == ["Three", "One", "Two"]
    assert move(0, 1) == ["One", "Three", "Two"]
    add("Four", now + timedelta(hours=1))
    assert titles(show(by_hand=True)) == ["One", "Three", "Two", "Four"]
    assert titles(show()) == ["Two", "Three", "One", "Four"]
    tasks.undo(db, now)
    tasks.undo(db, now)
    assert titles(show(by_hand=True)) == ["Three", "One", "Two"]


@pytest.mark.parametrize("extra", [
    '{"order":"first"}', '{"order":null}', '{"order":NaN}', "not json", '{"other":1}', '{"order":[1]}',
])
def test_foreign_fields_do_not_disturb_the_order(db: Connection, show: Show, add: Callable[..., Task], extra: str) -> None:
    task = add("One")
    add("Two")
    db.execute("UPDATE task SET extra = ? WHERE id = ?", (extra, task.id))
    assert titles(show(by_hand=True)) == ["One", "Two"]


def test_a_broken_filter_is_named_and_everything_is_shown(show: Show, add: Callable[..., Task]) -> None:
    add("A task")
    view = show("due.before:blurb")
    assert view.shown == 1
    assert "blurb" in view.problem


def test_hidden_tasks_are_counted_and_found_by_status(show: Show, add: Callable[..., Task]) -> None:
    add("Now")
    add("Then wait:2027-01-01")
    assert (titles(show()), show().hidden) == (["Now"], 1)
    assert groups(show("status:waiting")) == {"Waiting": ["Then"]}


def test_copies_start_afresh_and_are_one_undo_step(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, add: Callable[..., Task]
) -> None:
    task = add("Water the plants every mon #home @a p2 ~5m // all of them")
    worked = tasks.annotate(db, tasks.stop(db, tasks.start(db, task, now), now + timedelta(hours=1)), "dry", now)
    first, second = arranging.copies(db, [worked, add("Plain")], now + timedelta(days=1), tz)
    same = {"id": first.id, "num": first.num, "created": first.created, "modified": first.modified}
    assert first == replace(task, **same)
    assert second.title == "Plain"
    assert first.created == datetime(2026, 11, 21, 10, tzinfo=UTC)
    tasks.undo(db, now)
    assert len(lines.read(db).lines) == 2


def test_a_row_of_another_zone_is_grouped_by_the_clock_here(db: Connection, config: Config, now: datetime, show: Show) -> None:
    tasks.add(db, "Auckland due:2026-11-21T09:00", config, now, ZoneInfo("Pacific/Auckland"))  # Friday 21:00 in Berlin
    assert list(groups(show())) == ["Today"]


def test_the_best_come_first_for_the_palette(db: Connection, add: Callable[..., Task]) -> None:
    add("Reinvoice")
    add("An invoice")
    best = finding.best(lines.read(db), ["invoice"], 1)
    assert [line.title for _, line in best] == ["An invoice"]
