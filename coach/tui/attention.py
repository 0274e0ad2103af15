"""A nudge in the app: a toast with the bell, and a word from the terminal or tmux where the app's screen may be out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.core.nudge import Nudge
from coach.engine.delivering import terminal_word
from coach.tui.actions import BY_ID, keys_of

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


def show(app: CoachApp, nudge: Nudge, *, in_front: bool) -> str:
    """Show it; called from the jobs thread. `in_front`: the terminal has told that it has the focus. Returns the channel."""
    key = keys_of(BY_ID["nudges.panel"], app.keymap)
    app.notify(f"{nudge.text}\n{key} answers it", title="Coach", timeout=20, markup=False)
    if app.runtime.config.app.bell:
        app.call_later(app.bell)
    if app.runtime.config.app.terminal_notification:
        app.call_later(_write, app, terminal_word(f"Coach: {nudge.text}", in_front=in_front))
    return "toast"


def _write(app: CoachApp, sequence: str) -> None:
    """Past Textual, which draws cells and knows no such sequence."""
    if sequence and app._driver is not None:
        app._driver.write(sequence)
