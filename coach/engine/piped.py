"""How a process of Coach gives work to one that it starts: the store's key and all that is to be known go through a pipe, never
through arguments, the environment or a file; the worker ends when the pipe is closed, since whoever started it is gone then."""

from __future__ import annotations

import json
import os
from typing import IO, Any

from coach.store.db import Unlocked

ORPHANED = 75
"""The exit status of a worker whose parent has gone."""
_HEAD = 8


def request(unlocked: Unlocked, **words: Any) -> bytes:
    """What `read` reads: its length in 8 bytes, then JSON with the key in it."""
    told = json.dumps({"path": str(unlocked.path), "store_id": unlocked.store_id, "key": unlocked.key.hex(), **words}).encode()
    return len(told).to_bytes(_HEAD, "little") + told


def read(pipe: IO[bytes]) -> bytes:
    """The JSON of a request."""
    size = int.from_bytes(pipe.read(_HEAD), "little")
    return pipe.read(size)


def end_with_parent() -> None:
    """For a thread of the worker: ends the process once nobody holds the other end of its standard input."""
    while os.read(0, 1):  # nothing more is ever written: this returns when the other end is closed
        pass
    os._exit(ORPHANED)
