from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import coach
from tests.engine.test_calendars import ICS
from tests.integrations.radicale import PASSWORD, USER, Radicale, running


def test_a_source_that_cannot_be_read_is_named_ends_in_failure_and_costs_the_others_nothing(tmp_path: Path) -> None:
    for name in ("work", "home"):
        (tmp_path / f"{name}.ics").write_text(ICS.replace("UID:a", f"UID:{name}"), newline="")
        assert coach("calendar", "add", str(tmp_path / f"{name}.ics")).out == f"added {name}: 1 event\n"
    (tmp_path / "home.ics").write_text("hello")
    (tmp_path / "work.ics").write_text(ICS.replace("DTEND", "X-DTEND").replace("SUMMARY:Board", "SUMMARY:Moved"), newline="")
    ran = coach("calendar", "sync", "--json")
    assert (ran.status, ran.error["message"]) == (1, "not read: home")
    assert [(c["name"], c["failed"], c["events"]) for c in json.loads(ran.out)] == [("home", True, 1), ("work", False, 1)]
    words = coach("calendar", "sync")
    assert words.status == 1
    assert "coach: home: home.ics, line 1: this is not iCalendar" in words.err
    assert [e["title"] for e in coach("calendar", "events", "--json").json] == ["Board", "Moved"]


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with running(tmp_path_factory.mktemp("radicale")) as server:
        yield server


def test_calendars_of_an_account_are_listed_chosen_read_and_written(radicale: Radicale, tmp_path: Path) -> None:
    work = radicale.calendar("Work")
    radicale.calendar("Home")
    radicale.calendar("Chores", "VTODO")
    radicale.put(f"/{USER}/work/a.ics", ICS)
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    account = ("calendar", "add", "caldav", radicale.address, "--user", USER)
    assert "the password is missing" in coach(*account, "--list").err
    wrong = coach(*account, "--list", COACH_CALDAV_PASSWORD="wrong")
    assert wrong.status == 1
    assert "127.0.0.1 does not accept the user name and the password" in wrong.err
    assert coach(*account, "--list", COACH_CALDAV_PASSWORD=PASSWORD).out.split() == ["Work", "Home"]
    unclear = coach(*account, "--password-file", str(secret))
    assert unclear.status == 2
    assert "there are 2 calendars: 'Work', 'Home'" in unclear.err
    assert coach(*account, "--calendar", "work", "--password-file", str(secret)).out == "added Work: 1 event\n"
    assert coach(*account, "--calendar", "Home").out == "added Home: 0 events\n", "the password is known by now"
    shown = coach("calendar", "list").out + coach("calendar", "list", "--json").out + coach("export", "json").out
    assert PASSWORD not in shown
    assert [e["title"] for e in coach("calendar", "events", "--json").json] == ["Board"]
    assert coach("calendar", "move", "today 14:00", "today 16:00").out == "moved Board to Fri 20 Nov 16:00\n"
    assert "DTSTART:20261120T150000Z" in radicale.items(work)[f"/{USER}/work/a.ics"]
    assert coach("calendar", "move", "today 14:00", "today 16:00").status == 3

    coach("add", "Report ~1h")
    assert coach("config", "set", "calendar.blocks", "Work").status == 0
    block = coach("plan", "--apply", "--json").json["blocks"][0]["id"]
    assert coach("calendar", "sync").status == 0
    assert set(radicale.items(work)) == {f"/{USER}/work/a.ics", f"/{USER}/work/{block}.ics"}
    radicale.delete(f"/{USER}/work/{block}.ics")
    told = coach("calendar", "sync")
    assert "deleted in Work, so the block is rejected" in told.err
    assert "rejected" not in coach("calendar", "sync").err, "told once"
    assert f"BEGIN:VEVENT\r\nUID:{block}" not in coach("export", "blocks").out


def test_a_server_that_is_away_is_named_by_sync_and_doctor(radicale: Radicale, tmp_path: Path) -> None:
    radicale.calendar("Away")
    address = f"{radicale.address}{USER}/away/"
    words = ("calendar", "add", "caldav", address, "--user", USER, "--calendar", "Away")
    assert coach(*words, COACH_CALDAV_PASSWORD=PASSWORD).status == 0
    radicale.delete(f"/{USER}/away/")
    ran = coach("calendar", "sync")
    assert ran.status == 1
    assert "coach: Away: it is not on 127.0.0.1 any more" in ran.err
    checks = {line["part"]: line for line in json.loads(coach("doctor", "--json").out)["checks"]}
    assert checks["calendars"]["ok"] is False
    assert "Away: it is not on 127.0.0.1 any more" in checks["calendars"]["detail"]


def test_bad_words_are_met_with_what_would_be_right(tmp_path: Path) -> None:
    def says(*words: str) -> str:
        ran = coach("calendar", *words)
        assert ran.status in (2, 3)
        return ran.err

    assert "'nonsense' is a word and no address of a CalDAV server" in says("add", "caldav", "nonsense", "--user", "me")
    assert "add --user NAME" in says("add", "caldav", "https://example.org/dav/")
    assert "`coach calendar add caldav URL` takes a server's" in says("add", "nextcloud", "https://example.org/")
    assert "name a .ics file, a folder of them, the address of a feed" in says("add", " ")
    assert "an address begins with https://" in says("add", "nonsense")
    assert "`coach calendar add` brings one in" in says("sync", "nothing")
    (tmp_path / "home.ics").write_text(ICS, newline="")
    assert coach("calendar", "add", str(tmp_path / "home.ics")).status == 0
    assert "there are: 'home'" in says("sync", "nothing")
