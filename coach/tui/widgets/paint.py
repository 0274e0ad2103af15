"""What the drawn widgets share: lines of (text, tone) that are computed without an app, and the tones' colours.

A tone never carries meaning alone: whoever paints also picks a glyph or a word, so that the picture survives NO_COLOR.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

Line: TypeAlias = "list[tuple[str, str]]"
"""Pieces of one row from the left: text and tone ("" is plain)."""

SHADES = "·░▒▓█"
"""Levels 0 to 4 of a heatmap where colours are few or off."""
SQUARES = "·■■■■"
SOLID = "·████"
"""The same where a ramp of one colour tells them apart: squares with a gap beside them, or whole cells."""

LEVEL_WORDS = ("very distracting", "distracting", "neutral", "productive", "very productive")
LEVEL_MARKS = "○◔◑◕●"
LEVEL_BARS = "▁▂▄▆█"
"""Productivity in five steps, by the same index as LEVEL_WORDS: the fuller and the higher, the more productive."""

MOVES: list[BindingType] = [
    Binding(key, name, show=False) for key, name in (
        ("down", "cursor_down"), ("up", "cursor_up"), ("left", "cursor_left"), ("right", "cursor_right"),
        ("home", "first"), ("end", "last"))
]
"""The arrows of a widget with a cursor; the letters beside them are the screen's, which calls the same actions."""

TONES = {
    "": "", "muted": "$text-muted", "faint": "$foreground 30%", "track": "$foreground 18%", "strong": "bold",
    "accent": "bold $accent", "now": "bold $error", "good": "$success", "warn": "$warning", "bad": "$error",
    "cursor": "bold $background on $accent",
    "l0": "$foreground 25%", "l1": "$primary 30%", "l2": "$primary 50%", "l3": "$primary 73%", "l4": "$primary",
    "p0": "$error", "p1": "$warning", "p2": "$foreground 55%", "p3": "$success 75%", "p4": "$success",
    "meeting": "$secondary", "accepted": "bold $primary", "proposed": "italic $primary 75%", "done": "$success",
}
"""Textual's words for the style of each tone over the widget's own. No component classes: the stylesheet would be applied two
dozen times to every drawn widget whenever it is styled, which takes longer than the rest of showing a screen."""


class Painted(Widget):
    """A widget that draws itself from `lines(width, height)`; subclasses call `repaint` when their data changes."""

    DEFAULT_CSS = "Painted { height: auto; width: 1fr; }"

    def lines(self, width: int, height: int) -> list[Line]:
        """The picture for that many cells; `height` is a wish where the widget's own height is automatic."""
        raise NotImplementedError

    @property
    def in_colour(self) -> bool:
        """Whether shades of one colour can be told apart: not with NO_COLOR, nor in 16 colours, nor without an app."""
        return self.is_attached and not self.app.no_color and self.app.console.color_system in ("256", "truecolor")

    _painted: tuple[int, int, list[Line]] | None = None
    _measured: dict[int, list[Line]] | None = None
    """Lines by width, made to know their number: a layout asks for that several times."""
    _tone_styles: dict[str, RichStyle] | None = None

    def repaint(self, *, layout: bool = False) -> None:
        """Draw again; with `layout` also when the number of lines may have changed."""
        self._painted = self._measured = None
        self.refresh(layout=layout)

    def notify_style_update(self) -> None:
        self._tone_styles = self._painted = self._measured = None
        super().notify_style_update()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        if self._measured is None:
            self._measured = {}
        if width not in self._measured:
            self._measured[width] = self.lines(width, 0)
        return len(self._measured[width])

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._painted is None or self._painted[:2] != (width, height):
            self._painted = (width, height, self._lines_measured(width, height) or self.lines(width, height))
        painted = self._painted[2]
        return self._strip(painted[y] if y < len(painted) else [], width)

    def _lines_measured(self, width: int, height: int) -> list[Line] | None:
        """What was drawn to know its height, where it got just that."""
        lines = (self._measured or {}).get(width) if self.styles.is_auto_height else None
        return lines if lines is not None and len(lines) == height else None

    def _strip(self, line: Line, width: int) -> Strip:
        segments = [Segment(text, self._style(tone)) for text, tone in line if text]
        return Strip(segments).adjust_cell_length(width, self._style(""))

    def _style(self, tone: str) -> RichStyle:
        if self._tone_styles is None:
            self._tone_styles = {}
        if tone not in self._tone_styles:
            self._tone_styles[tone] = style_of(tone, self.visual_style, self.app.theme_variables)
        return self._tone_styles[tone]


