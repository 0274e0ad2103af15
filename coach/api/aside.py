"""A server next to the jobs of the app or of `coach track`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from coach.core.errors import CoachError

log = logging.getLogger(__name__)


@contextmanager
def aside(name: str, served: AbstractContextManager[object]) -> Iterator[None]:
    """Serve until the block is left; where that cannot be, such as on a port that somebody has, the jobs go on without."""
    with ExitStack() as stack:
        try:
            stack.enter_context(served)
        except CoachError as error:
            log.warning("%s not served: %s", name, error.code)
        yield
