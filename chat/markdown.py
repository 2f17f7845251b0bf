"""Markdown to safe HTML, in time that grows linearly with the text: 4,000 characters take 20 ms at most.

markdown-it renders emphasis, strikethrough, links, code, quotes, lists and tables. Headings, images and HTML
stay text. nh3 then removes every tag that is not listed here. Markup beyond the limits below also stays text:
rendering holds the GIL, so a message without limits would delay all other clients of the process.
"""

import re
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink, emphasis, link, strikethrough

from . import blocks, emoji, links, mention_tokens

MAX_HTML = 12_000  # characters; nested quotes can be 25 times as long as the text, and a frame has 64 KiB
MAX_NESTING = 20  # quotes in quotes
# A text above one of these limits is shown as typed.
MAX_LINES = 600
MAX_BLOCKS = 250  # blank lines, and the beginnings of list items, quotes and fences
MAX_QUOTED = 12_000  # quote marks times lines: markdown-it looks at all lines after each mark
# Marks beyond these limits stay text.
MAX_MARKS = 400  # stars, underscores and pairs of tildes that may be emphasis or strikethrough
MAX_LINK = 2_000  # characters of `[label](url "title")`

_BLOCK = re.compile(
    r"^[ \t]*+(?:[-+*>]|\d{1,9}+[.)]|```|~~~|$)"
    r"|(?<=[-+*>.)] )(?:[-+*>]|\d{1,9}+[.)])(?=[ \n])|(?<=>)>",  # nested, on the same line
    re.MULTILINE,
)
_AUTOLINK = re.compile(r"<([^<>\x00-\x20:@]++[:@][^<>\x00-\x20]*+)>")
_LINK = re.compile(  # the label may have brackets, and the URL parentheses, one level deep
    r"""
    \[ (?> (?: [^\[\]\\`]++ | \\. | (?<!`)`[^`\[\]]++`(?!`) | \[[^\[\]`\\]*+\] )* ) \]
    \( \s*+ ( <[^<>\n]*+> | (?> (?: [^\s()<\\]++ | \\. | \([^\s()\\]*+\) )* ) )
       (?> (?: \s++ (?: "[^"\\]*+" | '[^'\\]*+' ) )? ) \s*+ \)
    """,
    re.VERBOSE | re.DOTALL,
)


def _cleaner(*schemes: str) -> nh3.Cleaner:
    """A sanitiser that keeps what Markdown makes, and links of these schemes."""
    return nh3.Cleaner(
        tags={"p", "br", "a", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "span"}
        | {"div", "table", "thead", "tbody", "tr", "th", "td", "input"},
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "span": {"data-user"}}
        | {"pre": {"data-language"}, "input": {"checked"}},
        tag_attribute_values={
            **{tag: {"dir": {"auto"}} for tag in ("ul", "ol", "blockquote", "div")},
            "input": {"type": {"checkbox"}, "aria-label": {"Done", "Not done"}},
        },
        allowed_classes={"span": {"mention"}, "div": {"table"}, "li": {"task"}}
        | {cell: {"right", "center"} for cell in ("th", "td")},
        url_schemes=set(schemes),
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}, "input": {"disabled": ""}},
    )


_sanitiser, _web_only = _cleaner("http", "https", "mailto"), _cleaner("http", "https")


def to_html(text: str, *, web_only: bool = False) -> str:
    """Render a text. Never raises: a text above a limit is shown as typed. `web_only`: links to mail
    addresses lead nowhere.
    """
    if emoji.are_large(text):
        return f'<p class="large-emoji">{text}</p>'
    lines, blocks = text.count("\n") + 1, _BLOCK.findall(text)
    quotes = sum(begin.endswith(">") for begin in blocks)
    if lines > MAX_LINES or len(blocks) > MAX_BLOCKS or quotes * lines > MAX_QUOTED:
        return as_typed(text)
    html = (_web_only if web_only else _sanitiser).clean(_markdown.render(text).strip())
    return html if len(html) <= MAX_HTML else as_typed(text)


def as_typed(text: str) -> str:
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def _link(state: StateInline, silent: bool) -> bool:
    """Call markdown-it's rule only for a complete link. By itself it reads to the end from each bracket."""
    found = _LINK.match(state.src, state.pos, min(state.posMax, state.pos + MAX_LINK))
    if not found or not links.may_add(state.env, found[1]):
        return False
    end, state.posMax = state.posMax, found.end()
    try:
        return link(state, silent)
    finally:
        state.posMax = end


def _mention(state: StateInline, silent: bool) -> bool:
    found = mention_tokens.TOKEN.match(state.src, state.pos)
    mentions = state.env.get("mentions", 0)
    if not found or found.end() > state.posMax or mentions >= mention_tokens.MAX_MENTIONS:
        return False
    if not silent:
        state.env["mentions"] = mentions + 1
        state.push("html_inline", "", 0).content = mention_tokens.element(found[1])
    state.pos = found.end()
    return True


def _autolink(state: StateInline, silent: bool) -> bool:
    found = _AUTOLINK.match(state.src, state.pos, state.posMax)
    return found is not None and links.may_add(state.env, found[1]) and autolink(state, silent)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Bound the number of marks: markdown-it's emphasis rule creates a token for each."""
    if silent or state.src[state.pos] not in "*_":
        return False
    marks = state.env.get("marks", 0)
    if marks >= MAX_MARKS or not emphasis.tokenize(state, silent):
        return False
    state.env["marks"] = marks + state.delimiters[-1].length
    return True


def _strikethrough(state: StateInline, silent: bool) -> bool:
    """Bound the number of marks, as above."""
    if silent or not state.src.startswith("~~", state.pos):
        return False
    marks, before = state.env.get("marks", 0), len(state.delimiters)
    if marks >= MAX_MARKS or not strikethrough.tokenize(state, silent):
        return False
    state.env["marks"] = marks + len(state.delimiters) - before
    return True


_RULES = "emphasis strikethrough backticks link autolink newline escape fence blockquote list table"
_markdown = MarkdownIt("zero", {"breaks": True, "maxNesting": MAX_NESTING}).enable(_RULES.split())
_markdown.block.ruler.at("table", blocks.table, {"alt": ["paragraph"]})
_markdown.inline.ruler.at("emphasis", _emphasis)
_markdown.inline.ruler.at("strikethrough", _strikethrough)
_markdown.inline.ruler.at("link", _link)
_markdown.inline.ruler.at("autolink", _autolink)
_markdown.inline.ruler.before("autolink", "mention", _mention)
_markdown.inline.ruler.before("newline", "links", links.with_scheme)
_markdown.core.ruler.after("inline", "links", links.without_scheme)
_markdown.core.ruler.push("blocks", blocks.finish)
for name in ("fence", "table_open", "table_close"):
    _markdown.add_render_rule(name, getattr(blocks, name))
_markdown.inline.terminator_re = re.compile(r"[\n\\`*_~\[\]<:]")  # characters at which a rule can begin
_markdown.render("")  # builds the parser's rule tables before threads share it
