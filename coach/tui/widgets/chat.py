"""A conversation: questions and answers that arrive in pieces. Self-contained, so that it is a screen's body as well as
the pane that slides over any screen. It knows an `Asker`, not the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import ClassVar, Literal, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from coach.core import verdict
from coach.core.facts import Fact
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.widgets.chatentry import ChatEntry
from coach.tui.widgets.paint import clean
from coach.tui.widgets.proposal import ProposalBox


class Piece(Protocol):
    """A part of an answer: `kind` is text, fact, tone, proposal or note."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def fact(self) -> Fact | None: ...


Asker = Callable[[str, Event], Iterator[Piece]]
"""Yields the pieces of the answer; runs in a thread and stops soon after the event is set."""

EXAMPLES = (
    "what should I do next?", "how was my focus this week?", "how long was I in Firefox yesterday?",
    "move the report to tomorrow", "plan my day", "shut down",
)


class Bubble(Static):
    """One side's words. Not markup: what people type and titles that are quoted stay as they are."""

    DEFAULT_CSS = """
    Bubble { height: auto; margin: 0 1 1 1; width: 1fr; }
    Bubble.-me { color: $primary; text-style: bold; margin: 1 1 0 1; }
    Bubble.-tone { color: $text-muted; text-style: italic; margin: 0 1 1 3; }
    Bubble.-note { color: $text-muted; }
    Bubble.-facts { color: $text-muted; margin: 0 1 1 3; }
    """

    def __init__(self, text: str, side: str) -> None:
        super().__init__(markup=False, classes=f"-{side}")
        self.side, self.text = side, text
        self.update(self._shown())

    def add(self, more: str) -> None:
        self.text += more
        self.update(self._shown())

    def _shown(self) -> str:
        words = "\n".join(clean(line) for line in self.text.split("\n"))
        return f"› {words}" if self.has_class("-me") else words


