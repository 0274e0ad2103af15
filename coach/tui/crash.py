"""What is printed when the app dies of a defect: where it happened, and nothing that a person typed."""

from __future__ import annotations

from traceback import extract_tb


def report(error: BaseException | None) -> str:
    """The kind of error and the places it went through. Messages and values stay out: they may quote a task."""
    lines = ["Coach had to stop: this is a defect in Coach. What was saved is safe."]
    error = getattr(error, "error", error)  # what a worker died of, rather than the news that it did
    while error is not None:
        lines.append(f"  {type(error).__name__}")
        lines += [f"    {_short(f.filename)}:{f.lineno} {f.name}" for f in extract_tb(error.__traceback__)[-12:]]
        error = error.__cause__ or error.__context__
    lines.append("`coach --safe` starts without tracker, jobs, models and your theme.")
    return "\n".join(lines)


def _short(path: str) -> str:
    """From the package's name on: enough to find the line, and no folder of the person's."""
    parts = path.replace("\\", "/").split("/")
    for root in ("site-packages", "coach"):
        if root in parts[:-1]:
            at = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[at + (root == "site-packages"):])
    return parts[-1]
