"""The project that a window tells of itself: an editor's title, the address of a forge or tracker, the path of a document.

Only what names a project by its form is read. A bare file name is no project: reading a paper would make one of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from coach.core.category import host_and_path
from coach.core.titles import app_keys, page_title

_LONGEST = 80
_DASH = re.compile(r"\s+[-–—]\s+")
_MODIFIED = re.compile(r"^[●•*○◌+\s]+")
_VSCODE = re.compile(
    r"(?:^|[-–—]\s)(?:Visual Studio Code|Code - OSS|Code - Insiders|VSCodium|Cursor|Windsurf|Positron)(?: - Insiders)?$",
    re.IGNORECASE)
_BESIDE = re.compile(
    r"\s*(?:\[(?:SSH|WSL|Dev Container|Container|Codespaces|Administrator|Superuser|Remote|Read Only)[^\]]*\]"
    r"|\((?:Workspace|Running|Debugging|Administrator)\))\s*$", re.IGNORECASE)
_VIM = re.compile(r"\((~|~?/[^()]*|[A-Z]:\\[^()]*)\)\s+-\s+(?:G?VIM\d?|NVIM|Neovim)\b", re.IGNORECASE)
_SUBLIME = re.compile(r"\(([^()]+)\)(?: [•*])? [-–—] Sublime Text", re.IGNORECASE)
_BRACKETED_PATH = re.compile(r"\[((?:~|/|[A-Z]:\\)[^\]]*)\]")
_PROMPT = re.compile(r"^[\w.-]+@[\w.-]+:\s?(~?/?.*)$")
_FORGE_TITLE = re.compile(r"(?:Issue|Pull Request|Discussion) #\d+ · [\w.-]+/([\w.-]+)")
_GITLAB_TITLE = re.compile(r" · [^·]+? / ([^·/]+?) · GitLab")
_ISSUE_TITLE = re.compile(r"^\[?([A-Z][A-Z0-9]{1,9})-\d+\]? .* - (?:Jira|YouTrack)\b")
_OVERLEAF = re.compile(r"^(.+) - Online LaTeX Editor Overleaf$")
_NAMED = {
    "Sublime": _SUBLIME, " #": _FORGE_TITLE, "GitLab": _GITLAB_TITLE, " - Jira": _ISSUE_TITLE, " - YouTrack": _ISSUE_TITLE,
    "Overleaf": _OVERLEAF,
}
"""A word that is looked for first, since that costs little, and the pattern."""
_ISSUE = re.compile(r"([A-Za-z][A-Za-z0-9]{1,9})-\d+")

_VSCODE_APPS = frozenset({"code", "code-oss", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"})
_JETBRAINS = frozenset({
    "idea", "pycharm", "webstorm", "goland", "clion", "rider", "phpstorm", "rubymine", "rustrover", "datagrip", "dataspell",
    "studio", "android-studio", "intellij-idea", "fleet",
})
_FIRST = frozenset({"zed", "zeditor", "dev.zed.zed", "xcode", "unity", "rstudio", "devenv"})
"""Apps whose title begins with the project."""
_LAST = ("obsidian", "qt creator", "godot engine")
"""Names that end a title, right after the project."""

_CONTAINERS = frozenset({
    "src", "code", "projects", "project", "projekte", "proyectos", "projets", "repos", "repositories", "git", "dev", "work",
    "workspace", "workspaces", "documents", "dokumente", "documentos", "documenti", "developer", "development", "desktop",
    "schreibtisch", "bureau", "go", "source", "sources", "ghq", "onedrive", "dropbox", "nextcloud", "icloud", "google drive",
})
"""Folders that hold projects and are none."""
_NO_PROJECT = frozenset({"downloads", "téléchargements", "descargas", "pictures", "videos", "music", "tmp", "trash", "bin"})
_FORGES = frozenset({"github.com", "codeberg.org", "bitbucket.org", "gitea.com", "git.sr.ht", "gitlab.com"})
_NO_OWNER = frozenset({
    "", "settings", "notifications", "marketplace", "orgs", "sponsors", "explore", "topics", "search", "login", "features",
    "pulls", "issues", "dashboard", "users", "groups", "admin", "help", "projects", "about", "apps", "trending", "collections",
    "account", "new", "stars", "codespaces", "enterprise", "security", "join", "signup", "readme", "repo", "-", "copilot",
})


def project_key(name: str) -> str:
    """The spelling under which projects are compared: "my-app", "My App" and "my_app" are one."""
    return re.sub(r"[\s._-]+", "", name.casefold())


def settled(given: str, app: str, title: str, url: str, is_own: Callable[[str], bool]) -> str:
    """The project of a window: of what its source has `given` and what the window tells, the first that a rule of the
    person's names (`is_own`), else the first."""
    told = [name for name in (given, *told_by(app, title, url)) if name]
    if len(told) > 1:
        return next((name for name in told if is_own(name)), told[0])
    return told[0] if told else ""


@lru_cache(maxsize=256)  # several ask for the same window in turn
def told_by(app: str, title: str, url: str) -> tuple[str, ...]:
    """Projects that an address and a title name, the surest first; none as a rule."""
    found = [*([_of_url(url)] if url else ()), *(_of_title(app, title) if title else ())]
    return tuple(dict.fromkeys(name for name in map(_tidy, found) if name))


