"""Days that are kept in columns are the timeline's, whatever happens to it, and what is erased is in none of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.when import to_ms
from coach.engine import activity, categories, keeping, manual
from coach.engine.columns import columns, distinct
from coach.store import kept_days, rollups
from coach.store.db import Connection, transaction
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, fortnight, lived

FIRST = TODAY - timedelta(days=6)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["window", "correct", "erase", "rule", "look", "roll", "repair"]), st.integers(0, 6), st.integers(0, 23),
        st.integers(1, 200), st.sampled_from(["code", "slack", "nvim"]),
    ), min_size=2, max_size=14,
)


def kept(db: Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT day FROM kept_day ORDER BY day")]


def read(db: Connection) -> list[tuple[int, int, int, int, str | None]]:
    """The week's states by way of the columns; the days are kept before."""
    kept_days.fill(db)
    found = columns(db, at(FIRST, 0) - timedelta(days=2), NOW + timedelta(days=2))
    rows = zip(*(column.tolist() for column in (found.start_ms, found.end_ms, found.offset_min, found.context, found.said)),
               strict=True)
    return [(start, end, offset, context, found.names[said]) for start, end, offset, context, said in rows]


def told(db: Connection) -> list[tuple[int, int, int, int, str | None]]:
    """The same from the timeline itself."""
    return [tuple(row) for row in db.execute(
        "SELECT start_ms, end_ms, offset_min, context, category FROM timeline ORDER BY start_ms")]


def do(db: Connection, what: str, day: date, hour: int, minutes: int, app: str, tz: ZoneInfo) -> None:
    start, config = at(day, hour), Config()
    rules = categories.load(db, config)
    if what == "window":
        lived(db, start, minutes, app, app)
        activity.rebuild(db, to_ms(start), to_ms(start + timedelta(minutes=minutes)), rules, tz)
    elif what == "correct" and start < NOW:
        manual.tag(db, start, min(start + timedelta(minutes=minutes), NOW), "said so", rules, tz, NOW)
    elif what == "erase":
        activity.erase_range(db, start, start + timedelta(minutes=minutes), rules, tz, NOW)
    elif what == "rule":
        categories.add_rule(db, "app", app, "exact", "Work > Writing", config, NOW)
    elif what == "roll":
        activity.roll(db, rules, NOW)
    elif what == "repair":
        with transaction(db):
            rollups.rebuild_all(db, rules.day_start_min)
    assert kept_days.disagreements(db) == []
    if what == "look":
        assert read(db) == told(db)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.sampled_from([BERLIN, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles")]))
def test_what_is_kept_is_the_timeline_whatever_happens_to_it(
    steps: list[tuple[str, int, int, int, str]], tz: ZoneInfo
) -> None:
    with TemporaryDirectory() as folder:
        db, _ = empty_store(Path(folder))
        for what, back, hour, minutes, app in steps:
            do(db, what, FIRST + timedelta(days=back), hour, minutes, app, tz if what == "window" else BERLIN)
        unfilled = columns(db, at(FIRST, 0) - timedelta(days=2), NOW + timedelta(days=2))
        assert unfilled.start_ms.tolist() == [row[0] for row in told(db)]
        assert read(db) == told(db)
        assert kept_days.disagreements(db) == []
        db.close()


def test_days_that_are_over_are_kept_and_an_edit_drops_its_day_alone(db: Connection) -> None:
    fortnight(db)
    assert read(db)
    whole = kept(db)
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert yesterday in whole
    assert TODAY.isoformat() not in whole
    do(db, "window", TODAY - timedelta(days=1), 16, 30, "code", BERLIN)
    assert kept(db) == [day for day in whole if day != yesterday]
    assert read(db)
    assert kept(db) == whole


def test_erasing_leaves_no_kept_day(db: Connection) -> None:
    fortnight(db)
    assert read(db)
    assert kept(db)
    activity.erase_range(db, at(TODAY, 15), NOW, categories.load(db, Config()), BERLIN, NOW)
    assert kept(db) == []


def test_a_deep_check_names_a_kept_day_that_differs(db: Connection) -> None:
    fortnight(db)
    assert read(db)
    assert keeping.check(db, 240) == []
    day = kept(db)[-1]
    db.execute("UPDATE kept_day SET line = (SELECT line FROM kept_day ORDER BY day LIMIT 1) WHERE day = ?", (day,))
    assert keeping.check(db, 240) == [f"kept day {day}"]
    keeping.repair(db, 240)
    assert keeping.check(db, 240) == []


def test_old_days_are_not_kept(db: Connection) -> None:
    old = TODAY - timedelta(days=kept_days.KEPT_DAYS + 5)
    lived(db, at(old, 10), 60, "code", "main.py")
    fortnight(db)
    derive(db, at(old, 0), NOW)
    kept_days.fill(db)
    found = columns(db, datetime(2026, 1, 1, tzinfo=UTC), NOW)
    assert found.start_ms[0] == to_ms(at(old, 10))
    assert min(kept(db)) >= (TODAY - timedelta(days=kept_days.KEPT_DAYS)).isoformat()


@given(st.lists(st.integers(0, 30)))
def test_distinct_values_come_in_their_order(values: list[int]) -> None:
    import numpy as np

    found, place = distinct(np.array(values, dtype=np.int64))
    assert found.tolist() == list(dict.fromkeys(values))
    assert found[place].tolist() == values
