"""Where attention goes: the apps and sites of each role, with their window titles and addresses.

A place belongs to a mode of attention. Its app and site carry real names, so that the shipped taxonomy knows them.
"""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("deep", "shallow", "comms", "distraction", "meeting", "leisure")
DEEP, SHALLOW, COMMS, DISTRACTION, MEETING, LEISURE = range(6)


@dataclass(frozen=True, slots=True)
class Place:
    """`title` and `url` are grammars; `{browser}` is the person's browser, as app or as the end of a title."""

    mode: int
    app: str
    title: str
    url: str = ""
    weight: float = 1.0
    in_project: bool = False
    variants: int = 8
    known: bool = True
    """Whether catalogues name its app or site."""


WEB = "{browser}"


def _code(editor: str, suffix: str) -> tuple[Place, ...]:
    return (
        Place(DEEP, editor, "{file} - {project} - " + suffix, weight=5, in_project=True, variants=14),
        Place(DEEP, "nvim", "nvim", weight=0.6, in_project=True, variants=1),
        Place(DEEP, "pytest", "pytest", weight=1, in_project=True, variants=1),
        Place(DEEP, "git", "git", weight=1.2, in_project=True, variants=1),
        Place(DEEP, "Alacritty", "{project}: zsh", weight=1, in_project=True, variants=1),
        Place(DEEP, WEB, "{topic}: pull request {number} · {project} - GitHub",
              "https://github.com/acme/{project}/pull/{number}", 1.2,
              True),
        Place(DEEP, WEB, "{topic} - Stack Overflow", "https://stackoverflow.com/questions/{number}", 0.7),
        Place(SHALLOW, WEB, "{topic} - Python documentation", "https://docs.python.org/3/library/{number}.html", 0.8),
    )


COMMON = (
    Place(COMMS, "thunderbird", "Inbox - Mozilla Thunderbird", weight=1.6, variants=1),
    Place(COMMS, "thunderbird", "Re: {topic} - Mozilla Thunderbird", weight=1.2, variants=20),
    Place(COMMS, "Slack", "{person} (DM) - Slack", weight=1.6, variants=10),
    Place(COMMS, "Slack", "#{project} - Slack", weight=1.4, variants=4),
    Place(SHALLOW, WEB, "{document} {project} - Google Docs", "https://docs.google.com/document/d/{number}/edit", 1.2),
    Place(SHALLOW, WEB, "{document} - Notion", "https://www.notion.so/{number}", 0.9),
    Place(SHALLOW, WEB, "{topic} - Search", "https://duckduckgo.com/", 1.0, variants=16),
    Place(SHALLOW, WEB, "Google Calendar - Week", "https://calendar.google.com/calendar/u/0/r/week", 0.5, variants=1),
    Place(SHALLOW, "org.gnome.Nautilus", "Downloads", weight=0.4, variants=1),
    Place(SHALLOW, "org.gnome.Evince", "{document}.pdf", weight=0.5),
    Place(DISTRACTION, WEB, "{video} - YouTube", "https://www.youtube.com/watch", 1.4, variants=40),
    Place(DISTRACTION, WEB, "r/{hobby}", "https://www.reddit.com/r/{hobby}/", 1.3, variants=6),
    Place(DISTRACTION, WEB, "Hacker News", "https://news.ycombinator.com/", 0.8, variants=1),
    Place(DISTRACTION, WEB, "Instagram", "https://www.instagram.com/", 0.9, variants=1),
    Place(DISTRACTION, WEB, "Home / X", "https://x.com/home", 0.8, variants=1),
    Place(DISTRACTION, WEB, "The Guardian", "https://www.theguardian.com/international", 0.7, variants=1),
    Place(DISTRACTION, WEB, "{hobby} - Amazon", "https://www.amazon.com/s", 0.4, variants=6),
    Place(MEETING, "zoom", "Zoom Meeting", weight=3, variants=1),
    Place(MEETING, WEB, "Meet - {topic}", "https://meet.google.com/abc-defg-hij", 1.5, variants=6),
    Place(LEISURE, WEB, "{video} - YouTube", "https://www.youtube.com/watch", 1.6, variants=60),
    Place(LEISURE, WEB, "Netflix", "https://www.netflix.com/watch", 1.2, variants=1),
    Place(LEISURE, "steam", "Steam", weight=0.6, variants=1),
    Place(LEISURE, "Spotify", "Spotify Premium", weight=0.5, variants=1),
    Place(LEISURE, WEB, "r/{hobby}", "https://www.reddit.com/r/{hobby}/", 0.9, variants=6),
    Place(LEISURE, "Signal", "Signal", weight=0.8, variants=1),
    Place(LEISURE, WEB, "{place} - Google Maps", "https://www.google.com/maps/place/{place}", 0.2, variants=5),
)

