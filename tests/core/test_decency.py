import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import shipped
from coach.core.decency import claims, objections
from coach.core.disguise import folded, readings

HARMLESS, INDECENT = (
    (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    for name in ("harmless_lines.txt", "indecent_lines.txt")
)

PLAIN = [
    ("bodies", "Move your fat list."), ("bodies", "The task is as ugly as a mirror."),
    ("bodies", "Even your diet went better."),
    ("bodies", "A list this overweight matches its owner."), ("bodies", "Less scrolling, smaller waistline."),
    ("identity", "Man up and open it."), ("identity", "You type like a girl."), ("identity", "Not bad for a woman."),
    ("identity", "A boomer would have done it."), ("identity", "Even immigrants work harder."),
    ("health", "Is it ADHD, or just a Tuesday?"), ("health", "Your doctor would agree."),
    ("health", "The list is bipolar."),
    ("health", "Take your pills and start."), ("health", "A bit of therapy for the backlog?"),
    ("health", "That is insane."),
    ("worth", "Only an idiot would wait."), ("worth", "The lazy get lucky."),
    ("worth", "Nobody likes you or your list."),
    ("worth", "What a waste of space."), ("worth", "Be ashamed."), ("worth", "Losers snooze."),
    ("worth", "A pathetic try."),
    ("money", "This will make you rich."), ("money", "Time is money."), ("money", "Buy bitcoin with the saved hour."),
    ("money", "Think of the salary."), ("money", "Pay off your debts first."), ("money", "You will get fired."),
    ("abuse", "Drop dead, task."), ("abuse", "Die, list, die."), ("abuse", "Kill yourself a minute."),
    ("abuse", "Oh shit, a deadline."),
    ("person", "You're always late."), ("person", "You are so slow."), ("person", "You never finish."),
    ("person", "You failed again."),
    ("person", "It is your fault."), ("person", "People like you snooze."), ("person", "What is wrong with you?"),
    ("person", "You should know better."), ("person", "You will never finish."), ("person", "You are a mess."),
    ("person", "I am disappointed in you."), ("person", "You blew it."), ("person", "Your excuses are on file."),
]

DISGUISED = [
    "You are l a z y", "You are L-A-Z-Y", "l.a.z.y days", "l\u200ba\u200bz\u200by", "la\u00adzy", "la\u2060zy",
    "l\ufeffazy", "lаzy (а)", "lаzу",
    "ｌａｚｙ", "𝓵𝓪𝔃𝔂", "ⓛⓐⓩⓨ", "ʟᴀᴢʏ", "🅻🅰🆉🆈", "🄻🄰🅉🅈", "🇱🇦🇿🇾", "l̶a̶z̶y̶", "lázy", "ĺäžý", "l@zy", "l4zy", "1azy",
    "LAZY", "lAzY",
    "laaazy", "lllaaazzzyyy", "laazy", "l_a_z_y", "l*a*z*y", "la-zy", "la.zy", "l·a·z·y", "l•a•z•y", "l|a|z|y",
    "st*pid", "l*zy",
    "st#pid", "stup!d", "$tupid", "stüpid", "s t u p i d", "sτupid", "ѕtupid", "ｓtupid", "id10t", "1d1ot",
    "i.d.i.o.t", "IDIOT", "m0ron", "l0ser",
    "lоser", "łoser", "ﬀat fat", "f@t", "f a t", "f\u0336a\u0336t", "ƒat", "ꜰᴀᴛ", "k1ll yourself", "k i l l",
    "5uicide", "fuuuuck", "f*ck", "sh1t",
    "$hit", "d3bt", "m0ney", "ｍｏｎｅｙ", "m o n e y", "sаlary", "you’re so slow", "YOU ARE SO SLOW",
    "you are\u200b so slow", "yоu are so slow",
    "u r so slow", "youre so slow", "doct0r", "d0ctor", "psych0", "p i l l s", "ad\u200bhd", "A.D.H.D.", "A D H D",
    "dеprеssed", "depre$$ed",
    "you\u00a0are\u00a0a\u00a0mess", "you  are   a mess", "wort*less", "w0rthless", "worth\u200bless", "pathet1c",
    "рathetic",
]


@pytest.mark.parametrize(("kind", "text"), PLAIN)
def test_it_says_what_is_wrong(kind, text):
    assert any(kind in found for found in objections(text)), objections(text)


def test_other_words_for_it_do_not_help():
    assert [text for text in INDECENT if not objections(text)] == []


@pytest.mark.parametrize("text", DISGUISED)
def test_a_disguise_does_not_help(text):
    assert objections(text)


@given(st.sampled_from(["lazy", "stupid", "worthless", "salary", "doctor", "bipolar"]), st.data())
def test_hidden_characters_anywhere_do_not_help(word, data):
    at = data.draw(st.integers(0, len(word)))
    hidden = data.draw(st.sampled_from(["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301", "\u0336", "\u034f"]))
    assert objections(f"the {word[:at]}{hidden}{word[at:]} list")


def test_harmless_lines_pass():
    refused = [text for text in HARMLESS if objections(text)]
    assert len(HARMLESS) >= 200
    assert len(refused) <= 2, refused


def test_lines_that_ship_pass():
    book = tomllib.loads(shipped("data", "tone.toml").read_text(encoding="utf-8"))
    said = [text for mood in book.values() for cell in mood.values() for part in cell.values() for text in part]
    assert [(text, why) for text in said if (why := objections(text) + claims(text))] == []


@given(st.text(max_size=140))
def test_any_text_is_read(text):
    assert isinstance(objections(text), list)
    assert readings(text)[0] == folded(text)


@pytest.mark.parametrize("text", [
    "A dozen things are done.", "Twice as fast.", "Your best day.", "Better than last week.", "More than usual.",
    "Studies agree.",
    "The list has grown every day since.", "Proven to work.",
])
def test_claims_are_for_facts(text):
    assert claims(text)


def test_a_placeholder_is_no_word():
    assert objections("{task} is due, and {goal} too.") == []
