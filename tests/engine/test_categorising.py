"""Categories of tasks end to end: the shipped models, a store, what the person says, what the jobs do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.likeness import words_of
from coach.core.task import Draft, Task
from coach.engine import categorising, category_words, guessing, similar, suggesting, tasks
from coach.engine.models import Models
from coach.store import changes, embeddings, erase, guesses
from coach.store import tasks as stored
from coach.store.db import Connection


@pytest.fixture(scope="module")
def loaded() -> Iterator[Models]:
    models = Models(Config())
    assert models.embedder() is not None
    assert models.categoriser() is not None
    yield models
    models.close()


@pytest.fixture
def models(loaded: Models) -> Models:
    loaded.kept.clear()
    return loaded


def added(db: Connection, now: datetime, tz: ZoneInfo, *texts: str) -> list[Task]:
    return [tasks.add(db, text, Config(), now, tz) for text in texts]


def again(db: Connection, task: Task) -> Task:
    return tasks.find(db, task.id)


def test_adding_leaves_the_category_open_and_the_jobs_fill_it(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    clear, vague = added(db, now, tz, "Buy groceries at the supermarket", "zzxq")
    assert clear.category is None
    assert guessing.waiting(db, models)
    assert guessing.fill(db, models, now, 30) == 2
    assert not guessing.waiting(db, models)
    assert guessing.fill(db, models, now, 30) == 0
    filled = again(db, clear)
    assert filled.category == "Errands"
    assert filled.category_confidence is not None
    assert filled.category_confidence > 0.5
    assert again(db, vague).category is None
    assert category_words.shown(db, filled).startswith("Errands, ")


def test_what_was_filled_in_stands_in_no_undos_way(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    (task,) = added(db, now, tz, "Buy groceries at the supermarket")
    guessing.fill(db, models, now, 30)
    assert again(db, task).category
    changes.undo(db, now)
    assert not stored.open_tasks(db)
    changes.redo(db, now)
    assert again(db, task).title == task.title


def test_a_look_at_an_open_task_fills_it_in_and_at_a_closed_one_keeps_nothing(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    first, second, third = added(db, now, tz, *["Buy groceries at the supermarket"] * 3)
    tasks.done(db, [second], now)
    tasks.delete(db, [third], now)
    for task in (first, second, third):
        assert guessing.look(db, models, again(db, task), now).category == "Errands"
    assert [again(db, task).category for task in (first, second, third)] == ["Errands", None, None]
    assert [guesses.of(db, task.num) is None for task in (first, second, third)] == [False, True, True]


def test_an_answer_is_the_last_word_and_is_undone_as_one(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    (task,) = added(db, now, tz, "Buy groceries at the supermarket")
    guessing.fill(db, models, now, 30)
    assert categorising.choose(db, [again(db, task)], "personal", now) == "Personal"
    assert (again(db, task).category, again(db, task).category_confidence) == ("Personal", None)
    guessing.fill(db, models, now, 30)
    assert again(db, task).category == "Personal"
    (row,) = categorising.feedback(db)
    assert (row["suggested"], row["chosen"], row["title"]) == ("Errands", "Personal", task.title)
    changes.undo(db, now)
    assert again(db, task).category == "Errands"
    assert categorising.feedback(db) == []


def test_answers_count_at_once(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    one, two = added(db, now, tz, "Ring Halvorsen about the pallets", "Phone Halvorsen about pallets")
    guessing.fill(db, models, now, 30)
    before = dict(categorising.answers(categorising.ready(db, models, now), [(two.title, "")])[0].alternatives)
    categorising.choose(db, [again(db, one)], "Admin", now)
    after = categorising.answers(categorising.ready(db, models, now), [(two.title, "")])[0]
    assert after.category == "Admin"
    assert after.n == 1
    assert after.confidence > before.get("Admin", 0.0)
    assert guessing.waiting(db, models)
    guessing.fill(db, models, now, 30)
    found = guesses.of(db, two.num)
    assert found is not None
    assert found.category == "Admin"


def test_a_rejected_suggestion_is_not_made_again(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    (task,) = added(db, now, tz, "Buy groceries at the supermarket")
    guessing.fill(db, models, now, 30)
    categorising.choose(db, [again(db, task)], None, now)
    guessing.fill(db, models, now, 30)
    assert again(db, task).category is None
    found = guesses.of(db, task.num)
    assert found is not None
    assert found.category != "Errands"


def test_a_category_of_ones_own_from_three_examples(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    three = added(db, now, tz, "band rehearsal at Tom's", "learn the bass line for the gig", "load the amps for the gig")
    other = added(db, now, tz, "soundcheck before the gig with the band", "renew passport")
    guessing.fill(db, models, now, 30)
    assert categorising.choose(db, [again(db, three[0])], "Band: rehearsals and gigs", now) == "Band"
    for task in three[1:]:
        categorising.choose(db, [again(db, task)], "band", now)
    held = categorising.ready(db, models, now)
    gig, passport = categorising.answers(held, [(t.title, "") for t in other])
    assert gig.alternatives[0][0] == "Band"
    assert passport.alternatives[0][0] == "Admin"
    assert categorising.names(db)[-1] == "Band"
    categorising.remove(db, "Band", now)
    assert "Band" not in categorising.names(db)
    assert again(db, three[0]).category == "Band"


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\nb"])
def test_names_that_are_none_are_refused(db: Connection, now: datetime, name: str) -> None:
    with pytest.raises(InvalidInput):
        categorising.create(db, name, "", now)


def test_own_categories_have_names_of_their_own(db: Connection, now: datetime) -> None:
    categorising.create(db, "Church", "", now)
    for name in ("church", "admin"):
        with pytest.raises(InvalidInput, match="already"):
            categorising.create(db, name, "", now)
    with pytest.raises(NotFound):
        categorising.remove(db, "Admin", now)


def test_notes_are_read_beside_the_title(db: Connection, models: Models, now: datetime) -> None:
    held = categorising.ready(db, models, now)
    bare, noted = categorising.answers(held, [
        ("Thursday", ""), ("Thursday", "dentist appointment, ask about the wisdom tooth and the pain medication")])
    assert dict(noted.alternatives).get("Health", 0) > dict(bare.alternatives).get("Health", 0)


def test_changed_words_are_read_again(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    (task,) = added(db, now, tz, "Buy groceries at the supermarket")
    guessing.fill(db, models, now, 30)
    tasks.edit_all(db, [again(db, task)], "~20m", Config(), now, tz)
    assert not embeddings.missing(db, models.embedder_version(), 9)
    db.execute("UPDATE task SET title = 'Go for a run' WHERE id = ?", (task.id,))
    assert [w.title for w in embeddings.missing(db, models.embedder_version(), 9)] == ["Go for a run"]
    assert guesses.of(db, task.num) is None
    guessing.fill(db, models, now, 30)
    assert again(db, task).category != "Errands"


def test_another_embedder_reads_everything_again(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    added(db, now, tz, "Buy milk", "Call mum")
    guessing.fill(db, models, now, 30)
    assert len(embeddings.missing(db, "another", 9)) == 2
    assert embeddings.vectors(db, [1, 2], "another") == []


def test_purging_takes_vectors_guesses_and_answers_along(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    (task,) = added(db, now, tz, "Buy milk")
    guessing.fill(db, models, now, 30)
    categorising.choose(db, [again(db, task)], "Personal", now)
    tasks.delete(db, [again(db, task)], now)
    erase.purge_deleted(db, now)
    for table in ("embedding", "guess", "category_answer"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM change WHERE record = 'category_answer'").fetchone()[0] == 0


def test_similar_tasks_and_near_duplicates_are_found(db: Connection, models: Models, now: datetime, tz: ZoneInfo) -> None:
    added(db, now, tz, "Renew my passport", "Water the plants", "Prepare slides for the board")
    guessing.fill(db, models, now, 30)
    found = similar.similar(db, models, "renew passport")
    assert [s.title for s in found] == ["Renew my passport"]
    assert found[0].same
    added(db, now, tz, "passport renewal")
    guessing.fill(db, models, now, 30)
    assert len(similar.similar(db, models, "renew passport")) == 2
    assert similar.similar(db, models, "renew passport", without=[1])[0].title == "passport renewal"
    tasks.delete(db, [tasks.find(db, "1")], now)
    assert [s.num for s in similar.similar(db, models, "renew passport")] == [4]


def test_a_hint_says_category_and_likeness_while_a_task_is_typed(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    added(db, now, tz, "Buy groceries for the week")
    guessing.fill(db, models, now, 30)
    hint = suggesting.hint(db, models, Draft("Buy groceries"), now)
    assert hint is not None
    assert hint.parts()[0].startswith("Errands, ")
    assert any("Buy groceries for the week" in part for part in hint.parts())
    assert suggesting.hint(db, models, Draft("Bu"), now) is None


def test_the_name_of_a_project_alone_makes_no_tasks_alike() -> None:
    def alike(one: str, other: str, cosine: float) -> bool:
        return similar.alike(words_of(one), words_of(other), cosine)

    assert not alike("Upgrade dependencies of falcon", "Release falcon", 0.68)
    assert not alike("Write report for Anna", "Plan the report", 0.68)
    assert alike("Upgrade dependencies of falcon", "Upgrade dependencies of iris", 0.65)
    assert alike("Buy groceries", "Shop for groceries", 0.8)
    assert alike("See the doctor", "Appointment with a physician", 0.62)
    assert not alike("See the doctor", "Read a novel", 0.4)


def test_without_the_embedder_words_alone_serve(db: Connection, now: datetime, tz: ZoneInfo, tmp_path: object) -> None:
    models = Models(Config())
    models._held["embedder"] = None
    answer = categorising.answers(categorising.ready(db, models, now), [("Buy groceries at the supermarket", "")])[0]
    assert answer.serving == "baseline"
    assert answer.alternatives[0][0] == "Errands"
    assert guessing.fill(db, models, now, 5) == 0
    assert similar.similar(db, models, "Buy groceries") == []
    assert suggesting.hint(db, models, Draft("Buy groceries"), now + timedelta(1)) is not None


def test_a_list_of_one_kind_makes_that_kind_likelier_and_fills_nothing_in_by_itself(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    title = "resend check to Richard"
    (unsure,) = categorising.answers(categorising.ready(db, models, now), [(title, "")])
    before = dict(unsure.alternatives)["Communication"]
    added(db, now, tz, *(f"call {name} back" for name in ("Ada", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo")),
          "email the caterer", "reply to Maya")
    assert guessing.fill(db, models, now, 30) >= 12
    assert not guessing.waiting(db, models)
    held = categorising.ready(db, models, now)
    (after,) = categorising.answers(held, [(title, "")])
    assert dict(after.alternatives)["Communication"] > before
    assert not list(categorising.of_list(held, []))
    few = list(categorising.of_list(held, [[(title, "")], [("zzxq", "")]]))  # two titles say nothing of a mix
    assert dict(few[0].alternatives) == pytest.approx(dict(after.alternatives))
    assert few[1].decision == "abstain"


def test_what_is_said_while_typing_is_what_is_kept_of_the_task(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    added(db, now, tz, *(f"Fix bug {n} in the parser" for n in range(9)), "Write tests for parser.py", "Release the api",
          "Refactor the scheduler")
    guessing.fill(db, models, now, 30)
    for title in ("Write unit tests for the lexer", "Renew passport", "Call mum"):
        hint = suggesting.hint(db, models, Draft(title), now)
        assert hint is not None
        assert hint.category is not None
        (task,) = added(db, now, tz, title)
        guessing.fill(db, models, now, 30)
        kept = guesses.of(db, task.num)
        assert kept is not None
        assert (kept.confidence, kept.decision) == (hint.category.confidence, hint.category.decision)
        assert category_words.shown(db, again(db, task)) in hint.parts()
        assert guessing.look(db, models, again(db, task), now).confidence == kept.confidence


def test_an_explicit_look_fills_what_is_certain_and_leaves_what_a_person_chose(
    db: Connection, models: Models, now: datetime, tz: ZoneInfo
) -> None:
    clear, chosen = added(db, now, tz, "Buy groceries at the supermarket", "Buy milk")
    assert guessing.look(db, models, clear, now).decision == "auto"
    assert again(db, clear).category == "Errands"
    categorising.choose(db, [chosen], "Health", now)
    assert guessing.look(db, models, again(db, chosen), now).n == 1
    assert (again(db, chosen).category, again(db, chosen).category_confidence) == ("Health", None)


@pytest.mark.parametrize(("title", "decision"), [
    ("Sort the thing out", "abstain"), ("do the other stuff", "abstain"), ("get back to him", "abstain"),
    ("see about it", "abstain"), ("Call mum", "suggest"), ("ring grandma", "suggest"), ("text my brother", "suggest"),
    ("Back up laptop", "suggest"), ("Buy groceries at the supermarket", "auto"), ("Call the bank", "auto"),
    ("fix login redirect loop", "auto"), ("pay the electricity bill", "auto"),
])
def test_what_says_too_little_is_not_filled_in(
    db: Connection, models: Models, now: datetime, title: str, decision: str
) -> None:
    assert categorising.answers(categorising.ready(db, models, now), [(title, "")])[0].decision == decision


def test_no_confidence_is_shown_as_certain() -> None:
    assert category_words.words("Errands", 0.9996) == "Errands, 99 %"
    assert category_words.words("Errands", None) == "Errands"
    assert category_words.said("Errands", 0.824, "suggest") == "Errands? 82 %"
    assert category_words.said("Errands", 0.2, "abstain") == ""
