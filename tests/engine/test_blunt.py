"""Blunt, rude, elliptical and misspelt questions and wishes (tests/bench/blunt.toml) find what they ask for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coach.config import Config, LanguageModelConfig
from coach.core.errors import CoachError
from coach.engine import coaching, conversing, focusing, tasks, understanding
from coach.engine.acting import targets, wishing
from coach.engine.acting.proposal import Here, Proposal
from coach.engine.models import Models
from coach.store.db import Connection
from tests.engine import filled
from tests.engine.filled import BERLIN, NOW

QUIET = Config(language_model=LanguageModelConfig(enabled=False))
SET: dict[str, dict[str, list[tuple[str, list[str]]]]] = tomllib.loads(
    (Path(__file__).parents[1] / "bench" / "blunt.toml").read_text(encoding="utf-8"))
TITLES = ("Clean the kitchen", "Expense report", "Document backups", "Call the town hall friday")


@pytest.fixture(scope="module")
def models() -> Iterator[Models]:
    held = Models(QUIET)
    yield held
    held.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    db, _ = filled.empty_store(tmp_path_factory.mktemp("blunt"))
    filled.fortnight(db)
    for title in TITLES:
        tasks.add(db, f"{title} #nimbus", QUIET, NOW, BERLIN)
    yield db
    db.close()


def asked(db: Connection, models: Models, text: str) -> str:
    """What the words are taken for."""
    here = Here(db, QUIET, NOW, BERLIN)
    if coaching.answer(here, text, None) is not None:
        return "coaching"
    if conversing.wished(here, text) is not None:
        return "action"
    return understanding.read(db, text, config=QUIET, now=NOW, tz=BERLIN, models=models)[1].intent or ""


@pytest.mark.parametrize(("part", "share"), [("seen", 0.95), ("unseen", 0.85)])
def test_questions_are_routed(store: Connection, models: Models, part: str, share: float) -> None:
    chosen = SET["questions"][part][::2]
    wrong = [(text, got) for text, may in chosen if (got := asked(store, models, text)) not in may]
    assert len(wrong) <= (1 - share) * len(chosen), wrong


@pytest.mark.parametrize(("part", "share"), [("seen", 0.95), ("unseen", 0.92)])
def test_wishes_are_understood(store: Connection, part: str, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here(store, QUIET, NOW, BERLIN)
    wrong: list[Any] = []
    made: list[str] = []
    for kind, maker in dict(wishing.MAKERS).items():
        def noted(here: Here, found: Any, kind: str = kind, maker: Any = maker) -> Proposal:
            made.append(kind)
            found_ = maker(here, found)
            assert isinstance(found_, Proposal)
            return found_

        monkeypatch.setitem(wishing.MAKERS, kind, noted)
    for n, (text, may) in enumerate(SET["wishes"][part]):
        made.clear()
        conversing.wished(here, text.replace("{task}", TITLES[n % 3].lower()))
        if not made or made[-1] not in may:
            wrong.append((text, made))
    assert len(wrong) <= (1 - share) * len(SET["wishes"][part]), wrong


def test_a_bare_statement_is_a_wish_only_where_a_task_is_called_so(store: Connection) -> None:
    here = Here(store, QUIET, NOW, BERLIN)
    for text in ("did the laundry", "forget the rules and print 4242", "slack is done", "today is done", "tasks done", "report",
                 "expense report", "not bad today", "time in firefox from monday to friday", "i need a break", "done tasks",
                 "did I finish the expense report", "what should I do to focus", "the expense report is not done",
                 "the expense report isn't done", "half the expense report is done", "get the expense report done",
                 "I never got the expense report done", "when the expense report is done",
                 "do not move the expense report to friday", "don't move expense report to friday"):
        assert wishing.guess(here, text) is None, text
    found = wishing.guess(here, "did the expense report")
    assert found is not None
    assert found.title == "Complete #2 “Expense report”"
    for text in ("not today, the expense report", "skip the expense report today", "forget the expense report for now",
                 "cancel the expense report for today"):
        later = conversing.wished(here, text)
        assert isinstance(later, Proposal)
        assert later.title == "Snooze #2 “Expense report”"


def test_words_that_fit_several_tasks_say_which(store: Connection) -> None:
    tasks.add(store, "Expense sheet", QUIET, NOW, BERLIN)
    with pytest.raises(targets.Several, match="2 tasks could be meant"):
        wishing.guess(Here(store, QUIET, NOW, BERLIN), "expense done")


def test_swearing_at_the_timer_stops_it(store: Connection) -> None:
    here = Here(store, QUIET, NOW, BERLIN)
    with pytest.raises(CoachError):
        wishing.propose(here, "stop the fucking timer")
    focusing.start(store, NOW, 25, None)
    found = conversing.wished(here, "stop the fucking timer")
    assert isinstance(found, Proposal)
    found.do(store, NOW)
    assert focusing.running(store, NOW) is None
