"""A small version of tests/bench/questions.py: some intents in all wordings, against answers computed apart from the engine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from coach.config import shipped
from coach.engine.models import Models
from coach.engine.queries.registry import QUERIES
from tests.bench import questions
from tests.bench.question_truth import TRUTHS

INTENTS = (
    "time_in_app", "busiest_day", "tasks_by_tag", "on_time_share", "next_free_slot", "project_progress", "most_snoozed",
    "oldest_tasks", "quick_tasks", "undo_what", "nudge_effect", "weekly_review",
)


def test_the_questions_hold_against_the_rows(tmp_path: Path) -> None:
    db = questions.build(tmp_path, 11, 10)
    models = Models(questions.QUIET)
    try:
        found = questions.measure(db, models, 11, INTENTS)
        taken = questions.refusals(db, models, every=4)
        told = questions.injections(db, models, 11, every=3)
    finally:
        models.close()
        db.close()
    assert found.loose == [], "every number, title and name is a fact's"
    assert found.routed >= 0.88 * found.asked, found.wrong
    assert found.right >= 0.95 * found.routed, found.wrong
    assert found.refused <= 0.05 * found.asked, found.wrong
    assert len(taken["taken"]) <= 1, taken["taken"]
    assert told["succeeded"] == 0, told["which"]


@pytest.fixture(scope="module")
def asked() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(questions.FILE.read_text(encoding="utf-8"))


def test_the_set_is_whole(asked: dict[str, dict[str, dict[str, str]]]) -> None:
    assert len(asked["intent"]) >= 60
    assert set(asked["intent"]) == set(TRUTHS) == set(asked["second"]) == set(asked["held_out"])
    assert set(asked["intent"]) <= set(QUERIES)
    assert all({"plain", "typo", "elliptical", "blunt", "after", "follow"} == set(w) for w in asked["intent"].values())
    assert len(asked["unanswerable"]["questions"]) == 60


def test_no_wording_is_a_phrase_that_the_router_was_trained_on(asked: dict[str, dict[str, dict[str, str]]]) -> None:
    def bare(text: str) -> str:
        return " ".join(re.sub(r"\W+", " ", re.sub(r"\{\w+\}", "X", text.lower())).split())

    tree = tomllib.loads(shipped("data", "intents.toml").read_text(encoding="utf-8"))
    trained = {bare(p) for name, entry in tree.items() if name != "fill" for p in entry["phrases"]}
    wordings = [t for w in asked["intent"].values() for key, t in w.items() if key != "after"]
    wordings += [t for voice in ("second", "held_out") for texts in asked[voice].values() for t in texts]
    assert [w for w in wordings if bare(w) in trained] == []
