"""Rules and categories: which rule wins, and that what ships is sound."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import shipped
from coach.core.category import (
    FIELDS,
    KINDS,
    LEVELS,
    UNCATEGORISED,
    Categoriser,
    Category,
    Field,
    Kind,
    Rule,
    categorise,
    category_named,
    compiled,
    from_taxonomy,
    host_and_path,
    match,
)
from coach.core.errors import InvalidInput
from coach.core.titles import app_key, title_parts


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    return tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shipped_rules(tree: dict[str, Any]) -> Categoriser:
    return compiled(from_taxonomy(tree)[1])


def rule(field: Field, pattern: str, kind: Kind = "exact", category: str = "", user: bool = False) -> Rule:
    return Rule(f"{field}:{pattern}", field, pattern, kind, category or pattern, user)


def test_the_most_specific_field_wins() -> None:
    rules = compiled([rule("url", "a.com/x"), rule("app", "firefox"), rule("url", "a.com"), rule("title", "News"),
                      rule("project", "coach")])
    everything = {"app": "firefox", "title": "News", "url": "https://www.a.com/x/y?q=1", "project": "coach"}
    order = []
    for without in ("", "url-path", "url", "title", "project", "app"):
        if without == "url-path":
            everything["url"] = "https://a.com/"
        elif without:
            everything.pop(without)
        order.append(categorise(rules, **everything))
    assert order == ["a.com/x", "a.com", "News", "coach", "firefox", None]


def test_the_longer_literal_wins_and_then_the_later_rule() -> None:
    rules = [rule("url", "google.com"), rule("url", "docs.google.com"), rule("title", "re+port", "regex", "short"),
             rule("title", "quarterly re+port", "regex", "long")]
    assert categorise(compiled(rules), url="https://docs.google.com/document") == "docs.google.com"
    assert categorise(compiled(rules[::-1]), url="https://docs.google.com/document") == "docs.google.com"
    assert categorise(compiled(rules), title="Quarterly Report") == "long"
    assert categorise(compiled(rules[::-1]), title="Quarterly Report") == "long"
    assert categorise(compiled([rule("app", "a", category="x"), rule("app", "A", category="y")]), app="a") == "y"


def test_a_rule_of_the_user_beats_every_shipped_one() -> None:
    mine = rule("app", "fire*", "glob", "mine", user=True)
    rules = compiled([mine, rule("url", "a.com/x"), rule("title", "t", "regex")])
    assert categorise(rules, app="Firefox", title="t", url="https://a.com/x") == "mine"
    assert categorise(rules, app="chrome", title="t", url="https://a.com/x") == "a.com/x"


def test_hosts_cover_subdomains_and_paths_cover_what_is_below() -> None:
    rules = compiled([rule("url", "https://www.x.com/"), rule("url", "y.org/shop")])
    for url in ("https://x.com", "http://m.x.com:8080/a", "x.com/home", "https://me@www.X.com/#top"):
        assert categorise(rules, url=url) == "https://www.x.com/"
    for url in ("https://netflix.com", "https://x.com.evil.net", "about:blank", "file:///x.com", ""):
        assert categorise(rules, url=url) is None
    assert categorise(rules, url="https://y.org/shop/1") == "y.org/shop"
    assert categorise(rules, url="https://y.org/shopping") is None


@pytest.mark.parametrize(("pattern", "url", "hit"), [
    ("*.google.com", "https://mail.google.com/mail/u/0", True),
    ("*.google.com", "https://google.com", False),
    ("github.com/*/pull/*", "https://github.com/a/b/pull/3", True),
    ("github.com/*/pull/*", "https://github.com/a/b/issues/3", False),
])
def test_globs_on_addresses(pattern: str, url: str, hit: bool) -> None:
    assert (categorise(compiled([rule("url", pattern, "glob")]), url=url) is not None) is hit


@pytest.mark.parametrize("title", [
    "YouTube", "(3) Cats - YouTube", "Cats - YouTube — Mozilla Firefox", "Cats - YouTube - Google Chrome",
    "Cats – YouTube - Microsoft\u200b Edge", "YouTube - Brave", "YouTube — Mozilla Firefox (Private Browsing)",
])
def test_a_title_is_known_by_its_last_part(title: str) -> None:
    assert categorise(compiled([rule("title", "YouTube")]), title=title) == "YouTube"


def test_a_word_inside_a_title_is_not_its_last_part() -> None:
    rules = compiled([rule("title", "YouTube")])
    assert categorise(rules, title="YouTube - player.py - Visual Studio Code") is None
    assert categorise(rules, title="How YouTube works") is None
    assert title_parts("Home / X") == ("home / x", "x")


def test_names_of_apps_are_one_name() -> None:
    for name in ("Google Chrome", "google-chrome", "GOOGLE_CHROME.exe", " Google Chrome.app "):
        assert app_key(name) == "google-chrome"


def test_patterns_that_match_nothing_or_are_no_patterns() -> None:
    assert match(compiled([rule("title", "", "regex")]), title="anything") is None
    with pytest.raises(InvalidInput, match="regular expression"):
        compiled([rule("title", "(", "regex")])


def test_addresses_come_apart() -> None:
    assert host_and_path("https://user:secret@www.Example.com:8443/A/b/?q=1#z") == ("example.com", "a/b")
    assert host_and_path("file:///etc/passwd") == ("", "")


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200), st.text(max_size=50))
def test_any_text_gets_an_answer(app: str, title: str, url: str, project: str) -> None:
    rules = compiled([rule(f, "a*", k) for f in FIELDS for k in KINDS])
    found = match(rules, app, title, url, project)
    assert found is None or found.category == "a*"


def test_an_unlisted_category_takes_after_its_ancestor() -> None:
    listed = (Category("Work", 0.75, idle_after_min=9), Category("Work > Programming", 1.0, True))
    known = {c.name: c for c in listed}
    assert category_named(known, "Work > Programming > Rust") == Category("Work > Programming > Rust", 1.0, True)
    assert category_named(known, "Work > Sales").idle_after_min == 9
    assert category_named(known, "Gardening") == Category("Gardening")
    assert category_named(known, None) is UNCATEGORISED
    assert known["Work > Programming"].parent == "Work"


def test_the_shipped_taxonomy_is_sound(tree: dict[str, Any]) -> None:
    categories, rules = from_taxonomy(tree)
    assert len(categories) >= 25
    assert len(rules) >= 800
    assert {c.level for c in categories.values()} == set(LEVELS)
    assert all(not c.parent or c.parent in categories for c in categories.values())
    assert all(c.level >= 0.75 for c in categories.values() if c.focus)
    names = [(r.field, app_key(r.pattern) if r.field == "app" else r.pattern.casefold()) for r in rules]
    assert sorted(n for n in set(names) if names.count(n) > 1) == []
    assert not any(r.user for r in rules)


def test_every_shipped_name_gets_its_own_category(tree: dict[str, Any], shipped_rules: Categoriser) -> None:
    """No rule is hidden by another one."""
    for r in from_taxonomy(tree)[1]:
        if r.kind == "exact":
            given_value = f"https://{r.pattern}" if r.field == "url" else r.pattern
            assert categorise(shipped_rules, **{r.field: given_value}) == r.category, r


@pytest.mark.parametrize(("context", "category"), [
    ({"app": "firefox", "url": "https://docs.google.com/document/d/1/edit"}, "Work > Writing"),
    ({"app": "firefox", "url": "https://docs.google.com/"}, "Work > Writing"),
    ({"app": "firefox", "title": "ownership - How do I? - Stack Overflow — Mozilla Firefox"}, "Work > Programming"),
    ({"app": "firefox", "title": "Advice : r/rust — Mozilla Firefox"}, "Social > Forums"),
    ({"app": "firefox", "title": "nothing known"}, "Browsing"),
    ({"app": "slack", "title": "Huddle: #design"}, "Communication > Calls"),
    ({"app": "chrome.exe", "url": "https://music.youtube.com/"}, "Music"),
    ({"app": "nvim", "project": "coach"}, "Work > Programming"),
])
def test_windows_people_know(context: dict[str, str], category: str, shipped_rules: Categoriser) -> None:
    assert categorise(shipped_rules, **context) == category


def test_roles_change_levels(tree: dict[str, Any]) -> None:
    for role in ("", *tree["roles"]):
        categories, _ = from_taxonomy(tree, role)
        assert categories["Work > Programming"].level == 1.0
    assert from_taxonomy(tree, "manager")[0]["Communication > Calls"].level == 1.0
    assert from_taxonomy(tree)[0]["Communication > Calls"].level == 0.5
    with pytest.raises(InvalidInput, match="Nowhere"):
        from_taxonomy({**tree, "roles": {"r": {"Nowhere": 1.0}}}, "r")


def test_a_wrong_level_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"'Odd' has level 0\.6"):
        from_taxonomy({"category": [{"name": "Odd", "level": 0.6}]})
    with pytest.raises(InvalidInput, match="twice"):
        from_taxonomy({"category": [{"name": "A", "level": 1}, {"name": "A", "level": 1}]})
