"""The conversation with a made-up source of pieces, in an app of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from coach.core.errors import Unavailable
from coach.core.facts import Fact
from coach.tui.widgets.chat import Bubble, ChatPane
from coach.tui.widgets.chatentry import ChatEntry
from coach.tui.widgets.proposal import ProposalBox


@dataclass(frozen=True)
class Said:
    kind: str
    text: str
    fact: Fact | None = None


class Source:
    """Answers with what it was asked; `hold` makes it wait between two pieces."""

    def __init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.asked: list[str] = []
        self.finished = 0

    def __call__(self, question: str, stop: threading.Event) -> Iterator[Said]:
        self.asked.append(question)
        if question.startswith("move"):
            yield Said("proposal", "Move it\n  due: today → tomorrow")
            return
        if question == "count":
            yield Said("text", "Two.")
            yield Said("fact", "2", Fact("nvim", "visits", 2, "count", "2", "2026-11-20", "f1"))
            return
        if question == "break":
            raise Unavailable("the store is busy", "try again")
        yield Said("text", f"You asked: {question}. ")
        self.hold.wait(5)
        if not stop.is_set():
            yield Said("text", "That is all.")
            yield Said("tone", "Onwards.")
        self.finished += 1


class ChatApp(App[None]):
    def __init__(self, source: Source, past: list[tuple[str, str]] | None = None) -> None:
        super().__init__()
        self.wanted: list[ChatPane.Wanted] = []
        self.source, self.past = source, past or []

    def compose(self) -> ComposeResult:
        yield ChatPane(self.source)

    def on_mount(self) -> None:
        self.query_one(ChatPane).focus_entry()
        self.query_one(ChatPane).load(self.past)


    def on_chat_pane_wanted(self, event: ChatPane.Wanted) -> None:
        self.wanted.append(event)


async def until_proposed(pilot: Pilot[None]) -> None:
    for _ in range(200):
        await pilot.pause(0.01)
        if isinstance(pilot.app.focused, ProposalBox):
            return
    raise AssertionError("no proposal")


def lines(app: App[None]) -> list[tuple[str, str]]:
    return [(b.side, b.text) for b in app.query(Bubble)]


async def until(pilot: Pilot[None], count: int) -> None:
    for _ in range(200):
        await pilot.pause(0.01)
        if len(lines(pilot.app)) >= count:
            return
    raise AssertionError(f"only {lines(pilot.app)}")


async def asked(pilot: Pilot[None], question: str) -> None:
    await pilot.press(*question, "enter")


async def test_an_answer_arrives_in_pieces_and_tone_stands_apart() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "why?")
        await until(pilot, 3)
        assert lines(pilot.app) == [("me", "why?"), ("coach", "You asked: why?. That is all."), ("tone", "Onwards.")]
        assert not pilot.app.query_one("#hint").display


async def test_escape_stops_an_answer_and_late_pieces_are_dropped() -> None:
    source = Source()
    source.hold.clear()
    async with ChatApp(source).run_test() as pilot:
        await asked(pilot, "why?")
        await until(pilot, 2)
        await pilot.press("escape")
        source.hold.set()
        for _ in range(100):
            await pilot.pause(0.01)
            if source.finished:
                break
        await pilot.pause()
        assert lines(pilot.app) == [("me", "why?"), ("coach", "You asked: why?. ")]


async def test_a_second_question_replaces_the_first_answer() -> None:
    source = Source()
    source.hold.clear()
    async with ChatApp(source).run_test() as pilot:
        await asked(pilot, "one")
        await until(pilot, 2)
        await asked(pilot, "two")
        source.hold.set()
        await until(pilot, 5)
        assert lines(pilot.app)[2:] == [("me", "two"), ("coach", "You asked: two. That is all."), ("tone", "Onwards.")]


async def test_up_and_down_bring_questions_back() -> None:
    async with ChatApp(Source(), [("me", "older"), ("coach", "yes")]).run_test() as pilot:
        await asked(pilot, "newer")
        await until(pilot, 5)
        entry = pilot.app.query_one(ChatEntry)
        shown = []
        for key in ("up", "up", "up", "down", "down"):
            await pilot.press(key)
            shown.append(entry.text)
        assert shown == ["newer", "older", "older", "newer", ""]


async def test_copy_takes_the_last_answer() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "why?")
        await until(pilot, 3)
        await pilot.press("ctrl+y")
        assert pilot.app.clipboard == "You asked: why?. That is all."


async def test_a_failure_is_a_sentence_and_the_pane_goes_on() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "break")
        await until(pilot, 2)
        assert lines(pilot.app)[1] == ("note", "the store is busy\ntry again")
        await asked(pilot, "why?")
        await until(pilot, 5)


async def test_markup_and_control_characters_are_only_text() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        pilot.app.query_one(ChatPane).ask("[bold]x[/] \x1b[2J")
        await until(pilot, 3)
        shown = str(next(iter(pilot.app.query(Bubble))).render())
        assert "[bold]x[/]" in shown
        assert "\x1b" not in shown


async def test_a_question_of_several_lines_is_sent_whole_and_stopping_gives_it_back() -> None:
    source = Source()
    source.hold.clear()
    async with ChatApp(source).run_test() as pilot:
        await pilot.press(*"why", "ctrl+j", *"so late", "enter")
        await until(pilot, 2)
        assert source.asked == ["why\nso late"]
        await pilot.press("escape")
        source.hold.set()
        assert pilot.app.query_one(ChatEntry).text == "why\nso late"


async def test_up_moves_within_several_lines_before_it_goes_back() -> None:
    async with ChatApp(Source(), [("me", "older"), ("coach", "yes")]).run_test() as pilot:
        await pilot.press(*"a", "ctrl+j", *"b", "up")
        assert pilot.app.query_one(ChatEntry).text == "a\nb"
        await pilot.press("up")
        assert pilot.app.query_one(ChatEntry).text == "older"


async def test_a_proposal_waits_for_a_key_and_is_decided_once() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "move it")
        await until_proposed(pilot)
        assert isinstance(pilot.app.focused, ProposalBox)
        await pilot.press("enter")
        await pilot.pause()
        assert [w.what for w in pilot.app.wanted] == ["do"]
        assert pilot.app.focused is pilot.app.query_one(ChatEntry)


async def test_a_proposal_that_is_left_says_so_and_another_question_leaves_it_too() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "move it")
        await until_proposed(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert [w.what for w in pilot.app.wanted] == ["leave"]
        assert pilot.app.query_one(ProposalBox).is_over


async def test_the_facts_of_an_answer_are_numbered_and_asked_for() -> None:
    async with ChatApp(Source()).run_test() as pilot:
        await asked(pilot, "count")
        await until(pilot, 3)
        assert lines(pilot.app)[2] == ("facts", "[1] 2 nvim · ctrl+g shows where from")
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert [f.entity for f in pilot.app.wanted[0].facts] == ["nvim"]


async def test_an_empty_line_asks_nothing() -> None:
    source = Source()
    async with ChatApp(source).run_test() as pilot:
        await pilot.press("space", "enter")
        assert source.asked == []
