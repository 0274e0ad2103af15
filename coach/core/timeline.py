"""From source events, which overlap, to the timeline: one state at a time.

At each instant the highest layer wins: manual entries, then a browser tab, editor or terminal seen inside its own
window, then the window, then a terminal or editor on its own. Time away (no input) cuts, except under a context whose
idle policy says that watching or talking is not being away.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["manual", "window", "tab", "editor", "terminal"]

BROWSERS = frozenset({
    "firefox", "firefox-esr", "navigator", "librewolf", "waterfox", "zen", "chromium", "chromium-browser", "google-chrome",
    "chrome", "brave", "brave-browser", "vivaldi", "vivaldi-stable", "opera", "microsoft-edge", "msedge", "epiphany",
    "safari", "arc", "qutebrowser", "falkon", "konqueror", "min", "thorium-browser",
})
TERMINALS = frozenset({
    "xterm", "uxterm", "gnome-terminal", "gnome-terminal-server", "konsole", "alacritty", "kitty", "wezterm",
    "wezterm-gui", "foot", "terminator", "tilix", "xfce4-terminal", "urxvt", "rxvt", "st", "iterm2", "terminal",
    "ghostty", "windowsterminal", "kgx", "ptyxis", "lxterminal", "mate-terminal", "guake", "yakuake", "terminology",
})
EDITORS = frozenset({
    "code", "code-oss", "codium", "vscodium", "emacs", "gvim", "nvim-qt", "neovide", "subl", "sublime_text", "zed", "kate",
    "gedit", "jetbrains-idea", "jetbrains-pycharm", "pycharm", "idea", "webstorm", "clion", "goland", "cursor", "helix",
})


CUT_MS = 12 * 3_600_000
"""Rows end at UTC noon and midnight at the latest, so that a query knows how far back a row can reach."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Milliseconds [start, end) of one context, as one bucket saw it."""

    start_ms: int
    end_ms: int
    kind: Kind
    context: int
    bucket: int


def inside(kind: Kind, app: str) -> bool:
    """Whether a detail of that kind can live inside a window of that application."""
    name = app.lower()
    if kind == "tab":
        return name in BROWSERS
    if kind == "editor":
        return name in EDITORS or name in TERMINALS
    return kind == "terminal" and name in TERMINALS


def derive(
    stretches: Sequence[Stretch],
    away: Sequence[tuple[int, int]],
    app_of: Callable[[int], str],
    watches: Callable[[int], bool] = lambda context: False,
    within: tuple[int, int] | None = None,
) -> list[Stretch]:
    """The timeline of these stretches: sorted, without overlap, neighbours of one context joined, cut to `within`.

    Stretches come whole, with those of one start in the order in which they arrived: of two in one layer the later
    start wins, then the later arrival. `app_of(context)` names the application; `watches(context)` is true
    where no input does not mean away.
    O(n log n) and a state at an instant depends only on the stretches that cover it."""
    edges = _edges(stretches, away, within)
    starting = sorted((s for s in stretches if s.end_ms > s.start_ms), key=lambda s: s.start_ms)
    absent = sorted(a for a in away if a[1] > a[0])
    line: list[Stretch] = []
    active: list[Stretch] = []
    gone: list[tuple[int, int]] = []
    next_start = next_away = 0
    for left, right in itertools.pairwise(edges):
        while next_start < len(starting) and starting[next_start].start_ms <= left:
            active.append(starting[next_start])
            next_start += 1
        while next_away < len(absent) and absent[next_away][0] <= left:
            gone.append(absent[next_away])
            next_away += 1
        active = [s for s in active if s.end_ms > left]
        gone = [a for a in gone if a[1] > left]
        best = _top(active, app_of) if active else None
        if best is None or (gone and best.kind != "manual" and not watches(best.context)):
            continue
        last = line[-1] if line else None
        if last and last.end_ms == left and left % CUT_MS and (last.context, last.bucket) == (best.context, best.bucket):
            line[-1] = Stretch(last.start_ms, right, best.kind, best.context, best.bucket)
        else:
            line.append(Stretch(left, right, best.kind, best.context, best.bucket))
    return line


def _edges(
    stretches: Sequence[Stretch], away: Sequence[tuple[int, int]], within: tuple[int, int] | None
) -> list[int]:
    edges = {t for s in stretches for t in (s.start_ms, s.end_ms)} | {t for a in away for t in a}
    if within:
        edges = {min(max(t, within[0]), within[1]) for t in edges}
    if edges:
        low, high = min(edges), max(edges)
        edges.update(range((low // CUT_MS + 1) * CUT_MS, high, CUT_MS))
    return sorted(edges)


def _top(active: Sequence[Stretch], app_of: Callable[[int], str]) -> Stretch | None:
    if len(active) == 1:
        only = active[0]
        return None if only.kind == "tab" else only
    newest: dict[Kind, Stretch] = {}
    for stretch in active:  # of two in one layer the later start is the present one
        held = newest.get(stretch.kind)
        if held is None or stretch.start_ms >= held.start_ms:
            newest[stretch.kind] = stretch
    if "manual" in newest:
        return newest["manual"]
    window = newest.get("window")
    if window is not None:
        details: tuple[Kind, ...] = ("tab", "editor", "terminal")
        for kind in details:
            if kind in newest and inside(kind, app_of(window.context)):
                return newest[kind]
        return window
    return newest.get("editor") or newest.get("terminal")
