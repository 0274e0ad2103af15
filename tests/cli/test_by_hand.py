"""Labels, gaps, corrections and goals through the real command line."""

from __future__ import annotations

from tests.cli.shell import coach


def lines() -> list[tuple[str, str | None, str]]:
    return [(row["title"], row["category"], row["project"]) for row in coach("timeline", "--json").json]


def test_gaps_are_labelled_by_number_and_labels_changed_undone_and_found(now: object) -> None:
    made = coach("tag", "8-9", "Review", "with", "Ines", "#acme", "--json").json
    assert (made["title"], made["project"], made["category"], made["duration_s"]) == ("Review with Ines", "acme", None, 3600)
    coach("tag", "9:40-10:30", "Writing")
    (gap,) = coach("gaps", "--json").json
    assert (gap["number"], gap["duration_s"], gap["kind"]) == (1, 2400, "break")
    assert "1" in coach("gaps").out
    coach("tag", "1", "Lunch")
    assert coach("gaps").out.strip() == "no unexplained time"
    assert lines() == [("Review with Ines", None, "acme"), ("Lunch", None, ""), ("Writing", "Work > Writing", "")]
    assert coach("undo").out.strip() == "undone: label time"
    assert [row[0] for row in lines()] == ["Review with Ines", "Writing"]
    corrected = coach("tag", "8:30-9", "--category", "email", "--project", "post", "--json").json
    assert (corrected["category"], corrected["project"]) == ("Communication > Email", "post")
    assert lines()[1] == ("Review with Ines", "Communication > Email", "post")
    said = coach("log", "--manual", "--json").json
    assert [len(said["entries"]), len(said["corrections"])] == [2, 1]
    coach("tag", made["id"][:8], "--edit", "--time", "8:00-8:20", "Call")
    assert lines()[0] == ("Call", None, "acme")
    coach("tag", made["id"], "--delete")
    assert [row[0] for row in lines()] == ["Writing"]
    assert coach("doctor", "--deep").out.count("timeline and roll-ups agree") == 1


def test_what_cannot_be_labelled_is_said(now: object) -> None:
    for words, message in (
        (("tag", "3", "Lunch"), "there is no gap 3"), (("tag", "8-9"), "say what it was"),
        (("tag", "8-9", "--category", "zorgl"), "no category"), (("tag", "abc", "--delete"), "no manual entry"),
        (("tag", "8-9", "x", "--app", "firefox"), "--app corrects"), (("tag", "23-1", "x", "--date", "today"), "future"),
    ):
        ran = coach(*words, "--json")
        assert ran.status in (2, 3)
        assert message in ran.error["message"]


def test_no_day_is_told_or_asked_at_the_ends_of_time(now: object) -> None:
    for words in (
        ("report", "week", "--date", "0001-01-01"), ("report", "--date", "9999-12-31"), ("score", "--date", "0001-01-01"),
        ("timeline", "--date", "9999-12-31"), ("log", "--from", "0001-01-02"),
        ("gaps", "--from", "2026-11-01", "--to", "9999-12-31"),
        ("tag", "9-10", "x", "--date", "0001-01-01"), ("tag", "0001-01-02T00:00/0001-01-02T01:00", "x"),
        ("erase", "--range", "0001-01-02/9999-12-31", "--yes"), ("erase", "--range", "2026-11-01/9999-12-31", "--yes"),
    ):
        ran = coach(*words, "--json")
        assert (ran.status, ran.error["hint"]) == (2, "from 1970 to 2200"), words
    for day in ("1970-01-01", "2200-12-31"):
        for period in ("day", "week", "month", "year"):
            assert coach("report", period, "--date", day, "--json").json["active_s"] == 0


def test_a_range_that_says_too_little_or_nothing_is_refused(now: object) -> None:
    for words, message in (
        (("log", "--to", "2026-11-20T10:00"), "--to needs --from"),
        (("timeline", "--from", "2026-11-20T10:00", "--to", "2026-11-19"), "ends before it starts"),
    ):
        ran = coach(*words, "--json")
        assert ran.status == 2
        assert message in ran.error["message"]


def test_what_was_said_last_is_in_every_sum_at_once(now: object) -> None:
    coach("tag", "8-9", "Writing")
    coach("tag", "9-10", "Writing")
    day = coach("report", "--json").json
    assert (day["active_s"], [c["name"] for c in day["categories"]]) == (7200, ["Work > Writing"])
    assert coach("heatmap", "--json").json["year"] == [{"day": day["first"], "duration_s": 7200}]
    assert coach("score", "--json").json["active_s"] == 7200
    assert coach("doctor", "--deep").out.count("timeline and roll-ups agree") == 1


def test_goals_in_the_shell(now: object) -> None:
    coach("tag", "8-9:30", "Writing")
    added = coach("goal", "add", "at least 2h writing a day", "--json").json
    assert (added["used_min"], added["left_min"], added["state"]) == (90, 30, "on track")
    assert "at least 2h Work > Writing a day" in coach("goal", "list").out
    assert "say at most or at least" in coach("goal", "add", "2h writing").err
    coach("goal", "remove", "writing")
    assert coach("goal", "list", "--json").json == []


def test_a_new_start_of_the_day_recounts_the_days(now: object) -> None:
    coach("tag", "3:00-5:00", "Night", "shift")
    assert "agree" in coach("doctor", "--deep").out
    coach("config", "set", "time.day_start", "00:00")
    assert "agree" in coach("doctor", "--deep").out
    assert coach("report", "day", "--json").json["active_s"] == 7200
