"""Moments and lengths of time in the words of a wish."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core import say
from coach.core.errors import CoachError, InvalidInput
from coach.core.when import Moment
from coach.engine import tasks
from coach.engine.acting.proposal import Here


def is_time(here: Here, words: str) -> bool:
    """Whether words are wholly a moment."""
    try:
        draft = tasks.parse(f"x {words}", here.config, here.now, here.tz)
    except CoachError:
        return False
    return draft.title.strip() == "x" and (draft.due is not None or draft.scheduled is not None) and not draft.recurrence


def minutes_in(here: Here, words: str) -> int:
    """A length in words, in minutes. Raises InvalidInput."""
    plain = {"an hour": "60m", "half an hour": "30m"}.get(words.lower(), re.sub(r"^(?:about|around|only) ", "", words))
    plain = f"{plain}m" if plain.replace(".", "").isdigit() else plain.replace("-", " ")
    found = tasks.parse(f"x for {plain}", here.config, here.now, here.tz).estimate_min
    if not found:
        raise InvalidInput(f"{words!r} is no length of time", "for example: 25 min, 2h, an hour")
    return found


_UNITS = {"minute": 1, "min": 1, "hour": 60, "day": 1440, "week": 10080, "fortnight": 20160}
_SPOKEN = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "a couple of": 2}


def length_of_time(words: str) -> timedelta | None:
    number_words = "|".join(sorted(_SPOKEN, key=len, reverse=True))
    found = re.fullmatch(rf"(\d+|{number_words}) ({'|'.join(_UNITS)})s?", words.strip().lower())
    if found is None:
        return None
    number = _SPOKEN.get(found[1]) or int(found[1])
    return timedelta(minutes=number * _UNITS[found[2]])


def later(moment: Moment | None, by: timedelta) -> Moment | None:
    """Later on the wall clock: a day later is at the same time, also where the clocks change."""
    if moment is None or isinstance(moment, datetime):
        return None if moment is None else moment + by
    return moment + timedelta(days=max(1, round(by / timedelta(days=1)))) if by else moment


def clock_of(due: Moment | None, tz: ZoneInfo) -> str:
    return say.clock(due, tz) if isinstance(due, datetime) else ""
