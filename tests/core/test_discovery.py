"""What is reported of many things looked at."""

from __future__ import annotations

import random

import pytest

from coach.core.discovery import at_least, benjamini_hochberg, two_sided


def test_the_example_of_the_paper() -> None:
    """Benjamini and Hochberg (1995), section 3.2: four of fifteen at a rate of 0.05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert benjamini_hochberg(p, 0.05) == [True] * 4 + [False] * 11
    shuffled = random.Random(1).sample(p, len(p))
    assert {x for x, found in zip(shuffled, benjamini_hochberg(shuffled, 0.05), strict=True) if found} == set(p[:4])
    assert benjamini_hochberg([]) == []


def test_a_smaller_p_brings_in_larger_ones() -> None:
    assert benjamini_hochberg([0.06, 0.09], 0.1) == [True, True]
    assert benjamini_hochberg([0.06, 0.11], 0.1) == [False, False]


def test_chance_of_so_many_days() -> None:
    assert at_least(0, 20, 0.05) == pytest.approx(1.0)
    assert at_least(3, 20, 0.05) == pytest.approx(0.0755, abs=1e-4)
    assert at_least(20, 20, 0.5) == pytest.approx(0.5**20)
    assert two_sided(1.959964, 1.0) == pytest.approx(0.05, abs=1e-5)
    assert two_sided(3.0, None) == two_sided(3.0, 0.0) == 1.0
