"""What was said against what came: predictions kept once a day, outcomes joined, and who serves by the last four weeks."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import promotion
from coach.core.drift import loss_drift
from coach.core.errors import CoachError, Unavailable
from coach.core.promotion import Compared
from coach.engine.learning import kinds, registry
from coach.engine.learning.kinds import Forecast, kind, learner
from coach.engine.learning.registry import CHOSEN as CHOSEN  # others read it here
from coach.engine.learning.serve import speaks
from coach.store import models, predictions
from coach.store.db import Connection
from coach.store.predictions import Said

if TYPE_CHECKING:
    from coach.ml.serving import Shelf

KEEP_DAYS = 180
LOW_RATING = 3.0
LEAST_RATINGS = 3

log = logging.getLogger(__name__)


def issue(db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime, shelf: Shelf | None = None) -> int:
    """Keep today's forecasts of the baseline, the active version and the one on trial, whichever of them serves; returns how
    many are new. A model that fails is noted, and the baseline serves from then on."""
    today, speaking = now.astimezone(tz).date(), speaks(db, name, config, tz, now, shelf)
    functions, count = learner(name), 0
    for number in _wanted(db, name, today):
        try:
            model = None if number == models.BASELINE else registry.load(db, name, number, shelf)
            said = _sound(functions.forecast(db, config, tz, now, model), number)
        except CoachError as error:
            if number == models.BASELINE:
                raise
            _failed(db, name, number, error, now)
            continue
        predictions.log(db, name, today, [Said(f.key, number, f.value, f.low, f.high, number == speaking.number) for f in said])
        count += len(said)
    return count


def settle(db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime) -> int:
    """Join the outcomes that are known by now; returns how many predictions that closed."""
    keys = predictions.open_keys(db, name)
    predictions.prune(db, now.date() - timedelta(days=KEEP_DAYS))
    return predictions.join(db, name, learner(name).outcomes(db, config, tz, now, keys), now) if keys else 0


def compared(db: Connection, name: str, number: int, now: datetime, days: int = promotion.WINDOW_DAYS,
             against: int = models.BASELINE) -> Compared:
    """A version against the baseline (or another) on what both said in the last days."""
    found = predictions.losses(db, name, number, against, now.date() - timedelta(days=days))
    return promotion.compare({d: v[0] for d, v in found.items()}, {d: v[1] for d, v in found.items()})


def decide(db: Connection, name: str, now: datetime) -> bool:
    """Let the better of active version and baseline serve; whether that changed. The person hears of a change."""
    chosen = registry.active(db, name)
    if chosen.why == CHOSEN:
        return False
    from coach.ml import card

    prior = card.read(registry.folder(name)).get("serves") != "baseline"
    verdict = promotion.who_serves(compared(db, name, chosen.number, now), chosen.serves == "model", prior)
    problem = _unreadable(db, name, chosen.number) if verdict.yes and chosen.serves != "model" else ""
    serves, why = ("baseline", problem) if problem else ("model" if verdict.yes else "baseline", verdict.why)
    changed = models.set_serving(db, name, serves, why, now)
    if changed and chosen.since:
        predictions.notify(db, name, f"{kind(name).title}: the {serves} serves now; {why}", now)
    return changed


def judge_trial(db: Connection, name: str, now: datetime) -> str:
    """Promote or reject the version on trial once its days decide; returns the new status, empty while they do not."""
    on_trial = models.trial(db, name)
    if on_trial is None:
        return ""
    since = datetime.fromisoformat(on_trial.since)
    days = (now - since).days
    found = compared(db, name, on_trial.number, now, days + 1, against=registry.active(db, name).number)
    verdict = promotion.gate(found, {}, {})
    if days >= promotion.GATE_DAYS and verdict.yes:
        models.promote(db, name, on_trial.number, now, f"won its trial: {verdict.why}")
        return "kept"
    if days >= promotion.WINDOW_DAYS:
        models.judge(db, name, on_trial.number, "rejected")
        return "rejected"
    return ""


def switchback(db: Connection, name: str) -> promotion.Switchback | None:
    """The A/B comparison of the running trial: losses of what was shown, by the day's arm; None without one."""
    on_trial = models.trial(db, name)
    if on_trial is None or on_trial.mode != "ab":
        return None
    shown = predictions.served(db, name, datetime.fromisoformat(on_trial.since).date())
    arms: tuple[list[float], list[float]] = ([], [])
    for day, (loss, version) in shown.items():
        if promotion.on_new_arm(on_trial.seed, day) == (version == on_trial.number):
            arms[version == on_trial.number].append(loss)
    return promotion.switchback(arms[1], arms[0])


def trouble(db: Connection, name: str, now: datetime) -> str:
    """Why a model wants to be retrained out of turn, in words; empty when nothing is wrong."""
    rated = predictions.ratings(db, name, now.date() - timedelta(days=promotion.WINDOW_DAYS))
    if len(rated) >= LEAST_RATINGS and fmean(rated.values()) < LOW_RATING:
        return f"rated {fmean(rated.values()):.1f} of 5 over {len(rated)} days"
    chosen = registry.active(db, name)
    found = compared(db, name, chosen.number, now)
    if found.days >= promotion.ENOUGH_DAYS and found.own > kind(name).floor:
        return f"its loss of {found.own:.3g} is above its floor of {kind(name).floor:g}"
    since = now.date() - timedelta(days=KEEP_DAYS)
    losses = {day: value[0] for day, value in predictions.losses(db, name, chosen.number, models.BASELINE, since).items()}
    drifted = loss_drift(losses)
    recent = now.date() - timedelta(days=promotion.WINDOW_DAYS)
    if drifted and drifted > recent:
        return f"its loss has risen since about {drifted.isoformat()}"
    own = kinds.trouble(name)
    return own(db, now, recent) if own else ""


def _wanted(db: Connection, name: str, today: date) -> list[int]:
    on_trial = models.trial(db, name)
    numbers = [models.BASELINE, registry.active(db, name).number, *([on_trial.number] if on_trial else [])]
    return [number for number in dict.fromkeys(numbers) if not predictions.logged(db, name, today, number)]


def _sound(said: Sequence[Forecast], number: int) -> Sequence[Forecast]:
    if number != models.BASELINE and not all(math.isfinite(f.value) for f in said):
        raise CoachError("its forecast is not a number")
    return [f for f in said if math.isfinite(f.value)]


def _failed(db: Connection, name: str, number: int, error: CoachError, now: datetime) -> None:
    log.warning("version %d of %s fails: %s", number, name, type(error).__name__)
    on_trial = models.trial(db, name)
    if on_trial and on_trial.number == number:
        models.judge(db, name, number, "rejected")
        return
    if registry.active(db, name).serves == "model":
        models.set_serving(db, name, "baseline", error.message, now)
        predictions.notify(db, name, f"{kind(name).title}: the baseline serves; {error.message}", now)


def _unreadable(db: Connection, name: str, number: int) -> str:
    """Why a version cannot come back, however well it did while it could be read: damaged, or of a Coach with another net."""
    try:
        registry.load(db, name, number)
    except Unavailable as error:
        return error.message
    return ""
