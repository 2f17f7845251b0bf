"""Word and link rules: what they find in a text, what they leave alone, and how long it takes."""

import random
from time import process_time

import pytest

from chat.rule_sets import (
    HOLD,
    LINK,
    MASK,
    REFUSE,
    WORD,
    RuleRow,
    RuleSet,
    in_html,
    in_text,
    masked,
    strongest,
)
from chat.text import TEXT_LENGTH, render

PARTS = 8  # a text is so many times as long as the one that its search is compared with
SLOWER = 24  # a search whose time grows with the square of the length takes 64 times as long

random.seed(7)


def rules(*patterns, kind=WORD, effect=MASK):
    return RuleSet([RuleRow(id, kind, pattern, effect, "") for id, pattern in enumerate(patterns)])


def mask(text, *patterns, kind=WORD):
    return masked(text, in_text([rules(*patterns, kind=kind)], text))


@pytest.mark.parametrize(
    "pattern, text, shown",
    [
        ("bad", "bad, Bad and BAD", "•••, ••• and •••"),
        ("bad", "badly, abad and ba.d", "badly, abad and ba.d"),
        ("bad*", "badly, abad", "•••, abad"),
        ("bad", "**bad** __bad__ _bad_", "**•••** __•••__ _•••_"),
        ("bad", "ＢＡＤ b\u200bad b\u00adad b\u0336a\u0336d\u0336", "••• ••• ••• •••"),
        ("kill", "k1ll kіll kιll K|ll skill", "••• ••• ••• K|ll skill"),
        ("heil", "hell", "hell"),
        ("buy now", "buy now, BUY\nNOW! buy - now buy nows", "•••, •••! ••• buy nows"),
        ("buy n*", "buy now or never", "••• or never"),
        ("buy now", "buy, as I said, now", "buy, as I said, now"),
        ("scheiße", "SCHEISSE", "•••"),
        ("дурак", "Дурак, дуpак, дураки", "•••, •••, дураки"),
        ("é", "e\u0301 é e", "•• • e"),
        ("死ね", "お前死ねよ", "お前••よ"),
        ("ไอ้", "บอกไอ้คนนั้น", "บอก•••คนนั้น"),
        ("12", "12 112 <@12>", "•• 112 <@12>"),
        ("a", "a b a", "• b •"),
    ],
)
def test_a_word_rule_masks_what_reads_like_its_pattern(pattern, text, shown):
    assert mask(text, pattern) == shown


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "see https://www.EXAMPLE.com/a?b#c",
        "http://a.b.example.com:8000",
        "someone@example.com",
        "ｅｘａｍｐｌｅ．ｃｏｍ and example。com",
        "[click](https://example.com)",
        "[click](https://ex%61mple.com)",
        "[click](https&#58;//exampl&#101;.com)",
        "[click](https://example\\.com)",
        "<https://user:pw@example.com/>",
    ],
)
def test_a_link_rule_finds_its_host_however_it_is_written(text):
    found = rules("example.com", kind=LINK)
    assert in_text([found], text) or in_html([found], render(text))


@pytest.mark.parametrize("text", ["notexample.com", "example.com.evil.org", "example.community", "example"])
def test_a_link_rule_leaves_other_hosts_alone(text):
    found = rules("example.com", kind=LINK)
    assert not in_text([found], text) and not in_html([found], render(text))


def test_a_link_in_the_script_of_its_country_is_found_in_both_spellings():
    found = rules("bücher.de", kind=LINK)
    assert in_text([found], "xn--bcher-kva.de") and in_text([found], "https://BÜCHER.de/")
    assert in_html([found], render("https://bücher.de/"))


def test_refusing_is_stronger_than_holding():
    effects = {"a": HOLD, "b": REFUSE, "c": MASK}
    found = [rules(pattern, effect=effect) for pattern, effect in effects.items()]
    assert strongest(in_text(found, "c")) is None
    assert strongest(in_text(found, "c a")).pattern == "a"
    assert strongest(in_text(found, "a b")).pattern == "b"


def test_a_text_with_more_words_to_mask_than_are_counted_is_refused():
    assert strongest(in_text([rules("a")], "a " * 2_000)) is not None


def word():
    return "".join(random.choices("abcdefghijklmnop", k=random.randint(3, 9)))


def unspaced():
    return "".join(chr(0x4E00 + random.randint(0, 4_000)) for _ in range(3))


CYRILLIC = str.maketrans("abcdefghijklmnop", "абвгдежзийклмноп")
TEXTS = {
    "words": (lambda: word() + random.choice(["", "*", " foo"]), lambda: word() + " "),
    "another alphabet": (word, lambda: word().translate(CYRILLIC) + " "),
    "no spaces": (unspaced, unspaced),
    "disguised words": (word, lambda: "a1b2 "),
    "one letter": (lambda: "a " * random.randint(1, 7) + word(), lambda: "a "),
    "prefixes": (lambda: "b" * random.randint(1, 90) + "*", lambda: "b" * 100 + " "),
}


def seconds(search):
    """The processor time of the fastest of twenty searches."""
    times = []
    for _ in range(20):
        started = process_time()
        search()
        times.append(process_time() - started)
    return min(times)


@pytest.mark.parametrize("name", TEXTS)
def test_a_search_for_a_thousand_rules_takes_a_time_that_grows_with_the_text(name):
    pattern, part = TEXTS[name]
    sets = [RuleSet([RuleRow(id, WORD, pattern(), REFUSE, "") for id in range(500)]) for _ in range(2)]
    text = "".join(part() for _ in range(TEXT_LENGTH))[:TEXT_LENGTH]
    short = text[: TEXT_LENGTH // PARTS]
    assert seconds(lambda: in_text(sets, text)) < SLOWER * seconds(lambda: in_text(sets, short))


@pytest.mark.parametrize("part", ["-", "a-", "_", "a\u200b", "a.", ".", "a@", "//"])
def test_a_link_rule_takes_a_time_that_grows_with_the_text(part):
    """A label without a dot took a second: a search began at each of its characters."""
    found = rules(*(f"{word()}.com" for _ in range(500)), kind=LINK)
    text = (part * TEXT_LENGTH)[:TEXT_LENGTH]
    short = text[: TEXT_LENGTH // PARTS]
    assert seconds(lambda: in_text([found], text)) < SLOWER * seconds(lambda: in_text([found], short))
