"""What a screen, the shell and a test read alike about the hours ahead: plain records, each with who says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

By = Literal["model", "baseline", "nothing"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it: version `number` of the model `kind` (0 is the shipped one) or its baseline, and why that one serves.

    `days` of history stand behind it; with `missing_days` above 0 there are too few of them and nothing is said."""

    kind: str
    by: By
    number: int
    why: str
    days: int
    missing_days: int = 0


@dataclass(frozen=True, slots=True)
class ExpectedHour:
    """Focus expected in the hour from `start` on if it is worked, with its 80 % band; `active` is the probability that it is."""

    start: datetime
    value: float
    low: float
    high: float
    active: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected focus of the hours after `issued`, earliest first: up to 168 of them, none where nothing is said."""

    source: Source
    issued: datetime
    hours: tuple[ExpectedHour, ...]
