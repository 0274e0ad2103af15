"""The graph's exam, small: unseen people, names that no training has, every baseline beside the net."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coach.engine.exams import graph as exams
from coach.engine.exams.workflows import EXAM_SEEDS, respelled, workflow


def test_an_exam_of_two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exams, "FITTED_PEOPLE", 4)
    monkeypatch.setattr(exams, "COLD_START_DAYS", (7,))
    found = exams.exam(2, "A", EXAM_SEEDS)
    json.dumps(found)
    assert found["users"] == 2
    assert found["places"] >= 16
    assert set(found["systems"]) == {"graph net", "feature-only regression", "gradient boosting", "label propagation",
                                     "catalogue lookup", "majority"}
    served = "graph net" if found["serves"] == "model" else "feature-only regression"
    assert found["systems"][served]["accuracy"]["value"] > found["systems"]["majority"]["accuracy"]["value"] + 0.15
    assert found["edges"]["spearman"]["value"] > 0.3
    assert found["edges"]["mae"]["value"] < found["edges"]["mae_of_zero"]["value"]


def test_unknown_places_carry_names_that_training_never_saw() -> None:
    plain, fresh = workflow(7, "A", 20), workflow(7, "A", 20, fresh=True)
    assert plain is not None
    assert fresh is not None
    assert plain.unknown.sum() == fresh.unknown.sum() > 5
    names = {n.casefold() for n, unknown in zip(plain.graph.names, plain.unknown, strict=True) if unknown}
    assert not names & {n.casefold() for n, unknown in zip(fresh.graph.names, fresh.unknown, strict=True) if unknown}
    assert np.nansum(plain.truth) == np.nansum(fresh.truth)
    assert respelled("Wexdex", "", 7) == respelled("Wexdex", "", 7) != respelled("Wexdex", "", 8)
