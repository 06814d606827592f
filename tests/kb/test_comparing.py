"""Two texts, word by word: nothing is lost on either side."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kb.comparing import WORDS_MAX_COUNT, Piece, compare

words = st.sampled_from(["le ", "délai ", "est ", "de ", "deux", "\n\n", "mois. ", "Œuvre  "])
texts = st.lists(words, max_size=30).map("".join)


def test_a_word_changed_is_removed_then_added():
    assert compare("deux mois de délai", "trois mois de délai") == [
        Piece("removed", "deux "),
        Piece("added", "trois "),
        Piece("same", "mois de délai"),
    ]


def test_the_same_text_is_one_piece_and_no_text_is_none():
    assert compare("pareil", "pareil") == [Piece("same", "pareil")]
    assert compare("", "") == []


def test_a_very_long_text_is_replaced_whole():
    long = "mot " * WORDS_MAX_COUNT
    assert [piece.kind for piece in compare(long, "court")] == ["removed", "added"]


def test_the_same_few_words_over_and_over_are_replaced_whole_at_once():
    assert [piece.kind for piece in compare("a " * 1999, "a b " * 999)] == ["removed", "added"]


@given(texts, texts)
def test_both_texts_can_be_read_from_the_pieces(before, after):
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
