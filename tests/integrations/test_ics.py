from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.errors import CoachError, InvalidInput, NotFound, Unavailable
from coach.integrations import feeds, ics

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 16, tzinfo=UTC)
END = START + timedelta(days=28)


def event(*lines: str, uid: str = "u1") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"))


def calendar(*events: str) -> bytes:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *events, "END:VCALENDAR", "")).encode()


def parsed(*events: str) -> ics.Reading:
    return ics.parse(calendar(*events), "work.ics", START, END, BERLIN)


def test_times_in_utc_in_a_zone_and_floating() -> None:
    found = parsed(
        event("DTSTART:20261117T080000Z", "DTEND:20261117T090000Z", "SUMMARY:Utc", uid="a"),
        event("DTSTART;TZID=America/New_York:20261117T080000", "DURATION:PT30M", uid="b"),
        event("DTSTART:20261118T080000", "DTEND:20261118T090000", uid="c"),
    ).events
    assert [(e.uid, e.start, (e.end - e.start).seconds // 60) for e in found] == [
        ("a", datetime(2026, 11, 17, 8, tzinfo=UTC), 60), ("b", datetime(2026, 11, 17, 13, tzinfo=UTC), 30),
        ("c", datetime(2026, 11, 18, 7, tzinfo=UTC), 60),
    ]
    assert found[0].title == "Utc"


def test_whole_days_end_exclusively_and_without_an_end_last_one_day() -> None:
    two, one = parsed(
        event("DTSTART;VALUE=DATE:20261117", "DTEND;VALUE=DATE:20261119", uid="a"),
        event("DTSTART;VALUE=DATE:20261120", uid="b")).events
    assert (two.all_day, two.start) == (True, datetime(2026, 11, 16, 23, tzinfo=UTC))
    assert (two.end - two.start, one.end - one.start) == (timedelta(days=2), timedelta(days=1))


def test_free_and_cancelled_events() -> None:
    free, tentative = parsed(
        event("DTSTART:20261117T080000Z", "TRANSP:TRANSPARENT", uid="a"),
        event("DTSTART:20261118T080000Z", "STATUS:TENTATIVE", uid="b"),
        event("DTSTART:20261119T080000Z", "STATUS:CANCELLED", uid="c")).events
    assert (free.busy, tentative.busy) == (False, True)


def test_a_rule_keeps_its_wall_time_and_minds_its_exceptions() -> None:
    rule = event("DTSTART;TZID=Europe/Berlin:20261005T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO",
                 "EXDATE;TZID=Europe/Berlin:20261123T100000", "SUMMARY:Stand-up")
    moved = event("RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261201T140000",
                  "DURATION:PT1H", "SUMMARY:Stand-up, moved")
    found = parsed(rule, moved).events
    assert [(e.start.astimezone(BERLIN).date(), e.start.astimezone(BERLIN).hour) for e in found] == [
        (date(2026, 11, 16), 10), (date(2026, 12, 1), 14), (date(2026, 12, 7), 10)]


def test_one_bad_event_is_named_by_line_and_the_others_are_read() -> None:
    found = parsed(
        event("DTSTART:SECRET-WORDS", "SUMMARY:secret", uid="a"), event("SUMMARY:secret", uid="b"),
        event("DTSTART:20261117T080000Z", "DTEND:20261117T070000Z", "SUMMARY:secret", uid="c"),
        event("DTSTART:20261117T080000Z", "RRULE:FREQ=SOMETIMES", uid="d"),
        event("DTSTART:20261117T080000Z", uid="e"))
    assert [e.uid for e in found.events] == ["d", "e"]
    assert found.problems == (
        "work.ics, line 4: DTSTART cannot be read", "work.ics, line 10: the event has no start",
        "work.ics, line 15: it ends before it starts", "work.ics, line 22: RRULE cannot be read; only its first time is read",
    )


@pytest.mark.parametrize(("lines", "minutes", "problem"), [
    (("DTSTART:20261117T080000Z", "DTEND:20261117T090000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO, TU"), 60, "RRULE"),
    (("DTSTART:20261117T080000Z", "DTEND:20261117T090000Z", "RRULE:RSCALE=CHINESE;FREQ=YEARLY"), 60, "RRULE"),
    (("DTSTART:20261117T080000Z", "DURATION:PT1H", "RDATE;VALUE=TIME:083000"), 60, "RDATE"),
    (("DTSTART:20261117T080000Z", "DTEND:tomorrow"), 0, "DTEND"),
    (("DTSTART:20261117T080000Z", "DURATION:P999999999999999999W"), 0, "DURATION"),
    (("DTSTART:20261117T080000Z", "DTSTART:20261117T090000Z"), 0, "DTSTART stands there twice"),
])
def test_what_cannot_be_read_of_an_event_costs_no_more_than_itself(
    lines: tuple[str, ...], minutes: int, problem: str
) -> None:
    found = parsed(event(*lines))
    assert [(e.start, e.end - e.start) for e in found.events] == [
        (datetime(2026, 11, 17, 8, tzinfo=UTC), timedelta(minutes=minutes))]
    assert len(found.problems) == 1
    assert problem in found.problems[0]


def test_one_unreadable_exception_leaves_the_rule_and_the_others() -> None:
    found = parsed(event("DTSTART;VALUE=DATE:20261117", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20261118",
                         "EXDATE;VALUE=DATE:"))
    assert [e.start.astimezone(BERLIN).day for e in found.events] == [17, 19, 20]
    assert found.problems == ("work.ics, line 4: EXDATE cannot be read",)


def test_exceptions_in_utc_do_not_move_an_event_of_local_times() -> None:
    found = parsed(event("DTSTART:20261117T100000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261118T100000Z")).events
    assert [(e.start.astimezone(BERLIN).day, e.start.astimezone(BERLIN).hour) for e in found] == [(17, 10), (19, 10)]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;BYDAY=MO", "FREQ=HOURLY;BYMONTH=2",
                                  "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"])
