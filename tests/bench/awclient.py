"""What ActivityWatch's own client does with a server. Run by the Python of an environment with aw-client 0.5.15, not by Coach's.

    AW_PYTHON tests/bench/awclient.py flow PORT      aw-client's integration flow; prints "ok", or ends with the first failure
    AW_PYTHON tests/bench/awclient.py beats PORT     sends lines of JSON from stdin, [bucket, pulsetime, event], as heartbeats
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta

from aw_client import ActivityWatchClient
from aw_core.models import Event


def connected(port: int) -> ActivityWatchClient:
    return ActivityWatchClient("aw-test-client", host="127.0.0.1", port=port, testing=True)


def flow(client: ActivityWatchClient) -> None:
    """Create, heartbeat queued and not, insert, get, count, delete, export, import."""
    now = datetime.now(UTC).replace(microsecond=123000) - timedelta(minutes=5)
    assert client.get_info().keys() >= {"hostname", "testing"}
    bucket = "test-flow"
    client.create_bucket("test-queued", "test", queued=True)
    with client:
        client.create_bucket(bucket, "test")
        client.create_bucket(bucket, "test")
        assert bucket in client.get_buckets()
        first = Event(timestamp=now, duration=timedelta(seconds=60), data={"label": "one"})
        client.insert_event(bucket, first)
        later = [Event(timestamp=now + timedelta(seconds=90 + n), data={"label": str(n)}) for n in range(10)]
        client.insert_events(bucket, later)
        assert client.get_eventcount(bucket) == 11
        found = client.get_events(bucket)
        assert found[-1] == first
        assert found[0].timestamp == now + timedelta(seconds=99)
        assert len(client.get_events(bucket, limit=3)) == 3
        assert len(client.get_events(bucket, start=now + timedelta(seconds=91, milliseconds=500))) == 8
        assert client.get_event(bucket, found[0].id) == found[0]
        client.delete_event(bucket, found[0].id)
        assert client.get_eventcount(bucket) == 10
        client.heartbeat(bucket, Event(timestamp=now + timedelta(seconds=200), data={"label": "beat"}), 10)
        client.heartbeat(bucket, Event(timestamp=now + timedelta(seconds=205), data={"label": "beat"}), 10)
        merged = client.get_events(bucket, limit=1)[0]
        assert (merged.duration, merged.data) == (timedelta(seconds=5), {"label": "beat"})
        for second in range(0, 30, 5):
            beat = Event(timestamp=now + timedelta(seconds=second), data={"label": "queued"})
            client.heartbeat("test-queued", beat, 10, queued=True)
        client.heartbeat("test-queued", Event(timestamp=now + timedelta(seconds=60), data={"label": "other"}), 10, queued=True)
        for _ in range(100):
            time.sleep(0.1)
            if "test-queued" in client.get_buckets() and client.get_eventcount("test-queued"):
                break
        queued = client.get_events("test-queued")
        assert queued[-1].data == {"label": "queued"}
        assert queued[-1].duration >= timedelta(seconds=10)
        exported = client.export_bucket(bucket)["buckets"][bucket]
        assert len(exported["events"]) == 11
        assert bucket in client.export_all()["buckets"]
        client.delete_bucket(bucket, force=True)
        client.import_bucket(exported)
        assert client.get_eventcount(bucket) == 11
        for name in (bucket, "test-queued"):
            client.delete_bucket(name, force=True)
        assert bucket not in client.get_buckets()


def beats(client: ActivityWatchClient) -> None:
    for line in sys.stdin:
        name, pulsetime_s, event = json.loads(line)
        client.heartbeat(name, Event(**event), pulsetime_s)


if __name__ == "__main__":
    {"flow": flow, "beats": beats}[sys.argv[1]](connected(int(sys.argv[2])))
    print("ok")