class ChatPane(Vertical):
    """History above, a field to type in below. Up and down bring questions back, Esc stops and gives the question back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("chat")

    DEFAULT_CSS = """
    ChatPane { height: 1fr; }
    ChatPane #lines { height: 1fr; max-width: 104; scrollbar-size-vertical: 1; }
    ChatPane #ask, ChatPane #ask:focus { margin: 0 1; }
    ChatPane #hint { color: $text-muted; padding: 1 2; height: auto; }
    ChatPane #busy { color: $text-muted; height: 1; padding: 0 2; }
    """

    class Answered(Message):
        """An answer is complete or was stopped."""

    class Wanted(Message):
        """Something beyond asking: to do or leave a proposal (`box`), to do what waits of another pane, if anything does, else to
        hear the yes (`text`), to see `facts`, to find, export or rate what was said."""

        def __init__(
            self, pane: ChatPane, what: Literal["do", "leave", "yes", "facts", "find", "export", "rate"],
            box: ProposalBox | None = None, facts: Sequence[Fact] = (), text: str = "",
        ) -> None:
            super().__init__()
            self.pane, self.what, self.box, self.facts, self.text = pane, what, box, facts, text

    class Piece(Message):
        """A piece arrived from the thread."""

        def __init__(self, number: int, kind: str, text: str, fact: Fact | None = None) -> None:
            super().__init__()
            self.number, self.kind, self.text, self.fact = number, kind, text, fact

    def __init__(self, ask: Asker, keymap: Mapping[str, str] | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask, self._keymap = ask, keymap or {}
        self._asked: list[str] = []
        self._place = 0
        self._number = 0
        self._stop = Event()
        self._answering = False
        self._answer: Bubble | None = None
        self._facts: list[Fact] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="lines"):
            yield Static(hint(), id="hint", markup=False)
        yield Static("", id="busy", markup=False)
        yield ChatEntry("Ask about your days, or say what to do", id="ask")

    def load(self, past: Sequence[tuple[str, str]]) -> None:
        """Show earlier lines, oldest first: (side, text), side is me, coach or tone. What is being answered stays."""
        shown = self._said()
        if self._answering or not past or shown[-len(past):] == list(past) or past[-len(shown):] == tuple(shown):
            return
        self._asked = [text for side, text in past if side == "me"]
        self._place = len(self._asked)
        self._answer = None
        self.query_one("#hint").display = False
        lines = self.query_one("#lines", VerticalScroll)
        lines.remove_children("Bubble, ProposalBox")
        lines.mount_all(Bubble(text, side) for side, text in past)
        self.call_after_refresh(lines.scroll_end, animate=False)

    def _said(self) -> list[tuple[str, str]]:
        """What stands in the history, as `load` takes it: facts and failures are this pane's own."""
        found: list[tuple[str, str]] = []
        for line in self.query_one("#lines").children:
            if isinstance(line, Bubble) and line.side in ("me", "coach", "tone"):
                found.append((line.side, line.text))
            elif isinstance(line, ProposalBox):
                found.append(("coach", line.text))
        return found

    def focus_entry(self) -> None:
        self.query_one("#ask", ChatEntry).focus()

    # Asking

    @on(ChatEntry.Sent)
    def _sent(self, event: ChatEntry.Sent) -> None:
        """A yes is for what waits; a no is said to Coach, which may have something else to propose."""
        waiting = next((box for box in self.query(ProposalBox) if not box.is_over), None)
        if verdict.of(event.text) != "yes":
            self.ask(event.text)
        elif waiting is not None:
            waiting.decide(yes=True)
        else:
            self.post_message(self.Wanted(self, "yes", text=event.text))

    def ask(self, question: str) -> None:
        """Put a question; one that is still being answered is stopped first."""
        self._stop.set()
        self._stop = Event()
        self._number += 1
        self._asked.append(question)
        self._place = len(self._asked)
        self._answer = None
        self._facts = []
        self.query_one("#hint").display = False
        for box in self.query(ProposalBox):
            if not box.is_over:
                box.close("left")
        self._add(Bubble(question, "me"))
        self._busy("thinking…  esc stops")
        number, stop = self._number, self._stop
        self.run_worker(lambda: self._run(number, question, stop), thread=True, group="chat", exit_on_error=False)
        self._answering = True

    def _run(self, number: int, question: str, stop: Event) -> None:
        """In a thread: hands each piece to the UI as a message."""
        for piece in self._ask(question, stop):
            if stop.is_set():
                break
            self.post_message(self.Piece(number, piece.kind, piece.text, piece.fact))

    def on_chat_pane_piece(self, piece: ChatPane.Piece) -> None:
        if piece.number != self._number:
            return
        if piece.kind == "text":
            if self._answer is None:
                self._answer = Bubble(piece.text, "coach")
                self._add(self._answer)
            else:
                self._answer.add(piece.text)
        elif piece.kind == "fact":
            if piece.fact is not None and piece.fact.unit != "text" and piece.fact.metric != "choice":
                self._facts.append(piece.fact)
            return
        elif piece.kind == "proposal":
            self._propose(piece.text)
        else:
            self._add(Bubble(piece.text, piece.kind))
        self.query_one("#lines", VerticalScroll).scroll_end(animate=False)

    def _propose(self, text: str) -> None:
        box = ProposalBox(text, self._keymap)
        lines = self.query_one("#lines", VerticalScroll)
        lines.mount(box)
        if not self.query_one("#ask", ChatEntry).text:  # who types on is not interrupted, nor is their enter a yes
            box.focus()
        self.call_after_refresh(lines.scroll_end, animate=False)

    @on(ProposalBox.Decided)
    def _decided(self, event: ProposalBox.Decided) -> None:
        event.stop()
        if not event.yes:
            event.box.close("left as it was")
        self.post_message(self.Wanted(self, "do" if event.yes else "leave", event.box))
        self.focus_entry()

    @on(ProposalBox.Typed)
    def _typed(self, event: ProposalBox.Typed) -> None:
        event.stop()
        entry = self.query_one("#ask", ChatEntry)
        entry.focus()
        entry.insert(event.character)

    def say(self, text: str) -> None:
        """A line of Coach's that answers no question."""
        self._answer = Bubble(text, "coach")
        self._add(self._answer)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        over = (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED)
        if event.worker.group != "chat" or event.state not in over:
            return
        if event.state is WorkerState.ERROR:
            from coach.core.errors import CoachError

            error = event.worker.error
            if not isinstance(error, CoachError):
                raise error or RuntimeError("the answer's thread failed")
            self._add(Bubble(f"{error.message}\n{error.hint}".strip(), "note"))
        if not any(w.is_running for w in self.workers if w.group == "chat"):
            if self._answering and self._facts:
                self._add(Bubble(_sources(self._facts, keys_of(BY_ID["chat.facts"], self._keymap)), "facts"))
            self._answering = False
            self._busy("")
            self.post_message(self.Answered())

    def _add(self, bubble: Bubble) -> None:
        lines = self.query_one("#lines", VerticalScroll)
        lines.mount(bubble)
        self.call_after_refresh(lines.scroll_end, animate=False)

    def _busy(self, words: str) -> None:
        self.query_one("#busy", Static).update(words)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is ours only while there is something to stop."""
        return self._answering if action == "chat_cancel" else True

    def action_chat_cancel(self) -> None:
        if self._answering:
            self._stop.set()
            self._number += 1
            self._answering = False
            self._busy("stopped")
            entry = self.query_one("#ask", ChatEntry)
            if not entry.text and self._asked:
                entry.recall(self._asked[-1])

    def action_chat_older(self) -> None:
        self._recall(-1)

    def action_chat_newer(self) -> None:
        self._recall(1)

    def action_chat_copy(self) -> None:
        if self._answer is not None:
            self.app.copy_to_clipboard(self._answer.text)
            self._busy("copied")

    def action_chat_facts(self) -> None:
        if self._facts:
            self.post_message(self.Wanted(self, "facts", facts=list(self._facts)))
        else:
            self._busy("the last answer stands on no number")

    def action_chat_rate(self) -> None:
        if self._answer is not None and not self._answering:
            self.post_message(self.Wanted(self, "rate"))

    def action_chat_find(self) -> None:
        self.post_message(self.Wanted(self, "find"))

    def action_chat_export(self) -> None:
        self.post_message(self.Wanted(self, "export"))

    def _recall(self, by: int) -> None:
        self._place = max(0, min(len(self._asked), self._place + by))
        self.query_one("#ask", ChatEntry).recall(self._asked[self._place] if self._place < len(self._asked) else "")


SHOWN_FACTS = 3


def _sources(facts: Sequence[Fact], key: str) -> str:
    """The first facts of an answer, numbered as the dialog of all of them numbers them."""
    shown = [
        f"[{n}] {clean(f.text)}" + (f" {clean(f.entity)[:24]}" if f.entity else "") for n, f in enumerate(facts[:SHOWN_FACTS], 1)
    ]
    more = f" and {len(facts) - SHOWN_FACTS} more" if len(facts) > SHOWN_FACTS else ""
    return f"{'  '.join(shown)}{more} · {key} shows where from"


def hint() -> str:
    asks = "\n".join(f"  › {example}" for example in EXAMPLES)
    return f"Every number in an answer comes from your own store; nothing leaves this machine.\n\n{asks}"
