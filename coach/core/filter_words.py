"""The words of a filter: quotes and parentheses, and Taskwarrior's operators (due < fri, project = home) as the attributes
with modifiers that they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_LINE_WORD = re.compile(r"""/[^/]+/(?!\S)|(?:[^\s"']|"[^"]*"|'[^']*')+|\S+""")
_MODIFIER = {
    "<": ".before", "<=": ".by", ">": ".after", "=": "", "==": ".is", "!=": ".not", "!==": ".isnt", "~": ".has", "!~": ".hasnt",
}
_GLUED = re.compile(r"([A-Za-z]+)(<=|>=|!==|==|!=|!~|=|<|>|~)(.+)", re.DOTALL)


def line_words(text: str) -> list[str]:
    """A filter line as words; quotes and /slashes/ hold words together."""
    words: list[str] = _LINE_WORD.findall(text)
    return [w if w.startswith("/") else w.replace('"', "").replace("'", "") for w in words]


def split_words(words: list[str]) -> list[str]:
    """Parentheses, and a ! before them, as words of their own."""
    found: list[str] = []
    for word in words:
        if word.startswith("!("):
            found.append("!")
            word = word[1:]
        while word.startswith("(") and len(word) > 1:
            found.append("(")
            word = word[1:]
        tail = 0
        while word.endswith(")") and len(word) > 1 and "(" not in word and not word.startswith("/"):
            word, tail = word[:-1], tail + 1
        found += [word, *[")"] * tail]
    return [word for word in found if word]


def plain(words: Sequence[str], is_field: Callable[[str], bool]) -> list[str]:
    """The words with each NAME OPERATOR VALUE, in one word or three, as NAME.modifier:VALUE; other words stay as they are."""
    found: list[str] = []
    at = 0
    while at < len(words):
        if at + 2 < len(words) and (words[at + 1] in _MODIFIER or words[at + 1] == ">=") and is_field(words[at].lower()):
            found += _condition(*words[at:at + 3])
            at += 3
            continue
        glued = _GLUED.fullmatch(words[at])
        found += _condition(*glued.groups()) if glued and is_field(glued[1].lower()) else [words[at]]
        at += 1
    return found


def _condition(name: str, operator: str, value: str) -> list[str]:
    if operator == ">=":
        return ["(", f"{name}.any:", "!", f"{name}.before:{value}", ")"]
    return [f"{name}{_MODIFIER[operator]}:{value}"]
