"""What a wish would change, waiting for a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import Static

from coach.tui.actions import ACTIONS, bindings, keys_of
from coach.tui.widgets.paint import clean

BY_WORDS = '"yes" and enter: do it · other words leave it'
"""How it is decided from the field in which one types."""


class ProposalBox(Static, can_focus=True):
    """The difference in lines; the first key decides, later ones find nothing to do. What prints is the beginning of what is said
    next, no key: who types "yesterday I ..." has not agreed, and neither wants a screen who types "2pm is better"."""

    DEFAULT_CSS = """
    ProposalBox { height: auto; margin: 0 1 1 1; padding: 0 1; border: round $border-blurred; }
    ProposalBox:focus { border: round $primary; }
    ProposalBox.-over { color: $text-muted; border: round $border-blurred; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("proposal")

    class Decided(Message):
        """Do it, or forget it."""

        def __init__(self, box: ProposalBox, *, yes: bool) -> None:
            super().__init__()
            self.box, self.yes = box, yes

    class Typed(Message):
        """A character of the next question."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self, text: str, keymap: Mapping[str, str]) -> None:
        super().__init__("\n".join(clean(line) for line in text.split("\n")), markup=False)
        self.text = text
        self.is_over = False
        self._keys = " · ".join(f"{keys_of(a, keymap)} {a.title}" for a in ACTIONS if a.scope == "proposal")
        self.border_subtitle = BY_WORDS

    def on_focus(self) -> None:
        self._say_how(self._keys)

    def on_blur(self) -> None:
        self._say_how(BY_WORDS)

    def _say_how(self, words: str) -> None:
        if not self.is_over:
            self.border_subtitle = words

    def close(self, words: str) -> None:
        """It is decided; `words` say how."""
        self.is_over = True
        self.border_subtitle = words
        self.add_class("-over")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        prints = character is not None and character.isprintable()
        return prints and not self.is_over and key not in self._bindings.key_to_bindings

    def on_key(self, event: Key) -> None:
        if event.character is not None and self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed(event.character))

    def action_proposal_apply(self) -> None:
        self.decide(yes=True)

    def action_proposal_drop(self) -> None:
        self.decide(yes=False)

    def decide(self, *, yes: bool) -> None:
        if not self.is_over:
            self.post_message(self.Decided(self, yes=yes))
