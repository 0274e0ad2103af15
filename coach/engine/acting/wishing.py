"""What a person asks the chat to do: a wish in plain words becomes a proposal, shown as a difference, done on a key.

Nothing is changed by asking. A proposal that is done is one undo step; it refuses where its task was edited meanwhile.
Only the words that the person typed are read, never a title: a task called "delete everything" is a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coach.core import wish
from coach.core.errors import InvalidInput
from coach.core.wish import Kind, Wish
from coach.engine.acting import beside, changing, living
from coach.engine.acting.proposal import Here, Proposal

CAN = (
    "I can add, move, snooze, complete, start, rename or delete tasks, start the focus timer, plan the day, pause tracking"
    " and undo"
)
_MAKERS: Mapping[Kind, Callable[[Here, Wish], Proposal]] = {
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
    return _MAKERS[found.kind](here, found)