def style_of(tone: str, ground: Style, theme: Mapping[str, str]) -> RichStyle:
    """The tone over the style of a widget, in the colours of a theme (its variables)."""
    # Textual itself, where it puts in a variable, drops how strong a colour is that it leaves to the ground ("auto 60%").
    own = Style.parse(re.sub(r"\$([\w-]+)", lambda name: theme[name[1]], TONES[tone]))
    if own.foreground is not None and own.foreground.auto and ground.background is not None:
        own = replace(own, foreground=ground.background.get_contrast_text(own.foreground.a))
    return (ground + own).rich_style


class Words(Painted):
    """Ready lines of text, each cut to the width, or with `wrap` continued below; for facts beside the pictures."""

    def __init__(self, *, id: str | None = None, wrap: bool = False) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._wrap = wrap

    def show(self, lines: list[Line]) -> None:
        self._lines = lines
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if self._wrap:
            return [row for line in self._lines for row in wrapped(line, width)]
        return [_cut(line, width) for line in self._lines]


_BEGIN = re.compile(r"\s*(?:(?:[·◇◆▸▲✓◷]|\d{1,2}\.)\s+)?")
_WORD = re.compile(r"\s*(?:n = \S+|\S+)|\s+$")
"""A count and its number stay together."""


def wrapped(line: Line, width: int) -> list[Line]:
    """The line in as many rows as it needs, broken between words; a word longer than a row is cut. What follows stands under the
    first word, behind a bullet or a number."""
    begin = _BEGIN.match(clean(line[0][0])) if line else None
    hang = min(cell_len(begin[0]) if begin else 0, width // 4)
    rows: list[Line] = [[]]
    room = width
    for text, tone in line:
        for piece in _WORD.findall(clean(text)):
            if cell_len(piece) > room and rows[-1]:
                rows.append([(" " * hang, "")] if hang else [])
                room, piece = width - hang, piece.lstrip()
            if cell_len(piece) > room:
                piece = fit(piece, room)
            rows[-1].append((piece, tone))
            room -= cell_len(piece)
    return rows


def _cut(line: Line, width: int) -> Line:
    """The pieces that fit, the last one with an ellipsis."""
    found: Line = []
    for text, tone in line:
        text = clean(text)
        if cell_len(text) >= width:
            return [*found, (fit(text, width), tone)]
        found.append((text, tone))
        width -= cell_len(text)
    return found


def clean(text: str) -> str:
    """Without control, format and surrogate characters and odd spaces: they could move the cursor or reverse a line."""
    if text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in text)


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded, or cut with an ellipsis."""
    text = clean(text)
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)


def right(text: str, width: int) -> str:
    """Exactly `width` cells, flush right."""
    text = clean(text)
    return fit(text, width) if cell_len(text) > width else " " * (width - cell_len(text)) + text


def bar(share: float, width: int) -> tuple[str, str]:
    """Filled and empty part of a bar of `width` cells, in halves of a cell; more than nothing is never empty."""
    share = min(1.0, max(0.0, share))
    halves = max(1 if share else 0, round(share * width * 2))
    filled = "━" * (halves // 2) + ("╸" if halves % 2 else "")
    return filled, "─" * (width - len(filled))


def plain(lines: list[Line]) -> list[str]:
    """The words and glyphs alone, for tests and for copying."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def productivity(level: float) -> int:
    """The step 0 to 4 of a productivity level, for LEVEL_MARKS, LEVEL_BARS and the tones p0 to p4."""
    return max(0, min(4, round(level * 4)))
