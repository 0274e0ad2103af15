"""What each net and its baselines are worth after 0, 3, 7, 14, 30 and 90 days, as a picture for the README.

    python tests/bench/cold_start.py data/cold_start.svg

Every figure is read from the models' cards (`metrics`, family A), into which `coach lab examine NAME` writes what the exams on
simulated people found; nothing is measured here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from coach.config import shipped
from coach.engine.exams import graph, whatif
from coach.ml import card

DAYS = (0, 3, 7, 14, 30, 90)
WIDE, HIGH = 470, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 150, 52, 40
INK, FAINT, GRID = "#1f2328", "#656d76", "#d8dee4"
COLORS = ("#0969da", "#bf3989", "#1a7f37", "#9a6700", "#656d76")
LABEL_GAP = 14

Points = list[float | None]


@dataclass(frozen=True)
class Panel:
    """`curves` by name, one value for each of DAYS; None where there is nothing to measure."""

    title: str
    measure: str
    people: int
    curves: Mapping[str, Points]


def panels() -> list[Panel]:
    about = {name: card.read(shipped("models", name))["metrics"]["A"] for name in ("focus", "graph", "patterns", "whatif")}
    rows = {row["day"]: row["rmse"] for row in about["focus"]["cold start"]}
    return [
        Panel("Focus forecast", "RMSE of an active hour's focus, less is better", about["focus"]["people"], {
            label: [rows.get(day, {}).get(name) for day in DAYS]
            for label, name in (("LSTM", "model"), ("gradient boosting", "trees"), ("ridge", "ridge"), ("profile", "profile"),
                                ("oracle", "oracle"))
        }),
        Panel("Workflow graph", "accuracy on places that no rule names, more is better",
              min(about["graph"]["users"], graph.COLD_START_PEOPLE), curves(about["graph"]["cold_start"], {
                  "GNN": "accuracy graph net", "regression": "accuracy feature-only regression",
                  "majority": "accuracy majority"})),
        Panel("Patterns of days", "share of a person's habits that are shown, more is better",
              about["patterns"]["cold_start"]["people"], curves(about["patterns"]["cold_start"]["days"], {
                  "CNN": "model rightly", "rules": "rules rightly", "CNN, not theirs": "model falsely",
                  "rules, not theirs": "rules falsely"})),
        Panel("What if", "mean error of the promised gain in focus, less is better",
              min(about["whatif"]["users"], whatif.COLD_START_PEOPLE),
              curves(about["whatif"]["cold_start"], {"WGAN-GP": "net", "own days": "resampling"})),
    ]


def curves(by_day: Mapping[str, Mapping[str, float]], names: Mapping[str, str]) -> dict[str, Points]:
    return {label: [by_day.get(str(day), {}).get(name) for day in DAYS] for label, name in names.items()}


def drawn(panel: Panel, left: int, top: int) -> list[str]:
    """One chart: days at equal distances, a scale that holds every value, names at the ends of the curves."""
    values = [v for points in panel.curves.values() for v in points if v is not None]
    step, digits = scale(max(values) - min(values))
    low, high = floor(min(values) / step) * step, ceil(max(values) / step) * step

    def x(n: int) -> float:
        return left + LEFT + n * (WIDE - LEFT - RIGHT) / (len(DAYS) - 1)

    def y(value: float) -> float:
        return top + TOP + (high - value) / (high - low) * (HIGH - TOP - BOTTOM)

    lines = [text(left + LEFT, top + 18, panel.title, INK, 15, weight=600),
             text(left + LEFT, top + 35, f"{panel.measure}; n = {panel.people} people", FAINT, 11)]
    for n in range(round((high - low) / step) + 1):
        value = low + n * step
        lines += [f'<path d="M{left + LEFT} {y(value):.1f}H{x(len(DAYS) - 1):.1f}" stroke="{GRID}"/>',
                  text(left + LEFT - 6, y(value) + 4, f"{value:.{digits}f}", FAINT, 11, "end")]
    lines += [text(x(n), top + HIGH - BOTTOM + 18, str(day), FAINT, 11, "middle") for n, day in enumerate(DAYS)]
    lines.append(text(x(len(DAYS) - 1) + 12, top + HIGH - BOTTOM + 18, "days of history", FAINT, 11))
    ends = {name: y(last(points)) for name, points in panel.curves.items()}
    for color, (name, points) in zip(COLORS, panel.curves.items(), strict=False):
        at = [(x(n), y(v)) for n, v in enumerate(points) if v is not None]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in at)
        lines.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{color}"/>' for a, b in at]
        lines.append(text(x(len(DAYS) - 1) + 12, apart(ends)[name] + 4, f"{name} {last(points):.{max(3, digits)}f}", color, 11))
    return lines


def scale(span: float) -> tuple[float, int]:
    """A round step between lines with four to seven of them in `span`, and the digits that it needs."""
    ten = floor(log10(span / 4))
    step = max(s * 10**ten for s in (1, 2, 5) if s * 10**ten <= span / 4)
    return step, max(0, -ten)


def last(points: Sequence[float | None]) -> float:
    return next(v for v in reversed(points) if v is not None)


def apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Heights of the names, none on another."""
    found: dict[str, float] = {}
    for name, at in sorted(ends.items(), key=lambda end: end[1]):
        found[name] = max([at, *(other + LABEL_GAP for other in found.values())])
    return found


def text(x: float, y: float, words: str, color: str, size: int, anchor: str = "start", weight: int = 400) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(words)}</text>')


def picture(of: Sequence[Panel], draw: Callable[[Panel, int, int], list[str]] = drawn) -> str:
    wide, high = 2 * WIDE, (len(of) + 1) // 2 * HIGH
    parts: list[Any] = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
    ]
    for n, panel in enumerate(of):
        parts += draw(panel, n % 2 * WIDE, n // 2 * HIGH)
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(panels()), encoding="utf-8")
