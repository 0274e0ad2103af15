from __future__ import annotations

from datetime import timedelta

import pytest

from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Draft
from coach.engine import language, tasks
from coach.store import erase
from coach.store import language as stored


@pytest.fixture
def corrected(db, config, now, tz):
    """Two titles corrected from mtg to meeting, and two of rvw to review, of which one was undone."""
    for who in ("Bob", "Anke"):
        task = tasks.add(db, f"mtg w/ {who}", config, now, tz)
        tasks.update(db, task, now, title=f"meeting with {who}")
    for what in ("slides", "contract"):
        task = tasks.add(db, f"rvw {what}", config, now, tz)
        tasks.update(db, task, now, title=f"review {what}")
    tasks.undo(db, now)
    language.renew(db, now)
    return db


def states(db):
    return {e.short: (e.long, e.state, e.support) for e in language.view(db).expansions if e.kind == "words"}


def test_two_corrections_are_applied_and_one_is_offered(corrected):
    found = states(corrected)
    assert found["mtg"] == ("meeting", "silent", 2)
    assert found["w/"] == ("with", "silent", 2)
    assert found["rvw"] == ("review", "offered", 1)  # the other one was undone
    assert language.known(corrected).read("Prepare MTG w/ Zoe, rvw") == "Prepare meeting with Zoe, rvw"
    assert language.known(corrected).read("gmtg mtg-like") == "gmtg mtg-like"


def test_no_title_is_rewritten(corrected, config, now, tz):
    task = tasks.add(corrected, "mtg w/ Carmen", config, now, tz)
    language.renew(corrected, now)
    assert tasks.find(corrected, task.id).title == "mtg w/ Carmen"


def test_verdicts_win_and_are_undone(corrected, now):
    language.remove(corrected, "MTG", "", now)
    assert states(corrected)["mtg"][1] == "refused"
    assert language.known(corrected).read("mtg") == "mtg"
    tasks.undo(corrected, now)
    language.renew(corrected, now)
    assert states(corrected)["mtg"][1] == "silent"
    language.accept(corrected, "rvw", "", now)
    assert language.known(corrected).read("rvw") == "review"
    language.add(corrected, "k8s", "kubernetes", now)
    assert language.known(corrected).read("K8s upgrade") == "kubernetes upgrade"
    language.remove(corrected, "k8s", "", now)
    assert "k8s" not in states(corrected)
    with pytest.raises(NotFound):
        language.remove(corrected, "zz", "", now)
    with pytest.raises(InvalidInput):
        language.add(corrected, "two words", "three", now)


def test_purged_words_are_forgotten(corrected, now):
    tasks.delete(corrected, tasks.search(corrected, ["meeting"], 10), now)
    erase.purge_deleted(corrected, now)
    assert stored.kept(corrected) == ""
    language.renew(corrected, now)
    assert "mtg" not in states(corrected)
    assert "rvw" in states(corrected)


def test_words_of_a_project_are_proposed(db, config, now, tz):
    for n in range(4):
        task = tasks.add(db, f"standoop {n}", config, now, tz)
        tasks.update(db, task, now, project="team")
    tasks.add(db, "standoop alone", config, now, tz)
    language.renew(db, now)
    assert [language.offer(one) for one in language.offers(db, "Standoop monday", None)] == ["#team? (standoop: 4 of 5)"]
    assert language.offers(db, "Standoop monday", "other") == ()


def test_jobs_learn_at_most_every_five_minutes(corrected, config, now, tz):
    tasks.add(corrected, "another", config, now, tz)
    assert not language.renew(corrected, now + timedelta(minutes=1), at_once=False)
    assert language.renew(corrected, now + timedelta(minutes=6), at_once=False)
    assert not language.renew(corrected, now + timedelta(minutes=20), at_once=False)


def test_search_chat_and_suggestions_understand(corrected, config, now, tz):
    from coach.engine import suggesting
    from coach.engine.models import Models
    from coach.engine.queries.asked import task_in

    short = tasks.add(corrected, "mtg w/ Carmen", config, now, tz)
    every = {"mtg w/ Carmen", "meeting with Bob", "meeting with Anke"}
    assert {t.title for t in tasks.search(corrected, ["mtg"], 9)} == every
    assert {t.title for t in tasks.search(corrected, ["meeting"], 9)} == every
    assert task_in(corrected, "is the meeting with Carmen done?").id == short.id
    assert task_in(corrected, "status of mtg w/ bob").title == "meeting with Bob"
    hint = suggesting.hint(corrected, Models(config), Draft("mtg w/ Dana, rvw"), now)
    assert hint.reading == "meeting with Dana, rvw"
    assert [language.offer(one) for one in hint.offers] == ["rvw = review? (n = 1)"]


def test_vectors_are_of_what_is_meant(corrected, config, now, tz):
    from coach.engine import guessing
    from coach.engine.models import Models
    from coach.store import embeddings

    models = Models(config)
    short, whole = (tasks.add(corrected, title, config, now, tz) for title in ("mtg w/ Zoe", "meeting with Zoe"))
    guessing.fill(corrected, models, now, 20)
    kept = dict(embeddings.vectors(corrected, [short.num, whole.num], models.embedder_version()))
    models.close()
    assert kept[short.num] == kept[whole.num]


def test_an_accepted_word_of_a_project_places_new_tasks(db, config, now, tz):
    from coach.engine import suggesting
    from coach.engine.models import Models

    for n in range(4):
        tasks.add(db, f"Fix iriss bug {n} #iris", config, now, tz)
    language.renew(db, now)
    assert tasks.add(db, "ship iriss", config, now, tz).project is None  # offered is not applied
    language.accept(db, "iriss", "", now)
    assert {(e.short, e.state) for e in language.view(db).expansions if e.kind == "project"} == {("iriss", "accepted")}
    assert language.offers(db, "ship Iriss", None) == ()
    assert tasks.add(db, "ship Iriss tomorrow", config, now, tz).project == "iris"
    assert tasks.add(db, "ship iriss #home", config, now, tz).project == "home"
    assert "goes to #iris" in suggesting.hint(db, Models(config), Draft("ship iriss"), now).parts()
    language.accept(db, "iriss", "iris", now)
    tasks.undo(db, now)
    language.remove(db, "iriss", "", now)
    assert tasks.add(db, "test iriss", config, now, tz).project is None
    tasks.undo(db, now)
    tasks.undo(db, now)
    assert tasks.add(db, "test iriss", config, now, tz).project == "iris"  # undone at once, whatever was learnt last


def test_words_of_two_projects_place_nothing():
    from coach.core.language import project_of

    known = {"iris": "iris", "vesper": "vesper", "rosa": "iris"}
    assert project_of("Tell Rosa about Iris", known) == ("Rosa", "iris")
    assert project_of("iris and vesper", known) is None
    assert project_of("nothing here", known) is None
