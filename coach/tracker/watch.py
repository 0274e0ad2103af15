"""The probe in use, replaced when it dies, and by a better one as soon as there is one."""

from __future__ import annotations

import logging

from coach.core.errors import CoachError
from coach.tracker.probe import Finding, Probe, ProbeSource

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 30.0

log = logging.getLogger(__name__)


class Watch:
    """Retries at distances that double from 1 to 30 s, and begin anew once a probe has served for 30 s."""

    def __init__(self, source: ProbeSource) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.errors = 0
        self._source = source
        self._probe: Probe | None = None
        self._chosen_at = 0.0
        self._retry_at = float("-inf")
        self._retry_s = FIRST_RETRY_S

    def probe(self, monotonic_s: float) -> Probe | None:
        """The one to use now, another than before where that died or a better one came back; None when none works."""
        if monotonic_s >= self._retry_at:
            self._choose(monotonic_s)
        return self._probe

    def lost(self, error: Exception, monotonic_s: float) -> None:
        """The probe failed. Another is tried after the retry time."""
        self.errors += 1
        name = self._probe.name if self._probe else "none"
        log.warning("probe %s failed: %s", name, slug(error))
        self.close()
        if monotonic_s - self._chosen_at > LAST_RETRY_S:
            self._retry_s = FIRST_RETRY_S
        self._retry_later(monotonic_s)

    def close(self) -> None:
        """Lets go of the probe; the next call of `probe` opens one again."""
        if self._probe:
            self._probe.close()
        self._probe, self._retry_at = None, float("-inf")

    def _choose(self, monotonic_s: float) -> None:
        found, findings = self._source()
        self.findings = tuple(findings)
        if found is not None and self._probe is not None and found.name == self._probe.name:
            found.close()
        elif found is not None:
            if self._probe:
                self._probe.close()
            self._probe, self._chosen_at = found, monotonic_s
            log.info("probe %s", found.name)
        served = next((n for n, finding in enumerate(findings) if finding.ok), len(findings))
        if found is not None and not any(finding.may_return for finding in findings[:served]):
            # Nothing better can come; opening one again and again would cost more than tracking does.
            self._retry_at = float("inf")
        else:
            self._retry_later(monotonic_s)

    def _retry_later(self, monotonic_s: float) -> None:
        self._retry_at = monotonic_s + self._retry_s
        self._retry_s = min(self._retry_s * 2, LAST_RETRY_S)


def slug(error: Exception) -> str:
    """A failure for the log: what kind it was, never its words, which may quote a title."""
    return error.code if isinstance(error, CoachError) else type(error).__name__
