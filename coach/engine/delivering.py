"""How a nudge reaches the person: the desktop, the app, tmux, and the channels to other devices that were asked for.

On this machine the first that can show it does: a desktop notification, else the app's toast with the bell, else tmux's
message line. Channels (e-mail, ntfy, webhooks) get theirs through a queue in the store, so that a network that is away
costs nobody anything: each is tried up to four times within an hour, and never sent twice."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from coach.core import channel as channels
from coach.core.channel import Channel, Delivery, Kinds, When, channel_json
from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.core.nudge import Nudge
from coach.integrations import push, terminal
from coach.store import channels as store
from coach.store import nudges, tasks
from coach.store.db import Connection, transaction

Send: TypeAlias = Callable[[str, str, str], str]
"""(address, title, body) -> "" when it was taken, else why not."""

TITLE = "Coach"


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel and what went through it: numbers by status, the mean latency in ms, the last trouble."""

    channel: Channel
    sent: int
    queued: int
    failed: int
    latency_ms: float | None
    trouble: str


def add(
    db: Connection, address: str, now: datetime, *, name: str = "", kinds: Kinds = "all", when: When = "always",
    titles: bool = False,
) -> Channel:
    """Keep a channel; its address, which may hold a password, stays in the encrypted store. Raises InvalidInput for an
    address that names nothing, or a name that is taken."""
    service = push.checked(address)
    taken = {c.name for c in store.every(db)}
    name = name or _free(service.kind.lower(), taken)
    if name in taken:
        raise InvalidInput(f"there is a channel {name!r} already", "choose another --name")
    added = Channel(str(uuid.uuid4()), name, service.kind, service.shown, kinds, when, titles, now)
    with transaction(db):
        store.add(db, added, address)
    return added


def every(db: Connection) -> list[Standing]:
    tally = store.tally(db)

    def standing(one: Channel) -> Standing:
        number = {status: tally.get((one.id, status), (0, None)) for status in ("sent", "queued", "sending", "failed")}
        return Standing(one, number["sent"][0], number["queued"][0] + number["sending"][0], number["failed"][0],
                        number["sent"][1], store.last_trouble(db, one.id))

    return [standing(one) for one in store.every(db)]


def find(db: Connection, name: str) -> Channel:
    """The channel of a name, or of the beginning of an id. Raises NotFound."""
    found = [c for c in store.every(db) if c.name == name or (len(name) >= 4 and c.id.startswith(name))]
    if len(found) != 1:
        raise NotFound(f"there is no channel {name!r}", "`coach channel list` shows them")
    return found[0]


def remove(db: Connection, name: str) -> Channel:
    """Forget a channel, its address and what was on its way. Raises NotFound."""
    found = find(db, name)
    with transaction(db):
        store.remove(db, found.id)
    return found


def try_out(db: Connection, name: str, send: Send = push.send) -> float:
    """Send a word now; the milliseconds it took. Raises NotFound, Unavailable with the service's complaint."""
    found = find(db, name)
    begun = time.monotonic()
    trouble = send(store.address(db, found.id), TITLE, "This is Coach: messages arrive here.")
    if trouble:
        raise Unavailable(f"{found.name} did not take the message: {trouble}", "check the address, and the network")
    return (time.monotonic() - begun) * 1000


def wanted(db: Connection) -> bool:
    """Whether there is any channel."""
    return bool(store.every(db))


def enqueue(db: Connection, nudge: Nudge, reached: bool, now: datetime) -> str:
    """Queue the nudge for every channel that takes it; `reached`: it was shown on this machine. Returns the names of the
    channels, joined by "+"; "" for none. Asking twice queues once."""
    taking = [c for c in store.every(db) if channels.takes(c, nudge.situation, reached)]
    with transaction(db):
        for one in taking:
            store.queue(db, nudge.id, one.id, now)
    return "+".join(c.name for c in taking)


def send_due(db: Connection, now: datetime, send: Send = push.send) -> list[Delivery]:
    """Send what is due, each claimed first so that no other process sends it too; what was tried, as it stands after."""
    with transaction(db):
        store.give_up(db, now - channels.SENDING_WITHIN, now - channels.STALE_AFTER)
    by_id = {c.id: c for c in store.every(db)}
    tried = []
    for one in store.due(db, now):
        said, channel = nudges.get(db, one.nudge_id), by_id.get(one.channel)
        if said is None or channel is None or not store.claim(db, one, now):
            continue
        task = tasks.get(db, said.task_id) if said.task_id else None
        body = channels.message(said, task.title if task else None, channel)
        begun = time.monotonic()
        trouble = send(store.address(db, channel.id), TITLE, body)
        _settle(db, one, now, round((time.monotonic() - begun) * 1000), trouble)
        tried += [d for d in store.of_nudge(db, said.id) if d.channel == channel.id]
    return tried


def _settle(db: Connection, one: Delivery, now: datetime, took_ms: int, trouble: str) -> None:
    if not trouble:
        store.settle(db, one, "sent", now, took_ms)
        return
    again = channels.after_failure(one.tries + 1, store.queued_at(db, one), now)
    store.settle(db, one, "queued" if again else "failed", again or now, took_ms, trouble)


def in_order(ways: Sequence[Callable[[Nudge], str]]) -> Callable[[Nudge], str]:
    """A delivery by the first way that works."""
    def deliver(nudge: Nudge) -> str:
        return next((channel for way in ways if (channel := way(nudge))), "")

    return deliver


def terminal_word(text: str, *, in_front: bool) -> str:
    """For the app, whose screen may be out of sight: shows the text in tmux where another pane is looked at, and returns what
    is to be written to a terminal that shows notifications itself; "" where there is nothing to write."""
    if terminal.in_tmux():
        if not terminal.tmux_shows_us():
            terminal.tmux_message(text)
        return ""
    return "" if in_front else terminal.osc9(text)


def tmux_here() -> bool:
    """Whether this process runs in a tmux."""
    return terminal.in_tmux()


def by_tmux(nudge: Nudge) -> str:
    """A line in the tmux that this process runs in; "tmux", or "" outside it or when nobody is attached."""
    return "tmux" if terminal.in_tmux() and terminal.tmux_message(f"Coach: {nudge.text}") else ""


def standing_json(one: Standing) -> Mapping[str, Any]:
    latency = None if one.latency_ms is None else round(one.latency_ms)
    return {**channel_json(one.channel), "sent": one.sent, "queued": one.queued, "failed": one.failed, "latency_ms": latency,
            "trouble": one.trouble}


def _free(name: str, taken: set[str]) -> str:
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, 1000))) if n not in taken)
