"""Whether now is a good moment to speak, or a later one within a situation's window would be better: Thompson sampling over
Beta posteriors of how a person received nudges in each context. Pure; the source of chance is passed in.

A context is (kind, part of day, activity). Its posterior starts from what is known of wider ones: the prior mean is the mean of
the kind in all contexts, that of the activity and part of day over all kinds, and `PRIOR_MEAN`, each weighed by what is known
(partial pooling), worth `PRIOR_WEIGHT` nudges. Old evidence fades with a half-life of `HALF_LIFE_DAYS`.

The rule. At a moment `waited` into a window of `patience`, draw r_now from the posterior of this context, and r_later from that
of the best other activity in this part of the day that has been seen. Speak where

    r_now >= r_later x (1 - waited / patience)

so a poor moment waits for a better one, ever less, and the end of the window always speaks. Without patience there is no
waiting. (Chapelle and Li 2011 for the sampling; the falling bar is ours.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, TypeAlias

from coach.core.nudge import ACTED, Nudge

Part = Literal["night", "morning", "midday", "afternoon", "evening"]
Context: TypeAlias = tuple[str, str, str]
"""(kind, part of day, activity)."""

PRIOR_MEAN = 0.4
PRIOR_WEIGHT = 4.0
HALF_LIFE_DAYS = 60.0
PARTS: Mapping[Part, tuple[int, int]] = {"morning": (6, 11), "midday": (11, 14), "afternoon": (14, 18), "evening": (18, 23)}
RATED: Mapping[int, tuple[float, float]] = {1: (0.0, 2.0), 2: (0.0, 1.0), 3: (0.5, 0.5), 4: (1.0, 0.0), 5: (2.0, 0.0)}
"""(successes, failures) that a rating adds."""
OPINION_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Beta:
    """So many nudges received well, and badly."""

    good: float = 0.0
    bad: float = 0.0

    def __add__(self, other: Beta) -> Beta:
        return Beta(self.good + other.good, self.bad + other.bad)

    @property
    def n(self) -> float:
        return self.good + self.bad


Known: TypeAlias = Mapping[Context, Beta]


def part_of_day(local: datetime) -> Part:
    return next((part for part, (low, high) in PARTS.items() if low <= local.hour < high), "night")


def received(nudge: Nudge) -> Beta | None:
    """How a nudge was received: acted on or not, then what the person said of it. None while it is open, and where it reached
    nobody."""
    if nudge.status in ("queued", "claimed", "failed", "held") or (nudge.status == "expired" and not nudge.channel):
        return None
    if nudge.status == "shown" and nudge.rating is None and nudge.useful is None:
        return None
    found = Beta() if nudge.status == "shown" else Beta(1, 0) if nudge.status in ACTED else Beta(0, 1)
    if nudge.useful is not None:
        found += Beta(OPINION_WEIGHT, 0) if nudge.useful else Beta(0, OPINION_WEIGHT)
    return found + Beta(*RATED[nudge.rating]) if nudge.rating else found


def learn(past: Iterable[tuple[Context, Nudge]], now: datetime) -> dict[Context, Beta]:
    """What is known of every context, old evidence faded."""
    known: dict[Context, Beta] = {}
    for context, nudge in past:
        heard = received(nudge)
        if heard is None:
            continue
        fade = 0.5 ** (max(timedelta(0), now - nudge.at) / timedelta(days=HALF_LIFE_DAYS))
        known[context] = known.get(context, Beta()) + Beta(heard.good * fade, heard.bad * fade)
    return known


def posterior(known: Known, context: Context) -> Beta:
    """The Beta's parameters for a context, its prior pooled from wider ones."""
    kind, part, activity = context
    wider = (_sum(b for c, b in known.items() if c[0] == kind), _sum(b for c, b in known.items() if c[1:] == (part, activity)))
    weight = PRIOR_WEIGHT + sum(b.n for b in wider)
    mean = (PRIOR_MEAN * PRIOR_WEIGHT + sum(b.good for b in wider)) / weight
    own = known.get(context, Beta())
    return Beta(own.good + mean * PRIOR_WEIGHT, own.bad + (1 - mean) * PRIOR_WEIGHT)


def speak_now(known: Known, context: Context, waited: timedelta, patience: timedelta, dice: Random) -> bool:
    """Whether to speak in this context, or to wait for a better one; see the rule above."""
    if patience <= timedelta(0) or waited >= patience:
        return True
    kind, part, activity = context
    others = sorted({c[2] for c in known if c[1] == part and c[2] not in ("", activity)})
    if not others:
        return True
    r_now = _draw(posterior(known, context), dice)
    r_later = max(_draw(posterior(known, (kind, part, other)), dice) for other in others)
    return r_now >= r_later * (1 - max(waited, timedelta(0)) / patience)


def _sum(found: Iterable[Beta]) -> Beta:
    total = Beta()
    for one in found:
        total += one
    return total


def _draw(beta: Beta, dice: Random) -> float:
    return dice.betavariate(max(beta.good, 1e-3), max(beta.bad, 1e-3))
