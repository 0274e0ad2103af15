"""What a window says about itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.titles import app_key, app_keys, is_browser, page_title, title_parts, web_app_host


@pytest.mark.parametrize(("app", "key"), [
    ("org.kde.okular", "okular"), ("org.gnome.Nautilus.desktop", "nautilus"), ("gimp-2.10", "gimp"),
    ("firefox_firefox", "firefox"),
    ("soffice.bin", "soffice"), ("idea64.exe", "idea"), ("krita-5.2.2-x86_64.appimage", "krita"),
    ("com.obsproject.Studio", "studio"),
    ("libreoffice7.6-writer", "libreoffice7.6-writer"), ("vim.basic", "vim"),
])
def test_an_app_is_looked_up_under_shorter_names_too(app: str, key: str) -> None:
    assert app_keys(app)[0] == app_key(app)
    assert key in app_keys(app)


@pytest.mark.parametrize(("app", "host"), [
    ("chrome-web.whatsapp.com__-Default", "web.whatsapp.com"), ("brave-open.spotify.com__-Default", "open.spotify.com"),
    ("chrome", ""), ("google-chrome", ""), ("chrome-remote-desktop", ""),
])
def test_a_site_that_runs_as_an_app_of_its_own(app: str, host: str) -> None:
    assert web_app_host(app) == host


@pytest.mark.parametrize(("title", "page"), [
    ("(3) Cats - YouTube — Mozilla Firefox", "Cats - YouTube"),
    ("Inbox (12) - me@example.org - Gmail - Google Chrome", "Inbox (12) - me@example.org - Gmail"),
    ("Report and 7 more pages - Work - Microsoft\u200b Edge", "Report - Work"),
    ("• Discord | #general", "Discord | #general"),
    ("main.py - coach - Visual Studio Code", "main.py - coach - Visual Studio Code"),
])
def test_a_page_without_what_the_browser_adds(title: str, page: str) -> None:
    assert page_title(title) == page


def test_sites_put_their_name_at_either_end() -> None:
    assert "discord" in title_parts("Discord | #general | Rust", "firefox")
    assert "discord" not in title_parts("Discord | #general | Rust", "gedit")
    assert "youtube" in title_parts("Cats - YouTube - Work - Microsoft\u200b Edge")
    assert [is_browser(a) for a in ("org.mozilla.firefox", "chrome.exe", "")] == [True, True, False]


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_title_has_parts(title: str, app: str) -> None:
    assert all(part and part == part.strip() for part in title_parts(title, app))
    assert app_keys(app)[0] == app_key(app)
