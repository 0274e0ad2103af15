"""The categoriser in the registry: what it learns from, how it is judged, what it says of open tasks."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.engine import categorising, tasks
from coach.engine.learning import categoriser, registry
from coach.store.db import Connection


def test_answers_are_days_on_which_every_version_is_judged(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    said = {"Buy oat milk": "Errands", "Renew the car insurance": "Admin", "Read chapter 4 for the exam": "Learning"}
    for days, (title, name) in enumerate(said.items()):
        task = tasks.add(db, title, config, now, tz)
        categorising.choose(db, [task], name, now + timedelta(days=days))
    own = tasks.add(db, "Tune the piano", config, now, tz)
    categorising.choose(db, [own], "Music", now)  # no shipped category: nothing for heads that know those only
    data = categoriser.dataset(db, config, tz, now)
    assert data.titles == tuple(said)
    assert len(data.days) == 3
    assert data.deep.shape == (3, 1152)
    assert not categoriser.enough(db)
    model = registry.load(db, "categoriser", 0)
    by_model, by_words = (categoriser.replay(data, one, data.days) for one in (model, None))
    assert list(by_model) == list(data.days) == list(by_words)
    assert all(loss < 0.25 for loss in by_model.values())
    assert categoriser.replay(data, model, []) == {}
    assert {len(column) for column in categoriser.inputs(data).values()} == {3}
    assert categoriser.dataset(db, config, tz, now).digest == data.digest


def test_what_is_said_of_open_tasks_comes_true_or_not(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    right, wrong, done, still = (
        tasks.add(db, title, config, now, tz) for title in ("Buy oat milk", "Call mum", "Go for a run", "Water the plants")
    )
    model = registry.load(db, "categoriser", 0)
    found = {f.key: f.value for f in categoriser.forecast(db, config, tz, now, model)}
    assert len(found) == 4
    assert all(0 < value <= 1 for value in found.values())
    assert len(categoriser.forecast(db, config, tz, now, None)) == 4
    categorising.choose(db, [right], "Errands", now)
    categorising.choose(db, [wrong], "Errands", now)
    tasks.done(db, [tasks.find(db, done.id)], now)
    came = {key.partition("/")[0]: value for key, value in categoriser.outcomes(db, config, tz, now, list(found)).items()}
    assert (came[right.id], came[wrong.id]) == (1.0, 0.0)
    assert math.isnan(came[done.id])
    assert still.id not in came
    assert len(categoriser.forecast(db, config, tz, now, model)) == 1
