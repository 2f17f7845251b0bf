"""Mentions in a text: `<@7>` addresses the user with this id, `<@all>` every member of the room.

Ids are stored instead of names, so a mention follows a new display name. The rendered HTML has an empty
element for each mention, which `with_names` fills whenever the message is shown.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

TOKEN = re.compile(r"<@(all|[1-9]\d{0,17})>")
MAX_MENTIONS = 50  # in one text; further ones stay text
UNKNOWN = "unknown"  # shown for an id that belongs to no member of the room
_MARK = 'class="mention"'
_ELEMENT = re.compile(r'<span class="mention" data-user="(all|\d+)"></span>')


class Mentions(NamedTuple):
    user_ids: tuple[int, ...]
    everyone: bool


NO_MENTIONS = Mentions((), False)


def element(target: str) -> str:
    """The HTML of a mention. `target` is an id or `all`."""
    return f'<span class="mention" data-user="{target}"></span>'


def mentions_in(html: str) -> Mentions:
    """The mentions in rendered HTML. Tokens inside of code are text, and do not count."""
    if _MARK not in html:
        return NO_MENTIONS
    targets = dict.fromkeys(_ELEMENT.findall(html))
    return Mentions(tuple(int(target) for target in targets if target != "all"), "all" in targets)


def with_names(html: str, names: Mapping[str, str]) -> str:
    """Fill the mentions in rendered HTML. `names` has the display names by id."""
    if _MARK not in html:
        return html
    return _ELEMENT.sub(lambda found: _filled(found[0], found[1], names), html)


def as_text(text: str, names: Mapping[str, str]) -> str:
    """A text with `@Ayu` for each token."""
    return TOKEN.sub(lambda found: "@" + _name(found[1], names), text) if "<@" in text else text


def _filled(element: str, target: str, names: Mapping[str, str]) -> str:
    return element.removesuffix("</span>") + "@" + _escape(_name(target, names)) + "</span>"


def _name(target: str, names: Mapping[str, str]) -> str:
    return "all" if target == "all" else names.get(target, UNKNOWN)


def _escape(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
