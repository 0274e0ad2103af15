"""Base weights of the pattern detector, from simulated people: `coach lab pretrain patterns`.

Training people have seeds below 1,000,000; every tenth is held out for calibration and thresholds. Their days may be kept
in a cache outside the repository, so that another training need not live them again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.core.category import Categoriser, categorise, host_and_path
from coach.core.titles import app_key
from coach.engine.categories import shipped_rules
from coach.ml.features.patterns import PATTERNS

if TYPE_CHECKING:
    import numpy as np

    from coach.ml.features.patterns import Stretches

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""Simulated people live up to here: the end of a Sunday night."""
TZ = ZoneInfo("Europe/Berlin")
DAYS = 56
WEEKEND_ONLY = "weekend_spill"
HELD_OUT_EVERY = 10
PLACEBO_SEEDS = range(500_000, 500_120)
"""People without any pattern: two of three are trained on, the others calibrate."""
SEEDS = 1_000_000
"""Training uses seeds below, exams from here on."""


@dataclass(frozen=True, slots=True)
class PersonDays:
    """One simulated person's days with some activity: `stretches` numbered by them, `weekend` (n,), `truth` (n, 8) of 1, 0,
    and NaN where a pattern cannot be; `dates` are ISO dates."""

    seed: int
    stretches: Stretches
    weekend: np.ndarray
    truth: np.ndarray
    dates: tuple[str, ...]

    @property
    def weekday(self) -> np.ndarray:
        """(n,) 0 to 6 from Monday on."""
        import numpy as np

        return np.array([date.fromisoformat(d).weekday() for d in self.dates], dtype=np.int64)


def person(seed: int, family: str, days: int = DAYS) -> PersonDays:
    """A simulated person's last `days` days as the detector's features see them, with what took place."""
    import numpy as np

    from coach.ml.features import patterns as features
    from coach.simulation.hours import local_ms
    from coach.simulation.life import simulate

    life = simulate(days, seed, NOW, TZ, family=family)
    first = NOW.astimezone(TZ).date() - timedelta(days=days + 2)
    dates = [first + timedelta(days=i) for i in range(days + 4)]
    starts, ends = (np.array([e[i] for e in life.events], dtype=np.int64) for i in (0, 1))
    named = places([e[2:] for e in life.events])
    spent: dict[tuple[str, str | None], float] = {}
    for place, hours in zip(named, ((ends - starts) / 3_600_000).tolist(), strict=True):
        spent[place] = spent.get(place, 0.0) + hours
    slot_of = features.slots_of(spent)
    slots = np.array([slot_of[p] for p in named], dtype=np.int64)
    begin = local_ms(starts, dates, TZ)
    s = features.stretches(begin, begin + (ends - starts), slots, (first - date(1970, 1, 1)).days)
    active_min = np.bincount(s.day, s.length_h * 60, len(dates))
    lived = np.flatnonzero(active_min >= features.LEAST_ACTIVE_MIN)
    number = np.full(len(dates), -1)
    number[lived] = np.arange(len(lived))
    kept = number[s.day] >= 0
    s = features.Stretches(number[s.day][kept], s.start_h[kept], s.length_h[kept], s.slot[kept])
    weekend = np.array([dates[i].weekday() >= 5 for i in lived], dtype=bool)
    return PersonDays(seed, s, weekend, _truth(life.truth["patterns"], [dates[i] for i in lived], weekend),
                      tuple(dates[i].isoformat() for i in lived))


def places(contexts: Sequence[Sequence[str]], rules: Categoriser | None = None) -> list[tuple[str, str | None]]:
    """(site or app, category) of each (app, title, url, project), by the shipped taxonomy unless told otherwise."""
    rules = rules or shipped_rules()
    known: dict[tuple[str, ...], tuple[str, str | None]] = {}
    found = []
    for context in contexts:
        key = tuple(context)
        if key not in known:
            app, title, url, project = key
            place = (host_and_path(url)[0] if url else "") or app_key(app)
            known[key] = (place, categorise(rules, app, title, url, project))
        found.append(known[key])
    return found


def _truth(took_place: dict[str, dict[str, float]], dates: Sequence[date], weekend: Any) -> Any:
    import numpy as np

    truth = np.array([[float(p in took_place.get(d.isoformat(), {})) for p in PATTERNS] for d in dates], dtype=np.float32)
    for k, name in enumerate(PATTERNS):
        truth[weekend != (name == WEEKEND_ONLY), k] = np.nan
    return truth.reshape(len(dates), len(PATTERNS))


