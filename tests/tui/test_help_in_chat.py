"""Help in the chat pane: a step that a key does, and a trusted model's line under it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from coach.config import Config, LanguageModelConfig
from coach.engine import focusing, tasks
from coach.engine.models import Models
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.widgets.chat import Bubble
from coach.tui.widgets.proposal import ProposalBox
from tests.engine import filled
from tests.ml.scripted import Scripted
from tests.tui.driving import press, running, type_text


class ChatApp(CoachApp):
    DEFAULT_MODE = "coach"


@pytest.fixture
def now() -> datetime:
    return filled.NOW


async def test_a_step_is_done_by_a_key_and_the_line_stands_under_it(
    runtime: Runtime, db: Connection, now: datetime, tmp_path: Path
) -> None:
    config = Config(language_model=LanguageModelConfig(timeout_s=0.5))
    line = "You can begin with {n1} and see from there."
    runtime.models = Models(config, folder=tmp_path / "none", language_model=Scripted([line]), trusted=True)
    tasks.add(db, "Reply to Anna ~10m", config, now, runtime.tz)
    async with running(ChatApp(runtime)) as pilot:
        await type_text(pilot, "motivate me")
        await press(pilot, "enter")
        lines = [(b.side, b.text) for b in pilot.app.screen.query(Bubble)]
        assert lines[0] == ("me", "motivate me")
        assert "One step" in lines[1][1]
        assert ("tone", "You can begin with “Reply to Anna” and see from there.") in lines
        assert focusing.running(db, now) is None
        assert len(pilot.app.screen.query(ProposalBox)) == 1
        await press(pilot, "enter")
        assert focusing.running(db, now) is not None
