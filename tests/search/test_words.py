"""The words of a text, what a person can type, and the marked part of a hit."""

import pytest

from chat.search.highlights import BEFORE, SHOWN, pieces
from chat.search.query import LONGEST, MOST_WORDS, parse
from chat.search.words import in_pairs, words

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kami MENGAJARKAN, bahasa!", "kami mengajarkan bahasa"),
        ("Café ＴＥＡ ﬁne", "cafe tea fine"),
        ("mp3 covid19 3.14", "mp 3 covid 19 3 14"),
        ("今日は", "今日 日は"),
        ("茶", "茶"),
        ("茶tea", "茶 tea"),
        ("Ёлка", "елка"),
        ("हिन्दी", "हिन्दी"),
        ("สวัสดี", "สว วั ัส สด ดี"),
        ("한국어 말", "한국어 말"),
        ("a❤️b", "a ❤ b"),
        ("=link '\"\\%_*", "link"),
        ("", ""),
    ],
)
def test_words_of_every_script_are_folded(text, expected):
    assert " ".join(in_pairs(words(text))) == expected


def test_the_parts_of_a_query_are_told_apart():
    query = parse('tea "Green  Tea" from:"Ayu Lestari" in:kitchen has:link after:2026-03-01 7')
    assert [term.text for term in query.terms] == ["tea", " green tea ", " 7"]
    assert (query.people, query.rooms, query.has_link) == (["Ayu Lestari"], ["kitchen"], True)
    assert str(query.after) == "2026-03-01" and query.before is None and not query.problems


@pytest.mark.parametrize("typed", ["++", "after:yesterday", "before:2026-13-01", "has:cats", "x" * 4_000])
def test_what_cannot_be_searched_is_explained(typed):
    assert parse(typed).problems


def test_a_query_has_a_bounded_number_of_words():
    assert len(parse(" ".join("abcdefghijklmnop")).terms) == MOST_WORDS
    assert len("a" * LONGEST) == len(parse("a" * LONGEST).typed)


def marked(text, typed):
    return "".join(
        f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces(text, parse(typed).terms)
    )


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("Kami mengajarkan bahasa", "AJAR bahasa", "Kami meng[ajar]kan [bahasa]"),
        ("Un Café ＴＥＡ", "cafe tea", "Un [Café] [ＴＥＡ]"),
        ("今日は茶を飲む", "茶を", "今日は[茶を]飲む"),
        ("Green,\n tea", '"green tea"', "[Green, tea]"),
        ("greenish tea", '"green tea"', "greenish tea"),
        ("mp3 or mp34 or x3", "mp3 34", "[mp3] or [mp3]4 or x3"),
        ("a <b>bold</b> text", "bold", "a <b>[bold]</b> text"),
    ],
)
def test_hits_are_marked_in_the_text_as_it_was_typed(text, typed, expected):
    assert marked(text, typed) == expected


def test_a_long_message_is_shown_around_the_hit():
    shown = marked("lorem ipsum " * 200 + "kettle" + " dolor sit" * 200, "kettle")
    assert shown.startswith("…") and shown.endswith("…") and "[kettle]" in shown
    assert shown.index("[") <= BEFORE + 1 and len(shown) <= SHOWN + 4
