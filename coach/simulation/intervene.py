"""What would have been, had a simulated person done something else: the same calendar, the same luck, one thing changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coach.simulation.places import COMMS, DISTRACTION

if TYPE_CHECKING:
    from coach.simulation.attention import Sphere


@dataclass(frozen=True, slots=True)
class Intervention:
    """`less_min` takes minutes a day away from modes (a day that has fewer loses what it has); with `free_mornings` nothing in
    the calendar before noon takes place."""

    less_min: Mapping[int, float] = field(default_factory=lambda: {DISTRACTION: 60.0})
    free_mornings: bool = False


def limits_h(intervention: Intervention, as_it_was: Sequence[Sphere]) -> dict[int, float]:
    """Hours that each changed mode may still take on a day."""
    spent = dict.fromkeys(intervention.less_min, 0.0)
    for stay in as_it_was:
        if stay.mode in spent:
            spent[stay.mode] += stay.end_h - stay.start_h
    return {mode: max(0.0, hours - intervention.less_min[mode] / 60) for mode, hours in spent.items()}


def untempted(intervention: Intervention, today: Mapping[str, float]) -> dict[str, float]:
    """The day's habits less those that live on what is taken away."""
    gone = {name for mode in intervention.less_min for name in _OF_MODE.get(mode, ())}
    return {name: intensity for name, intensity in today.items() if name not in gone}


_OF_MODE = {DISTRACTION: ("social_drift",), COMMS: ("email_loop", "ping_pong")}


def without(intervention: Intervention, meetings: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """The meetings that still take place."""
    return [m for m in meetings if m[0] >= 12] if intervention.free_mornings else meetings
