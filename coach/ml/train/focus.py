"""Training of the focus forecast: baselines first, then the LSTM, many forecasts from one pass over each stretch of hours."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from coach.ml.features import focus as features
from coach.ml.features.focus import AHEAD, ENCODER, FUTURE, PAST, Ints, Series
from coach.ml.features.focus_profile import Prior
from coach.ml.nets.focus import Config, Focus, loss
from coach.ml.train.export import to_onnx

STRIDE = 6
"""Hours between the forecasts of one pass."""
CHUNK = 336
"""Hours of one pass; forecasts begin after WARM of them."""
WARM = 48

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Packed:
    """People of equal length side by side. The first PAST hours of `history` are zeros, as when serving a short history;
    issue i of person p is at hour `offset[p] + STRIDE * i` (0 is the first hour lived)."""

    history: torch.Tensor  # (P, PAST + T, E) float16
    future: torch.Tensor  # (P, I, 24, F) float16
    score: torch.Tensor  # (P, I, 24) float16, nan where unscored
    active: torch.Tensor  # (P, I, 24) float16
    offset: torch.Tensor  # (P,)

    def to(self, device: str) -> Packed:
        return Packed(*(getattr(self, name).to(device) for name in ("history", "future", "score", "active", "offset")))


@dataclass(frozen=True, slots=True)
class Plan:
    """`frozen` trains the head and the second layer only, as the nightly fine-tuning does; `head` the head alone."""

    epochs: int = 24
    batch: int = 256
    rate: float = 1.5e-3
    decay: float = 1e-2
    average: float = 0.99
    """Of the moving average of weights, which is what is kept."""
    frozen: bool = False
    head: bool = False


def arrays(series: Series, prior: Prior, days: int, offset: int) -> dict[str, np.ndarray]:
    """One person as float16 rows of a Packed: exactly `days` days, cut at the end; shorter lives are padded, never scored."""
    known = features.state(series, prior)
    history = np.zeros((PAST + 24 * days, len(ENCODER)), dtype=np.float16)
    lived = min(series.days, days)
    history[PAST:PAST + 24 * lived] = features.encoder(known)[: 24 * lived]
    issues = issue_hours(days, offset)
    inside = issues[issues <= 24 * lived - STRIDE]
    shape = (len(issues), AHEAD)
    future = np.zeros((*shape, len(FUTURE)), dtype=np.float16)
    score, active = np.full(shape, np.nan, dtype=np.float16), np.full(shape, np.nan, dtype=np.float16)
    future[: len(inside)] = features.future(known, inside)
    score[: len(inside)], active[: len(inside)] = features.targets(series, inside)
    return {"history": history, "future": future, "score": score, "active": active}


def issue_hours(days: int, offset: int) -> Ints:
    return np.arange(offset, 24 * days - STRIDE + 1, STRIDE)


def packed(people: Sequence[dict[str, np.ndarray]], offsets: Sequence[int]) -> Packed:
    size = min(len(p["future"]) for p in people)
    stacked = {name: torch.from_numpy(np.stack([p[name] if name == "history" else p[name][:size] for p in people]))
               for name in ("history", "future", "score", "active")}
    return Packed(stacked["history"], stacked["future"], stacked["score"], stacked["active"], torch.tensor(list(offsets)))


def fit(
    net: Focus, train: Packed, valid: Packed | None, plan: Plan, seed: int, device: str, progress: Progress,
    seconds: float = 1e9,
) -> Focus:
    """The net after `plan.epochs` passes (or `seconds`), averaged over its path; with `valid`, that of the best epoch."""
    torch.set_flush_denormal(True)  # zero-initialised heads make denormals, which cost ten times the time
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    net = net.to(device)
    train = train.to(device)
    kept = "lstm." if plan.head else "_l0" if plan.frozen else "\0"
    for name, p in net.named_parameters():
        p.requires_grad_(kept not in name)
    trained = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=plan.decay)
    steps = plan.epochs * len(list(batches(train, plan.batch, np.random.default_rng(0))))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    average = copy.deepcopy(net)
    best, best_error, began = average, float("inf"), time.monotonic()
    done = 0
    for epoch in range(plan.epochs):
        net.train()
        total = torch.zeros((), device=device)
        for people, starts in batches(train, plan.batch, order):
            gone = max(done / steps, (time.monotonic() - began) / seconds)
            for group in optimiser.param_groups:
                group["lr"] = plan.rate * rate(gone)
            optimiser.zero_grad(set_to_none=True)
            error = step(net, train, people, starts)
            error.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            done += 1
            follow(average, net, min(plan.average, done / (done + 10)))
            total += error.detach()
        words = f"epoch {epoch + 1}: loss {float(total) * (epoch + 1) / max(1, done):.4f}"
        if valid is not None:
            found = rmse(average, valid, device)
            words += f", validation RMSE {found[0]:.5f}, ridge {found[1]:.5f}"
            if found[0] < best_error:
                best_error, best = found[0], copy.deepcopy(average)
        else:
            best = average
        progress((epoch + 1) / plan.epochs, f"{words}, {time.monotonic() - began:.0f} s")
        if time.monotonic() - began > seconds:
            break
    return best.cpu().eval()


def rate(gone: float) -> float:
    """Factor of the learning rate when a share `gone` of the training is over: up for a tenth, then a cosine down."""
    return gone / 0.1 if gone < 0.1 else 0.5 * (1 + math.cos(math.pi * min(1.0, (gone - 0.1) / 0.9))) + 1e-3


def batches(data: Packed, size: int, order: np.random.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """(person, first hour of the chunk counted in the padded history) of each chunk, shuffled."""
    people, length = data.history.shape[:2]
    spans = np.arange(0, length - CHUNK + 1, CHUNK - WARM)
    pairs = np.stack(np.meshgrid(np.arange(people), spans, indexing="ij"), axis=-1).reshape(-1, 2)
    shift = order.integers(0, (CHUNK - WARM) // STRIDE, size=people) * STRIDE
    pairs[:, 1] = np.minimum(pairs[:, 1] + shift[pairs[:, 0]], length - CHUNK) // STRIDE * STRIDE
    order.shuffle(pairs)
    where = torch.from_numpy(pairs).to(data.history.device)
    for at in range(0, len(pairs), size):
        yield where[at:at + size, 0], where[at:at + size, 1]


def step(net: Focus, data: Packed, people: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Loss of the forecasts at every sixth hour of one pass over the chunks."""
    states, index, held = passes(net, data, people, starts)
    rows = people[:, None].expand_as(index)
    future = data.future[rows, index].float()
    ahead = net.decode(states, future)
    score, active = (x[rows, index].float().masked_fill(~held[..., None], float("nan")) for x in (data.score, data.active))
    return loss(type(ahead)(*(x.float() for x in ahead)), score, active)