def test_rules_that_never_end_to_expand_leave_the_first_time_at_once(rule: str) -> None:
    found = parsed(event("DTSTART:20261117T000000Z", f"RRULE:{rule}"))
    assert [e.start for e in found.events] == [datetime(2026, 11, 17, tzinfo=UTC)]
    assert "repeats" in found.problems[0]


def test_too_many_occurrences_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "MOST_EVENTS", 1000)
    hourly = [event("DTSTART:20261116T000000Z", "RRULE:FREQ=HOURLY", uid=f"u{i}") for i in range(2)]
    with pytest.raises(InvalidInput, match="more than 1,000 events"):
        ics.parse(calendar(*hourly), "work.ics", START, START + timedelta(days=31), BERLIN)


@pytest.mark.parametrize(("data", "words"), [
    (b"", "line 1"), (b"\x00\xff\xfe", "line 1"), (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "no BEGIN:VCALENDAR"),
    (b"BEGIN:VCALENDAR\r\nnonsense here\r\nEND:VCALENDAR\r\n", "line 2"),
    (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMM", "line 4: it ends in the middle"),
    (b"<html><title>secret</title></html>", "line 1"),
])
def test_what_is_no_calendar_is_refused_by_line_without_its_words(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        ics.parse(data, "work.ics", START, END, BERLIN)
    assert "work.ics" in refused.value.message
    assert "secret" not in refused.value.message + refused.value.hint


def test_a_broken_zone_of_its_own_does_not_cost_the_events() -> None:
    zone = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "TZOFFSETFROM:+5744",
                        "TZOFFSETTO:+5744", "DTSTART:19700101T000000", "END:STANDARD", "END:VTIMEZONE"))
    found = parsed(zone, event("DTSTART;TZID=Europe/Berlin:20261117T080000"))
    assert [e.start.hour for e in found.events] == [7]
    assert "time zones" in found.problems[0]


