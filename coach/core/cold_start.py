"""What a few answers make likely before anything is measured. Pure. Each prior is weak, named as one wherever it is shown, and
gives way to the person's own data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, exp, log, pi

HOURS = 168
PEAK_H: Mapping[str, float] = {"morning": 9.0, "between": 11.0, "evening": 13.0}
"""Hour of the day of best focus: the means of the three thirds of N(11 h, 1.8 h), the spread of MODELS.md 2 (after the MCTQ,
Roenneberg 2019)."""
LEVEL, AMPLITUDE = 0.45, 0.14
"""Focus of an hour of which nothing is known, and half of the difference between best and worst hour (people differ from 0.08 to
0.20)."""
DIP, DIP_H = 0.065, 14.0
"""The dip after lunch."""
JETLAG_H = 1.0
"""How much later everybody is on a weekend (social jet lag, 0.5 to 1.5 h)."""
PRIOR_HOURS = 8.0
"""Scored hours of one's own that weigh as much as the prior of an hour of the day."""

ANSWERS = 10.0
"""Answers about categories after which the role's prior counts half."""
ROLE_CATEGORIES: Mapping[str, Mapping[str, float]] = {
    "developer": {"Development": 1.6}, "designer": {"Design": 1.6}, "founder": {"Planning": 1.3, "Meeting": 1.3},
    "manager": {"Meeting": 1.4, "Planning": 1.3}, "marketing": {"Writing": 1.3, "Communication": 1.3},
    "researcher": {"Research": 1.6, "Writing": 1.3}, "student": {"Learning": 1.6, "Writing": 1.3},
    "support": {"Communication": 1.4}, "writer": {"Writing": 1.6},
}
"""How much more often than others people of a role have tasks of a category; a judgement, kept small. Others stay at 1."""

ROLE_MINUTES: Mapping[str, float] = {
    "developer": 1.10, "researcher": 1.07, "student": 1.04, "designer": 0.99, "manager": 0.96, "support": 0.85,
}
"""Length of tasks over everybody's, of a title without a known word: geometric means over the tasks of the simulated people of a
role (simulation/vocabulary.py). Roles that are not simulated stay at 1."""


def focus_prior(chronotype: str) -> tuple[float, ...] | None:
    """Focus by hour of the week, Monday 00:00 first, of someone of whom only the chronotype is known:

        f(h) = LEVEL + AMPLITUDE cos(2 pi (h - peak) / 24) - DIP exp(-(h - DIP_H)^2 / 2)

    at the middle of each hour, JETLAG_H later on a weekend. None for an answer that was left out."""
    if chronotype not in PEAK_H:
        return None
    return tuple(
        _focus(hour % 24 + 0.5, PEAK_H[chronotype] + (JETLAG_H if hour >= 120 else 0.0)) for hour in range(HOURS)
    )


def shift_h(chronotype: str) -> int:
    """Hours by which someone's day of focus is later than the usual one; 0 for an answer that was left out."""
    return round(PEAK_H.get(chronotype, PEAK_H["between"]) - PEAK_H["between"])


def blended(prior: Sequence[float], seen: Sequence[tuple[int, float]]) -> tuple[float, ...]:
    """The prior with what was measured: (hour of the week, score) each; an hour of the day gives way to its own scores on all
    weekdays, PRIOR_HOURS of them weigh as much as the prior."""
    total, n = [0.0] * 24, [0] * 24
    for hour, score in seen:
        total[hour % 24] += score - prior[hour]
        n[hour % 24] += 1
    moved = [t / (k + PRIOR_HOURS) for t, k in zip(total, n, strict=True)]
    return tuple(min(1.0, max(0.0, value + moved[hour % 24])) for hour, value in enumerate(prior))


def category_prior(role: str, names: Sequence[str], answers: int) -> list[float]:
    """Log prior of each category beside equal ones; it fades with the person's answers."""
    more = ROLE_CATEGORIES.get(role, {})
    fade = ANSWERS / (ANSWERS + answers)
    return [log(more.get(name, 1.0)) * fade for name in names]


def log_minutes(role: str) -> float:
    """Added to the log minutes of a task of which no word is known."""
    return log(ROLE_MINUTES.get(role, 1.0))


def _focus(h: float, peak: float) -> float:
    return LEVEL + AMPLITUDE * cos(2 * pi * (h - peak) / 24) - DIP * exp(-((h - DIP_H) ** 2) / 2)
