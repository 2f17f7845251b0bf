"""Message text: which texts are empty, how Markdown is rendered, and how long rendering takes."""

import contextlib
import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import markdown, text
from chat.refusals import Refusal

from .corpus import INVISIBLE_TEXTS

pytestmark = pytest.mark.once

BUDGET = 0.020  # seconds of CPU time for one message, on an idle core
TRIES = 12  # the best time counts, because other programs share the CPU's caches


@pytest.mark.parametrize("name", INVISIBLE_TEXTS)
def test_a_text_without_a_visible_character_is_empty(name):
    with pytest.raises(Refusal) as refusal:
        text.clean(INVISIBLE_TEXTS[name])
    assert refusal.value.code == "empty"


WORDS = [
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
PROSE = st.lists(st.sampled_from(WORDS) | st.text("ab1é .,-?!", max_size=4), max_size=8).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(PROSE | st.text(max_size=12))
def test_plain_text_renders_the_same_with_and_without_the_markdown_parser(source):
    try:
        source = text.clean(source)
    except Refusal:
        return
    assert text.render(source) == markdown.to_html(source)


ATOMS = [
    "a", "é", " ", "\n", "\n\n", "\\", "&", "<", "<b>",
    "*", "**a*", "*a_", "_a", "`", "``a`", "\n```\n",
    "\n> - 1. * > a", "\n>>>- a", "a\n>-\n", "\n- ", "\n1. ", "\n  - ", "\n> ", "> ", "- ",
    "[", "]", "[a](", "[](", "[a](b \"", "[`](x)`", "![a][",
    "www.^", "www.a.co ", "a.", "a-", "://", "https://a", "(http://a", "http://é.", "http://a/'", "<http:a",
    "a@", "x@y.co ", "a@\"",
    "~~a~~", "~~", "~", "~~~a", "\n~~~\n", "**~~a*", "\n- [ ] a", "[x] ", "\n```py\n",
    "|", "|a", "|-", "\n|a|\n|-|\n|b|", "\na|b\n-|-\n", "\n|a", "\n|-|",
    "\n> |a|\n> |-|\n", "|\\|", "a|*b*|`c`\n",
]  # fmt: skip


OPENERS = ["[", "[a](", "**", "~~", "\n- ", "<", "|a|b|\n|-|-|\n"]


def expensive_texts():
    """Repeated atoms, repeated pairs of atoms, and repeated atoms after 500 characters of an opener."""
    yield from ATOMS
    yield from map("".join, itertools.combinations(ATOMS, 2))
    for opener, atom in itertools.product(OPENERS, ATOMS):
        yield (opener * 500)[:500] + atom * text.TEXT_LENGTH


def test_no_text_takes_longer_to_render_than_its_budget():
    """Rendering holds the interpreter's lock. A text that takes a second delays every client by a second."""
    slow = {}
    for atom in expensive_texts():
        source = (atom * text.TEXT_LENGTH)[: text.TEXT_LENGTH]
        spent = best_time(source)
        if spent > BUDGET:
            slow[atom[:20], atom[-20:]] = spent
    assert not slow


def best_time(source):
    best = float("inf")
    for _ in range(TRIES):
        start = time.thread_time()
        with contextlib.suppress(Refusal):
            text.render(text.clean(source))
        best = min(best, time.thread_time() - start)
        if best < BUDGET:
            break
    return best


def test_internationalized_hosts_of_many_different_letters_are_rendered_within_the_budget():
    letters = "".join(chr(0x4E00 + number) for number in range(3_800))
    labels = ".".join(letters[start : start + 60] for start in range(0, 3_800, 60))
    for source in (f"http://{letters}", f"[a](http://{letters})", f"<http://{letters}>", f"a@{labels}.org"):
        assert best_time(source) < BUDGET
    spaced = "".join(f"http://{letters[start : start + 60]} " for start in range(0, 3_300, 60))
    assert best_time(spaced) < BUDGET


QUOTE = '<blockquote dir="auto">\n'
CHECKBOX = '<input type="checkbox" aria-label="{}" disabled="">'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* **b** `c` _d_", "<p><em>a</em> <strong>b</strong> <code>c</code> <em>d</em></p>"),
        ("a & b < c > d", "<p>a &amp; b &lt; c &gt; d</p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("~~a~~ ~b~ ~~~", "<p><s>a</s> ~b~ ~~~</p>"),
        ("- a\n- b", '<ul dir="auto">\n<li>a</li>\n<li>b</li>\n</ul>'),
        ("2. a", '<ol start="2" dir="auto">\n<li>a</li>\n</ol>'),
        ("> a\n> > b", f"{QUOTE}<p>a</p>\n{QUOTE}<p>b</p>\n</blockquote>\n</blockquote>"),
        ("```\n# *a*\n```", "<pre><code># *a*\n</code></pre>"),
        ("~~~ c++ x\na\n~~~", '<pre data-language="c++"><code>a\n</code></pre>'),
        ('```"><b>\na\n```', "<pre><code>a\n</code></pre>"),
        ("# a <i>d</i>", "<p># a &lt;i&gt;d&lt;/i&gt;</p>"),
        ("[`a]`](b", "<p>[<code>a]</code>](b</p>"),
    ],
)
def test_markdown_is_rendered(source, html):
    assert text.render(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("- [ ] a", f'<li class="task">{CHECKBOX.format("Not done")} a</li>'),
        ("1. [X] *a*", '<input type="checkbox" aria-label="Done" checked="" disabled=""> <em>a</em></li>'),
        ("- [x](https://a.example) b", '<li><a href="https://a.example"'),
        ("- [x]a", "<li>[x]a</li>"),
        ("- `[x] a`", "<li><code>[x] a</code></li>"),
    ],
)
def test_a_list_item_with_a_box_is_a_task(source, html):
    assert html in text.render(source)


def test_a_table_is_rendered_in_a_box_with_the_alignment_of_its_columns():
    html = text.render("| a | b |\n|---|--:|\n| *1* | x \\| y |\n| 2")
    assert html.startswith('<div class="table" dir="auto"><table>')
    assert '<th>a</th>\n<th class="right">b</th>' in html
    assert '<td><em>1</em></td>\n<td class="right">x | y</td>' in html
    assert '<td>2</td>\n<td class="right"></td>' in html


@pytest.mark.parametrize("source", ["a|b", "a|b\n-", "a|b\n-|-|-", "|a|\n|=|"])
def test_lines_that_are_no_table_stay_text(source):
    assert "<table>" not in text.render(source)


def test_a_table_with_too_many_cells_stays_text():
    columns = "|" + "a|" * 20 + "\n|" + "-|" * 20
    assert "<table>" in text.render(columns + "\n|b" * 19)
    assert "<table>" not in text.render(columns + "\n|b" * 20)
    assert text.render(f"{columns}\n|b\n\n" * 20).count("<table>") == 10


def test_a_text_with_too_many_list_items_is_shown_as_typed():
    assert text.render("- a\n" * 300) == "<p>" + "- a<br>" * 300 + "</p>"


def test_strikethrough_beyond_the_bound_is_shown_as_typed():
    html = text.render("~~a~~ " * 500)
    assert html.count("<s>") == 200
    assert html.count("~~a~~") == 300


def test_emphasis_beyond_the_bound_is_shown_as_typed():
    html = text.render("*a* " * 500)
    assert html.count("<em>") == 200
    assert html.count("*a*") == 300
