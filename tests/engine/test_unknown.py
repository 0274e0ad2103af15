"""Unknown apps and sites, from the timeline to a rule."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.event import Event
from coach.engine import activity, categories, tasks, unknown
from coach.integrations.desktop_entries import menu_categories
from coach.store.db import Connection

ENTRY = "[Desktop Entry]\nType=Application\nName=Zorg Sheets\nExec=/opt/zorg/zorgsheet %U\nCategories=GTK;Office;Spreadsheet;\n"


@pytest.fixture
def lived(db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    applications = tmp_path / "share" / "applications"
    applications.mkdir(parents=True)
    (applications / "com.zorg.Sheet.desktop").write_text(ENTRY)
    (applications / "broken.desktop").write_bytes(b"\xff\xfe[Desktop Entry\nCategories")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    rules = categories.load(db, Config())
    seen = [("zorgsheet", "", 30), ("firefox", "https://wiki.zorg.example/a", 20), ("firefox", "https://github.com/a/b", 40),
            ("qqxyz", "", 10), ("firefox", "", 5), ("blip", "", 0.5)]
    at = now - timedelta(hours=3)
    for app, url, minutes in seen:
        end = at + timedelta(minutes=minutes)
        activity.record(db, [Event(at, end, "x11", app, "Page", url)], 1.0, rules, tz)
        at = end
    activity.roll(db, rules, now)


@pytest.mark.usefixtures("lived")
def test_they_are_listed_by_time_with_what_they_might_be(db: Connection, now: datetime) -> None:
    found = unknown.unknown(db, Config(), now)
    assert [(u.number, u.field, u.name, round(u.minutes)) for u in found] == [
        (1, "app", "zorgsheet", 30), (2, "site", "wiki.zorg.example", 20), (3, "app", "qqxyz", 10)]
    assert [u.proposal.category if u.proposal else None for u in found] == [
        "Work > Spreadsheets and Data", "Work > Documentation", None]


@pytest.mark.usefixtures("lived")
def test_an_accepted_one_becomes_a_rule_and_can_be_undone(db: Connection, now: datetime) -> None:
    one, category, changed = unknown.accept(db, Config(), now, "1")
    assert (one.name, category, changed) == ("zorgsheet", "Work > Spreadsheets and Data", 1)
    assert unknown.accept(db, Config(), now, "wiki.zorg.example", "Research")[1:] == ("Research", 1)
    assert [u.name for u in unknown.unknown(db, Config(), now)] == ["qqxyz"]
    tasks.undo(db, now)
    tasks.undo(db, now)
    categories.catch_up(db, Config())
    assert [u.name for u in unknown.unknown(db, Config(), now)] == ["zorgsheet", "wiki.zorg.example", "qqxyz"]


@pytest.mark.usefixtures("lived")
def test_what_cannot_be_accepted(db: Connection, now: datetime) -> None:
    with pytest.raises(NotFound, match="'7'"):
        unknown.accept(db, Config(), now, "7")
    with pytest.raises(InvalidInput, match="nothing is proposed for qqxyz"):
        unknown.accept(db, Config(), now, "qqxyz")


@pytest.mark.usefixtures("lived")
def test_a_broken_desktop_entry_is_passed_over() -> None:
    found = menu_categories()
    assert found["zorgsheet"] == found["com.zorg.Sheet"] == found["Zorg Sheets"] == ("GTK", "Office", "Spreadsheet")
    assert "broken" not in found
