"""Blocks of Markdown that markdown-it renders differently or without a bound: tables, task lists, code.

Lists, quotes and tables have `dir="auto"`: the direction of their text decides on which side markers, bars
and the first column are. Paragraphs, items and cells follow their own text by CSS (`formatted.css`).
"""

import re
from collections.abc import Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as unbounded_table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

MAX_CELLS = 400  # in the tables of a message; each is parsed by itself, and short rows are filled up
_CONTAINERS = {"bullet_list_open", "ordered_list_open", "blockquote_open"}
_ALIGNED = {"text-align:right": "right", "text-align:center": "center"}
_TASK = re.compile(r"\[([ xX])\][ \n]")
_LANGUAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+#._-]{0,19}(?![^\s,{:])")
CHECKBOX = '<input type="checkbox" aria-label="{}"{} disabled> '


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Call markdown-it's rule only for a table within the bound. A larger one and all after it stay text."""
    left: int = state.env.get("cells", MAX_CELLS)
    if left == 0 or not unbounded_table(state, start, end, True):
        return False
    delimiters = state.src[state.bMarks[start + 1] : state.eMarks[start + 1]]
    columns, rows = delimiters.strip(" \t|>").count("|") + 1, 1
    for line in range(start + 2, end):
        if state.isEmpty(line) or rows * columns > left:
            break
        rows += 1
    if rows * columns > left:
        state.env["cells"] = 0
        return False
    if not silent:
        unbounded_table(state, start, end, False)
        state.env["cells"] = left - rows * columns
    return True


def finish(state: StateCore) -> None:
    """The core rule that adds directions, alignments of columns, and the checkboxes of task lists."""
    for number, token in enumerate(state.tokens):
        if token.type in _CONTAINERS:
            token.attrs["dir"] = "auto"
        elif token.type in ("th_open", "td_open") and token.attrs:
            aligned = _ALIGNED.get(str(token.attrs.pop("style", "")))
            token.attrs |= {"class": aligned} if aligned else {}
        elif token.type == "list_item_open":
            _tick(state.tokens[number : number + 3])


def _tick(tokens: Sequence[Token]) -> None:
    """Turn `[ ]` or `[x]` at the beginning of a list item into a checkbox."""
    item, inline = tokens[0], tokens[-1]
    found, children = _TASK.match(inline.content), inline.children
    if not found or not children or not children[0].content.startswith(found[0].rstrip()):
        return
    done = found[1] != " "
    box = CHECKBOX.format("Done" if done else "Not done", " checked" if done else "")
    children[0].content = children[0].content[len(found[0]) :]
    children.insert(0, Token("html_inline", "", 0, content=box))
    item.attrs["class"] = "task"


def fence(
    renderer: RendererHTML, tokens: Sequence[Token], number: int, options: OptionsDict, env: EnvType
) -> str:
    """Code, with the first word after the fence as the name of its language."""
    language = _LANGUAGE.match(tokens[number].info.strip())
    attribute = f' data-language="{language[0]}"' if language else ""
    return f"<pre{attribute}><code>{escape(tokens[number].content, quote=False)}</code></pre>\n"


def table_open(
    renderer: RendererHTML, tokens: Sequence[Token], number: int, options: OptionsDict, env: EnvType
) -> str:
    """A table in a box that scrolls. The page never becomes wider."""
    return '<div class="table" dir="auto"><table>\n'


def table_close(
    renderer: RendererHTML, tokens: Sequence[Token], number: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table></div>\n"