def together(people: Sequence[PersonDays]) -> Any:
    """A `train.patterns.Corpus` of these people."""
    import numpy as np

    from coach.ml.features.patterns import Stretches
    from coach.ml.train.patterns import Corpus

    sizes = [len(p.weekend) for p in people]
    offsets = np.cumsum([0, *sizes[:-1]])
    columns = [np.concatenate(c) for c in zip(*(p.stretches for p in people), strict=True)]
    day = columns[0] + np.repeat(offsets, [len(p.stretches.day) for p in people])
    first = np.concatenate(([0], np.cumsum(np.bincount(day, minlength=sum(sizes)))))
    return Corpus(
        Stretches(day, columns[1], columns[2], columns[3]), first, np.concatenate([p.weekend for p in people]),
        np.concatenate([p.truth for p in people]), np.repeat([p.seed for p in people], sizes),
        np.concatenate([p.weekday for p in people]),
    )


def lived(seeds: Sequence[int], family: str, progress: Callable[[str], None], cache: Path | None = None) -> list[PersonDays]:
    """These people, from the cache where they are in it."""
    found = []
    for i, seed in enumerate(seeds):
        found.append(_cached(seed, family, cache) if cache else person(seed, family))
        if (i + 1) % 50 == 0:
            progress(f"{i + 1} of {len(seeds)} people")
    return found


def _cached(seed: int, family: str, cache: Path) -> PersonDays:
    import numpy as np

    from coach.ml.features.patterns import Stretches

    file = cache / f"patterns-{family}-{seed}.npz"
    if file.exists():
        with np.load(file, allow_pickle=False) as stored:
            s = Stretches(stored["day"].astype(np.int64), stored["start_h"], stored["length_h"], stored["slot"].astype(np.int64))
            return PersonDays(seed, s, stored["weekend"], stored["truth"], tuple(stored["dates"].tolist()))
    one = person(seed, family)
    cache.mkdir(parents=True, exist_ok=True)
    s = one.stretches
    np.savez_compressed(
        file, day=s.day.astype(np.int16), start_h=s.start_h, length_h=s.length_h, slot=s.slot.astype(np.int8),
        weekend=one.weekend, truth=one.truth, dates=np.array(one.dates),
    )
    return one


def pretrain(
    target: Path, people: int = 1200, seed: int = 1, device: str = "cpu", progress: Callable[[str], None] = lambda words: None,
    cache: Path | None = None,
) -> dict[str, Any]:
    """Train on `people` simulated people of family A, and a fifth as many, at most 120, without any pattern; write model.onnx,
    weights.safetensors and card.json to `target` and return the card. The same arguments on one kind of device give the same
    weights."""
    from coach.ml.baselines import patterns as baselines
    from coach.ml.train import patterns as training

    first = (seed * 20_011) % (SEEDS - people)
    everyone = lived(range(first, first + people), "A", progress, cache)
    none = lived(PLACEBO_SEEDS[:max(3, people // 5)], "placebo", progress, cache)
    of_a = [p for i, p in enumerate(everyone) if i % HELD_OUT_EVERY]
    learnt = together([*of_a, *(p for i, p in enumerate(none) if i % 3)])
    held, without = together(everyone[::HELD_OUT_EVERY]), together(none[::3])
    net, about = training.fit(learnt, held, training.Settings(), seed, device, progress, without)
    progress("thresholds of the rules")
    corpus = together(of_a)
    third = _all(corpus)[::3]
    about["rules"] = {
        "base_rates": baselines.base_rates(training.clean(held, _all(held)), held.truth, held.person, training.base_rate),
        "best_thresholds": baselines.tuned(training.clean(corpus, third), corpus.truth[third]),
    }
    card = {
        "name": "patterns", "version": "1",
        "what": "1-D CNN over the hours of a day, joined by what the person's other days say: eight patterns, calibrated",
        "data": {
            "family": "A", "people": people, "placebo_people": len(none), "days": len(learnt.weekend), "first_seed": first,
            "first_placebo_seed": none[0].seed, "sha256": _digest([*everyone, *none]),
        },
        "seed": seed, "made_by": f"coach lab pretrain patterns --people {people} --seed {seed} --device {device}", **about,
    }
    training.save(target, net, card)
    return card


def _all(corpus: Any) -> Any:
    import numpy as np

    return np.arange(len(corpus.weekend))


def _digest(people: Sequence[PersonDays]) -> str:
    """SHA-256 of what was trained on."""
    import numpy as np

    sha = hashlib.sha256()
    for p in people:
        for column in (*p.stretches, p.weekend, p.truth):
            sha.update(np.ascontiguousarray(column).tobytes())
    return sha.hexdigest()
