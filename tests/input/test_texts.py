"""What counts as something to send, and how it is shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import text
from chat.refusals import Refusal

from .corpus import NOTHING_TO_SEE


@pytest.mark.parametrize("name", NOTHING_TO_SEE)
def test_a_text_of_what_nobody_can_see_is_empty(name):
    with pytest.raises(Refusal) as refusal:
        text.clean(NOTHING_TO_SEE[name])
    assert refusal.value.code == "empty"


PROSE = st.lists(
    st.sampled_from(
        [
            "tea",
            "tea.",
            "1.",
            "e.g.",
            "a.b",
            "foo-bar",
            "-",
            "---",
            "it's",
            "…",
            "日本",
            "www",
            "com.",
            "..",
            ",",
        ]
    )
    | st.text("ab1é .,-?!", max_size=4),
    max_size=8,
).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(PROSE | st.text(max_size=12))
def test_the_short_way_for_plain_words_renders_what_the_long_way_does(words):
    try:
        words = text.clean(words)
    except Refusal:
        return
    assert text.render(words) == text.render_markdown(words)
