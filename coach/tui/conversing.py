"""Where the chat pane's answers come from: one conversation of this process, on whichever surface it is held; and what its
messages ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from coach.core.errors import CoachError
from coach.tui.widgets.chat import Asker, ChatPane, Piece

if TYPE_CHECKING:
    from coach.engine.conversing import Conversation
    from coach.engine.models import Models
    from coach.tui.app import CoachApp


def models_of(app: CoachApp) -> Models:
    """The models of this process; each is loaded by who first asks for it."""
    from coach.engine.models import Models

    if app.runtime.models is None:
        app.runtime.models = Models(app.runtime.config)
    return app.runtime.models


def conversation(app: CoachApp) -> Conversation:
    """The conversation of this process; made by the first surface that holds it."""
    from coach.engine.conversing import Conversation  # the router's and the queries' modules: only for who chats

    if app.conversation is None:
        app.conversation = Conversation(app.runtime.config, app.tz, models_of(app))
    return app.conversation


def asker(app: CoachApp) -> Asker:
    """Answers questions in the caller's thread, with a connection of its own. Modules and models are loaded by the first one."""
    def ask(question: str, stop: Event) -> Iterator[Piece]:
        from coach.engine.conversing import listening

        return listening(app.runtime.unlocked, conversation(app), app.now)(question, stop)

    return ask


def serve(app: CoachApp, event: ChatPane.Wanted) -> None:
    """Do what the pane wants."""
    waits = app.conversation is not None and app.conversation.waiting is not None
    if event.what == "do" or (event.what == "yes" and waits):
        _do(app, event)
    elif event.what == "yes":
        event.pane.ask(event.text)
    elif event.what == "leave":
        conversation(app).drop()
    elif event.what == "facts":
        from coach.tui.screens.facts import FactsDialog  # on the first ctrl+g

        app.push_screen(FactsDialog(event.facts))
    elif event.what == "find":
        from coach.tui.screens.chatsearch import ChatSearch  # on the first ctrl+f

        app.push_screen(ChatSearch(), lambda question: event.pane.ask(question) if question else None)
    elif event.what == "rate":
        _rate(app)
    else:
        _export(app)


def _do(app: CoachApp, event: ChatPane.Wanted) -> None:
    """By the app's writer, also where the box stands in another pane."""
    async def run() -> None:
        box = event.box
        try:
            said = await app.write(conversation(app).apply)
        except CoachError as error:
            if box is not None:
                box.close("not done")
            app.complain(error)
            return
        if box is not None:
            box.close("done · undo takes it back")
        event.pane.say(said)

    app.run_worker(run(), group="change")


def _rate(app: CoachApp) -> None:
    from coach.engine import feedback
    from coach.tui.widgets.rating import RatingDialog  # on the first rating

    def keep(rating: int | None) -> None:
        if rating is not None:
            app.change(lambda db, now: feedback.rate(db, feedback.LAST, rating), f"Rated {rating} of 5")

    app.push_screen(RatingDialog(), keep)


def _export(app: CoachApp) -> None:
    """Write the conversation into a Markdown file in the home folder, for its owner's eyes only."""
    async def run() -> None:
        from coach.engine import interchange

        target = Path.home() / f"coach-chat-{app.now().astimezone(app.tz):%Y-%m-%d}.md"
        config, tz = app.runtime.config, app.tz
        try:
            written = await app.read(lambda db, now: interchange.export_to(db, "chat", target, config, now, tz))
        except (CoachError, OSError) as error:
            app.notify(f"The conversation was not written: {error}", severity="error", markup=False)
            return
        app.notify(f"Written to {written}", markup=False)

    app.run_worker(run(), group="export")
