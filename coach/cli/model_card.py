"""A model's card in lines that can be read: what it is and what it was made of, what weighs most, and whether its exam was
passed. All of it is in `--json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import Any

MOST = 8
"""Weights or figures of one kind that are shown."""
INTERVAL = {"value", "low", "high"}


def lines(card: Mapping[str, Any]) -> list[str]:
    """The card; long tables with what is largest first, and then cut."""
    found = []
    for key, value in card.items():
        if key == "metrics" and isinstance(value, Mapping):
            found += _exam(value)
        elif key == "base" and isinstance(value, Mapping) and isinstance(value.get("words"), Mapping):
            found += _lengths(value)
        elif key == "files":
            found.append(f"files: {', '.join(value)}")
        else:
            found += _tree(value, key)
    return found


def whole(found: Mapping[str, Any]) -> list[str]:
    """Every figure of an exam."""
    return [row for key, value in found.items() for row in _tree(value, key, most=10**9)]


def _lengths(base: Mapping[str, Any]) -> list[str]:
    """Words of titles as what they do to a length: the base holds logarithms of minutes."""
    words = sorted(base["words"].items(), key=lambda pair: pair[1])
    shorter, longer = ([f"{w} x{exp(x):.2g}" for w, x in part[:MOST]] for part in (words, words[::-1]))
    return [
        f"a title of unknown words: {exp(base.get('middle', 0.0)):.0f} min",
        f"words that make a task long: {', '.join(longer)}",
        f"words that make it short: {', '.join(shorter)} ({len(words):,} words are known)",
    ]


def _exam(metrics: Mapping[str, Any]) -> list[str]:
    """Of each population its bars where it has some, else its first figures."""
    found = ["exam:"]
    for name, part in metrics.items():
        if not isinstance(part, Mapping):
            found.append(f"  {name}: {_plain(part)}")
        elif isinstance(part.get("bars"), Mapping):
            found.append(f"  {name}:")
            found += [f"    {_bar(bar, said)}" for bar, said in part["bars"].items()]
        else:
            figures = list(_figures(part))
            found += [f"  {name}:", *(f"    {line}" for line in figures[:MOST]), *_rest(len(figures) - MOST, "figures", 4)]
    return found


def _bar(name: str, said: Any) -> str:
    if not isinstance(said, Mapping) or "decides" not in said:
        return "; ".join(_figures({name: said}))
    decides = said["decides"]
    shown = ", ".join(map(_plain, decides)) if isinstance(decides, (list, tuple)) else _plain(decides)
    met = "met" if said.get("met") else "not met"
    return f"{name.replace('_', ' ')}: {shown}, {met} (bar {said.get('bar', '')})"


def _figures(part: Mapping[str, Any], of: str = "") -> Iterator[str]:
    """Figures with what they are of, intervals in one line."""
    for key, value in part.items():
        name = f"{of} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping) and set(value) >= INTERVAL:
            yield f"{name}: {_plain(value['value'])} [{_plain(value['low'])}, {_plain(value['high'])}]"
        elif isinstance(value, Mapping):
            yield from _figures(value, name)
        elif not isinstance(value, (list, tuple)):
            yield f"{name}: {_plain(value)}"


def _tree(value: Any, name: str, depth: int = 0, most: int = MOST) -> list[str]:
    """Nested values as indented lines, at most so many of one kind."""
    pad = "  " * depth
    if isinstance(value, Mapping) and set(value) >= INTERVAL:
        return [f"{pad}{line}" for line in _figures({name: value})]
    if isinstance(value, Mapping):
        pairs = list(value.items())
        if len(pairs) > most and all(_is_number(one) for one in value.values()):
            pairs.sort(key=lambda pair: -abs(pair[1]))
    elif isinstance(value, (list, tuple)) and any(isinstance(one, Mapping) for one in value):
        pairs = [("-", one) for one in value]
    else:
        return [f"{pad}{name}: {_listed(value, most) if isinstance(value, (list, tuple)) else _plain(value)}"]
    inner = [row for key, one in pairs[:most] for row in _tree(one, str(key), depth + 1, most)]
    return [f"{pad}{name}:", *inner, *_rest(len(pairs) - most, "more", len(pad) + 2)]


def _listed(values: Sequence[Any], most: int) -> str:
    if len(values) > most and all(_is_number(one) for one in values):
        return f"{len(values)} numbers from {_plain(min(values))} to {_plain(max(values))}"
    shown = ", ".join(_plain(one) for one in values[:2 * most])
    return f"{shown}, and {len(values) - 2 * most} more" if len(values) > 2 * most else shown


def _rest(count: int, what: str, indent: int) -> list[str]:
    words = what if what == "more" else f"more {what}"
    return [f"{' ' * indent}and {count:,} {words} (--json has them)"] if count > 0 else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000 else str(value)
