"""The router's baseline and stand-in: the nearest known phrase by shared words. No model, no dependency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from coach.ml.intents import Intent, Phrase, plain

STRANGE = 25.0
"""A word that no phrase has counts against every phrase by this squared weight, about that of a rare word."""
THRESHOLD = 0.5
"""Cosine of weighted words below which the question is declined."""
_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True)
class Keywords:
    """`weights` are inverse document frequencies; `texts` the word counts of the known phrases, with their intents."""

    weights: Mapping[str, float]
    texts: tuple[tuple[str, Mapping[str, float], float], ...]


def build(phrases: Sequence[Phrase]) -> Keywords:
    """From phrases that can be answered."""
    bags = [(p.intent or "", Counter(_words(p.text))) for p in phrases if p.intent]
    documents = Counter(word for _, bag in bags for word in bag)
    weights = {word: log(len(bags) / count) + 0.2 for word, count in documents.items()}
    return Keywords(weights, tuple((intent, bag, _length(bag, weights)) for intent, bag in bags))


def of_intents(intents: Mapping[str, Intent]) -> Keywords:
    """From the phrases as written, braces left out."""
    return build([
        Phrase(plain(re.sub(r"\{(period|future)\}", "today", re.sub(r"\{(?!period|future)\w+\}", "", text))), name, 0)
        for name, intent in intents.items() for text in intent.phrases if re.sub(r"\{\w+\}", "", text).strip()
    ])


def route(keywords: Keywords, question: str) -> tuple[str | None, float, tuple[str, ...]]:
    """(intent or None, cosine, three nearest intents)."""
    bag = Counter(_words(plain(question)))
    strange = [w for w in bag if w not in keywords.weights]
    length = sqrt(_length(bag, keywords.weights) ** 2 + STRANGE * len(strange))
    best: dict[str, float] = {}
    for intent, known, known_length in keywords.texts:
        shared = sum(count * known[word] * keywords.weights[word] ** 2 for word, count in bag.items() if word in known)
        cosine = shared / (length * known_length) if shared else 0.0
        if cosine > best.get(intent, 0.0):
            best[intent] = cosine
    ranked = sorted(best, key=lambda name: -best[name])[:3]
    top = best[ranked[0]] if ranked else 0.0
    return (ranked[0] if top >= THRESHOLD else None), top, tuple(ranked)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


def _length(bag: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sqrt(sum((count * weights.get(word, 0.0)) ** 2 for word, count in bag.items())) or 1.0
