"""One line about now, for status bars and prompts: who is at work on what, how long today. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coach.core.record import Record

Form = Literal["tmux", "waybar", "prompt", "plain"]
FORMS: tuple[Form, ...] = ("tmux", "waybar", "prompt", "plain")

_MARKS = {"on": "●", "paused": "‖", "off": "○", "no consent": "○"}
_COLOURS = {"on": "green", "paused": "yellow", "off": "red", "no consent": "default"}
_ACTIVE = str.maketrans("", "", "%$`\\!")
"""What a shell may still expand inside a prompt."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Glance(Record):
    """`state` of the tracker is on, paused, off or no consent; `work` the title of the task or session in hand, "" for
    none; `left_s` what is left of the focus session that is on, None without one."""

    state: str
    work: str
    left_s: float | None
    today_s: float


def line(seen: Glance, form: Form, width: int = 40) -> str:
    """The line as that program takes it; the title cut to `width` characters, 0 leaves it out."""
    return {"tmux": _tmux, "waybar": _waybar, "prompt": _prompt, "plain": _plain}[form](seen, width)


def cut(text: str, width: int) -> str:
    """One line of printable text of at most `width` characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= width else f"{text[: width - 1]}…" if width else ""


def _tmux(seen: Glance, width: int) -> str:
    title = cut(seen.work, width).replace("#", "##")  # tmux would read #(…) as a command to run
    left = [] if seen.left_s is None else [f"#[fg=yellow]{_short(seen.left_s)}#[default]"]
    mark = f"#[fg={_COLOURS[seen.state]}]{_MARKS[seen.state]}#[default]"
    return " ".join([mark, _short(seen.today_s), *left, *([title] if title else [])])


def _waybar(seen: Glance, width: int) -> str:
    import json

    left = [] if seen.left_s is None else [_short(seen.left_s)]
    title = cut(seen.work, width)
    text = " ".join([_MARKS[seen.state], _short(seen.today_s), *left, *([title] if title else [])])
    classes = [seen.state.replace(" ", "-"), *(["focus"] if left else [])]
    tooltip = _plain(seen, 200 if width else 0)
    found = {"text": _markup(text), "tooltip": _markup(tooltip), "class": classes, "alt": classes[0]}
    return json.dumps(found, ensure_ascii=False)


def _prompt(seen: Glance, width: int) -> str:
    title = cut(seen.work, min(width, 20)).translate(_ACTIVE)
    left = [] if seen.left_s is None else [_short(seen.left_s)]
    return " ".join([f"{_MARKS[seen.state]}{_short(seen.today_s)}", *left, *([title] if title else [])])


def _plain(seen: Glance, width: int) -> str:
    parts = [cut(seen.work, width), "" if seen.left_s is None else f"{_short(seen.left_s)} of focus left"]
    state = "tracking" if seen.state == "on" else f"tracking {seen.state}" if seen.state != "no consent" else "not tracked"
    return ", ".join([*(p for p in parts if p), f"{_short(seen.today_s)} today", state])


def _short(length_s: float) -> str:
    """`25m`, `3h05`."""
    minutes = round(length_s / 60)
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}"


def _markup(text: str) -> str:
    """Pango reads what stands in a bar as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
