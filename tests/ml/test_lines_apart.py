"""No two lines of a mode say nearly the same, by the shipped embedder."""

import numpy as np
import pytest

from coach.config import shipped
from coach.engine.voices import bank
from coach.ml import embed
from tests.bench import lines


@pytest.fixture(scope="module")
def embedder():
    return embed.load(shipped("models", "embedder"))


@pytest.mark.slow
def test_two_ways_to_say_one_thing_are_found(embedder):
    known = [("momentum", text) for text in [*bank()["momentum"]["neutral"][:3], "Tasks done today: {count}."]]
    cosine, _, other = lines.nearest(lines.cosines(embedder, known), known, 1)[0]
    assert cosine > lines.CEILING
    assert other == "momentum: Tasks done today: {count}."


@pytest.mark.long
@pytest.mark.parametrize("mode", lines.MODES)
def test_no_two_lines_of_a_mode_are_alike(embedder, mode):
    said = lines.of(mode)
    found = lines.cosines(embedder, said)
    assert np.count_nonzero(found > lines.CEILING) == 0, lines.nearest(found, said, 5)
