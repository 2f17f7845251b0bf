"""What people write: checked once before it is stored, and rendered once, when it is written.

Markdown without headings, images or HTML, then nh3, which lets through only the tags named here.
"""

import re
import threading
import unicodedata
from html import escape

import nh3
from markdown_it import MarkdownIt

from .refusals import Refusal

VERSION = 1  # of `render`; stored with its result
TEXT_LENGTH = 4_000  # characters
HTML_LENGTH = 12_000  # characters; nested quotes can grow 25-fold, and a frame has to fit 64 KiB
MARKS_IN_A_ROW = 16  # no script stacks more combining marks on one letter

# Control characters but tab and newline, halves of surrogate pairs (they break UTF-8 for the neighbours),
# and the two overrides that make text read backwards.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202d\u202e]")
_FORBIDDEN_IN_LINE = re.compile("[\t\n\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_BLANK = re.compile(  # shown as nothing, though Unicode files them under letters, marks and symbols
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def clean(text: str) -> str:
    """A message's text as it is stored. Raises Refusal: empty, too_long, characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n ")
    if len(text) > TEXT_LENGTH:
        raise Refusal("too_long", limit=TEXT_LENGTH)
    if text.isascii() and text.isprintable():
        if not text:
            raise Refusal("empty")
        return text
    _refuse(_FORBIDDEN.search(text))
    _refuse_floods(text)
    if not any(map(is_visible, text)):
        raise Refusal("empty")
    return text


def clean_line(text: str, limit: int) -> str:
    """A name, a title or a topic: one line of at most `limit` characters. May be empty.

    Raises Refusal: too_long, characters.
    """
    text = unicodedata.normalize("NFC", " ".join(text.split(" "))).strip()
    if len(text) > limit:
        raise Refusal("too_long", limit=limit)
    _refuse(_FORBIDDEN.search(text))
    _refuse(_FORBIDDEN_IN_LINE.search(text))
    _refuse_floods(text)
    return text if any(map(is_visible, text)) else ""


def is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ" and not _BLANK.match(character)


def _refuse(found: re.Match[str] | None) -> None:
    if found:
        raise Refusal("characters", detail=f"U+{ord(found[0]):04X}")


def _refuse_floods(text: str) -> None:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MARKS_IN_A_ROW:
            raise Refusal("characters", detail="a pile of accents")


_SYMBOL = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
_EMOJI = re.compile(
    f"(?:[0-9#*]\ufe0f?\u20e3|{_SYMBOL}[\ufe0f\U0001f3fb-\U0001f3ff]?"
    f"(?:\u200d{_SYMBOL}[\ufe0f\U0001f3fb-\U0001f3ff]?)*|[\U0001f1e6-\U0001f1ff]{{2}}"
    "|\U0001f3f4[\U000e0061-\U000e007f]+)"
)

_markdown = MarkdownIt("zero", {"breaks": True, "linkify": True, "maxNesting": 20}).enable(
    [
        "emphasis",
        "backticks",
        "fence",
        "blockquote",
        "list",
        "link",
        "autolink",
        "linkify",
        "newline",
        "escape",
    ]
)
# Words and commas in which Markdown and linkify find nothing: a stop must end a word, no list begins "1.".
_PLAIN = re.compile(r"(?!\d+\.)(?:[^\W_]|[ ,;?!'…–—]|(?<=\w)[.-](?= |$)|(?<=[^\W_])-(?=[^\W_]))+")
_one_at_a_time = threading.Lock()  # linkify-it keeps its last match on the instance
_sanitiser = nh3.Cleaner(
    tags={"p", "br", "a", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def render(text: str) -> str:
    """Cleaned text as safe HTML."""
    return f"<p>{text}</p>" if _PLAIN.fullmatch(text) else render_markdown(text)


def render_markdown(text: str) -> str:
    """`render` by the long way: 28 µs for ten plain words, instead of 2."""
    with _one_at_a_time:
        html = _markdown.render(text).strip()
    html = _sanitiser.clean(html)
    if len(html) <= HTML_LENGTH:
        return html
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def is_emoji(text: str) -> bool:
    """One emoji: symbols, with the marks that join, colour or number them."""
    return bool(_EMOJI.fullmatch(text))
