"""ActivityWatch's API in threads of its own, beside whatever else this process does."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from coach.api import watchers
from coach.api.http import Server
from coach.api.ports import free_port, taken_by
from coach.core.errors import Busy
from coach.engine import clock, receiving
from coach.engine.inbox import Inbox

if TYPE_CHECKING:
    from coach.engine.runtime import Runtime

log = logging.getLogger(__name__)


@contextmanager
def serving(runtime: Runtime, port: int | None = None) -> Iterator[int]:
    """Serve watchers until the block is left; gives the port: the wanted one, or the next that is free.

    Raises Busy while another process serves them, or where no port can be had."""
    wanted = runtime.config.api.port if port is None else port
    with receiving.receiving(runtime) as box:
        holder = taken_by(wanted) if wanted else ""
        server = _server(runtime, box, wanted)
        receiving.announce(box, server.port, wanted, holder if server.port != wanted else "", clock.now())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 1.0}, name="coach-watchers", daemon=True)
        thread.start()
        log.info("watchers are served on port %d", server.port)
        try:
            yield server.port
        finally:
            server.leave()
            thread.join(timeout=5)


def _server(runtime: Runtime, box: Inbox, wanted: int) -> Server:
    for _ in range(3):  # between the look and the bind somebody else may take the port
        port = free_port(wanted)
        served = watchers.Served(
            box, socket.gethostname(), receiving.device(box), f"v{version('coach')} (Coach)",
            testing=watchers.TESTING_PORT in (wanted, port),
        )
        try:
            return Server(
                port, partial(watchers.answer, served), watchers.limit, receiving.explained(runtime.home),
                key=receiving.key(box), open_path=watchers.INFO, origins=runtime.config.api.origins,
            )
        except OSError as error:
            log.info("port %d: %s", port, error.strerror)
    raise Busy(f"no port from {wanted} on can be had", "set api.port to a free one")
