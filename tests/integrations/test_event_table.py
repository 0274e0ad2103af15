"""Tables of tracked time."""

from zoneinfo import ZoneInfo

import pytest

from coach.integrations import event_table
from coach.integrations.source import Source

ROW = "2026-11-20T08:00:00Z,60"


@pytest.mark.parametrize(("told", "type_"), [
    ("window", "currentwindow"), ("", "currentwindow"), ("Tab", "web.tab.current"), ("afk", "afkstatus"),
    ("editor", "app.editor.activity"), ("app.of.mine", "app.of.mine"),
])
def test_a_type_may_be_said_in_short(told: str, type_: str) -> None:
    table = f"start,duration_s,type,app\n{ROW},{told},vim\n"
    ((described, _, events),) = event_table.read(Source("t.csv", data=table.encode()), ZoneInfo("UTC"))
    assert described.values["type"] == type_
    assert len(events) == 1
