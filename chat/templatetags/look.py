"""How people, days and numbers look. The browser does the same in `js/faces.js` and `js/times.js`."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateformat import format

HUES = 12  # .hue-0 … .hue-11 in css/person.css
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
def day_label(at: datetime) -> str:
    """In the reader's zone (`views/zone.py`): Today, Yesterday, or the day by name, with another year."""
    day, today = timezone.localdate(at), timezone.localdate()
    if day in (today, today - timedelta(days=1)):
        return "Today" if day == today else "Yesterday"
    return format(day, "l, j F" if day.year == today.year else "l, j F Y")


@register.filter
def at_most_99(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)
