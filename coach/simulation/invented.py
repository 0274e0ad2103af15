"""Apps and sites that no catalogue knows: every simulated person uses some, as everybody does.

What they are for shows in their windows' titles only partly, and now and then misleads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.simulation.places import COMMS, DEEP, DISTRACTION, SHALLOW, WEB, Place

if TYPE_CHECKING:
    from numpy.random import Generator

COUNT = 10
MISLEADING = 0.12
"""Share whose titles sound like something else."""

_FIRST = ("bra", "cor", "del", "fen", "gli", "hal", "jor", "kes", "lum", "mar", "nov", "orb", "pel", "quo", "rin", "sol", "tav",
          "ulm", "vel", "wex", "yar", "zin")
_LAST = ("ado", "bit", "cado", "dex", "ello", "fy", "grid", "ino", "ium", "kit", "lane", "mo", "nest", "ora", "pix", "rio",
         "suite", "tera", "via", "wise")
_TITLES = {
    DEEP: ("{file} - {project}", "{topic}: draft", "{document} (editing)", "Build {project}", "{project} model {number}"),
    SHALLOW: ("{ticket} {topic}", "{client} overview", "Timesheet {project}", "{document} review", "{project} board"),
    COMMS: ("{person}: {topic}", "Inbox ({number})", "Thread with {person}", "{client} channel", "New message"),
    DISTRACTION: ("{hobby} feed", "{video}", "Trending: {hobby}", "For you", "Deals on {hobby}"),
}
_ENDINGS = ("app", "io", "net", "tv", "space", "zone")


def invented(rng: Generator) -> tuple[Place, ...]:
    """Ten places with names of their own, in all modes of work and distraction."""
    made: list[Place] = []
    names: set[str] = set()
    while len(made) < COUNT:
        name = _FIRST[int(rng.integers(len(_FIRST)))] + _LAST[int(rng.integers(len(_LAST)))]
        if name in names:
            continue
        names.add(name)
        mode = (DEEP, SHALLOW, COMMS, DISTRACTION)[int(rng.choice(4, p=(0.35, 0.2, 0.1, 0.35)))]
        sounds = (DEEP, SHALLOW, COMMS, DISTRACTION)[int(rng.integers(4))] if rng.random() < MISLEADING else mode
        title = _TITLES[sounds][int(rng.integers(len(_TITLES[sounds])))]
        weight = float(rng.uniform(0.15, 0.6))
        if rng.random() < 0.5:
            made.append(Place(mode, name.capitalize(), title, weight=weight, known=False))
        else:
            host = f"{name}.{_ENDINGS[int(rng.integers(len(_ENDINGS)))]}"
            made.append(Place(mode, WEB, title, f"https://{host}/{{number}}", weight, known=False))
    return tuple(made)
