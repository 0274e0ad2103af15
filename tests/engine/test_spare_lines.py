"""Lines ahead of need: written only where they are wanted, judged before they are kept, heard once, and never waited for."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coach.config import Config, LanguageModelConfig, NudgeConfig
from coach.core.nudge import Choice
from coach.core.situations import SITUATIONS
from coach.engine import nudging, spare_lines, voices
from coach.ml import embed, voice
from coach.store import spare_lines as store
from coach.store.db import Connection
from tests.conftest import NOW
from tests.ml.scripted import Scripted

ON = Config(language_model=LanguageModelConfig(lines=True), nudge=NudgeConfig(mode="neutral", hold_out=0))
GOOD = "The afternoon has room for this."


class Fixed:
    """Models with an embedder that is only handed on."""

    def embedder(self) -> object:
        return self


@pytest.fixture
def voiced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that hears every line as neutral, and vectors of chance."""
    head = voice.Ear(("neutral", "roast"), np.zeros((2, 384)), np.array([1.0, 0.0]))
    chance = np.random.default_rng(0)
    monkeypatch.setattr(voice, "ear", lambda _: head)

    def vectors(_: object, texts: list[str]) -> Any:
        made = chance.normal(size=(len(texts), 384))
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    monkeypatch.setattr(embed, "embed", vectors)


def run(
    db: Connection, said: list[str], config: Config = ON, stop: threading.Event | None = None, budget_s: float = 60
) -> Scripted:
    model = Scripted(said)
    models: Any = Fixed()
    spare_lines.fill(db, config, models, NOW, stop or threading.Event(), lambda: model, budget_s)
    return model


def numbered(count: int) -> list[str]:
    """Different lines without a figure."""
    names = "abcdefghijklmnopqrstuvwxyz"
    return [f"Room for this, {names[n // 26 % 26]}{names[n % 26]}{names[n // 676 % 26]}, is there now." for n in range(count)]


@pytest.mark.usefixtures("voiced")
def test_off_by_default_nothing_is_written_nor_heard(db: Connection) -> None:
    assert Config().language_model.lines is False
    assert run(db, [GOOD], Config()).prompts == []
    assert spare_lines.tone(db, Config(), NOW) is None


@pytest.mark.usefixtures("voiced")
def test_each_cell_gets_a_few_that_are_heard_once(db: Connection) -> None:
    run(db, numbered(2000))
    waiting = store.stock(db, "neutral")
    assert set(waiting) == {s.name for s in SITUATIONS}
    assert set(waiting.values()) == {spare_lines.STOCK}
    ready = spare_lines.tone(db, ON, NOW)
    assert ready is not None
    heard = [ready("break_due", "neutral") for _ in range(spare_lines.STOCK + 1)]
    assert len(set(heard)) == spare_lines.STOCK + 1
    assert heard[-1] is None


@pytest.mark.usefixtures("voiced")
@pytest.mark.parametrize("said", [
    "You did 3 of them.", "Three of them are done.", "You are lazy.", "It is more than last week.", "no end", "",
    "For {name} it is time.", "{minutes} and {minutes} again.", "“Half a quotation.",
])
def test_what_may_not_be_said_is_not_kept(db: Connection, said: str) -> None:
    run(db, [said])
    assert store.stock(db, "neutral") == {}


@pytest.mark.usefixtures("voiced")
def test_a_line_of_the_bank_is_no_new_one(db: Connection) -> None:
    cell = voices.bank()["break_due"]["neutral"]
    run(db, [cell[0].upper().capitalize()])
    assert not [t for t in store.written(db, "break_due", "neutral") if t.lower() == cell[0].lower()]


@pytest.mark.usefixtures("voiced")
def test_it_stops_when_told_or_when_its_time_is_over(db: Connection) -> None:
    stop = threading.Event()
    stop.set()
    first = run(db, numbered(50), stop=stop)
    assert first.prompts == []
    assert first.closed
    assert run(db, numbered(50), budget_s=-1).prompts == []


@pytest.mark.usefixtures("voiced")
def test_a_mild_roast_and_a_pack_keep_their_own_lines(db: Connection) -> None:
    mild = replace(ON, nudge=NudgeConfig(mode="roast", humour=1, hold_out=0))
    assert run(db, [GOOD], mild).prompts == []
    store.add(db, "break_due", "roast", [GOOD], NOW)
    ready = spare_lines.tone(db, mild, NOW)
    assert ready is not None
    assert ready("break_due", "roast") is None


def test_a_nudge_says_one_and_the_bank_speaks_when_there_is_none(db: Connection) -> None:
    store.add(db, "break_due", "neutral", ["Up, after {minutes}."], NOW)
    choice = Choice("break_due", "break", None, {"minutes": "1 hour 40 minutes"})
    spoken = nudging.voice(db, ON)
    tone = spare_lines.tone(db, ON, NOW)
    first, second = (nudging.word(db, ON, NOW, choice, spoken, tone) for _ in range(2))
    assert (first.source, first.text) == ("llm", "Up, after 1 hour 40 minutes.")
    assert second.source == "bank"


def test_what_was_heard_is_never_kept_again(db: Connection) -> None:
    assert store.add(db, "break_due", "neutral", [GOOD], NOW) == 1
    assert store.take(db, "break_due", "neutral", NOW) == GOOD
    assert store.add(db, "break_due", "neutral", [GOOD], NOW) == 0
    assert store.take(db, "break_due", "neutral", NOW) is None


def test_without_the_voice_there_is_nothing_to_write_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spare_lines, "folder", lambda: tmp_path)
    assert spare_lines.there() is False


