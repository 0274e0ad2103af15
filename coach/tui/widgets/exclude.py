"""Asks what must never be recorded: which field, which pattern, and how much of it to keep."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

KEPT = "Only the time is kept. Begin with ~ to keep the app's name."
HELP = "Begin with app:, title: or site:, then what to look for. Esc leaves."
PREFIXES = {"app": "app", "title": "title", "url": "url", "site": "url"}


class ExcludeDialog(ModalScreen[tuple[str, str, str] | None]):
    """Returns (field, pattern, action), or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave", show=False)]
    DEFAULT_CSS = """
    ExcludeDialog { align: center middle; }
    ExcludeDialog .dialog { width: 64; max-width: 100%; }
    ExcludeDialog Input { margin: 1 0; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Never record"
            yield Static("app:NAME, title:WORDS or site:ADDRESS. Regular expressions work.", markup=False)
            yield Input(placeholder="title:bank|health", select_on_focus=False)
            yield Static(KEPT, classes="quiet", id="say", markup=False)

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        found = understood(event.value)
        if found is None:
            self.query_one("#say", Static).update(HELP)
            return
        self.dismiss(found)


def understood(text: str) -> tuple[str, str, str] | None:
    """(field, pattern, action) of `~site:example.org`; None when a part is missing."""
    text = text.strip()
    action = "redact" if text.startswith("~") else "drop"
    prefix, colon, pattern = text.removeprefix("~").partition(":")
    field = PREFIXES.get(prefix.strip().casefold())
    pattern = pattern.strip()
    return (field, pattern, action) if field and colon and pattern else None
