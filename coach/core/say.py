"""Values as words: the only way in which a number gets into a sentence of the chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo


def count(n: int, noun: str, plural: str = "") -> str:
    """ "no tasks", "1 task", "12 tasks"."""
    return f"{n or 'no'} {noun if n == 1 else plural or noun + 's'}"


def share(value: float) -> str:
    """A share as whole per cent, "< 1 %" where there is a little."""
    return "< 1 %" if 0 < value < 0.005 else f"{value * 100:.0f} %"


def score(value: float) -> str:
    """A focus score, 0 to 1, as every screen shows it."""
    return f"{value:.2f}"


def clock(instant: datetime, tz: tzinfo) -> str:
    return f"{instant.astimezone(tz):%H:%M}"


def day(instant: datetime, tz: tzinfo, now: datetime) -> str:
    """ "today", "yesterday", "tomorrow", "Mon 16 Nov", with the year when it is another one."""
    then, here = instant.astimezone(tz).date(), now.astimezone(tz).date()
    near = {here: "today", here - timedelta(days=1): "yesterday", here + timedelta(days=1): "tomorrow"}
    return near.get(then) or f"{then:%a} {then.day} {then:%b}" + (f" {then.year}" if then.year != here.year else "")


def listing(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" and {items[-1]}" if items else ""


def quoted(title: str, most: int = 60) -> str:
    """Somebody's own words in a sentence: one line, no control characters, cut, in quotation marks."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    return f"“{clean if len(clean) <= most else clean[: most - 1].rstrip() + '…'}”"


def name(text: str) -> str:
    """An app, site or project as a sentence shows it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80] or "no name"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bar(value: float, top: float, width: int = 12) -> str:
    """A bar in eighths of a cell, as long beside `width` as the value beside `top`; a little is one eighth."""
    eighths = round(8 * width * value / top) if top > 0 else 0
    whole, rest = divmod(max(eighths, 1 if value > 0 else 0), 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
