"""What if: days as they are and as they would be under a goal, from the net or from own days, and what focus makes of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from coach.core.errors import ModelForeign
from coach.ml import response as responses
from coach.ml import serving
from coach.ml.baselines import whatif as baseline
from coach.ml.features import reference
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array, Days, Ints
from coach.ml.response import Response

INPUTS, OUTPUTS = ("noise", "condition", "reference"), ("minutes", "visits")
DAYS = 210
"""Generated for an answer: thirty of each weekday, or as the person's weekdays are."""
NOISE = 64
SIMILAR_MIN = 15.0
"""A real day within so many minutes of the goal counts as similar."""
Z80 = 1.2816

Server = Literal["net", "resampling"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the card holds for everyone: `typical` (71,) sums of a day, the response, and how wide the interval must be."""

    typical: Array
    response: Response
    pace: Array
    """(8,) stretches that begin in a minute of each group."""
    strength: float
    """Hours of their own that a person's coefficients must outweigh."""
    widen: Array
    """(8,) factor on the interval's half width that made 80 % of training people's true gains lie inside where the group was
    asked for; that of all interventions together for a group that none was about."""
    widen_own: Array
    """The same for own days resampled."""
    stock: Days
    """Days of many people, that the net edits where a person has too few of their own."""
    beyond: Array
    """(8,) change of a day's mean focus for each minute of a group, beyond what the mixture of its hours says: the response sees
    one hour at a time, an interruption costs later ones too. Never positive; measured by interventions on training people."""


@dataclass(frozen=True, slots=True)
class Whatif:
    """Minutes are a day. `asked_min` (8,) is the change wished for, `reachable_min` what usual days allow of it, `made_min` what
    the days made have; `goal_error_min` is the mean distance of a day from its own goal. `gain` is the change of mean daily
    focus when usual days are changed by the goal and by nothing else, `low` to `high` its 80 % interval; `apart` is by how much
    the focus of days that meet the goal differs anyhow: those are other days, and it is no effect. `similar` real days met it."""

    server: Server
    asked_min: Array
    reachable_min: Array
    made_min: Array
    goal_error_min: float
    usual_focus: float
    goal_focus: float
    gain: float
    low: float
    high: float
    apart: float
    similar: int
    days: int
    usual_min: Array
    goal_min: Array
    """(8,) minutes of every group, as usual and under the goal."""


def load(source: Path | bytes) -> serving.Net:
    """The generator. Raises ModelMissing, ModelBroken, ModelForeign."""
    net = serving.load(source, inputs=INPUTS, outputs=OUTPUTS)
    if net.shapes["condition"][-1] != features.CONDITION or net.shapes["noise"][-1] != NOISE:
        raise ModelForeign("the what-if generator is of another make", "reinstall Coach; until then own days serve")
    return net


def known(card: Mapping[str, Any]) -> Known:
    """Raises ModelForeign for the card of another model."""
    try:
        found = card["calibration"]
        return Known(
            np.asarray(found["typical"], dtype=np.float64).reshape(features.INGREDIENTS), responses.from_json(found["response"]),
            _by_group(found["pace"]),
            float(found["strength"]), _by_group(found["widen"]), _by_group(found["widen_own"]),
            reference.unpacked(found["stock"]),
            _by_group(found.get("beyond", np.zeros(len(features.GROUPS)))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelForeign("the what-if's card has no calibration", "reinstall Coach") from error


def personal(days: Days, everyone: Known) -> Response:
    """The response of a person, from their own scored hours and everyone's."""
    return responses.fit(days, everyone.response, everyone.strength)


def history(days: Days, everyone: Known) -> Array:
    """(1, 64) summary of a person's days; those of the typical person without any."""
    return features.summary(features.ingredients(days).sum(axis=0, keepdims=True), everyone.typical)


def generate(
    net: serving.Net, days: Days, everyone: Known, weekday: Ints, target_min: Array, asked: Array, rng: np.random.Generator,
) -> tuple[Array, Array]:
    """For each row a recent day of the person edited to what the `asked` groups (m, 8) should take, `target_min` (m, 8): whole
    minutes (m, 24, 8) and visits (m, 24)."""
    summary = np.broadcast_to(history(days, everyone), (len(weekday), features.HISTORY))
    told = features.condition(summary, weekday, target_min - features.usual_min(summary, weekday), asked)
    edited = reference.chosen(days, everyone.stock, weekday, target_min, asked, rng)
    made = serving.run(net, noise=rng.standard_normal((len(weekday), NOISE)), condition=told, reference=edited)
    return features.whole_minutes(made["minutes"].astype(np.float64)), np.rint(made["visits"]).astype(np.float64)


def weekdays(days: Days, count: int = DAYS) -> Ints:
    """(count,) weekdays in the proportions of the last four weeks of tracked days, Monday to Friday without any."""
    recent = days.weekday[-28:]
    pattern = np.sort(recent) if len(recent) >= 5 else np.arange(5)
    found: Ints = pattern[np.arange(count) * len(pattern) // count]
    return found


def with_net(
    net: serving.Net, days: Days, everyone: Known, change_min: Array, response: Response | None = None, seed: int = 0,
    count: int = DAYS,
) -> Whatif:
    """Two sets of days, without a goal and with one: `change_min` (8,) has nan where nothing is asked."""
    rng, weekday = np.random.default_rng(seed), weekdays(days, count)
    nothing = np.zeros((count, len(features.GROUPS)))
    usual = generate(net, days, everyone, weekday, nothing, nothing, rng)
    target, asked = goals(usual[0].sum(axis=1), change_min)
    made = generate(net, days, everyone, weekday, target, asked, rng)
    return _judged("net", days, everyone, response or personal(days, everyone), change_min, usual, made, target, asked)


def with_own_days(
    days: Days, everyone: Known, change_min: Array, response: Response | None = None, seed: int = 0, count: int = DAYS,
) -> Whatif:
    """The same from the person's own days. Raises ValueError without any."""
    rng = np.random.default_rng(seed)
    weekday = weekdays(days, count)
    usual = baseline.usual_days(days, weekday, rng)
    target, asked = goals(usual[0].sum(axis=1), change_min)
    made = baseline.goal_days(days, weekday, target, asked, rng)
    return _judged("resampling", days, everyone, response or personal(days, everyone), change_min, usual, made, target, asked)


def goals(usual_min: Array, change_min: Array) -> tuple[Array, Array]:
    """(target, asked), each (m, 8): what each day's groups should take, never less than nothing or more than 16 hours."""
    asked = np.broadcast_to(np.isfinite(change_min).astype(np.float64), usual_min.shape)
    return np.clip(usual_min + np.nan_to_num(change_min), 0.0, 960.0), asked


def changed(days: tuple[Array, Array], target_min: Array, asked: Array, pace: Array) -> tuple[Array, Array]:
    """The same days (minutes and visits) with the goal met hour by hour: the contrast that an effect is read from. Which days
    have few messages is told by weekends and illness; what fewer messages do is told only by one and the same day."""
    minutes = baseline.rescaled(days[0], target_min, asked)
    return minutes, np.maximum(days[1] + (minutes - days[0]) @ pace, (minutes.sum(axis=2) > 0).astype(np.float64))


def similar_days(days: Days, goal: Array, asked: Array) -> int:
    """Real days whose asked groups (8,) are within SIMILAR_MIN, or a fifth, of the minutes of `goal` (8,)."""
    totals = days.minutes.sum(axis=1)
    near = np.abs(totals - goal) <= np.maximum(SIMILAR_MIN, 0.2 * goal)
    return int((near | (asked == 0)).all(axis=1).sum())


def _judged(
    server: Server, days: Days, everyone: Known, response: Response, change_min: Array, usual: tuple[Array, Array],
    made: tuple[Array, Array], target: Array, asked: Array,
) -> Whatif:
    same = changed(usual, target, asked, everyone.pace)
    before, after = responses.focus_of(response, *usual), responses.focus_of(response, *same)
    both = np.isfinite(before) & np.isfinite(after)
    gains = (after - before)[both]
    was, wished, have = (x.sum(axis=1) for x in (usual[0], target[:, None, :], made[0]))
    reachable = (wished - was).mean(axis=0) * asked[0]
    gain = (float(gains.mean()) if gains.size else 0.0) + float(everyone.beyond @ reachable)
    turn = (responses.slope(*same) - responses.slope(*usual)).mean(axis=0)
    drawn = float(gains.var() / max(1, gains.size)) if gains.size else 0.0
    widen = everyone.widen if server == "net" else everyone.widen_own
    half = float(np.max(widen, where=asked[0] > 0, initial=0.0)) * spread(float(turn @ response.spread @ turn) + drawn, gain)
    missed = (np.abs(have - wished) * asked).sum(axis=1) / np.maximum(asked.sum(axis=1), 1)
    return Whatif(
        server, change_min, reachable, (have - was).mean(axis=0), float(missed.mean()),
        _mean(before), _mean(before) + gain, gain, gain - half, gain + half,
        _mean(responses.focus_of(response, *made)) - _mean(before),
        similar_days(days, wished.mean(axis=0), asked[0]), len(usual[0]), was.mean(axis=0), have.mean(axis=0),
    )


def spread(variance: float, gain: float) -> float:
    """Half width of an 80 % interval before it is widened: chance, half a point of focus, and a third of the gain itself."""
    return Z80 * float(np.sqrt(variance + 0.005**2 + (gain / 3) ** 2))


def _by_group(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64).reshape(len(features.GROUPS))


def _mean(values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0