def passes(
    net: Focus, data: Packed, people: torch.Tensor, starts: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(states (B, N, H), issue index (B, N), whether there is such an issue) of chunks of hours."""
    hours = starts[:, None] + torch.arange(CHUNK, device=starts.device)
    states = net.encode(data.history[people[:, None], hours].float())
    # The first issue at or after the warm-up; issue hour t stands on the state after hour t - 1, at PAST + t - 1.
    earliest = starts + WARM - PAST - data.offset[people]
    first = torch.div(earliest + STRIDE - 1, STRIDE, rounding_mode="floor")
    index = first[:, None] + torch.arange((CHUNK - WARM) // STRIDE, device=starts.device)
    at = PAST + data.offset[people][:, None] + STRIDE * index - 1 - starts[:, None]
    held = (index >= 0) & (index < data.future.shape[1]) & (at >= 0) & (at < CHUNK)
    states = torch.take_along_dim(states, at.clamp(0, CHUNK - 1)[..., None], dim=1)
    return states, index.clamp(0, data.future.shape[1] - 1), held


@torch.no_grad()
def predicted(net: Focus, data: Packed, device: str, batch: int = 64) -> dict[str, np.ndarray]:
    """`mean`, `ridge`, `score` (rows,), `quantiles` (rows, 3) of all scored hours of all forecasts."""
    net = net.to(device).eval()
    data = data.to(device)
    found: dict[str, list[np.ndarray]] = {"mean": [], "ridge": [], "score": [], "quantiles": []}
    for people, starts in batches(data, batch, np.random.default_rng(0)):
        states, index, held = passes(net, data, people, starts)
        rows = people[:, None].expand_as(index)
        ahead = net.decode(states, data.future[rows, index].float())
        score = data.score[rows, index].float().masked_fill(~held[..., None], float("nan"))
        seen = torch.isfinite(score)
        for name, x in (("mean", ahead.mean), ("ridge", ahead.ridge), ("score", score), ("quantiles", ahead.quantiles)):
            found[name].append(x.clamp(0, 1)[seen].cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in found.items()}


def rmse(net: Focus, data: Packed, device: str) -> tuple[float, float]:
    """(the net's, the ridge's) over scored hours of all forecasts."""
    found = predicted(net, data, device)
    own, ridge = (float(np.sqrt(np.mean((found[name] - found["score"]) ** 2))) for name in ("mean", "ridge"))
    return own, ridge


def follow(average: Focus, net: Focus, keep: float) -> None:
    with torch.no_grad():
        for kept, now in zip(average.parameters(), net.parameters(), strict=True):
            kept.lerp_(now, 1 - keep)


def start(ridge: np.ndarray, config: Config, seed: int) -> Focus:
    """An untrained net: the ridge."""
    torch.manual_seed(seed)
    return Focus(config, torch.from_numpy(np.asarray(ridge, dtype=np.float32)))


def onnx(net: Focus) -> bytes:
    """The graph that `coach.ml.forecast` serves."""
    example = {"history": torch.zeros(2, PAST, len(ENCODER)), "future": torch.zeros(2, AHEAD, len(FUTURE))}
    free: dict[str, Any] = {"history": {0: "batch"}, "future": {0: "batch"}}
    return to_onnx(net.cpu(), example, ("mean", "quantiles", "active"), free)


def grafted(graph: bytes, before: Mapping[str, torch.Tensor], net: Focus) -> bytes:
    """The graph of `net` from that of the same architecture with weights `before`, its arrays exchanged: a second where an
    export takes fifteen. Raises ValueError where an array is not among those weights."""
    import onnx as library
    from onnx import numpy_helper

    model = library.load_model_from_string(graph)
    old, new = (_as_exported({n: x.detach().cpu().numpy() for n, x in of.items()}) for of in (before, net.state_dict()))
    for kept in model.graph.initializer:
        array = numpy_helper.to_array(kept)
        if array.dtype != np.float32 or array.size < 5 or array.size == len(old["ridge"]) - 1:
            continue  # constants, and the ridge, which is never trained
        name = next((n for n, x in old.items() if x.shape == array.shape and np.array_equal(x, array)), None)
        if name is None:
            raise ValueError(f"{kept.name} {array.shape} is none of the weights")
        kept.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(new[name]), kept.name))
    made: bytes = model.SerializeToString()
    return made


def _as_exported(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights, their transposes, and the LSTM's biases as ONNX has them: gates in the order i, o, f, c, both in one row."""
    found = dict(state)
    found |= {f"{n}.T": x.T for n, x in state.items() if x.ndim == 2}
    for layer in (0, 1):
        both = [state[f"lstm.bias_{kind}_l{layer}"].reshape(4, -1)[[0, 3, 1, 2]].ravel() for kind in ("ih", "hh")]
        found[f"bias.{layer}"] = np.concatenate(both)[None, :]
    return found
