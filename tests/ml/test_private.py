"""One person as one example: what leaves a person's hours is bounded by that person alone."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from coach.core.errors import Unavailable
from coach.engine import private

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def made() -> private.People:
    return private._people(8, 3, lambda words: None)


def test_a_persons_loss_does_not_depend_on_the_others(made: private.People) -> None:
    from coach.ml.private import people

    net = people.untrained(1)
    torch.nn.init.normal_(net.last.weight)
    windows = people.Windows(made.data, made.train, seed=1)
    history, future, score = (torch.stack(x) for x in zip(*(windows[i] for i in range(4)), strict=True))
    score[1] = torch.where(torch.arange(24) < 22, torch.nan, 0.5)  # hardly any hour of the second person is scored
    each = [people.loss(people.forecast(net, history[i:i + 1], future[i:i + 1]), score[i:i + 1]) for i in range(4)]
    together = people.loss(people.forecast(net, history, future), score)
    assert together.item() == pytest.approx(sum(x.item() for x in each) / 4, rel=1e-5)


def test_training_steps_learn_and_unseen_people_are_judged(made: private.People) -> None:
    from coach.ml.private import federated, people

    plan = federated.Rounds(rounds=6, clients=8, steps=4)
    errors = federated.pooled(made.data, made.train, made.test, plan, seed=2)
    start = people.errors(people.untrained(2), made.data, made.test)
    assert start.net == pytest.approx(start.profile)
    assert errors.profile == start.profile
    assert errors.net != start.net
    assert 0.08 < errors.net < 0.25
    assert not set(made.train) & set(made.test)
    weights = federated._weights(people.untrained(2))
    again = federated._weights(federated._loaded(weights, 2))
    assert all(np.array_equal(a, b) for a, b in zip(weights, again, strict=True))


@pytest.mark.skipif(find_spec("opacus") is not None, reason="this is the lab's environment")
def test_without_its_environment_the_lab_says_what_to_do() -> None:
    for run in (private.differential, private.federated):
        with pytest.raises(Unavailable, match="not installed") as refused:
            run(8, 1, 0, lambda words: None)
        assert "requirements.txt" in refused.value.hint