OF_ROLE: dict[str, tuple[Place, ...]] = {
    "developer": (
        *_code("code", "Visual Studio Code"),
        Place(SHALLOW, WEB, "{ticket} {topic} - Jira", "https://acme.atlassian.net/browse/{ticket}", 1.2, variants=12),
        Place(SHALLOW, WEB, "Deploy {project} - Grafana", "https://grafana.com/d/{number}", 0.5, True),
    ),
    "manager": (
        Place(DEEP, WEB, "{document} {project} - Google Docs", "https://docs.google.com/document/d/{number}", 2.5,
              variants=14),
        Place(DEEP, WEB, "Budget {project} - Google Sheets", "https://docs.google.com/spreadsheets/d/{number}", 1.8),
        Place(DEEP, WEB, "{topic} - Google Slides", "https://docs.google.com/presentation/d/{number}/edit", 1.5),
        Place(SHALLOW, WEB, "{project} board - Linear", "https://linear.app/{project}/team/all", 1.4, variants=3),
        Place(SHALLOW, WEB, "{client} - HubSpot", "https://app.hubspot.com/contacts/{number}", 0.8),
    ),
    "researcher": (
        Place(DEEP, "texstudio", "{file} - TeXstudio", weight=2.5, in_project=True, variants=10),
        Place(DEEP, "jupyter-lab", "{project}.ipynb - JupyterLab", weight=2, in_project=True, variants=3),
        Place(DEEP, "rstudio", "{project} - RStudio", weight=1, in_project=True, variants=2),
        Place(DEEP, "Zotero", "{topic} - Zotero", weight=1),
        Place(DEEP, WEB, "{topic} - arXiv", "https://arxiv.org/abs/2511.{number}", 1.6, variants=16),
        Place(SHALLOW, WEB, "{topic} - Google Scholar", "https://scholar.google.com/scholar", 1.2),
    ),
    "student": (
        Place(DEEP, "soffice", "{document}.odt - LibreOffice Writer", weight=2.2, variants=10),
        Place(DEEP, "okular", "{topic} script.pdf - Okular", weight=1.8, variants=10),
        Place(DEEP, "Anki", "{topic} - Anki", weight=1),
        Place(DEEP, WEB, "{topic} - Coursera", "https://www.coursera.org/learn/{number}", 1),
        Place(SHALLOW, WEB, "{topic} - Wikipedia", "https://en.wikipedia.org/wiki/{number}", 1.4, variants=16),
        Place(SHALLOW, WEB, "Course page: {topic}", "https://moodle.org/course/{number}", 0.8, variants=5),
    ),
    "designer": (
        Place(DEEP, WEB, "{project} {topic} - Figma", "https://www.figma.com/design/{number}", 3.5, variants=12),
        Place(DEEP, "inkscape", "{topic}.svg - Inkscape", weight=1.5),
        Place(DEEP, "gimp", "{topic}.xcf - GIMP", weight=1),
        Place(SHALLOW, WEB, "{topic} - Miro", "https://miro.com/app/board/{number}", 0.9),
        Place(SHALLOW, WEB, "{topic} inspiration - Dribbble", "https://dribbble.com/search/{number}", 0.8),
    ),
    "support": (
        Place(DEEP, WEB, "{client}: {topic} - Zendesk", "https://acme.zendesk.com/agent/{number}", 3, variants=30),
        Place(DEEP, WEB, "{document} - Google Docs", "https://docs.google.com/document/d/{number}/edit", 1.2),
        Place(DEEP, "code", "{file} - {project} - Visual Studio Code", weight=0.8, in_project=True),
        Place(SHALLOW, WEB, "{ticket} {topic} - Jira", "https://acme.atlassian.net/browse/{ticket}", 1.2, variants=10),
        Place(SHALLOW, WEB, "{client} - Stripe", "https://dashboard.stripe.com/customers/{number}", 0.8),
    ),
}

ROLES = tuple(OF_ROLE)
BROWSERS = (("firefox", " — Mozilla Firefox"), ("google-chrome", " - Google Chrome"), ("chromium", " - Chromium"))
HOBBIES = ("bouldering", "sourdough", "chess", "cycling", "houseplants", "synthesizers", "woodworking", "running")
VIDEOS = (
    "Building a cabin alone", "Every bridge in town", "How trains turn", "One pan dinner", "The forgotten synth",
    "Chess endgame traps", "Slow TV: night train", "I walked across the island", "Cats against cucumbers", "Desk tour",
    "Why planes no longer crash", "Live session", "Ten desserts", "Restoring a rusty vise", "Speedrun world record",
)
