"""How long a task will take, as it is told: the range, what it stands on, and what similar tasks took. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from coach.core import stats
from coach.core.duration import GENERAL, PACE, Stand

SAYS = 0.2
"""Share in a length from which on it is said to stand on something."""
TOLD = 1.1
"""A factor between it and 1 / TOLD is not worth a word."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A finished task that is like the asked one, or only begins with the same word."""

    title: str
    estimate_min: int | None
    actual_min: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """`median_min` with its 80 % range; `planned_min` is what the plan reserves: at the percentile that the person set, or
    `plan.default_estimate_min` where neither they, nor a finished task, nor a word that people in general know says anything, and
    then the length is `assumed`. `basis` says what it stands on most and `n` how many finished tasks that are; `stands` are all
    that say something. The model takes their middle `general` times because of the `general_min` that people in general need for
    such words, and `factor` times because of all else. `before_min` is what the person said of a task of the same title, which
    was done `before_n` times. `by` is model or baseline, `why` its reason."""

    title: str
    estimate_min: int | None
    low_min: float
    median_min: float
    high_min: float
    planned_min: int
    percentile: float
    n: int
    basis: str
    corrected: float | None
    corrected_n: int
    by: str
    why: str
    similar: tuple[Spoken, ...]
    assumed: bool = False
    begin: str = ""
    """The word that the similar ones begin with, where none has more in common with it."""
    stands: tuple[Stand, ...] = ()
    factor: float = 1.0
    general: float = 1.0
    general_min: float = 0.0
    before_min: int | None = None
    before_n: int = 0

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "title": self.title, "low_min": round(self.low_min), "median_min": round(self.median_min),
            "high_min": round(self.high_min), "low": round(self.low_min), "median": round(self.median_min),
            "high": round(self.high_min), "n": self.n, "basis": self.basis, "estimate_min": self.estimate_min,
            "correction": None if self.corrected is None else round(self.corrected, 3), "correction_n": self.corrected_n,
            "begin_with": self.begin or None, "planned_min": self.planned_min, "percentile": self.percentile, "by": self.by,
            "why": self.why, "said_before_min": self.before_min, "done_before": self.before_n, "factor": round(self.factor, 3),
            "general_factor": round(self.general, 3), "general_min": round(self.general_min),
            "stands_on": [
                {"what": s.what, "n": s.n, "median_min": round(exp(s.log_min)), "share": round(s.share, 3)} for s in self.stands
            ],
            "similar": [
                {"title": s.title, "estimate_min": s.estimate_min, "actual_min": s.actual_min, "likeness": round(s.likeness, 3)}
                for s in self.similar
            ],
        }

    def short(self) -> str:
        """While a task is typed: the range, which holds 4 of 5 cases and is no least and most, with what it stands on, and what
        similar tasks took. Empty where no task of the person's own says anything."""
        like = [like_words(self.similar, self.begin)] if self.similar and not (self.begin and self.stands) else []
        ends = f"{round(self.low_min):,} to {round(self.high_min):,} min in 4 of 5 cases"
        if self.estimate_min:
            return ", ".join(([f"{ends} (n = {self.n:,})"] if self.n else []) + like)
        if self.before_min:
            return ", ".join([f"likely {round(self.median_min):,} min, {ends}, by {self._before()}", *like])
        own = [one for one in self.stands if one.n]
        towards = f", towards people in general ({round(self.general_min):,} min)" if told(self.general) else ""
        words = [f"likely {round(self.median_min):,} min, {ends}, by {_stands_words(self.stands)}{towards}"] if own else []
        return ", ".join(words + like)

    def lines(self) -> list[str]:
        """For people."""
        said = f"you say {self.estimate_min} min; " if self.estimate_min else ""
        ends = f"{round(self.low_min):,} to {round(self.high_min):,} min"
        found = [f"{said}{round(self.median_min)} min is likely, {ends} in 4 of 5 cases"]
        if self.corrected is not None:
            found.append(f"moved by {self.corrected:.2f}: what {self.corrected_n} of your {self.basis} took over what you said")
        found += [like_words(self.similar, self.begin)] if self.similar else []
        found.append(f"stands on {self._grounds()}")
        if self.stands and told(self.general):
            people = f"the {round(self.general_min):,} min that people in general need for such words"
            found.append(f"taken {self.general:.2f} times, towards {people}")
        if self.stands and told(self.factor):
            found.append(f"taken {self.factor:.2f} times: what such tasks took over all this, on simulated people")
        by_default = "plan.default_estimate_min, until tasks of yours are measured"
        sure = by_default if self.assumed else f"percentile {self.percentile:g}"
        found.append(f"the plan takes {self.planned_min:,} min ({sure}); {self.by}: {self.why}")
        return found

    def _grounds(self) -> str:
        if self.before_min and self.corrected is None:
            return self._before()
        if self.stands:
            nothing = "" if any(one.n for one in self.stands) else ": no task of yours has been measured yet"
            return _stands_words(self.stands) + nothing
        return self.basis + (f" (n = {self.n:,})" if self.n else "")

    def _before(self) -> str:
        done = f", done {self.before_n:,} times" if self.before_n > 1 else ""
        return f"the {self.before_min} min that you gave a task of this title{done}"


def told(factor: float) -> bool:
    """Whether a factor is worth a word."""
    return not 1 / TOLD < factor < TOLD


def _stands_words(stands: Sequence[Stand]) -> str:
    """"tasks that begin with “buy” (n = 4, median 25 min) and all your tasks (n = 129, median 39 min)": most of it first."""
    said = [one for number, one in enumerate(stands) if number == 0 or one.share >= SAYS]
    words = []
    for one in said:
        n, median = f"n = {one.n:,}, " if one.n else "", "" if one.what in (GENERAL, PACE) else "median "
        words.append(f"{one.what} ({n}{median}{round(exp(one.log_min)):,} min)")
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def like_words(similar: Sequence[Spoken], begin: str = "") -> str:
    """"8 of the last 10 like it took 38 to 70 min": those in the middle 80 %, and how many they are; all where there are few.
    With `begin` they are said to begin with that word."""
    like = f"that begin{'s' if len(similar) == 1 else ''} with “{begin}”" if begin else "like it"
    took = [s.actual_min for s in similar]
    if len(took) == 1:
        return f"the one {like} took {took[0]:,} min"
    low, high = (stats.quantile(took, 0.1), stats.quantile(took, 0.9)) if len(took) >= 5 else (min(took), max(took))
    low, high = round(low), round(high)
    within = sum(low <= t <= high for t in took)
    which = f"{within} of the last {len(took)}" if within < len(took) else f"the last {len(took)}"
    return f"{which} {like} took {low:,} to {high:,} min"
