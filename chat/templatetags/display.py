"""Template filters for avatars, dates and counts. `js/avatars.js` and `js/times.js` match them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateformat import format

from chat.models import Room

HUES = 12  # .hue-0 … .hue-11 in css/person.css
MAX_COUNT = 99

register = template.Library()


@register.filter
def hue(name: str) -> int:
    """The colour of a user's avatar. It is the same on every page and in the browser."""
    return sum(map(ord, name)) % HUES


@register.filter
def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def initial(name: str) -> str:
    """The letter on the tile of a room."""
    return initials(name)[:1]


@register.filter
def row_classes(room: Room) -> str:
    """The state of a room in a list."""
    states = {
        "muted": room.is_muted,
        "unread": room.unread and not room.is_muted,
        "mentioned": room.mentions and not room.is_muted,
        "archived": room.archived_at,
    }
    return "".join(f" {name}" for name, applies in states.items() if applies)


@register.filter
def day_label(at: datetime) -> str:
    """Today, Yesterday or the date, in the user's time zone. The year is shown if it is not this year."""
    day, today = timezone.localdate(at), timezone.localdate()
    if day in (today, today - timedelta(days=1)):
        return "Today" if day == today else "Yesterday"
    return format(day, "l, j F" if day.year == today.year else "l, j F Y")


@register.filter
def is_in(item: object, items: Collection[object]) -> bool:
    """Whether `items` contains `item`. False if there are none."""
    return bool(items) and item in items


@register.filter
def at_most_99(count: int) -> str:
    return f"{MAX_COUNT}+" if count > MAX_COUNT else str(count)


@register.filter
def search_in(room: Room) -> str:
    """The filter of a search for this room, as it is typed."""
    if room.is_direct or '"' in room.name:
        return f"in:{room.slug}"
    return f'in:"{room.name}"' if " " in room.name else f"in:{room.name}"
