"""Where the chat pane's answers come from: one conversation of this process, on whichever surface it is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.tui.widgets.chat import Asker

if TYPE_CHECKING:
    from coach.engine.models import Models
    from coach.tui.app import CoachApp


def models_of(app: CoachApp) -> Models:
    """The models of this process; each is loaded by who first asks for it."""
    from coach.engine.models import Models

    if app.runtime.models is None:
        app.runtime.models = Models(app.runtime.config)
    return app.runtime.models


def asker(app: CoachApp) -> Asker:
    """Answers questions in the caller's thread, with a connection of its own. Models are loaded by the first question."""
    from coach.engine import chat  # the router's and the queries' modules: only for who chats

    runtime = app.runtime
    return chat.conversation(runtime.unlocked, runtime.config, runtime.tz, models_of(app), app.now)
