"""Training of the pattern detector: every batch is made of stretches anew, with some of them spoilt or missing, places in
another order; then a calibration and a threshold for each pattern, on people held out."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import nn

from coach.ml import recurrence
from coach.ml.features.patterns import DAY_START_H, HOURS, PATTERNS, Days, Floats, Ints, Stretches, days_of, noisy, shuffled_slots
from coach.ml.nets.patterns import Config, Patterns, loss
from coach.ml.train import export

if TYPE_CHECKING:
    from numpy.random import Generator

PRECISION = 0.9
"""What a claim's threshold aims at on held-out people; the bar is 0.85 on others."""
LEAST_CLAIMS = 20
"""No threshold is chosen on fewer claims."""
ORDERED = ("social_drift", "deep_block", "ping_pong", "planning_morning")
"""Patterns that are in the order of a day: none is left when its places are dealt out anew among its stretches."""


CLOCK = ("late_night",)
"""Patterns that are a matter of the clock: nothing is known about them on a day that was moved."""
IN_ONE_PIECE = ("deep_block", "ping_pong")
"""Patterns that lie in one piece: nothing is known about them on a day whose afternoon was cut up."""
AFTERNOON_H = 12.0 - DAY_START_H


class Corpus(NamedTuple):
    """Many people's days: all stretches in order of day, `first` (days + 1,) where each day's begin, `weekend` (days,),
    `truth` (days, 8) with 1, 0, and NaN where a pattern cannot be, `person` (days,), `weekday` (days,) where it is known."""

    stretches: Stretches
    first: Ints
    weekend: Any
    truth: Floats
    person: Ints
    weekday: Ints | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    epochs: int = 14
    batch: int = 128
    rate: float = 2e-3
    decay: float = 1e-4
    clean: float = 0.35
    """Share of days that stay as they are; the others are spoilt by 0 to `worst`."""
    worst: float = 0.45
    blackout: float = 0.1
    """Share of days that lose up to two hours in one piece."""
    dealt: float = 0.08
    """Share of days whose places are dealt out anew: no pattern of order is in them."""
    moved: float = 0.3
    """Share of days that take place up to `moved_h` earlier or later: most patterns are not a matter of the clock."""
    moved_h: float = 1.5
    cut_up: float = 0.45
    """Share of days whose afternoon is cut into pieces that change places: how much drifts away, or how many meetings there
    are, does not depend on when."""


