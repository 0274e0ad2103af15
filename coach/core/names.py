"""What can be the name of a project or label."""

from __future__ import annotations


def is_name(text: str) -> bool:
    """Whether the text has a letter or a picture: #home and #🏠 are names, #1 is a number and #- nothing."""
    if any(c.isalpha() for c in text):
        return True
    if text.isascii():
        return False
    from unicodedata import category  # 1 ms, for texts of signs alone

    return any(category(c) == "So" for c in text)