def of_path(path: str, *, is_file: bool = False) -> str:
    """The folder below the home, or below a usual place for projects, that a path leads through; empty where there is none."""
    parts = [p for p in re.split(r"[/\\]+", path.strip()) if p]
    if is_file:
        parts = parts[:-1]
    folded = [p.casefold() for p in parts]
    if parts and folded[0] == "~":
        start = 1
    elif len(parts) > 1 and (folded[0] in ("home", "users") or (folded[0].endswith(":") and folded[1] == "users")):
        start = 3 if folded[0].endswith(":") else 2
    else:
        start = next((i for i, p in enumerate(folded) if p in _CONTAINERS), len(parts))
    while start < len(parts) and (folded[start] in _CONTAINERS or folded[start] in _FORGES):
        start += 2 if folded[start] in _FORGES else 1
    found = parts[start] if start < len(parts) else ""
    return "" if found.startswith(".") or found.casefold() in _NO_PROJECT else found


def _of_url(url: str) -> str:
    host, _ = host_and_path(url)
    parts = re.split(r"[?#]", url.partition("://")[2])[0].strip("/").split("/")[1:] or [""]
    if host in _FORGES or host.startswith(("git.", "gitlab.", "gitea.", "forgejo.")):
        return _of_forge(host, parts)
    if host == "dev.azure.com" and len(parts) > 1:
        return parts[3] if len(parts) > 3 and parts[2] == "_git" else parts[1]
    if host.endswith((".atlassian.net", ".youtrack.cloud")) or host.startswith(("jira.", "youtrack.")):
        return _of_tracker(parts)
    if host == "linear.app" and len(parts) > 2:
        if parts[1] == "issue":
            return _of_tracker(parts[1:])
        return re.sub(r"-[0-9a-f]{12}$", "", parts[2]) if parts[1] == "project" else ""
    if host == "trello.com" and parts[0] == "b" and len(parts) > 2:
        return parts[2]
    return ""


def _of_forge(host: str, parts: list[str]) -> str:
    if "-" in parts:
        parts = parts[: parts.index("-")]
    if len(parts) < 2 or parts[0].casefold() in _NO_OWNER:
        return ""
    last = parts[-1] if "gitlab" in host else parts[1]  # GitLab has groups in groups
    return last.removesuffix(".git")


def _of_tracker(parts: list[str]) -> str:
    for before, part in zip(["", *parts], parts, strict=False):
        if before in ("browse", "issue", "issues") and (found := _ISSUE.fullmatch(part)):
            return found[1].upper()
        if before == "projects" and re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,9}", part):
            return part.upper()
    return ""


def _of_title(app: str, title: str) -> Iterator[str]:
    kinds = _kinds(app)
    page = page_title(title)
    bare = page if page[:1].isalnum() else _MODIFIED.sub("", page)
    parts = [p for p in _DASH.split(bare) if p]
    last = parts[-1] if parts else ""
    if "vscode" in kinds or _VSCODE.search(title):
        yield _of_vscode(title)
    elif "jetbrains" in kinds:
        yield parts[0].partition(" [")[0] if len(parts) > 1 or _BRACKETED_PATH.search(bare) else ""
    elif last.casefold().startswith(_LAST) and len(parts) > 2:
        yield parts[-2]
    elif "first" in kinds and len(parts) > 1 and not _is_path(parts[0]):
        yield _BESIDE.sub("", parts[0])
    elif last.startswith("Eclipse") and len(parts) > 2:
        yield parts[1].partition("/")[0]
    for word, pattern in _NAMED.items():
        if word in bare and (found := pattern.search(bare)):
            yield found[1]
    yield from _of_paths(title, parts)


@lru_cache(maxsize=256)
def _kinds(app: str) -> frozenset[str]:
    """How the titles of an app are to be read, as far as it says."""
    keys = set(app_keys(app))
    told = {"vscode": _VSCODE_APPS & keys, "jetbrains": _JETBRAINS & keys, "first": _FIRST & keys}
    named = {name for name, found in told.items() if found}
    return frozenset(named | {"jetbrains"} if any(k.startswith("jetbrains-") for k in keys) else named)


def _of_vscode(title: str) -> str:
    """`file - folder - [profile -] Visual Studio Code`; on macOS `file — folder`."""
    parts = [p for p in _DASH.split(_MODIFIED.sub("", _VSCODE.sub("", title)).rstrip()) if p]
    folder = parts[1] if len(parts) > 1 else parts[0] if parts and "(Workspace)" in parts[0] else ""
    return _BESIDE.sub("", _BESIDE.sub("", folder))


def _of_paths(title: str, parts: list[str]) -> Iterator[str]:
    if "/" not in title and "\\" not in title and "~" not in title:
        return
    if found := _VIM.search(title):
        yield of_path(found[1])
    if found := _BRACKETED_PATH.search(title):
        yield of_path(found[1], is_file=_names_file(found[1]))
    if found := _PROMPT.match(title):
        yield of_path(found[1])
    for part in parts:
        if _is_path(part):
            yield of_path(part, is_file=_names_file(part))


def _is_path(part: str) -> bool:
    return part.startswith(("~/", "/home/", "/Users/", "/mnt/", "/media/", "/srv/", "/data/")) or part[1:3] == ":\\"


def _names_file(path: str) -> bool:
    return "." in re.split(r"[/\\]", path)[-1].strip(".")


def _tidy(name: str) -> str:
    name = name.strip(" ●•*")
    return name if len(name) <= _LONGEST and any(c.isalnum() for c in name) and not _is_path(name) else ""
