"""A conversation: questions are answered, wishes become proposals that wait for a key, rituals guide through morning and
evening, and who asks for help gets one next step. One home for the app's chat and for `coach ask`."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import blunt, care, say, verdict, wish
from coach.core.coaching import Coached, follow
from coach.core.errors import CoachError, NotFound
from coach.core.facts import Fact, fact_json
from coach.core.task import Task
from coach.engine import chat, coaching, tasks, voicing
from coach.engine.acting import wishing
from coach.engine.acting.proposal import Here, Proposal, proposal_json, text_of
from coach.engine.understanding import State
from coach.store import chat as store
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.engine.models import Models
    from coach.engine.rituals import Name, Ritual, Said

_RITUALS: tuple[tuple[Name, re.Pattern[str]], ...] = (
    ("morning", re.compile(
        r"(?:let'?s |please |help me )?(?:plan (?:my|the|this) (?:day|morning)|start (?:my|the) day"
        r"|morning (?:planning|ritual|routine))(?: with me| together)?|good morning(?:,? coach)?", re.IGNORECASE)),
    ("evening", re.compile(
        r"(?:let'?s |please |help me )?(?:(?:wrap|finish|close|end|round) (?:up |off )?(?:my|the|this) (?:work ?)?day"
        r"(?: up| off)?"
        r"|shut ?down(?: (?:my|the|for the) day| ritual| routine)?|evening (?:shutdown|ritual|review|routine)"
        r"|end of (?:the )?day(?: (?:ritual|review|routine))?|call it a day|i'?m done for (?:today|the day))", re.IGNORECASE)),
)
_QUESTION = re.compile(
    r"(?:what|when|where|which|who|whom|whose|why|how|is|are|am|was|were|do|does|did|has|have|had|should|shall|may|might"
    r"|show|tell|list|give me (?:a |the |my )?(?:list|summary|overview))\b", re.IGNORECASE)
_ASKED_POLITELY = re.compile(r"(?:can|could|would|will) (?:you|u)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what Coach says: text, facts one by one, a line of tone; or a proposal that waits for `apply`."""

    kind: Literal["text", "fact", "tone", "proposal"]
    text: str = ""
    fact: Fact | None = None
    source: str = ""
    model: str | None = None
    proposal: Proposal | None = None


