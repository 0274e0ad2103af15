"""Where the chat pane's answers come from: one conversation of this process, on whichever surface it is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.tui.widgets.chat import Asker

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


def asker(app: CoachApp) -> Asker:
    """Answers questions in the caller's thread, with a connection of its own. Models are loaded by the first question."""
    from coach.engine import chat  # the router's and the queries' modules: only for who chats
    from coach.engine.models import Models

    runtime = app.runtime
    if runtime.models is None:
        runtime.models = Models(runtime.config)
    return chat.conversation(runtime.unlocked, runtime.config, runtime.tz, runtime.models, app.now)
