"""What widgets and workers tell the app. A high-rate message replaces its elder in the queue."""

from __future__ import annotations

from textual.message import Message


class Changed(Message):
    """Something in the store or the runtime changed; `what` is a word such as "task", "event" or "nudge"."""

    bubble = False

    def __init__(self, what: object = None) -> None:
        super().__init__()
        self.what = what

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)
