"""Automatic links: `https://…`, `www.example.org`, `example.org/x` and `ayu@example.org` in a message's text.

Two rules for markdown-it replace linkify-it, whose patterns backtrack: 4,000 characters of `www.^` took
0.7 s. Here quantifiers are possessive (`++`), bounded, or in an atomic group (`(?>…)`), so the time grows
linearly with the text. Groups are atomic, not possessive: Python before 3.11.5 matches `(?:…)++` wrongly.
"""

import re
import unicodedata
from collections.abc import Iterator, MutableMapping
from typing import Any, NamedTuple

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_LINKS = 100  # in a message; the HTML of more would be too long anyway
MAX_NON_ASCII = 200  # characters in the hosts of a message; Python's Punycode takes up to 20 µs for each
HOST_LENGTH, LABEL_LENGTH = 253, 63  # characters; RFC 1035
MAX_BRACKETED = 300  # characters between two brackets or quotes of a URL
TRAILING = "*”’»›」』】）。、，；：！？…"  # emphasis and punctuation after a URL, not part of it

# A host without a scheme is a link only in these top-level domains (linkify-it's): "node.js" is not.
_TOP_LEVEL = re.compile(
    "a[cdefgilmnoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]"
    "|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]"
    "|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghijklmnortuvxyz]"
    "|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
    "|biz|com|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop|рф|xn--[a-z0-9-]+",
    re.IGNORECASE,
)
_SIGNS = "".join(  # punctuation and symbols beyond ASCII: not part of a host
    chr(code)
    for code in (*range(0xA1, 0x3100), *range(0xFE10, 0xFF70))
    if unicodedata.category(chr(code))[0] in "PS"
)
_LETTER = rf"[^\s\x00-/:-@\[-`{{-\x9f{_SIGNS}\U0001f000-\U0001faff]"
_LABEL = rf"{_LETTER}++(?>(?:-++{_LETTER}++)*)"
_HOST = rf"{_LABEL}(?>(?:\.{_LABEL})*)"
_PORT = r"(?>(?::(?:6(?:[0-4]\d|5[0-4])\d\d|[1-5]\d{4}|\d{1,4})(?!\d))?)"
_END = rf"(?!-|_++{_LETTER}|:\d|\.-|\.{_LETTER})"  # after host and port: "foo_bar.org" has no host "foo"
_PATH = rf"""
    (?>(?:[/?#](?>(?:
        [^\s<>\uff5c()\[\]{{}}.,"'?!;-]
      | \([^\s<>)]{{0,{MAX_BRACKETED}}}+\) | \[[^\s<>\]]{{0,{MAX_BRACKETED}}}+\]
      | \{{[^\s<>}}]{{0,{MAX_BRACKETED}}}+\}}
      | "[^\s<>"]{{1,{MAX_BRACKETED}}}+" | '[^\s<>']{{1,{MAX_BRACKETED}}}+' | '(?={_LETTER}|-)
      | \.(?![\s.]|$) | \.{{2,}}+[a-zA-Z0-9%/&] | -++ | [,;](?!\s|$) | !++(?!\s|$) | \?(?![\s?]|$)
    )+)|/)?)
"""

_SCHEME = re.compile(r"(?<![a-z0-9])https?$", re.IGNORECASE)
_AFTER_SCHEME = re.compile(rf"://(?>(?:[^\s@/\[\]()<>]{{1,50}}+@)?)({_HOST}){_PORT}{_END}{_PATH}", re.VERBOSE)
_WITHOUT_SCHEME = re.compile(
    r"(?:(?<![-;:&=+$,.\w@/\\])(?P<name>[-;:&=+$,.a-zA-Z0-9_][-;:&=+$,.a-zA-Z0-9_\"]{0,70}+)@"
    rf"|(?<!{_LETTER})(?<![._:/\\@-]))"
    rf"(?P<host>{_LABEL}(?>(?:\.{_LABEL})+))(?P<port>{_PORT}){_END}"
)
_UP_TO_HOST = re.compile(r"(?:[^/?#]*//)?[^/?#]*")
_REST = re.compile(_PATH, re.VERBOSE)


class Link(NamedTuple):
    start: int
    end: int
    url: str


def may_add(env: MutableMapping[str, Any], url: str) -> bool:
    """Whether the message may have one more link. `env` is markdown-it's state of one rendering."""
    host = _UP_TO_HOST.match(url)
    assert host  # it may be empty
    env["links"] = env.get("links", 0) + 1
    env["non_ascii"] = env.get("non_ascii", 0) + sum(character > "\x7f" for character in host[0])
    return env["links"] <= MAX_LINKS and env["non_ascii"] <= MAX_NON_ASCII


def find(text: str) -> Iterator[Link]:
    """Hosts without a scheme and e-mail addresses, in order of position."""
    end = 0
    for found in _WITHOUT_SCHEME.finditer(text):
        host, name = found["host"], found["name"]
        if found.start() < end or not _is_host(host) or not _TOP_LEVEL.fullmatch(host.rpartition(".")[2]):
            continue
        if name is None:
            rest = _REST.match(text, found.end())
            assert rest  # it may be empty
            end = found.end() + len(rest[0].rstrip(TRAILING))
            yield Link(found.start(), end, f"http://{text[found.start() : end]}")
        elif not found["port"]:
            end = found.end()
            yield Link(found.start(), end, f"mailto:{found[0].removeprefix('mailto:')}")


def _is_host(host: str) -> bool:
    return len(host) <= HOST_LENGTH and all(len(label) <= LABEL_LENGTH for label in host.split("."))


def with_scheme(state: StateInline, silent: bool) -> bool:
    """The inline rule for URLs; it starts at the colon. It runs before the emphasis rule, which would split
    `https://example.org/_a_`.
    """
    if not state.src.startswith("://", state.pos) or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    rest = scheme and _AFTER_SCHEME.match(state.src, state.pos, state.posMax)
    if not scheme or not rest or not _is_host(rest[1]):
        return False
    url = (scheme[0] + rest[0]).rstrip(TRAILING)
    if not may_add(state.env, url):
        return False
    href = state.md.normalizeLink(url)
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        state.push("link_close", "a", -1)
    state.pos += len(url) - len(scheme[0])
    return True


def without_scheme(state: StateCore) -> None:
    """The core rule for hosts and e-mail addresses. It runs on the text that the inline rules left."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "." in block.content:
            block.children = list(_linked(state, block.children))


def _linked(state: StateCore, tokens: list[Token]) -> Iterator[Token]:
    inside, escaped = 0, False
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside:
            yield from _split(state, token, escaped)
        else:
            yield token
        escaped = token.type == "text_special"


def _split(state: StateCore, token: Token, escaped: bool) -> Iterator[Token]:
    """Split a text token into text and links. No link begins right after an escape: `www\\.example.org`."""
    done = 0
    for link in find(token.content):
        if (escaped and link.start == 0) or not may_add(state.env, link.url):
            continue
        href = state.md.normalizeLink(link.url)
        if not state.md.validateLink(href):
            continue
        added = link.url.removesuffix(token.content[link.start : link.end])
        shown = state.md.normalizeLinkText(link.url).removeprefix(added)
        yield Token("text", "", 0, content=token.content[done : link.start], level=token.level)
        yield Token("link_open", "a", 1, attrs={"href": href}, level=token.level)
        yield Token("text", "", 0, content=shown, level=token.level + 1)
        yield Token("link_close", "a", -1, level=token.level)
        done = link.end
    yield Token("text", "", 0, content=token.content[done:], level=token.level) if done else token
