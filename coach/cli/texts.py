"""A text that comes as words of a command, or as lines: whole, and with something in it."""

from __future__ import annotations

from collections.abc import Sequence

from coach.core.errors import InvalidInput


def given(words: Sequence[str], noun: str, example: str) -> str:
    """The words as one text. Raises InvalidInput where nothing in it can be read, or where it is longer than a task's."""
    from coach.engine.tasks import MAX_TITLE  # the engine: only where a text has come

    text = storable(" ".join(words))
    if not any(c.isprintable() and not c.isspace() for c in text):
        raise InvalidInput(f"there is no {noun} in that text", f"for example: {example}")
    if len(text) > MAX_TITLE:
        raise InvalidInput(f"that text has {len(text):,} characters", f"a task takes at most {MAX_TITLE:,}")
    return text


def storable(text: str) -> str:
    """Bytes that are no UTF-8 come in as lone surrogates, and JSON can say them too: one character each in their place."""
    return text if text.isascii() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
