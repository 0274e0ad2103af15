"""A nudge in the app: a toast with the bell, and a word from the terminal or tmux where the app's screen may be out of sight."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from coach.core.nudge import Nudge
from coach.engine.delivering import terminal_word
from coach.tui.actions import BY_ID, keys_of

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

WIDTH = 58
"""Columns of text in a toast."""
LEAST_LINES = 2


def show(app: CoachApp, nudge: Nudge, *, in_front: bool) -> str:
    """Show it; called from the jobs thread. `in_front`: the terminal has told that it has the focus. Returns the channel."""
    key = keys_of(BY_ID["nudges.panel"], app.keymap)
    text, whole = brief(nudge.text, app.size.height)
    app.notify(f"{text}\n{key} {'answers it' if whole else 'shows all of it'}", title="Coach", timeout=20, markup=False)
    if app.runtime.config.app.bell:
        app.call_later(app.bell)
    if app.runtime.config.app.terminal_notification:
        app.call_later(_write, app, terminal_word(f"Coach: {nudge.text}", in_front=in_front))
    return "toast"


def brief(text: str, height: int) -> tuple[str, bool]:
    """What of a text a toast says on a screen of so many rows, an eighth of them at most, and whether that is all of it: whole
    sentences as far as they fit, the first one cut where it does not."""
    most = max(LEAST_LINES, height // 8)
    if len(textwrap.wrap(text, WIDTH)) <= most:
        return text, True
    said = ""
    for sentence in re.split(r"(?<=[.!?])\s+(?=\S)", text):
        longer = f"{said} {sentence}".strip()
        if len(textwrap.wrap(longer, WIDTH)) > most:
            break
        said = longer
    return said or " ".join(textwrap.wrap(text, WIDTH, max_lines=most, placeholder=" …")), False


def _write(app: CoachApp, sequence: str) -> None:
    """Past Textual, which draws cells and knows no such sequence."""
    if sequence and app._driver is not None:
        app._driver.write(sequence)
