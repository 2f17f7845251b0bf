"""Markdown to safe HTML, in time that grows linearly with the text: 4,000 characters take 20 ms at most.

markdown-it renders emphasis, links, code, quotes and lists; headings, images and HTML stay text. nh3 then
removes every tag that is not listed here. Markup beyond the bounds below stays text too: rendering holds the
interpreter's lock, so an unbounded message would delay all other clients of the process.
"""

import re
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink, emphasis, link

from . import links

HTML_LENGTH = 12_000  # characters; nested quotes can grow 25-fold, and a frame has to fit 64 KiB
NESTING = 20  # quotes in quotes
# A text with more of one of these is shown as typed.
LINES = 600
BLOCKS = 250  # blank lines and the beginnings of list items, quotes and fences
QUOTED = 12_000  # quote marks times lines: markdown-it looks at all lines after each mark
# Marks beyond this number stay text.
MARKS = 400  # stars and underscores that may be emphasis
LINK_LENGTH = 2_000  # characters of `[label](address "title")`

_BLOCK = re.compile(
    r"^[ \t]*+(?:[-+*>]|\d{1,9}+[.)]|```|~~~|$)"
    r"|(?<=[-+*>.)] )(?:[-+*>]|\d{1,9}+[.)])(?=[ \n])|(?<=>)>",  # nested, on the same line
    re.MULTILINE,
)
_AUTOLINK = re.compile(r"<([^<>\x00-\x20:@]++[:@][^<>\x00-\x20]*+)>")
_LINK = re.compile(  # with brackets in the label and parentheses in the address one deep
    r"""
    \[ (?: [^\[\]\\`]++ | \\. | (?<!`)`[^`\[\]]++`(?!`) | \[[^\[\]`\\]*+\] )*+ \]
    \( \s*+ ( <[^<>\n]*+> | (?: [^\s()<\\]++ | \\. | \([^\s()\\]*+\) )*+ )
       (?: \s++ (?: "[^"\\]*+" | '[^'\\]*+' ) )?+ \s*+ \)
    """,
    re.VERBOSE | re.DOTALL,
)
_sanitiser = nh3.Cleaner(
    tags={"p", "br", "a", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def to_html(text: str) -> str:
    """Raises nothing: every text has HTML."""
    lines, blocks = text.count("\n") + 1, _BLOCK.findall(text)
    quotes = sum(begin.endswith(">") for begin in blocks)
    if lines > LINES or len(blocks) > BLOCKS or quotes * lines > QUOTED:
        return as_typed(text)
    html = _sanitiser.clean(_markdown.render(text).strip())
    return html if len(html) <= HTML_LENGTH else as_typed(text)


def as_typed(text: str) -> str:
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def _link(state: StateInline, silent: bool) -> bool:
    """Give the rule of markdown-it a whole link or nothing: it reads to the end from each bracket."""
    found = _LINK.match(state.src, state.pos, min(state.posMax, state.pos + LINK_LENGTH))
    if not found or not links.may_add(state.env, found[1]):
        return False
    end, state.posMax = state.posMax, found.end()
    try:
        return link(state, silent)
    finally:
        state.posMax = end


def _autolink(state: StateInline, silent: bool) -> bool:
    found = _AUTOLINK.match(state.src, state.pos, state.posMax)
    return found is not None and links.may_add(state.env, found[1]) and autolink(state, silent)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule makes a token of each mark."""
    if silent or state.src[state.pos] not in "*_":
        return False
    marks = state.env.get("marks", 0)
    if marks >= MARKS or not emphasis.tokenize(state, silent):
        return False
    state.env["marks"] = marks + state.delimiters[-1].length
    return True


_markdown = MarkdownIt("zero", {"breaks": True, "maxNesting": NESTING}).enable(
    ["emphasis", "backticks", "fence", "blockquote", "list", "link", "autolink", "newline", "escape"]
)
_markdown.inline.ruler.at("emphasis", _emphasis)
_markdown.inline.ruler.at("link", _link)
_markdown.inline.ruler.at("autolink", _autolink)
_markdown.inline.ruler.before("newline", "links", links.with_scheme)
_markdown.core.ruler.after("inline", "links", links.without_scheme)
_markdown.inline.terminator_re = re.compile(r"[\n\\`*_\[\]<:]")  # no rule begins at any other character
_markdown.render("")  # threads share the parser; this builds its tables of rules
