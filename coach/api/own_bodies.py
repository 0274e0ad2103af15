"""What Coach's own API takes in its requests; the docstrings and descriptions make the page at /docs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewTask(_Body):
    text: Annotated[str, Field(max_length=20_000, description="Quick-add's words: Call mum tomorrow 18:00 #home p2 ~15m")]


class Completion(_Body):
    children: Annotated[bool, Field(description="Complete open subtasks too.")] = False


class Steps(_Body):
    steps: Annotated[int, Field(ge=1, le=100, description="How many actions to take back.")] = 1


class NewRule(_Body):
    """From now on and through all of history, what matches gets the category."""

    category: Annotated[str, Field(min_length=1, max_length=200, description="Such as Work > Programming.")]
    field: Annotated[Literal["app", "title", "url", "project"], Field(description="What the rule looks at.")]
    pattern: Annotated[str, Field(min_length=1, max_length=1000, description="What it must be.")]
    kind: Annotated[Literal["exact", "glob", "regex"], Field(description="How the pattern is read.")] = "exact"


class NewCorrection(_Body):
    """What was tracked in a stretch of time was something else; rules do not touch it any more."""

    start: Annotated[str, Field(description="ISO 8601.")]
    end: Annotated[str, Field(description="ISO 8601.")]
    category: Annotated[str, Field(max_length=200, description="Its name, or its last part.")] = ""
    project: Annotated[str | None, Field(max_length=200, description='"" for none.')] = None
    app: Annotated[str, Field(max_length=200, description="Only time in this app.")] = ""


class Focus(_Body):
    task: Annotated[str | None, Field(max_length=100, description="A task's number or id.")] = None
    for_min: Annotated[float, Field(ge=1, le=480, description="Minutes.")] = 50


class Question(_Body):
    text: Annotated[str, Field(min_length=1, max_length=4000, description="How long did I work yesterday?")]
    tone: Annotated[bool, Field(description="Add a line of tone to the computed sentences.")] = True
