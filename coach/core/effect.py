"""What a kind of nudge does, by silent hold-outs, and when it stops. A share of the chosen moments, drawn at random, stays
silent, and the same outcome is asked of both. Pure.

Effect = share that worked after a word - share that worked in silence, with Newcombe's hybrid score interval (Newcombe 1998,
method 10: Wilson limits of both shares, squared and added).

The rule, fixed. A kind stops where both are known of it at least `LEAST` times and its effect is, with 84 % confidence
(one-sided, `Z_STOP`), less than `WORTH_IT`. What the person says moves that bar, from three opinions on: it rises by up to ten
points where they are bad, and falls by up to ten where they are good; five bad ones with no good one stop it at once. From
`ON_TRIAL_FROM` words on, while the effect as measured is below the bar or nothing is known of silence, the kind is on trial:
half of its moments are held out, which says less and decides sooner. After `REST` it is tried again, and only what comes then
counts; each further stop doubles the rest. What the rule is worth: tests/bench/nudge_month.py --rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from random import Random

WORTH_IT = 0.15
"""Less than one success more in seven is not worth an interruption."""
LEAST = 10
Z_STOP = 1.0
Z_SHOWN = 1.96
"""The interval that is shown holds 95 %."""
ON_TRIAL_FROM = 4
ON_TRIAL_SHARE = 0.5
REST = timedelta(days=28)
OPINIONS = 3
MOVES = 0.10
BAD_IN_A_ROW = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """Moments of one kind: judged ones with a word and in silence, and how many of each worked. `good` and `bad` are opinions:
    useful or rated 4 and 5, not helpful or rated 1 and 2."""

    shown: int = 0
    shown_worked: int = 0
    held: int = 0
    held_worked: int = 0
    good: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of shares with its interval, -1 to 1."""

    difference: float
    low: float
    high: float


def wilson(worked: float, n: int, z: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); all of [0, 1] for none."""
    if n == 0:
        return 0.0, 1.0
    p, zz = worked / n, z * z
    middle, half = p + zz / (2 * n), z * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, (middle - half) / (1 + zz / n)), min(1.0, (middle + half) / (1 + zz / n))


def effect(tally: Tally, z: float = Z_SHOWN) -> Effect | None:
    """None while either share is unknown."""
    if not tally.shown or not tally.held:
        return None
    a, b = tally.shown_worked / tally.shown, tally.held_worked / tally.held
    a_low, a_high = wilson(tally.shown_worked, tally.shown, z)
    b_low, b_high = wilson(tally.held_worked, tally.held, z)
    return Effect(a - b, a - b - sqrt((a - a_low) ** 2 + (b_high - b) ** 2), a - b + sqrt((a_high - a) ** 2 + (b - b_low) ** 2))


def bar(tally: Tally) -> float:
    """The effect that is worth an interruption, moved by what the person says."""
    said = tally.good + tally.bad
    return WORTH_IT if said < OPINIONS else WORTH_IT + MOVES * (tally.bad - tally.good) / said


def stops(tally: Tally) -> str | None:
    """Why the kind stops: no_effect or not_helpful; None while it goes on."""
    if tally.bad >= BAD_IN_A_ROW and not tally.good:
        return "not_helpful"
    found = effect(tally, Z_STOP)
    enough = tally.shown >= LEAST and tally.held >= LEAST
    return "no_effect" if enough and found is not None and found.high < bar(tally) else None


def held_share(tally: Tally, share: float) -> float:
    """The share of moments to hold out: `share`, more of a kind that is on trial. 0 stays 0."""
    found = effect(tally)
    on_trial = tally.shown >= ON_TRIAL_FROM and (found is None or found.difference < bar(tally))
    return max(share, ON_TRIAL_SHARE) if on_trial and share > 0 else share


def holds_out(tally: Tally, share: float, dice: Random) -> bool:
    """Whether this moment stays silent."""
    return dice.random() < held_share(tally, share)


def rests_until(stopped_at: datetime, run: int) -> datetime:
    """When a kind that stopped in its `run`th try, counted from 1, is tried again."""
    return stopped_at + REST * (1 << (run - 1))


def tallied(moments: Iterable[tuple[bool, bool | None]], opinions: Iterable[bool] = ()) -> Tally:
    """From (held, worked) of each judged moment, None where nobody could tell, and what was said."""
    known = [(held, worked) for held, worked in moments if worked is not None]
    said = list(opinions)
    return Tally(
        sum(not h for h, _ in known), sum(w for h, w in known if not h), sum(h for h, _ in known),
        sum(w for h, w in known if h), sum(said), len(said) - sum(said),
    )
