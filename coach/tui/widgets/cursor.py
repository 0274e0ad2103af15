"""A cursor over things in a row: what drawn tables and charts share."""

from __future__ import annotations

from coach.tui.widgets.paint import Painted


class Cursored(Painted):
    """`cursor` is the number of one of `count` things. The focus shows at the cursor, so it is drawn again when it moves."""

    cursor = 0

    @property
    def count(self) -> int:
        """How many there are to go over."""
        raise NotImplementedError

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(self.count - 1)

    def _go(self, cursor: int) -> None:
        self.cursor = max(0, min(cursor, self.count - 1))
        self.repaint()


class Rows(Cursored):
    """One below the other."""

    def action_cursor_down(self) -> None:
        self._go(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self._go(self.cursor - 1)

    def in_sight(self, height: int) -> range:
        """The rows from the first that is shown on, so that the cursor is in sight within that many lines."""
        return range(max(0, min(self.cursor - height + 1, self.count - 1)), self.count)


class Columns(Cursored):
    """Side by side."""

    def action_cursor_left(self) -> None:
        self._go(self.cursor - 1)

    def action_cursor_right(self) -> None:
        self._go(self.cursor + 1)