def test_old_encodings_are_read() -> None:
    text = calendar(event("DTSTART:20261117T080000Z", "SUMMARY:Café")).decode()
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        assert ics.parse(text.encode(encoding), "work.ics", START, END, BERLIN).events[0].title == "Café"


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "a.ics").write_bytes(calendar(event("DTSTART:20261117T080000Z", uid="a")))
    (tmp_path / "home" / "b.ics").write_bytes(calendar(event("DTSTART:20261118T080000Z", uid="b")))
    (tmp_path / "broken.ics").write_bytes(b"hello")
    (tmp_path / ".hidden.ics").write_bytes(b"hello")
    before = ics.mark(tmp_path)
    found = ics.read(tmp_path, START, END, BERLIN)
    assert [e.uid for e in found.events] == ["a", "b"]
    assert len(found.problems) == 1
    assert "broken.ics, line 1" in found.problems[0]
    (tmp_path / "a.ics").unlink()
    assert ics.mark(tmp_path) != before


def test_folders_and_files_without_a_calendar(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ics.read(tmp_path / "nowhere.ics", START, END, BERLIN)
    with pytest.raises(InvalidInput, match=r"no \.ics files"):
        ics.read(tmp_path, START, END, BERLIN)
    (tmp_path / "x.ics").write_bytes(b"hello")
    with pytest.raises(InvalidInput, match="no file in"):
        ics.read(tmp_path, START, END, BERLIN)
    (tmp_path / "dir.ics").mkdir()
    with pytest.raises(InvalidInput, match="no file in"):
        ics.read(tmp_path, START, END, BERLIN)


SOUND = calendar(
    event("DTSTART;TZID=Europe/Berlin:20261005T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=9", uid="a"),
    event("DTSTART;VALUE=DATE:20261117", "RDATE;VALUE=DATE:20261119", "EXDATE;VALUE=DATE:20261117", uid="b"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SOUND)), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=5))
def test_any_damage_gives_events_or_a_clear_error(damage: list[tuple[int, int, bytes]]) -> None:
    data = SOUND
    for at, gone, put in damage:
        data = data[:at] + put + data[at + gone:]
    try:
        found = ics.parse(data, "work.ics", START, END, BERLIN)
    except CoachError as error:
        found = ics.Reading((), (error.message,))
    assert all(e.start <= e.end and e.start < END for e in found.events)
    assert all(p.startswith("work.ics") for p in found.problems)


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        seen: list[dict[str, str]] = self.server.seen  # type: ignore[attr-defined]
        seen.append(dict(self.headers))
        path = self.path.partition("?")[0]
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/cal.ics")
            self.end_headers()
        elif path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
        elif path == "/gone":
            self.send_response(404)
            self.end_headers()
        elif path == "/broken":
            self.send_response(500)
            self.end_headers()
            self.wfile.write(b"secret")
        elif path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", str(len(SOUND)))
            self.end_headers()
            self.wfile.write(SOUND[:100])
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # the reader hangs up
                for _ in range(200):
                    self.wfile.write(b" " * 1_000_000)
        elif path == "/garbage":
            self.wfile.write(b"\x00\x01 not http\r\n\r\n")
        elif self.headers.get("If-None-Match") == '"1"':
            self.send_response(304)
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(SOUND)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), _Server)
    made.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def test_a_feed_is_fetched_and_asked_for_changes_only(server: HTTPServer) -> None:
    base = f"http://me:pa%20ss@127.0.0.1:{server.server_port}"
    feed = feeds.fetch(f"{base}/moved")
    assert feed is not None
    assert (feed.data, feed.etag) == (SOUND, '"1"')
    assert feeds.fetch(f"{base}/cal.ics", feed.etag) is None
    seen = server.seen  # type: ignore[attr-defined]
    assert seen[0]["Authorization"] == "Basic bWU6cGEgc3M="
    assert "Authorization" not in seen[1]


@pytest.mark.parametrize("path", ["/gone", "/file", "/garbage", "/broken", "/short", "/endless"])
def test_a_feed_that_fails_says_so_by_host_only(server: HTTPServer, path: str) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1") as refused:
        feeds.fetch(f"http://127.0.0.1:{server.server_port}{path}?token=secret")
    assert "secret" not in refused.value.message + refused.value.hint


def test_addresses_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://", "http://a b/", "ftp://x/y", "http://[::1", "http://x:99999/"):
        with pytest.raises((InvalidInput, Unavailable)):
            feeds.fetch(address, timeout_s=0.2)
    assert feeds.is_address("webcal://x/y")
    assert not feeds.is_address("C:/x.ics")
