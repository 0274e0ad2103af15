"""The blend, the person's answers beside it, and thresholds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.core.errors import Unavailable
from coach.ml import categoriser as ml
from coach.ml import prior
from coach.ml.baselines import categoriser as words
from coach.ml.features import categoriser as features

NAMES = ("Buying", "Calling", "Reading")
TEXTS = ["buy milk", "buy bread", "buy a bike", "call mum", "call Jo", "ring the bank", "read a book", "read chapter 3",
         "read news"]
LABELS = np.repeat(np.arange(3), 3)


def direction(*at: int) -> np.ndarray:
    found = np.zeros(384, dtype=np.float32)
    found[list(at)] = 1 / np.sqrt(len(at))
    return found


SHIPPED = np.array([direction(k) for k in range(3)])


@pytest.fixture(scope="module")
def base() -> ml.Base:
    vectors = np.array([direction(k, 10 + n) for n, k in enumerate(LABELS)])
    return ml.Base(
        NAMES, words.fit(TEXTS, LABELS), np.round(vectors * 127).astype(np.int8), 1 / 127, LABELS,
        SHIPPED, np.ones(4), 0.9, 0.4, 0.2, np.array([0.95, 0.8]), np.array([True, False]),
        features.words_known(TEXTS),
    )


def person(names: tuple[str, ...], told: list[tuple[np.ndarray, int, int]]) -> ml.Person:
    titles = [np.array([v for v, c, _ in told if c == k]) for k in range(3, len(names))]
    own = np.array([ml.prototype(direction(90), ml.no_vectors(), some) for some in titles]).reshape(-1, 384)
    return ml.Person(names, np.array([v for v, _, _ in told]), np.array([c for _, c, _ in told]),
                     np.array([r for _, _, r in told]), own, len(told))


def test_words_generalise_and_no_number_is_learnt_by_heart(base: ml.Base) -> None:
    p = np.exp(words.log_probabilities(base.words, ["buying a bicycle", "read chapter 77", "", "!!!"]))
    assert p.argmax(axis=1)[:2].tolist() == [0, 2]
    assert np.allclose(p.sum(axis=1), 1)
    assert np.allclose(p[2], p[3])
    assert features.grams("chapter 3") == features.grams("chapter 7")


def test_neighbours_and_prototypes_agree_with_what_they_are_near(base: ml.Base) -> None:
    query = np.array([direction(1, 13)])
    for found in (ml.voted(ml.cosines(base, query), base.labels, 3), ml.likeness(base.prototypes, query)):
        assert found.argmax() == 1
        assert np.isclose(np.exp(found).sum(), 1)


def test_without_answers_the_blend_stands(base: ml.Base) -> None:
    log_p = np.log(np.array([[0.7, 0.2, 0.1]]))
    assert np.allclose(ml.with_person(SHIPPED, ml.nobody(base), log_p, np.array([direction(5)])), np.exp(log_p))


def test_an_answer_settles_its_repetition_and_hardly_touches_what_is_far() -> None:
    told = person(NAMES, [(direction(50), 2, 0)])
    log_p = np.log(np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1]]))
    same, other = ml.with_person(SHIPPED, told, log_p, np.array([direction(50), direction(51)]))
    assert same.argmax() == 2
    assert same[2] > 0.9
    assert same[0] < 0.01
    assert abs(other[0] - 0.8) < 0.02


def test_three_examples_make_an_own_category_usable() -> None:
    names = (*NAMES, "Band")
    told = person(names, [(direction(60, 61), 3, -1), (direction(60, 62), 3, -1), (direction(60, 63), 3, -1)])
    found = ml.with_person(SHIPPED, told, np.log(np.array([[0.5, 0.3, 0.2]] * 2)), np.array([direction(60), direction(70)]))
    assert names[int(found[0].argmax())] == "Band"
    assert names[int(found[1].argmax())] == "Buying"


def test_a_description_is_taken_to_pieces_too() -> None:
    assert ml.phrases("rehearsals, gigs and\nthe van: petrol.") == ["rehearsals", "gigs", "the van", "petrol"]
    assert ml.phrases("") == []
    assert ml.phrases("Brandenburg") == ["Brandenburg"]
    assert len(ml.phrases(",".join(map(str, range(99))))) == ml.MOST_PHRASES
    plain = ml.prototype(direction(90), ml.no_vectors(), direction(60)[None])
    pieces = ml.prototype(direction(90), direction(61)[None], direction(60)[None])
    assert pieces @ direction(61) > plain @ direction(61) + 0.2
    assert np.isclose(np.linalg.norm(pieces), 1)


def test_how_far_answers_reach_is_told_from_those_before(base: ml.Base) -> None:
    dice = np.random.default_rng(0)
    chosen = dice.integers(0, 3, 40)
    vectors = np.array([direction(100 + c) for c in chosen]) + 0.05 * dice.normal(size=(40, 384))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    steady = person(NAMES, [(v, int(c), -1) for v, c in zip(vectors, chosen, strict=True)])
    fickle = replace(steady, chosen=dice.integers(0, 3, 40))
    flat = np.log(np.full((40, 3), 1 / 3))
    assert ml.fitted(SHIPPED, steady, np.arange(40), flat)[0] > ml.fitted(SHIPPED, fickle, np.arange(40), flat)[0]


def test_the_threshold_keeps_the_precision_it_promises() -> None:
    dice = np.random.default_rng(1)
    scores = dice.random(4000)
    right = dice.random(4000) < scores
    auto = ml.threshold(scores, right)
    fresh = dice.random(20000)
    sure = fresh >= auto
    assert (dice.random(20000) < fresh)[sure].mean() > 0.94
    assert 0.05 < sure.mean() < 0.2
    assert ml.threshold(scores, np.zeros(4000, dtype=bool)) > 1
    assert ml.threshold(np.array([0.9] * 5), np.ones(5, dtype=bool)) > 1  # five are not enough to say 95 %


def test_wrong_suggestions_raise_the_persons_own_threshold(base: ml.Base) -> None:
    dice = np.random.default_rng(2)
    scores = dice.random(3000).astype(np.float32)
    known = replace(base, scores=scores, right=dice.random(3000) < scores, auto=0.9)
    before = ml.own_threshold(known, [], [])
    assert before == 0.9
    assert ml.own_threshold(known, [0.95] * 20, [False] * 20) > ml.own_threshold(known, [0.95] * 20, [True] * 20)


@pytest.mark.parametrize(("p", "nearest", "decision"), [
    ([0.95, 0.03, 0.02], 0.9, "auto"), ([0.6, 0.3, 0.1], 0.9, "suggest"), ([0.35, 0.33, 0.32], 0.9, "abstain"),
    ([0.95, 0.03, 0.02], 0.1, "abstain"), ([0.95, 0.03, 0.02], float("nan"), "auto"),
])
def test_a_decision_says_no_more_than_it_knows(base: ml.Base, p: list[float], nearest: float, decision: str) -> None:
    found = ml.decide(base, NAMES, np.array(p), nearest, base.auto, 4, "model")
    assert found.decision == decision
    assert (found.category is None) == (decision == "abstain")
    assert [name for name, _ in found.alternatives] == ["Buying", "Calling", "Reading"]
    assert set(found.document()) == {"category", "confidence", "decision", "alternatives", "n", "serving"}


def test_what_is_kept_is_read_again_and_a_broken_file_is_named(base: ml.Base, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / ml.BASE, allow_pickle=False, **ml.document(base))
    again = ml.load(tmp_path)
    assert again.names == NAMES
    assert np.allclose(words.log_probabilities(again.words, TEXTS), words.log_probabilities(base.words, TEXTS), atol=0.05)
    (tmp_path / ml.BASE).write_bytes(b"nothing of the kind")
    with pytest.raises(Unavailable, match="cannot be loaded"):
        ml.load(tmp_path)


def test_the_mix_of_a_list_is_told_from_it_without_labels() -> None:
    dice = np.random.default_rng(3)
    even, mix = np.full(3, 1 / 3), np.array([0.7, 0.25, 0.05])
    labels = dice.choice(3, 300, p=mix)
    points = np.eye(3)[labels] + 0.8 * dice.normal(size=(300, 3))  # classes of equal spread: the posterior is softmax(x / 0.64)
    logits = points / 0.64
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    untold = np.full(300, -1)
    found = prior.estimated(log_p, untold, even, even)
    assert np.abs(found - mix).max() < 0.06
    moved = prior.moved(log_p, np.log(found / even))
    assert (moved.argmax(axis=1) == labels).mean() > (log_p.argmax(axis=1) == labels).mean() + 0.03
    few = prior.estimated(log_p[:3], untold[:3], even, even)
    assert np.abs(few - even).max() < 0.15  # three titles say little
    told = prior.estimated(log_p[:40], np.full(40, 2), even, even)
    assert np.allclose(told, (np.bincount([2] * 40, minlength=3) + prior.STRENGTH / 3) / (40 + prior.STRENGTH))
