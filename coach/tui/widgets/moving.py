"""What the letters that move do in a dialog: they scroll its text, or go over its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import OptionList

from coach.tui.widgets.cursor import Rows

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[object]
else:
    _Base = object


class ScrollsText(_Base):
    """For a dialog around one scrolling text."""

    def action_move_down(self) -> None:
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_move_up(self) -> None:
        self.query_one(VerticalScroll).scroll_up(animate=False)

    def action_move_first(self) -> None:
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_move_last(self) -> None:
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def action_move_left(self) -> None:
        """Nothing lies to the left."""

    def action_move_right(self) -> None:
        """Nothing lies to the right."""


class GoesOverRows(_Base):
    """For a dialog around one list."""

    def action_move_down(self) -> None:
        self.query_one(Rows).action_cursor_down()

    def action_move_up(self) -> None:
        self.query_one(Rows).action_cursor_up()

    def action_move_first(self) -> None:
        self.query_one(Rows).action_first()

    def action_move_last(self) -> None:
        self.query_one(Rows).action_last()


class GoesOverOptions(_Base):
    """For a dialog around one list of options."""

    def action_move_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_move_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    def action_move_first(self) -> None:
        self.query_one(OptionList).action_first()

    def action_move_last(self) -> None:
        self.query_one(OptionList).action_last()

    def action_move_left(self) -> None:
        """Nothing lies to the left."""

    def action_move_right(self) -> None:
        """Nothing lies to the right."""
