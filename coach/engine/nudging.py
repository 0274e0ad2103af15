"""Nudges: choosing one, wording it, delivering it exactly once, and doing what its buttons say."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import lines, rating
from coach.core.decency import claims
from coach.core.errors import InvalidInput
from coach.core.nudge import DIGEST, OPINIONS, REMINDER, STATUS_OF, Choice, Limits, Nudge, best, why_silent
from coach.core.persona import Persona, mode_of, overlaid
from coach.core.sentiment import sentiment
from coach.core.situations import SITUATIONS, NudgeView, Situation
from coach.core.task import Task
from coach.core.when import logical_day, zone
from coach.engine import activity, nudge_choice, nudge_effects, preferences, tasks, voices
from coach.engine.nudge_queue import Deliver, drain, hand_over, settle
from coach.engine.nudge_view import view
from coach.engine.voices import bank
from coach.store import nudges, said, trials
from coach.store import tasks as stored_tasks
from coach.store.db import Connection, transaction

if TYPE_CHECKING:  # desktop-notifier and the bus cost 90 ms
    from coach.integrations.desktop import Finding, Notifier

__all__ = ["Deliver", "Nudge", "NudgeView", "bank", "drain", "hand_over", "settle", "view"]

Tone: TypeAlias = Callable[[str, str], str | None]
"""(situation, mode) -> a line from the language model, or None when it has none ready."""
OnAction: TypeAlias = Callable[[str, str], None]
"""(nudge id, action): a button was pressed, or the notification went away ("dismiss", "expire")."""

FAILED_REST = timedelta(minutes=15)
"""So long after the choice of a nudge that could not be delivered Coach tries no other."""
HISTORY = timedelta(days=4)
"""How far back cool-downs and the cap look; the longest cool-down is three days."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, in which tone and with how much humour, 0 to 3. `lines` are those of a pack, by situation and mode."""

    persona: str
    mode: str
    humour: int
    lines: lines.Bank = field(default_factory=dict)


def voice(db: Connection, config: Config, mode: str = "") -> Voice:
    """The voice to speak in: a mode asked for, else the person's choice in the store, else the settings'."""
    persona = voices.standing(db, config.nudge.persona)
    humour = preferences.get(db, "humour")
    if humour is None:
        humour = config.nudge.humour if persona.humour is None else persona.humour
    chosen = mode or preferences.get(db, "mode") or config.nudge.mode
    return Voice(persona.name, mode_of(persona, chosen), int(humour), persona.lines)


def spoken(voice: Voice) -> lines.Bank:
    """The shipped lines, with a pack's own in place of those that it covers."""
    return overlaid(bank(), Persona(voice.persona, voice.mode, "", lines=voice.lines))


def limits(config: Config) -> Limits:
    return Limits(
        config.nudge.daily_cap, clock(config.nudge.quiet_start), clock(config.nudge.quiet_end),
        timedelta(minutes=config.nudge.cooldown_min), clock(config.time.day_start),
    )


def sayable(voice: Voice) -> tuple[Situation, ...]:
    """The situations for which this voice has a line: a pack may lack some."""

    def has_line(cell: Mapping[str, Sequence[str]]) -> bool:
        try:
            return bool(lines.allowed(cell, voice.mode, voice.humour))
        except KeyError:
            return False

    cells = spoken(voice)
    return tuple(s for s in SITUATIONS if has_line(cells.get(s.name, {})))


def tick(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, deliver: Deliver, tone: Tone | None = None, *,
    dice: Random | None = None, do_not_disturb: Callable[[], bool] | None = None,
) -> Nudge | None:
    """One turn of the scheduled job: deliver what is queued, else choose, word, store and deliver a nudge.

    Returns the nudge as delivered (status shown, or queued for another try), or None, also where the chosen moment is held
    out. Any number of processes may tick at once: choosing and queueing is one transaction, and only the one that claims a
    nudge delivers it. `dice` draw the silent moments; `do_not_disturb`, whether the desktop was told so, is asked last."""
    do_not_disturb = do_not_disturb or (desktop_is_quiet if config.nudge.desktop else lambda: False)
    settle(db, now)
    nudge_effects.follow(db, config, now)
    if not config.nudge.enabled:
        return None
    day_start, _ = activity.bounds(logical_day(now, tz, limits(config).day_start), config, tz)
    waiting = drain(
        db, now, deliver, asked=False, is_silent=lambda: _holds_back(db, config, now, tz) or do_not_disturb(), since=day_start,
    )
    if waiting:
        return waiting[0]
    if _is_silent(db, NudgeView(now.astimezone(tz)), config, now):  # before the view, which costs more
        return None
    nudge = _queue(db, config, now, tz, tone, dice or Random(), do_not_disturb)
    return hand_over(db, nudge, deliver) if nudge else None


