"""What is found through indexes is what a look at every task finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.filter import parse_filter
from coach.core.task import Task, status_at
from coach.engine import filters, searching, tasks
from coach.store.db import Connection
from tests.conftest import NOW

TZ = ZoneInfo("Europe/Berlin")
CONFIG = Config()
TEXTS = st.sampled_from([
    "Call mum", "call DAD about the garden", "Straße fegen", "STRASSE", "Write report #work", "Read report #Work.deep @desk",
    "İstanbul trip", "Kelvin K", "a \"quoted\" word", "100% sure", "x AND y", "Groceries @shop @car", "mum's birthday #home",
    "Pay rent wait:2026-12-01", "ﬁsh and chips", "emoji 🎉 party",
])
WORDS = st.sampled_from([
    "mum", "/mum/", "/m.m/", "ma", "strasse", "/STRASSE/", "straße", "report", "project:work", "#work", "pro:home", "@shop",
    "+shop",
    "-shop", "+desk", "istanbul", "kelvin k", "\"quoted\"", "100%", "AND", "or", "not", "(mum)", "1-9", "3", "+PENDING",
    "status:completed", "status:all", "+WAITING", "fish", "🎉 p", "garden", "-WAITING", "project:", "desc:mum",
    "+BLOCKED", "-BLOCKED",
])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    from coach.config import home_at
    from coach.engine import opening
    from coach.store.db import connect
    from coach.store.opening import Access

    return connect(opening.unlock(home_at(tmp_path_factory.mktemp("home")), Access(use_keyring=False), NOW))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(TEXTS, max_size=2), st.integers(0, 3),
    st.lists(WORDS, min_size=1, max_size=3) | st.tuples(WORDS, st.sampled_from(["or", "xor", "and", "not"]), WORDS).map(list),
    st.integers(1, 5),
)
def test_a_filter_finds_what_a_look_at_every_task_finds(
    store: Connection, texts: list[str], verb: int, words: list[str], limit: int
) -> None:
    added = [tasks.add(store, text, CONFIG, NOW, TZ) for text in texts]
    for task in added[:1]:
        if verb == 1:
            tasks.done(store, [task], NOW)
        elif verb == 2:
            tasks.annotate(store, task, "ask MUM about the Garden", NOW)
        elif verb == 3:
            tasks.update(store, task, NOW, notes="bring Groceries", tags=("shop",), project="home.garden")
    try:
        found = searching.select(store, words, CONFIG, NOW, TZ)
    except InvalidInput:
        return
    blocked, blocking = searching.tasks.chained(store)
    accept = parse_filter(words, NOW, TZ, blocked=blocked, blocking=blocking)
    named = any(word in ("status:completed", "status:all", "+WAITING", "+PENDING", "-WAITING") for word in words)
    expected = {t.num for t in searching.tasks.every(store) if accept(t) and (named or status_at(t, NOW) == "pending")}
    assert {t.num for t, _ in found} == expected
    page = searching.page(store, words, CONFIG, NOW, TZ, limit)
    assert page.rows == found[:limit]
    assert page.total in (None, len(found))
    assert page.total is not None or len(found) > limit


def add(db: Connection, text: str, now: datetime, tz: ZoneInfo) -> Task:
    return tasks.add(db, text, CONFIG, now, tz)


def test_a_page_walks_when_many_fit(db: Connection, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_FEW", 3)
    for n in range(12):
        add(db, f"Report {n} p{1 + n % 4}", now - timedelta(days=n), tz)
    whole = searching.select(db, ["report"], CONFIG, now, tz)
    page = searching.page(db, ["report"], CONFIG, now, tz, 2)
    assert (page.rows, page.total) == (whole[:2], None)
    assert searching.page(db, ["report"], CONFIG, now, tz, 12).total == 12


def test_search_finds_all_the_words_anywhere(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    first = add(db, "Call mum about the Straße", now, tz)
    tasks.annotate(db, first, "she was in the garden", now)
    second = add(db, "Garden // call the nursery", now, tz)
    tasks.done(db, [second], now)
    assert [t.num for t in searching.search(db, ["GARDEN"], 9)] == [1, 2]
    assert [t.num for t in searching.search(db, ["call", "garden"], 1)] == [1]
    assert [t.num for t in searching.search(db, ["strasse", "ca"], 9)] == [1]
    assert [t.num for t in searching.search(db, ["um"], 9)] == [1]
    assert searching.search(db, ["nobody"], 9) == searching.search(db, [""], 9) == []
    tasks.update(db, tasks.find(db, "1"), now, title="Call dad", annotations=())
    assert searching.search(db, ["mum"], 9) == []


def test_purged_words_leave_the_index(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "zqxjkv", now, tz)
    add(db, "Stays", now, tz)
    vocabulary = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.pieces USING fts5vocab(main, task_text, row)"
    db.execute(vocabulary)
    assert db.execute("SELECT count(*) FROM temp.pieces WHERE term = 'zqx'").fetchone()[0] == 1
    tasks.delete(db, [task], now)
    tasks.purge(db, now)
    db.execute(vocabulary)  # compacting forgets temporary tables
    assert db.execute("SELECT count(*) FROM temp.pieces WHERE term = 'zqx'").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM temp.pieces WHERE term = 'sta'").fetchone()[0] == 1


def test_saved_filters(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Call mum @phone", now, tz)
    add(db, "Call dad @phone p1", now, tz)
    add(db, "Write @desk", now, tz)
    filters.save(db, "calls", ["+phone", "or", "+call"], CONFIG, now, tz)
    filters.save(db, "@urgent", ["@calls", "pri:H"], CONFIG, now, tz)
    assert [t.num for t, _ in searching.select(db, ["@urgent"], CONFIG, now, tz)] == [2]
    assert {t.num for t, _ in searching.select(db, ["@calls", "-desk"], CONFIG, now, tz)} == {1, 2}
    assert [t.num for t, _ in searching.select(db, ["@phone", "mum"], CONFIG, now, tz)] == [1]  # still a label
    assert [name for name, _ in filters.saved(db)] == ["calls", "urgent"]
    filters.save(db, "calls", ["@calls", "mum"], CONFIG, now, tz)  # itself, spelled out
    assert [t.num for t, _ in searching.select(db, ["@calls"], CONFIG, now, tz)] == [1]
    filters.remove(db, "calls", now)
    with pytest.raises(NotFound):
        filters.remove(db, "calls", now)
    tasks.undo(db, now)
    assert len(filters.saved(db)) == 2
    for name, words in (("2x", ["a"]), ("x", []), ("x", ["due:someplace"])):
        with pytest.raises(InvalidInput):
            filters.save(db, name, words, CONFIG, now, tz)


def test_next_is_the_first_that_is_ready(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    assert searching.next_ready(db, CONFIG, now) is None
    add(db, "Later p1 scheduled:2026-12-01", now, tz)
    add(db, "First p3", now, tz)
    add(db, "After it p1 depends:2", now, tz)
    assert searching.next_ready(db, CONFIG, now) == searching.ready(db, CONFIG, now)[0]
    found = searching.next_ready(db, CONFIG, now)
    assert found is not None
    assert found[0].num == 2


def test_dependencies_and_parents_by_number(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Paint", now, tz)
    add(db, "Buy paint parent:1", now, tz)
    add(db, "Hang pictures depends:1", now, tz)
    assert [t.num for t, _ in searching.select(db, ["parent:1"], CONFIG, now, tz)] == [2]
    assert [t.num for t, _ in searching.select(db, ["depends:1"], CONFIG, now, tz)] == [3]
    assert [t.num for t, _ in searching.select(db, ["+BLOCKED"], CONFIG, now, tz)] == [3]
    assert [t.num for t, _ in searching.select(db, ["+BLOCKING"], CONFIG, now, tz)] == [1]
    tasks.done(db, tasks.find_all(db, ["1,2"]), now)
    assert searching.select(db, ["+BLOCKED"], CONFIG, now, tz) == []


def test_a_circle_is_named_and_nothing_written(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "A", now, tz)
    add(db, "B depends:1", now, tz)
    third = add(db, "C depends:2", now, tz)
    with pytest.raises(InvalidInput, match=r"1 -> 3 -> 2 -> 1|1 -> 2 -> 3 -> 1"):
        tasks.edit_text(db, tasks.find(db, "1"), "depends:3", CONFIG, now, tz)
    with pytest.raises(InvalidInput, match=r"3 -> 3"):
        tasks.update(db, third, now, depends=(third.id,))
    assert tasks.find(db, "1").depends == ()
    assert tasks.history(db, third)[-1]["label"] == "add task"
