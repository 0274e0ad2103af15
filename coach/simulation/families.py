"""Families of people that differ in the form of their laws, so that a model trained on one can be tried on another.

A is what models train on. B has other functional forms throughout and is never trained on. Placebo people have no
structure at all: any pattern found in them is a false one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, pi
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.core.errors import InvalidInput
from coach.simulation.person import Person

if TYPE_CHECKING:
    from numpy.random import Generator

    Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Family:
    """`energy(person, hours)` is the mean energy over the hours of a day; `shocks(rng, n)` unit-variance noise;
    `dwell(rng, n)` positive factors of mean 1 for lengths of stay; `utility(expectancy, value, gamma, days)` what
    drives a task; `tiring(hours of work)` how recent work adds up; `pressing(load)` what deadlines lend, 0 to 1;
    `structured` is False where time of day, weekday and state mean nothing."""

    name: str
    energy: Callable[[Person, Array], Array]
    shocks: Callable[[Generator, Any], Array]
    dwell: Callable[[Generator, int], Array]
    utility: Callable[[float, float, float, float], float]
    tiring: Callable[[Array], Array]
    pressing: Callable[[Array], Array]
    structured: bool = True


def family_named(name: str) -> Family:
    """Raises InvalidInput for a name other than A, B or placebo."""
    try:
        return _FAMILIES[name]
    except KeyError as error:
        raise InvalidInput(f"there is no family {name!r}", "families are A, B and placebo") from error


def _cosine(person: Person, hours: Array) -> Array:
    daily = person.amplitude * np.cos(2 * pi * (hours - person.peak_h) / 24)
    levels: Array = person.base + daily - person.dip * np.exp(-((hours - person.dip_h) ** 2) / 2)
    return levels


def _plateaus(person: Person, hours: Array) -> Array:
    """Piecewise linear: up to a plateau around the peak, a notch after lunch, down to a floor at night."""
    high, low = person.base + person.amplitude, person.base - 1.3 * person.amplitude
    knots_h = np.array([0.0, person.peak_h - 4, person.peak_h - 1, person.peak_h + 1.5, person.peak_h + 7, 28.0])
    level = np.interp(hours, knots_h, np.array([low, low, high, high, low, low]))
    levels: Array = np.where(np.abs(hours - person.dip_h) < 0.75, level - 1.5 * person.dip, level)
    return levels


def _flat(person: Person, hours: Array) -> Array:
    return np.full_like(hours, person.base)


def _normal(rng: Generator, shape: Any) -> Array:
    noise: Array = rng.standard_normal(shape)
    return noise


def _student(rng: Generator, shape: Any) -> Array:
    noise: Array = rng.standard_t(4, shape) / np.sqrt(2.0)
    return noise


def _lognormal(rng: Generator, n: int) -> Array:
    return rng.lognormal(-0.045, 0.3, n)


def _weibull(rng: Generator, n: int) -> Array:
    return rng.weibull(2.0, n) / 0.8862


def _hyperbolic(expectancy: float, value: float, gamma: float, days: float) -> float:
    """Steel and König (2006): E V / (1 + Gamma D)."""
    return expectancy * value / (1 + gamma * days)


def _exponential(expectancy: float, value: float, gamma: float, days: float) -> float:
    """Quasi-hyperbolic (Laibson 1997): what is not due today is discounted at once, then exponentially."""
    return expectancy * value * (0.75 * exp(-0.6 * gamma * days) if days > 0.5 else 1.0)


def _linear(load: Array) -> Array:
    return np.minimum(load, 1.0)


def _late(load: Array) -> Array:
    """Only a deadline at the door counts."""
    return np.minimum(load, 1.0) ** 2.5


def _evenly(hours: Array) -> Array:
    return hours


def _exhausting(hours: Array) -> Array:
    """Nothing for two hours, then twice as much."""
    return 2.0 * np.maximum(hours - 2.0, 0.0)


_FAMILIES = {
    "A": Family("A", _cosine, _normal, _lognormal, _hyperbolic, _evenly, _linear),
    "B": Family("B", _plateaus, _student, _weibull, _exponential, _exhausting, _late),
    "placebo": Family(
        "placebo", _flat, _normal, _lognormal, lambda e, v, g, d: 0.3, np.zeros_like, np.zeros_like, structured=False),
}