def fit(
    corpus: Corpus, held: Corpus, settings: Settings, seed: int, device: str, progress: Callable[[str], None],
    without: Corpus | None = None,
) -> tuple[Patterns, dict[str, Any]]:
    """The net trained on `corpus` and calibrated on `held`, with {"thresholds", "base_rates"} for its card. `without` are
    held-out people who have no pattern at all. Deterministic by seed on one device."""
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Patterns(Config()).to(device)
    steps = settings.epochs * (len(corpus.weekend) // settings.batch + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=steps)
    for epoch in range(settings.epochs):
        net.train()
        total, count = 0.0, 0
        order = rng.permutation(len(corpus.weekend))
        for start in range(0, len(order), settings.batch):
            days, truth = spoilt(corpus, np.sort(order[start:start + settings.batch]), settings, rng)
            error = loss(net.logits(*_tensors(days, device)), torch.from_numpy(truth).to(device))
            optimiser.zero_grad()
            error.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(error.detach()) * len(truth), count + len(truth)
        progress(f"epoch {epoch + 1} of {settings.epochs}: loss {total / count:.4f}")
    net.eval()
    return net, calibrated(net, held, device, seed, without)


def adapt(weights: bytes, own: Corpus, simulated: Corpus, rung: str, seed: int, steps: int = 120) -> tuple[bytes, bytes]:
    """(onnx, weights) of a net adapted to one person: half of each batch are their days, half those of simulated people, so
    that nothing is forgotten. Rung "recalibrate" fits scale and shift only, "head" the last two layers, others everything."""
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Patterns(Config())
    net.load_state_dict(export.from_safetensors(weights)[0])
    if rung == "recalibrate":
        rows = [(clean(c, np.arange(len(c.weekend))), c.truth) for c in (own, simulated)]
        _platt(net, np.concatenate([_logits(net, d, "cpu") for d, _ in rows]), np.concatenate([t for _, t in rows]))
    else:
        layers = [net.hidden, net.head] if rung == "head" else [net]
        free = [p for layer in layers for p in layer.parameters()]
        optimiser = torch.optim.AdamW(free, lr=3e-4 if rung == "head" else 1e-4, weight_decay=1e-4)
        net.train()
        for _ in range(steps):
            parts = [spoilt(c, np.sort(rng.integers(0, len(c.weekend), 32)), Settings(), rng) for c in (own, simulated)]
            days = Days(*(np.concatenate([d[i] for d, _ in parts]) for i in (0, 1)))
            truth = torch.from_numpy(np.concatenate([t for _, t in parts]))
            logits = net.logits(*_tensors(days, "cpu")) * net.scale + net.shift
            optimiser.zero_grad()
            loss(logits, truth).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    net.eval()
    return graph(net), export.to_safetensors(net, asdict(net.config))


def some(corpus: Corpus, rows: Ints) -> Stretches:
    """The stretches of these days, numbered 0 to n - 1 in that order."""
    count = corpus.first[rows + 1] - corpus.first[rows]
    begins = np.cumsum(count) - count
    at = np.arange(int(count.sum())) - np.repeat(begins, count) + np.repeat(corpus.first[rows], count)
    s = corpus.stretches
    return Stretches(np.repeat(np.arange(len(rows)), count), s.start_h[at], s.length_h[at], s.slot[at])


def clean(corpus: Corpus, rows: Ints) -> Days:
    return days_of(some(corpus, rows), corpus.weekend[rows])


def spoilt(corpus: Corpus, rows: Ints, settings: Settings, rng: Generator) -> tuple[Days, Floats]:
    """A batch as it is trained on: (days, truth)."""
    n = len(rows)
    s, truth = some(corpus, rows), corpus.truth[rows].copy()
    dealt = rng.random(n) < settings.dealt
    ordered = np.array([p in ORDERED for p in PATTERNS])
    truth[dealt] = np.where(ordered, truth[dealt] * 0, np.nan)  # NaN stays
    s = s._replace(slot=np.where(dealt[s.day], _dealt(s, rng), s.slot))
    share = np.where(rng.random(n) < settings.clean, 0.0, rng.uniform(0, settings.worst, n))
    s = noisy(s, share[s.day], rng, group=s.day)
    dark_h = np.where(rng.random(n) < settings.blackout, rng.uniform(3, 14, n), np.nan)
    kept = ~((s.start_h >= dark_h[s.day]) & (s.start_h < dark_h[s.day] + rng.uniform(0.5, 2.0, n)[s.day]))
    moved = rng.random(n) < settings.moved
    truth[:, [PATTERNS.index(p) for p in CLOCK]] *= np.where(moved, np.nan, 1.0)[:, None].astype(np.float32)
    start_h = s.start_h + np.where(moved, rng.uniform(-settings.moved_h, settings.moved_h, n), 0.0)[s.day].astype(np.float32)
    kept &= (start_h >= 0) & (start_h < HOURS)
    s = Stretches(s.day[kept], start_h[kept], s.length_h[kept], s.slot[kept])
    cut = rng.random(n) < settings.cut_up
    truth[:, [PATTERNS.index(p) for p in IN_ONE_PIECE]] *= np.where(cut, np.nan, 1.0)[:, None].astype(np.float32)
    s = _cut_up(s, cut, rng)
    days = days_of(s, corpus.weekend[rows])
    return Days(shuffled_slots(days.tensor, rng), days.context), truth


def calibrated(net: Patterns, held: Corpus, device: str, seed: int, without: Corpus | None = None) -> dict[str, Any]:
    """Fit each pattern's scale and shift on people held out (clean and spoilt days), then what their other days weigh; then, on
    the clean days, its threshold and how often it is claimed of people who do not have it: of those among `held`, or of those
    without any pattern, whichever is more. People without any pattern count for the weights and the thresholds too."""
    rng = np.random.default_rng((seed, 1))
    everyone = [held, without] if without else [held]
    rows = [np.arange(len(c.weekend)) for c in everyone]
    worse = Settings(dealt=0.0, moved=0.0, cut_up=0.0)
    logits = [[_logits(net, days, device) for days in (clean(c, r), spoilt(c, r, worse, rng)[0])]
              for c, r in zip(everyone, rows, strict=True)]
    _platt(net, np.concatenate(logits[0]), np.concatenate([held.truth, held.truth]))
    told = [[_told(net, one, c) for one in pair] for pair, c in zip(logits, everyone, strict=True)]
    weights = np.array(recurrence.fitted(
        np.concatenate([x for pair in told for x in pair]), np.concatenate([c.truth for c in everyone for _ in range(2)])))
    said = [1 / (1 + np.exp(-(weights[:, 0] + (pair[0] * weights[:, 1:]).sum(axis=2)))) for pair in told]
    p, truth = said[0], held.truth
    others, none = (said[1], without.truth) if without else (p[:0], truth[:0])
    found: dict[str, Any] = {"thresholds": {}, "base_rates": {}, "recurrence": dict(zip(PATTERNS, weights.tolist(), strict=True))}
    for k, name in enumerate(PATTERNS):
        seen, seen_none = ~np.isnan(truth[:, k]), ~np.isnan(none[:, k])
        own, there, other = p[seen, k], truth[seen, k] > 0.5, others[seen_none, k]
        threshold = _threshold(np.concatenate([own, other]), np.concatenate([there, np.zeros(len(other), dtype=bool)]))
        rates = [base_rate(own >= threshold, there, held.person[seen])]
        if without is not None and len(other):
            rates.append(base_rate(other >= threshold, np.zeros(len(other), dtype=bool), without.person[seen_none]))
        found["thresholds"][name] = round(threshold, 4)
        found["base_rates"][name] = round(max(rates), 5)
    return found


def _told(net: Patterns, logits: Floats, corpus: Corpus) -> Any:
    """The evidence (n, 8, 4) of these days, each person's by themselves."""
    calibrated_logits = logits * net.scale.cpu().numpy() + net.shift.cpu().numpy()
    found = np.empty((*logits.shape, len(recurrence.EVIDENCE)))
    for person in np.unique(corpus.person):
        own = corpus.person == person
        weekday = None if corpus.weekday is None else corpus.weekday[own]
        found[own] = recurrence.evidence(calibrated_logits[own], np.asarray(corpus.weekend[own], dtype=bool), weekday)
    return found


def base_rate(claimed: Any, truth: Any, person: Ints) -> float:
    """Share of days on which the pattern is claimed of people who never show it: what a real habit must exceed."""
    has = np.isin(person, np.unique(person[truth]))
    return float((claimed[~has].sum() + 0.5) / ((~has).sum() + 1))


def _threshold(p: Any, truth: Any) -> float:
    """Of the probabilities from which PRECISION of the claims are right, the one with the best F1; 0.9 where there is none."""
    order = np.argsort(-p, kind="stable")
    hits, claims = np.cumsum(truth[order]), np.arange(1, len(p) + 1)
    good = np.flatnonzero((hits / claims >= PRECISION) & (claims >= LEAST_CLAIMS))
    if not len(good):
        return 0.9
    return float(p[order][good[np.argmax(2 * hits[good] / (claims[good] + truth.sum()))]])


def _platt(net: Patterns, logits: Floats, truth: Floats) -> None:
    """Scale and shift by logistic regression of the truth on the logit, each pattern by itself, with the targets of Platt
    (1999) that keep a perfect separation finite."""
    x, y = torch.from_numpy(logits.astype(np.float64)), torch.from_numpy(truth.astype(np.float64))
    ones, zeros = (truth == 1).sum(axis=0), (truth == 0).sum(axis=0)
    target = torch.where(y == 1, torch.from_numpy((ones + 1) / (ones + 2)), torch.from_numpy(1 / (zeros + 2)))
    target[torch.isnan(y)] = torch.nan
    scale, shift = torch.ones(len(PATTERNS), dtype=torch.float64), torch.zeros(len(PATTERNS), dtype=torch.float64)
    scale.requires_grad_(True)
    shift.requires_grad_(True)
    optimiser = torch.optim.LBFGS([scale, shift], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        error = loss(x * scale + shift, target) + 1e-3 * ((scale - 1) ** 2).mean()
        error.backward()  # type: ignore[no-untyped-call]
        return error

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        net.scale.copy_(scale.clamp(min=0.1))
        net.shift.copy_(shift)


def _logits(net: Patterns, days: Days, device: str, batch: int = 2048) -> Floats:
    net.eval()
    with torch.no_grad():
        parts = [net.logits(*_tensors(Days(days.tensor[i:i + batch], days.context[i:i + batch]), device)).cpu().numpy()
                 for i in range(0, len(days.context), batch)]
    return np.concatenate(parts)


def _tensors(days: Days, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(days.tensor).to(device), torch.from_numpy(days.context).to(device)


def _dealt(s: Stretches, rng: Generator) -> Ints:
    """The slots of each day in random order among its stretches."""
    order = np.lexsort((rng.random(len(s.day)), s.day))
    dealt: Ints = s.slot[order]
    return dealt


def _cut_up(s: Stretches, cut: Any, rng: Generator) -> Stretches:
    """On the days of `cut` (n,) the pieces of the afternoon, a quarter of an hour to an hour and a half each, in another order;
    a stretch goes whole with the piece that it begins in."""
    start_h = s.start_h.copy()
    edge = np.searchsorted(s.day, np.arange(len(cut) + 1))
    for day in np.flatnonzero(cut):
        own = slice(edge[day], edge[day + 1])
        piece_h, pieces = float(rng.uniform(0.25, 1.5)), int(rng.integers(3, 15))
        pieces = min(pieces, int(6.5 / piece_h))
        at = np.floor((start_h[own] - AFTERNOON_H) / piece_h).astype(np.int64)
        inside = (at >= 0) & (at < pieces)
        to = np.append(rng.permutation(pieces), 0)[np.where(inside, at, pieces)]
        start_h[own] += np.where(inside, (to - at) * piece_h, 0.0).astype(np.float32)
    order = np.lexsort((start_h, s.day))
    return Stretches(s.day[order], start_h[order], s.length_h[order], s.slot[order])


def graph(net: Patterns) -> bytes:
    """ONNX of the net, its weights kept in half precision: tensor (batch, 150, 24) and context (batch, 2) to probability
    (batch, 8)."""
    net = net.cpu().eval()
    given = {"tensor": torch.zeros(3, net.config.channels, net.config.hours), "context": torch.zeros(3, 2)}
    return export.halved(export.to_onnx(net, given, ["probability"], free={"tensor": {0: "batch"}, "context": {0: "batch"}}))


def save(folder: Path, net: Patterns, card: dict[str, Any]) -> None:
    """model.onnx, weights.safetensors (half precision: what adaptation starts from, not what serves) and card.json."""
    onnx = graph(net)
    export.save(folder, onnx, export.to_safetensors(deepcopy(net).half(), asdict(net.config)), card)
