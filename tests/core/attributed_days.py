"""Days of several kinds of people, each stretch with the task it was for: lures and idle browsing are for none.

Made up, windows worded as the programs word them. Who chose the weights of `core/evidence` wrote them too, so what they
measure is an upper bound; a person's own decisions are counted by `coach attribute list`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from coach.core.evidence import Tracked
from coach.core.task import Task

START = datetime(2026, 11, 19, 8, tzinfo=UTC)
NONE = ""

CHAT = {"focus": False, "level": 0.5}
LURE = {"focus": False, "level": 0.25}
PLAY = {"focus": False, "level": 0.0}


@dataclass(frozen=True)
class Day:
    """`lived` are (minutes, the task's title or none, how the window looked), one after another."""

    who: str
    tasks: tuple[Task, ...]
    lived: tuple[tuple[int, str, Mapping[str, object]], ...]

    def stretches(self) -> list[tuple[Tracked, str]]:
        """Each stretch with the id of its task, empty for none."""
        ids = {t.title: t.id for t in self.tasks} | {NONE: ""}
        at, found = int(START.timestamp() * 1000), []
        for minutes, title, looks in self.lived:
            found.append((Tracked(at, at + minutes * 60_000, **looks), ids[title]))  # type: ignore[arg-type]
            at += minutes * 60_000
        return found


def w(app: str, title: str = "", url: str = "", project: str = "", branch: str = "", **more: object) -> dict[str, object]:
    return {"app": app, "title": title, "url": url, "project": project, "branch": branch, **more}


def web(title: str, url: str = "", **more: object) -> dict[str, object]:
    return w("firefox", f"{title} — Mozilla Firefox", url, **more)


def tasks(*said: tuple[str, str | None, str]) -> tuple[Task, ...]:
    """(title, project, notes), numbered from 11 on."""
    return tuple(
        Task(f"t{n}", title, START, START, num=n, project=project, notes=notes)
        for n, (title, project, notes) in enumerate(said, 11)
    )


DEVELOPER = Day("developer", tasks(
    ("Fix login redirect loop", "shop", ""),
    ("Retry webhooks with backoff #142", "shop", ""),
    ("Upgrade Postgres to 17", "infra", ""),
    ("Review Anna's caching proposal", "shop", "https://github.com/acme/shop/pull/88"),
    ("Write release notes", "shop", ""),
    ("Pay electricity bill", "home", ""),
    ("SHOP-77 empty cart crashes", "shop", ""),
    ("Document the search API", "docs", ""),
), (
    (10, NONE, w("thunderbird", "Inbox - Mozilla Thunderbird", **CHAT)),
    (35, "Fix login redirect loop", w("nvim", "nvim", project="shop", branch="fix/login-redirect-loop")),
    (8, "Fix login redirect loop", w("pytest", "pytest", project="shop", branch="fix/login-redirect-loop")),
    (6, NONE, web("Why login pages fail - YouTube", "https://www.youtube.com/watch", **PLAY)),
    (40, "Retry webhooks with backoff #142",
     w("code", "queue.py - shop - Visual Studio Code", "", "shop", "142-webhook-retries")),
    (9, "Retry webhooks with backoff #142",
     web("Retry webhooks · Issue #142 · acme/shop", "https://github.com/acme/shop/issues/142", project="shop")),
    (12, "Retry webhooks with backoff #142", web("Exponential backoff and jitter - AWS blog", "https://aws.example.com/backoff")),
    (15, NONE, w("Slack", "Anna (DM) - Slack", **CHAT)),
    (20, "Review Anna's caching proposal",
     web("Cache product pages by anna · Pull Request #88 · acme/shop", "https://github.com/acme/shop/pull/88", project="shop")),
    (14, "Review Anna's caching proposal",
     web("Files changed · acme/shop", "https://github.com/acme/shop/pull/88/files", project="shop")),
    (30, "SHOP-77 empty cart crashes", w("idea", "shop – Cart.kt [shop.main]", "", "shop", "bugfix/SHOP-77-empty-cart")),
    (7, "SHOP-77 empty cart crashes",
     web("[SHOP-77] Empty cart crashes - Jira", "https://acme.atlassian.net/browse/SHOP-77", project="SHOP")),
    (25, "Upgrade Postgres to 17", w("psql", "psql", project="infra", branch="main")),
    (9, "Upgrade Postgres to 17", web("PostgreSQL: Documentation: 17: Upgrading a Cluster", "https://www.postgresql.org/docs/17/")),
    (12, NONE, web("Hacker News", "https://news.ycombinator.com/", **LURE)),
    (8, NONE, web("Electricity prices explained - The Guardian", "https://www.theguardian.com/x", **LURE)),
    (18, NONE, w("git", "git", project="shop", branch="main")),
    (16, NONE, w("code", "notes.py - dotfiles - Visual Studio Code", "", "dotfiles", "main")),
    (9, NONE, web("PostgreSQL 17 release notes", "https://www.postgresql.org/docs/17/release.html")),
    (7, NONE, web("Search API - Algolia docs", "https://www.algolia.com/doc/search-api")),
    (6, NONE, web("Redirect chains, explained", "https://blog.example.com/redirects", focus=True, level=0.75)),
    (10, "Pay electricity bill", web("Your electricity bill - Stadtwerke", "https://www.stadtwerke.example/bill", **CHAT)),
))

STUDENT = Day("student", tasks(
    ("Thesis chapter 3: river deltas", "thesis", ""),
    ("Linear algebra problem set 5", "uni", ""),
    ("Read Smith 2019 on sediment transport", "thesis", ""),
    ("Book train to Vienna", None, ""),
    ("Essay on the Congress of Vienna", "uni", "https://docs.google.com/document/d/1abc/edit"),
    ("Email Prof. Berger about extension", "uni", ""),
    ("Buy running shoes", "home", ""),
), (
    (50, "Thesis chapter 3: river deltas", w("texstudio", "~/thesis/chapter3.tex - TeXstudio", project="thesis")),
    (22, "Thesis chapter 3: river deltas", web("River delta - Wikipedia", "https://en.wikipedia.org/wiki/River_delta")),
    (25, "Read Smith 2019 on sediment transport", w("okular", "smith2019-sediment-transport.pdf — Okular")),
    (9, NONE, web("Top running gear 2026 - YouTube", "https://www.youtube.com/watch", **PLAY)),
    (40, "Linear algebra problem set 5", w("soffice", "Problem set 5 linear algebra.odt - LibreOffice Writer")),
    (15, "Linear algebra problem set 5", web("Linear map - Wikipedia", "https://en.wikipedia.org/wiki/Linear_map")),
    (35, "Essay on the Congress of Vienna", web("Essay draft - Google Docs", "https://docs.google.com/document/d/1abc/edit")),
    (18, "Essay on the Congress of Vienna", web("Congress of Vienna - Wikipedia", "https://en.wikipedia.org/wiki/Congress_of_Vienna")),
    (12, "Book train to Vienna", web("Train tickets to Vienna - ÖBB", "https://www.oebb.at/en/tickets", **CHAT)),
    (10, NONE, web("Vienna street food - Instagram", "https://www.instagram.com/x", **PLAY)),
    (14, "Email Prof. Berger about extension",
     w("thunderbird", "Write: Extension for the essay, Prof. Berger - Thunderbird", **CHAT)),
    (20, NONE, w("discord", "#uni-chat - Discord", **CHAT)),
    (30, NONE, web("Netflix", "https://www.netflix.com/watch", **PLAY)),
    (11, "Buy running shoes", web("Running shoes for women - Zalando", "https://www.zalando.de/shoes", **LURE)),
    (16, NONE, w("okular", "lecture-07.pdf — Okular")),
    (8, NONE, w("okular", "Chapter 3 Eigenvalues.pdf — Okular")),
    (9, NONE, w("soffice", "Letter to landlord.odt - LibreOffice Writer")),
    (7, NONE, web("Smith College - Admissions", "https://www.smith.edu/", **CHAT)),
))

MANAGER = Day("manager", tasks(
    ("Prepare budget 2027", "finance", ""),
    ("Quarterly report for Northwind", "northwind", ""),
    ("Hire a support engineer: screen candidates", "hiring", ""),
    ("Call Marlow about the contract", "marlow", ""),
    ("Roadmap slides for the offsite", "offsite", ""),
    ("1:1 notes Petra", None, ""),
    ("Renew passport", "home", ""),
), (
    (30, NONE, w("outlook", "Inbox - me@acme.com - Outlook", **CHAT)),
    (45, "Prepare budget 2027", web("Budget 2027 v3 - Google Sheets", "https://docs.google.com/spreadsheets/d/9x/edit")),
    (20, "Prepare budget 2027", w("excel", "Budget_2026_actuals.xlsx - Excel")),
    (30, NONE, w("zoom", "Zoom Meeting", **CHAT)),
    (40, "Quarterly report for Northwind", w("winword", "Northwind Quarterly Report Q3.docx - Word")),
    (12, "Quarterly report for Northwind", w("outlook", "RE: Northwind quarterly report numbers - Message", **CHAT)),
    (15, NONE, web("Northwind - LinkedIn", "https://www.linkedin.com/company/northwind", **LURE)),
    (25, "Hire a support engineer: screen candidates",
     web("Support engineer: 14 candidates - Greenhouse", "https://app.greenhouse.io/x")),
    (35, "Roadmap slides for the offsite", web("Offsite roadmap - Google Slides", "https://docs.google.com/presentation/d/7/edit")),
    (10, NONE, w("Slack", "#offsite - Slack", **CHAT)),
    (14, "Call Marlow about the contract", w("acrobat", "Marlow contract signed.pdf - Adobe Acrobat")),
    (11, "1:1 notes Petra", web("1:1 Petra notes - Notion", "https://www.notion.so/77", **CHAT)),
    (10, NONE, web("Passport photos: what changed - BBC News", "https://www.bbc.co.uk/news/x", **LURE)),
    (18, NONE, web("Project budget template - Google Sheets", "https://docs.google.com/spreadsheets/d/2/edit")),
    (12, NONE, w("winword", "Support contract Uplands.docx - Word")),
    (20, NONE, web("Candidates debate tonight - CNN", "https://edition.cnn.com/x", **LURE)),
))

DESIGNER = Day("designer", tasks(
    ("Redesign price page", "brightwater", ""),
    ("Icon set for offline mode", "beacon", ""),
    ("Invoice Tessera for October", "tessera", ""),
    ("Style guide: colours and type", "brightwater", ""),
    ("Portfolio case study", None, ""),
), (
    (60, "Redesign price page", web("Price page v2 – Figma", "https://www.figma.com/design/abc/Price-page-v2")),
    (20, "Redesign price page", web("Price page inspiration - Dribbble", "https://dribbble.com/search/price-page")),
    (30, "Icon set for offline mode", w("inkscape", "offline-icons.svg - Inkscape")),
    (25, "Icon set for offline mode", web("Beacon icons – Figma", "https://www.figma.com/design/def/Beacon-icons")),
    (30, "Style guide: colours and type", web("Brightwater style guide – Figma", "https://www.figma.com/design/ghi/Style-guide")),
    (15, "Invoice Tessera for October", w("soffice", "Invoice_Tessera_2026-10.ods - LibreOffice Calc")),
    (10, NONE, web("r/typography", "https://www.reddit.com/r/typography/", **LURE)),
    (20, NONE, web("Offline: a documentary - Netflix", "https://www.netflix.com/watch", **PLAY)),
    (25, "Portfolio case study", w("code", "case-study.md - portfolio - Visual Studio Code", "", "portfolio", "main")),
    (15, NONE, web("Sable style exploration – Figma", "https://www.figma.com/design/x/Sable-style")),
    (10, NONE, web("Best price on headphones - Amazon", "https://www.amazon.com/s", **LURE)),
))

SUPPORT = Day("support", tasks(
    ("Answer Kvist: export fails", "kvist", "https://acme.zendesk.com/agent/tickets/4711"),
    ("Halden billing question", "halden", ""),
    ("Write article: resetting two-factor login", "help", ""),
    ("OPS-311 slow exports", "ops", ""),
    ("Dentist appointment", "home", ""),
), (
    (22, "Answer Kvist: export fails", web("Kvist: export fails - Zendesk", "https://acme.zendesk.com/agent/tickets/4711")),
    (15, "Halden billing question", web("Halden: billing twice - Zendesk", "https://acme.zendesk.com/agent/tickets/4713")),
    (9, "Halden billing question", web("Halden - Stripe", "https://dashboard.stripe.com/customers/55")),
    (30, NONE, web("Lakeside: cannot print - Zendesk", "https://acme.zendesk.com/agent/tickets/4714")),
    (12, NONE, web("Orrin: refund - Zendesk", "https://acme.zendesk.com/agent/tickets/4715")),
    (40, "Write article: resetting two-factor login", web("Resetting two-factor login - Help Center", "https://help.acme.com/edit")),
    (18, "OPS-311 slow exports", web("OPS-311 Slow exports - Jira", "https://acme.atlassian.net/browse/OPS-311", project="OPS")),
    (10, NONE, w("Slack", "#support - Slack", **CHAT)),
    (8, NONE, web("Dentist jokes - Reddit", "https://www.reddit.com/r/x/", **PLAY)),
    (20, NONE, w("code", "macros.py - kvist - Visual Studio Code", "", "kvist", "main")),
))

GERMAN = Day("freelancer in German", tasks(
    ("Angebot für Bäckerei Huber schreiben", "huber", ""),
    ("Steuererklärung 2025", "buchhaltung", ""),
    ("Website Kletterhalle: Anfahrt-Seite", "kletterhalle", ""),
    ("Zahnarzt anrufen", None, ""),
), (
    (40, "Angebot für Bäckerei Huber schreiben", w("soffice", "Angebot Bäckerei Huber.odt - LibreOffice Writer")),
    (50, "Website Kletterhalle: Anfahrt-Seite",
     w("code", "anfahrt.html - kletterhalle - VSCodium", "", "kletterhalle", "anfahrt-seite")),
    (45, "Steuererklärung 2025", web("Steuererklärung 2025 - ELSTER", "https://www.elster.de/eportal", **CHAT)),
    (10, "Steuererklärung 2025", w("okular", "~/Dokumente/Buchhaltung/belege-2025.pdf — Okular", project="Buchhaltung")),
    (12, NONE, web("Nachrichten - tagesschau.de", "https://www.tagesschau.de/", **LURE)),
    (9, NONE, web("Bäckerei in der Nähe - Google Maps", "https://www.google.com/maps/x", **CHAT)),
    (15, NONE, w("signal", "Signal", **CHAT)),
))

DAYS = (DEVELOPER, STUDENT, MANAGER, DESIGNER, SUPPORT, GERMAN)
