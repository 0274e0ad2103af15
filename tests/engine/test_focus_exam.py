"""The exam in small: five unseen people, the shipped model against its baselines and the oracle."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.core.errors import InvalidInput, ModelBroken, ModelMissing
from coach.engine.exams import focus as exams
from coach.engine.exams import focus_real
from coach.engine.pretraining.focus_people import simulated


@pytest.fixture(scope="module")
def small() -> dict[str, object]:
    return exams.exam(5, "A", exams.EXAM_SEED + 500, lambda words: None, days=42, replicates=3)


def test_the_model_beats_seasonal_naive_and_profile_on_five_people(small: dict[str, object]) -> None:
    rmse = {name: value["value"] for name, value in small["rmse"].items()}  # type: ignore[attr-defined]
    assert set(rmse) == {"model", "seasonal naive", "profile", "ridge", "trees", "oracle"}
    assert rmse["model"] < rmse["profile"] < rmse["seasonal naive"]
    assert small["skill over seasonal naive"]["value"] >= 0.2  # type: ignore[index]
    assert 0.7 <= small["band"]["value"] <= 0.9  # type: ignore[index]


def test_figures_are_plain_json(small: dict[str, object]) -> None:
    assert json.loads(json.dumps(small, allow_nan=False))["users"] == 5


def test_activity_is_foreseen_better_than_by_the_profile(small: dict[str, object]) -> None:
    active = small["active hours"]
    assert active["brier"] < active["brier of the profile"]  # type: ignore[index]


def test_a_person_is_the_same_every_time() -> None:
    one, again = simulated(7, 20, "A"), simulated(7, 20, "A")
    assert np.array_equal(one.series.score, again.series.score, equal_nan=True)
    assert not np.array_equal(one.series.active, simulated(8, 20, "A").series.active)


def test_a_missing_or_truncated_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        exams.Served.shipped(tmp_path / "nothing")
    (tmp_path / "model.onnx").write_bytes(b"\x08\x07 not a model")
    with pytest.raises(ModelBroken):
        exams.Served.shipped(tmp_path)


def test_git_histories_say_who_serves(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = ["repo,author,author_time_utc,author_tz_min"]
    for back in range(200):
        at = datetime(2026, 6, 1, tzinfo=UTC) - timedelta(days=back)
        if at.weekday() < 5:
            rows += [f"a,b,{int(at.timestamp()) + 3600 * int(h)},60" for h in rng.integers(9, 18, 4)]
    file = tmp_path / "commits.csv.gz"
    file.write_bytes(gzip.compress("\n".join(rows).encode()))
    found = focus_real.exam(file, lambda words: None, days=90)
    assert found["people"] == 1
    assert found["serves"] in ("model", "profile")
    assert set(found["rmse"]) >= {"model", "profile", "ridge", "seasonal naive"}
    (tmp_path / "other.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(InvalidInput):
        focus_real.exam(tmp_path / "other.gz", lambda words: None)
