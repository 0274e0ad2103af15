from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.errors import InvalidInput
from coach.core.event import Sample
from coach.tracker.privacy import EXCLUDED, Privacy, exclusion, redact, strip_url

SAMPLE = Sample(
    datetime(2026, 11, 21, 9, tzinfo=UTC), "x11", "firefox", "Balance - My Bank", "https://bank.example/konto?id=7",
    "ledger", 4.0, branch="fix-my-balance",
)
OPEN = Privacy()


def with_rules(*rules: tuple[str, str, str]) -> Privacy:
    return Privacy(tuple(exclusion(*rule) for rule in rules))


def shown(sample: Sample) -> tuple[str, str, str, str]:
    return sample.app, sample.title, sample.url, sample.project


def test_the_branch_is_shown_where_the_project_is() -> None:
    assert redact(SAMPLE, OPEN).branch == "fix-my-balance"
    assert redact(replace(SAMPLE, branch="a\x1b[31m" + "b" * 500), OPEN).branch == "a[31m" + "b" * 195
    hiding = (("title", "bank", "redact"), ("app", "fire", "drop"))
    hidden = [redact(SAMPLE, with_rules(rule)) for rule in hiding] + [redact(replace(SAMPLE, private=True), OPEN)]
    assert [sample.branch for sample in hidden] == ["", "", ""]
    named_after = redact(replace(SAMPLE, title="vim"), with_rules(("title", "my-balance", "drop")))
    assert (named_after.title, named_after.branch) == ("vim", "")
    inside = replace(SAMPLE, source="tmux", app="vim", title="vim", url="")
    assert redact(replace(SAMPLE, inside=inside), OPEN).inside == inside
    within_private = redact(replace(SAMPLE, private=True, inside=inside), OPEN).inside
    assert within_private is not None
    assert within_private.branch == ""


def test_without_rules_only_the_query_goes() -> None:
    assert shown(redact(SAMPLE, OPEN)) == ("firefox", "Balance - My Bank", "https://bank.example/konto", "ledger")


@pytest.mark.parametrize("rule", [
    ("app", "FIRE", "drop"), ("app", "fire", "redact"), ("title", "my bank", "drop"), ("url", r"id=7", "drop"),
])
def test_a_dropped_sample_keeps_its_time_and_nothing_else(rule: tuple[str, str, str]) -> None:
    dropped = redact(SAMPLE, with_rules(rule))
    assert dropped == Sample(SAMPLE.at, "x11", EXCLUDED, idle_s=4.0)


@pytest.mark.parametrize("rule", [("title", "bank", "redact"), ("url", r"bank\.example", "redact")])
def test_a_redacted_sample_keeps_its_app(rule: tuple[str, str, str]) -> None:
    assert shown(redact(SAMPLE, with_rules(rule))) == ("firefox", EXCLUDED, EXCLUDED, "")


def test_a_rule_without_a_hit_changes_nothing() -> None:
    assert redact(SAMPLE, with_rules(("app", "chrome", "drop"), ("title", "secret", "drop"))) == redact(SAMPLE, OPEN)


def test_no_rule_hits_an_empty_text() -> None:
    seen = Sample(SAMPLE.at, "tmux", "vim", "vim")
    assert shown(redact(seen, with_rules(("url", ".*", "drop")))) == ("vim", "vim", "", "")


@pytest.mark.parametrize("args", [
    ("window", "x", "drop"), ("app", "x", "hide"), ("app", "", "drop"), ("app", "(", "drop"),
])
def test_bad_rules_are_refused(args: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidInput):
        exclusion(*args)


@pytest.mark.parametrize(("app", "title"), [
    ("firefox", "Gift ideas — Mozilla Firefox Private Browsing"),
    ("firefox-esr", "Gift ideas — Mozilla Firefox (Private Browsing)"),
    ("firefox", "Geschenke — Mozilla Firefox Privater Modus"),
    ("google-chrome", "Gift ideas - Google Chrome (Incognito)"),
    ("chromium", "New Incognito Tab - Chromium"),
    ("microsoft-edge", "Gift ideas - [InPrivate] - Microsoft\u200b Edge"),
    ("unknown", "Gift ideas - Google Chrome (Incognito)"),
    ("unknown", "Gift ideas — Mozilla Firefox Private Browsing"),
])
def test_private_windows_lose_title_and_url(app: str, title: str) -> None:
    private = redact(replace(SAMPLE, app=app, title=title), OPEN)
    assert shown(private) == (app, "", "", "")
    assert private.private


def test_a_probe_may_know_a_private_window_itself() -> None:
    assert shown(redact(replace(SAMPLE, private=True), OPEN)) == ("firefox", "", "", "")


@pytest.mark.parametrize(("app", "title"), [
    ("xterm", "grep incognito notes"), ("vim", "private browsing.md"), ("firefox", "News"),
])
def test_other_windows_keep_their_titles(app: str, title: str) -> None:
    assert redact(replace(SAMPLE, app=app, title=title), OPEN).title == title


@pytest.mark.parametrize(("url", "stripped"), [
    ("https://user:secret@example.org:8443/a/b;session=1?token=2#part", "https://example.org:8443/a/b"),
    ("https://example.org", "https://example.org"),
    ("https://a@b@example.org/x", "https://example.org/x"),
    ("http://[::1]:5600/x?y", "http://[::1]:5600/x"),
    ("file:///home/me/notes.md#secret", "file:///home/me/notes.md"),
    ("about:config?filter=secret", "about:config"),
    ("data:text/html,secret", "data:"),
    ("mailto:mum@example.org", "mailto:"),
    ("blob:https://example.org/secret", "blob:"),
    ("view-source:https://u:p@example.org/", "view-source:"),
    ("http://[broken/secret", ""),
    ("http://example.org:port/secret", ""),
    ("", ""),
])
def test_urls_lose_what_is_private(url: str, stripped: str) -> None:
    assert strip_url(url) == stripped


def test_urls_can_be_switched_off() -> None:
    assert redact(SAMPLE, Privacy(urls=False)).url == ""


def test_titles_become_one_clean_line_of_500_characters() -> None:
    title = redact(replace(SAMPLE, title="a\x1b]0;x\x07\tb\r\nc\u202e\ud800d" + "x" * 10_000_000), OPEN).title
    assert title.startswith("a]0;x b  cdx")
    assert len(title) == 500


SAMPLES = st.builds(Sample, st.just(SAMPLE.at), st.just("x11"), st.text(), st.text(), st.text(), st.text())


@given(SAMPLES)
def test_whatever_comes_in_clean_text_goes_out_and_once_is_enough(sample: Sample) -> None:
    once = redact(sample, OPEN)
    assert "".join(shown(once)).isprintable()
    assert "@" not in once.url.partition("//")[2].partition("/")[0]
    assert redact(once, OPEN) == once
