"""What was said before: its last lines, searched, and written out as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.when import parse_iso
from coach.store import chat as store
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer; `question` is "" for what Coach said by itself. `tone` is the line under the answer."""

    at: datetime
    question: str
    answer: str
    tone: str = ""
    facts: tuple[dict[str, Any], ...] = ()


def past(db: Connection, limit: int = 40) -> tuple[tuple[str, str], ...]:
    """(side, text) of the newest lines, oldest first; side is me, coach or tone."""
    lines: list[tuple[str, str]] = []
    for row in store.latest(db, limit):
        lines.append(("me" if row["role"] == "user" else "coach", row["text"]))
        if line := (row["data"] or {}).get("tone"):
            lines.append(("tone", line["text"]))
    return tuple(lines)


def found(db: Connection, words: str, most: int) -> list[Exchange]:
    """Exchanges whose question or answer holds all the words, newest first; without words the last ones."""
    wanted = words.casefold().split()
    kept: list[Exchange] = []
    for exchange in _backwards(db):
        text = f"{exchange.question} {exchange.answer} {exchange.tone}".casefold()
        if all(word in text for word in wanted):
            kept.append(exchange)
            if len(kept) == most:
                break
    return kept


def markdown(db: Connection, tz: ZoneInfo) -> Iterator[str]:
    """The whole conversation, oldest first: a heading for each day, questions as quotations, facts as a list."""
    yield "# Coach: what was said\n"
    day = ""
    for exchange in reversed(list(_backwards(db))):
        local = exchange.at.astimezone(tz)
        if (this := f"{local:%A}, {local.day} {local:%B %Y}") != day:
            day = this
            yield f"\n## {day}\n"
        yield f"\n**{local:%H:%M}**" + (f" {_plain(exchange.question)}\n" if exchange.question else "\n")
        yield "\n" + "\n".join(_plain(line) for line in exchange.answer.split("\n")) + "\n"
        if exchange.tone:
            yield f"\n*{_plain(exchange.tone)}*\n"
        for n, fact in enumerate(exchange.facts, 1):
            about = " · ".join(str(fact[name]) for name in ("metric", "entity", "period") if fact.get(name))
            yield f"{chr(10) if n == 1 else ''}{n}. {_plain(str(fact.get('text', '')))} ({_plain(about)})\n"


def _backwards(db: Connection) -> Iterator[Exchange]:
    """Exchanges, the newest first."""
    answer: dict[str, Any] | None = None
    for row in store.backwards(db):
        if row["role"] == "coach":
            if answer is not None:
                yield _exchange(answer, "")
            answer = row
        elif answer is not None:
            yield _exchange(answer, row["text"])
            answer = None
    if answer is not None:
        yield _exchange(answer, "")


def _exchange(answer: dict[str, Any], question: str) -> Exchange:
    data = answer["data"] or {}
    tone = (data.get("tone") or {}).get("text", "")
    return Exchange(parse_iso(answer["at"]), question, answer["text"], tone, tuple(data.get("facts") or ()))


def _plain(text: str) -> str:
    """A line of text that is no Markdown and no HTML."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in " ".join(text.split()))
