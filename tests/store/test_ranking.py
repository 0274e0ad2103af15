"""The page found from the top is the beginning of the list that reads and scores every task."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config, UrgencyConfig, home_at
from coach.core import change
from coach.core.task import Annotation, Task, status_at, stored
from coach.core.urgency import Shape, pack, unpack
from coach.engine import tasks as engine
from coach.store import changes, opening, ranking, tasks
from coach.store.db import Connection, connect
from coach.store.opening import Access
from tests.conftest import NOW

TZ = "Europe/Berlin"


def moments(days: int) -> st.SearchStrategy[Any]:
    near = st.integers(-days * 24, days * 24).map(lambda h: NOW + timedelta(hours=h))
    edges = st.sampled_from([NOW - timedelta(days=7), NOW + timedelta(days=14), NOW, NOW - timedelta(days=7, seconds=1)])
    return st.none() | near | edges | near.map(datetime.date)


FIELDS = st.fixed_dictionaries({
    "created": st.integers(0, 500 * 24).map(lambda h: NOW - timedelta(hours=h)) | st.just(NOW),
    "due": moments(10) | moments(30), "priority": st.sampled_from([None, 1, 2, 3, 4]), "project": st.sampled_from([None, "home"]),
    "tags": st.sampled_from([(), ("a",), ("a", "b"), ("next",), ("a", "b", "c", "d")]),
    "annotations": st.sampled_from([(), (Annotation(NOW, "x"),)]), "scheduled": moments(3), "wait": moments(3),
    "started": st.sampled_from([None, None, NOW]), "status": st.sampled_from(["pending"] * 4 + ["completed"]),
    "depends": st.lists(st.integers(0, 30), max_size=2),
})
ALIKE: dict[str, Any] = {
    "priority": None, "project": None, "tags": (), "annotations": (), "started": None, "scheduled": None, "wait": None,
    "depends": [], "status": "pending",
}
COEFFICIENTS = (
    UrgencyConfig(), UrgencyConfig(scheduled=-2.0, blocked=0.0), UrgencyConfig(age=30.0, age_max_days=0.0),
    UrgencyConfig(due=0.0, priority_high=-6.0), UrgencyConfig(age=12.0, due=3.0, age_max_days=20.0), UrgencyConfig(due=-5.0),
)


def write(db: Connection, fields: list[dict[str, Any]]) -> None:
    made = []
    for number, values in enumerate(fields):
        depends = tuple(f"t{n}" for n in values["depends"] if n < number)  # no circles
        made.append(Task(id=f"t{number}", title="x", modified=NOW, time_zone=TZ, **{**values, "depends": depends}))
    changes.apply(db, [change.create("task", t.id, plain(t)) for t in made], now=NOW, label="fill")


def plain(task: Task) -> dict[str, Any]:
    return {k: v for k, v in stored(task).items() if k != "id"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(FIELDS, max_size=40) | st.lists(FIELDS.map(lambda fields: {**fields, **ALIKE}), min_size=20, max_size=60),
    st.lists(st.integers(-20 * 86_400, 20 * 86_400), min_size=1, max_size=4), st.booleans(), st.booleans(),
)
def test_the_order_is_that_of_the_full_computation(
    fields: list[dict[str, Any]], later_s: list[int], same_due: bool, small: bool
) -> None:
    if same_due:
        fields = [{**f, "due": NOW.date(), "scheduled": None} for f in fields]
    with TemporaryDirectory() as folder:
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), NOW), durable=False)
        sizes = ranking._CHUNK, ranking._SMALL
        try:
            if small:
                ranking._CHUNK, ranking._SMALL = 4, 3
            write(db, fields)
            for seconds in (0, *later_s):
                for coefficients in COEFFICIENTS:
                    same_order(db, coefficients, NOW + timedelta(seconds=seconds, microseconds=abs(seconds) % 7))
        finally:
            ranking._CHUNK, ranking._SMALL = sizes
            db.close()


def same_order(db: Connection, coefficients: UrgencyConfig, now: datetime) -> None:
    config = replace(Config(), urgency=coefficients)
    whole = [(t.num, u) for t, u in engine.open_by_urgency(db, config, now) if status_at(t, now) == "pending"]
    ready = [(t.num, u) for t, u in engine.ready(db, config, now)]
    assert ranking.can_rank(coefficients) == (coefficients.due >= 0)
    if ranking.can_rank(coefficients):
        assert list(ranking.ranked(db, coefficients, now)) == whole
        assert list(ranking.ranked(db, coefficients, now, ready=True)) == ready
    assert tasks.count_shown(db, now, 30) == min(30, len(whole))


def test_a_page_of_a_crowd_reads_little(db: Connection) -> None:
    """5,000 tasks due on one day: the first ten come without a look at the rest."""
    base = Task(id="", title="x", created=NOW, modified=NOW, due=date(2026, 11, 21), time_zone=TZ)
    made = [replace(base, id=f"t{n}", created=NOW - timedelta(minutes=n)) for n in range(5000)]
    changes.apply(db, [change.create("task", t.id, plain(t)) for t in made], now=NOW, label="fill")
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.set_progress_handler(counted, 100)
    first = [num for num, _ in islice(ranking.ranked(db, UrgencyConfig(), NOW), 10)]
    db.set_progress_handler(None, 1)
    assert first == [num + 1 for num in range(4999, 4989, -1)]
    assert steps < 100


@given(st.builds(
    Shape, priority=st.integers(0, 3), tags=st.integers(0, 3), annotations=st.integers(0, 3), next=st.booleans(),
    project=st.booleans(), active=st.booleans(), scheduled=st.booleans(), waits=st.booleans(), blocked=st.booleans(),
    blocking=st.booleans(),
))
def test_a_shape_survives_its_number(shape: Shape) -> None:
    assert unpack(pack(shape)) == shape
