import pytest

from coach.core.persona import PERSONAS, Persona, document, overlaid, read

PACK = {"name": "pirate", "about": "salt and wind", "mode": "roast", "lines": {"late_night": {"roast": ["The watch is long."]}}}
BANK = {"late_night": {"roast": ["It is late."], "neutral": ["Late."]}, "momentum": {"roast": ["{count}."]}}


def test_a_pack_is_read_and_written():
    persona, faults = read(PACK)
    assert faults == []
    assert persona == Persona("pirate", "roast", "salt and wind", None, PACK["lines"])
    assert document(persona) == PACK
    assert read({**PACK, "humour": 2})[0].humour == 2


def test_a_cell_that_it_covers_is_its_own_and_the_rest_is_inherited():
    persona, _ = read(PACK)
    cells = overlaid(BANK, persona)
    assert cells["late_night"] == {"roast": ["The watch is long."], "neutral": ["Late."]}
    assert cells["momentum"] == BANK["momentum"]
    assert overlaid(BANK, PERSONAS["coach"]) is BANK


@pytest.mark.parametrize(("change", "word"), [
    ({"name": "coach"}, "ships with Coach"), ({"name": "Sea Dog"}, "no name"), ({"name": 3}, "no name"),
    ({"name": "lazy"}, "worth"),
    ({"about": ""}, "about"), ({"about": "for stupid people"}, "worth"), ({"about": "a\nb"}, "about"),
    ({"mode": "shouting"}, "shouting"), ({"mode": None}, "unknown"), ({"humour": 4}, "humour"), ({"humour": True}, "humour"),
    ({"colour": "red"}, "no such key"), ({"lines": 3}, "[lines.SITUATION]"), ({"lines": {"full_moon": {}}}, "full_moon"),
    ({"lines": {"late_night": 3}}, "late_night"), ({"lines": {"late_night": {"roast": []}}}, "late_night"),
    ({"lines": {"late_night": {"roast": [3]}}}, "late_night"), ({"lines": {"late_night": {"song": ["La."]}}}, "no such mode"),
    ({"lines": {"late_night": {"roast": ["{task} is late."]}}}, "unknown placeholder {task}"),
    ({"lines": {"late_night": {"roast": ["You are so l\u200bazy."]}}}, "late_night.roast"),
    ({"lines": {"late_night": {"roast": ["Late.", "Late."]}}}, "twice"),
])
def test_what_is_wrong_is_named(change, word):
    persona, faults = read({**PACK, **change})
    assert persona is None
    assert any(word in fault for fault in faults), faults
