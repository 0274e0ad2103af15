"""What a person asks the chat to do: a wish in plain words becomes a proposal, shown as a difference, done on a key.

Nothing is changed by asking. A proposal that is done is one undo step; it refuses where its task was edited meanwhile.
Only the words that the person typed are read, never a title: a task called "delete everything" is a task."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from coach.core import blunt, wish
from coach.core.errors import CoachError, InvalidInput
from coach.core.wish import Kind, Wish
from coach.engine import tasks
from coach.engine.acting import beside, changing, living, targets
from coach.engine.acting.proposal import Here, Proposal

CAN = (
    "I can add, move, snooze, complete, start, rename or delete tasks, start the focus timer, plan the day, pause tracking"
    " and undo"
)
MAKERS: dict[Kind, Callable[[Here, Wish], Proposal]] = {
    "add": changing.add,
    "remind": changing.remind,
    "move": changing.move,
    "shift": changing.shift,
    "rename": changing.rename,
    "priority": changing.priority,
    "estimate": changing.estimate,
    "project": changing.project,
    "tag": changing.tag,
    "note": changing.note,
    "done": living.done,
    "reopen": living.reopen,
    "delete": living.delete,
    "snooze": living.snooze,
    "start": living.start,
    "stop": living.stop,
    "focus": beside.focus,
    "stop_focus": beside.stop_focus,
    "plan": beside.plan,
    "pause": beside.pause,
    "resume": beside.resume,
    "undo": beside.undo,
    "silence": beside.silence,
}


def propose(here: Here, text: str) -> Proposal:
    """The proposal of a wish. Raises InvalidInput with what is missing or cannot be read, NotFound where no task fits, with
    those that come near in the hint."""
    found = wish.read(text)
    if found is None:
        raise InvalidInput("I don't know how to do that", CAN)
    return MAKERS[found.kind](here, found)


_ASKS = re.compile(
    r"(?:what|when|where|which|who|whom|whose|why|how|is|are|am|was|were|does|has|had|should|shall|may|might|any|anything"
    r"|show|tell|list|(?:do|did|have|can|could|will|would) (?:i|we|you|they|my|your)|will)\b",
    re.IGNORECASE)
_WITHOUT_TASK = frozenset({"undo", "silence", "pause", "resume", "plan", "focus", "stop_focus"})


def guess(here: Here, text: str) -> Proposal | None:
    """The proposal of words that may be a wish: only where those that name a task fit one by its title, and nothing is missing.
    A question is none, and neither is what names many tasks without a verb that says what to do. Raises Several where more than
    one task fits, CoachError for what needs no task and cannot be done."""
    if text.rstrip().endswith("?") or _ASKS.match(blunt.plain(text)):
        return None
    words_alone, several = replace(here, similar=None), None
    for found in wish.guesses(text):
        if wish.is_many(found.target) and found.kind not in ("move", "shift", "snooze"):
            continue
        if found.kind == "add" and not _timed(here, found.value):
            continue
        try:
            return MAKERS[found.kind](words_alone, found)
        except targets.Several as error:
            several = several or error
        except CoachError:
            if found.kind in _WITHOUT_TASK and not found.target:
                raise
    if several is not None:
        raise several
    return None


def _timed(here: Here, words: str) -> bool:
    try:
        draft = tasks.parse(words, here.config, here.now, here.tz)
    except CoachError:
        return False
    return draft.due is not None or draft.scheduled is not None