@dataclass(slots=True)
class Conversation:
    """What one conversation remembers between two turns; used by one thread at a time. `guided`: rituals may ask back, which
    wants somebody to answer."""

    config: Config
    tz: ZoneInfo
    models: Models
    guided: bool = True
    state: State | None = None
    ritual: Ritual | None = None
    waiting: Proposal | None = None
    coached: Coached | None = None
    document: dict[str, Any] = field(default_factory=dict)
    """The answer object of the last turn, as `coach ask --json` prints it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self, db: Connection, question: str, now: datetime, cancelled: threading.Event | None = None, *, with_tone: bool = True
    ) -> Iterator[Piece]:
        """The pieces of the answer; what was said is kept when the last has been taken. Nothing else is changed, but by a yes to
        what waits, or a choice in a ritual."""
        with self.lock:
            waiting, self.waiting = self.waiting, None
            if (matter := care.matter(question)) is not None:
                yield from self._told(db, question, now, None, " ".join(care.ANSWERS[matter]), ())
                return
            if waiting is not None and (decided := self._decided(db, question, waiting, now)) is not None:
                yield from self._told(db, question, now, "action", decided, ())
                return
            here = Here(db, self.config, now, self.tz, self._it(db), self.models.similar)
            ritual = self._ritual(here, question)
            if ritual is not None:
                yield from self._told(db, question, now, "ritual", ritual.text, ritual.facts)
                return
            if (helped := coaching.answer(here, question, self.coached)) is not None:
                yield from self._helped(here, question, helped, cancelled, with_tone=with_tone)
                return
            if (wish_ := wished(here, question)) is not None:
                yield from self._proposed(here, question, wish_)
                return
            if (needless := self._nothing_waits(question)) is not None:
                yield from self._told(db, question, now, "action", needless, ())
                return
            pieces: list[chat.Piece] = []
            for piece in chat.answer(
                db, question, config=self.config, now=now, tz=self.tz, models=self.models, state=self.state, cancelled=cancelled,
                with_tone=with_tone,
            ):
                pieces.append(piece)
                if piece.kind != "done":
                    yield Piece(piece.kind, piece.text, piece.fact, piece.source, piece.model)
            self.state = pieces[-1].state
            self.coached = None
            self.document = {**chat.to_json(pieces), "proposal": None}
            chat.keep(db, question, pieces, now)

    def apply(self, db: Connection, now: datetime) -> str:
        """Do what was proposed last; in words, what was done. Raises NotFound when nothing waits."""
        proposal, self.waiting = self.waiting, None
        if proposal is None:
            raise NotFound("nothing waits to be done")
        said = proposal.do(db, now)
        store.tell(db, now, said, {"intent": "action", "applied": True})
        return said

    def drop(self) -> None:
        """Forget what was proposed."""
        self.waiting = None

    def _decided(self, db: Connection, question: str, waiting: Proposal, now: datetime) -> str | None:
        """What came of a yes or no to what waits, in words; None for other words, and for a no that asks for another step."""
        decided = verdict.of(question)
        if decided == "yes":
            try:
                return waiting.do(db, now)
            except CoachError as error:
                return _sentences(error)
        another = self.coached is not None and follow(question) == "else"
        return "Left as it was." if decided == "no" and not another else None

    def _nothing_waits(self, question: str) -> str | None:
        """What is said to a yes or no that nothing waits for; None for other words."""
        decided = verdict.of(question)
        choices = self.state.choices if self.state is not None else ()
        if decided is None or (decided == "yes" and len(choices) == 1):
            return None
        if choices and decided == "yes":
            return f"Which one? Say its number, 1 to {len(choices)}."
        said = "Nothing waits for a yes." if decided == "yes" else "Nothing waits, so nothing is changed."
        return f"{said} Say what to do, like “move the report to friday”: you see what would change before it is done."

    def _it(self, db: Connection) -> Task | None:
        return tasks.known(db, self.state.task_id) if self.state and self.state.task_id else None

    def _ritual(self, here: Here, question: str) -> Said | None:
        from coach.engine import rituals  # the plan and the day: only for who plans or closes it here

        words = question.strip().rstrip(".!")
        said = None
        if self.ritual is not None:
            said = rituals.answer(self.ritual, question, here)
        if said is None and self.guided:
            said = next((rituals.begin(name, here) for name, pattern in _RITUALS if pattern.fullmatch(words)), None)
        if said is not None:
            self.ritual = said.ritual
        return said

    def _proposed(self, here: Here, question: str, proposal: Proposal | CoachError) -> Iterator[Piece]:
        if isinstance(proposal, CoachError):
            yield from self._told(here.db, question, here.now, "action", _sentences(proposal), ())
            return
        self.waiting = proposal
        if proposal.task_id:
            self.state = State("task_detail", task_id=proposal.task_id)
        text = text_of(proposal)
        self.document = {
            "intent": "action", "answer": text, "facts": [], "tone": None, "abstained": False, "source": "rule",
            "proposal": proposal_json(proposal),
        }
        store.add(here.db, here.now, question, text, self.document)
        yield Piece("proposal", text, proposal=proposal)

    def _helped(
        self, here: Here, question: str, helped: coaching.Help, cancelled: threading.Event | None, *, with_tone: bool
    ) -> Iterator[Piece]:
        """Computed sentences and the step first; after them a line of a trusted model, where one is in use."""
        self.coached, self.waiting = helped.coached, helped.proposal
        if helped.coached.task_id:
            self.state = State("task_detail", task_id=helped.coached.task_id)
        card = helped.card
        yield Piece("text", card.text)
        for fact in card.facts:
            yield Piece("fact", fact.text, fact)
        if helped.proposal is not None:
            yield Piece("proposal", text_of(helped.proposal), proposal=helped.proposal)
        line = None
        if with_tone and not (cancelled and cancelled.is_set()):
            line = voicing.beside(here.db, helped, question, config=self.config, models=self.models, cancelled=cancelled)
        if line is not None:
            yield Piece("tone", line.text, source=line.source, model=line.model)
        self.document = {
            "intent": "coaching", "answer": card.text, "facts": [fact_json(f) for f in card.facts],
            "tone": None if line is None else {"text": line.text, "source": line.source, "model": line.model},
            "abstained": False, "source": "rule",
            "proposal": proposal_json(helped.proposal) if helped.proposal is not None else None,
        }
        store.add(here.db, here.now, question, card.text, self.document)

    def _told(
        self, db: Connection, question: str, now: datetime, intent: str | None, text: str, facts: tuple[Fact, ...]
    ) -> Iterator[Piece]:
        self.document = {
            "intent": intent, "answer": text, "facts": [fact_json(f) for f in facts], "tone": None, "abstained": intent is None,
            "source": "rule", "proposal": None,
        }
        store.add(db, now, question, text, self.document)
        yield Piece("text", text)
        for fact in facts:
            yield Piece("fact", fact.text, fact)


def _sentences(error: CoachError) -> str:
    return " ".join(f"{say.capital(part)}." for part in (error.message, error.hint) if part)


def wished(here: Here, question: str) -> Proposal | CoachError | None:
    """What a wish comes to, or why it cannot be done; None where the words are none."""
    sure: CoachError | None = None
    if is_wish(question):
        try:
            return wishing.propose(here, question)
        except CoachError as error:
            sure = error
    try:
        return wishing.guess(here, question) or sure
    except CoachError as error:
        return sure or error


def is_wish(question: str) -> bool:
    """Whether the words want something done: an imperative that is known, not a question about it."""
    words = " ".join(question.split())
    asks = words.endswith("?") and not _ASKED_POLITELY.match(words)
    return not asks and not _QUESTION.match(blunt.plain(words)) and wish.read(words) is not None


def listening(
    unlocked: Any, conversation: Conversation, clock: Callable[[], datetime]
) -> Callable[[str, threading.Event], Iterator[Piece]]:
    """For the chat pane: a function from a question and a stop event to the pieces of the answer, called in any thread, with a
    connection of its own."""
    from coach.store.db import connect

    def ask(question: str, stop: threading.Event) -> Iterator[Piece]:
        db = connect(unlocked)
        try:
            yield from conversation.ask(db, question, clock(), stop)
        finally:
            db.close()

    return ask
