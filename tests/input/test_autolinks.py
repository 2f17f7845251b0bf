"""Automatic links: URLs and e-mail addresses in a text, and the punctuation around them."""

import html
import re

import pytest

from chat import text

pytestmark = pytest.mark.once

LINK = re.compile(r'<a [^>]*?href="([^"]*)"[^>]*>([^<]*)</a>')


def links(source):
    """The (URL, link text) of each link of a message."""
    return LINK.findall(text.render(text.clean(source)))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/a_b_c/d-e?f=g&h=i,j;k#l",
        "https://en.wikipedia.org/wiki/Room_(film)",
        "https://example.org/[1]/{2}/'3'",
        "https://github.com/a/b/compare/v1.0...v1.1",
        "https://maps.example.org/@-6.2,106.8,15z",
        "https://user:word@example.org:8080/",
        "http://localhost:8000/x",
        "http://127.0.0.1/",
        "HTTPS://EXAMPLE.ORG/X",
        "https://t.example/+" + "a1" * 900,
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "see {} please", "({})", "“{}”", "{}.", "{}, {}!", "**{}**", "> {}?"]
)
def test_a_url_is_a_link_without_the_punctuation_around_it(url, around):
    encoded = url.replace("[1]", "%5B1%5D").replace("{2}", "%7B2%7D").replace("HTTPS", "https")
    for href, shown in [map(html.unescape, link) for link in links(around.replace("{}", url))]:
        assert shown.lower() == url.lower()
        assert href.lower() == encoded.lower()
    assert len(links(around.replace("{}", url))) == around.count("{}")


@pytest.mark.parametrize(
    ("source", "href", "shown"),
    [
        ("www.example.org/x?y=1.", "http://www.example.org/x?y=1", "www.example.org/x?y=1"),
        ("go to example.org", "http://example.org", "example.org"),
        ("(example.co.uk/x)", "http://example.co.uk/x", "example.co.uk/x"),
        ("example.org:8080/x", "http://example.org:8080/x", "example.org:8080/x"),
        ("*www.example.org*", "http://www.example.org", "www.example.org"),
        ("write to ayu@example.org, please", "mailto:ayu@example.org", "ayu@example.org"),
        ("(a.yu+tag@mail.example.org)", "mailto:a.yu+tag@mail.example.org", "a.yu+tag@mail.example.org"),
        ('"ayu@example.org"', "mailto:ayu@example.org", "ayu@example.org"),
        ("mailto:ayu@example.org", "mailto:ayu@example.org", "mailto:ayu@example.org"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x", "https://bücher.example/x"),
        ("пример.рф/путь", "http://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C", "пример.рф/путь"),
        ("日本語.jp", "http://xn--wgv71a119e.jp", "日本語.jp"),
        ("ayu@bücher.de", "mailto:ayu@xn--bcher-kva.de", "ayu@bücher.de"),
        ("看https://example.org/x。", "https://example.org/x", "https://example.org/x"),
        ("👉https://example.org", "https://example.org", "https://example.org"),
        ("[Tea](https://example.org/a_(b))", "https://example.org/a_(b)", "Tea"),
        ("[[1]](https://example.org)", "https://example.org", "[1]"),
        ('[Tea](<https://example.org> "Title")', "https://example.org", "Tea"),
        ("<https://example.org/x>", "https://example.org/x", "https://example.org/x"),
        ("<ayu@example.org>", "mailto:ayu@example.org", "ayu@example.org"),
    ],
)
def test_a_link_has_the_expected_url_and_text(source, href, shown):
    assert links(source) == [(href, shown)]


@pytest.mark.parametrize(
    "source",
    [
        "node.js", "e.g. tea", "v1.2.3", "192.168.1.1", "etc...", "xhttps://example.org", "http://", "www.",
        "http://foo_bar.example", "http://a.b:99999/", "`https://example.org`", "www\\.example.org",
        "http\\://example.org", "@example.org", "javascript://example.org", "[tea](javascript:alert)",
        "[tea]", f"https://{'a' * 64}.org/", f"www.{'a.' * 127}org",
    ],
)  # fmt: skip
def test_other_texts_contain_no_link(source):
    assert links(source) == []


def test_only_the_first_hundred_links_of_a_message_are_rendered():
    assert len(links("a.co " * 800)) == 100


def test_only_the_first_ten_internationalized_hosts_of_a_message_become_links():
    hosts = [f"https://{chr(0x4E00 + number)}{'语' * 19}.cn " for number in range(50)]
    assert len(links("".join(hosts))) == 10
