"""Which of two models is better on one person's days, and whether that is sure enough to change anything.

Losses come by day, smaller is better. Days are the unit: the hours of one day share its sleep, its meetings and its mood.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist, fmean, stdev

WINDOW_DAYS = 28
"""Of the rolling score that decides who serves (MODELS.md 0.1)."""
GATE_DAYS = 14
"""Of the paired test before a promotion (MODELS.md 1.12)."""
ENOUGH_DAYS = 7
"""Fewer scored days decide nothing."""
TOLERANCE = 0.02
"""A model whose loss is larger than the baseline's by more than this share hands over to it."""
WORST_CASE = 0.02
"""A candidate may lose no more than this share on any case of the frozen regression set."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`gain` is the mean of (other - own) over `days` paired days: above 0 own is better. `se` is its standard error."""

    days: int
    own: float
    other: float
    gain: float
    se: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of the gain, by Student's t."""
        return self.gain - t_quantile(0.975, self.days - 1) * self.se

    @property
    def high(self) -> float:
        return self.gain + t_quantile(0.975, self.days - 1) * self.se

    @property
    def skill(self) -> float:
        """1 - own / other; 0 where there is nothing to compare."""
        return 1 - self.own / self.other if self.days and self.other > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`yes` says whether to; `why` in words."""

    yes: bool
    why: str


def compare(own: Mapping[date, float], other: Mapping[date, float]) -> Compared:
    """Paired over the days that both have; days with a loss that is not finite are left out."""
    days = [d for d in own if d in other and math.isfinite(own[d]) and math.isfinite(other[d])]
    if not days:
        return Compared(0, math.nan, math.nan, 0.0, math.inf)
    gains = [other[d] - own[d] for d in days]
    se = stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.inf
    return Compared(len(days), fmean(own[d] for d in days), fmean(other[d] for d in days), fmean(gains), se)


def who_serves(found: Compared, serving: bool, prior: bool, tolerance: float = TOLERANCE) -> Verdict:
    """Whether the model serves, of its comparison with the baseline over the last WINDOW_DAYS.

    Never where it is worse by more than `tolerance`; one that does not serve has to be better to come back. Too few days
    leave it to `prior`: what the exam on simulated people said.
    """
    if found.days < ENOUGH_DAYS:
        said = "won its exam on simulated people" if prior else "did not win its exam on simulated people"
        return Verdict(prior, f"{_days(found.days)} scored so far, fewer than {ENOUGH_DAYS}; it {said}")
    measured = f"over {_days(found.days)} its loss is {found.own:.4g}, the baseline's {found.other:.4g}"
    if found.own > found.other * (1 + tolerance):
        return Verdict(False, f"{measured}: worse by {found.own / found.other - 1:.0%}" if found.other else measured)
    if serving or found.gain > 0:
        return Verdict(True, measured)
    return Verdict(False, f"{measured}: not better")


def gate(
    found: Compared, regression: Mapping[str, float], regression_before: Mapping[str, float], worst: float = WORST_CASE
) -> Verdict:
    """Whether a candidate may replace the active model: better by more than one standard error on the days that it has not
    seen, and by no more than `worst` worse on each frozen case."""
    case, loss = worst_case(regression, regression_before)
    if loss > worst:
        return Verdict(False, f"worse by {loss:.1%} on the frozen case {case}")
    if found.days < ENOUGH_DAYS:
        return Verdict(False, f"{_days(found.days)} to judge it by, fewer than {ENOUGH_DAYS}")
    words = f"gain {found.gain:.3g} a day over {_days(found.days)}, standard error {found.se:.2g}"
    return Verdict(found.gain > found.se, words)


def worst_case(regression: Mapping[str, float], before: Mapping[str, float]) -> tuple[str, float]:
    """(case, share by which it got worse) of the frozen set; a case that is missing or not finite is infinitely worse."""
    shares = {
        case: (regression.get(case, math.inf) - loss) / loss if loss > 0 else (math.inf if regression.get(case, 1) > 0 else 0.0)
        for case, loss in before.items()
    }
    shares = {case: share if math.isfinite(share) else math.inf for case, share in shares.items()}
    return max(shares.items(), key=lambda item: item[1], default=("", 0.0))


def on_new_arm(seed: int, day: date) -> bool:
    """Which of two arms a day belongs to in a switchback experiment (Bojinov, Simchi-Levi & Zhao 2023): drawn by `seed` for
    each pair of days, one of each, so that both arms have as many days and neither the same weekdays."""
    pair, place = divmod(day.toordinal(), 2)
    drawn = hashlib.sha256(f"{seed}:{pair}".encode()).digest()[0] & 1
    return bool(place ^ drawn)


@dataclass(frozen=True, slots=True)
class Switchback:
    """`difference` of means, new arm minus old arm, with its 95 % interval (Welch); `detectable` is the least true difference
    that so many days find four times in five."""

    new_days: int
    old_days: int
    difference: float
    low: float
    high: float
    detectable: float


def switchback(new: Sequence[float], old: Sequence[float]) -> Switchback:
    """Unpaired comparison of the days of two arms; infinite ends while an arm has fewer than two days."""
    if len(new) < 2 or len(old) < 2:
        return Switchback(len(new), len(old), math.nan, -math.inf, math.inf, math.inf)
    parts = stdev(new) ** 2 / len(new), stdev(old) ** 2 / len(old)
    se = math.sqrt(sum(parts))
    freedom = se**4 / (parts[0] ** 2 / (len(new) - 1) + parts[1] ** 2 / (len(old) - 1)) if se > 0 else 1.0
    difference, wide = fmean(new) - fmean(old), t_quantile(0.975, freedom) * se
    detectable = (t_quantile(0.975, freedom) + t_quantile(0.8, freedom)) * se
    return Switchback(len(new), len(old), difference, difference - wide, difference + wide, detectable)


def recent(losses: Mapping[date, float], now: date, days: int) -> dict[date, float]:
    """The days of (now - days, now]."""
    return {d: loss for d, loss in losses.items() if now - timedelta(days=days) < d <= now}


def t_quantile(p: float, freedom: float) -> float:
    """Student's t by the expansion of Cornish and Fisher (Abramowitz & Stegun 26.7.5); within 2 % from 4 degrees on."""
    if freedom < 1:
        return math.inf
    z = NormalDist().inv_cdf(p)
    n = freedom
    return (
        z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
