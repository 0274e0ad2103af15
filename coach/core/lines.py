"""The vetted lines (`data/lines/`): which one to say, and the linter that keeps them clean. Pure."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any, TypeAlias

from coach.core import decency
from coach.core.situations import SITUATIONS

Bank: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]
"""Lines by situation and mode, with placeholders."""

MODES = ("encouragement", "roast", "neutral", "minimalist")
PLACEHOLDERS = ("task", "goal", "minutes", "count")
LINE_LENGTH = 140
MEMORY = 50
"""A line is not said again within this many nudges, while its list or a plainer one has another."""
PLAINER = ("neutral", "minimalist")
"""Where a line comes from, in this order, once all of a mode's own were heard lately."""


def template(
    bank: Bank, situation: str, mode: str, recent: Iterable[str], humour: int, seed: str,
    heard: Mapping[str, float] | None = None,
) -> str:
    """The line to say, placeholders still in it: by `seed` among those not heard lately, the same for the same input.

    `recent` are the texts said before, newest first; `heard` the chance of a line to be considered at its turn, 1 where it
    has none (`core/rating.py`). Without humour a roast is said neutrally."""
    chance, past = random.Random(seed), list(recent)[:MEMORY]
    own = _considered(allowed(bank[situation], mode, humour), heard or {}, chance)
    for lines in (own, *(bank[situation].get(plainer, ()) for plainer in PLAINER)):
        if fresh := [line for line, age in _last_heard(lines, past).items() if age == MEMORY]:
            return chance.choice(fresh)
    ages = _last_heard(own, past)
    return chance.choice([line for line in own if ages[line] == max(ages.values())])


def _last_heard(lines: Iterable[str], past: Sequence[str]) -> dict[str, int]:
    """How many nudges ago each line was said, MEMORY where it was not."""
    ages = dict.fromkeys(lines, MEMORY)
    for age, said in enumerate(past):
        known = origin(ages, said)
        if known is not None:
            ages[known] = min(age, ages[known])
    return ages


def _considered(lines: Sequence[str], heard: Mapping[str, float], chance: random.Random) -> Sequence[str]:
    """The lines that get their turn: each by its chance, and the most liked ones where none would."""
    if all(heard.get(line, 1.0) >= 1.0 for line in lines):
        return lines
    most = max(heard.get(line, 1.0) for line in lines)
    kept = [line for line in lines if chance.random() < heard.get(line, 1.0)]
    return kept or [line for line in lines if heard.get(line, 1.0) == most]


def line(
    bank: Bank, situation: str, mode: str, recent: Iterable[str], humour: int, seed: str, values: Mapping[str, str],
    heard: Mapping[str, float] | None = None,
) -> str:
    """`template` with its placeholders filled."""
    return fill(template(bank, situation, mode, recent, humour, seed, heard), values)


def allowed(cell: Mapping[str, Sequence[str]], mode: str, humour: int) -> Sequence[str]:
    """The lines of a mode at that humour, 0 to 3: roasts run from mild to bold, so less humour hears fewer of them."""
    if mode != "roast":
        return cell[mode]
    if humour <= 0:
        return cell["neutral"]
    lines = cell["roast"]
    return lines[: max(2, ceil(len(lines) * (min(humour, 3) + 1) / 4))]


def fill(text: str, values: Mapping[str, str]) -> str:
    """One pass, so that braces inside a task's title stay what they are."""
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), text)


def origin(lines: Iterable[str], said: str) -> str | None:
    """Which of the lines, filled, became `said`: among several the one with the most words of its own."""

    def is_filled(text: str) -> bool:
        parts = [re.escape(part) for part in re.split(r"\{\w+\}", text)]
        return re.fullmatch(".+".join(parts), said, re.DOTALL) is not None

    return max(filter(is_filled, lines), key=lambda text: len(re.sub(r"\{\w+\}", "", text)), default=None)


def faults(text: str, fills: Iterable[str] = PLACEHOLDERS) -> list[str]:
    """What keeps a line from being said; empty when it is clean. `fills` are the placeholders it may use."""
    found = []
    if not text.strip() or text != text.strip():
        found.append("empty, or blanks at an end")
    if len(text) > LINE_LENGTH:
        found.append(f"{len(text)} characters; at most {LINE_LENGTH}")
    if any(c.isnumeric() for c in text):
        found.append("a digit; figures come from code")
    if not text.isprintable():
        found.append("a line break or a control character")
    names = re.findall(r"\{([^}]*)\}", text)
    found += [f"unknown placeholder {{{name}}}" for name in names if name not in set(fills)]
    if re.sub(r"\{\w+\}", "", text).strip("{}") != re.sub(r"\{\w+\}", "", text) or text.count("{") != text.count("}"):
        found.append("a stray brace")
    return found + decency.objections(text)


def unread_faults(text: str, fills: Iterable[str] = PLACEHOLDERS) -> list[str]:
    """`faults`, and what else keeps a line from being said that a language model wrote and nobody read: claims of its own, a
    placeholder that stands there twice, quotation marks without their pair."""
    found = faults(text, fills) + decency.claims(text)
    found += [f"{{{name}}} twice" for name, n in Counter(re.findall(r"\{(\w+)\}", text)).items() if n > 1]
    if [c for c in text if c in "“”"] != list("“”") * text.count("“") or text.count('"') % 2:
        found.append("a quotation mark without its pair")
    return found


def cell_faults(situation: str, cell: Any, fills: Iterable[str]) -> list[str]:
    """What is wrong with the lines of one situation, each entry naming situation, mode and line."""
    if not isinstance(cell, Mapping) or not all(
        isinstance(lines, list) and lines and all(isinstance(text, str) for text in lines) for lines in cell.values()
    ):
        return [f"{situation}: write a list of texts for each mode"]
    found = [f"{situation}.{mode}: no such mode; one of {', '.join(MODES)}" for mode in cell if mode not in MODES]
    for mode in (m for m in MODES if m in cell):
        for text in cell[mode]:
            found += [f"{situation}.{mode}: {text!r}: {fault}" for fault in faults(text, fills)]
        counted: Counter[str] = Counter(cell[mode])
        found += [f"{situation}.{mode}: {text!r} stands there twice" for text, n in counted.items() if n > 1]
    return found


def lint(bank: Mapping[str, Any], least: int = 4) -> list[str]:
    """Everything wrong with a bank, each entry naming situation, mode and line; empty when it may be used."""
    fills = {s.name: s.fills for s in SITUATIONS}
    found = [f"{name}: no such situation" for name in bank if name not in fills]
    seen: dict[str, str] = {}
    for situation, placeholders in fills.items():
        cell = bank.get(situation, {})
        wrong = cell_faults(situation, cell, placeholders)
        found += wrong
        if not isinstance(cell, Mapping):
            continue
        for mode in MODES:
            lines = cell.get(mode, ())
            if len(lines) < least:
                found.append(f"{situation}.{mode}: {len(lines)} lines, at least {least} are needed")
            for text in dict.fromkeys(lines):
                if text in seen:
                    found.append(f"{situation}.{mode}: {text!r} is also in {seen[text]}")
                seen[text] = f"{situation}.{mode}"
    return found
