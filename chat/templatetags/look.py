"""How people and numbers look. `hue` and `initials` are the same in `js/faces.js`."""

from django import template

HUES = 12  # .hue-0 … .hue-11 in css/base.css
COUNTED = 99

register = template.Library()


@register.filter
def hue(name: str) -> int:
    """The colour of a person: the same on every page and in the browser."""
    return sum(map(ord, name)) % HUES


@register.filter
def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def at_most_99(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)
