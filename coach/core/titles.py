"""What a window says about itself: the keys under which an app is looked up, and the parts of a browser's title."""

from __future__ import annotations

import re
from functools import lru_cache

from coach.core.apps import BROWSERS

_REVERSE_DNS = re.compile(r"[a-z]{2,6}\.[\w-]+\.(?:[\w-]+\.)*([\w+-]+)")
_TRAILING = re.compile(
    r"(?:[-.]?v?\d+(?:\.\d+)+|\.\d+|[-.](?:bin|real|wrapped|appimage|x86-64|amd64|gtk\d?|qt\d?|stable|basic|tiny|nox))+$")
_WEB_APP = re.compile(r"(?:chrome|chromium|brave|msedge|vivaldi|crx)-+([a-z0-9.-]+\.[a-z]{2,})-.*")

_BROWSER = re.compile(
    r"\s+[-–—]\s+(?:Mozilla Firefox|Firefox(?: Developer Edition| Nightly)?|Google Chrome(?: Beta| Dev)?|Chromium|Brave|"
    r"Microsoft\W{1,3}Edge|Vivaldi|Opera|Safari|LibreWolf|Zen Browser|Tor Browser|Floorp|Waterfox|Iceweasel|qutebrowser|"
    r"Mullvad Browser|Falkon|GNOME Web|Web|Pale Moon|Arc)"
    r"(?:\s.{0,40})?$", re.IGNORECASE)
_EDGE = re.compile(r"\s-\sMicrosoft\W{1,3}Edge", re.IGNORECASE)
_MORE_TABS = re.compile(
    r"\s+(?:and|und|et|y|e|en) \d+ (?:more|other|weitere|autres?|altre|meer)\b[^-]{0,20}(?= - |$)", re.IGNORECASE)
_UNREAD = re.compile(r"^(?:\(\d[\d.,+]*\)|\[\d+\+?\]|[●•*🔴🔔]+|\d+ (?:new|unread))\s+", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s[-–—|·•/:»]\s+|(?<=\w):\s+")
_SPACED = re.compile(r"\s[-–—|·•/:»]\s+")


@lru_cache(maxsize=1024)  # a person has a few dozen apps and thousands of titles
def app_key(app: str) -> str:
    """The spelling under which an app is looked up: `Google Chrome`, `google-chrome`, `google_chrome.exe` are one."""
    return app.strip().casefold().removesuffix(".exe").removesuffix(".app").replace(" ", "-").replace("_", "-")


@lru_cache(maxsize=1024)
def app_keys(app: str) -> tuple[str, ...]:
    """Spellings to look an app up by, the most telling first: as it is; without desktop suffix, version and build; the
    last part of a reverse-DNS id (`org.kde.okular`); one half of a doubled snap id (`firefox_firefox`)."""
    key = app_key(app)
    keys = [key]
    short = key.removesuffix(".desktop")
    trimmed = _TRAILING.sub("", short)
    found = _REVERSE_DNS.fullmatch(trimmed)
    last = found[1] if found else trimmed
    half = len(last) // 2
    doubled = last[:half] if len(last) % 2 and last[half] in "-." and last[:half] == last[half + 1 :] else last
    keys += [k for k in (short, trimmed, last, doubled, last.removesuffix("64")) if k]
    return tuple(dict.fromkeys(keys))


@lru_cache(maxsize=1024)
def web_app_host(app: str) -> str:
    """The host of a site that a browser runs as an app of its own (`chrome-web.whatsapp.com__-Default`); else empty."""
    found = _WEB_APP.fullmatch(app_key(app))
    return found[1] if found else ""


def page_title(title: str) -> str:
    """A title without the browser's name, the number of unread messages before it and of other tabs after it."""
    return _page(title)[0]


@lru_cache(maxsize=16)  # several ask for the same title in turn
def _page(title: str) -> tuple[str, bool]:
    """A page's title, and whether it had a browser's name."""
    page = _BROWSER.sub("", title) if title else ""
    named = page != title
    if named:
        page = _MORE_TABS.sub("", page)
    return (page if page[:1].isalpha() else _UNREAD.sub("", page)).strip(), named


def title_parts(title: str, app: str = "") -> tuple[str, ...]:
    """What an exact title rule is compared with, casefolded: the title without the browser's name and its last part; of
    a page in a browser also its first part, since sites put their name at either end. Edge puts a profile's name last."""
    shown, named = _page(title)
    page = shown.casefold()
    parts = [page]
    spaced = _SPACED.split(page)
    if len(spaced) > 1 and spaced[-1]:
        parts.append(spaced[-1])
        if _EDGE.search(title) and len(spaced) > 2:
            parts.append(spaced[-2])
    if named or is_browser(app):
        parts.append(_SEPARATOR.split(page, maxsplit=1)[0])
    return tuple(dict.fromkeys(p for p in parts if p))


@lru_cache(maxsize=1024)
def is_browser(app: str) -> bool:
    """Whether an app shows web pages."""
    return any(key in BROWSERS for key in app_keys(app)) if app else False
