"""Proposals for apps and sites that no rule names."""

from coach.core import unknown

KNOWN = unknown.index([
    ("gnome-chess", "Entertainment > Games"), ("dreamchess", "Entertainment > Games"), ("chess.com", "Entertainment > Games"),
    ("pdf-viewer", "Reading"), ("image-viewer", "Personal > Photos and Home"), ("MailSpring", "Communication > Email"),
])


def test_a_telling_menu_category_goes_before_a_broad_one() -> None:
    said = unknown.propose("app", "zorg", {}, ("GTK", "Game", "Education", "Spreadsheet"))
    assert said is not None
    assert (said.category, said.why) == ("Work > Spreadsheets and Data", "its desktop entry says Spreadsheet")
    assert said.confidence == unknown.MENU_CONFIDENCE[False]
    assert unknown.propose("app", "zorg", {}, ("Game",)) == unknown.Proposal(
        "Entertainment > Games", unknown.MENU_CONFIDENCE[True], "its desktop entry says Game")


def test_words_shared_with_known_names_speak_for_their_category() -> None:
    said = unknown.propose("app", "ProChess", KNOWN)
    assert said is not None
    assert (said.category, said.why) == ("Entertainment > Games", "2 of 2 known names with “chess” are that")
    assert unknown.propose("app", "super-viewer", KNOWN) is None  # its witnesses disagree


def test_witnesses_that_agree_are_surer_together_and_never_certain() -> None:
    one = unknown.propose("app", "zchess", {}, ("BoardGame",))
    both = unknown.propose("app", "my-chess", KNOWN, ("BoardGame",))
    assert one is not None
    assert both is not None
    assert one.confidence < both.confidence <= 0.95


def test_sites_by_their_names_ends() -> None:
    assert unknown.propose("site", "wiki.zorg.example", {}).category == "Work > Documentation"
    assert unknown.propose("site", "zorg.edu", {}).category == "Learning"
    assert unknown.propose("site", "zorg.example", {}) is None
    assert unknown.propose("app", "wiki.zorg.example", {}) is None


def test_nothing_is_proposed_for_nothing() -> None:
    assert unknown.propose("app", "", KNOWN) is None
    assert unknown.words_of("org.gnome.MyGreatApp2-qt") == ("gnome", "great")
