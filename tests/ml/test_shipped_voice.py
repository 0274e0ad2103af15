"""The adapter that ships fits its card and the model that it was trained for, and changes what that says."""

import threading

import pytest

from coach.config import Config, LanguageModelConfig, NudgeConfig, shipped
from coach.core.lines import unread_faults
from coach.core.situations import SITUATIONS
from coach.engine import spare_lines
from coach.engine.models import Models
from coach.ml import card, llm, voice
from coach.store.db import Connection
from tests.conftest import NOW

FOLDER = shipped("models", "voice")


def test_card_and_files_agree_and_it_is_off_as_the_card_says():
    told = card.read(FOLDER)
    assert card.damaged(FOLDER) == []
    assert {voice.ADAPTER, voice.MODES} == set(told["files"])
    read = told["blind_comparison"]
    holds = read["adapter"]["usable"][1][1] >= read["bank"]["usable"][1][0]  # the intervals meet
    assert LanguageModelConfig().lines is holds


@pytest.mark.slow
def test_it_speaks_with_the_model_it_was_trained_for():
    base = llm.find()
    if base is None:
        pytest.skip("the voice extra is not installed")
    assert card.sha256(base) == card.read(FOLDER)["base"]["sha256"]
    said = []
    for adapter in (FOLDER / voice.ADAPTER, None):
        model = llm.load(base, 1, adapter)
        said.append(voice.write(model, "deadline_today", "neutral", ["task"], 3))
        model.close()
    assert said[0] != said[1]
    assert said[0] is not None
    assert unread_faults(said[0], ["task"]) == []


@pytest.mark.slow
@pytest.mark.long
def test_it_writes_lines_that_wait_for_their_nudge(db: Connection):
    if llm.find() is None:
        pytest.skip("the voice extra is not installed")
    on = Config(language_model=LanguageModelConfig(lines=True, threads=1), nudge=NudgeConfig(mode="neutral"))
    kept = spare_lines.fill(db, on, Models(on), NOW, threading.Event(), budget_s=15)
    rows = db.execute("SELECT situation, text FROM spare_line").fetchall()
    fills = {s.name: s.fills for s in SITUATIONS}
    assert kept == len(rows) > 0
    assert [unread_faults(row["text"], fills[row["situation"]]) for row in rows] == [[]] * len(rows)
