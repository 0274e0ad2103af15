"""The first run: six short questions, one at a time. Esc skips all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core.errors import CoachError
from coach.engine import onboarding
from coach.engine.onboarding import Answers
from coach.engine.onboarding import hours as read_hours

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

PRIVACY = (
    "Coach can note which program, window title and web address is in front, to show where your time goes.\n\n"
    "It stays on this machine, encrypted (AES-256). Nothing is sent anywhere. Private windows and what you exclude are"
    " never written, addresses lose everything after the question mark, shell commands are kept as a name only.\n\n"
    "What you put off is worked out only if you say so here or in Setup, from when tasks are begun, snoozed and done, and"
    " erased when you turn that off.\n\n"
    "f9 pauses it at once. Setup shows what is kept, and really deletes it. Tasks and plan work without."
)


@dataclass(frozen=True, slots=True)
class Question:
    """`choices` are (answer, words); without any it is a line to type, read by `read`."""

    field: str
    title: str
    words: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    placeholder: str = ""
    read: Callable[[str], Any] = str.strip


QUESTIONS = (
    Question("name", "What shall I call you?", "Only used when I speak to you.", placeholder="your name, or nothing"),
    Question("work_hours", "When do you work?", "The plan uses these hours.", placeholder="9-17", read=read_hours),
    Question("chronotype", "When are you at your best?", "A first guess, until your own days say more.", (
        ("morning", "In the morning"), ("between", "In between, or it varies"), ("evening", "In the evening"),
    )),
    Question("role", "What do you do?", "It decides what counts as work: YouTube is work for some.", (
        *((role, role.capitalize()) for role in onboarding.ROLES), ("", "Something else"),
    )),
    Question("humour", "How much humour?", "About tasks, never about you. The persona can be changed in Setup.", (
        (1, "A little"), (0, "None, thank you"), (2, "Some"), (3, "Roast me"),
    )),
    Question("tracking", "May I watch where your time goes?", PRIVACY, (
        ((False, False), "No, not now"),
        ((True, False), "Yes, record it on this machine"),
        ((True, True), "Yes, and also work out what I put off"),
        ((False, True), "Only work out what I put off, from my tasks alone"),
    )),
)


class Onboarding(ModalScreen[None]):
    DEFAULT_CSS = """
    Onboarding {
        align: center middle; background: $background;
        & > VerticalScroll { width: 76; max-width: 100%; max-height: 100%; padding: 1 3; }
        &.-low > VerticalScroll { border: none; padding: 0 1; }
        #title { text-style: bold; color: $primary; margin-bottom: 1; }
        #words { color: $quiet; margin-bottom: 1; }
        Input { margin-bottom: 1; background: $panel; }
        #wrong { color: $error; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012  Textual declares it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "skip", "skip all"), Binding("enter", "next", "next"),
        Binding("up,k", "choose(-1)", "up"), Binding("down,j", "choose(1)", "down"),
        Binding("shift+tab", "back", "back"),
    ]

    app: CoachApp

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self._chosen = [0] * len(QUESTIONS)
        self._typed = [""] * len(QUESTIONS)
        self._answers = Answers()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_subtitle = "enter next · shift+tab back · esc skips all"
            yield Static(id="title", markup=False)
            yield Static(id="words", markup=False)
            yield Input(select_on_focus=False)
            yield Static(id="choices")
            yield Static(id="wrong", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._ask()

    def action_choose(self, by: int) -> None:
        choices = QUESTIONS[self._at].choices
        if choices:
            self._chosen[self._at] = (self._chosen[self._at] + by) % len(choices)
            self._draw()

    def action_back(self) -> None:
        self._typed[self._at] = self.query_one(Input).value
        self._at = max(0, self._at - 1)
        self._ask()

    def action_next(self) -> None:
        question = QUESTIONS[self._at]
        try:
            answer = self._answer(question)
        except CoachError as error:
            self.query_one("#wrong", Static).update(f"{error.message}: {error.hint}")
            return
        if question.field == "tracking":
            self._answers = replace(self._answers, tracking=answer[0], profiling=answer[1])
            self._save()
            return
        self._answers = replace(self._answers, **{question.field: answer})
        self._at += 1
        self._ask()

    def on_input_submitted(self) -> None:
        self.action_next()

    def action_skip(self) -> None:
        self._answers = Answers()
        self._save()

    def _answer(self, question: Question) -> Any:
        if question.choices:
            return question.choices[self._chosen[self._at]][0]
        self._typed[self._at] = text = self.query_one(Input).value
        return question.read(text) if text.strip() else None

    def _save(self) -> None:
        answers, app = self._answers, self.app

        async def save() -> None:
            runtime = app.runtime
            try:
                runtime.config = await app.write(
                    lambda db, now: onboarding.save(db, runtime.home, runtime.config, answers, now)
                )
            except CoachError as error:
                app.complain(error)
                return
            self.dismiss()

        self.run_worker(save(), exclusive=True)

    def _ask(self) -> None:
        question = QUESTIONS[self._at]
        self.query_one(".dialog").border_title = f"{self._at + 1} of {len(QUESTIONS)}"
        self.query_one("#title", Static).update(question.title)
        self.query_one("#words", Static).update(question.words)
        self.query_one("#wrong", Static).update("")
        entry = self.query_one(Input)
        entry.display = not question.choices
        if question.choices:
            self.set_focus(None)
        else:
            entry.placeholder = question.placeholder
            entry.value = self._typed[self._at]
            entry.focus()
        self._draw()

    def _draw(self) -> None:
        lines = []
        for n, (_, words) in enumerate(QUESTIONS[self._at].choices):
            here = n == self._chosen[self._at]
            lines.append(Content.styled(f"{'›' if here else ' '} {words}", "bold $primary" if here else ""))
        choices = self.query_one("#choices", Static)
        choices.update(Content("\n").join(lines))
        if lines:
            self.call_after_refresh(choices.scroll_visible, animate=False)
