"""What is to be done about a plan block that also stands in a calendar on a server: a three-way merge of its times.

Each side is compared with what both had when they last agreed. What changed on one side goes to the other; where both
changed, the calendar's time stands, because others may have seen it; and a change outlives a deletion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Step = Literal["keep", "create", "push", "pull", "withdraw", "refuse", "forget"]
"""keep: both sides agree. create, push, withdraw: write to the server. pull, refuse: change the block. forget: neither side
has it any more."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a block begins and ends."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """The step, and whether both sides had changed, which the person is told."""

    step: Step
    conflict: bool = False


def merge(mine: Times | None, theirs: Times | None, base: Times | None) -> Merged:
    """`mine` is the accepted block (None: rejected, taken back or gone), `theirs` the event on the server (None: not there),
    `base` what both had when they last agreed (None: never)."""
    if mine == theirs:
        return Merged("keep" if mine else "forget")
    if base is None:
        return _first(mine, theirs)
    if theirs is None:
        return Merged("refuse") if mine == base else Merged("create", conflict=True)
    if mine is None:
        return Merged("withdraw") if theirs == base else Merged("pull", conflict=True)
    if theirs == base:
        return Merged("push")
    return Merged("pull", conflict=mine != base)


def _first(mine: Times | None, theirs: Times | None) -> Merged:
    if mine is None:
        return Merged("forget")
    return Merged("pull", conflict=True) if theirs else Merged("create")
