"""A conversation: questions and answers that arrive in pieces. Self-contained, so that it is a screen's body as well as
the pane that slides over any screen. It knows an `Asker`, not the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from coach.tui.actions import bindings
from coach.tui.widgets.paint import clean


class Piece(Protocol):
    """A part of an answer: `kind` is text, tone or note."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


Asker = Callable[[str, Event], Iterator[Piece]]
"""Yields the pieces of the answer; runs in a thread and stops soon after the event is set."""

EXAMPLES = ("what should I do next?", "how was my focus this week?", "how long was I in Firefox yesterday?")


class Bubble(Static):
    """One side's words. Not markup: what people type and titles that are quoted stay as they are."""

    DEFAULT_CSS = """
    Bubble { height: auto; margin: 0 1 1 1; width: 1fr; }
    Bubble.-me { color: $primary; text-style: bold; margin: 1 1 0 1; }
    Bubble.-tone { color: $text-muted; text-style: italic; margin: 0 1 1 3; }
    Bubble.-note { color: $text-muted; }
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
    """History above, a line to type in below. Up and down bring questions back, Esc stops, ctrl+y copies the answer."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("chat")

    DEFAULT_CSS = """
    ChatPane { height: 1fr; }
    ChatPane #lines { height: 1fr; max-width: 104; scrollbar-size-vertical: 1; }
    ChatPane #ask { margin: 0 1; }
    ChatPane #hint { color: $text-muted; padding: 1 2; height: auto; }
    ChatPane #busy { color: $text-muted; height: 1; padding: 0 2; }
    """

    class Answered(Message):
        """An answer is complete or was stopped."""

    class Piece(Message):
        """A piece arrived from the thread."""

        def __init__(self, number: int, kind: str, text: str) -> None:
            super().__init__()
            self.number, self.kind, self.text = number, kind, text

    def __init__(self, ask: Asker, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._asked: list[str] = []
        self._place = 0
        self._number = 0
        self._stop = Event()
        self._answering = False
        self._answer: Bubble | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="lines"):
            yield Static(hint(), id="hint", markup=False)
        yield Static("", id="busy", markup=False)
        entry = Input(placeholder="Ask about your days, or ask for advice", id="ask", select_on_focus=False)
        entry.cursor_blink = False
        yield entry

    def load(self, past: Sequence[tuple[str, str]]) -> None:
        """Show earlier lines, oldest first: (side, text), side is me, coach or tone. What is being answered stays."""
        shown = [(b.side, b.text) for b in self.query(Bubble)]
        if self._answering or not past or shown[-len(past):] == list(past) or past[-len(shown):] == tuple(shown):
            return
        self._asked = [text for side, text in past if side == "me"]
        self._place = len(self._asked)
        self._answer = None
        self.query_one("#hint").display = False
        lines = self.query_one("#lines", VerticalScroll)
        lines.remove_children(Bubble)
        lines.mount_all(Bubble(text, side) for side, text in past)
        self.call_after_refresh(lines.scroll_end, animate=False)

    def focus_entry(self) -> None:
        self.query_one("#ask", Input).focus()

    # Asking

    @on(Input.Submitted, "#ask")
    def _submitted(self, event: Input.Submitted) -> None:
        question = event.value.strip()
        if question:
            event.input.value = ""
            self.ask(question)

    def ask(self, question: str) -> None:
        """Put a question; one that is still being answered is stopped first."""
        self._stop.set()
        self._stop = Event()
        self._number += 1
        self._asked.append(question)
        self._place = len(self._asked)
        self._answer = None
        self.query_one("#hint").display = False
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
            self.post_message(self.Piece(number, piece.kind, piece.text))

    def on_chat_pane_piece(self, piece: ChatPane.Piece) -> None:
        if piece.number != self._number:
            return
        if piece.kind == "text":
            if self._answer is None:
                self._answer = Bubble(piece.text, "coach")
                self._add(self._answer)
            else:
                self._answer.add(piece.text)
        else:
            self._add(Bubble(piece.text, piece.kind))
        self.query_one("#lines", VerticalScroll).scroll_end(animate=False)

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

    def action_chat_older(self) -> None:
        self._recall(-1)

    def action_chat_newer(self) -> None:
        self._recall(1)

    def action_chat_copy(self) -> None:
        if self._answer is not None:
            self.app.copy_to_clipboard(self._answer.text)
            self._busy("copied")

    def _recall(self, by: int) -> None:
        entry = self.query_one("#ask", Input)
        self._place = max(0, min(len(self._asked), self._place + by))
        entry.value = self._asked[self._place] if self._place < len(self._asked) else ""
        entry.cursor_position = len(entry.value)


def hint() -> str:
    asks = "\n".join(f"  › {example}" for example in EXAMPLES)
    return f"Every number in an answer comes from your own store; nothing leaves this machine.\n\n{asks}"
