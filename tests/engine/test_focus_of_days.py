"""The focus of a day is one number, wherever it is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from coach.config import Config
from coach.core.focus import mean_score
from coach.engine import categories, day, discoveries, progress, report, sums
from coach.engine.activity import bounds
from tests.engine import filled
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, lived


def test_the_mean_of_hours_is_by_their_active_time() -> None:
    assert mean_score([(1.0, 45.0), (0.2, 15.0)]) == pytest.approx(0.8)
    assert mean_score([]) is None


def test_hours_of_unlike_length_and_the_night_count_alike_everywhere(tmp_path: Path) -> None:
    db, _ = filled.empty_store(tmp_path)
    config, yesterday = Config(), TODAY - timedelta(days=1)
    for start, minutes, app in ((9, 60, "code"), (10, 60, "code"), (11, 15, "Steam"), (15, 40, "Slack"), (25, 30, "Steam")):
        lived(db, at(yesterday, start % 24) + timedelta(days=start // 24), minutes, app)
    derive(db, at(yesterday, 4), NOW)
    rules = categories.load(db, config)
    start, end = bounds(yesterday, config, BERLIN)
    whole = sums.mean_score(db, yesterday, yesterday, 4)[0]
    assert whole is not None
    same = [
        sums.focus_by_day(db, yesterday, TODAY, 4)[yesterday],
        discoveries.days(db, config, BERLIN, yesterday, TODAY)[yesterday].focus(),
        report.report(db, "day", yesterday, config, NOW, BERLIN).score,
        *progress._scores(db, progress.Span(yesterday, yesterday, start, end), 4),
        day.told(db, start, end, rules).focus.score,
    ]
    assert same == [pytest.approx(whole)] * len(same)
    by_hours = [row[2] for row in sums.focus_hours(db, yesterday, yesterday, 4)]
    assert sum(by_hours) / len(by_hours) != pytest.approx(whole, abs=0.01), "a plain mean would be another number"
    db.close()