def now_please(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, mode: str = "", tone: Tone | None = None
) -> Nudge | None:
    """The nudge that fits this moment because a person asks for one: no quiet hours, cap or pause hold it back, and a
    situation spoken of lately comes after the others. None when no situation holds. Not stored; see `keep`."""
    seen, history, said_in = view(db, config, now, tz), nudges.since(db, now - HISTORY), voice(db, config, mode)
    known = sayable(said_in)
    choice = best(seen, history, known) or best(seen, history, known, rested=False)
    return replace(word(db, config, now, choice, said_in, tone), asked=True) if choice else None


def keep(db: Connection, nudge: Nudge) -> None:
    """Queue a nudge for `hand_over`."""
    nudges.insert(db, nudge)


def word(
    db: Connection, config: Config, now: datetime, choice: Choice, voice: Voice, tone: Tone | None = None
) -> Nudge:
    """The choice as a nudge with its line: the language model's if it has a clean one ready, else one from the bank."""
    text = tone(choice.situation, voice.mode) if tone else None
    source = "llm" if text and not (lines.faults(text, choice.values) or claims(text)) else "bank"
    nudge_id = str(uuid.uuid4())
    if text is None or source == "bank":
        cells = spoken(voice)
        may = lines.allowed(cells[choice.situation], voice.mode, voice.humour)
        heard = rating.weights(may, choice.situation, voice.mode, said.rated(db))
        recent = [n.text for n in nudges.latest(db, lines.MEMORY)]
        text = lines.template(cells, choice.situation, voice.mode, recent, voice.humour, nudge_id, heard)
    text = lines.fill(text, choice.values)
    return Nudge(
        nudge_id, now, choice.situation, voice.mode, voice.persona, source, text, choice.task_id, sentiment=sentiment(text),
    )


def act(db: Connection, nudge_id: str, action: str, now: datetime, config: Config) -> Nudge:
    """Do what a button says, in one transaction: "snooze" puts the nudge's task off by `nudge.snooze_min`, "done"
    completes it, "start" starts it; the others are only remembered. The first answer counts; "useful" and "not_helpful" also
    after it.

    Raises NotFound for an unknown nudge, InvalidInput for an unknown action."""
    if action not in STATUS_OF:
        raise InvalidInput(f"unknown action {action!r}", f"one of {', '.join(STATUS_OF)}")
    with transaction(db):
        nudge = nudges.find(db, nudge_id)
        if action in OPINIONS:
            nudges.judge(db, nudge.id, OPINIONS[action])
        if nudges.answer(db, nudge.id, STATUS_OF[action], now):
            task = stored_tasks.get(db, nudge.task_id) if nudge.task_id else None
            if task is not None and task.status == "pending":  # it may have been done elsewhere meanwhile
                _do(db, task, action, now, config)
        return nudges.find(db, nudge.id)


def _do(db: Connection, task: Task, action: str, now: datetime, config: Config) -> None:
    if action == "snooze":
        until = (now + timedelta(minutes=config.nudge.snooze_min)).replace(second=0, microsecond=0)
        until = until.astimezone(zone(task.time_zone))  # a task's times are read on the clock of its own zone
        tasks.snooze(db, [task], until, now)
    elif action == "done":
        tasks.done(db, [task], now)
    elif action == "start":
        tasks.start(db, task, now)


def buttons(nudge: Nudge) -> Mapping[str, str]:
    """Labels by action: what can be done about the nudge with one press."""
    found = {"done": "Done", "snooze": "Snooze", "start": "Start"} if nudge.task_id else {"open": "OK"}
    return found if nudge.situation in (REMINDER, DIGEST) else {**found, "not_helpful": "Not helpful"}


