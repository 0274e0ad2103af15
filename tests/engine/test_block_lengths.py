from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from coach.config import Config
from coach.core.plan import Block
from coach.engine import block_lengths, estimating
from coach.ml.duration import at_percentile, share_within


@pytest.mark.parametrize("percentile", [1, 5, 10, 37, 50, 80, 90, 99])
def test_the_share_within_a_length_is_the_inverse_of_its_percentile(percentile: int) -> None:
    ends = log(20), log(45), log(120)
    assert share_within(*ends, at_percentile(*ends, percentile)) == pytest.approx(percentile / 100)


def test_an_end_on_the_middle_is_a_step() -> None:
    ends = log(45), log(45), log(90)
    assert [share_within(*ends, log(m)) for m in (44, 45, 90)] == pytest.approx([0.01, 0.5, 0.9])


def test_a_length_that_a_task_has_taken_already_says_nothing_any_more(db, config, now, tz) -> None:
    length = replace(estimating.estimate(db, "Essay ~1h", config, now, tz), low_min=30.0, median_min=60.0, high_min=120.0)
    assert block_lengths.sure_of(length, 60) == pytest.approx(0.5)
    assert block_lengths.sure_of(length, 120, 60) == pytest.approx((0.9 - 0.5) / 0.5)
    assert block_lengths.sure_of(length, 20, 60) == 0.0


def test_blocks_of_an_assumed_length_claim_no_sureness(now) -> None:
    (told,) = block_lengths.told([Block("b", "t", now, now)], None, 0, Config())
    assert (told.confidence, told.reasons[0].text) == (None, "no estimate: 30 min assumed")
