"""The focus that is expected of the next hours and days, each with its band, and who says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from coach.engine import forecast, kept
from coach.engine.forecast import ForecastView
from coach.tui.actions import bindings
from coach.tui.screens.kept_pages import KeptPage
from coach.tui.screens.pages import served_by, title, titled
from coach.tui.widgets.band import HEIGHT, BandChart, DayBand, Point, WeekBand
from coach.tui.widgets.paint import Line, Words

LEAST_DAYS = 3
"""With fewer days of history there is nothing to tell one hour from another."""
BY = {"model": "net", "both": "net and calendar", "calendar": "calendar", "profile": "usual week"}
"""Who speaks for a day."""


class ForecastScreen(KeptPage[ForecastView]):
    NAME = "forecast"
    KIND = kept.FORECAST
    BINDINGS: ClassVar[list[BindingType]] = bindings("forecast")
    AUTO_FOCUS = "BandChart"

    def page(self) -> ComposeResult:
        yield Words(id="hours_title")
        yield BandChart(id="hours")
        yield Words(id="source", wrap=True)
        yield from titled("week")
        yield WeekBand(id="week")
        yield Words(id="week_source", wrap=True)

    def build(self, db: Any, now: datetime) -> ForecastView:
        runtime = self.app.runtime
        return forecast.forecast(db, runtime.config, now, self.app.tz, runtime.models.shelf if runtime.models else None)

    def show(self, view: ForecastView) -> None:
        enough = view.days >= LEAST_DAYS
        self.say("hours_title", [title("Focus expected in the next 24 hours", "band: four of five hours")] if enough else [])
        self.query_one(BandChart).show(points_of(view) if enough else (), HEIGHT if self.app.size.height < 45 else 2 * HEIGHT - 1)
        self.say("week_title", [title("The days ahead", "mean of the hours likely worked, and how many")] if enough else [])
        self.query_one(WeekBand).show(days_of(view) if enough else ())
        self.say("week_source", week_lines(view) if enough else [])
        self.say("source", source_lines(view, self.as_of))


def points_of(view: ForecastView) -> list[Point]:
    """The hours as columns; every third hour of the day has a tick."""
    return [
        Point(f"{h.start:%H}" if h.start.hour % 3 == 0 else "", f"{h.start:%a %H}:00", h.mean, h.low, h.high, h.active)
        for h in view.hours
    ]


def days_of(view: ForecastView) -> list[DayBand]:
    return [DayBand(f"{d.day:%a} {d.day.day:>2}", d.mean, d.low, d.high, f"{d.active_h:>4.1f} h, {BY[d.by]}") for d in view.week]


def week_lines(view: ForecastView) -> list[Line]:
    """For which part of the week the net speaks, and who for the rest."""
    if view.serves != "model":
        return [[("All days are your usual week; calendar and due dates move nothing in it.", "muted")]]
    until = view.hours[-1].start
    return [[(f"The net speaks up to {until:%a %H}:59. Further days are your usual week as calendar and due dates move it, "
              "in a band as wide as it errs on other people.", "muted")]]


def source_lines(view: ForecastView, as_of: str = "") -> list[Line]:
    """Who serves, on how many days and as of when; with too few days, how many are missing."""
    if view.days < LEAST_DAYS:
        missing = LEAST_DAYS - view.days
        return [
            [("Too little is known for a forecast.", "strong")], [],
            [(f"{view.days} of {LEAST_DAYS} days tracked so far, {missing} missing. ", "muted"), ("6", "accent"),
             (" Setup allows tracking; ", "muted"), ("f9", "accent"), (" goes on after a pause.", "muted")],
        ]
    who = f"model, version {view.number}" if view.serves == "model" else f"{view.serves} of your hours"
    return [[*served_by(who, view.why), (f"; n = {view.days} days{as_of}", "muted")]]
