"""The router on its own data, on questions nobody trained it on, and its key-word stand-in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coach.config import shipped
from coach.core.errors import Unavailable
from coach.ml import card, embed, intents, keywords, router

INTENTS, DECLINED = shipped("data", "intents.toml"), shipped("data", "out_of_scope.toml")

UNSEEN = {
    "how many hours was I in Slack this week?": "time_in_app",
    "which of my tasks are already late?": "tasks_overdue",
    "what time of the day do I concentrate best": "best_hours",
    "what do I keep pushing to next week?": "avoidance",
    "could you give me a recap of last week": "day_summary",
}
FOREIGN = ("how do I bake bread", "who is the king of Spain", "is it raining in Oslo", "write me a song", "what is 12 times 12")


@pytest.fixture(scope="module")
def embedder() -> embed.Embedder:
    return embed.load(shipped("models", "embedder"))


@pytest.fixture(scope="module")
def served() -> router.Router:
    return router.load(shipped("models", "router"))


def test_every_intent_has_its_phrases() -> None:
    found = intents.load(INTENTS)
    assert len(found) >= 30
    for intent in found.values():
        assert intent.description
        assert intent.example
        assert len(intent.phrases) >= 12, intent.name
    assert sum(p.intent is None for p in intents.phrases(INTENTS, DECLINED, each=1)) >= 250


def test_phrases_are_filled_and_keep_their_group() -> None:
    found = intents.phrases(INTENTS, DECLINED)
    assert not any("{" in p.text for p in found)
    assert found == intents.phrases(INTENTS, DECLINED)
    assert {p.group: p.intent for p in found} == {p.group: p.intent for p in reversed(found)}


def test_the_shipped_router_was_trained_on_the_shipped_phrases(served: router.Router) -> None:
    known = card.read(shipped("models", "router"))
    assert known["data_sha256"] == {f.name: card.sha256(f) for f in (INTENTS, DECLINED)}
    assert set(served.labels) == {*intents.load(INTENTS), ""}
    assert served.labels[-1] == ""
    assert known["cross_validation"]["intent_right"] > known["baseline"]["intent_right"] + 0.15


def test_examples_are_routed_to_their_own_intent(embedder: embed.Embedder, served: router.Router) -> None:
    found = intents.load(INTENTS)
    vectors = embed.deep(embedder, [intents.plain(i.example) for i in found.values()])
    wrong = {n for n, v in zip(found, vectors, strict=True) if router.route(served, v).intent != n}
    assert wrong <= {"action"}, wrong


@pytest.mark.parametrize(("question", "intent"), UNSEEN.items())
def test_unseen_questions_are_understood(embedder: embed.Embedder, served: router.Router, question: str, intent: str) -> None:
    assert router.route(served, embed.deep(embedder, [intents.plain(question)])[0]).intent == intent


@pytest.mark.parametrize("question", FOREIGN)
def test_foreign_questions_are_declined(embedder: embed.Embedder, served: router.Router, question: str) -> None:
    found = router.route(served, embed.deep(embedder, [intents.plain(question)])[0])
    assert found.intent is None
    assert found.score < found.threshold
    assert len(found.nearest) == 3


def test_the_score_falls_with_distance() -> None:
    anchors = np.eye(4, dtype=np.float32)
    answerable = np.array([True, True, False, False])
    near, far = np.array([[1, 0, 0, 0]], dtype=np.float32), np.array([[0, 0, 1, 0]], dtype=np.float32)
    p = np.array([0.5])
    assert router.combined(p, near, anchors, answerable) > router.combined(p, far, anchors, answerable)


def test_a_broken_router_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / router.WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(Unavailable):
        router.load(tmp_path)


def test_periods_carry_no_meaning_for_the_router() -> None:
    assert intents.plain("what did I finish last week") == intents.plain("what did I finish on 3 May 2024")


def test_key_words_find_known_phrases_and_decline_strange_ones() -> None:
    known = keywords.of_intents(intents.load(INTENTS))
    assert keywords.route(known, "what should I do next?")[0] == "next_task"
    assert keywords.route(known, "which tasks are overdue last week")[0] == "tasks_overdue"
    assert sum(keywords.route(known, question)[0] is None for question in FOREIGN) >= 3
    for question in ("", "???", "zzz qqq"):
        assert keywords.route(known, question) == (None, 0.0, ()), question
