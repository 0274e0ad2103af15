from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from coach.core.errors import NotFound
from coach.core.nudge import Nudge
from coach.store import nudges
from coach.store.db import connect


@pytest.fixture
def nudge(now):
    return Nudge("abcd1234-0000", now, "late_night", "neutral", "coach", "bank", "It is late.", "task-1")


def test_what_goes_in_comes_out(db, nudge):
    nudges.insert(db, nudge)
    assert nudges.get(db, nudge.id) == nudge
    assert nudges.find(db, "abcd") == nudge
    assert nudges.queued(db, nudge.at) == [nudge]
    with pytest.raises(NotFound):
        nudges.find(db, "abc")
    with pytest.raises(NotFound):
        nudges.find(db, "ffff")


def test_of_many_processes_exactly_one_delivers(db, unlocked, nudge):
    nudges.insert(db, nudge)
    won, together = [], Barrier(8)

    def race(name):
        own = connect(unlocked)
        together.wait()
        if nudges.claim(own, nudge.id, name, nudge.at):
            won.append(name)
        own.close()

    threads = [Thread(target=race, args=(f"p{i}",)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(won) == 1
    assert nudges.get(db, nudge.id).status == "claimed"


def test_delivery_and_the_first_answer_count(db, nudge, now):
    nudges.insert(db, nudge)
    assert not nudges.answer(db, nudge.id, "done", now)  # nobody has seen it yet
    nudges.claim(db, nudge.id, "p", now)
    nudges.delivered(db, nudge.id, "desktop")
    assert nudges.get(db, nudge.id).status == "shown"
    assert nudges.answer(db, nudge.id, "snoozed", now)
    assert not nudges.answer(db, nudge.id, "dismissed", now)
    kept = nudges.get(db, nudge.id)
    assert (kept.status, kept.channel, kept.outcome_at) == ("snoozed", "desktop", now)


def test_an_answer_faster_than_the_delivery_is_kept(db, nudge, now):
    nudges.insert(db, nudge)
    nudges.claim(db, nudge.id, "p", now)
    assert nudges.answer(db, nudge.id, "done", now)
    nudges.delivered(db, nudge.id, "desktop")
    assert (nudges.get(db, nudge.id).status, nudges.get(db, nudge.id).channel) == ("done", "desktop")


def test_a_failed_try_waits_for_the_next_one_and_the_last_one_has_failed(db, nudge, now):
    nudges.insert(db, nudge)
    later = now + timedelta(minutes=2)
    nudges.claim(db, nudge.id, "p", now)
    nudges.failed(db, nudge.id, "no_channel", now, later, 12)
    assert nudges.queued(db, now) == []
    assert not nudges.claim(db, nudge.id, "p", now)
    assert [(n.tries, n.latency_ms) for n in nudges.queued(db, later)] == [(1, 12)]
    assert nudges.claim(db, nudge.id, "p", later)
    nudges.failed(db, nudge.id, "error:OSError", later, None)
    kept = nudges.get(db, nudge.id)
    assert (kept.status, kept.channel, kept.tries) == ("failed", None, 2)
    assert nudges.misfires(db, now) == [(nudge.id, later, "error:OSError"), (nudge.id, now, "no_channel")]


def test_what_nobody_closes_is_closed(db, nudge, now):
    old, taken = now - timedelta(hours=5), {"claimed": now - timedelta(hours=5)}
    for i, status in enumerate(("queued", "claimed", "shown", "done")):
        nudges.insert(db, replace(nudge, id=f"old{i}-{status}", at=old, status=status, next_try=taken.get(status)))
        nudges.insert(db, replace(nudge, id=f"new{i}-{status}", at=old if status == "claimed" else now, status=status,
                                  next_try=now if status == "claimed" else None))
    nudges.insert(db, replace(nudge, id="asked", at=old, situation="reminder"))
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    nudges.settle(db, now=now, shown_before=hour, queued_before=hour, asked_before=day, claimed_before=hour, asked=("reminder",))
    by_id = {n.id: n for n in nudges.latest(db, 99)}
    assert [by_id[f"old{i}-{s}"].status for i, s in enumerate(("queued", "claimed", "shown", "done"))] == [
        "expired", "shown", "expired", "done",
    ]
    assert by_id["old1-claimed"].channel == "panel"
    assert by_id["asked"].status == "queued"
    assert all(by_id[f"new{i}-{s}"].status == s for i, s in enumerate(("queued", "claimed", "shown", "done")))
    assert {(n, why) for n, _, why in nudges.misfires(db, now)} == {("old0-queued", "stale"), ("old1-claimed", "interrupted")}


def test_history_is_newest_first(db, nudge, now):
    for minutes in (30, 10, 20):
        nudges.insert(db, replace(nudge, id=f"n{minutes}", at=now - timedelta(minutes=minutes)))
    assert [n.id for n in nudges.latest(db, 2)] == ["n10", "n20"]
    assert [n.id for n in nudges.since(db, now - timedelta(minutes=20))] == ["n10", "n20"]
