"""Proposals on made-up days with known truth, kind of evidence by kind of evidence, and their laws."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.attribution import FLOOR, SURE, Proposal, propose, without
from coach.core.evidence import Tracked, indexed
from coach.core.rarity import stems
from coach.core.task import Task
from tests.core.attributed_days import DAYS, LURE, Day, tasks, web

NOON = 1_800_000_000_000
HOUR = 3_600_000


def hour(**looks: object) -> Tracked:
    return Tracked(NOON, NOON + HOUR, **looks)  # type: ignore[arg-type]


def proposed(said: tuple[Task, ...], one: Tracked, known: dict[tuple[str, str, str], tuple[int, int]] | None = None) -> Proposal:
    (found,) = propose([one], indexed(said), known or {})
    return found


def outcome(day: Day, least: float) -> tuple[int, int]:
    """(ms proposed with at least that confidence, ms of it that are right)."""
    proposed_ms = right_ms = 0
    truth = {(s.start_ms, s.end_ms): task_id for s, task_id in day.stretches()}
    for found in propose([s for s, _ in day.stretches()], indexed(day.tasks), {}):
        if found.confidence >= least:
            for (start, end), task_id in truth.items():
                inside = sum(max(0, min(end, b) - max(start, a)) for a, b in found.spans)
                proposed_ms += inside
                right_ms += inside if task_id == found.task_id else 0
    return proposed_ms, right_ms


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.who)
def test_of_every_kind_of_person_most_of_what_is_proposed_is_right(day: Day) -> None:
    found, right = outcome(day, FLOOR)
    assert found > 0
    assert right / found >= 0.8


def test_over_all_days_most_of_the_time_finds_its_task() -> None:
    meant = sum(s.end_ms - s.start_ms for day in DAYS for s, task_id in day.stretches() if task_id)
    assert sum(outcome(day, FLOOR)[1] for day in DAYS) / meant >= 0.6


def test_what_is_sure_is_right_over_all_days() -> None:
    found, right = (sum(column) for column in zip(*(outcome(day, SURE) for day in DAYS), strict=True))
    assert right / found >= 0.95


def test_a_confidence_is_no_promise_that_is_not_kept() -> None:
    promised = kept = total = 0.0
    for day in DAYS:
        for found in propose([s for s, _ in day.stretches()], indexed(day.tasks), {}):
            promised += found.confidence * found.ms
        ms, right = outcome(day, FLOOR)
        total, kept = total + ms, kept + right
    assert promised / total <= kept / total + 0.02


LOGIN = tasks(("Fix login redirect", "shop", ""), ("Retry webhooks", "shop", ""), ("Water plants", "home", ""))


@pytest.mark.parametrize(("said", "looks", "kind", "least"), [
    (("SHOP-77 empty cart", None, ""), {"branch": "bugfix/shop-77-cart", "project": "shop"}, "issue", 0.95),
    (("Empty cart", None, "see SHOP-77"), {"title": "[SHOP-77] Empty cart - Jira"}, "issue", 0.95),
    (("Empty cart #142", None, ""), {"branch": "142-cart", "project": "shop"}, "branch", 0.95),
    (("Empty cart #142", None, ""), {"url": "https://github.com/acme/shop/issues/142"}, "issue", 0.95),
    (("Review", None, "https://github.com/acme/shop/pull/9"), {"url": "https://github.com/acme/shop/pull/9/files"}, "link", 0.95),
    (("Empty cart", None, ""), {"branch": "fix/empty-cart", "project": "shop"}, "branch", 0.95),
    (("Empty cart", None, ""), {"branch": "task-11", "project": "shop"}, "branch", 0.95),
    (("Empty cart", "shop", ""), {"project": "Shop"}, "project", 0.5),
    (("Congress of Vienna essay", None, ""), {"title": "Essay Congress of Vienna.odt - Writer"}, "words", 0.75),
    (("Angebot für Bäckereien", None, ""), {"title": "Angebot Bäckerei.odt - LibreOffice Writer"}, "words", 0.7),
])
def test_each_kind_of_evidence(said: tuple[str, str | None, str], looks: dict[str, str], kind: str, least: float) -> None:
    others = replace(LOGIN[0], id="x", num=90, project="infra"), replace(LOGIN[2], id="y", num=91)
    found = proposed((*tasks(said), *others), hour(**looks))
    assert found.task_id == "t11"
    assert found.lines[0][0] == kind
    assert found.confidence >= least


@pytest.mark.parametrize("looks", [
    {"title": "Weather"}, {"branch": "main", "project": "dotfiles"}, {"branch": "feature/dark-mode", "project": "shop"},
    {"project": "shop"},  # two tasks there: neither is likelier than not
    {**web("Login - YouTube", "https://www.youtube.com/watch", **LURE)},
    {"title": "PIN-77 something"}, {"title": ""}, {"title": "How to fix and write and review"},
])
def test_what_proves_nothing_is_not_proposed(looks: dict[str, object]) -> None:
    assert propose([hour(**looks)], indexed(LOGIN), {}) == []


def test_a_number_alone_may_be_anothers_and_says_so() -> None:
    shop = tasks(("Empty cart", None, ""))
    assert FLOOR < proposed(shop, hour(branch="fix-11", project="shop")).confidence < SURE


def test_tasks_that_are_alike_share_what_there_is() -> None:
    twins = tasks(("Vienna essay outline", None, ""), ("Vienna essay bibliography", None, ""))
    assert propose([hour(title="Vienna essay.odt - Writer")], indexed(twins), {}) == []
    assert proposed(twins, hour(title="Vienna essay bibliography.odt - Writer")).task_id == "t12"


def test_another_project_speaks_against_shared_words() -> None:
    said = tasks(("Index rebuild nightly", "shop", ""), ("Colours", "site", ""))
    alone = proposed(said, hour(title="index rebuild nightly notes")).confidence
    elsewhere = propose([hour(title="index rebuild nightly notes", project="site")], indexed(said), {})
    assert "t11" not in {found.task_id for found in elsewhere}
    assert proposed(said, hour(title="index rebuild nightly notes", project="shop")).confidence > alone


def test_decisions_count_for_the_same_evidence() -> None:
    one = hour(project="shop")
    first = proposed(LOGIN[:1], one).confidence
    confidences = [proposed(LOGIN[:1], one, {("project", "shop", "t11"): (n, 0)}).confidence for n in (1, 2, 5)]
    assert first < confidences[0] < confidences[1] < confidences[2] < 1
    assert propose([one], indexed(LOGIN[:1]), {("project", "shop", "t11"): (0, 2)}) == []
    assert proposed(LOGIN, one, {("project", "shop", "t12"): (2, 0)}).task_id == "t12"
    assert proposed(LOGIN[:1], one, {("project", "other", "t11"): (5, 0)}).confidence == first


def test_time_long_after_a_task_was_completed_is_not_its() -> None:
    done = datetime.fromtimestamp(NOON / 1000, UTC)
    over = (replace(LOGIN[0], status="completed", completed=done - timedelta(hours=2)),)
    assert propose([hour(branch="fix-login-redirect")], indexed(over), {}) == []
    just = (replace(LOGIN[0], status="completed", completed=done - timedelta(minutes=5)),)
    assert proposed(just, hour(branch="fix-login-redirect")).minutes == 60


def test_a_moment_is_no_proposal() -> None:
    brief = replace(hour(branch="fix-login-redirect"), end_ms=NOON + 4 * 60_000)
    assert propose([brief], indexed(LOGIN), {}) == []


def test_words_that_say_nothing_are_left_out() -> None:
    assert list(stems("Fix the login-page, chapter3 of MyThesis für Anna").values()) == ["login", "chapter", "Thesis", "Anna"]
    assert stems("presentations").keys() == stems("presenting").keys() == stems("Presentation").keys()
    assert stems("").keys() == stems("1234 #5 !").keys() == set()


stretch = st.builds(
    lambda at, length, **looks: Tracked(NOON + at, NOON + at + length, **looks),
    st.integers(0, 10 * HOUR), st.integers(1, HOUR), app=st.sampled_from(["code", "firefox", ""]),
    title=st.sampled_from(["Retry webhooks", "Fix login redirect", "Inbox", ""]) | st.text(max_size=40),
    project=st.sampled_from(["shop", "home", "x", ""]), branch=st.sampled_from(["main", "fix-login", "11", ""]),
    url=st.sampled_from(["", "https://github.com/acme/shop/issues/11"]), focus=st.booleans(),
)
span = st.tuples(st.integers(0, 10 * HOUR), st.integers(0, HOUR)).map(lambda s: (NOON + s[0], NOON + s[0] + s[1]))


@given(st.lists(stretch, max_size=12), st.lists(span, max_size=6))
def test_taken_time_is_never_proposed_and_no_time_twice(tracked: list[Tracked], taken: list[tuple[int, int]]) -> None:
    line: list[Tracked] = []
    for one in sorted(tracked, key=lambda s: s.start_ms):  # a timeline: one state at a time
        if not line or one.start_ms >= line[-1].end_ms:
            line.append(one)
    left = without(line, taken)
    for one in left:
        assert one.start_ms < one.end_ms
        assert not any(a < one.end_ms and b > one.start_ms for a, b in taken if a < b)
    found = propose(left, indexed(LOGIN), {})
    spans = sorted(s for p in found for s in p.spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    for one in found:
        assert FLOOR <= one.confidence < 1
        assert one.ms == sum(b - a for a, b in one.spans) == sum(ms for _, _, ms in one.lines)
