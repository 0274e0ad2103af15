"""What windows tell of their project: real titles and addresses, and those that name none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.projects import of_path, project_key, settled, told_by


@pytest.mark.parametrize(("app", "title", "project"), [
    ("code", "models.py - coach - Visual Studio Code", "coach"),
    ("code", "● models.py - my app [SSH: box] - Visual Studio Code", "my app"),
    ("Code", "models.py — coach", "coach"),
    ("code", "README.md - coach (Workspace) - Visual Studio Code", "coach"),
    ("code", "coach (Workspace) - Visual Studio Code", "coach"),
    ("code", "models.py - coach - Writing - Visual Studio Code", "coach"),
    ("codium", "a.ts - shop - VSCodium", "shop"),
    ("cursor", "a.ts - shop - Cursor", "shop"),
    ("code-oss", "a.ts - shop - Code - OSS", "shop"),
    ("code", "Welcome - Visual Studio Code", ""),
    ("code", "Untitled-1 - Visual Studio Code", ""),
    ("jetbrains-idea", "billing – Invoice.kt [billing.main]", "billing"),
    ("pycharm", "coach [~/src/coach] – models.py", "coach"),
    ("jetbrains-goland", "Welcome to GoLand", ""),
    ("gvim", "event.py + (~/src/coach/coach/core) - GVIM", "coach"),
    ("kitty", "event.py (~/src/github.com/acme/coach/core) - NVIM", "coach"),
    ("xterm", "notes (~) - VIM", ""),
    ("sublime_text", "~/code/shop/cart.js (shop) - Sublime Text (UNREGISTERED)", "shop"),
    ("sublime_text", "cart.js • (shop) - Sublime Text", "shop"),
    ("emacs", "~/projects/thesis/ch1.tex - GNU Emacs at box", "thesis"),
    ("emacs", "ch1.tex - GNU Emacs at box", ""),
    ("dev.zed.Zed", "coach — event.py", "coach"),
    ("Xcode", "Paddle — Boat.swift", "Paddle"),
    ("rstudio", "sleep-study - main - RStudio", "sleep-study"),
    ("obsidian", "Chapter 3 - Thesis - Obsidian v1.5.3", "Thesis"),
    ("qtcreator", "main.cpp (src) - paddle - Qt Creator", "paddle"),
    ("eclipse", "ws - billing/src/Invoice.java - Eclipse IDE", "billing"),
    ("okular", "~/Documents/taxes/2026/form.pdf — Okular", "taxes"),
    ("okular", "/home/me/papers/smith2019.pdf — Okular", "papers"),
    ("org.gnome.Evince", "smith2019.pdf", ""),
    ("soffice", "Budget.ods - LibreOffice Calc", ""),
    ("soffice", "~/Documents/Budget.ods - LibreOffice Calc", ""),
    ("soffice", "~/Documents/Club/Budget.ods - LibreOffice Calc", "Club"),
    ("evince", "~/Downloads/ticket.pdf", ""),
    ("blender", "Blender [/home/me/projects/boat/hull.blend]", "boat"),
    ("gnome-terminal", "me@box: ~/src/coach/tests", "coach"),
    ("gnome-terminal", "me@box: ~", ""),
    ("firefox", "Retry on timeout by ann · Pull Request #12 · acme/beacon — Mozilla Firefox", "beacon"),
    ("firefox", "Slow start (#4) · Issues · acme / tools / lamp · GitLab — Mozilla Firefox", "lamp"),
    ("firefox", "[SHOP-12] Cart is empty - Jira — Mozilla Firefox", "SHOP"),
    ("firefox", "Master's thesis - Online LaTeX Editor Overleaf — Mozilla Firefox", "Master's thesis"),
    ("firefox", "Inbox (3) - Mozilla Firefox", ""),
    ("firefox", "COVID-19 in numbers - The Times", ""),
    ("firefox", "How to move the Cursor", ""),
    ("", "", ""),
])
def test_a_title_tells_its_project(app: str, title: str, project: str) -> None:
    assert (told_by(app, title, "") or ("",))[0] == project


@pytest.mark.parametrize(("url", "project"), [
    ("https://github.com/acme/beacon/pull/12", "beacon"),
    ("https://github.com/Acme/Beacon.git?tab=readme", "Beacon"),
    ("https://github.com/acme", ""),
    ("https://github.com/settings/profile", ""),
    ("https://github.com/notifications", ""),
    ("https://gitlab.com/acme/tools/lamp/-/merge_requests/4", "lamp"),
    ("https://gitlab.acme.org/tools/lamp", "lamp"),
    ("https://bitbucket.org/acme/beacon/src/main/", "beacon"),
    ("https://codeberg.org/acme/beacon", "beacon"),
    ("https://git.sr.ht/~me/beacon/log", "beacon"),
    ("https://dev.azure.com/acme/shop/_git/cart", "cart"),
    ("https://acme.atlassian.net/browse/SHOP-12", "SHOP"),
    ("https://acme.atlassian.net/jira/software/projects/SHOP/boards/3", "SHOP"),
    ("https://jira.acme.org/browse/OPS-7", "OPS"),
    ("https://linear.app/acme/issue/ENG-142/retry-on-timeout", "ENG"),
    ("https://linear.app/acme/project/autumn-release-0123456789ab", "autumn-release"),
    ("https://trello.com/b/x1y2z3/kitchen", "kitchen"),
    ("https://www.youtube.com/watch", ""),
    ("https://docs.google.com/document/d/abc/edit", ""),
    ("file:///home/me/x.html", ""),
    ("", ""),
])
def test_an_address_tells_its_project(url: str, project: str) -> None:
    assert (told_by("firefox", "", url) or ("",))[0] == project


def test_a_path_leads_through_its_project() -> None:
    assert of_path("~/src/coach/core") == "coach"
    assert of_path(r"C:\Users\me\source\repos\shop\cart.cs", is_file=True) == "shop"
    assert of_path("/mnt/disk/projects/boat/hull") == "boat"
    assert of_path("/usr/share/doc") == of_path("/tmp/x") == of_path("~/.config/nvim") == of_path("~") == ""


def test_what_the_source_has_given_goes_first_unless_a_rule_names_another() -> None:
    title, url = "cart.js - shop - Visual Studio Code", ""
    assert settled("monorepo", "code", title, url, lambda name: False) == "monorepo"
    assert settled("monorepo", "code", title, url, lambda name: name == "shop") == "shop"
    assert settled("monorepo", "code", title, url, lambda name: True) == "monorepo"
    assert settled("", "code", title, url, lambda name: False) == "shop"
    assert settled("", "gimp", "x.png", url, lambda name: True) == ""


def test_one_project_has_many_spellings() -> None:
    assert len({project_key(n) for n in ("my-app", "My App", "my_app", "MyApp", "my.app")}) == 1
    assert project_key("app") != project_key("apps")


@given(st.text(max_size=80), st.text(max_size=300), st.text(max_size=200))
def test_any_words_are_survived(app: str, title: str, url: str) -> None:
    for name in told_by(app, title, url):
        assert name == name.strip()
        assert 0 < len(name) <= 80
