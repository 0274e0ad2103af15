"""What stands out: true differences are found, chance is not."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.engine import discoveries
from coach.engine.discoveries import Day
from coach.store.db import Connection
from tests.engine.filled import fortnight

FIRST = date(2026, 8, 31)


def weeks(seed: int, monday: float = 0.0, late_cost: float = 0.0, count: int = 84) -> dict[date, Day]:
    """Days of nine hours whose focus is noise, but for the given costs of a Monday and of a late evening before."""
    draws, table = random.Random(seed), {}
    late_before = False
    for n in range(count):
        day = FIRST + timedelta(days=n)
        if day.weekday() >= 5:
            continue
        base = 0.5 + draws.gauss(0, 0.05) - monday * (day.weekday() == 0) - late_cost * late_before
        late_before = draws.random() < 0.4
        active = dict.fromkeys(range(8 + draws.randrange(2), 18), 55.0) | ({22: 40.0} if late_before else {})
        one = Day({h: base + draws.gauss(0, 0.1) for h in range(9, 18)}, active)
        one.distracting_am, one.messages_am, one.meetings_h = draws.uniform(0, 60), draws.uniform(0, 60), draws.uniform(0, 4)
        table[day] = one
    return table


def test_a_true_difference_is_found_and_told_with_its_n() -> None:
    found = discoveries.discoveries(weeks(3, monday=0.15)).found
    first = found[0]
    assert first.kind == "weekday"
    assert "lower on Mondays than on other workdays" in first.text
    assert first.contrast.low < -0.15 < first.contrast.high
    assert first.figures.endswith("n = 12 and 48 days")
    made = discoveries.discoveries(weeks(3, monday=0.15))
    assert made.lines()[0] == f"{first.text} ({first.figures})"
    assert made.document()["found"][0]["n_other"] == 48


def test_what_the_evening_before_costs_is_found() -> None:
    found = {d.kind: d for d in discoveries.discoveries(weeks(5, late_cost=0.15)).found}
    assert found["late"].contrast.value < -0.1


def test_people_without_structure_have_next_to_nothing_that_stands_out() -> None:
    made = [discoveries.discoveries(weeks(seed)) for seed in range(100, 160)]
    shown, tried = sum(bool(m.found) for m in made), sum(m.tried for m in made)
    assert tried >= 60 * 14
    assert shown / len(made) <= 0.2, "the family-wise rate under the null is the rate of false discovery, 0.1"
    assert sum(len(m.found) for m in made) / tried <= 0.05


def test_too_few_days_say_how_many_are_missing() -> None:
    made = discoveries.discoveries(weeks(1, count=7))
    assert made.found == ()
    assert (made.days, made.missing_days) == (5, 9)


def test_a_store_is_read_and_an_empty_one_is_no_error(db: Connection, config: Config) -> None:
    now, tz = datetime.fromisoformat("2026-11-21T12:00:00+00:00"), ZoneInfo("Europe/Berlin")
    assert discoveries.view(db, config, now, tz).missing_days == discoveries.LEAST_DAYS
    fortnight(db)
    table = discoveries.days(db, config, tz, date(2026, 11, 7), date(2026, 11, 21))
    assert table
    assert all(sum(d.active.values()) > 0 for d in table.values())
    made = discoveries.view(db, config, now, tz)
    assert made.days + made.missing_days >= discoveries.LEAST_DAYS