def desktop_delivery(
    notifier: Notifier, on_action: OnAction, fallback: Deliver | None = None, with_buttons: bool = True
) -> Deliver:
    """Delivery as a notification with buttons; where no service takes it, by `fallback`.

    Without buttons it stays when the notifier closes; with them it is taken down, as nobody would hear them."""

    def deliver(nudge: Nudge) -> str:
        heard = lambda action: on_action(nudge.id, action)  # noqa: E731
        if notifier.send("Coach", nudge.text, buttons(nudge) if with_buttons else {}, heard, heard):
            return "desktop"
        return fallback(nudge) if fallback else ""

    return deliver


def desktop_finding() -> Finding:
    """Whether notifications can be shown here, for `coach doctor` and before a notifier is made."""
    from coach.integrations.desktop import available

    return available()


def desktop_is_quiet() -> bool:
    """Whether the desktop was told not to disturb."""
    from coach.integrations.quiet import do_not_disturb

    return do_not_disturb()


def desktop_notifier() -> Notifier:
    """A context that shows notifications; see `integrations.desktop.Notifier`."""
    from coach.integrations.desktop import Notifier

    return Notifier()


def again(db: Connection, nudge: Nudge) -> Nudge:
    """The nudge as the store has it now. Raises NotFound."""
    return nudges.find(db, nudge.id)


def history(db: Connection, limit: int = 20) -> list[Nudge]:
    """The last nudges with what happened next, newest first."""
    return nudges.latest(db, limit)


def rate(db: Connection, ref: str, rating: int) -> Nudge:
    """Remember how good a nudge was, 1 to 5. Raises NotFound, InvalidInput."""
    if not 1 <= rating <= 5:
        raise InvalidInput(f"a rating of {rating} is not possible", "from 1 (poor) to 5 (good)")
    nudge = nudges.find(db, ref)
    nudges.rate(db, nudge.id, rating)
    return replace(nudge, rating=rating)


def judge(db: Connection, ref: str, useful: bool) -> Nudge:
    """Remember whether a nudge was of use. Raises NotFound."""
    nudge = nudges.find(db, ref)
    nudges.judge(db, nudge.id, useful)
    return replace(nudge, useful=useful)


def misfires(db: Connection, now: datetime) -> list[tuple[str, datetime, str]]:
    """(nudge id, when, why) of the deliveries that did not go as they should within 30 days, newest first."""
    return nudges.misfires(db, now - timedelta(days=30))


def silence(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> str | None:
    """Why Coach would not speak by itself now: "off", or what `core.nudge.why_silent` says; None when it may."""
    if not config.nudge.enabled:
        return "off"
    return why_silent(view(db, config, now, tz), limits(config), _past(db, now))


def _queue(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, tone: Tone | None, dice: Random,
    do_not_disturb: Callable[[], bool],
) -> Nudge | None:
    seen = view(db, config, now, tz)
    if best(seen, _past(db, now)) is None or do_not_disturb():
        return None
    with transaction(db):  # two processes must not both find that the cap has room
        if _is_silent(db, seen, config, now):
            return None
        said_in = voice(db, config)
        choice = nudge_choice.pick(db, config, seen, _past(db, now), sayable(said_in), now, dice)
        if choice is None:
            return None
        mode = rating.mode_heard(choice.situation, said_in.mode, said.rated(db), now.isoformat())
        nudge = word(db, config, now, choice, replace(said_in, mode=mode), tone)
        nudges.insert(db, nudge)
        nudge_choice.note(db, seen, choice, nudge.id, now)
    return nudge


def _is_silent(db: Connection, seen: NudgeView, config: Config, now: datetime) -> bool:
    past = _past(db, now)
    if past and past[0].status == "failed" and now - past[0].at < FAILED_REST:
        return True
    return why_silent(seen, limits(config), past) is not None


def _past(db: Connection, now: datetime) -> list[Nudge]:
    """What was said lately, and the moments that were held out, newest first."""
    return sorted((*nudges.since(db, now - HISTORY), *trials.held_since(db, now - HISTORY)), key=lambda n: n.at, reverse=True)


def _holds_back(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> bool:
    """Whether what is queued has to wait. It was counted when it was chosen, so neither cap nor cool-down is asked."""
    return why_silent(view(db, config, now, tz), limits(config), ()) is not None
