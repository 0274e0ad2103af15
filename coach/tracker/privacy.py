"""What may leave the tracker. Pure, and applied to every sample before anything is handed on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from coach.core.errors import InvalidInput
from coach.core.event import Sample

EXCLUDED = "excluded"
TITLE_LIMIT = 500
NAME_LIMIT = 200
_MATCH_LIMIT = 4096

Field = Literal["app", "title", "url"]
Action = Literal["drop", "redact"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A pattern (searched, case ignored) that hides what matches it.

    "drop" leaves only the time, under the app "excluded"; "redact" keeps the app and hides title, URL, project and branch.
    A matching app is always dropped."""

    field: Field
    pattern: re.Pattern[str]
    action: Action = "drop"


@dataclass(frozen=True, slots=True)
class Privacy:
    exclusions: tuple[Exclusion, ...] = ()
    urls: bool = True
    """Record addresses at all."""


def exclusion(field: str, pattern: str, action: str = "drop") -> Exclusion:
    """An Exclusion from text. Raises InvalidInput for an unknown field or action and for a bad pattern."""
    if field not in ("app", "title", "url"):
        raise InvalidInput(f"cannot exclude by {field!r}", "use app, title or url")
    if action not in ("drop", "redact"):
        raise InvalidInput(f"unknown action {action!r}", "use drop or redact")
    if not pattern:
        raise InvalidInput("an empty pattern would exclude everything", "name what is to be excluded")
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise InvalidInput(f"not a regular expression: {error}", r"escape special characters: example\.org") from error
    return Exclusion(field, compiled, action)  # type: ignore[arg-type]  # checked above


def redact(sample: Sample, privacy: Privacy) -> Sample:
    """The sample as it may be recorded. Patterns see the title and the URL as they were, up to 4,096 characters."""
    window = _alone(sample, privacy)
    if sample.inside is None:
        return window
    inside = _alone(sample.inside, privacy)
    if EXCLUDED in (inside.app, window.app):
        # A terminal's title and project tell what runs in it.
        return _told(window, EXCLUDED)
    if window.title == EXCLUDED or window.private:
        # What a window hides stays hidden when its inside is asked.
        inside = _told(inside, inside.app, url=inside.url, private=inside.private)
    return _told(window, window.app, window.title, window.url, window.project, window.branch, window.private, inside)


def _alone(sample: Sample, privacy: Privacy) -> Sample:
    """The sample as it may be recorded, without what is inside it."""
    # The patterns see a bounded text: a title can be megabytes long.
    app, project = clean(sample.app, NAME_LIMIT), clean(sample.project, NAME_LIMIT)
    branch = clean(sample.branch, NAME_LIMIT)
    title, url = clean(sample.title, _MATCH_LIMIT), clean(sample.url, _MATCH_LIMIT)
    if privacy.exclusions:
        if any(rule.field == "title" and rule.pattern.search(branch) for rule in privacy.exclusions):
            branch = ""  # named after what titles may not show
        texts = {"app": app, "title": title, "url": url}
        hits = [rule for rule in privacy.exclusions if texts[rule.field] and rule.pattern.search(texts[rule.field])]
        if any(rule.action == "drop" or rule.field == "app" for rule in hits):
            return _told(sample, EXCLUDED, private=sample.private)
        if hits:
            return _told(sample, app, title and EXCLUDED, url and EXCLUDED, private=sample.private)
    if sample.private or is_private_window(app, title):
        return _told(sample, app, private=True)
    shown = strip_url(url).strip() if url and privacy.urls else ""
    return _told(sample, app, title[:TITLE_LIMIT].rstrip(), shown, project, branch)


def _told(
    sample: Sample, app: str, title: str = "", url: str = "", project: str = "", branch: str = "", private: bool = False,
    inside: Sample | None = None,
) -> Sample:
    """The sample with these words alone. (`dataclasses.replace` would cost ten times as much, several times a second.)"""
    if inside is sample.inside and (app, title, url, project, branch, private) == (
        sample.app, sample.title, sample.url, sample.project, sample.branch, sample.private
    ):
        return sample
    return Sample(sample.at, sample.source, app, title, url, project, sample.idle_s, private, inside, branch)


def clean(text: str, limit: int) -> str:
    """One line without control, format or surrogate characters, of at most `limit` characters."""
    if not text:
        return ""
    shortened = text[: limit * 2]
    if not shortened.isprintable():
        # Tabs and line ends part words; escapes, bidirectional overrides and lone surrogates only do harm.
        shortened = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in shortened)
    return shortened.strip()[:limit]


_BROWSER = re.compile(
    r"firefox|chrom|brave|edge|vivaldi|opera|safari|librewolf|waterfox|floorp|zen|epiphany|falkon|qutebrowser|navigator|browser",
    re.IGNORECASE,
)
_PRIVATE_WORDS = (
    r"(?:private (?:browsing|window)|incognito|inprivate|inkognito|privater modus|privates fenster|navigation privée"
    r"|navegación privada|incógnito|navigazione (?:anonima|privata)|navegação (?:privativa|anônima)|anônima)"
)
_PRIVATE_ANYWHERE = re.compile(rf"(?<!\w){_PRIVATE_WORDS}(?!\w)", re.IGNORECASE)
_PRIVATE_SUFFIX = re.compile(
    rf"(?:[-–—(\[]\s*|firefox |chrome |chromium |edge ){_PRIVATE_WORDS}\s*[)\]]?$", re.IGNORECASE,
)


def is_private_window(app: str, title: str) -> bool:
    """Whether a title is that of a private or incognito window.

    In a browser the words count anywhere: a page about incognito mode loses its title too, which is the safe side."""
    return bool((_PRIVATE_ANYWHERE if _is_browser(app) else _PRIVATE_SUFFIX).search(title))


@lru_cache(maxsize=256)  # there are few apps and many titles
def _is_browser(app: str) -> bool:
    return _BROWSER.search(app) is not None


def strip_url(url: str) -> str:
    """A URL without user, password, path parameters, query and fragment; only the scheme where the rest is content."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check: a bad port raises ValueError
    except ValueError:
        return ""
    if not parts.netloc and parts.scheme not in ("", "file", "about", "chrome", "edge"):
        return f"{parts.scheme}:"
    host = parts.netloc.rpartition("@")[2]
    path = re.sub(r";[^/]*", "", parts.path)
    return urlunsplit((parts.scheme, host, path, "", ""))[:TITLE_LIMIT]
